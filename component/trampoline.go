package component

import (
	"context"
	"fmt"
	"runtime"

	"github.com/tetratelabs/wazero/api"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/plan"
)

// compileTrampolines makes the host module that holds every canonical definition
// which core modules call. There is one for all instances, of which it knows none:
// the one that runs is in the context of the call.
func (c *Component) compileTrampolines(ctx context.Context) error {
	if len(c.plan.Trampolines) == 0 {
		return nil
	}
	b := c.runtime.engine.NewHostModuleBuilder(hostLabel)
	for i, t := range c.plan.Trampolines {
		// What the engine calls it in a stack is no name: see frames.
		b.NewFunctionBuilder().
			WithGoModuleFunction(c.trampoline(i), valueTypes(t.Core.Params), valueTypes(t.Core.Results)).
			WithName(plan.TrampolineName(i)).
			Export(plan.TrampolineName(i))
	}
	var err error
	if c.host, err = b.Compile(ctx); err != nil {
		return fmt.Errorf("component: trampolines: %w", err)
	}
	// Not by the builder: what it instantiates cannot be given to an import resolver.
	c.trampolines, err = c.runtime.engine.InstantiateModule(ctx, c.host, moduleConfig)
	return err
}

func valueTypes(codes []byte) []api.ValueType {
	types := make([]api.ValueType, len(codes))
	copy(types, codes)
	return types
}

// trampoline returns the code of trampoline n.
func (c *Component) trampoline(n int) api.GoModuleFunc {
	t := &c.plan.Trampolines[n]
	switch t.Kind {
	case plan.LowerImport:
		return func(ctx context.Context, _ api.Module, stack []uint64) {
			defer c.explainTrap(ctx, n, stack)
			in := runningOf(ctx).instance
			ci := in.components[t.Component]
			if ci.stay > 0 && !in.linkage.anyTime[n] {
				throwHeld(t)
			}
			if in.run.interrupted() {
				panic(&Trap{Code: cabi.Interrupted, Err: in.run.cause()})
			}
			x := in.crossing()
			host := in.run.hostContext()
			in.last[in.calls%lastCalls] = int32(n)
			in.calls++
			x.Begin(host, &in.options[t.Options], &ci.table)
			around := host.call // which asks the guest for memory, as it seems
			host.call = &x.Call
			in.linkage.code[n](&x.Call, stack)
			host.call = around
			in.done(x)
		}
	case plan.LowerLift:
		callee := c.lifts[t.Lift]
		return func(ctx context.Context, _ api.Module, stack []uint64) {
			// What traps in here has the name of what is called.
			in, ci := leaving(ctx, t)
			x := in.crossing()
			x.Begin(&in.run, &in.options[t.Options], &ci.table)
			if err := in.pass(callee, ci, &x.Call, stack); err != nil {
				panic(err)
			}
			in.done(x)
		}
	case plan.RaiseHeld, plan.RaiseChar, plan.RaiseCase:
		return raise(t)
	case plan.ResourceNew:
		return func(ctx context.Context, _ api.Module, stack []uint64) {
			defer nameTrap(t.Name)
			in, ci := leaving(ctx, t)
			stack[0] = uint64(ci.table.NewOwnRep(in.resources[t.Resource], uint32(stack[0])))
		}
	case plan.ResourceRep:
		return func(ctx context.Context, _ api.Module, stack []uint64) {
			defer nameTrap(t.Name)
			// The specification lets resource.rep be called at any time.
			in := runningOf(ctx).instance
			table := &in.components[t.Component].table
			stack[0] = uint64(table.Rep(uint32(stack[0]), in.resources[t.Resource]))
		}
	}
	return func(ctx context.Context, _ api.Module, stack []uint64) { // ResourceDrop
		defer nameTrap(t.Name)
		in, ci := leaving(ctx, t)
		in.drop(ci, uint32(stack[0]), in.resources[t.Resource])
	}
}

// raise is the code of a trampoline by which an adapter traps.
func raise(t *plan.Trampoline) api.GoModuleFunc {
	return func(_ context.Context, _ api.Module, stack []uint64) {
		defer nameTrap(t.Name)
		switch t.Kind {
		case plan.RaiseChar:
			cabi.LiftChar(stack[0])
		case plan.RaiseCase:
			cabi.Discriminant(stack[0], uint32(stack[1]))
		case plan.RaiseHeld:
			throwHeld(t)
		}
	}
}

func throwHeld(t *plan.Trampoline) {
	panic(&Trap{Code: cabi.CannotLeave, Func: t.Name, Msg: "called from realloc or post-return"})
}

// leaving returns the instances that call trampoline t, which must be free to leave.
func leaving(ctx context.Context, t *plan.Trampoline) (*Instance, *componentInstance) {
	in := runningOf(ctx).instance
	ci := in.components[t.Component]
	if ci.stay > 0 {
		throwHeld(t)
	}
	return in, ci
}

// drop is canon resource.drop, called from ci.
func (in *Instance) drop(ci *componentInstance, handle uint32, t *cabi.ResourceType) {
	// What is called in here may drop other handles.
	was := in.run.dropping
	in.run.dropping = ci
	ctx := context.Context(&in.run)
	if t.Home == nil {
		ctx = in.run.hostContext()
	}
	var err error
	if in.tracer == nil {
		err = ci.table.Drop(ctx, handle, t)
	} else {
		err = in.dropTraced(ctx, ci, handle, t)
	}
	in.run.dropping = was
	if err == nil {
		return
	}
	if t.Home == nil {
		err = &Trap{Code: cabi.HostFailed, Err: err}
	}
	panic(err)
}

// explainTrap names what passes by, as nameTrap does, and finds out more.
func (c *Component) explainTrap(ctx context.Context, n int, stack []uint64) {
	p := recover()
	if p == nil {
		return
	}
	named := c.plan.Trampolines[n].Name
	own, ok := p.(*Trap)
	ok = ok && own.Func == ""
	err := namedTrap(p, named)
	if ok {
		c.explained(ctx, n, stack, own)
	}
	panic(err)
}

// nameTrap names what passes by, see namedTrap.
func nameTrap(name string) {
	if p := recover(); p != nil {
		panic(namedTrap(p, name))
	}
}

// namedTrap is what a panic becomes: a trap gets the function's name, and any other
// panic of host code is made one. Other errors pass.
func namedTrap(p any, name string) error {
	switch p := p.(type) {
	case *Trap:
		if p.Func == "" {
			p.Func = name
		}
		return p
	case runtime.Error:
		return &Trap{Code: cabi.HostFailed, Func: name, Err: hostPanic(p)}
	case error:
		return p
	}
	return &Trap{Code: cabi.HostFailed, Func: name, Err: hostPanic(p)}
}

// nameError adds the function's name to the trap of a call.
func nameError(err error, name string) error {
	if t, ok := err.(*Trap); ok && t.Func == "" {
		t.Func = name
	}
	return err
}

// A crossing is what one call into or out of a guest takes. Crossings are kept for
// later calls; after a trap one is not, for the instance is dead.
type crossing struct {
	cabi.Call
	scope cabi.Scope
	stack []uint64
}

// crossing takes a crossing; done puts it back.
func (in *Instance) crossing() *crossing {
	if n := len(in.spare); n > 0 {
		x := in.spare[n-1]
		in.spare = in.spare[:n-1]
		return x
	}
	return new(crossing)
}

func (in *Instance) done(x *crossing) {
	x.End()
	in.spare = append(in.spare, x)
}
