// Package binary decodes the bytes of a component into a syntax tree. It keeps
// the order and the offsets of definitions and does not judge them: whether an
// index exists or a type fits is decided by package validate.
//
// A component is a list of definitions in binary order; sections leave no trace
// but their order, because index spaces grow definition by definition.
package binary

import (
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// Component is a decoded component.
type Component struct {
	// Defs holds every definition in binary order.
	Defs []Def

	// Custom holds the custom sections, in order; their bytes alias the input.
	Custom []Custom

	// Offset and Size locate the component, preamble included, in the file.
	Offset, Size int
}

// Custom is a custom section. Offset is that of Data in the file.
type Custom struct {
	Name   string
	Data   []byte
	Offset int
}

// A Def is a definition of a component: one of the pointer types below.
type Def interface {
	// At is the byte offset of the definition in the file.
	At() int
}

// Pos is the byte offset of a definition; it is embedded in every Def.
type Pos int

// At implements [Def].
func (p Pos) At() int { return int(p) }

// Definitions, in the order of their sections.
type (
	// CoreModule is an embedded core module (section 1). Bytes alias the input.
	CoreModule struct {
		Pos
		Bytes []byte
	}

	// CoreInstance is a core instance (section 2): an instantiation when Module is
	// used, or a bundle of inline exports when Inline is true.
	CoreInstance struct {
		Pos
		Inline  bool
		Module  uint32
		Args    []CoreArg
		Exports []CoreExport // of a bundle
	}

	// CoreType is a core type (section 3). A rec group yields as many as it has
	// types. Module and Func are nil for a type that is neither a module type nor
	// a plain function type: a struct, an array, an open sub type.
	CoreType struct {
		Pos
		Module *CoreModuleType
		Func   *CoreFuncType
		// Raw is the entry of the section as encoded. In a rec group only the first
		// type has it, and it is the whole group; a module type has none.
		Raw []byte
	}

	// Nested is a nested component (section 4).
	Nested struct {
		Pos
		Component *Component
	}

	// Instance is a component instance (section 5).
	Instance struct {
		Pos
		Inline    bool
		Component uint32
		Args      []Arg
		Exports   []InlineExport
	}

	// Alias is an alias (section 6).
	Alias struct {
		Pos
		Sort   Sort
		Target AliasTarget
		// Instance is the (core) instance index for export aliases.
		Instance uint32
		Name     string
		// Outer is how many scopes outward, Index the index there.
		Outer, Index uint32
	}

	// TypeDef is a type definition (section 7).
	TypeDef struct {
		Pos
		Type Type
	}

	// Canon is a canonical definition (section 8).
	Canon struct {
		Pos
		Op   CanonOp
		Func uint32 // core func for lift, component func for lower
		Type uint32 // function type for lift, resource or stream/future type else
		Opts []CanonOpt
		// Result, Flag, and Imm carry the immediates of the other built-ins,
		// as far as they have any: a core value type, a context slot, a memory, a
		// core type, a table, in binary order.
		Result *ResultList
		Flag   bool // async? cancellable? shared?
		Imm    []uint32
	}

	// Start is a start definition (section 9), gated.
	Start struct {
		Pos
		Func    uint32
		Args    []uint32
		Results uint32
	}

	// Import is an import (section 10).
	Import struct {
		Pos
		Name ExternName
		Type ExternType
	}

	// Export is an export (section 11).
	Export struct {
		Pos
		Name  ExternName
		Sort  Sort
		Index uint32
		Type  *ExternType // nil where not ascribed
	}

	// Value is a value definition (section 12), gated; only its extent is kept.
	Value struct {
		Pos
		Type ValType
		Data []byte
	}
)

// Sort is the sort of an index space.
type Sort uint8

// Sorts of definitions; the core ones carry the Core prefix.
const (
	SortCoreFunc Sort = iota
	SortCoreTable
	SortCoreMemory
	SortCoreGlobal
	SortCoreTag
	SortCoreType
	SortCoreModule
	SortCoreInstance
	SortFunc
	SortValue
	SortType
	SortComponent
	SortInstance
)

// CoreArg is an argument of a core instantiation: always an instance.
type CoreArg struct {
	Name     string
	Instance uint32
}

// CoreExport is an inline export of a bundle.
type CoreExport struct {
	Name  string
	Sort  Sort
	Index uint32
}

// Arg is an argument of a component instantiation.
type Arg struct {
	Name  string
	Sort  Sort
	Index uint32
}

// InlineExport is an export of an inline instance.
type InlineExport struct {
	Name  ExternName
	Sort  Sort
	Index uint32
}

// ExternName is an import or export name with its attributes.
type ExternName struct {
	Name          string
	Implements    string
	VersionSuffix string
	ExternalID    string

	// Code is how the name is encoded: 0x00, or 0x01, which means the same, or 0x02
	// with attributes. Attributes are those that are there, in order.
	Code       byte
	Attributes []AttributeKind
}

// AttributeKind is the kind of an attribute; the values are the binary ones.
type AttributeKind uint8

const (
	AttributeImplements AttributeKind = iota
	AttributeVersionSuffix
	AttributeExternalID
)

// Attribute answers the text of an attribute.
func (n ExternName) Attribute(kind AttributeKind) string {
	switch kind {
	case AttributeImplements:
		return n.Implements
	case AttributeVersionSuffix:
		return n.VersionSuffix
	default:
		return n.ExternalID
	}
}

// String is the name of the attribute in the text format.
func (k AttributeKind) String() string { return attributeNames[k] }

var attributeNames = [...]string{"implements", "versionsuffix", "external-id"}

// AliasTarget tells where an alias points.
type AliasTarget uint8

const (
	AliasExport AliasTarget = iota
	AliasCoreExport
	AliasOuter
)

// ExternType is the type of an import or export.
type ExternType struct {
	Sort  Sort // SortCoreModule, SortFunc, SortValue, SortType, SortComponent, SortInstance
	Index uint32
	// SubResource is the bound `(sub resource)` of a type; otherwise a type is
	// bound by `(eq Index)`.
	SubResource bool
	// Value is the type of a value import where it is not `(eq i)`.
	Value *ValType
}

// ValType is a primitive type, or an index where Prim is zero.
type ValType struct {
	Prim  wit.Prim
	Index uint32
}

// A Type is the body of a type definition: one of the pointer types below.
type Type interface{ isType() }

type (
	// Prim is a named primitive.
	Prim struct{ Prim wit.Prim }
	// Record is a record.
	Record struct{ Fields []LabelType }
	// Variant is a variant; Type is nil where a case carries nothing.
	Variant struct{ Cases []LabelType }
	// List is a list; Len is nil unless it is of fixed length.
	List struct {
		Elem ValType
		Len  *uint32
	}
	// Tuple is a tuple.
	Tuple struct{ Elems []ValType }
	// Flags is a flags type.
	Flags struct{ Labels []string }
	// Enum is an enum.
	Enum struct{ Labels []string }
	// Option is an option.
	Option struct{ Elem ValType }
	// Result is a result.
	Result struct{ OK, Err *ValType }
	// Own is an own handle.
	Own struct{ Resource uint32 }
	// Borrow is a borrowed handle.
	Borrow struct{ Resource uint32 }
	// Stream is a stream, gated.
	Stream struct{ Elem *ValType }
	// Future is a future, gated.
	Future struct{ Elem *ValType }
	// Map is a map, gated.
	Map struct{ Key, Value ValType }
	// Func is a function type.
	Func struct {
		Async  bool
		Params []LabelType
		Result *ValType
	}
	// ComponentType is the type of a component.
	ComponentType struct{ Decls []Decl }
	// InstanceType is the type of an instance.
	InstanceType struct{ Decls []Decl }
	// Resource is a resource defined by this component.
	Resource struct {
		Rep  byte // core value type, 0x7f for i32
		Dtor *uint32
	}
)

// LabelType is a label with an optional type.
type LabelType struct {
	Label string
	Type  *ValType
}

// ResultList is the result list of a function type.
type ResultList struct{ Type *ValType }

// A Decl is a declaration inside a component or instance type: a *CoreType,
// *TypeDef, *Alias, *ImportDecl or *ExportDecl.
type Decl interface{ At() int }

type (
	// ImportDecl declares an import of a component type.
	ImportDecl struct {
		Pos
		Name ExternName
		Type ExternType
	}
	// ExportDecl declares an export.
	ExportDecl struct {
		Pos
		Name ExternName
		Type ExternType
	}
)

// CoreModuleType is the type of a core module.
type CoreModuleType struct{ Decls []CoreModuleDecl }

// CoreModuleDecl is one declaration of a core module type.
type CoreModuleDecl struct {
	Pos
	Kind CoreDeclKind
	// Module and Name name an import; an export uses Name.
	Module, Name string
	Type         CoreExternType
	Def          *CoreFuncType // for CoreDeclType; nil if not a plain function type
	Raw          []byte        // for CoreDeclType; see CoreType
	Outer, Index uint32        // for CoreDeclAlias
}

// CoreDeclKind is the kind of a CoreModuleDecl.
type CoreDeclKind uint8

const (
	CoreDeclImport CoreDeclKind = iota
	CoreDeclType
	CoreDeclAlias
	CoreDeclExport
)

// CoreExternType is the type of a core import or export.
type CoreExternType struct {
	Kind byte   // 0 func, 1 table, 2 memory, 3 global, 4 tag
	Func uint32 // type index for func and tag
	// Type holds the encoded table, memory or global type.
	Type []byte
	// Extern is the same, read, in the terms of core modules.
	Extern core.ExternType
}

// CoreFuncType is a core function type; value types are their binary codes, or
// [core.Ref] and [core.RefNull] where these take more than a byte. Raw is exact.
type CoreFuncType struct {
	Params, Results []byte
	Raw             []byte
}

// CanonOpt is a canonical option.
type CanonOpt struct {
	Kind  CanonOptKind
	Index uint32
}

// CanonOptKind is the kind of a canonical option; the values are the binary ones.
type CanonOptKind uint8

const (
	OptUTF8 CanonOptKind = iota
	OptUTF16
	OptLatin1UTF16
	OptMemory
	OptRealloc
	OptPostReturn
	OptAsync
	OptCallback
	OptCoreType // not in Binary.md yet; tools write it for the garbage-collected ABI
	OptGC       // the same
)

func (*Prim) isType()          {}
func (*Record) isType()        {}
func (*Variant) isType()       {}
func (*List) isType()          {}
func (*Tuple) isType()         {}
func (*Flags) isType()         {}
func (*Enum) isType()          {}
func (*Option) isType()        {}
func (*Result) isType()        {}
func (*Own) isType()           {}
func (*Borrow) isType()        {}
func (*Stream) isType()        {}
func (*Future) isType()        {}
func (*Map) isType()           {}
func (*Func) isType()          {}
func (*ComponentType) isType() {}
func (*InstanceType) isType()  {}
func (*Resource) isType()      {}
