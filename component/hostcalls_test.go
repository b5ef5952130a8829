package component_test

import (
	"context"
	"slices"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
)

// TestHostCallsAreNumberedWithinACallOfTheGuest: from 1, and another call of the guest
// begins again.
func TestHostCallsAreNumberedWithinACallOfTheGuest(t *testing.T) {
	l, c := small(t, "bench/calls")
	offers := answering(t, c)
	plainly(offers)
	var seen []uint64
	var contexts []context.Context
	note := func(c *cabi.Call, _ []uint64) {
		seen = append(seen, component.HostCalls(c.Context()))
		contexts = append(contexts, c.Context())
	}
	offers[0].Funcs["no-op"] = note
	for _, o := range offers {
		if err := l.Define(o); err != nil {
			t.Fatal(err)
		}
	}
	in := start(t, l, c)
	run := func(loop string, n int) { caller(t, in, "to-host", workload{loop: loop})(n) }
	run("no-op", 3)
	run("no-op", 2)
	if want := []uint64{1, 2, 3, 1, 2}; !slices.Equal(seen, want) {
		t.Errorf("numbers %v, want %v", seen, want)
	}
	if contexts[0] != contexts[2] || contexts[2] == contexts[3] {
		t.Error("two calls of the guest have one context, or one has two")
	}
	wrapped, cancel := context.WithCancel(contexts[0])
	defer cancel()
	for _, ctx := range []context.Context{context.Background(), wrapped} {
		if n := component.HostCalls(ctx); n != 0 {
			t.Errorf("the number is %d for a context that no host function was given", n)
		}
	}
}
