package hostimpl

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl/bind/clocks/wallclock"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
)

func TestMonotonicClock(t *testing.T) {
	ctx := context.Background()
	c := newClock(nil)
	t.Run("it does not go back", func(t *testing.T) {
		last := must(c.Now(ctx))
		for range 1000 {
			now := must(c.Now(ctx))
			if now < last {
				t.Fatalf("%d after %d", now, last)
			}
			last = now
		}
		if r := must(c.Resolution(ctx)); r == 0 || r > 100 {
			t.Errorf("resolution %d", r)
		}
	})
	t.Run("an instant that is past, and no duration, are ready", func(t *testing.T) {
		for _, p := range []poll.Pollable{
			must(c.SubscribeInstant(ctx, 0)),
			must(c.SubscribeInstant(ctx, must(c.Now(ctx)))),
			must(c.SubscribeDuration(ctx, 0)),
		} {
			equal(t, "ready", must(p.Ready(ctx)), true)
			within(t, func() { check(t, p.Block(ctx)) })
		}
	})
	t.Run("what is beyond the range is never ready and does not trap", func(t *testing.T) {
		for _, when := range []uint64{math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64} {
			for _, p := range []poll.Pollable{must(c.SubscribeInstant(ctx, when)), must(c.SubscribeDuration(ctx, when))} {
				equal(t, "ready", must(p.Ready(ctx)), false)
			}
		}
		cancelled(t, must(c.SubscribeDuration(ctx, math.MaxUint64)).Block)
		cancelled(t, must(c.SubscribeInstant(ctx, math.MaxUint64)).Block)
	})
	t.Run("a duration passes", func(t *testing.T) {
		start := time.Now()
		p := must(c.SubscribeDuration(ctx, uint64(soon)))
		equal(t, "ready before", must(p.Ready(ctx)), false)
		check(t, p.Block(ctx))
		equal(t, "ready after", must(p.Ready(ctx)), true)
		if d := time.Since(start); d < soon {
			t.Errorf("after %v", d)
		}
	})
	t.Run("the caller's clock decides", func(t *testing.T) {
		now := time.Hour
		c := newClock(func() time.Duration { return now })
		equal(t, "now", must(c.Now(ctx)), uint64(time.Hour))
		p := must(c.SubscribeDuration(ctx, 10))
		equal(t, "ready before", must(p.Ready(ctx)), false)
		now += 10
		equal(t, "ready after", must(p.Ready(ctx)), true)
		now = -1
		equal(t, "a time before the start", must(c.Now(ctx)), 0)
	})
}

func TestWallClock(t *testing.T) {
	ctx := context.Background()
	at := func(t time.Time) wallclock.Datetime {
		return must(newWallClock(func() time.Time { return t }).Now(ctx))
	}
	equal(t, "time", at(time.Unix(7, 8)), wallclock.Datetime{Seconds: 7, Nanoseconds: 8})
	equal(t, "before 1970", at(time.Unix(-7, 8)), wallclock.Datetime{})
	if d := time.Since(time.Unix(int64(must(newWallClock(nil).Now(ctx)).Seconds), 0)).Abs(); d > time.Minute {
		t.Errorf("the default is %v off", d)
	}
	if r := must(newWallClock(nil).Resolution(ctx)); r.Seconds != 0 || r.Nanoseconds == 0 {
		t.Errorf("resolution %v", r)
	}
}

func TestTimezone(t *testing.T) {
	ctx := context.Background()
	noon := wallclock.Datetime{Seconds: 1750000000}
	d := must(newZone(nil).Display(ctx, noon))
	equal(t, "default", d.Name, "UTC")
	equal(t, "default", d.UtcOffset, 0)
	there := newZone(time.FixedZone("THERE", -3600))
	equal(t, "name", must(there.Display(ctx, noon)).Name, "THERE")
	equal(t, "offset", must(there.UtcOffset(ctx, noon)), -3600)
	equal(t, "offset beyond all calendars", must(there.UtcOffset(ctx, wallclock.Datetime{Seconds: math.MaxUint64})), 0)
}
