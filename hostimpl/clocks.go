package hostimpl

import (
	"context"
	"math"
	"runtime"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl/bind/clocks/monotonicclock"
	"github.com/tenon-wasm/tenon/hostimpl/bind/clocks/timezone"
	"github.com/tenon-wasm/tenon/hostimpl/bind/clocks/wallclock"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
)

// tick is the step of Go's clocks.
func tick() uint64 {
	if runtime.GOOS == "windows" {
		return 100
	}
	return 1
}

// clock is wasi:clocks/monotonic-clock.
type clock struct {
	since   func() time.Duration
	virtual *VirtualClock // nil for a clock that moves by itself
}

func newClock(since func() time.Duration) *clock {
	if since == nil {
		start := time.Now()
		since = func() time.Duration { return time.Since(start) }
	}
	return &clock{since: since}
}

func newVirtualClock(v *VirtualClock) *clock { return &clock{v.Elapsed, v} }

func (c *clock) now() uint64 { return uint64(max(c.since(), 0)) }

// look is before everything by which a guest can see whether time has passed.
func (c *clock) look() {
	if c.virtual != nil {
		c.virtual.look()
	}
}

func (c *clock) Now(context.Context) (monotonicclock.Instant, error) {
	c.look()
	return c.now(), nil
}

func (c *clock) Resolution(context.Context) (monotonicclock.Duration, error) {
	if c.virtual != nil {
		return uint64(virtualTick), nil
	}
	return tick(), nil
}

func (c *clock) SubscribeInstant(_ context.Context, when monotonicclock.Instant) (poll.Pollable, error) {
	return &alarm{c, when}, nil
}

func (c *clock) SubscribeDuration(_ context.Context, d monotonicclock.Duration) (poll.Pollable, error) {
	if d == 0 {
		return &alarm{c, 0}, nil
	}
	now := c.now()
	if d > math.MaxUint64-now {
		d = math.MaxUint64 - now
	}
	return &alarm{c, now + d}, nil
}

// alarm is the pollable of an instant. It belongs to nothing, and does nothing until
// somebody waits. What lies beyond the range of time.Duration, 292 years, is never
// reached.
type alarm struct {
	clock *clock
	at    uint64
}

// left is the time until the alarm is ready, 0 if it is.
func (a *alarm) left() time.Duration { return a.leftAt(a.clock.now()) }

func (a *alarm) leftAt(now uint64) time.Duration {
	switch {
	case now >= a.at:
		return 0
	case a.at > math.MaxInt64:
		return never
	}
	return time.Duration(a.at - now)
}

func (a *alarm) Ready(context.Context) (bool, error) {
	a.clock.look()
	return a.left() == 0, nil
}

func (a *alarm) Block(ctx context.Context) error {
	a.clock.look()
	if v := a.clock.virtual; v != nil {
		return v.wait(ctx, a.left)
	}
	left := a.left()
	if left == 0 {
		return nil
	}
	w := newWait()
	defer w.end()
	for ; left > 0; left = a.left() {
		if err := w.sleep(ctx, left); err != nil {
			return err
		}
	}
	return nil
}

func (a *alarm) Close(context.Context) error { return nil }

// wallClock is wasi:clocks/wall-clock.
type wallClock struct {
	time func() time.Time
	tick uint64
}

func newWallClock(now func() time.Time) wallClock {
	if now == nil {
		now = time.Now
	}
	return wallClock{now, tick()}
}

func newVirtualWallClock(v *VirtualClock) wallClock {
	return wallClock{func() time.Time { return v.start.Add(v.look()) }, uint64(virtualTick)}
}

// Now is not before 1970, for which the interface has no numbers.
func (w wallClock) Now(context.Context) (wallclock.Datetime, error) {
	t := w.time()
	if t.Unix() < 0 {
		return wallclock.Datetime{}, nil
	}
	return wallclock.Datetime{Seconds: uint64(t.Unix()), Nanoseconds: uint32(t.Nanosecond())}, nil
}

func (w wallClock) Resolution(context.Context) (wallclock.Datetime, error) {
	return wallclock.Datetime{Nanoseconds: uint32(w.tick)}, nil
}

// zone is wasi:clocks/timezone.
type zone struct{ where *time.Location }

func newZone(where *time.Location) zone {
	if where == nil {
		where = time.UTC
	}
	return zone{where}
}

// lastSecond is the end of the year 9999. For what is later no zone can be
// determined, and the interface asks for UTC then.
const lastSecond = 253402300799

func (z zone) Display(_ context.Context, when wallclock.Datetime) (timezone.TimezoneDisplay, error) {
	if when.Seconds > lastSecond {
		return timezone.TimezoneDisplay{Name: "UTC"}, nil
	}
	t := time.Unix(int64(when.Seconds), int64(when.Nanoseconds)).In(z.where)
	name, offset := t.Zone()
	return timezone.TimezoneDisplay{UtcOffset: int32(offset), Name: name, InDaylightSavingTime: t.IsDST()}, nil
}

func (z zone) UtcOffset(ctx context.Context, when wallclock.Datetime) (int32, error) {
	d, err := z.Display(ctx, when)
	return d.UtcOffset, err
}
