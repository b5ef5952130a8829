package component

import (
	"context"
	"sync"
)

// running is the context of one call of an instance, and of everything that the
// guest does in it. It carries the instance to the trampolines, and it ends when
// the caller's context does or when the instance is closed, whichever is first.
//
// Most calls never wait, so the two are joined only when somebody asks for Done.
type running struct {
	context.Context
	instance   *Instance
	callerDone <-chan struct{}

	once   sync.Once
	joined context.Context
	stop   func()
}

// instanceKey finds the running value where the engine has wrapped the context,
// as it does in start functions.
type instanceKey struct{}

func (r *running) Value(key any) any {
	if _, ok := key.(instanceKey); ok {
		return r
	}
	return r.Context.Value(key)
}

// runningOf returns the call that ctx belongs to.
func runningOf(ctx context.Context) *running {
	if r, ok := ctx.(*running); ok {
		return r
	}
	return ctx.Value(instanceKey{}).(*running)
}

func (in *Instance) run(ctx context.Context) *running {
	return &running{Context: ctx, instance: in, callerDone: ctx.Done()}
}

func (r *running) join() context.Context {
	r.once.Do(func() {
		if r.callerDone == nil {
			r.joined = r.instance.life
			return
		}
		ctx, cancel := context.WithCancelCause(r.Context)
		unhook := context.AfterFunc(r.instance.life, func() { cancel(ErrClosed) })
		r.joined = ctx
		r.stop = func() { unhook(); cancel(nil) }
	})
	return r.joined
}

// Done implements context.Context.
func (r *running) Done() <-chan struct{} { return r.join().Done() }

// Err implements context.Context.
func (r *running) Err() error {
	if r.instance.life.Err() != nil {
		return context.Canceled
	}
	return r.Context.Err()
}

// interrupted reports whether the call should end, without joining anything.
func (r *running) interrupted() bool {
	select {
	case <-r.instance.life.Done():
		return true
	default:
	}
	if r.callerDone == nil {
		return false
	}
	select {
	case <-r.callerDone:
		return true
	default:
		return false
	}
}

// cause tells why an interrupted call ended.
func (r *running) cause() error {
	if r.Context.Err() != nil {
		return context.Cause(r.Context)
	}
	return ErrClosed
}

// finish releases what join set up.
func (r *running) finish() {
	r.once.Do(func() {})
	if r.stop != nil {
		r.stop()
	}
}
