package wit

// A Type is a value type: one of the primitive types, a pointer to one of the
// structural types of this file, or a *[TypeDef], which gives a type a name.
//
// Structural types are pointers, so that a type can be a map key and can be
// compared cheaply by identity; [Compare] compares by structure.
type Type interface {
	// String prints the type in WIT, without line breaks and with named types
	// by their names.
	String() string
	isType()
}

// Prim is a primitive value type.
type Prim uint8

// The primitive value types. ErrorContext belongs to WASI 0.3; it is here so
// that newer worlds can be read and printed.
const (
	Bool Prim = iota + 1
	S8
	U8
	S16
	U16
	S32
	U32
	S64
	U64
	F32
	F64
	Char
	String
	ErrorContext
)

type (
	// List is list<Elem>.
	List struct{ Elem Type }

	// FixedList is list<Elem, Len>, gated in the specification.
	FixedList struct {
		Elem Type
		Len  uint32
	}

	// Option is option<Elem>.
	Option struct{ Elem Type }

	// Result is result<OK, Err>; a side that carries nothing is nil.
	Result struct{ OK, Err Type }

	// Tuple is tuple<Elems...>.
	Tuple struct{ Elems []Type }

	// Record is a record; fields are in declaration order, which is memory order.
	Record struct{ Fields []Field }

	// Variant is a variant; the discriminant is the index of the case.
	Variant struct{ Cases []Case }

	// Enum is an enum; the discriminant is the index of the label.
	Enum struct {
		Labels    []string
		LabelDocs []string // as long as Labels, or nil where no label has docs
	}

	// Flags is a set of labels; the bit is the index of the label.
	Flags struct {
		Labels    []string
		LabelDocs []string // as long as Labels, or nil where no label has docs
	}

	// Resource is the definition behind a [TypeDef] that declares a resource. It
	// is nominal: two resources are the same type only if they are the same
	// pointer. It stands only as TypeDef.Type; values have type Own or Borrow.
	Resource struct{}

	// Own is own<Resource>, a handle that carries the resource with it.
	// Resource may be an alias; [TypeDef.Root] leads to the declaration.
	Own struct{ Resource *TypeDef }

	// Borrow is borrow<Resource>, a handle lent for one call.
	Borrow struct{ Resource *TypeDef }

	// Stream is stream<Elem>; Elem is nil for a bare stream.
	Stream struct{ Elem Type }

	// Future is future<Elem>; Elem is nil for a bare future.
	Future struct{ Elem Type }

	// Map is map<Key, Value>, gated in the specification: a list of pairs with a
	// type of its own.
	Map struct{ Key, Value Type }
)

// Field is a field of a record.
type Field struct {
	Name string
	Type Type
	Docs string
}

// Case is a case of a variant; Type is nil where the case carries nothing.
type Case struct {
	Name string
	Type Type
	Docs string
}

// A TypeDef is a type with a name: what `record`, `variant`, `enum`, `flags`,
// `resource` and `type` declare, and what `use` brings in.
type TypeDef struct {
	Name string

	// Type is the structural type declared, a *Resource, or, for an alias
	// (`type a = b`, `use i.{b}`), the type that it stands for; the alias of a
	// named type holds that *TypeDef.
	Type Type

	// Interface and World tell where the declaration stands; at most one is set.
	Interface *Interface
	World     *World

	Docs string
	Gate Gate
}

// Root follows aliases to the declaration that t stands for.
func (t *TypeDef) Root() *TypeDef {
	for {
		next, ok := t.Type.(*TypeDef)
		if !ok {
			return t
		}
		t = next
	}
}

// IsResource reports whether t declares, or is an alias of, a resource.
func (t *TypeDef) IsResource() bool {
	_, ok := t.Root().Type.(*Resource)
	return ok
}

// Structure strips names from t: it returns the primitive or structural type
// that t stands for, never a *TypeDef. The nil type stays nil.
func Structure(t Type) Type {
	for {
		def, ok := t.(*TypeDef)
		if !ok {
			return t
		}
		t = def.Type
	}
}

func (Prim) isType()       {}
func (*List) isType()      {}
func (*FixedList) isType() {}
func (*Option) isType()    {}
func (*Result) isType()    {}
func (*Tuple) isType()     {}
func (*Record) isType()    {}
func (*Variant) isType()   {}
func (*Enum) isType()      {}
func (*Flags) isType()     {}
func (*Resource) isType()  {}
func (*Own) isType()       {}
func (*Borrow) isType()    {}
func (*Stream) isType()    {}
func (*Future) isType()    {}
func (*Map) isType()       {}
func (*TypeDef) isType()   {}
