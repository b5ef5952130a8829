package component

import (
	"context"

	"github.com/tenon-wasm/tenon/component/cabi"
)

// share lets other instances use this one: children of host values are counted for
// all of them together.
func (in *Instance) share() error {
	if err := in.enterFromHost(); err != nil {
		return err
	}
	defer in.leave()
	for _, ci := range in.components {
		ci.table.Adopt(&in.component.runtime.lineage)
	}
	return nil
}

// call is the code of a function that a guest exports, for those that import it. A
// trap ends the instance as it ends the one that called.
func (g *guest) call(lift int) HostFunc {
	in := g.instance
	if in == nil {
		return nil
	}
	l := in.component.lifts[lift]
	return func(c *cabi.Call, stack []uint64) {
		err := in.visit(c.Context(), func(*running) error { return in.pass(l, nil, c, stack) })
		if err != nil {
			panic(err)
		}
	}
}

// visit runs what another instance asks of this one, in the same goroutine.
func (in *Instance) visit(ctx context.Context, do func(*running) error) error {
	if err := in.enterFromHost(); err != nil {
		return &Trap{Code: cabi.CannotEnter, Err: err}
	}
	defer in.leave()
	r := in.begin(ctx)
	defer r.finish()
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = recovered(p)
			}
		}()
		return do(r)
	}()
	return in.ended(r, err)
}

// destroyFromOutside is destroy for a handle that another instance, or the host,
// has dropped.
func (in *Instance) destroyFromOutside(ctx context.Context, home *componentInstance, dtor *coreFunction, name string, rep uint32) error {
	return in.visit(ctx, func(*running) error { return in.destroy(home, dtor, name, rep) })
}

// pass calls a lifted function for another guest (canon lift, called by canon lower):
// from is the crossing out of the guest that calls, and stack its flat parameters,
// which the flat result replaces. Values go straight from one memory to the other.
// The caller is nil for a guest of another instance.
func (in *Instance) pass(l *lifted, caller *componentInstance, from *cabi.Call, stack []uint64) error {
	ci := in.components[l.Component]
	if !ci.enterFrom(caller) {
		return &Trap{Code: cabi.CannotEnter, Func: l.Name, Msg: "the instance is running already"}
	}
	if caller == ci {
		return in.passToItself(l, from, stack)
	}
	defer nameTrap(l.Name)
	x := in.begun(l, ci, &ci.table)
	program := l.copies()
	program.CopyParams(from, &x.Call, stack, x.stack)
	if err := in.callCore(kindOfCall(caller), l, x.stack); err != nil {
		return nameError(in.guestError(err), l.Name)
	}
	x.GuestRan()
	from.GuestRan()
	program.CopyResult(&x.Call, from, x.stack, stack)
	return in.returned(l, ci, caller, x)
}

// passToItself is pass for a component that calls what itself lifts, which the
// specification lets it (may_enter_from subtracts what the caller is in). Both memories
// are one then, which may move while values are lowered, and so they are lifted first.
func (in *Instance) passToItself(l *lifted, from *cabi.Call, stack []uint64) error {
	ci := in.components[l.Component]
	defer nameTrap(l.Name)
	args := l.codec.LiftParams(from, stack, nil)
	x := in.begun(l, ci, &ci.table)
	if err := l.codec.LowerParams(&x.Call, args, x.stack); err != nil {
		x.Fail(err)
	}
	if err := in.callCore(CallInner, l, x.stack); err != nil {
		return nameError(in.guestError(err), l.Name)
	}
	x.GuestRan()
	from.GuestRan()
	result := l.codec.LiftResult(&x.Call, x.stack)
	if err := l.codec.LowerResult(from, result, stack); err != nil {
		from.Fail(err)
	}
	return in.returned(l, ci, ci, x)
}
