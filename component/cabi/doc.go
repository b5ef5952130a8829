// Package cabi is the canonical ABI of the component model: how values cross
// the boundary of a component, in the words of the specification's
// [CanonicalABI.md].
//
// A crossing is a [Call]: the memory, the realloc function, the string encoding
// and the handle table of the guest on the other side. Generated bindings use
// its small verbs directly, with static offsets; [Codec] does the same for types
// known only at run time, with plain Go values. A [FuncCopy] lifts from one guest
// and lowers to another at once, with no values in between. All trap the same way:
// by panicking with a *[Trap], which is recovered where the guest was entered.
//
// The specification's words, and where they are here:
//
//	alignment, elem_size              AlignOf, SizeOf, LayoutOf
//	discriminant_type                 Layout.DiscSize, Discriminant
//	flatten_type, flatten_functype    Flatten, FlattenFunc
//	load                              Codec.Load;  Call.U8 ... Call.String, Bytes, List
//	store                             Codec.Store; Call.SetU8 ... Call.SetString, SetBytes
//	lift_flat                         Codec.LiftFlat;  LiftF32 ..., Call.LiftString, LiftBytes, LiftList
//	lower_flat                        Codec.LowerFlat; LowerF32 ..., Call.LowerString, LowerBytes, LowerList
//	lift_flat_values                  FuncCodec.LiftParams, LiftResult; FuncCopy
//	lower_flat_values                 FuncCodec.LowerParams, LowerResult; FuncCopy
//	store_string_into_range           Call.LowerString; for strings of a guest, FuncCopy
//	lift_own, lift_borrow             TakeOwn, Lend
//	lower_own, lower_borrow           Call.NewOwn, Call.NewBorrow
//	add_lender, num_lends             Handles.Lend, Handles.Return
//	num_borrows                       Scope, Table.Enter, Table.Leave
//	canon resource.new, rep, drop     Table.NewOwnRep, Table.Rep, Table.Drop
//	reallocate, allocate              Call.Alloc
//	trap_if                           Throw
//
// What a guest can make the host spend is bounded: strings and lists by
// [MaxByteLength], all that one call lifts or copies by Options.HostBytes, handles
// by Table.Limit, types by [MaxSize] and [MaxDepth].
//
// [CanonicalABI.md]: https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md
package cabi
