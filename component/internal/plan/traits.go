package plan

import (
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// Traits are what canonical definitions ask about a type and all of its parts.
type traits struct {
	weight  uint32 // nodes of the type written out, named types being one
	pointer bool   // holds a string or a list: needs memory
	borrow  bool   // holds a borrow
	handle  bool   // holds an own or a borrow
	async   string // what of WASI 0.3 or later it holds, or empty
}

// check validates a value type as it is defined, so that whatever is built of it
// finds valid parts.
func (p *planner) check(at int, t wit.Type) {
	if def, ok := t.(*wit.TypeDef); ok && def.IsResource() {
		return
	}
	if _, err := p.layouts.Of(t); err != nil {
		p.invalid(at, "%v", err)
	}
	if p.traitsOf(t).weight > maxWeight {
		p.invalid(at, "a type has more than %d parts", maxWeight)
	}
}

func (p *planner) checkFunc(at int, t *funcType) {
	if t.result != nil && p.traitsOf(t.result).borrow {
		p.invalid(at, "a function cannot return a borrow")
	}
}

// weightOf is how long a function type is when it is written out.
func (p *planner) weightOf(t *funcType) int {
	n := 1
	for _, param := range t.params {
		n += int(p.traitsOf(param.Type).weight)
	}
	if t.result != nil {
		n += int(p.traitsOf(t.result).weight)
	}
	return n
}

// funcTraits joins those of the parameters and is those of the result.
func (p *planner) funcTraits(t *funcType) (params, result traits) {
	for _, param := range t.params {
		params.add(p.traitsOf(param.Type))
	}
	if t.result != nil {
		result = p.traitsOf(t.result)
	}
	return params, result
}

func (t *traits) add(part traits) {
	t.weight = min(t.weight+part.weight, maxWeight+1)
	t.pointer = t.pointer || part.pointer
	t.borrow = t.borrow || part.borrow
	t.handle = t.handle || part.handle
	if t.async == "" {
		t.async = part.async
	}
}

// traitsOf knows the parts of t already, for they were defined before.
func (p *planner) traitsOf(t wit.Type) traits {
	if prim, ok := t.(wit.Prim); ok {
		r := traits{weight: 1, pointer: prim == wit.String}
		if prim == wit.ErrorContext {
			r.async = "error-context"
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
	case *wit.Own:
		r.handle = true
		return r
	case *wit.Borrow:
		r.borrow, r.handle = true, true
		return r
	case *wit.Stream:
		r.async = "a stream"
		return r
	case *wit.Future:
		r.async = "a future"
		return r
	case *wit.List:
		r.pointer = true
	case *wit.FixedList:
		r.async = "a list of fixed length"
	case *wit.Enum:
		r.weight += uint32(len(t.Labels))
	case *wit.Flags:
		r.weight += uint32(len(t.Labels))
	}
	validate.EachPart(t, func(part wit.Type) { r.add(p.traitsOf(part)) })
	return r
}
