package replay

import (
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// dummy is a resource of the host that was recorded.
type dummy struct{ number uint32 }

// withResources has a dummy for each handle, and for a resource of the guest itself.
func (p *Player) withResources(v any) any {
	switch v := v.(type) {
	case component.Handle:
		if own := p.own[v.Rep]; own != nil && !v.Foreign {
			return own
		}
		return &dummy{v.Number}
	case wit.ResultValue:
		v.Value = p.withResources(v.Value)
		return v
	case wit.SomeValue:
		v.Value = p.withResources(v.Value)
		return v
	case wit.VariantValue:
		v.Value = p.withResources(v.Value)
		return v
	case []any:
		for i := range v {
			v[i] = p.withResources(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = p.withResources(v[k])
		}
	}
	return v
}

// keep notes resources that the guest has returned, by their reps: have is the result of
// which recorded tells the reps.
func (p *Player) keep(recorded, have any) {
	switch r := recorded.(type) {
	case component.Handle:
		if own, ok := have.(*component.Resource); ok {
			p.own[r.Rep] = own
		}
	case wit.ResultValue:
		if have, ok := have.(wit.ResultValue); ok {
			p.keep(r.Value, have.Value)
		}
	case wit.SomeValue:
		if have, ok := have.(wit.SomeValue); ok {
			p.keep(r.Value, have.Value)
		}
	case wit.VariantValue:
		if have, ok := have.(wit.VariantValue); ok {
			p.keep(r.Value, have.Value)
		}
	case []any:
		if have, ok := have.([]any); ok {
			for i := range min(len(r), len(have)) {
				p.keep(r[i], have[i])
			}
		}
	case map[string]any:
		if have, ok := have.(map[string]any); ok {
			for k := range r {
				p.keep(r[k], have[k])
			}
		}
	}
}

// inRoom asks the guest for room as the host did, so that its memory is the same
// afterwards, and has the list of the result stand there.
func inRoom(c *cabi.Call, result any, n int) any {
	room := component.Room(c.Context(), n)
	done := false
	var move func(v any) any
	move = func(v any) any {
		switch v := v.(type) {
		case []byte:
			if !done && len(v) > 0 && len(v) <= len(room) {
				done = true
				return room[:copy(room, v)]
			}
		case wit.ResultValue:
			v.Value = move(v.Value)
			return v
		case wit.SomeValue:
			v.Value = move(v.Value)
			return v
		case []any:
			for i := range v {
				v[i] = move(v[i])
			}
		}
		return v
	}
	return move(result)
}
