package wit

// copier copies items of an included world. Types that the included world
// declares become types of the including one, and whatever refers to them
// follows.
type copier struct {
	world    *World
	foreign  bool // the included world is of another package
	gate     Gate // of the include
	rename   map[string]string
	types    map[*TypeDef]*TypeDef
	measures map[*TypeDef]measure
	copied   int // items and parts of types
}

func (b *worldBuilder) newCopier(from *World, rename map[string]string, gate Gate) *copier {
	c := &copier{
		world:    b.world,
		foreign:  from.Package != b.world.Package,
		gate:     gate,
		rename:   rename,
		types:    map[*TypeDef]*TypeDef{},
		measures: b.x.types,
	}
	var own []*TypeDef
	for _, it := range from.Imports {
		if it.Type == nil {
			continue
		}
		def := c.declare(it.Type)
		def.World, def.Name, def.Gate = b.world, c.name(def.Name), c.gateOf(def.Gate)
		// The world may have brought in the same type under the same name.
		if i, ok := b.imports.find(def.Name); ok {
			if have := b.imports.items[i].Type; have != nil && sameUse(have, def) {
				c.types[it.Type] = have
				continue
			}
		}
		own = append(own, def)
	}
	c.rewriteAll(own)
	return c
}

// declare makes a copy of t to which references lead from now on; its structure
// still refers to what t refers to.
func (c *copier) declare(t *TypeDef) *TypeDef {
	def := *t
	c.types[t] = &def
	c.measures[&def] = c.measures[t]
	return &def
}

func (c *copier) rewriteAll(defs []*TypeDef) {
	for _, def := range defs {
		def.Type = c.rewrite(def.Type)
	}
}

// gateOf is the gate of an item that comes by the include. Features hold
// wherever the item goes. The versions in a gate are those of the package that
// it stands in, so they do not leave it.
func (c *copier) gateOf(g Gate) Gate {
	switch {
	case g.Unstable != "":
		return c.innerGate(g)
	case c.gate.Unstable != "" || g.IsZero() || c.foreign:
		return c.gate
	}
	return g
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
	c.copied++
	it.Gate = c.gateOf(it.Gate)
	switch {
	case it.Type != nil:
		it.Type = c.types[it.Type]
		it.Name = it.Type.Name
	case it.Func != nil:
		it.Func = c.function(it.Func)
		it.Func.Gate = it.Gate
		it.Name = it.Func.Name
	default:
		if it.Interface.Name.IsZero() {
			it.Interface = c.inline(it.Interface)
		}
		it.Name = c.name(it.Name)
	}
	return it
}

// inline copies an interface that has no name of its own, which belongs to the
// world that it stands in.
func (c *copier) inline(i *Interface) *Interface {
	out := &Interface{Package: c.world.Package, Docs: i.Docs}
	for _, t := range i.Types {
		def := c.declare(t)
		def.Interface, def.Gate = out, c.innerGate(t.Gate)
		out.Types = append(out.Types, def)
	}
	c.rewriteAll(out.Types)
	for _, f := range i.Funcs {
		g := *c.function(f)
		g.Name, g.Gate = f.Name, c.innerGate(f.Gate)
		out.Funcs = append(out.Funcs, &g)
	}
	return out
}

// innerGate is what remains of a gate for items of an inline interface.
func (c *copier) innerGate(g Gate) Gate {
	if c.foreign {
		return Gate{Unstable: g.Unstable}
	}
	return g
}

// function copies a function with its new name.
func (c *copier) function(f *Func) *Func {
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
	c.copied++
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
	case *Map:
		return &Map{Key: c.rewrite(t.Key), Value: c.rewrite(t.Value)}
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
	case *Enum:
		c.copied += len(t.Labels)
	case *Flags:
		c.copied += len(t.Labels)
	}
	return t
}
