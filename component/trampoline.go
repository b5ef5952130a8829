package component

import (
	"context"
	"runtime"

	"github.com/tetratelabs/wazero/api"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/plan"
)

// compileTrampolines makes the host module that holds every canonical definition
// which core modules call. It is compiled once and knows no instance: the one
// that runs is in the context of the call.
func (c *Component) compileTrampolines(ctx context.Context) error {
	if len(c.plan.Trampolines) == 0 {
		return nil
	}
	b := c.runtime.engine.NewHostModuleBuilder("tenon")
	for i, t := range c.plan.Trampolines {
		b.NewFunctionBuilder().
			WithGoModuleFunction(c.trampoline(i), valueTypes(t.Core.Params), valueTypes(t.Core.Results)).
			WithName(t.Name).
			Export(plan.TrampolineName(i))
	}
	host, err := b.Compile(ctx)
	if err != nil {
		return err
	}
	c.host = host
	return nil
}

func valueTypes(codes []byte) []api.ValueType {
	types := make([]api.ValueType, len(codes))
	copy(types, codes)
	return types
}

// trampoline returns the code of trampoline n.
func (c *Component) trampoline(n int) api.GoModuleFunc {
	t := &c.plan.Trampolines[n]
	enter := func(ctx context.Context) (*running, *Instance, *componentInstance) {
		r := runningOf(ctx)
		ci := r.instance.components[t.Component]
		if ci.stay > 0 {
			panic(&Trap{Code: cabi.CannotLeave, Func: t.Name, Msg: "called from realloc or post-return"})
		}
		return r, r.instance, ci
	}
	switch t.Kind {
	case plan.LowerImport:
		return func(ctx context.Context, _ api.Module, stack []uint64) {
			r, in, ci := enter(ctx)
			if r.interrupted() {
				panic(&Trap{Code: cabi.Interrupted, Func: t.Name, Err: r.cause()})
			}
			call := in.call(r, t.Options, &ci.table)
			defer nameTrap(t.Name)
			in.linkage.code[n](call, stack)
			in.done(call)
		}
	case plan.LowerLift:
		callee := c.lifts[t.Lift]
		lower := callee.codec
		return func(ctx context.Context, _ api.Module, stack []uint64) {
			r, in, ci := enter(ctx)
			call := in.call(r, t.Options, &ci.table)
			args := lower.LiftParams(call, stack, nil)
			result, err := in.enter(r, callee, args, &in.components[callee.Component].table)
			if arg, ok := err.(argumentError); ok {
				call.Fail(arg.error)
			}
			if err != nil {
				panic(err)
			}
			call.GuestRan()
			if err := lower.LowerResult(call, result, stack); err != nil {
				call.Fail(err)
			}
			in.done(call)
		}
	case plan.ResourceNew:
		return func(ctx context.Context, _ api.Module, stack []uint64) {
			_, in, ci := enter(ctx)
			stack[0] = uint64(ci.table.NewOwnRep(in.resources[t.Resource], uint32(stack[0])))
		}
	case plan.ResourceRep:
		return func(ctx context.Context, _ api.Module, stack []uint64) {
			// The specification lets resource.rep be called at any time.
			in := runningOf(ctx).instance
			table := &in.components[t.Component].table
			stack[0] = uint64(table.Rep(uint32(stack[0]), in.resources[t.Resource]))
		}
	}
	return func(ctx context.Context, _ api.Module, stack []uint64) { // ResourceDrop
		r, in, ci := enter(ctx)
		if err := ci.table.Drop(r, uint32(stack[0]), in.resources[t.Resource]); err != nil {
			panic(err)
		}
	}
}

// nameTrap adds the function's name to a trap that passes by, and makes a trap of
// any other panic of host code.
func nameTrap(name string) {
	switch r := recover().(type) {
	case nil:
	case *Trap:
		if r.Func == "" {
			r.Func = name
		}
		panic(r)
	case error:
		if _, ok := r.(runtime.Error); ok {
			panic(&Trap{Code: cabi.HostFailed, Func: name, Err: hostPanic(r)})
		}
		panic(r)
	default:
		panic(&Trap{Code: cabi.HostFailed, Func: name, Err: hostPanic(r)})
	}
}

// call takes a Call for a crossing into or out of a guest; done puts it back.
// After a trap it is not put back.
func (in *Instance) call(r *running, options int, handles cabi.Handles) *cabi.Call {
	var c *cabi.Call
	if n := len(in.spare); n > 0 {
		c, in.spare = in.spare[n-1], in.spare[:n-1]
	} else {
		c = new(cabi.Call)
	}
	c.Begin(r, &in.options[options], handles)
	return c
}

func (in *Instance) done(c *cabi.Call) {
	c.End()
	in.spare = append(in.spare, c)
}
