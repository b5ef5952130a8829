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
	names map[*TypeDef]string
	homes map[home]string // names by what sameness across readings goes by
	alias map[Type]string // names of aliases, by what they are aliases of
	taken map[string]bool // folded
	extra []*TypeDef
}

// home is the place of a declaration in an interface with a full name. A world
// that imports and exports one interface holds two readings of it, and so two
// values for one declaration.
type home struct {
	iface Name
	name  string
}

func homeOf(t *TypeDef) (home, bool) {
	if t.Interface == nil || t.Interface.Name.IsZero() {
		return home{}, false
	}
	return home{t.Interface.Name, t.Name}, true
}

func newPrintScope(w *writer, i *Interface, world *World, types []*TypeDef, funcs []*Func) *printScope {
	s := &printScope{iface: i, world: world, names: map[*TypeDef]string{}, homes: map[home]string{}, alias: map[Type]string{}, taken: map[string]bool{}}
	for _, t := range types {
		s.names[t] = t.Name
		if h, ok := homeOf(t); ok {
			s.homes[h] = t.Name
		}
		if _, ok := t.Type.(*TypeDef); ok && s.alias[t.Type] == "" {
			s.alias[t.Type] = t.Name
		}
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
	if h, ok := homeOf(t); ok && s.homes[h] != "" {
		s.names[t] = s.homes[h]
		return
	}
	if name := s.alias[t]; name != "" {
		s.names[t] = name
		return
	}
	name := t.Name
	for n := 2; s.taken[fold(name)]; n++ {
		name = t.Name + "-x" + strconv.Itoa(n)
	}
	s.names[t] = name
	s.taken[fold(name)] = true
	s.extra = append(s.extra, &TypeDef{Name: name, Type: t, Interface: s.iface, World: s.world})
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
	case *Map:
		eachRef(t.Key, visit)
		eachRef(t.Value, visit)
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
