package hostimpl

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
)

// VirtualClock is a time that passes without waiting, for runs that can be repeated:
// the wall clock, the monotonic clock and all timers of a guest follow it. It is a
// Config's Clock, and moves in three ways only:
//
//   - Each time the guest looks at it (a reading, ready of a timer, a poll with a timer)
//     it goes on by a microsecond, so that a guest that spins until some time gets there.
//   - A guest that waits for timers alone does not wait: the clock is put forward to the
//     nearest of them.
//   - While a guest waits for a timer and something else, of which nothing is ready, real
//     time passes, and the clock with it; if the timer ends the wait, the clock stands
//     exactly there. So a time limit of a connection is as long as it says, and what the
//     clock shows afterwards is no longer the same in each run.
//
// A wait for input, output or the network without a timer takes no time. So the clock
// of a guest that reads the same bytes shows the same times, however slowly they come.
//
// It may be used by several goroutines. Guests that share one, and run at the same
// time, see one time, in whichever order they come.
type VirtualClock struct {
	start time.Time

	mu      sync.Mutex
	elapsed time.Duration
}

// NewVirtualClock makes a clock that stands at start; the guest's monotonic clock
// begins with 0.
func NewVirtualClock(start time.Time) *VirtualClock {
	return &VirtualClock{start: start.Round(0)}
}

// virtualTick is how far a look moves the clock.
const virtualTick = time.Microsecond

// Now is the time that the clock shows. It does not move it.
func (c *VirtualClock) Now() time.Time { return c.start.Add(c.Elapsed()) }

// Elapsed is the time since the start. It does not move the clock.
func (c *VirtualClock) Elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.elapsed
}

// look moves the clock, as each look of a guest does, and reads it.
func (c *VirtualClock) look() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.elapsed = later(c.elapsed, virtualTick)
	return c.elapsed
}

// reach moves the clock to d, if it is not there yet.
func (c *VirtualClock) reach(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.elapsed = max(c.elapsed, d)
}

// later is t+d, at most the end of time.
func later(t, d time.Duration) time.Duration {
	if d > math.MaxInt64-t {
		return math.MaxInt64
	}
	return t + d
}

// wait puts the clock forward until a look at some timers, which tells how far the
// nearest is, finds none left to wait for. A guest that sleeps in a loop is
// interrupted here, as it would be with a clock that makes it wait.
func (c *VirtualClock) wait(ctx context.Context, left func() time.Duration) error {
	for {
		if ctx.Err() != nil {
			return interrupted(ctx)
		}
		// Somebody else may move the clock between this line and the look.
		now := c.Elapsed()
		switch d := left(); d {
		case 0:
			return nil
		case never:
			<-ctx.Done()
			return interrupted(ctx)
		default:
			c.reach(later(now, d))
		}
	}
}

// virtualPoller is wasi:io/poll for a guest with a virtual clock.
type virtualPoller struct {
	poller
	clock *VirtualClock
}

func (p virtualPoller) Poll(ctx context.Context, in []poll.Pollable) ([]uint32, error) {
	timers := 0
	for _, q := range in {
		if _, ok := q.(*alarm); ok {
			timers++
		}
	}
	if timers == 0 || len(in) > p.limit {
		return p.poller.Poll(ctx, in)
	}
	p.clock.look()
	if timers == len(in) {
		return p.pollTimers(ctx, in)
	}
	return p.pollMixed(ctx, in)
}

func (p virtualPoller) pollTimers(ctx context.Context, in []poll.Pollable) (ready []uint32, err error) {
	err = p.clock.wait(ctx, func() (left time.Duration) {
		ready, left, _ = scan(in, rounds.Add(1), nil) // which fails for no timer
		return left
	})
	return ready, err
}

// pollMixed lets real time pass.
func (p virtualPoller) pollMixed(ctx context.Context, in []poll.Pollable) ([]uint32, error) {
	ready, _, err := scan(in, rounds.Add(1), nil)
	if err != nil || len(ready) > 0 {
		return ready, err
	}
	w := newWait()
	defer w.end()
	for _, q := range in {
		if q, ok := q.(*pollable); ok {
			w.hear(q.on)
		}
	}
	for {
		now, begin := p.clock.Elapsed(), time.Now()
		ready, left, err := scan(in, rounds.Add(1), nil)
		if err != nil || len(ready) > 0 {
			return ready, err
		}
		err = w.sleep(ctx, left)
		p.clock.reach(later(now, min(time.Since(begin), left)))
		if err != nil {
			return nil, err
		}
	}
}
