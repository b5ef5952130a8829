package validate

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/wit"
)

// A substitution replaces names of types, above all abstract resources, by others
// throughout a type. It rewrites only what holds such a name, and remembers what it has
// rewritten, so that shared types stay shared.
type substitution struct {
	v *checker

	// names holds what stands in for a name; nil for an abstract resource for which
	// nothing has been given so far.
	names map[*wit.TypeDef]wit.Type

	types      map[wit.Type]wit.Type
	funcs      map[*FuncType]*FuncType
	instances  map[*InstanceType]*InstanceType
	components map[*ComponentType]*ComponentType
}

// substituting makes a substitution in which the given resources are open.
func (v *checker) substituting(open []*wit.TypeDef) *substitution {
	v.spend(1 + len(open))
	s := &substitution{v: v, names: make(map[*wit.TypeDef]wit.Type, len(open))}
	for _, r := range open {
		s.names[r] = nil
	}
	return s
}

// isOpen reports whether def leads to a resource for which nothing has been given.
func (s *substitution) isOpen(def *wit.TypeDef) bool {
	to, ok := s.names[def.Root()]
	return ok && to == nil
}

// give lets a stand for def, and for the resource that def leads to if it is open.
func (s *substitution) give(def *wit.TypeDef, a wit.Type) {
	if root := def.Root(); s.isOpen(def) {
		s.names[root] = a
	}
	if def != a {
		s.names[def] = a
	}
}

// idle reports whether there is nothing to replace.
func (s *substitution) idle() bool { return s == nil || len(s.names) == 0 }

func (s *substitution) typ(t wit.Type) wit.Type {
	if t == nil || s.idle() {
		return t
	}
	if def, ok := t.(*wit.TypeDef); ok {
		return s.name(def)
	}
	if !s.v.values.of(t).named {
		return t
	}
	if r, ok := s.types[t]; ok {
		return r
	}
	if s.types == nil {
		s.types = map[wit.Type]wit.Type{}
	}
	s.v.spend(2)
	r := Rebuild(t, func(part wit.Type) wit.Type {
		s.v.spend(1)
		return s.typ(part)
	})
	s.types[t] = r
	return r
}

func (s *substitution) name(def *wit.TypeDef) wit.Type {
	if to := s.names[def]; to != nil {
		return to
	}
	if _, ok := def.Type.(*wit.Resource); ok {
		return def
	}
	to := def
	if t := s.typ(def.Type); t != def.Type {
		to = named(def.Name, t)
	}
	s.names[def] = to
	s.v.spend(1)
	return to
}

// named gives a type a name. The new definition leads straight to the structure or to
// the resource, so that names of names cost nothing.
func named(name string, t wit.Type) *wit.TypeDef {
	if def, ok := t.(*wit.TypeDef); ok {
		if def.IsResource() {
			return &wit.TypeDef{Name: name, Type: def.Root()}
		}
		t = wit.Structure(def)
	}
	return &wit.TypeDef{Name: name, Type: t}
}

func (s *substitution) fn(f *FuncType) *FuncType {
	if s.idle() || !f.traits.named {
		return f
	}
	if r, ok := s.funcs[f]; ok {
		return r
	}
	s.v.spend(2 + len(f.Params))
	r := &FuncType{Async: f.Async, Params: make([]wit.Param, len(f.Params)), Result: s.typ(f.Result), traits: f.traits}
	changed := r.Result != f.Result
	for i, p := range f.Params {
		r.Params[i] = wit.Param{Name: p.Name, Type: s.typ(p.Type)}
		changed = changed || r.Params[i].Type != p.Type
	}
	if !changed {
		r = f
	}
	if s.funcs == nil {
		s.funcs = map[*FuncType]*FuncType{}
	}
	s.funcs[f] = r
	return r
}

func (s *substitution) extern(t ExternType) ExternType {
	if s.idle() {
		return t
	}
	switch t.Sort {
	case binary.SortFunc:
		t.Func = s.fn(t.Func)
	case binary.SortInstance:
		t.Instance = s.instance(t.Instance)
	case binary.SortComponent:
		t.Component = s.component(t.Component)
	case binary.SortType:
		switch d := t.Type.(type) {
		case wit.Type:
			t.Type = s.typ(d)
		case *FuncType:
			t.Type = s.fn(d)
		case *InstanceType:
			t.Type = s.instance(d)
		case *ComponentType:
			t.Type = s.component(d)
		}
	}
	return t
}

func (s *substitution) externs(list []Extern) (out []Extern, changed bool) {
	s.v.spend(2 * len(list))
	for i, e := range list {
		t := s.extern(e.ExternType)
		if !changed && t != e.ExternType {
			changed = true
			out = append(make([]Extern, 0, len(list)), list[:i]...)
		}
		if changed {
			out = append(out, Extern{e.Name, t})
		}
	}
	if !changed {
		return list, false
	}
	return out, true
}

func (s *substitution) instance(t *InstanceType) *InstanceType {
	if s.idle() {
		return t
	}
	if r, ok := s.instances[t]; ok {
		return r
	}
	s.v.spend(4)
	r := t
	if list, changed := s.externs(t.Exports.List); changed {
		r = newInstanceOf(t.depth, list)
		r.Resources = t.Resources
	}
	if s.instances == nil {
		s.instances = map[*InstanceType]*InstanceType{}
	}
	s.instances[t] = r
	return r
}

func (s *substitution) component(t *ComponentType) *ComponentType {
	if s.idle() {
		return t
	}
	if r, ok := s.components[t]; ok {
		return r
	}
	s.v.spend(4)
	r := t
	imports, changed := s.externs(t.Imports.List)
	exports, changedToo := s.externs(t.Exports.List)
	if changed || changedToo {
		r = &ComponentType{
			Imports: Externs{List: imports}, Exports: Externs{List: exports}, depth: t.depth,
			ImportResources: t.ImportResources, ExportResources: t.ExportResources,
		}
	}
	if s.components == nil {
		s.components = map[*ComponentType]*ComponentType{}
	}
	s.components[t] = r
	return r
}

// opened makes an instance of an instance type: the resources that it introduces
// become new ones, which are answered.
func (v *checker) opened(t *InstanceType) (*InstanceType, []*wit.TypeDef) {
	if len(t.Resources) == 0 {
		return t, nil
	}
	s, fresh := v.renewed(t.Resources)
	exports, _ := s.externs(t.Exports.List)
	return newInstanceOf(t.depth, exports), fresh
}

// renewed replaces resources by new ones.
func (v *checker) renewed(resources []*wit.TypeDef) (*substitution, []*wit.TypeDef) {
	v.spend(4 * len(resources))
	s := v.substituting(nil)
	fresh := make([]*wit.TypeDef, len(resources))
	for i, r := range resources {
		fresh[i] = newResource(r.Name)
		s.names[r] = fresh[i]
	}
	return s, fresh
}
