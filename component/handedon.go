package component

import (
	"context"
	"errors"
	"fmt"
	"strings"

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
	name := in.linkage.nameOf(e.From)
	codec, err := cabi.FuncCodecOf(typ)
	if err != nil {
		return nil, fmt.Errorf("component: function %s: %w", name, err)
	}
	return &Func{instance: in, typ: typ, host: &hostCall{name, codec, code, s}}, nil
}

// nameOf names a part of an import, as in `wasi:io/poll@0.2.12#poll`.
func (l *linkage) nameOf(path plan.ImportPath) string {
	return strings.Join(append([]string{l.plan.Imports[path.Import].Name}, path.Names...), "#")
}

// hostCall calls a function that the host offers as a guest would, with a memory and
// a handle table that last as long as the call. No guest runs, and so a trap ends none.
type hostCall struct {
	name  string
	codec *cabi.FuncCodec
	code  HostFunc
	from  supply
}

func (h *hostCall) call(ctx context.Context, in *Instance, args []any) (any, error) {
	if typ, _ := h.from.fn(); len(args) != len(typ.Params) {
		return nil, fmt.Errorf("%s: %d arguments given, want %d", h.name, len(args), len(typ.Params))
	}
	r := in.begin(ctx)
	defer r.finish()
	if err := r.notYet(h.name); err != nil {
		return nil, err
	}
	result, err := h.run(r, args)
	if err == nil {
		return result, nil
	}
	if arg, ok := err.(argumentError); ok {
		return nil, fmt.Errorf("%s: %w", h.name, arg.error)
	}
	if _, exit := err.(*ExitError); !exit && r.interrupted() {
		err = r.interruption(err)
	}
	return nil, err
}

// run makes the call. Handles that the host did not take are dropped, but not those of
// a call that never began: they stay the caller's.
func (h *hostCall) run(r *running, args []any) (result any, err error) {
	config := &r.instance.component.runtime.config
	scratch := &cabi.Scratch{}
	table := &cabi.Table{Limit: uint32(config.HandleLimit), Lineage: r.instance.components[0].table.Lineage}
	began := false
	defer func() {
		if p := recover(); p != nil {
			result, err = nil, r.instance.guestError(recovered(p))
		}
		switch t, trap := err.(*Trap); {
		case err == nil || began:
		case trap:
			err = argumentError{errors.New(t.Msg)}
		default:
			err = argumentError{err}
		}
	}()
	defer nameTrap(h.name)
	var c cabi.Call
	c.Begin(r.hostContext(), &cabi.Options{
		Memory: scratch, Realloc: scratch.Realloc, Resources: h.from.resource, HostBytes: config.CallBytes,
	}, table)
	defer func() {
		if !began {
			table.Adopt(new(cabi.Lineage)) // What it holds counts no more.
			return
		}
		if derr := table.DropAll(r.hostContext()); err == nil && derr != nil {
			result, err = nil, &Trap{Code: cabi.HostFailed, Func: h.name, Err: derr}
		}
	}()
	result, err = h.codec.CallHost(&c, args, func(c *cabi.Call, stack []uint64) {
		began = true
		h.code(c, stack)
	})
	c.End()
	return result, err
}
