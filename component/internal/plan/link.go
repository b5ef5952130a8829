package plan

import (
	"fmt"
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
	p.expect(d.At(), err == nil)
	cm := newCoreModule(m, d.At())
	p.modules[d] = cm
	return cm
}

func newCoreModule(m *core.Module, offset int) *coreModule {
	cm := &coreModule{module: m, name: m.ModuleName, exports: make(map[string]core.Export, len(m.Exports)), offset: offset}
	for _, e := range m.Exports {
		cm.exports[e.Name] = e
	}
	return cm
}

// unused finds the core modules that nothing instantiates, in nested components, too.
func (p *planner) unused(c *binary.Component) {
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *binary.Nested:
			p.unused(d.Component)
		case *binary.CoreModule:
			m := p.readModule(d)
			if p.used[m] {
				continue
			}
			if !m.judged() {
				p.plan.Idle = append(p.plan.Idle, d.At())
				continue
			}
			names := make([]core.ImportName, len(m.module.Imports))
			for i, im := range m.module.Imports {
				names[i] = core.ImportName{Module: "0", Name: im.Name}
			}
			p.spend(d.At(), 1+len(names))
			p.plan.Unused = append(p.plan.Unused, Module{Binary: m.module.RewriteImports(names), Name: m.name, Source: m.module})
		}
	}
}

// judged reports whether the engine can tell a valid module from an invalid one: not
// where it has proposals that the engine lacks, which does not matter as long as nobody
// instantiates the module.
func (m *coreModule) judged() bool {
	for _, t := range append(m.module.Tables, m.module.Memories...) {
		if t.Limits.Addr64 {
			return false
		}
	}
	return len(m.module.Memories) <= 1 && !m.module.OtherTypes
}

// A coreInstance is a core instance: what it exports, by name. One that is made
// from a module finds its exports as they are asked for.
type coreInstance struct {
	items   map[string]*coreItem
	linked  *linker // nil for a bundle
	number  int
	unknown bool // of a module that is not known
}

// export returns an export, or nil, which is all that no core instance has. It leads
// to what defines the item, through however many modules and bundles hand it on.
func (c *coreInstance) export(name string) *coreItem {
	switch {
	case c == nil:
		return nil
	case c.unknown:
		return unknownFunc
	}
	if it := c.items[name]; it != nil || c.linked == nil {
		return it
	}
	it := c.linked.export(c.number, name)
	if it != nil {
		c.items[name] = it
	}
	return it
}

func (p *planner) coreInstance(s *scope, d *binary.CoreInstance) *coreInstance {
	if d.Inline {
		return p.bundle(s, d)
	}
	at := d.At()
	m := nth(p, at, s.coreModules, d.Module)
	if m.module == nil {
		return &coreInstance{unknown: true}
	}
	p.spend(at, len(d.Args)+4*len(m.module.Imports))
	args := make(map[string]*coreInstance, len(d.Args))
	for _, a := range d.Args {
		args[a.Name] = nth(p, at, s.coreInstances, a.Instance)
	}
	p.used[m] = true
	p.tags = p.tags || len(m.module.Tags) > 0
	l := &linker{planner: p, at: at, module: m, sources: map[int]int{}}
	l.resolve(args)
	n := p.newCoreInstance(at)
	p.plan.Steps = append(p.plan.Steps, &Instantiate{
		Module: p.rewritten(m, l.names), Instance: n, Component: s.component, Sources: l.order, Elems: l.elems(),
	})
	p.started = p.started || m.module.HasStart
	return &coreInstance{items: map[string]*coreItem{}, linked: l, number: n}
}

func (p *planner) newCoreInstance(at int) int {
	n := p.plan.CoreInstances
	if n == maxCoreInstances {
		p.invalid(at, "more than %d core instances", maxCoreInstances)
	}
	p.plan.CoreInstances++
	return n
}

// bundle makes a core instance of inline exports, which costs nothing at run
// time: whoever imports from it imports from what defines the item.
func (p *planner) bundle(s *scope, d *binary.CoreInstance) *coreInstance {
	p.spend(d.At(), len(d.Exports))
	inst := &coreInstance{items: make(map[string]*coreItem, len(d.Exports))}
	for _, e := range d.Exports {
		inst.items[e.Name] = p.coreItemAt(s, d.At(), e.Sort, e.Index)
	}
	return inst
}

// A linker resolves the imports of one core instantiation to what defines them.
type linker struct {
	*planner
	at      int
	module  *coreModule
	names   []core.ImportName
	sources map[int]int // core instance -> source number
	order   []int       // source number -> core instance

	// imports are what the imports resolved to, by kind and in order: exports of
	// imports lead here.
	imports [core.Tag + 1][]*coreItem
}

func (l *linker) resolve(args map[string]*coreInstance) {
	for _, im := range l.module.module.Imports {
		it := args[im.Module].export(im.Name)
		l.expect(l.at, it != nil)
		l.settle(l.at, it)
		l.imports[im.Kind] = append(l.imports[im.Kind], it)
		l.use(it.ref)
	}
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

// TrampolineNumber is the number of the trampoline of that name.
func TrampolineNumber(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, "t")
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && n >= 0
}

// export finds an export of core instance n, which was made from the module.
func (l *linker) export(n int, name string) *coreItem {
	m := l.module.module
	e, ok := l.module.exports[name]
	if !ok {
		return nil
	}
	if imported := l.imports[e.Kind]; uint64(e.Index) < uint64(len(imported)) {
		return imported[e.Index]
	}
	typ, ok := m.ExternType(e)
	if !ok {
		return nil
	}
	return &coreItem{ref: CoreRef{Instance: n, Name: name}, limits: typ.Limits}
}

// elems are the active element segments that may not fit: where the offset is a
// constant and the table large enough, there is nothing to check.
func (l *linker) elems() []ElemCheck {
	m := l.module.module
	var checks []ElemCheck
	for _, e := range m.ActiveElems() {
		size, ok := l.tableSize(e.Table)
		if !ok {
			continue // The engine refuses a table that is not there.
		}
		known := func(uint32) (uint64, bool) { return 0, false }
		if at, ok := e.Offset.Eval(known); ok && at+uint64(e.Len) <= size {
			continue
		}
		l.spend(l.at, 1+len(l.imports[core.Global]))
		check := ElemCheck{Offset: e.Offset, Len: e.Len, TableSize: size}
		for _, g := range l.imports[core.Global] {
			check.Globals = append(check.Globals, g.ref)
		}
		checks = append(checks, check)
	}
	return checks
}

// tableSize is the most elements that a table has when the module's segments are
// written. Only a start function of a module before it can have made an imported
// table grow.
func (l *linker) tableSize(index uint32) (uint64, bool) {
	tables := l.module.module.Tables
	if uint64(index) >= uint64(len(tables)) {
		return 0, false
	}
	imported := l.imports[core.Table]
	if uint64(index) >= uint64(len(imported)) {
		return tables[index].Limits.Min, true
	}
	limits := imported[index].limits
	switch {
	case !l.started:
		return limits.Min, true
	case limits.HasMax:
		return limits.Max, true
	}
	return 1 << 32, true
}

// rewritten returns the number of the module with its imports renamed.
func (p *planner) rewritten(m *coreModule, names []core.ImportName) int {
	var key strings.Builder
	fmt.Fprintf(&key, "%p", m)
	for _, n := range names {
		// With the length, since a name may hold anything.
		key.WriteString(" " + n.Module + " " + strconv.Itoa(len(n.Name)) + " " + n.Name)
	}
	p.spend(m.offset, key.Len()/64)
	if i, ok := p.linked[key.String()]; ok {
		return i
	}
	p.linkedBytes += len(m.module.Bytes())
	if p.linkedBytes > 4*p.size+maxLinkedBytes {
		p.invalid(m.offset, "the core modules are instantiated in too many different ways")
	}
	i := len(p.plan.Modules)
	p.plan.Modules = append(p.plan.Modules, Module{Binary: m.module.RewriteImports(names), Name: m.name, Source: m.module})
	p.linked[key.String()] = i
	return i
}
