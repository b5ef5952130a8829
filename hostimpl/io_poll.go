package hostimpl

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
)

// Waitable is what a guest can wait for. Readiness is level-triggered and follows
// the value for its whole life.
type Waitable interface {
	// Ready reports whether a wait would end now. It does not block.
	Ready() bool

	// Notify sends on ch, without blocking, whenever the value may have become
	// ready, until stop is called. It sends at once when the value is ready. No
	// send happens after stop has returned. Once woken, call Ready: a false answer
	// asks for the next wake-up.
	Notify(ch chan<- struct{}) (stop func())
}

// A parker is a Waitable that a goroutine can also wait for without a channel, which
// wakes it sooner. The sockets are.
type parker interface {
	// Wait blocks until the value is ready, the deadline (zero: none) has passed, or
	// ctx has ended, and reports whether the value is ready.
	Wait(ctx context.Context, deadline time.Time) bool
}

// A caller is a Waitable that can also call a function. The sockets are.
type caller interface {
	// NotifyFunc is Notify for a function, which must not block.
	NotifyFunc(wake func()) (stop func())
}

// NewPollable makes a pollable of w, for a host's own resources: poll waits for it
// beside those of WASI. Parent is the resource that it belongs to, which cannot be
// dropped before it; nil means none.
func NewPollable(w Waitable, parent any) poll.Pollable {
	return &pollable{on: &subject{Waitable: w}, parent: parent}
}

// pollable is the resource for everything but clocks.
type pollable struct {
	on     *subject
	parent any
}

// subject is what is waited for. The pollables of one stream or socket share it, so
// that a poll looks at it once, gives one answer for all of them, and asks only once
// to be notified. One goroutine runs an instance, so nothing guards it.
type subject struct {
	Waitable
	heard bool   // the poll under way is notified
	round uint64 // which look at a list has seen it last,
	ready bool   // and how
	won   uint64 // which look at a list has found it ready last

	// answer is the answer of a poll for this alone. The guest gets a copy before it
	// can poll again.
	answer [2]uint32
}

// rounds numbers the looks at lists.
var rounds atomic.Uint64

func (p *pollable) Ready(context.Context) (bool, error) { return p.on.Ready(), nil }
func (p *pollable) Block(ctx context.Context) error     { return await(ctx, p.on.Waitable) }
func (p *pollable) Parent() any                         { return p.parent }

func (p *pollable) Close(ctx context.Context) error {
	if s, ok := p.parent.(*inputStream); ok {
		s.lull.goesOn(ctx)
	}
	return nil
}

// poller is wasi:io/poll. It has no goroutine of its own. The caller's parks on a
// socket where the list has only such (pollAlone, pollBeside); otherwise it waits on
// one channel for everything that can notify, and on one timer for the nearest clock.
type poller struct{ limit int }

func (p poller) Poll(ctx context.Context, in []poll.Pollable) ([]uint32, error) {
	switch {
	case len(in) == 0:
		return nil, contractError("empty poll list")
	case len(in) > p.limit:
		return nil, fmt.Errorf("poll list of %d pollables, the limit is %d (Limits.PollList)", len(in), p.limit)
	}
	if s, only := alone(in); s != nil {
		return pollAlone(ctx, in, s, only)
	}
	ready, left, err := scan(in, rounds.Add(1), nil)
	if err != nil || len(ready) > 0 {
		return ready, err
	}
	if s := favourite(in); s != nil {
		return pollBeside(ctx, in, s, left)
	}
	w := newWait()
	defer w.end()
	for _, p := range in {
		if p, ok := p.(*pollable); ok {
			w.hear(p.on)
		}
	}
	for {
		ready, left, err := scan(in, rounds.Add(1), nil)
		if err != nil || len(ready) > 0 {
			return ready, err
		}
		if err := w.sleep(ctx, left); err != nil {
			return nil, err
		}
	}
}

// alone is the only subject of the list, clocks aside, if it can be waited for
// without a channel; only says that there are no clocks either.
func alone(in []poll.Pollable) (s *subject, only bool) {
	only = true
	for _, p := range in {
		p, ok := p.(*pollable)
		switch {
		case !ok:
			only = false
		case s == nil:
			s = p.on
		case s != p.on:
			return nil, false
		}
	}
	if s == nil {
		return nil, false
	}
	if _, ok := s.Waitable.(parker); !ok {
		return nil, false
	}
	return s, only
}

// pollAlone is Poll for a list of one subject and, unless only, of clocks.
func pollAlone(ctx context.Context, in []poll.Pollable, s *subject, only bool) ([]uint32, error) {
	look := func(known bool) ([]uint32, time.Duration, error) {
		s.round, s.ready = rounds.Add(1), known
		return scan(in, s.round, s.answer[:0])
	}
	for {
		var deadline time.Time
		if !only {
			due, left, err := look(false)
			if err != nil {
				return nil, err
			}
			if len(due) > 0 {
				due, _, err = look(s.Ready())
				return due, err
			}
			if left != never {
				deadline = time.Now().Add(left)
			}
		}
		if s.Waitable.(parker).Wait(ctx, deadline) {
			ready, _, err := look(true)
			return ready, err
		}
		if ctx.Err() != nil {
			return nil, interrupted(ctx)
		}
	}
}

// favourite is, of the subjects of a list, the one that was ready last: it is likely
// to be the next. It is nil where one of them can only send on a channel.
func favourite(in []poll.Pollable) (s *subject) {
	for _, p := range in {
		p, ok := p.(*pollable)
		if !ok {
			continue
		}
		_, parks := p.on.Waitable.(parker)
		_, calls := p.on.Waitable.(caller)
		if !parks || !calls {
			return nil
		}
		if s == nil || p.on.won > s.won {
			s = p.on
		}
	}
	return s
}

// pollBeside is Poll for a list of several subjects, none of which is ready, and a
// clock that is left away. The goroutine parks where s wakes it directly; the
// others, and the end of ctx, wake it by ending the context of that wait.
func pollBeside(ctx context.Context, in []poll.Pollable, s *subject, left time.Duration) ([]uint32, error) {
	for {
		woken, wake := context.WithCancel(ctx)
		w := newWait()
		w.skip(s)
		for _, p := range in {
			if p, ok := p.(*pollable); ok {
				w.call(p.on, wake)
			}
		}
		var deadline time.Time
		if left != never {
			deadline = time.Now().Add(left)
		}
		s.Waitable.(parker).Wait(woken, deadline)
		// Look while the others are still heard: then a look is cheap.
		ready, next, err := scan(in, rounds.Add(1), nil)
		w.end()
		wake()
		if err != nil || len(ready) > 0 {
			return ready, err
		}
		if ctx.Err() != nil {
			return nil, interrupted(ctx)
		}
		left = next
	}
}

// never is how long it takes until nothing happens.
const never = time.Duration(math.MaxInt64)

// scan looks at every pollable, also when the first is ready already, and returns
// the indices of those that are, in the room that ready has. Left is the time to the
// nearest clock. What has been looked at in this round is not looked at again.
func scan(in []poll.Pollable, round uint64, ready []uint32) (_ []uint32, left time.Duration, err error) {
	left = never
	clocks := 0
	var clock *clock // the one that said now
	var now uint64
	for i, p := range in {
		switch p := p.(type) {
		case *pollable:
			if p.on.round != round {
				p.on.round, p.on.ready = round, p.on.Ready()
			}
			if p.on.ready {
				p.on.won = round
				ready = append(ready, uint32(i))
			}
		case *alarm:
			if clock != p.clock {
				clock, now = p.clock, p.clock.now()
			}
			d := p.leftAt(now)
			if d == 0 {
				ready = append(ready, uint32(i))
				clocks++
			}
			left = min(left, d)
		default:
			return nil, 0, fmt.Errorf("poll: a %T is not a pollable of hostimpl; NewPollable makes one", p)
		}
	}
	// A guest that polls with a timer of zero in a loop must not keep those from
	// running who would make the others ready.
	if clocks > 0 && clocks == len(ready) && clocks < len(in) {
		runtime.Gosched()
	}
	return ready, left, nil
}

// await waits for one value.
func await(ctx context.Context, on Waitable) error {
	if p, ok := on.(parker); ok {
		for !p.Wait(ctx, time.Time{}) {
			if ctx.Err() != nil {
				return interrupted(ctx)
			}
		}
		return nil
	}
	if on.Ready() {
		return nil
	}
	w := newWait()
	defer w.end()
	w.notified(on)
	for !on.Ready() {
		if err := w.sleep(ctx, never); err != nil {
			return err
		}
	}
	return nil
}

// wait is one wait of one goroutine.
type wait struct {
	bell  chan struct{}
	timer *time.Timer
	stops []func()
	heard []*subject
}

var waits = sync.Pool{New: func() any {
	timer := time.NewTimer(never)
	timer.Stop()
	return &wait{bell: make(chan struct{}, 1), timer: timer}
}}

func newWait() *wait { return waits.Get().(*wait) }

// end takes back what was asked for. After it nobody sends on the channel, so that
// the next wait can use it.
func (w *wait) end() {
	for _, stop := range w.stops {
		stop()
	}
	for _, s := range w.heard {
		s.heard = false
	}
	select {
	case <-w.bell:
	default:
	}
	clear(w.stops)
	clear(w.heard)
	w.stops, w.heard = w.stops[:0], w.heard[:0]
	waits.Put(w)
}

// hear asks to be notified by s, once.
func (w *wait) hear(s *subject) {
	if !s.heard {
		s.heard = true
		w.heard = append(w.heard, s)
		w.notified(s.Waitable)
	}
}

// skip keeps call from asking s.
func (w *wait) skip(s *subject) {
	s.heard = true
	w.heard = append(w.heard, s)
}

// call asks s to call wake, once.
func (w *wait) call(s *subject, wake func()) {
	if !s.heard {
		w.skip(s)
		w.stops = append(w.stops, s.Waitable.(caller).NotifyFunc(wake))
	}
}

func (w *wait) notified(on Waitable) { w.stops = append(w.stops, on.Notify(w.bell)) }

// sleep waits for a notification, for the time to pass, or for the end of ctx,
// which is the only one that it answers with an error.
func (w *wait) sleep(ctx context.Context, left time.Duration) error {
	var alarm <-chan time.Time
	if left != never {
		w.timer.Reset(left)
		defer w.timer.Stop()
		alarm = w.timer.C
	}
	select {
	case <-w.bell:
		return nil
	case <-alarm:
		return nil
	case <-ctx.Done():
		return interrupted(ctx)
	}
}

// interrupted tells why ctx has ended.
func interrupted(ctx context.Context) error {
	cause := context.Cause(ctx)
	if cause == nil {
		cause = context.Canceled
	}
	return fmt.Errorf("interrupted: %w", cause)
}
