package plan

import (
	"slices"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// define evaluates a type definition. Every instantiation of a component does it again,
// for its resources are types of their own.
func (p *planner) define(s *scope, at int, t binary.Type) defined {
	switch t := t.(type) {
	case *binary.InstanceType:
		return &instanceType{decls: t.Decls, parent: s, at: at}
	case *binary.ComponentType:
		return &componentType{decls: t.Decls, parent: s, at: at}
	case *binary.Resource:
		return p.defineResource(s, at, t)
	}
	p.defining = at
	d, err := p.values.Define(t, func(i uint32) (any, error) { return nth(p, at, s.types, i), nil })
	p.expect(at, err == nil)
	if v, ok := d.(wit.Type); ok && p.traitsOf(v).weight > maxWeight {
		p.invalid(at, "a type has more than %d parts", maxWeight)
	}
	return d
}

// defineResource makes the resource that a component defines for itself: a type
// of its own for every instance of the component.
func (p *planner) defineResource(s *scope, at int, t *binary.Resource) *wit.TypeDef {
	if t.Rep != core.I32 {
		p.unsupported(at, "a resource that is represented by an %s", core.ValTypeName(t.Rep))
	}
	def := &wit.TypeDef{Type: &wit.Resource{}}
	r := Resource{Def: def, From: nowhere, Component: s.component}
	if t.Dtor != nil {
		f := p.coreItemAt(s, at, binary.SortCoreFunc, *t.Dtor)
		p.settle(at, f)
		r.Dtor = &f.ref
	}
	slot := p.addResource(r)
	p.plan.Steps = append(p.plan.Steps, &DefineResource{slot})
	return def
}

func (p *planner) addResource(r Resource) int {
	slot := len(p.plan.Resources)
	p.plan.Resources = append(p.plan.Resources, r)
	p.resources[r.Def] = slot
	return slot
}

// evaluate makes an instance of an instance type, as the root imports it; or of a
// component of which only the type is known, with what it is given: that tells types,
// the plan is open, and nothing of it is run.
func (p *planner) evaluate(t *instanceType, from ImportPath, args map[string]item) *instance {
	p.enter(t.at)
	defer p.leave()
	s := &scope{parent: t.parent, component: t.parent.component}
	inst := newInstance()
	for _, d := range t.decls {
		p.spend(d.At(), 4+len(from.Names)/4)
		switch d := d.(type) {
		case *binary.TypeDef:
			s.types = append(s.types, p.define(s, d.At(), d.Type))
		case *binary.Alias:
			p.alias(s, d)
		case *binary.ExportDecl:
			it := p.declared(s, d.At(), d.Name.Name, d.Type, from.to(d.Name.Name))
			inst.add(d.Name.Name, it)
			s.push(it)
		case *binary.ImportDecl:
			s.push(args[d.Name.Name])
		}
	}
	return inst
}

// to is the path one name further in.
func (i ImportPath) to(name string) ImportPath {
	return ImportPath{i.Import, append(slices.Clip(i.Names), name)}
}

// declared makes the item that an import or export declaration of a type
// promises.
func (p *planner) declared(s *scope, at int, name string, t binary.ExternType, from ImportPath) item {
	it := item{sort: t.Sort}
	switch t.Sort {
	case binary.SortFunc:
		it.fn = &function{typ: typeAt[*validate.FuncType](p, s, at, t.Index), from: from, lift: -1}
	case binary.SortType:
		if t.SubResource {
			def := &wit.TypeDef{Name: name, Type: &wit.Resource{}}
			if from.Import != ascribed.Import {
				p.addResource(Resource{Def: def, From: from, Component: -1})
			}
			it.typ = def
			break
		}
		it.typ = p.named(at, name, nth(p, at, s.types, t.Index))
	case binary.SortInstance:
		it.instance = p.evaluate(typeAt[*instanceType](p, s, at, t.Index), from, nil)
	case binary.SortComponent:
		it.component = p.givenComponent(at, from, typeAt[*componentType](p, s, at, t.Index))
	case binary.SortCoreModule:
		it.module = p.givenModule(at, from)
	}
	return it
}

// named gives a value type the name that it is imported or exported under; the
// new definition is an alias of the old one.
func (p *planner) named(at int, name string, d defined) defined {
	t, ok := d.(wit.Type)
	if !ok {
		return d
	}
	def := &wit.TypeDef{Name: name, Type: t}
	if old, ok := t.(*wit.TypeDef); ok {
		// Whoever asks what a type is follows all of its names.
		p.names[def] = p.names[old] + 1
		if p.names[def] > maxNames {
			p.invalid(at, "a type is named anew more than %d times", maxNames)
		}
		if root := old.Root(); root.Name == "" {
			root.Name = name
		}
	}
	return def
}
