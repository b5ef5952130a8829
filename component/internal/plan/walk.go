package plan

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/validate"
)

// walk evaluates the definitions of one instantiation of a component and returns
// what it exports. args is nil for the root, whose imports the host provides.
func (p *planner) walk(s *scope, c *binary.Component, args map[string]item) *instance {
	root := s.component == 0
	exports := newInstance()
	s.names = p.namesOf(c)
	for _, d := range c.Defs {
		at := d.At()
		p.spend(at, cost(d))
		switch d := d.(type) {
		case *binary.CoreModule:
			m := p.readModule(d)
			if m.name == "" {
				m.name = s.names.modules[uint32(len(s.coreModules))]
			}
			s.coreModules = append(s.coreModules, m)
		case *binary.CoreInstance:
			s.coreInstances = append(s.coreInstances, p.coreInstance(s, d))
		case *binary.Nested:
			name := s.names.components[uint32(len(s.components))]
			s.components = append(s.components, &closure{component: d.Component, name: name, parent: s})
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
				s.push(args[d.Name.Name])
			}
		case *binary.Export:
			p.export(s, d, exports)
		}
	}
	return exports
}

// importRoot adds an import of the root, which the host provides.
func (p *planner) importRoot(s *scope, d *binary.Import) {
	index := len(p.plan.Imports)
	name := d.Name.Name
	p.plan.Imports = append(p.plan.Imports, Import{Name: name})
	it := p.declared(s, d.At(), name, d.Type, ImportPath{Import: index})
	s.push(it)
	ext := p.externOf(d.At(), name, it)
	p.plan.Imports[index].Extern = ext
	p.plan.Imports[index].Item = p.importItem(d.At(), ext, it)
}

// instance makes a component instance: by following the instantiation into the
// nested component, or from inline exports.
func (p *planner) instance(s *scope, d *binary.Instance) *instance {
	if d.Inline {
		p.spend(d.At(), 2*len(d.Exports))
		inst := newInstance()
		for _, e := range d.Exports {
			inst.add(e.Name.Name, p.rename(d.At(), e.Name.Name, p.pick(s, d.At(), e.Sort, e.Index)))
		}
		return inst
	}
	child := p.pick(s, d.At(), binary.SortComponent, d.Component).component
	p.spend(d.At(), 4+2*len(d.Args))
	args := make(map[string]item, len(d.Args))
	for _, a := range d.Args {
		args[a.Name] = p.pick(s, d.At(), a.Sort, a.Index)
	}
	p.enter(d.At())
	defer p.leave()
	if child.component == nil {
		return p.evaluate((*instanceType)(child.typ), nowhere, args)
	}
	inner := &scope{parent: child.parent, component: p.newComponent(s.component, s.instanceName(child))}
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
	exports.add(d.Name.Name, it)
	s.push(it)
}

// ascribe gives an exported function the type that it is exported with: the same
// one, spelled with the names that the component exports. It need not be a
// function that is run differently, so only the spelling changes. Of an instance
// only what its type names can be seen.
func (p *planner) ascribe(s *scope, d *binary.Export, it item) item {
	p.expect(d.At(), d.Type.Sort == it.sort)
	switch it.sort {
	case binary.SortInstance:
		it.instance = p.restrict(d.At(), it.instance, p.declared(s, d.At(), "", *d.Type, ascribed).instance)
	case binary.SortFunc:
		fn := *it.fn
		fn.typ = typeAt[*validate.FuncType](p, s, d.At(), d.Type.Index)
		it.fn = &fn
	}
	return it
}

// restrict leaves of an instance what another one has, too.
func (p *planner) restrict(at int, inst, to *instance) *instance {
	p.spend(at, 2*len(to.names))
	seen := newInstance()
	for _, name := range to.names {
		it, ok := inst.items[name]
		want := to.items[name]
		p.expect(at, ok && it.sort == want.sort)
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
		it, ok := p.pick(s, at, binary.SortInstance, d.Instance).instance.items[d.Name]
		p.expect(at, ok)
		s.push(it)
	case binary.AliasCoreExport:
		space := p.coreSpace(s, at, d.Sort)
		it := nth(p, at, s.coreInstances, d.Instance).export(d.Name)
		p.expect(at, it != nil)
		*space = append(*space, it)
	case binary.AliasOuter:
		p.aliasOuter(s, d)
	}
}

// aliasOuter adds what an enclosing scope holds. Core types have no index space here:
// nothing is run of them.
func (p *planner) aliasOuter(s *scope, d *binary.Alias) {
	from := s
	for range d.Outer {
		from = from.parent
		p.expect(d.At(), from != nil)
	}
	if d.Sort != binary.SortCoreType {
		s.push(p.pick(from, d.At(), d.Sort, d.Index))
	}
}
