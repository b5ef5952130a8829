package component

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tenon-wasm/tenon/component/cabi"
)

// running is the context of core calls: it carries the instance to the
// trampolines. An instance has one, since it runs one call at a time; each call
// from outside begins and finishes it.
//
// It is not for host functions, which may keep the context that they are given:
// theirs is made when the first of them is called.
type running struct {
	context.Context // the caller's
	instance        *Instance
	callerDone      <-chan struct{}
	closing         atomic.Bool // the instance's life has ended
	host            *callContext

	// dropping is the component instance that drops a handle, for destructors.
	dropping *componentInstance
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

// begin starts a call from outside; the caller has its turn, and finishes it.
func (in *Instance) begin(ctx context.Context) *running {
	r := &in.run
	r.Context, r.callerDone = ctx, ctx.Done()
	return r
}

// hostContext is the context for host functions in this call.
func (r *running) hostContext() *callContext {
	if r.host == nil {
		r.host = &callContext{Context: r.Context, life: r.instance.life, callerDone: r.callerDone, instance: r.instance}
	}
	r.host.calls++
	return r.host
}

// interrupted reports whether the call should end.
func (r *running) interrupted() bool {
	if r.closing.Load() {
		return true
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

// finish ends the call. A context that a host function has kept ends with it.
func (r *running) finish() {
	if r.host != nil {
		r.host.finish()
	}
	r.Context, r.callerDone, r.host, r.dropping = nil, nil, nil, nil
}

// A callContext is what host functions get: it ends when the caller's context
// does, when the instance is closed, or when the call is over.
//
// Most host functions never wait, so these are joined only when somebody asks for
// Done.
type callContext struct {
	context.Context
	life       context.Context
	callerDone <-chan struct{}

	// The goroutine that runs the guest has these: how often it has called host
	// functions, and the crossing to the one that runs now.
	calls    uint64
	call     *cabi.Call
	instance *Instance

	mu     sync.Mutex
	joined context.Context
	cancel context.CancelCauseFunc
	unhook func() bool
	over   bool
	hooks  []*hook
	hooked atomic.Bool // joined runs the hooks when it ends
	ran    atomic.Bool // it has

	waiting atomic.Pointer[func()] // the hook of who waits with Waiting
}

// hook is what is done when a call's context ends.
type hook struct{ f func() }

func (c *callContext) join() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.joined == nil {
		c.joined, c.cancel = context.WithCancelCause(c.Context)
		c.unhook = context.AfterFunc(c.life, func() { c.cancel(ErrClosed) })
		if c.life.Err() != nil {
			c.cancel(ErrClosed) // Now, not when the AfterFunc comes to it.
		}
		if c.over {
			c.end()
		}
	}
	return c.joined
}

// end releases what join set up.
func (c *callContext) end() {
	c.unhook()
	c.cancel(context.Canceled)
}

func (c *callContext) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.joined != nil {
		c.end()
	}
}

// Done implements context.Context.
func (c *callContext) Done() <-chan struct{} { return c.join().Done() }

// Err implements context.Context.
func (c *callContext) Err() error {
	if err := c.Context.Err(); err != nil || c.life.Err() == nil && !c.isOver() {
		return err
	}
	return context.Canceled
}

func (c *callContext) isOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}

// AfterFunc spares context.WithCancel and the like a goroutine that waits for
// Done. It costs less than context.AfterFunc, since each wait for a socket asks for it.
func (c *callContext) AfterFunc(f func()) (stop func() bool) {
	c.hook()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ran.Load() {
		go f()
		return func() bool { return false }
	}
	h := &hook{f}
	c.hooks = append(c.hooks, h)
	return func() bool { return c.forget(h) }
}

// hook sees to it that the hooks run when c ends.
func (c *callContext) hook() {
	if !c.hooked.Swap(true) {
		context.AfterFunc(c.join(), c.runHooks)
	}
}

func (c *callContext) runHooks() {
	c.mu.Lock()
	hooks := c.hooks
	c.hooks = nil
	c.ran.Store(true)
	c.mu.Unlock()
	if f := c.waiting.Load(); f != nil {
		go (*f)()
	}
	for _, h := range hooks {
		go h.f()
	}
}

// Waiting is AfterFunc for one who waits, at every wait anew: it allocates nothing. The
// answer is false, and nothing has happened, where somebody else waits already. Until
// Awake, and now and then a little later, f is called in its own goroutine when c ends.
func (c *callContext) Waiting(f *func()) bool {
	c.hook()
	if !c.waiting.CompareAndSwap(nil, f) {
		return false
	}
	if c.ran.Load() {
		go (*f)()
	}
	return true
}

// Awake ends Waiting.
func (c *callContext) Awake() { c.waiting.Store(nil) }

// forget reports whether the hook has not run and never will.
func (c *callContext) forget(h *hook) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, other := range slices.Backward(c.hooks) {
		if other == h {
			c.hooks = slices.Delete(c.hooks, i, i+1)
			return true
		}
	}
	return false
}

// HostCalls numbers the calls that a guest makes to the host while a function that it
// exports runs: the first one is 1. Ctx is the context that a host function was given,
// as it was given; for any other the answer is 0. It is for the goroutine of that call.
//
// Two calls with the same ctx and adjoining numbers have nothing but the guest's own
// computation between them.
func HostCalls(ctx context.Context) uint64 {
	if c, ok := ctx.(*callContext); ok {
		return c.calls
	}
	return 0
}

// Room makes room in the guest for a list<u8> that the host function under way will
// answer with, of n bytes or fewer, as [cabi.Call.Room] does: the function fills the
// slice and answers with it, or with the beginning of it, and nothing is copied. Ctx is
// the context that the host function was given, as it was given. The slice is nil for
// any other, and where the guest has no realloc; then the function answers with a slice
// of its own.
//
// It runs code of the guest, so lists that the function was given as views are stale
// afterwards. It is for the goroutine of the call, and for a function whose own answer the
// list is: what is not answered with stays allocated in the guest. It panics with a *Trap,
// to be passed on, where the guest breaks the rules of realloc.
func Room(ctx context.Context, n int) []byte {
	if c, ok := ctx.(*callContext); ok && c.call != nil {
		c.instance.roomed = n + 1
		return c.call.Room(n)
	}
	return nil
}
