package embed

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// A merger joins worlds. What two of them have must be the same, and either may show of
// an interface what the other leaves out. An import that differs from another in the
// version alone, on the same track, is one with it, under the higher version.
type merger struct {
	world *World

	// Of the section that is being added: what stands for its types in the world.
	defs  map[*wit.TypeDef]*wit.TypeDef
	types map[wit.Type]wit.Type
	// encoding is that of its strings.
	encoding cabi.Encoding
	parted   int
	err      error
}

// maxParted bounds how many imports on one track differ so that they stay apart.
const maxParted = 100

// items finds those of a list: by name, and by name and track.
type items struct {
	list    *[]wit.WorldItem
	byName  map[string]int
	byTrack map[string]int
	members map[*wit.Interface]members
}

// members are the types and functions of an interface by name.
type members struct {
	types map[string]*wit.TypeDef
	funcs map[string]*wit.Func
}

func newMerger() *merger {
	w := &World{Encodings: map[*wit.Func]cabi.Encoding{}}
	index := func(list *[]wit.WorldItem) items {
		return items{list, map[string]int{}, map[string]int{}, map[*wit.Interface]members{}}
	}
	w.imports, w.exports = index(&w.Imports), index(&w.Exports)
	return &merger{world: w}
}

// add adds the world of a section.
func (g *merger) add(w *wit.World, encoding cabi.Encoding) error {
	if g.world.Name.IsZero() {
		g.world.Name = w.Name
	}
	g.defs, g.types, g.encoding = map[*wit.TypeDef]*wit.TypeDef{}, map[wit.Type]wit.Type{}, encoding
	for _, it := range w.Imports {
		if err := g.item(&g.world.imports, "imports", it); err != nil {
			return err
		}
	}
	for _, it := range w.Exports {
		if err := g.item(&g.world.exports, "exports", it); err != nil {
			return err
		}
	}
	return g.err
}

func (g *merger) item(to *items, verb string, it wit.WorldItem) error {
	i, known := to.byName[it.Name]
	var have wit.WorldItem
	if known {
		have = (*to.list)[i]
	}
	var err error
	switch {
	case it.Interface != nil && have.Interface != nil:
		err = g.join(to, have.Interface, it.Interface)
	case it.Interface != nil && !known:
		return g.iface(to, it)
	case it.Func != nil && have.Func != nil:
		err = g.sameFunc(have.Func, it.Func)
	case it.Func != nil && !known:
		to.put(wit.WorldItem{Name: it.Name, Func: g.function(it.Func)})
	case it.Type != nil && have.Type != nil:
		g.defs[it.Type] = have.Type
		err = g.sameType(have.Type, it.Type)
	case it.Type != nil && !known:
		def := &wit.TypeDef{Name: it.Name, World: &g.world.World}
		g.defs[it.Type] = def
		def.Type = g.declared(it.Type.Type)
		to.put(wit.WorldItem{Name: it.Name, Type: def})
	case known:
		err = fmt.Errorf("it is of another kind there")
	default:
		return fmt.Errorf("holds a world that %s %q, which is a core module or a component", verb, it.Name)
	}
	if err != nil {
		return fmt.Errorf("does not agree with another about %q, which it %s: %w", it.Name, verb, err)
	}
	return nil
}

// put adds an item.
func (s *items) put(it wit.WorldItem) {
	s.byName[it.Name] = len(*s.list)
	if t := trackOf(it.Name); t != "" {
		if _, taken := s.byTrack[t]; !taken {
			s.byTrack[t] = len(*s.list)
		}
	}
	*s.list = append(*s.list, it)
}

// trackOf is the name of an interface with its track for a version; it is empty for what
// has none.
func trackOf(name string) string {
	n, err := wit.ParseName(name)
	if err != nil || n.Version.Track() == "" {
		return ""
	}
	return n.Unversioned().String() + "@" + n.Version.Track()
}

// iface adds an interface that has no item of its name.
func (g *merger) iface(to *items, it wit.WorldItem) error {
	if i, ok := to.byTrack[trackOf(it.Name)]; ok && to == &g.world.imports && g.parted < maxParted {
		have := &(*to.list)[i]
		if g.join(to, have.Interface, it.Interface) == nil {
			to.byName[it.Name] = i
			if a, b := have.Interface.Name, it.Interface.Name; a.Version.Compare(b.Version) < 0 {
				have.Name, have.Interface.Name = it.Name, b
			}
			return nil
		}
		// They differ, as versions on one track should not. Both are imported.
		g.parted++
	}
	fresh := &wit.Interface{Name: it.Interface.Name}
	to.members[fresh] = members{map[string]*wit.TypeDef{}, map[string]*wit.Func{}}
	to.put(wit.WorldItem{Name: it.Name, Interface: fresh})
	return g.join(to, fresh, it.Interface)
}

// join adds to an interface what another has besides. Where they differ it is an error,
// and nothing was added.
func (g *merger) join(to *items, have, more *wit.Interface) error {
	m := to.members[have]
	var types []*wit.TypeDef
	for _, t := range more.Types {
		def := m.types[t.Name]
		if def == nil {
			def = &wit.TypeDef{Name: t.Name, Interface: have}
			types = append(types, def)
		}
		g.defs[t] = def
	}
	undo := func(err error) error {
		for _, t := range more.Types {
			delete(g.defs, t)
		}
		clear(g.types)
		return err
	}
	for _, t := range more.Types {
		if def := g.defs[t]; def.Type == nil {
			def.Type = g.declared(t.Type)
		} else if err := g.sameType(def, t); err != nil {
			return undo(fmt.Errorf("type %s: %w", t.Name, err))
		}
	}
	for _, f := range more.Funcs {
		if old := m.funcs[f.Name]; old != nil {
			if err := g.sameFunc(old, f); err != nil {
				return undo(fmt.Errorf("function %s: %w", f.Name, err))
			}
		}
	}
	for _, def := range types {
		m.types[def.Name] = def
		have.Types = append(have.Types, def)
	}
	for _, f := range more.Funcs {
		if m.funcs[f.Name] == nil {
			m.funcs[f.Name] = g.function(f)
			have.Funcs = append(have.Funcs, m.funcs[f.Name])
		}
	}
	return nil
}

func sameRoot(a, b *wit.TypeDef) bool { return a.Root() == b.Root() }

// sameType checks that a type of the section is the one that it stands for.
func (g *merger) sameType(have, t *wit.TypeDef) error {
	_, declares := t.Type.(*wit.Resource)
	_, declared := have.Type.(*wit.Resource)
	if declares || declared {
		if declares && declared {
			return nil
		}
		return fmt.Errorf("it is a resource there, or here")
	}
	if have.IsResource() && t.IsResource() {
		if to, ok := g.convert(t.Type).(*wit.TypeDef); ok && sameRoot(have, to) {
			return nil
		}
		return fmt.Errorf("it is another resource")
	}
	return differ(wit.Compare(g.convert(t.Type), have.Type, sameRoot))
}

func (g *merger) sameFunc(have, f *wit.Func) error {
	if g.world.Encodings[have] != g.encoding {
		return fmt.Errorf("its strings have another encoding")
	}
	return differ(wit.CompareFunc(g.convertFunc(f), have, sameRoot))
}

func differ(m *wit.Mismatch) error {
	switch {
	case m == nil:
		return nil
	case m.Path == "":
		return fmt.Errorf("%s and %s", m.Want, m.Have)
	}
	return fmt.Errorf("%s: %s and %s", m.Path, m.Want, m.Have)
}

// function makes a function of the world.
func (g *merger) function(f *wit.Func) *wit.Func {
	r := g.convertFunc(f)
	g.world.Encodings[r] = g.encoding
	return r
}

func (g *merger) convertFunc(f *wit.Func) *wit.Func {
	r := &wit.Func{Name: f.Name, Kind: f.Kind, Async: f.Async, Result: g.convert(f.Result)}
	if f.Resource != nil {
		r.Resource, _ = g.convert(f.Resource).(*wit.TypeDef)
	}
	for _, p := range f.Params {
		r.Params = append(r.Params, wit.Param{Name: p.Name, Type: g.convert(p.Type)})
	}
	return r
}

// declared is what a definition says a type is.
func (g *merger) declared(t wit.Type) wit.Type {
	if _, ok := t.(*wit.Resource); ok {
		return &wit.Resource{}
	}
	return g.convert(t)
}

// convert says a type of the section in the terms of the world. Names that no interface
// has declared are left out.
func (g *merger) convert(t wit.Type) wit.Type {
	switch t := t.(type) {
	case nil, wit.Prim:
		return t
	case *wit.TypeDef:
		if def := g.defs[t]; def != nil {
			return def
		}
		if _, ok := t.Type.(*wit.Resource); ok {
			if g.err == nil {
				g.err = fmt.Errorf("holds a world with a resource that has no name")
			}
			return &wit.TypeDef{Type: &wit.Resource{}}
		}
		return g.convert(t.Type)
	}
	if r, ok := g.types[t]; ok {
		return r
	}
	r := validate.Rebuild(t, g.convert)
	g.types[t] = r
	return r
}
