package wrap

import (
	"slices"

	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// live is what of the world the component keeps: the imported functions that the module
// imports, all exports, and the types that those take.
type live struct {
	funcs map[*wit.Func]bool
	types map[wit.Type]bool

	// order are the types of each interface, those that others take before these.
	order map[*wit.Interface][]*wit.TypeDef
}

func (s *shape) alive() *live {
	v := &live{map[*wit.Func]bool{}, map[wit.Type]bool{}, map[*wit.Interface][]*wit.TypeDef{}}
	if s.guest == nil {
		return v
	}
	for _, it := range s.guest.Imports {
		if it.Type != nil {
			v.typ(it.Type)
		}
	}
	for _, l := range byModule(s.links) {
		switch m := l.meets.(type) {
		case importedFunc:
			v.fn(m.f)
		case resourceFunc:
			v.typ(m.def)
		}
	}
	for _, it := range s.guest.Exports {
		switch {
		case it.Func != nil:
			v.fn(it.Func)
		case it.Interface != nil:
			for _, def := range it.Interface.Types {
				v.typ(def)
			}
			for _, f := range it.Interface.Funcs {
				v.fn(f)
			}
		}
	}
	return v
}

// byModule orders links by the first of their modules.
func byModule(links []*link) []*link {
	rank := map[string]int{}
	for _, l := range links {
		if _, ok := rank[l.module]; !ok {
			rank[l.module] = len(rank)
		}
	}
	links = slices.Clone(links)
	slices.SortStableFunc(links, func(a, b *link) int { return rank[a.module] - rank[b.module] })
	return links
}

func (v *live) fn(f *wit.Func) {
	v.funcs[f] = true
	if f.Resource != nil && f.Kind == wit.Static { // which need not mention it
		v.typ(f.Resource)
	}
	for _, p := range f.Params {
		v.typ(p.Type)
	}
	if f.Result != nil {
		v.typ(f.Result)
	}
}

func (v *live) typ(t wit.Type) {
	if _, ok := t.(wit.Prim); ok || v.types[t] {
		return
	}
	v.types[t] = true
	if def, ok := t.(*wit.TypeDef); ok {
		v.typ(def.Type)
		if i := def.Interface; i != nil {
			v.order[i] = append(v.order[i], def)
		}
		return
	}
	validate.EachPart(t, v.typ)
}
