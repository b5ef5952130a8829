package hostimpl

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/clocks/wallclock"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/internal/leaks"
)

var newYear = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// virtual is a host with a virtual clock, and its wasi:io/poll.
func virtual(t *testing.T, c Config) (*Host, poll.Host) {
	t.Helper()
	c.Clock = NewVirtualClock(newYear)
	h := host(t, c)
	return h, h.poller()
}

func timer(h *Host, d time.Duration) poll.Pollable {
	return must(h.clock.SubscribeDuration(context.Background(), uint64(d)))
}

func TestVirtualClock(t *testing.T) {
	ctx := context.Background()
	t.Run("both clocks show one time, and each look moves it by a microsecond", func(t *testing.T) {
		h, _ := virtual(t, Config{})
		equal(t, "monotonic", must(h.clock.Now(ctx)), 1000)
		equal(t, "wall", must(h.wall.Now(ctx)), wallclock.Datetime{Seconds: uint64(newYear.Unix()), Nanoseconds: 2000})
		equal(t, "monotonic", must(h.clock.Now(ctx)), 3000)
		equal(t, "resolution", must(h.clock.Resolution(ctx)), 1000)
		equal(t, "resolution", must(h.wall.Resolution(ctx)), wallclock.Datetime{Nanoseconds: 1000})
	})
	t.Run("its owner can read it without moving it", func(t *testing.T) {
		c := NewVirtualClock(newYear)
		equal(t, "time", c.Now(), newYear)
		c.look()
		equal(t, "elapsed", c.Elapsed(), virtualTick)
		equal(t, "time", c.Now(), newYear.Add(virtualTick))
	})
	t.Run("to wait for a timer takes no time here, and exactly its own there", func(t *testing.T) {
		h, _ := virtual(t, Config{})
		p := timer(h, 24*time.Hour)
		equal(t, "ready before", must(p.Ready(ctx)), false)
		within(t, func() { check(t, p.Block(ctx)) })
		equal(t, "elapsed", h.clock.virtual.Elapsed(), 24*time.Hour)
		equal(t, "ready after", must(p.Ready(ctx)), true)
		check(t, p.Block(ctx))
		equal(t, "day", must(h.wall.Now(ctx)).Seconds, uint64(newYear.Add(24*time.Hour).Unix()))
	})
	t.Run("a poll of timers goes to the nearest", func(t *testing.T) {
		h, poller := virtual(t, Config{})
		hour, minute := timer(h, time.Hour), timer(h, time.Minute)
		within(t, func() {
			got := must(poller.Poll(ctx, []poll.Pollable{hour, minute, minute}))
			equal(t, "ready", slices.Equal(got, []uint32{1, 2}), true)
			equal(t, "elapsed", h.clock.virtual.Elapsed(), time.Minute)
			got = must(poller.Poll(ctx, []poll.Pollable{hour}))
			equal(t, "ready", slices.Equal(got, []uint32{0}), true)
			equal(t, "elapsed", h.clock.virtual.Elapsed(), time.Hour)
		})
	})
	t.Run("a guest that spins until a timer is due gets there", func(t *testing.T) {
		h, poller := virtual(t, Config{})
		const while = 50 * time.Millisecond
		for what, due := range map[string]func(p poll.Pollable) bool{
			"ready": func(p poll.Pollable) bool { return must(p.Ready(ctx)) },
			"poll with a timer of zero": func(p poll.Pollable) bool {
				return slices.Contains(must(poller.Poll(ctx, []poll.Pollable{timer(h, 0), p})), 1)
			},
			"poll with input that is ready": func(p poll.Pollable) bool {
				return slices.Contains(must(poller.Poll(ctx, []poll.Pollable{pollableOf(&tube{data: []byte("x")}), p})), 1)
			},
		} {
			p := timer(h, while)
			looks := 0
			within(t, func() {
				for looks = 1; !due(p); looks++ {
				}
			})
			if most := int(while / virtualTick); looks > most {
				t.Errorf("%s: %d looks, at most %d should do", what, looks, most)
			}
		}
	})
	t.Run("input that is ready is told before a timer that is not due", func(t *testing.T) {
		h, poller := virtual(t, Config{})
		got := must(poller.Poll(ctx, []poll.Pollable{timer(h, time.Hour), pollableOf(&tube{data: []byte("x")})}))
		equal(t, "ready", slices.Equal(got, []uint32{1}), true)
		equal(t, "elapsed", h.clock.virtual.Elapsed(), virtualTick)
	})
	t.Run("a time limit beside input lasts as long as it says, and ends exactly then", func(t *testing.T) {
		leaks.None(t)
		h, poller := virtual(t, Config{})
		u := &tube{}
		limit := timer(h, soon)
		begin := time.Now()
		got := must(poller.Poll(ctx, []poll.Pollable{pollableOf(u), limit}))
		equal(t, "ready", slices.Equal(got, []uint32{1}), true)
		if d := time.Since(begin); d < soon-virtualTick {
			t.Errorf("waited %v", d)
		}
		equal(t, "elapsed", h.clock.virtual.Elapsed(), soon)
		equal(t, "listeners left", len(u.bell.heard), 0)
	})
	t.Run("real time passes until input comes before its time limit", func(t *testing.T) {
		h, poller := virtual(t, Config{})
		u := &tube{}
		time.AfterFunc(soon/2, u.bell.ring) // a wake-up for nothing
		time.AfterFunc(soon, func() { u.set(func() { u.data = []byte("x") }) })
		list := []poll.Pollable{timer(h, time.Hour), pollableOf(u)}
		within(t, func() {
			got := must(poller.Poll(ctx, list))
			equal(t, "ready", slices.Equal(got, []uint32{1}), true)
		})
		if d := h.clock.virtual.Elapsed(); d < soon/2 || d > patience {
			t.Errorf("the clock shows %v", d)
		}
	})
	t.Run("a wait for input alone takes no time, however long it is", func(t *testing.T) {
		h, poller := virtual(t, Config{})
		u := &tube{}
		time.AfterFunc(soon, func() { u.set(func() { u.data = []byte("x") }) })
		within(t, func() { must(poller.Poll(ctx, []poll.Pollable{pollableOf(u)})) })
		equal(t, "elapsed", h.clock.virtual.Elapsed(), 0)
	})
	t.Run("a time that never comes is waited for until the end of the context", func(t *testing.T) {
		h, poller := virtual(t, Config{})
		never := must(h.clock.SubscribeInstant(ctx, math.MaxUint64))
		equal(t, "ready", must(never.Ready(ctx)), false)
		cancelled(t, never.Block)
		for _, list := range [][]poll.Pollable{{never}, {never, pollableOf(&tube{})}} {
			cancelled(t, func(ctx context.Context) error { _, err := poller.Poll(ctx, list); return err })
		}
		last := must(h.clock.SubscribeInstant(ctx, math.MaxInt64))
		within(t, func() { check(t, last.Block(ctx)) })
		must(h.wall.Now(ctx))
		equal(t, "the end of time", must(h.clock.Now(ctx)), math.MaxInt64)
	})
	t.Run("a guest that sleeps for ever in a loop is interrupted", func(t *testing.T) {
		h, poller := virtual(t, Config{})
		for _, sleep := range []func(context.Context) error{
			func(ctx context.Context) error { return timer(h, time.Second).Block(ctx) },
			func(ctx context.Context) error {
				_, err := poller.Poll(ctx, []poll.Pollable{timer(h, time.Second)})
				return err
			},
		} {
			cancelled(t, func(ctx context.Context) error {
				for {
					if err := sleep(ctx); err != nil {
						return err
					}
				}
			})
		}
	})
	t.Run("its poll traps where the other does", func(t *testing.T) {
		h, poller := virtual(t, Config{Limits: Limits{PollList: 2}})
		_, err := poller.Poll(ctx, nil)
		wantError(t, "poll([])", err, cabi.ErrContract)
		p := timer(h, 1)
		_, err = poller.Poll(ctx, []poll.Pollable{p, p, p})
		if err == nil || !strings.Contains(err.Error(), "Limits.PollList") {
			t.Errorf("got %v", err)
		}
		_, err = poller.Poll(ctx, []poll.Pollable{foreign{}, p})
		if err == nil || !strings.Contains(err.Error(), "NewPollable") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("guests that share it can sleep at the same time", func(t *testing.T) {
		h, poller := virtual(t, Config{})
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				for range 1000 {
					p := timer(h, time.Duration(i+1)*time.Second)
					must(poller.Poll(ctx, []poll.Pollable{p}))
					equal(t, "ready", must(p.Ready(ctx)), true)
				}
			})
		}
		within(t, all.Wait)
		if d := h.clock.virtual.Elapsed(); d < 4000*time.Second || d > 11000*time.Second {
			t.Errorf("the clock shows %v", d)
		}
	})
	t.Run("another clock beside it is refused", func(t *testing.T) {
		for _, c := range []Config{{Now: time.Now}, {Monotonic: func() time.Duration { return 0 }}} {
			c.Clock = NewVirtualClock(newYear)
			_, err := New(c)
			equal(t, "error", err != nil && strings.Contains(err.Error(), "Clock takes the place of"), true)
		}
	})
}

func TestSeeded(t *testing.T) {
	ctx := context.Background()
	t.Run("all that is random follows from the seed", func(t *testing.T) {
		draw := func(seed uint64) []byte {
			h := host(t, Config{Random: Seeded(seed)})
			b := must(secureFace{h.random}.GetRandomBytes(ctx, 5))
			b = append(b, must(insecureFace{h.insecure}.GetInsecureRandomBytes(ctx, 7))...)
			x, y, err := newSeed(h.insecure).InsecureSeed(ctx)
			check(t, err)
			word := must(secureFace{h.random}.GetRandomU64(ctx))
			for _, v := range []uint64{x, y, word} {
				for range 8 {
					b = append(b, byte(v))
					v >>= 8
				}
			}
			return b
		}
		one := draw(1)
		equal(t, "again", bytes.Equal(one, draw(1)), true)
		equal(t, "another seed", bytes.Equal(one, draw(2)), false)
	})
	t.Run("the bytes do not depend on how many are asked for at once", func(t *testing.T) {
		whole := make([]byte, 100)
		must(Seeded(7).Read(whole))
		r := Seeded(7)
		var parts []byte
		for n := 1; len(parts) < len(whole); n++ {
			p := make([]byte, min(n, len(whole)-len(parts)))
			must(r.Read(p))
			parts = append(parts, p...)
		}
		equal(t, "the same", bytes.Equal(whole, parts), true)
	})
}
