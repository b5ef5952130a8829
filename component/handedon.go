package component

import (
	"context"
	"fmt"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/plan"
)

// handedOn finds a function that the component exports as it has imported it: one of
// another instance, or of the host.
func (in *Instance) handedOn(e *plan.Extern) (*Func, error) {
	s := in.linkage.find(e.From)
	if g, ok := s.(guestItem); ok {
		if g.e.Lift >= 0 {
			return &Func{instance: g.instance, lift: g.instance.component.lifts[g.e.Lift], typ: g.e.Func}, nil
		}
		return g.instance.handedOn(g.e)
	}
	typ, code := s.fn()
	codec, err := cabi.FuncCodecOf(typ)
	if err != nil {
		return nil, fmt.Errorf("component: function %s: %w", e.Name, err)
	}
	return &Func{instance: in, typ: typ, host: &hostCall{e.Name, codec, code, s}}, nil
}

// hostCall calls a function that the host offers as a guest would, with a memory and
// a handle table that last as long as the call.
type hostCall struct {
	name  string
	codec *cabi.FuncCodec
	code  HostFunc
	from  supply
}

func (h *hostCall) call(ctx context.Context, in *Instance, args []any) (result any, err error) {
	r := in.begin(ctx)
	defer r.finish()
	if err := r.notYet(h.name); err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil {
			result, err = nil, guestError(recovered(p))
		}
	}()
	defer nameTrap(h.name)
	scratch := &cabi.Scratch{}
	var table cabi.Table
	var c cabi.Call
	c.Begin(r.hostContext(), &cabi.Options{
		Memory: scratch, Realloc: scratch.Realloc, Resources: h.from.resource,
		HostBytes: in.component.runtime.config.CallBytes,
	}, &table)
	result, err = h.codec.CallHost(&c, args, h.code)
	c.End()
	return result, err
}
