package wit

import "strconv"

// printScope knows what the types that an interface or a world refers to are
// called there.
//
// In parsed text every type that is referred to stands in the same scope. In a
// component binary a function may refer to a type of another interface straight
// away; such types come in by a `use` that is added here.
type printScope struct {
	iface *Interface
	world *World
	types []*TypeDef
	names map[*TypeDef]string
	taken map[string]bool
	extra []*TypeDef
}

func newPrintScope(w *writer, i *Interface, world *World, types []*TypeDef, funcs []*Func) *printScope {
	s := &printScope{iface: i, world: world, types: types, names: map[*TypeDef]string{}, taken: map[string]bool{}}
	for _, t := range types {
		s.names[t] = t.Name
		s.taken[fold(t.Name)] = true
	}
	for _, f := range funcs {
		if f.Kind == Freestanding {
			s.taken[fold(f.Name)] = true
		}
	}
	for _, t := range types {
		if def, ok := t.Type.(*TypeDef); ok && s.usedFrom(t) == nil {
			s.require(def)
		} else if !ok {
			eachRef(t.Type, s.require)
		}
	}
	for _, f := range funcs {
		for _, p := range f.Params {
			eachRef(p.Type, s.require)
		}
		eachRef(f.Result, s.require)
	}
	return s
}

// require sees to it that t has a name in the scope.
func (s *printScope) require(t *TypeDef) {
	if _, ok := s.names[t]; ok {
		return
	}
	for _, known := range s.types {
		if s.sameHome(known, t) || known.Type == Type(t) {
			s.names[t] = known.Name
			return
		}
	}
	name := t.Name
	for n := 2; s.taken[fold(name)]; n++ {
		name = t.Name + "-x" + strconv.Itoa(n)
	}
	s.names[t] = name
	s.taken[fold(name)] = true
	s.extra = append(s.extra, &TypeDef{Name: name, Type: t, Interface: s.iface, World: s.world})
}

// sameHome reports whether a and b are one declaration of two readings of one
// interface, as an import and an export of the same name are.
func (s *printScope) sameHome(a, b *TypeDef) bool {
	return a.Name == b.Name && a.Interface != nil && b.Interface != nil &&
		!a.Interface.Name.IsZero() && a.Interface.Name == b.Interface.Name
}

func (s *printScope) printExtra(w *writer) {
	for _, t := range s.extra {
		w.typeDef(t, nil)
	}
}

func (s *printScope) name(t *TypeDef) string {
	if s != nil {
		if name, ok := s.names[t]; ok {
			return escape(name)
		}
	}
	return escape(t.Name)
}

// usedFrom is the interface that a `use` takes t from, or nil where t is a
// declaration of its own.
func (s *printScope) usedFrom(t *TypeDef) *Interface {
	to, ok := t.Type.(*TypeDef)
	if !ok || to.Interface == nil || to.Interface.Name.IsZero() {
		return nil
	}
	if s.iface != nil && to.Interface.Name == s.iface.Name {
		return nil
	}
	return to.Interface
}

// declared is what stands on the right of the declaration of t. A name that the
// text cannot refer to gives way to what it stands for.
func (s *printScope) declared(t *TypeDef) Type {
	to, ok := t.Type.(*TypeDef)
	if !ok {
		return t.Type
	}
	if s.names[to] != "" && s.names[to] != t.Name {
		return to
	}
	return Structure(to)
}

// eachRef visits the named types that t refers to.
func eachRef(t Type, visit func(*TypeDef)) {
	switch t := t.(type) {
	case *TypeDef:
		visit(t)
	case *Own:
		visit(t.Resource)
	case *Borrow:
		visit(t.Resource)
	case *List:
		eachRef(t.Elem, visit)
	case *FixedList:
		eachRef(t.Elem, visit)
	case *Option:
		eachRef(t.Elem, visit)
	case *Result:
		eachRef(t.OK, visit)
		eachRef(t.Err, visit)
	case *Stream:
		eachRef(t.Elem, visit)
	case *Future:
		eachRef(t.Elem, visit)
	case *Tuple:
		for _, e := range t.Elems {
			eachRef(e, visit)
		}
	case *Record:
		for _, f := range t.Fields {
			eachRef(f.Type, visit)
		}
	case *Variant:
		for _, c := range t.Cases {
			eachRef(c.Type, visit)
		}
	}
}
