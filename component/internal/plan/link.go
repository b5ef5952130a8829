package plan

import (
	"strconv"
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

func (p *planner) readModule(d *binary.CoreModule) *coreModule {
	if m, ok := p.modules[d]; ok {
		return m
	}
	m, err := core.Read(d.Bytes)
	if err != nil {
		p.invalid(d.At(), "core module: %v", err)
	}
	cm := &coreModule{module: m, bytes: d.Bytes, offset: d.At()}
	p.modules[d] = cm
	return cm
}

func (p *planner) coreInstance(s *scope, d *binary.CoreInstance) *coreInstance {
	if d.Inline {
		return p.bundle(s, d)
	}
	at := d.At()
	if uint64(d.Module) >= uint64(len(s.coreModules)) {
		p.invalid(at, "core module index %d out of range", d.Module)
	}
	m := s.coreModules[d.Module]
	if m.module == nil {
		p.fail(&UnsupportedError{at, "an instance of an imported core module"})
	}
	args := make(map[string]*coreInstance, len(d.Args))
	for _, a := range d.Args {
		if uint64(a.Instance) >= uint64(len(s.coreInstances)) {
			p.invalid(at, "core instance index %d out of range", a.Instance)
		}
		if args[a.Name] != nil {
			p.invalid(at, "duplicate argument %q", a.Name)
		}
		args[a.Name] = s.coreInstances[a.Instance]
	}
	l := linker{planner: p, at: at, module: m.module, sources: map[int]int{}}
	l.resolve(args)
	n := p.plan.CoreInstances
	p.plan.CoreInstances++
	p.plan.Steps = append(p.plan.Steps, &Instantiate{Module: p.rewritten(m, l.names), Instance: n, Sources: l.order})
	return l.exports(n)
}

// bundle makes a core instance of inline exports, which costs nothing at run
// time: whoever imports from it imports from what defines the item.
func (p *planner) bundle(s *scope, d *binary.CoreInstance) *coreInstance {
	inst := &coreInstance{funcs: map[string]coreFunc{}, items: map[string]coreItem{}}
	for _, e := range d.Exports {
		_, dupFunc := inst.funcs[e.Name]
		_, dupItem := inst.items[e.Name]
		if dupFunc || dupItem {
			p.invalid(d.At(), "duplicate export %q", e.Name)
		}
		if e.Sort == binary.SortCoreFunc {
			inst.funcs[e.Name] = p.coreFuncAt(s, d.At(), e.Index)
			continue
		}
		space := *s.coreSpace(e.Sort)
		if uint64(e.Index) >= uint64(len(space)) {
			p.invalid(d.At(), "%s index %d out of range", sortName(e.Sort), e.Index)
		}
		inst.items[e.Name] = space[e.Index]
	}
	return inst
}

// A linker resolves the imports of one core instantiation to what defines them.
type linker struct {
	*planner
	at      int
	module  *core.Module
	names   []core.ImportName
	sources map[int]int // core instance -> source number
	order   []int       // source number -> core instance

	// What each import resolved to, by kind and in order: re-exports of imports
	// lead here.
	funcs []coreFunc
	items [5][]coreItem
}

func (l *linker) resolve(args map[string]*coreInstance) {
	for _, im := range l.module.Imports {
		arg, ok := args[im.Module]
		if !ok {
			l.invalid(l.at, "the core module imports %q from %q, which is not among the arguments", im.Name, im.Module)
		}
		if im.Kind == core.Func {
			l.resolveFunc(arg, im)
			continue
		}
		it, ok := arg.items[im.Name]
		if !ok || it.kind != im.Kind {
			l.invalid(l.at, "the core module imports %q from %q, which does not export it", im.Name, im.Module)
		}
		l.items[im.Kind] = append(l.items[im.Kind], it)
		l.use(it.ref)
	}
}

func (l *linker) resolveFunc(arg *coreInstance, im core.Import) {
	f, ok := arg.funcs[im.Name]
	if !ok {
		l.invalid(l.at, "the core module imports function %q from %q, which does not export it", im.Name, im.Module)
	}
	if f.ref.Instance == Host && f.ref.Trampoline < 0 {
		// An unsupported built-in; the plan says so and is never run.
		l.funcs = append(l.funcs, f)
		l.use(f.ref)
		return
	}
	if int(im.Type) < len(l.module.Types) {
		if want := l.module.Types[im.Type]; !want.Equal(f.typ) {
			l.invalid(l.at, "the core module imports %q from %q with type %s, it has type %s", im.Name, im.Module, want, f.typ)
		}
	}
	l.funcs = append(l.funcs, f)
	l.use(f.ref)
}

// use names an import after the source that defines it.
func (l *linker) use(ref CoreRef) {
	n, ok := l.sources[ref.Instance]
	if !ok {
		n = len(l.order)
		l.sources[ref.Instance] = n
		l.order = append(l.order, ref.Instance)
	}
	name := ref.Name
	if ref.Instance == Host {
		name = TrampolineName(ref.Trampoline)
	}
	l.names = append(l.names, core.ImportName{Module: strconv.Itoa(n), Name: name})
}

// TrampolineName is the name under which the host module exports a trampoline.
func TrampolineName(n int) string { return "t" + strconv.Itoa(n) }

// exports lists what core instance n exports, re-exports traced to their origin.
func (l *linker) exports(n int) *coreInstance {
	inst := &coreInstance{funcs: map[string]coreFunc{}, items: map[string]coreItem{}}
	for _, e := range l.module.Exports {
		if e.Kind == core.Func {
			if int(e.Index) < len(l.funcs) {
				inst.funcs[e.Name] = l.funcs[e.Index]
				continue
			}
			typ, _ := l.module.FuncType(e.Index)
			inst.funcs[e.Name] = coreFunc{ref: CoreRef{Instance: n, Name: e.Name}, typ: typ}
			continue
		}
		if imported := l.items[e.Kind]; int(e.Index) < len(imported) {
			inst.items[e.Name] = imported[e.Index]
			continue
		}
		inst.items[e.Name] = coreItem{kind: e.Kind, ref: CoreRef{Instance: n, Name: e.Name}}
	}
	return inst
}

// rewritten returns the number of the module with its imports renamed.
func (p *planner) rewritten(m *coreModule, names []core.ImportName) int {
	var key strings.Builder
	key.WriteString(strconv.Itoa(m.offset))
	for _, n := range names {
		key.WriteByte(0)
		key.WriteString(n.Module)
		key.WriteByte(0)
		key.WriteString(n.Name)
	}
	if i, ok := p.linked[key.String()]; ok {
		return i
	}
	i := len(p.plan.Modules)
	p.plan.Modules = append(p.plan.Modules, Module{Bytes: m.module.RewriteImports(names), Name: m.module.ModuleName})
	p.linked[key.String()] = i
	return i
}
