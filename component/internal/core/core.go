// Package core reads the outside of a core module (its imports, exports,
// memories, start and custom sections) and edits it before it is compiled. It
// never judges function bodies.
//
// Read first, then edit: [Read] yields a [Module] that aliases the bytes,
// [Module.RewriteImports] a module in which only the import section differs, and
// [Module.DeferStart] one that starts when it is told to. What was edited is in
// [Pieces], which [Label] and [Hollow] take further.
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

// String is the name of the kind in the text format.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

var kindNames = [...]string{"func", "table", "memory", "global", "tag"}

// Module is the outside of a core module.
type Module struct {
	Imports []Import
	Exports []Export

	// Types holds the plain function types by type index; an entry that is some
	// other kind of type is the zero FuncType.
	Types []FuncType

	// OtherTypes tells whether there are such.
	OtherTypes bool

	// ImportedFuncs is how many functions are imported; index spaces begin with
	// the imports.
	ImportedFuncs, ImportedTables, ImportedMemories, ImportedGlobals, ImportedTags int

	// Index spaces, the imports first. Funcs and Tags hold type indices.
	Funcs    []uint32
	Tables   []ExternType
	Memories []ExternType
	Globals  []ExternType
	Tags     []uint32

	// HasStart tells whether function Start runs at instantiation.
	HasStart bool
	Start    uint32

	// DataSegments and ElemSegments are how many there are, active or not.
	DataSegments, ElemSegments int

	// HasNames tells whether there is a name section; ModuleName is what it calls
	// the module, if anything.
	HasNames   bool
	ModuleName string

	bytes   []byte
	active  []ElemSegment
	customs []Custom
	// importSection is where the import section stands, its id and size
	// included; both are zero where there is none.
	importSection span
	// importTypes are the kinds and types of the imports, as encoded.
	importTypes []span
	// exportSection and startSection are like importSection; exportEntries are the
	// exports themselves, as encoded, after their number.
	exportSection, exportEntries, startSection span
}

// span is a range of the bytes of a module.
type span struct{ from, to int }

// Import is an import of a core module.
type Import struct {
	Module, Name string
	ExternType
}

// Export is an export of a core module. Index is into the index space of its
// kind; an index below the imported count re-exports an import.
type Export struct {
	Name  string
	Kind  Kind
	Index uint32
}

// ElemSegment is an active element segment: at instantiation, Len elements are
// written to a table, beginning at Offset.
type ElemSegment struct {
	Table  uint32
	Offset ConstExpr
	Len    uint32
}

// Custom is a custom section. Offset is that of Data in the module.
type Custom struct {
	Name   string
	Data   []byte
	Offset int
}

// FuncType answers the type of a function by its index, imports first. It answers
// false where there is no such function or its type is not a plain function type.
func (m *Module) FuncType(index uint32) (FuncType, bool) {
	if int64(index) >= int64(len(m.Funcs)) {
		return FuncType{}, false
	}
	t := m.Funcs[index]
	if int64(t) >= int64(len(m.Types)) {
		return FuncType{}, false
	}
	return m.Types[t], true
}

// ExternType answers the type of an export; false where its index leads nowhere.
func (m *Module) ExternType(e Export) (ExternType, bool) {
	space := func(types []ExternType) (ExternType, bool) {
		if int64(e.Index) >= int64(len(types)) {
			return ExternType{}, false
		}
		return types[e.Index], true
	}
	typed := func(indices []uint32) (ExternType, bool) {
		if int64(e.Index) >= int64(len(indices)) {
			return ExternType{}, false
		}
		return ExternType{Kind: e.Kind, Type: indices[e.Index]}, true
	}
	switch e.Kind {
	case Func:
		return typed(m.Funcs)
	case Table:
		return space(m.Tables)
	case Memory:
		return space(m.Memories)
	case Global:
		return space(m.Globals)
	default:
		return typed(m.Tags)
	}
}

// ActiveElems are the active element segments, in order. The engine does not trap
// where one lies outside of its table, so that whoever instantiates must look.
func (m *Module) ActiveElems() []ElemSegment { return m.active }

// CustomSections are the custom sections, in order; their bytes alias the module.
func (m *Module) CustomSections() []Custom { return m.customs }

// Bytes is the module as it was read.
func (m *Module) Bytes() []byte { return m.bytes }
