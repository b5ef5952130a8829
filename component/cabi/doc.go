// Package cabi is the canonical ABI of the component model: how values cross
// the boundary of a component, in the words and order of the specification's
// CanonicalABI.md (elemSize, alignment, flatten, load, store, liftFlat,
// lowerFlat).
//
// A crossing is a [Call]: the memory, the realloc function, the string encoding
// and the handle table of the guest on the other side. Generated bindings use
// its small verbs directly, with static offsets; [Codec] does the same for types
// known only at run time, with plain Go values. Both trap the same way: by
// panicking with a *[Trap], which is recovered where the guest was entered.
package cabi
