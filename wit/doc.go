// Package wit is the type language of the component model: names and their
// versions, value types, functions, interfaces, worlds and packages.
//
// The same values serve the parser of WIT text, the decoder of component
// binaries, the canonical ABI, the binding generator and the tools that explain
// mismatches, so that a type is spelled once.
//
// Text goes through four phases, each in files of its own: it is split into
// tokens, parsed into a syntax tree that knows positions and nothing else,
// resolved into a [Package] whose names are pointers, and printed.
// [Compare] tells whether two types are the same to the canonical ABI, and where
// they part.
//
// [DiffPackages], [DiffComponents] and [DiffTarget] tell all that changed between two
// states, and what it breaks.
//
// Values have a text, too, called WAVE: it is split, parsed and read as a value of a
// type by [ParseValue], and written by [PrintValue]. A [CallText] is a function call with
// such values.
package wit
