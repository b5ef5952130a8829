package plan

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// A planner holds the plan while it grows. It gives up by panicking with a
// failure, which Build recovers.
type planner struct {
	plan      *Plan
	resources map[*wit.TypeDef]int
	modules   map[*binary.CoreModule]*coreModule
	imported  map[string]bool // names of the root's imports
	linked    map[string]int  // rewritten modules by shape
	options   map[optionsKey]int
	layouts   cabi.Layouts
	traits    map[wit.Type]traits
	same      identities
	names     map[*wit.TypeDef]int // how often a type was named again
	given     Given
	root      *binary.Component

	// What is needed to let core code call core code, see direct.go. Definitions of
	// canon lower are numbered as they come; scalar are those of scalar functions,
	// with their trampolines. direct and holds are what an earlier plan of the same
	// component has shown.
	lowers int
	scalar map[int]int
	direct map[int]bool
	holds  map[int]bool
	tags   bool // a core module has exception tags
	glue   *glue

	// started tells whether a core instance so far has a start function, which may
	// have run anything that the instances before it export.
	started bool

	size        int // of the component
	work, depth int
	shown       int // weight of the world so far
	linkedBytes int
}

type failure struct{ err error }

// Build plans a component, with what is given for its imports; given may be nil.
// Errors are *[InvalidError] or *[UnsupportedError]; what can be inspected but not
// run is in Plan.Unsupported instead.
func Build(c *binary.Component, given Given) (*Plan, error) {
	p := newPlanner(c, given)
	if err := p.build(c); err != nil || p.plan.Unsupported != nil || p.plan.Open {
		return p.plan, err
	}
	direct := p.directCalls()
	if len(direct) == 0 {
		return p.plan, nil
	}
	again := newPlanner(c, given)
	again.direct, again.holds = direct, p.held()
	return again.plan, again.build(c)
}

func newPlanner(c *binary.Component, given Given) *planner {
	return &planner{
		plan:      &Plan{},
		resources: map[*wit.TypeDef]int{},
		modules:   map[*binary.CoreModule]*coreModule{},
		imported:  map[string]bool{},
		linked:    map[string]int{},
		options:   map[optionsKey]int{},
		traits:    map[wit.Type]traits{},
		names:     map[*wit.TypeDef]int{},
		given:     given,
		root:      c,
		size:      c.Size,
		scalar:    map[int]int{},
		glue:      &glue{},
	}
}

func (p *planner) build(c *binary.Component) (err error) {
	defer p.recovered(&err)
	s := &scope{component: p.newComponent(-1)}
	exports := p.walk(s, c, nil)
	p.finish(exports)
	return nil
}

// recovered makes an error of a failure.
func (p *planner) recovered(err *error) {
	r := recover()
	f, ok := r.(failure)
	switch {
	case ok && p.plan.Unsupported != nil:
		// What is not understood may be why the rest looks wrong.
		*err = p.plan.Unsupported
	case ok:
		*err = f.err
	case r != nil:
		panic(r)
	}
}

func (p *planner) fail(err error) { panic(failure{err}) }

func (p *planner) invalid(at int, format string, args ...any) {
	p.fail(&InvalidError{at, fmt.Sprintf(format, args...)})
}

// unsupported notes a feature that can be inspected, not run.
func (p *planner) unsupported(at int, format string, args ...any) {
	if p.plan.Unsupported == nil {
		p.plan.Unsupported = &UnsupportedError{at, fmt.Sprintf(format, args...)}
	}
}

func (p *planner) newComponent(parent int) int {
	p.plan.Components = append(p.plan.Components, parent)
	return len(p.plan.Components) - 1
}

// walk evaluates the definitions of one instantiation of a component and returns
// what it exports. args is nil for the root, whose imports the host provides.
func (p *planner) walk(s *scope, c *binary.Component, args map[string]item) *instance {
	root := s.component == 0
	exports := newInstance()
	for _, d := range c.Defs {
		at := d.At()
		p.spend(at, cost(d))
		switch d := d.(type) {
		case *binary.CoreModule:
			s.coreModules = append(s.coreModules, p.readModule(d))
		case *binary.CoreInstance:
			s.coreInstances = append(s.coreInstances, p.coreInstance(s, d))
		case *binary.CoreType:
			s.coreTypes = append(s.coreTypes, d)
		case *binary.Nested:
			s.components = append(s.components, &closure{component: d.Component, parent: s.view()})
		case *binary.Instance:
			s.instances = append(s.instances, p.instance(s, d))
		case *binary.Alias:
			p.alias(s, d)
		case *binary.TypeDef:
			s.types = append(s.types, p.define(s, at, d.Type))
		case *binary.Canon:
			p.canon(s, d)
		case *binary.Import:
			if root {
				p.importRoot(s, d)
			} else {
				p.importArg(s, d, args)
			}
		case *binary.Export:
			p.export(s, d, exports)
		default:
			p.fail(&UnsupportedError{at, "a start or value definition"})
		}
	}
	return exports
}

// importRoot adds an import of the root, which the host provides.
func (p *planner) importRoot(s *scope, d *binary.Import) {
	index := len(p.plan.Imports)
	name := d.Name.Name
	if p.imported[name] {
		p.invalid(d.At(), "duplicate import %q", name)
	}
	p.imported[name] = true
	p.plan.Imports = append(p.plan.Imports, Import{Name: name})
	it := p.declared(s, d.At(), name, d.Type, ImportPath{Import: index})
	p.push(s, it)
	ext := p.externOf(d.At(), name, it)
	p.plan.Imports[index].Extern = ext
	p.plan.Imports[index].Item = p.importItem(d.At(), ext, it)
}

// importArg binds an import of a nested component to its argument.
func (p *planner) importArg(s *scope, d *binary.Import, args map[string]item) {
	it, ok := args[d.Name.Name]
	if !ok {
		p.invalid(d.At(), "import %q is not among the arguments of the instantiation", d.Name.Name)
	}
	if it.sort != d.Type.Sort {
		p.invalid(d.At(), "import %q wants %s, the argument is %s", d.Name.Name, sortName(d.Type.Sort), sortName(it.sort))
	}
	if it.sort == binary.SortFunc && !p.sameFunc(p.funcTypeAt(s, d.At(), d.Type.Index), it.fn.typ) {
		p.invalid(d.At(), "import %q is given a function of another type", d.Name.Name)
	}
	p.push(s, it)
}

// push adds an item to the index space of its sort.
func (p *planner) push(s *scope, it item) {
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
	within := func(n int) {
		if uint64(i) >= uint64(n) {
			p.invalid(at, "%s index %d out of range, %d so far", sortName(sort), i, n)
		}
	}
	switch sort {
	case binary.SortFunc:
		within(len(s.funcs))
		it.fn = s.funcs[i]
	case binary.SortType:
		within(len(s.types))
		it.typ = s.types[i]
	case binary.SortInstance:
		within(len(s.instances))
		it.instance = s.instances[i]
	case binary.SortComponent:
		within(len(s.components))
		it.component = s.components[i]
	case binary.SortCoreModule:
		within(len(s.coreModules))
		it.module = s.coreModules[i]
	default:
		p.invalid(at, "a %s cannot stand here", sortName(sort))
	}
	return it
}

// instance makes a component instance: by following the instantiation into the
// nested component, or from inline exports.
func (p *planner) instance(s *scope, d *binary.Instance) *instance {
	if d.Inline {
		p.spend(d.At(), 2*len(d.Exports))
		inst := newInstance()
		for _, e := range d.Exports {
			it := p.rename(d.At(), e.Name.Name, p.pick(s, d.At(), e.Sort, e.Index))
			if !inst.add(e.Name.Name, it) {
				p.invalid(d.At(), "duplicate export %q", e.Name.Name)
			}
		}
		return inst
	}
	child := p.pick(s, d.At(), binary.SortComponent, d.Component).component
	p.spend(d.At(), 4+2*len(d.Args))
	args := make(map[string]item, len(d.Args))
	for _, a := range d.Args {
		if _, dup := args[a.Name]; dup {
			p.invalid(d.At(), "duplicate argument %q", a.Name)
		}
		args[a.Name] = p.pick(s, d.At(), a.Sort, a.Index)
	}
	p.enter(d.At())
	defer p.leave()
	if child.component == nil {
		return p.promised(child.typ, args)
	}
	inner := &scope{parent: child.parent, component: p.newComponent(s.component)}
	return p.walk(inner, child.component, args)
}

// rename gives an exported type the name that it is exported under.
func (p *planner) rename(at int, name string, it item) item {
	if it.sort == binary.SortType {
		it.typ = p.named(at, name, it.typ)
	}
	return it
}

func (p *planner) export(s *scope, d *binary.Export, exports *instance) {
	it := p.rename(d.At(), d.Name.Name, p.pick(s, d.At(), d.Sort, d.Index))
	if d.Type != nil {
		it = p.ascribe(s, d, it)
	}
	p.nameLifts(d.At(), d.Name.Name, it)
	if !exports.add(d.Name.Name, it) {
		p.invalid(d.At(), "duplicate export %q", d.Name.Name)
	}
	p.push(s, it)
}

// ascribe gives an exported function the type that it is exported with: the same
// one, spelled with the names that the component exports. It need not be a
// function that is run differently, so only the spelling changes. Of an instance
// only what its type names can be seen.
func (p *planner) ascribe(s *scope, d *binary.Export, it item) item {
	if d.Type.Sort != it.sort {
		p.invalid(d.At(), "export %q is %s, ascribed as %s", d.Name.Name, sortName(it.sort), sortName(d.Type.Sort))
	}
	switch it.sort {
	case binary.SortInstance:
		it.instance = p.restrict(d.At(), it.instance, p.declared(s, d.At(), "", *d.Type, ascribed).instance)
		return it
	case binary.SortFunc:
	default:
		return it
	}
	fn := *it.fn
	fn.typ = p.funcTypeAt(s, d.At(), d.Type.Index)
	if !p.sameFunc(fn.typ, it.fn.typ) {
		p.invalid(d.At(), "export %q is ascribed another function type", d.Name.Name)
	}
	it.fn = &fn
	return it
}

// restrict leaves of an instance what another one has, too.
func (p *planner) restrict(at int, inst, to *instance) *instance {
	p.spend(at, 2*len(to.names))
	seen := newInstance()
	for _, name := range to.names {
		it, ok := inst.items[name]
		want := to.items[name]
		if !ok || it.sort != want.sort {
			p.invalid(at, "the instance has no %s %q, as ascribed", sortName(want.sort), name)
		}
		if it.sort == binary.SortInstance {
			it.instance = p.restrict(at, it.instance, want.instance)
		}
		seen.add(name, it)
	}
	return seen
}

// alias adds what an alias points to, to the index space of its sort.
func (p *planner) alias(s *scope, d *binary.Alias) {
	at := d.At()
	switch d.Target {
	case binary.AliasExport:
		inst := p.pick(s, at, binary.SortInstance, d.Instance).instance
		it, ok := inst.items[d.Name]
		if !ok || it.sort != d.Sort {
			p.invalid(at, "instance %d exports no %s %q", d.Instance, sortName(d.Sort), d.Name)
		}
		p.push(s, it)
	case binary.AliasCoreExport:
		p.aliasCore(s, d)
	case binary.AliasOuter:
		p.aliasOuter(s, d)
	}
}

// aliasOuter adds what an enclosing scope held where this one was written.
func (p *planner) aliasOuter(s *scope, d *binary.Alias) {
	at := d.At()
	from := s.outer(d.Outer)
	if from.scope == nil {
		p.invalid(at, "outer alias counts %d scopes out", d.Outer)
	}
	seen := 0
	switch d.Sort {
	case binary.SortCoreType:
		seen = from.coreTypes
	case binary.SortType:
		seen = from.types
	case binary.SortCoreModule:
		seen = from.coreModules
	case binary.SortComponent:
		seen = from.components
	}
	if uint64(d.Index) >= uint64(seen) {
		p.invalid(at, "%s index %d out of range, %d so far", sortName(d.Sort), d.Index, seen)
	}
	if d.Sort == binary.SortCoreType {
		s.coreTypes = append(s.coreTypes, from.scope.coreTypes[d.Index])
		return
	}
	p.push(s, p.pick(from.scope, at, d.Sort, d.Index))
}

func (p *planner) aliasCore(s *scope, d *binary.Alias) {
	at := d.At()
	if uint64(d.Instance) >= uint64(len(s.coreInstances)) {
		p.invalid(at, "core instance index %d out of range, %d so far", d.Instance, len(s.coreInstances))
	}
	it := s.coreInstances[d.Instance].export(d.Name)
	space := s.coreSpace(d.Sort)
	if it == nil || space == nil || (coreKinds[d.Sort] != it.typ.Kind && !it.unknown) {
		p.invalid(at, "core instance %d exports no %s %q", d.Instance, sortName(d.Sort), d.Name)
	}
	*space = append(*space, it)
}

// coreItemAt takes an item out of the index space of a core sort.
func (p *planner) coreItemAt(s *scope, at int, sort binary.Sort, i uint32) *coreItem {
	space := s.coreSpace(sort)
	if space == nil {
		p.invalid(at, "a %s cannot stand here", sortName(sort))
	}
	if uint64(i) >= uint64(len(*space)) {
		p.invalid(at, "%s index %d out of range, %d so far", sortName(sort), i, len(*space))
	}
	return (*space)[i]
}

var coreKinds = map[binary.Sort]core.Kind{
	binary.SortCoreFunc:   core.Func,
	binary.SortCoreTable:  core.Table,
	binary.SortCoreMemory: core.Memory,
	binary.SortCoreGlobal: core.Global,
	binary.SortCoreTag:    core.Tag,
}

// coreSpace is the index space of what core modules import and export, nil for any
// other sort.
func (s *scope) coreSpace(sort binary.Sort) *[]*coreItem {
	switch sort {
	case binary.SortCoreFunc:
		return &s.coreFuncs
	case binary.SortCoreTable:
		return &s.coreTables
	case binary.SortCoreMemory:
		return &s.coreMemories
	case binary.SortCoreGlobal:
		return &s.coreGlobals
	case binary.SortCoreTag:
		return &s.coreTags
	}
	return nil
}

func sortName(s binary.Sort) string {
	names := [...]string{"core func", "core table", "core memory", "core global", "core tag", "core type",
		"core module", "core instance", "func", "value", "type", "component", "instance"}
	if int(s) < len(names) {
		return names[s]
	}
	return "unknown sort"
}
