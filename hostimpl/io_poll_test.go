package hostimpl

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/internal/leaks"
)

var testPoller = poller{DefaultPollList}

func TestPoll(t *testing.T) {
	ctx := context.Background()
	ready := func() poll.Pollable { return pollableOf(&tube{data: []byte("x")}) }
	idle := func() poll.Pollable { return pollableOf(&tube{}) }
	clock := newClock(nil)

	t.Run("an empty list traps", func(t *testing.T) {
		_, err := testPoller.Poll(ctx, nil)
		wantError(t, "poll([])", err, cabi.ErrContract)
		equal(t, "text", err.Error(), "empty poll list")
	})
	t.Run("a list beyond the limit traps and names it", func(t *testing.T) {
		_, err := poller{2}.Poll(ctx, []poll.Pollable{idle(), idle(), idle()})
		if err == nil || !strings.Contains(err.Error(), "Limits.PollList") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("every index of what is ready is reported, duplicates too", func(t *testing.T) {
		a, b := ready(), idle()
		got := must(testPoller.Poll(ctx, []poll.Pollable{b, a, b, a}))
		if !slices.Equal(got, []uint32{1, 3}) {
			t.Errorf("got %v", got)
		}
	})
	t.Run("what becomes ready during the wait is reported at every index", func(t *testing.T) {
		leaks.None(t)
		u := &tube{}
		a := pollableOf(u)
		time.AfterFunc(soon, func() { u.set(func() { u.data = []byte("x") }) })
		got := must(testPoller.Poll(ctx, []poll.Pollable{a, idle(), a}))
		if !slices.Equal(got, []uint32{0, 2}) {
			t.Errorf("got %v", got)
		}
		equal(t, "listeners left", len(u.bell.heard), 0)
	})
	t.Run("two pollables of one stream are both reported", func(t *testing.T) {
		s := inputOf(&tube{data: []byte("x")})
		a, b := must(s.Subscribe(ctx)), must(s.Subscribe(ctx))
		got := must(testPoller.Poll(ctx, []poll.Pollable{a, b}))
		equal(t, "ready", len(got), 2)
	})
	t.Run("a pollable is level-triggered and not used up", func(t *testing.T) {
		u := &tube{}
		s := inputOf(u)
		p := must(s.Subscribe(ctx))
		for range 9 {
			equal(t, "ready before data", must(p.Ready(ctx)), false)
			u.set(func() { u.data = []byte("x") })
			for range 3 {
				equal(t, "ready with data", must(p.Ready(ctx)), true)
				check(t, p.Block(ctx))
			}
			equal(t, "read", string(must(s.Read(ctx, 10))), "x")
		}
	})
	t.Run("a timer that is always ready does not hide the others", func(t *testing.T) {
		u := &tube{}
		zero, other := must(clock.SubscribeDuration(ctx, 0)), pollableOf(u)
		time.AfterFunc(soon, func() { u.set(func() { u.data = []byte("x") }) })
		within(t, func() {
			for {
				got := must(testPoller.Poll(ctx, []poll.Pollable{zero, other}))
				if slices.Contains(got, 1) {
					return
				}
			}
		})
	})
	t.Run("the nearest of several timers ends the wait", func(t *testing.T) {
		far := must(clock.SubscribeDuration(ctx, uint64(time.Hour)))
		near := must(clock.SubscribeDuration(ctx, uint64(soon)))
		start := time.Now()
		got := must(testPoller.Poll(ctx, []poll.Pollable{far, near, idle(), far}))
		if !slices.Equal(got, []uint32{1}) {
			t.Errorf("got %v", got)
		}
		if d := time.Since(start); d < soon || d > patience {
			t.Errorf("waited %v", d)
		}
	})
	t.Run("a wait ends with its context", func(t *testing.T) {
		leaks.None(t)
		cancelled(t, func(ctx context.Context) error {
			_, err := testPoller.Poll(ctx, []poll.Pollable{idle(), must(clock.SubscribeDuration(ctx, 1<<62))})
			return err
		})
		cancelled(t, idle().Block)
		cancelled(t, must(clock.SubscribeDuration(ctx, 1<<62)).Block)
	})
	t.Run("a pollable from elsewhere traps and says what to do", func(t *testing.T) {
		_, err := testPoller.Poll(ctx, []poll.Pollable{foreign{}})
		if err == nil || !strings.Contains(err.Error(), "NewPollable") || errors.Is(err, cabi.ErrContract) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a pollable belongs to what it was made from", func(t *testing.T) {
		in, out := inputOf(&tube{}), outputOf(&tube{})
		equal(t, "parent", must(in.Subscribe(ctx)).(*pollable).Parent(), any(in))
		equal(t, "parent", must(out.Subscribe(ctx)).(*pollable).Parent(), any(out))
	})
}

type foreign struct{ poll.Pollable }

// Thousands of pollables, most of them of few streams, are asked to notify once per
// stream: the time grows with the list and not with its square.
func TestPollOfThousands(t *testing.T) {
	ctx := context.Background()
	u := &tube{}
	s := inputOf(u)
	var list []poll.Pollable
	for range DefaultPollList / 2 {
		list = append(list, must(s.Subscribe(ctx)), pollableOf(&tube{}))
	}
	time.AfterFunc(soon, func() { u.set(func() { u.data = []byte("x") }) })
	start := time.Now()
	got := must(testPoller.Poll(ctx, list))
	equal(t, "ready", len(got), DefaultPollList/2)
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("poll took %v", d)
	}
}

func BenchmarkPollReady(b *testing.B) {
	ctx := context.Background()
	list := []poll.Pollable{pollableOf(&tube{}), pollableOf(&tube{data: []byte("x")})}
	b.ReportAllocs()
	for b.Loop() {
		testPoller.Poll(ctx, list)
	}
}

// BenchmarkPollWait is a poll that has to wait: here for a timer that is nearly due.
func BenchmarkPollWait(b *testing.B) {
	ctx := context.Background()
	clock := newClock(nil)
	idle := pollableOf(&tube{})
	b.ReportAllocs()
	for b.Loop() {
		soon := must(clock.SubscribeDuration(ctx, uint64(20*time.Microsecond)))
		testPoller.Poll(ctx, []poll.Pollable{idle, soon})
	}
}
