package wit

// The syntax tree: what the text says, with positions, before any name has a
// meaning.

type ident struct {
	name string
	at   pos
}

// astNote is what may stand before an item: doc comments and gates.
type astNote struct {
	docs string
	gate Gate
	// gateAt is where the gates begin.
	gateAt pos
}

// astPackage is the part of a package that stands in one file, or in one nested
// block `package a:b { ... }`.
type astPackage struct {
	name   Name // zero where the file has no package line
	at     pos
	note   astNote
	tokens [][]token // the text of the block, to tell whether two are the same: in pieces, nested blocks left out

	uses       []*astTopUse
	interfaces []*astInterface
	worlds     []*astWorld
}

// astPath names an interface or a world: by its name alone, or with its package.
type astPath struct {
	pkg  Name // zero for a name of the same package
	item ident
	at   pos
}

type astTopUse struct {
	path astPath
	as   ident
}

type astInterface struct {
	astNote
	name  ident // zero for an inline interface
	items astItems
}

// astItems are the items that interfaces and worlds share, in order.
type astItems []any // *astUse, *astTypeDef, *astFunc, *astExtern, *astInclude

type astUse struct {
	astNote
	path  astPath
	names []astRename
}

// astRename is `name` or `name as as`; as equals name where it was not given.
type astRename struct{ name, as ident }

type astTypeDef struct {
	astNote
	kind  string // type, record, variant, enum, flags, resource
	name  ident
	alias *astType   // type
	parts []astField // record, variant, enum, flags
	funcs []*astFunc // resource
}

// astField is a field, case, label or parameter; ty is nil where it has none.
type astField struct {
	name ident
	ty   *astType
	docs string
}

type astFunc struct {
	astNote
	name   ident // of a constructor, the word itself
	kind   FuncKind
	async  bool
	params []astField
	result *astType
}

// astExtern is an import or export; exactly one of fn, inline and path is set.
type astExtern struct {
	astNote
	export bool
	name   ident // zero where path alone names it
	fn     *astFunc
	inline *astInterface
	path   *astPath
	at     pos
}

type astInclude struct {
	astNote
	path astPath
	with []astRename
}

type astWorld struct {
	astNote
	name  ident
	items astItems
}

// astType is a type as written: op is the keyword it begins with, or empty for
// a name. An argument that is `_` is nil.
type astType struct {
	at   pos
	op   string
	name string
	args []*astType
	n    uint32
}
