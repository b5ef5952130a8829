package plan

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/component/internal/validate"
)

// A scope holds the index spaces of a component, or of a component or instance
// type, as far as they have grown.
type scope struct {
	// parent is the scope that it is written in, which outer aliases count. What is
	// written in a scope can run when the scope has grown; validation has seen to it
	// that it refers to nothing that came later.
	parent *scope

	// component is the component instance that definitions belong to.
	component int

	// names are those that the component has for what it holds; nil for a type.
	names *names

	coreItems     [core.Tag + 1][]*coreItem
	coreModules   []*coreModule
	coreInstances []*coreInstance

	funcs      []*function
	types      []defined
	components []*closure
	instances  []*instance
}

// push adds an item to the index space of its sort.
func (s *scope) push(it item) {
	switch it.sort {
	case binary.SortFunc:
		s.funcs = append(s.funcs, it.fn)
	case binary.SortType:
		s.types = append(s.types, it.typ)
	case binary.SortInstance:
		s.instances = append(s.instances, it.instance)
	case binary.SortComponent:
		s.components = append(s.components, it.component)
	case binary.SortCoreModule:
		s.coreModules = append(s.coreModules, it.module)
	}
}

// pick takes an item out of the index space of a sort.
func (p *planner) pick(s *scope, at int, sort binary.Sort, i uint32) item {
	it := item{sort: sort}
	switch sort {
	case binary.SortFunc:
		it.fn = nth(p, at, s.funcs, i)
	case binary.SortType:
		it.typ = nth(p, at, s.types, i)
	case binary.SortInstance:
		it.instance = nth(p, at, s.instances, i)
	case binary.SortComponent:
		it.component = nth(p, at, s.components, i)
	case binary.SortCoreModule:
		it.module = nth(p, at, s.coreModules, i)
	default:
		p.expect(at, false)
	}
	return it
}

// nth takes an item out of an index space.
func nth[T any](p *planner, at int, space []T, i uint32) T {
	p.expect(at, uint64(i) < uint64(len(space)))
	return space[i]
}

// typeAt takes a type of a certain kind out of the index space of types.
func typeAt[T defined](p *planner, s *scope, at int, i uint32) T {
	t, ok := nth(p, at, s.types, i).(T)
	p.expect(at, ok)
	return t
}

// coreItemAt takes an item out of the index space of a core sort.
func (p *planner) coreItemAt(s *scope, at int, sort binary.Sort, i uint32) *coreItem {
	return nth(p, at, *p.coreSpace(s, at, sort), i)
}

// coreSpace is the index space of what core modules import and export.
func (p *planner) coreSpace(s *scope, at int, sort binary.Sort) *[]*coreItem {
	kind, ok := sort.CoreKind()
	p.expect(at, ok)
	return &s.coreItems[kind]
}

// A coreItem is a core definition, traced back to what defines it.
type coreItem struct {
	ref    CoreRef
	limits core.Limits // of a table or memory
}

// A coreModule is a core module, read. Its module is nil where it is imported and
// not known. Plans that are made at the same time may share one that is given.
type coreModule struct {
	module  *core.Module
	name    string // for messages
	exports map[string]core.Export
	offset  int
}

// A closure is a component with what it sees of the scope that it is written in,
// or, for one that is imported and not known, its type.
type closure struct {
	component *binary.Component
	name      string // for messages
	parent    *scope
	typ       *componentType
}

// A function is a component function: one that the root imports or one that was
// lifted.
type function struct {
	typ *validate.FuncType

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

func (i *instance) add(name string, it item) {
	i.names = append(i.names, name)
	i.items[name] = it
}

// A defined is what a type index can stand for: a value type (wit.Type, where a
// resource is a *wit.TypeDef), a *validate.FuncType, an *instanceType or a
// *componentType.
type defined any

// An instanceType is kept as written and evaluated where it is used, since every
// use of it makes new resources.
type instanceType struct {
	decls  []binary.Decl
	parent *scope
	at     int
}

// A componentType is kept as written, like an instanceType.
type componentType instanceType
