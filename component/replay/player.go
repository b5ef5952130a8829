package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/trace"
	"github.com/tenon-wasm/tenon/wit"
)

// A Player runs a guest against a record. It is good for one run.
type Player struct {
	// Reading, where it is set, finds how functions are read that their types do not
	// describe, by the names that TracedCall has; nil for all others.
	Reading func(name string) component.Reading

	// OnCall, where it is set, is told of every call of the guest that was as recorded.
	OnCall func(Call)

	// Tracer, where it is set, sees the run as well: a record can be traced afterwards.
	Tracer component.Tracer

	in       *reader
	header   Header
	types    map[string]*wit.Func // of imports
	instance uint64
	ahead    []event                        // were read, and are not used yet
	answers  []answer                       // the imports that are answered, the innermost last
	returned outcome                        // of the last call
	own      map[uint32]*component.Resource // of the guest, by rep
	events   uint64
	failed   error // a *Divergence, a *FormatError or a *CutError
}

// An answer is an import under way. Functions that may be called at any time are called
// within others, by realloc, and are over before these: the record has them first.
type answer struct {
	event
	left int // events ahead that are not of calls within
}

// A Call is an import that a guest has called.
type Call struct {
	Func   string
	Type   *wit.Func
	Args   []any // as component.TracedCall has them
	Result any
}

// A Divergence tells where a guest has not done what is recorded. It ends the guest.
type Divergence struct {
	Event uint64 // in the record, from 1
	Want  string // what is recorded
	Got   string // what the guest did
	Where string // the first difference, where that is not all of it
}

func (d *Divergence) Error() string {
	s := fmt.Sprintf("the guest diverges from the record at event %d: recorded %s; now %s", d.Event, d.Want, d.Got)
	if d.Where != "" {
		s += "; the first difference is in " + d.Where
	}
	return s
}

// A CutError tells that a record ends before the guest does: the recorder was killed. The
// guest has done all that is recorded.
type CutError struct{ Events uint64 }

func (e *CutError) Error() string {
	return fmt.Sprintf("the record was cut off after %d events, which the guest has repeated", e.Events)
}

// NewPlayer reads the beginning of a record. The error is a *[FormatError].
func NewPlayer(r io.Reader) (*Player, error) {
	in, h, err := newReader(r)
	if errors.Is(err, errCut) {
		err = &FormatError{int64(len(magic)), err}
	}
	if err != nil {
		return nil, err
	}
	return &Player{in: in, header: h, types: map[string]*wit.Func{}, own: map[uint32]*component.Resource{}}, nil
}

// Header says what was recorded.
func (p *Player) Header() Header { return p.header }

// Run instantiates a component and makes the calls that are recorded. It returns what the
// last of them has returned, as it did when it was recorded: a trap and an exit status are
// errors here as well. Otherwise the error is a *[Divergence], a *[CutError], a
// *[FormatError], or an error of ctx or of component.
//
// What the guest asks of the host comes from the record alone. Core modules and components
// that it imports are not recorded: a component that imports any cannot be run.
func (p *Player) Run(ctx context.Context, r *component.Runtime, c *component.Component) (result any, err error) {
	l := component.NewLinker(r)
	l.StandIn(p.standIn)
	l.Trace(trace.Tee(p, p.Tracer))
	in, err := l.Instantiate(ctx, c)
	if p.failed != nil {
		if in != nil {
			_ = in.Close(context.WithoutCancel(ctx)) // The other error says more.
		}
		return nil, p.failed
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := in.Close(context.WithoutCancel(ctx)); err == nil {
			err = cerr
		}
	}()
	for {
		e, within, ok := p.nextAround(func(e *event) bool { return e.kind == kindCall })
		p.ahead = append(within, p.ahead...)
		switch {
		case !ok:
			return nil, p.failed
		case e.kind == kindEnd:
			return result, err
		case e.kind != kindCall:
			p.diverge(p.describe(&e), "the guest has returned", "")
			return nil, p.failed
		}
		result, err = p.call(ctx, in, &e)
		if p.failed != nil {
			return nil, p.failed
		}
	}
}

// call makes a call that is recorded.
func (p *Player) call(ctx context.Context, in *component.Instance, e *event) (any, error) {
	p.returned = outcome{}
	if e.fn == "" {
		return p.dispose(ctx, e)
	}
	iface, name := "", e.fn
	if i := strings.LastIndexByte(name, '#'); i >= 0 {
		iface, name = name[:i], name[i+1:]
	}
	f, err := in.Func(iface, name)
	if err != nil {
		p.diverge("a call of "+e.fn, "the guest does not export it", "")
		return nil, p.failed
	}
	args := (&decoder{b: e.args}).args()
	for i := range args {
		args[i] = p.withResources(args[i])
	}
	result, err := f.Call(ctx, args...)
	if err == nil && p.failed == nil && p.returned.how == returned {
		p.keep((&decoder{b: p.returned.value}).value(0), result)
	}
	return result, err
}

// dispose drops a resource of the guest, as the host did.
func (p *Player) dispose(ctx context.Context, e *event) (any, error) {
	args := (&decoder{b: e.args}).args()
	if len(args) == 1 {
		if r, ok := p.withResources(args[0]).(*component.Resource); ok {
			return nil, r.Drop(ctx)
		}
	}
	p.diverge("a drop of a resource", "the guest has not returned it", "")
	return nil, p.failed
}

// next takes the next event; it is false when the record is no good, or at its end, which
// failed tells.
func (p *Player) next() (event, bool) {
	if p.failed != nil {
		return event{}, false
	}
	if len(p.ahead) > 0 {
		e := p.ahead[0]
		p.ahead = p.ahead[1:]
		return e, true
	}
	e, err := p.in.next()
	switch {
	case errors.Is(err, errCut):
		p.failed = &CutError{p.events}
		return event{}, false
	case err != nil:
		p.failed = err
		return event{}, false
	}
	p.events++
	return e, true
}

// nextAround takes the next event that is meant, and those before it that may be calls
// within. Where there is none it is the next event.
func (p *Player) nextAround(meant func(*event) bool) (e event, within []event, ok bool) {
	e, ok = p.next()
	for ok && !meant(&e) && e.kind == kindImport && p.Reading != nil && p.Reading(e.fn) != nil {
		within = append(within, e)
		e, ok = p.next()
	}
	if ok && !meant(&e) && len(within) > 0 {
		p.ahead = append(append(within[1:], e), p.ahead...)
		return within[0], nil, true
	}
	return e, within, ok
}

func (p *Player) diverge(want, got, where string) {
	if p.failed == nil {
		p.failed = &Divergence{p.events, want, got, where}
	}
}

// describe is an event as text.
func (p *Player) describe(e *event) string {
	args := (&decoder{b: e.args}).args()
	switch e.kind {
	case kindImport:
		return trace.Call(component.CallImport, e.fn, p.types[e.fn], args)
	case kindCall:
		return "a call of " + e.fn
	case kindReturn:
		return p.outcome(&e.outcome, nil)
	case kindDrop:
		return trace.Call(component.CallDrop, "resource", nil, args)
	case kindStart, kindStarted:
		return "the start of the instance"
	}
	return "the end of the record"
}

func (p *Player) outcome(o *outcome, t wit.Type) string {
	switch o.how {
	case returned:
		if t == nil {
			return "the guest returns a value"
		}
		return "the guest returns " + trace.Value(t, (&decoder{b: o.value}).value(0))
	case trapped:
		return fmt.Sprintf("the guest traps: %v", o.code)
	case exited:
		return fmt.Sprintf("the guest exits with %d", o.exit)
	case unreadable:
		return "the guest returns what is no value"
	}
	return "the guest returns"
}

// stop ends the guest, since there is nothing more to answer.
func (p *Player) stop() {
	panic(&component.Trap{Code: cabi.HostFailed, Err: p.failed})
}

// Begin implements component.Tracer.
func (p *Player) Begin(c *component.TracedCall) {
	if p.instance == 0 && c.Kind == component.CallStart && c.Owner == 0 {
		p.instance = c.Instance
	}
	if c.Instance != p.instance || p.failed != nil {
		return
	}
	switch c.Kind {
	case component.CallStart:
		if e, ok := p.next(); ok && e.kind != kindStart {
			p.diverge(p.describe(&e), "the start of the instance", "")
		}
	case component.CallImport:
		p.expect(kindImport, c)
	case component.CallDrop:
		if isForeign(c) {
			p.expect(kindDrop, c)
		}
	}
}

// expect takes the next event, which must be the call that the guest makes.
func (p *Player) expect(k kind, c *component.TracedCall) {
	e, within, ok := p.nextAround(func(e *event) bool { return e.kind == k && e.fn == c.Func || k != kindImport })
	if !ok {
		p.stop()
	}
	if (e.kind == kindReturn || e.kind == kindStarted) && e.outcome.how == trapped && e.outcome.code == cabi.Interrupted {
		// It was computing when the call was interrupted, and is so here.
		p.ahead = append([]event{e}, p.ahead...)
		panic(e.outcome.error())
	}
	args := encodedArgs(nil, c)
	switch {
	case e.kind != k || e.fn != c.Func && k == kindImport:
		p.diverge(p.describe(&e), p.made(c), "")
	case !bytes.Equal(e.args, args):
		p.diverge(p.described(&e, c), p.made(c), difference(&e, c))
	default:
		if k == kindImport {
			p.answers = append(p.answers, answer{e, len(p.ahead)})
			p.ahead = append(within, p.ahead...)
		} else if err := e.outcome.error(); err != nil {
			panic(err)
		}
		return
	}
	p.stop()
}

// described is describe for an event of the kind of a call.
func (p *Player) described(e *event, c *component.TracedCall) string {
	return trace.Call(c.Kind, c.Func, c.Type, (&decoder{b: e.args}).args())
}

// made is what the guest calls, as text.
func (p *Player) made(c *component.TracedCall) string {
	args, err := c.Args()
	if err != nil {
		return c.Func + " with arguments that are not readable"
	}
	return trace.Call(c.Kind, c.Func, c.Type, args)
}

// difference tells which argument differs, and for a text where.
func difference(e *event, c *component.TracedCall) string {
	want := (&decoder{b: e.args}).args()
	got, err := c.Args()
	if err != nil || c.Type == nil {
		return ""
	}
	for i, param := range c.Type.Params {
		if i >= len(want) || i >= len(got) {
			return "the number of arguments"
		}
		if bytes.Equal(appendValue(nil, want[i]), appendValue(nil, got[i])) {
			continue
		}
		where := fmt.Sprintf("%q", param.Name)
		a, aText := textOf(want[i])
		b, bText := textOf(got[i])
		if aText && bText {
			n := 0
			for n < len(a) && n < len(b) && a[n] == b[n] {
				n++
			}
			where += fmt.Sprintf(", at byte %d of %d, now of %d", n, len(a), len(b))
		}
		return where
	}
	return ""
}

func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	}
	return "", false
}

// End implements component.Tracer.
func (p *Player) End(c *component.TracedCall) {
	if c.Instance != p.instance || p.failed != nil {
		return
	}
	switch c.Kind {
	case component.CallImport:
		p.answered(c)
	case component.CallExport:
		p.returns(kindReturn, c)
	case component.CallDrop:
		if isDisposal(c) {
			p.returns(kindReturn, c)
		}
	case component.CallStart:
		p.returns(kindStarted, c)
	}
}

// answered looks whether the guest has got what is recorded: the numbers of handles are
// its table's.
func (p *Player) answered(c *component.TracedCall) {
	last := len(p.answers) - 1
	a := p.answers[last]
	p.answers = p.answers[:last]
	o := &a.outcome
	if c.Err == nil && len(p.ahead) > a.left {
		p.diverge("a call within "+c.Func+", "+p.describe(&p.ahead[0]), c.Func+" is over", "")
		p.stop()
	}
	if c.Err != nil {
		if o.how == returned || o.how == returnedNothing {
			p.diverge("an answer of "+c.Func, "it traps: "+c.Err.Error(), "")
		}
		return
	}
	have := outcomeOf(c)
	if o.how == returned && !bytes.Equal(o.value, have.value) {
		p.diverge(trace.Value(c.Type.Result, (&decoder{b: o.value}).value(0))+" as the result of "+c.Func,
			trace.Value(c.Type.Result, (&decoder{b: have.value}).value(0)), "")
		p.stop()
	}
	if p.OnCall != nil {
		args, _ := c.Args() // They were readable before.
		result, _ := c.Result()
		p.OnCall(Call{c.Func, c.Type, args, result})
	}
}

// returns looks whether a call of the guest ends as recorded. What a trap says is not
// compared: it may have addresses in it.
func (p *Player) returns(k kind, c *component.TracedCall) {
	e, ok := p.next()
	if !ok {
		return
	}
	got := outcomeOf(c)
	var t wit.Type
	if c.Type != nil {
		t = c.Type.Result
	}
	if e.kind != k {
		p.diverge(p.describe(&e), p.outcome(&got, t), "")
		return
	}
	want := &e.outcome
	p.returned = e.outcome
	same := want.how == got.how && want.exit == got.exit && want.code == got.code && bytes.Equal(want.value, got.value)
	if !same {
		p.diverge(p.outcome(want, t), p.outcome(&got, t), "")
	}
}

// standIn is the code of an import.
func (p *Player) standIn(name string, f *wit.Func) (component.HostFunc, component.Reading) {
	var given component.Reading
	if p.Reading != nil {
		given = p.Reading(name)
	}
	read := given
	if read == nil {
		var err error
		if read, err = component.ReadingOf(f); err != nil {
			return func(c *cabi.Call, _ []uint64) { c.Fail(err) }, nil
		}
	}
	p.types[name] = read.Type()
	return func(c *cabi.Call, stack []uint64) { p.answer(c, read, stack) }, given
}

// answer answers as recorded.
func (p *Player) answer(c *cabi.Call, read component.Reading, stack []uint64) {
	e := p.answers[len(p.answers)-1].event
	o := &e.outcome
	if err := o.error(); err != nil {
		panic(err)
	}
	if o.how == unreadable {
		cabi.Throw(cabi.HostFailed, "the result was not readable when it was recorded")
	}
	// What the guest gives away leaves its table, and what it lends is lent.
	if !bytes.Equal(e.args, noArgs) {
		read.Args(c, stack, nil)
	}
	var result any
	if o.how == returned {
		result = p.withResources((&decoder{b: o.value}).value(0))
	}
	if e.room > 0 {
		result = inRoom(c, result, e.room-1)
	}
	read.Answer(c, result, stack)
}
