package component

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/wit"
)

// A lifted is a lifted core function with what calls of it need.
type lifted struct {
	*plan.Lift
	number     int
	codec      *cabi.FuncCodec
	reading    Reading // for tracers
	slots      int     // stack slots for parameters or results
	postReturn *plan.CoreRef

	// copies is the copy program for calls by other guests, made for the first.
	copies func() *cabi.FuncCopy
}

// prepareLifts makes what calls of exports need and no instance has to repeat.
func (c *Component) prepareLifts() error {
	var codecs cabi.Codecs
	for i := range c.plan.Lifts {
		l := &c.plan.Lifts[i]
		codec, err := codecs.OfFunc(l.Type)
		if err != nil {
			return fmt.Errorf("component: function %s: %w", l.Name, err)
		}
		c.lifts = append(c.lifts, &lifted{
			Lift:       l,
			number:     i,
			codec:      codec,
			reading:    liftReading{codecReading{l.Type, codec}},
			slots:      max(1, len(l.Signature.Params), len(l.Signature.Results)),
			postReturn: c.plan.Options[l.Options].PostReturn,
			copies: sync.OnceValue(func() *cabi.FuncCopy {
				program, err := cabi.FuncCopyOf(l.Type)
				if err != nil {
					panic(err) // It has a codec.
				}
				return program
			}),
		})
	}
	return nil
}

// Func is an exported function of an instance.
type Func struct {
	instance *Instance
	lift     *lifted // nil for a function of the host
	typ      *wit.Func
	host     *hostCall
}

// Func finds an exported function: of the interface iface, whose version may be
// left out or be another one of the same track, or of the world itself where
// iface is empty. An instance inside of another is named with both names,
// `outer#inner`. The name is the one in the binary, `[method]counter.get`.
//
// A function that the component has imported and exports again is called where it
// comes from.
func (in *Instance) Func(iface, name string) (*Func, error) {
	e, err := findFunc(in.component.plan.Exports, iface, name)
	if err != nil {
		return nil, err
	}
	if e.Lift >= 0 {
		return &Func{instance: in, lift: in.component.lifts[e.Lift], typ: e.Func}, nil
	}
	return in.handedOn(e)
}

// Type is the function's type.
func (f *Func) Type() *wit.Func { return f.typ }

// Call calls an exported function; see [Instance.Func] for the names and
// [Func.Call] for values and errors.
func (in *Instance) Call(ctx context.Context, iface, name string, args ...any) (any, error) {
	f, err := in.Func(iface, name)
	if err != nil {
		return nil, err
	}
	return f.Call(ctx, args...)
}

// Call calls the function with plain Go values, as [cabi.Codec] has them, and
// returns its result, nil where it has none.
//
// A guest that traps gives a *[Trap], one that exits an *[ExitError]; both end the
// instance, and every later call gives a *Trap with code Dead. When ctx ends while
// the guest waits in the host, the call ends with a *Trap with code Interrupted
// that wraps the cause, and so does the instance. A ctx that has ended before, and
// an argument of the wrong Go type, which gives an error that is no *Trap, leave
// the instance as it was. A call while another goroutine runs the instance gives
// [ErrBusy], one after Close [ErrClosed].
func (f *Func) Call(ctx context.Context, args ...any) (any, error) {
	in := f.instance
	if err := in.enterFromHost(); err != nil {
		return nil, err
	}
	defer in.leave()
	if f.host != nil {
		return f.host.call(ctx, in, args)
	}
	if len(args) != len(f.typ.Params) {
		return nil, fmt.Errorf("%s: %d arguments given, want %d", f.lift.Name, len(args), len(f.typ.Params))
	}
	r := in.begin(ctx)
	defer r.finish()
	if err := r.notYet(f.lift.Name); err != nil {
		return nil, err
	}
	result, err := in.enter(f.lift, args)
	return result, in.ended(r, err)
}

// notYet refuses a call whose context has ended before it began.
func (r *running) notYet(name string) error {
	if r.Context.Err() == nil {
		return nil
	}
	return &Trap{Code: cabi.Interrupted, Func: name, Msg: "before it began", Err: context.Cause(r.Context)}
}

// enterFromHost takes the instance for a call; the caller ends it with leave.
func (in *Instance) enterFromHost() error {
	if !in.turn.take() {
		if in.run.closing.Load() {
			return ErrClosed
		}
		return ErrBusy
	}
	var err error
	switch {
	case in.run.closing.Load():
		err = ErrClosed
	case in.dead != nil:
		err = in.deadError()
	}
	if err != nil {
		in.leave()
	}
	return err
}

func (in *Instance) leave() { in.turn.end() }

func (in *Instance) deadError() error {
	t := &Trap{Code: cabi.Dead, Msg: "an earlier call ended it"}
	if _, exit := in.dead.(*ExitError); exit {
		// In the text alone: this call did not exit.
		t.Msg += ": " + in.dead.Error()
	} else {
		t.Err = in.dead
	}
	return t
}

// argumentError is an argument that the host got wrong: the guest is none the
// worse for it.
type argumentError struct{ error }

func (e argumentError) Unwrap() error { return e.error }

// ended decides what an error does to the instance, and what the caller sees.
func (in *Instance) ended(r *running, err error) error {
	if err == nil {
		return nil
	}
	if arg, ok := err.(argumentError); ok {
		return arg.error
	}
	err = in.guestError(err)
	if _, exit := err.(*ExitError); !exit && r.interrupted() {
		err = r.interruption(err)
	}
	in.noteCalls(err)
	in.dead = err
	return err
}

// noteCalls writes down what the guest had called when it trapped. A trap of another
// instance has that one's calls already.
func (in *Instance) noteCalls(err error) {
	if t, ok := err.(*Trap); ok && t.LastCalls == nil {
		t.LastCalls = in.lastCalls()
	}
}

// interruption is the trap of a call whose context has ended; err is how the guest
// took it, nil where it was not running.
func (r *running) interruption(err error) error {
	t := &Trap{Code: cabi.Interrupted, Err: r.cause()}
	var was *Trap
	if err != nil && errors.As(r.instance.guestError(err), &was) {
		t.Func, t.Backtrace = was.Func, was.Backtrace
	}
	return t
}

// enter calls a lifted function for the host (canon lift): lower the arguments, run,
// lift the result, post-return. It is where traps of the canonical ABI become errors.
func (in *Instance) enter(l *lifted, args []any) (result any, err error) {
	ci := in.components[l.Component]
	if !ci.enterFrom(nil) {
		return nil, &Trap{Code: cabi.CannotEnter, Func: l.Name, Msg: "the instance is running already"}
	}
	side := &in.hostSide
	side.Table, side.given = &ci.table, side.given[:0]
	x := in.begun(l, ci, side)
	lowering := true
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if lowering {
			if err = l.refusal(p); err != nil {
				in.refused(ci, x)
				return
			}
		}
		result, err = nil, namedTrap(p, l.Name)
	}()
	if err := l.codec.LowerParams(&x.Call, args, x.stack); err != nil {
		in.refused(ci, x)
		return nil, argumentError{fmt.Errorf("%s: %w", l.Name, err)}
	}
	lowering = false
	if err := in.callCore(CallExport, l, x.stack); err != nil {
		return nil, nameError(in.guestError(err), l.Name)
	}
	x.GuestRan()
	result = l.codec.LiftResult(&x.Call, x.stack)
	return result, in.returned(l, ci, nil, x)
}

// refusal is the error for a panic while arguments were lowered that was the host's
// mistake, and nil for any other.
func (l *lifted) refusal(p any) error {
	switch p := p.(type) {
	case argumentError:
		return argumentError{fmt.Errorf("%s: %w", l.Name, p.error)}
	case *Trap:
		if p.Code == cabi.HostFailed {
			return argumentError{fmt.Errorf("%s: %s", l.Name, p.Msg)}
		}
	}
	return nil
}

// refused leaves an instance that was entered and got no arguments.
func (in *Instance) refused(ci *componentInstance, x *crossing) {
	in.hostSide.takeBack()
	ci.table.Leave(&x.scope)
	ci.leaveTo(nil)
}

// begun is a crossing into the component instance that lifts a function, which has
// been entered.
func (in *Instance) begun(l *lifted, ci *componentInstance, handles cabi.Handles) *crossing {
	x := in.crossing()
	ci.table.Enter(&x.scope)
	x.Begin(&in.run, &in.options[l.Options], handles)
	x.stack = append(x.stack[:0], make([]uint64, l.slots)...)
	return x
}

// returned ends a call of a lifted function whose result has been taken: borrows
// must have been given back, and post-return may clean up.
func (in *Instance) returned(l *lifted, ci, caller *componentInstance, x *crossing) error {
	ci.table.Leave(&x.scope)
	if l.postReturn != nil {
		ci.hold()
		if err := in.liftedFunc(l).postReturn.call(&in.run, x.stack); err != nil {
			return nameError(in.guestError(err), "post-return of "+l.Name)
		}
		ci.release()
	}
	ci.leaveTo(caller)
	in.done(x)
	return nil
}

// callCore calls the core function of a lifted one. Parameters are lowered, the result is
// not lifted yet.
func (in *Instance) callCore(kind CallKind, l *lifted, stack []uint64) error {
	if in.tracer != nil {
		return in.callTraced(kind, l, stack)
	}
	return in.liftedFunc(l).core.call(&in.run, stack)
}

// boundLift is a lifted function in an instance.
type boundLift struct{ core, postReturn *coreFunction }

// liftedFunc binds a lifted function when it is first called.
func (in *Instance) liftedFunc(l *lifted) *boundLift {
	b := &in.lifts[l.number]
	if b.core == nil {
		b.core = in.coreFunc(l.Core)
		if l.postReturn != nil {
			b.postReturn = in.coreFunc(*l.postReturn)
		}
	}
	return b
}

// HostPanic is the cause of a trap where host code panicked: a mistake of the
// host, not of the guest.
type HostPanic struct {
	Value any
	Stack []byte
}

func (p *HostPanic) Error() string { return fmt.Sprintf("panic in host code: %v", p.Value) }

func hostPanic(v any) *HostPanic { return &HostPanic{v, debug.Stack()} }
