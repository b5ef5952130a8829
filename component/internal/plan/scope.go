package plan

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// A scope holds the index spaces of a component, or of a component or instance
// type, as far as they have grown.
type scope struct {
	// parent is the scope that it is written in, which outer aliases count.
	parent view

	// inType is set for the scopes of component and instance types.
	inType bool

	// component is the component instance that definitions belong to.
	component int

	coreFuncs     []*coreItem
	coreTables    []*coreItem
	coreMemories  []*coreItem
	coreGlobals   []*coreItem
	coreTags      []*coreItem
	coreTypes     []*binary.CoreType
	coreModules   []*coreModule
	coreInstances []*coreInstance

	funcs      []*function
	types      []defined
	components []*closure
	instances  []*instance
}

// A view is a scope as it was where something inside of it was written. A nested
// component runs later, when the scope has grown, and must not see what came after
// it: it could reach itself.
type view struct {
	scope *scope

	types, coreTypes, coreModules, components int
}

func (s *scope) view() view {
	return view{s, len(s.types), len(s.coreTypes), len(s.coreModules), len(s.components)}
}

// outer returns the scope n levels out, as it was; its scope is nil where there are
// fewer.
func (s *scope) outer(n uint32) view {
	v := s.view()
	for ; n > 0 && v.scope != nil; n-- {
		v = v.scope.parent
	}
	return v
}

// A coreItem is a core definition, traced back to what defines it.
type coreItem struct {
	ref CoreRef
	typ core.ExternType
	sig core.FuncType // of a function or tag

	// unknown is set for a built-in that the host does not have yet, and for what
	// an unknown module exports: it fits everywhere, and the plan is not run.
	unknown bool
}

// A coreModule is a core module, read. Its module is nil where it is imported and
// not known.
type coreModule struct {
	module  *core.Module
	exports map[string]core.Export
	offset  int

	// used is set where something instantiates it.
	used bool
}

// A closure is a component with what it sees of the scope that it is written in,
// or, for one that is imported and not known, its type.
type closure struct {
	component *binary.Component
	parent    view
	typ       *componentType
}

// A function is a component function: one that the root imports or one that was
// lifted.
type function struct {
	typ *funcType

	// from is where the root imports it, with Import -1 for a lifted function.
	from ImportPath

	// lift is the index into Plan.Lifts, -1 for a function of the host.
	lift int
}

// nowhere is the path of what is not imported, ascribed that of what a type says
// of something else.
var (
	nowhere  = ImportPath{Import: -1}
	ascribed = ImportPath{Import: -2}
)

// An instance is a component instance seen from outside: its exports in order.
type instance struct {
	names []string
	items map[string]item
}

// An item is an export of an instance, or an argument. Exactly one of the fields
// that fit the sort is set.
type item struct {
	sort      binary.Sort
	fn        *function
	typ       defined
	instance  *instance
	component *closure
	module    *coreModule
}

func newInstance() *instance { return &instance{items: map[string]item{}} }

func (i *instance) add(name string, it item) bool {
	if _, dup := i.items[name]; dup {
		return false
	}
	i.names = append(i.names, name)
	i.items[name] = it
	return true
}

// A defined is what a type index can stand for: a value type (wit.Type, where a
// resource is a *wit.TypeDef), a *funcType, an *instanceType or a *componentType.
type defined interface{}

// A funcType is a function type before it has a name.
type funcType struct {
	params []wit.Param
	result wit.Type
	async  bool
}

// An instanceType is kept as written and evaluated where it is used, since every
// use of it makes new resources.
type instanceType struct {
	decls  []binary.Decl
	parent view
	at     int
}

// A componentType is kept as written, like an instanceType.
type componentType instanceType
