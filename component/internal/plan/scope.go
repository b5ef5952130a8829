package plan

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// A scope holds the index spaces of a component, or of a component or instance
// type, as far as they have grown. Its parent is the scope that it is written in,
// which outer aliases count.
type scope struct {
	parent *scope

	// inType is set for the scopes of component and instance types.
	inType bool

	// component is the component instance that definitions belong to.
	component int

	coreFuncs     []coreFunc
	coreTables    []coreItem
	coreMemories  []coreItem
	coreGlobals   []coreItem
	coreTags      []coreItem
	coreTypes     []*binary.CoreType
	coreModules   []*coreModule
	coreInstances []*coreInstance

	funcs      []*function
	types      []defined
	components []*closure
	instances  []*instance
}

// A coreItem is a core definition, traced back to what defines it.
type coreItem struct {
	kind core.Kind
	ref  CoreRef
}

// A coreFunc is a core function and its type.
type coreFunc struct {
	ref CoreRef
	typ core.FuncType
}

// A coreModule is a core module of the component, read.
type coreModule struct {
	module *core.Module
	bytes  []byte
	offset int
}

// A coreInstance is a core instance: what it exports, by name.
type coreInstance struct {
	funcs map[string]coreFunc
	items map[string]coreItem
}

// A closure is a component with the scope that it is written in.
type closure struct {
	component *binary.Component
	scope     *scope
}

// A function is a component function: one that the root imports or one that was
// lifted.
type function struct {
	typ *funcType

	// imported is the root's import, -1 for a lifted function; name is the export
	// of that import, empty where the import is itself the function.
	imported int
	name     string

	// lift is the index into Plan.Lifts.
	lift int
}

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

// An instanceType or componentType is kept as written and evaluated where it is
// used, since every use of it makes new resources.
type instanceType struct {
	decls []binary.Decl
	scope *scope
	at    int
}

type componentType struct {
	decls []binary.Decl
	scope *scope
	at    int
}

// outer returns the scope n levels out.
func (s *scope) outer(n uint32) *scope {
	for ; n > 0 && s != nil; n-- {
		s = s.parent
	}
	return s
}
