// Package core reads the outside of a core module (its imports, exports,
// memories, start and custom sections) and edits it before it is compiled. It
// never judges function bodies.
//
// Read first, then edit: [Read] yields a [Module] that aliases the bytes, and
// [Module.RewriteImports] writes a new binary in which only the import section
// differs.
package core

// Kind is the kind of a core import or export; the values are the binary ones.
type Kind uint8

const (
	Func Kind = iota
	Table
	Memory
	Global
	Tag
)

// Module is the outside of a core module.
type Module struct {
	Imports []Import
	Exports []Export

	// Types holds the plain function types by type index; an entry that is some
	// other kind of type is the zero FuncType.
	Types []FuncType

	// ImportedFuncs is how many functions are imported; index spaces begin with
	// the imports.
	ImportedFuncs, ImportedTables, ImportedMemories, ImportedGlobals, ImportedTags int

	bytes []byte
}

// Import is an import of a core module.
type Import struct {
	Module, Name string
	Kind         Kind
	// Type is the type index of a function or tag.
	Type uint32
}

// Export is an export of a core module. Index is into the index space of its
// kind; an index below the imported count re-exports an import.
type Export struct {
	Name  string
	Kind  Kind
	Index uint32
}

// FuncType is a core function type; value types are their binary codes.
type FuncType struct{ Params, Results []byte }
