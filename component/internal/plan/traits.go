package plan

import (
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// Traits are what the planner asks about a type and all of its parts.
type traits struct {
	weight uint32 // nodes of the type written out, named types being one
	refers bool   // holds a string, a list or a handle: it is more than its bits
	later  string // what of WASI 0.3 or later it holds, or empty
}

// funcTraits are those of a function type, with all of its types.
func (p *planner) funcTraits(t *validate.FuncType) traits {
	r := traits{weight: 1}
	for _, param := range t.Params {
		r.add(p.traitsOf(param.Type))
	}
	if t.Result != nil {
		r.add(p.traitsOf(t.Result))
	}
	return r
}

func (t *traits) add(part traits) {
	t.weight = min(t.weight+part.weight, maxWeight+1)
	t.refers = t.refers || part.refers
	if t.later == "" {
		t.later = part.later
	}
}

// traitsOf knows the parts of t already, for they were defined before.
func (p *planner) traitsOf(t wit.Type) traits {
	if prim, ok := t.(wit.Prim); ok {
		r := traits{weight: 1, refers: prim == wit.String}
		if prim == wit.ErrorContext {
			r.later = "error-context"
		}
		return r
	}
	if r, ok := p.traits[t]; ok {
		return r
	}
	r := p.computeTraits(t)
	p.traits[t] = r
	return r
}

func (p *planner) computeTraits(t wit.Type) traits {
	r := traits{weight: 1}
	switch t := t.(type) {
	case *wit.TypeDef:
		r = p.traitsOf(t.Type)
		r.weight = 1
		return r
	case *wit.Own, *wit.Borrow:
		r.refers = true
		return r
	case *wit.Stream:
		r.later = "a stream"
		return r
	case *wit.Future:
		r.later = "a future"
		return r
	case *wit.List:
		r.refers = true
	case *wit.FixedList:
		r.later = "a list of fixed length"
	case *wit.Map:
		r.later = "the type map"
	case *wit.Enum:
		r.weight += uint32(len(t.Labels))
	case *wit.Flags:
		r.weight += uint32(len(t.Labels))
	}
	validate.EachPart(t, func(part wit.Type) { r.add(p.traitsOf(part)) })
	return r
}
