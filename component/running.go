package component

import (
	"context"
	"slices"
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

	mu      sync.Mutex
	hooks   []*hook
	hooked  bool // the end of joined will run the hooks
	release func() bool
}

// hook is what a host function wants done when the call ends early.
type hook struct{ run func() }

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

// AfterFunc is what [context.AfterFunc] asks a context for that is not its own; the
// sockets of the host ask for it with every wait, which is why it is cheap.
func (r *running) AfterFunc(f func()) (stop func() bool) {
	h := &hook{f}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hooks = append(r.hooks, h)
	if !r.hooked {
		r.hooked = true
		r.release = context.AfterFunc(r.join(), r.runHooks)
	}
	return func() bool { return r.unhook(h) }
}

// unhook reports whether the hook will not run.
func (r *running) unhook(h *hook) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.Index(r.hooks, h)
	if i < 0 {
		return false
	}
	last := len(r.hooks) - 1
	r.hooks[i], r.hooks[last] = r.hooks[last], nil
	r.hooks = r.hooks[:last]
	return true
}

// runHooks leaves hooked false: the next hook comes when all is over, and runs at
// once.
func (r *running) runHooks() {
	r.mu.Lock()
	hooks := r.hooks
	r.hooks, r.hooked = nil, false
	r.mu.Unlock()
	for _, h := range hooks {
		go h.run()
	}
}

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

// finish releases what join and AfterFunc set up. A hook that is still there belongs
// to somebody who has outlived the call.
func (r *running) finish() {
	r.mu.Lock()
	if r.hooked && len(r.hooks) == 0 {
		r.hooked = !r.release()
	}
	r.mu.Unlock()
	r.once.Do(func() { r.joined = r.instance.life })
	if r.stop != nil {
		r.stop()
	}
}
