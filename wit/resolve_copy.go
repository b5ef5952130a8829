package wit

// copier copies items of an included world. Types that the included world
// declares become types of the including one, and whatever refers to them
// follows.
type copier struct {
	world  *World
	rename map[string]string
	types  map[*TypeDef]*TypeDef
}

func (b *worldBuilder) newCopier(from *World, rename map[string]string) *copier {
	c := &copier{world: b.world, rename: rename, types: map[*TypeDef]*TypeDef{}}
	for _, it := range from.Imports {
		if it.Type == nil {
			continue
		}
		def := *it.Type
		def.World, def.Name = b.world, c.name(def.Name)
		c.types[it.Type] = &def
		// The world may have brought in the same type under the same name.
		if i, ok := b.imports.find(def.Name); ok {
			if have := b.imports.items[i].Type; have != nil && sameUse(have, &def) {
				c.types[it.Type] = have
			}
		}
	}
	for old, def := range c.types {
		if def.Type == old.Type {
			def.Type = c.rewrite(old.Type)
		}
		b.x.types[def] = b.x.types[old]
	}
	return c
}

// sameUse reports whether two types of a world are uses of one type.
func sameUse(a, b *TypeDef) bool {
	to, ok := a.Type.(*TypeDef)
	return ok && a.Name == b.Name && a.Type == b.Type && to.Interface != nil
}

func (c *copier) name(name string) string {
	if to := c.rename[name]; to != "" {
		return to
	}
	return name
}

func (c *copier) item(it WorldItem) WorldItem {
	switch {
	case it.Type != nil:
		it.Type = c.types[it.Type]
		it.Name = it.Type.Name
	case it.Func != nil:
		it.Func = c.function(it.Func)
		it.Name = it.Func.Name
	default:
		it.Name = c.name(it.Name)
	}
	return it
}

func (c *copier) function(f *Func) *Func {
	if len(c.types) == 0 && c.name(f.Name) == f.Name {
		return f
	}
	g := *f
	if f.Resource != nil {
		g.Resource = c.def(f.Resource)
		g.Name = g.nameFor(f.BaseName())
	} else {
		g.Name = c.name(f.Name)
	}
	g.Params = make([]Param, len(f.Params))
	for i, p := range f.Params {
		p.Type = c.rewrite(p.Type)
		g.Params[i] = p
	}
	g.Result = c.rewrite(f.Result)
	return &g
}

func (c *copier) def(t *TypeDef) *TypeDef {
	if to := c.types[t]; to != nil {
		return to
	}
	return t
}

// rewrite copies a type, with the types of the included world replaced. The nil
// type stays nil.
func (c *copier) rewrite(t Type) Type {
	switch t := t.(type) {
	case *TypeDef:
		return c.def(t)
	case *Own:
		return &Own{Resource: c.def(t.Resource)}
	case *Borrow:
		return &Borrow{Resource: c.def(t.Resource)}
	case *List:
		return &List{Elem: c.rewrite(t.Elem)}
	case *FixedList:
		return &FixedList{Elem: c.rewrite(t.Elem), Len: t.Len}
	case *Option:
		return &Option{Elem: c.rewrite(t.Elem)}
	case *Result:
		return &Result{OK: c.rewrite(t.OK), Err: c.rewrite(t.Err)}
	case *Stream:
		return &Stream{Elem: c.rewrite(t.Elem)}
	case *Future:
		return &Future{Elem: c.rewrite(t.Elem)}
	case *Tuple:
		u := &Tuple{}
		for _, e := range t.Elems {
			u.Elems = append(u.Elems, c.rewrite(e))
		}
		return u
	case *Record:
		u := &Record{}
		for _, f := range t.Fields {
			f.Type = c.rewrite(f.Type)
			u.Fields = append(u.Fields, f)
		}
		return u
	case *Variant:
		u := &Variant{}
		for _, k := range t.Cases {
			k.Type = c.rewrite(k.Type)
			u.Cases = append(u.Cases, k)
		}
		return u
	case *Resource:
		return &Resource{}
	}
	return t
}
