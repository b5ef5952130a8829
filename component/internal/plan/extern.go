package plan

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// An Extern is what the root imports or exports under a name: a function, a type,
// an instance, a core module or a component, as Sort tells.
type Extern struct {
	Name string
	Sort binary.Sort

	// Func is the type of a function. Lift is the index into Plan.Lifts, or -1 for a
	// function of the host, which From finds.
	Func *wit.Func
	Lift int
	From ImportPath

	// Type is a value type or resource, nil for a type of functions, instances or
	// components. Resource is the index into Plan.Resources, or -1.
	Type     *wit.TypeDef
	Resource int

	// Items are the exports of an instance, in order.
	Items []*Extern

	module    *coreModule
	component *closure
}

// ImportPath leads to an item that the root imports: the import and, within an
// imported instance, the names of exports from outside in.
type ImportPath struct {
	Import int
	Names  []string
}

// last is the innermost name, empty for what is itself an import.
func (i ImportPath) last() string {
	if len(i.Names) == 0 {
		return ""
	}
	return i.Names[len(i.Names)-1]
}

// Item finds an export of an instance, or nil.
func (e *Extern) Item(name string) *Extern {
	for _, it := range e.Items {
		if it.Name == name {
			return it
		}
	}
	return nil
}

// externOf describes an item that the root imports or exports.
func (p *planner) externOf(at int, name string, it item) *Extern {
	p.spend(at, 4)
	e := &Extern{Name: name, Sort: it.sort, Lift: -1, Resource: -1, module: it.module, component: it.component}
	switch it.sort {
	case binary.SortFunc:
		e.Func, e.Lift, e.From = funcOf(it.fn.typ, name), it.fn.lift, it.fn.from
	case binary.SortType:
		def, ok := it.typ.(*wit.TypeDef)
		if !ok {
			break
		}
		e.Type = def
		if def.IsResource() {
			e.Resource = p.slotOf(at, def)
		}
	case binary.SortInstance:
		p.enter(at)
		types := map[string]*wit.TypeDef{}
		for _, n := range it.instance.names {
			inner := p.externOf(at, n, it.instance.items[n])
			if inner.Type != nil {
				types[n] = inner.Type
			}
			if inner.Func != nil {
				member(inner.Func, types)
			}
			e.Items = append(e.Items, inner)
		}
		p.leave()
	}
	return e
}

// Given is what a linker has for imports that decide how the plan looks: core
// modules, and components. It is asked for the imports of these sorts, and for
// those in imported instances; nil stands for one that is not known yet.
type Given func(ImportPath) *Extern

// GivenModule is the Extern of a core module, for [Given].
func GivenModule(m *core.Module) *Extern {
	return &Extern{Sort: binary.SortCoreModule, Lift: -1, Resource: -1, module: newCoreModule(m, 0)}
}

// GivenComponent is the Extern of a component, for [Given].
func GivenComponent(c *binary.Component) *Extern {
	return &Extern{Sort: binary.SortComponent, Lift: -1, Resource: -1, component: &closure{component: c}}
}

// givenModule is the module that is given for an import, or one that is unknown.
func (p *planner) givenModule(at int, from ImportPath) *coreModule {
	if g := p.givenFor(at, from); g != nil && g.module != nil {
		return g.module
	}
	return &coreModule{}
}

// givenComponent is the component that is given for an import, or one that is
// unknown but for its type.
func (p *planner) givenComponent(at int, from ImportPath, t *componentType) *closure {
	if g := p.givenFor(at, from); g != nil && g.component != nil {
		return g.component
	}
	return &closure{typ: t}
}

// givenFor asks for an import; where it is not known, the plan is open.
func (p *planner) givenFor(at int, from ImportPath) *Extern {
	if p.given != nil {
		if e := p.given(from); e != nil {
			return e
		}
	}
	p.plan.Open = true
	return nil
}
