package component

import (
	"context"
	"slices"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/wit"
)

// A Tracer sees what crosses the boundaries of instances: the calls that guests make to
// the host and to other components, those that the host makes to guests, and handles of
// resources that are dropped. Package trace has tracers that print, count and record.
//
// Begin and End are called in the goroutine that runs the instance, with the same
// TracedCall, which is theirs until End returns. Calls nest: what begins between the two
// ends between them. Instances that run at the same time call at the same time.
type Tracer interface {
	// Begin is told of a call that is about to be made. One that is made by a guest it may
	// refuse with a panic of a *[Trap], which ends the instance.
	Begin(*TracedCall)

	// End is told of it when it is over. A call that traps, or ends its instance with an
	// exit status, ends with TracedCall.Err.
	End(*TracedCall)
}

// Trace lets a tracer see all instances that are made from here on; nil ends that. What
// is traced costs what the tracer makes of it; what is not costs nothing. Components that
// call each other without the host are compiled once more, so that it sees these calls.
//
// It is called before others use the linker.
func (l *Linker) Trace(t Tracer) {
	l.forget()
	l.tracer = t
}

// lastCalls is how many calls an instance remembers.
const lastCalls = 16

// LastCalls are the names of the functions that the guest has called last of those that it
// imports, the last one last: sixteen at most, as in `wasi:io/poll@0.2.12#poll`. They are
// known without a tracer, and still after a trap. What they were called with and have
// answered is what a tracer sees; see package trace. It waits while the instance
// runs, so a host function that the instance calls must not ask.
func (in *Instance) LastCalls() []string {
	if err := in.turn.wait(context.Background()); err != nil {
		return nil
	}
	defer in.leave()
	return in.lastCalls()
}

// lastCalls is LastCalls for who has the turn.
func (in *Instance) lastCalls() []string {
	var names []string
	for i := in.calls - min(in.calls, lastCalls); i < in.calls; i++ {
		names = append(names, in.component.plan.Trampolines[in.last[i%lastCalls]].Name)
	}
	return names
}

// CallKind says who calls whom.
type CallKind uint8

const (
	// CallImport is a guest's call of a function that it imports: of the host, or of
	// another instance.
	CallImport CallKind = iota

	// CallExport is a call of a function that the instance exports, by the host or by
	// another instance.
	CallExport

	// CallInner is a call from one component to another within an instance.
	CallInner

	// CallDrop is a guest's drop of a handle, or the host's of a resource of the guest, which
	// has no number then. Args has the handle alone; it is not Owned where the guest drops 0,
	// which is no handle.
	CallDrop

	// CallStart is the making of an instance, during which start functions run.
	CallStart
)

var callKinds = [...]string{"import", "export", "inner", "drop", "start"}

func (k CallKind) String() string { return callKinds[k] }

// A Handle is what tracers see of a resource: its number in the handle table of the
// component instance that is, for an import, the caller, and else the one that is called.
// It is zero where there is none: a component that is lent a resource of its own has Rep, and
// so has the host when it drops one.
type Handle struct {
	Number uint32

	// Rep is what the component that defines the resource calls it (canon resource.rep); zero
	// where Foreign is set.
	Rep uint32

	// Type is what the resource is called.
	Type string

	// Owned is set where the handle goes with the value, and is not only lent.
	Owned bool

	// Foreign is set for a resource that is defined outside of the instance.
	Foreign bool
}

// A TracedCall is a call as tracers see it.
type TracedCall struct {
	Kind CallKind

	// Instance is the number of the instance: from 1 in the order in which the runtime has
	// made them. Owner is the one that it was made for, to meet imports of it; zero for
	// none. Component is the component instance whose handles the values have, from 0, the
	// outermost.
	Instance, Owner uint64
	Component       int

	// Func is what is called, with its interface: `wasi:io/poll@0.2.12#poll`. For a drop it
	// is the resource, for a start empty.
	Func string

	// Type is the type of the function; nil where there is none.
	Type *wit.Func

	// Err is how the call ended, where it did not return: a *[Trap], or an *[ExitError],
	// which may be wrapped.
	Err error

	// Room is set where the host function has asked the guest for room for a list, see
	// the function Room, and then one more than the number of bytes.
	Room int

	// Data is the tracer's own.
	Data any

	read    Reading // nil where there are no values
	opts    *cabi.Options
	peek    peek
	call    cabi.Call
	params  []uint64 // the flat parameters
	stack   []uint64 // as it is now; nil while a call is under way
	handle  Handle   // of a drop
	args    []any
	have    bool // args are
	argsErr error
}

// A Reading reads the parameters and the results of one host function from the guest's
// memory as values, and answers it. All functions of WIT have one, by their types;
// an [Interface] gives one for a function that takes its parameters in another way.
//
// All methods trap as package cabi does where the guest's memory has not what they want.
type Reading interface {
	// Type is the function as its values are read.
	Type() *wit.Func

	// Args appends what the guest calls with to dst; stack has the flat parameters.
	Args(c *cabi.Call, stack []uint64, dst []any) []any

	// Result is what was answered; called are the flat parameters, stack has the flat
	// result.
	Result(c *cabi.Call, called, stack []uint64) any

	// Answer does what the function would have done to the guest that answers so; stack has
	// the flat parameters, and then the flat result.
	Answer(c *cabi.Call, result any, stack []uint64)
}

// Args are the arguments, as [cabi.Codec] has them, with a [Handle] for each resource;
// they are good until End returns. They can be read in Begin, and, if they were, in End.
// The error says why the guest's arguments are no values: the call will trap.
func (t *TracedCall) Args() ([]any, error) {
	switch {
	case t.have:
	case t.Kind == CallDrop:
		t.args, t.have = append(t.args[:0], t.handle), true
	case t.read != nil && t.stack != nil:
		t.have = true
		t.peek.given = t.Kind != CallImport
		t.argsErr = t.reading(func() { t.args = t.read.Args(&t.call, t.stack, t.args[:0]) })
	}
	return t.args, t.argsErr
}

// Result is what the function has returned, nil where it returns nothing. It can be
// read in End.
func (t *TracedCall) Result() (result any, err error) {
	if t.read == nil || t.Err != nil || t.stack == nil {
		return nil, nil
	}
	t.peek.given = t.Kind == CallImport
	err = t.reading(func() { result = t.read.Result(&t.call, t.params, t.stack) })
	return result, err
}

// reading reads values without any effect on the guest, its handles included.
func (t *TracedCall) reading(read func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = recovered(p)
		}
	}()
	t.call.Begin(context.Background(), t.opts, &t.peek)
	read()
	t.call.End()
	return nil
}

// peek is a handle table as tracers see it.
type peek struct {
	of    *Instance
	table *cabi.Table

	// given is set for what a component is given, and not for what it gives.
	given bool
}

func (p *peek) TakeOwn(h uint32, t *cabi.ResourceType) any {
	return p.of.handle(p.table, h, t, true)
}

func (p *peek) Lend(h uint32, t *cabi.ResourceType) any {
	if p.given && t.Home == p.table {
		return Handle{Rep: h, Type: t.Name}
	}
	return p.of.handle(p.table, h, t, false)
}

func (p *peek) Return(uint32) {}

// Nothing is lowered to a tracer.
func (p *peek) NewOwn(t *cabi.ResourceType, _ any) uint32    { return 0 }
func (p *peek) NewBorrow(t *cabi.ResourceType, _ any) uint32 { return 0 }

// handle is one in a table. It traps where it is not there.
func (in *Instance) handle(table *cabi.Table, n uint32, t *cabi.ResourceType, owned bool) Handle {
	h := Handle{Number: n, Type: t.Name, Owned: owned, Foreign: in.isForeign(t)}
	if !h.Foreign {
		h.Rep = table.Rep(n, t)
	}
	return h
}

func (in *Instance) isForeign(t *cabi.ResourceType) bool {
	for _, ci := range in.components {
		if t.Home == &ci.table {
			return false
		}
	}
	return true
}

// ReadingOf is the Reading of a function whose type tells all, or an error where the type
// has no layout.
func ReadingOf(t *wit.Func) (Reading, error) {
	codec, err := cabi.FuncCodecOf(t)
	if err != nil {
		return nil, err
	}
	return codecReading{t, codec}, nil
}

// codecReading is the Reading of a function of WIT.
type codecReading struct {
	typ *wit.Func
	*cabi.FuncCodec
}

func (r codecReading) Type() *wit.Func { return r.typ }

func (r codecReading) Args(c *cabi.Call, stack []uint64, dst []any) []any {
	return r.LiftParams(c, stack, dst)
}

func (r codecReading) Result(c *cabi.Call, called, stack []uint64) any {
	return r.LiftAnswer(c, called, stack)
}

func (r codecReading) Answer(c *cabi.Call, result any, stack []uint64) {
	if err := r.LowerResult(c, result, stack); err != nil {
		c.Fail(err)
	}
}

// liftReading is the Reading of a lifted function, whose spilled result is where the
// callee says.
type liftReading struct{ codecReading }

func (r liftReading) Result(c *cabi.Call, _, stack []uint64) any { return r.LiftResult(c, stack) }

// tracing begins a call that a tracer is to see.
func (in *Instance) tracing(kind CallKind, ci int, name string) *TracedCall {
	var t *TracedCall
	if n := len(in.traced); n > 0 {
		t, in.traced = in.traced[n-1], in.traced[:n-1]
	} else {
		t = new(TracedCall)
	}
	t.Kind, t.Instance, t.Owner, t.Component, t.Func = kind, in.number, in.owner, ci, name
	t.peek = peek{of: in, table: &in.components[ci].table}
	return t
}

// with gives the call the values that are at the beginning of stack.
func (t *TracedCall) with(r Reading, opts *cabi.Options, stack []uint64) *TracedCall {
	t.read, t.opts, t.stack = r, opts, stack
	t.params = append(t.params[:0], stack...)
	if r != nil {
		t.Type = r.Type()
	}
	return t
}

// begin tells the tracer.
func (in *Instance) traceBegin(t *TracedCall) {
	in.tracer.Begin(t)
	t.stack = nil
}

// traceEnd tells the tracer; stack has the result.
func (in *Instance) traceEnd(t *TracedCall, stack []uint64, err error) {
	t.stack, t.Err = stack, err
	in.tracer.End(t)
	args := t.args
	clear(args)
	*t = TracedCall{params: t.params[:0], args: args[:0]}
	in.traced = append(in.traced, t)
}

// callTraced is callCore, seen by the tracer.
func (in *Instance) callTraced(kind CallKind, l *lifted, stack []uint64) error {
	call := in.tracing(kind, l.Component, l.Name).with(l.reading, &in.options[l.Options], stack)
	in.traceBegin(call)
	err := in.liftedFunc(l).core.call(&in.run, stack)
	if err != nil {
		err = in.guestError(err)
	}
	in.traceEnd(call, stack, err)
	return err
}

// kindOfCall is the kind of a call by a component instance, nil for one of another
// instance.
func kindOfCall(caller *componentInstance) CallKind {
	if caller == nil {
		return CallExport
	}
	return CallInner
}

// dropTraced drops a handle, seen by the tracer.
func (in *Instance) dropTraced(ctx context.Context, ci *componentInstance, h uint32, t *cabi.ResourceType) (err error) {
	call := in.tracing(CallDrop, slices.Index(in.components, ci), t.Name)
	call.handle = Handle{Number: h, Type: t.Name, Owned: h != 0, Foreign: in.isForeign(t)}
	in.traceBegin(call)
	defer func() {
		if p := recover(); p != nil {
			err = recovered(p)
			in.traceEnd(call, nil, err)
			panic(p)
		}
		in.traceEnd(call, nil, err)
	}()
	return ci.table.Drop(ctx, h, t)
}

// dropRepTraced is what the host does to drop a resource of the guest, seen by the tracer.
func (in *Instance) dropRepTraced(run *running, t *cabi.ResourceType, rep uint32) (err error) {
	home := slices.IndexFunc(in.components, func(ci *componentInstance) bool { return t.Home == &ci.table })
	call := in.tracing(CallDrop, max(0, home), t.Name)
	call.handle = Handle{Rep: rep, Type: t.Name, Owned: true}
	in.traceBegin(call)
	defer func() { in.traceEnd(call, nil, err) }()
	return t.DropRep(run, rep)
}

// traced is the code of import n, seen by a tracer.
func (b *binding) traced(n int, s supply, code HostFunc) HostFunc {
	t := &b.linkage.plan.Trampolines[n]
	read := b.reading(t.Type, s)
	return func(c *cabi.Call, stack []uint64) {
		in := c.Context().(*callContext).instance
		call := in.tracing(CallImport, t.Component, t.Name).with(read, &in.options[t.Options], stack)
		if call.Type == nil {
			call.Type = t.Type
		}
		in.traceBegin(call)
		done := false
		// A function that asks for room has realloc run, which may call another.
		around := in.roomed
		in.roomed = 0
		defer func() {
			if done {
				return
			}
			call.Room, in.roomed = in.roomed, around
			// Named here, where the stack of what panicked can still be told.
			err := namedTrap(recover(), t.Name)
			in.traceEnd(call, nil, err)
			panic(err)
		}()
		code(c, stack)
		done, call.Room, in.roomed = true, in.roomed, around
		in.traceEnd(call, stack, nil)
	}
}

// reading is how an import is read: as its offer says, or by its type.
func (b *binding) reading(t *wit.Func, s supply) Reading {
	switch f := s.(type) {
	case hostFunc:
		if f.reading != nil {
			return f.reading
		}
	case stubFunc:
		if f.reading != nil {
			return f.reading
		}
	}
	codec, err := b.codecs.OfFunc(t)
	if err != nil {
		return nil // The values of such a function are not seen.
	}
	return codecReading{t, codec}
}

// tracedPlan is a plan in which components call each other through the host. Where
// there cannot be one, the plan stays as it is.
func tracedPlan(c *Component) *plan.Plan {
	if !c.plan.Direct {
		return c.plan
	}
	p, err := plan.BuildThroughHost(c.syntax, nil)
	if err != nil {
		return c.plan
	}
	return p
}
