package bindgen

import (
	"strings"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// A unit is what becomes one Go package: an interface, or a world with the
// functions and types that it imports directly.
type unit struct {
	iface *wit.Interface
	world *wit.World
}

func (u unit) types() []*wit.TypeDef {
	if u.iface != nil {
		return u.iface.Types
	}
	var types []*wit.TypeDef
	for _, item := range u.world.Imports {
		if item.Type != nil {
			types = append(types, item.Type)
		}
	}
	return types
}

func (u unit) funcs() []*wit.Func {
	if u.iface != nil {
		return u.iface.Funcs
	}
	var funcs []*wit.Func
	for _, item := range u.world.Imports {
		if item.Func != nil {
			funcs = append(funcs, item.Func)
		}
	}
	return funcs
}

// home is the unit that declares def.
func home(def *wit.TypeDef) unit { return unit{def.Interface, def.World} }

// model is the set of packages under decision.
type model struct {
	cfg      Config
	packages []*Package // what is used stands before its users
	byUnit   map[unit]*Package
	dirs     scope
	errors   map[*wit.TypeDef]bool // declarations that appear as an E
	layouts  cabi.Layouts
}

func newModel(cfg Config) *model {
	m := &model{cfg: cfg, byUnit: map[unit]*Package{}, dirs: scope{}, errors: map[*wit.TypeDef]bool{}}
	for _, i := range cfg.Interfaces {
		m.collect(unit{iface: i}, i.Name, i.Name.Package)
	}
	for _, w := range cfg.Worlds {
		for _, item := range w.Imports {
			switch i := item.Interface; {
			case i == nil:
			case i.Name.IsZero():
				// Declared in the world, it has a name there alone.
				m.collect(unit{iface: i}, wit.Name{Interface: item.Name}, w.Name.Package)
				if p := m.byUnit[unit{iface: i}]; p.Docs == "" {
					p.Docs = item.Docs
				}
			default:
				m.collect(unit{iface: i}, i.Name, i.Name.Package)
			}
		}
		if u := (unit{world: w}); len(u.types())+len(u.funcs()) > 0 {
			m.collect(u, wit.Name{}, w.Name.Package)
		}
	}
	m.findErrors()
	return m
}

// collect adds the package of u after those of the units that its types come
// from. Components import it by name; group is the WIT package that it is in.
func (m *model) collect(u unit, name wit.Name, group string) {
	if _, ok := m.byUnit[u]; ok {
		return
	}
	p := &Package{source: u, WITName: name, Group: group, decls: map[*wit.TypeDef]*Decl{}, shapes: map[string]*Type{}}
	m.byUnit[u] = p
	walkTypes(u, func(t wit.Type) {
		if def, ok := t.(*wit.TypeDef); ok && def.Interface != nil {
			m.collect(unit{iface: def.Interface}, def.Interface.Name, def.Interface.Name.Package)
		}
	})
	m.place(p)
	m.packages = append(m.packages, p)
}

// place decides where p stands and what it is called.
func (m *model) place(p *Package) {
	name := p.WITName
	if w := p.source.world; w != nil {
		name = w.Name
		p.Docs, p.Gate = w.Docs, w.Gate
	} else {
		p.Docs, p.Gate = p.source.iface.Docs, p.source.iface.Gate
	}
	p.WIT, p.Label = name.String(), name.Unversioned().String()
	p.Name = packageName(p.Group, name.Interface)
	base := m.cfg.Base
	p.Dir = flatPath(p.Group) + "/" + p.Name
	if extern, ok := m.cfg.Extern[p.WITName.Pkg().Unversioned().String()]; ok {
		base, p.extern = extern, true
	} else {
		p.Dir = m.dirs.pick(p.Dir)
	}
	p.Path = strings.TrimSuffix(base, "/") + "/" + p.Dir
}

// flatPath spells a WIT package as a folder; nested namespaces stay nested.
func flatPath(group string) string {
	parts := strings.FieldsFunc(group, func(r rune) bool { return r == ':' || r == '/' })
	for i := range parts {
		parts[i] = flat(parts[i])
	}
	return strings.Join(parts, "/")
}

// findErrors marks the declarations that stand as the E of a result. All
// interfaces of a WIT package count, generated or not, so that a package does
// not depend on what else is generated with it.
func (m *model) findErrors() {
	see := func(t wit.Type) {
		r, ok := t.(*wit.Result)
		if !ok {
			return
		}
		if def, ok := r.Err.(*wit.TypeDef); ok {
			m.errors[def.Root()] = true
		}
	}
	for _, p := range m.packages {
		walkTypes(p.source, see)
		if i := p.source.iface; i != nil && i.Package != nil {
			for _, sibling := range i.Package.Interfaces {
				walkTypes(unit{iface: sibling}, see)
			}
		}
	}
}

// walkTypes visits every type that u mentions, in order: declarations, what they
// are made of, parameters and results. Of a named type that is mentioned, the
// name alone.
func walkTypes(u unit, visit func(wit.Type)) {
	for _, def := range u.types() {
		visit(def)
		walkType(def.Type, visit)
	}
	for _, f := range u.funcs() {
		for _, p := range f.Params {
			walkType(p.Type, visit)
		}
		walkType(f.Result, visit)
	}
}

func walkType(t wit.Type, visit func(wit.Type)) {
	if t == nil {
		return
	}
	visit(t)
	switch t := t.(type) {
	case *wit.List:
		walkType(t.Elem, visit)
	case *wit.Option:
		walkType(t.Elem, visit)
	case *wit.Result:
		walkType(t.OK, visit)
		walkType(t.Err, visit)
	case *wit.Tuple:
		for _, e := range t.Elems {
			walkType(e, visit)
		}
	case *wit.Record:
		for _, f := range t.Fields {
			walkType(f.Type, visit)
		}
	case *wit.Variant:
		for _, c := range t.Cases {
			walkType(c.Type, visit)
		}
	case *wit.Own:
		visit(t.Resource)
	case *wit.Borrow:
		visit(t.Resource)
	}
}
