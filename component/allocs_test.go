package component_test

import (
	"context"
	"testing"
)

// TestWhatCallsAllocate: values cross in place. What is left is what Go values are
// made of.
func TestWhatCallsAllocate(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	wants := map[string]struct{ toGuest, toHost, dynamic float64 }{
		"no-op": {0, 0, 0},
		// Dynamic: the slice of arguments, and the number in its interface.
		"u64": {0, 0, 2},
		// A string that is lifted is a copy, as is a list<u8>; it is one more where it
		// becomes an interface.
		"string/16B":   {2, 1, 3},
		"string/1KiB":  {2, 1, 3},
		"string/64KiB": {2, 1, 3},
		"bytes/16B":    {2, 1, 3},
		"bytes/1KiB":   {2, 1, 3},
		"bytes/64KiB":  {2, 1, 3},
		"method":       {0, 0, 1},
		// The value is one, its result two, and the arguments one.
		"make-and-drop": {3, 3, 3},
	}
	direct, dynamic, linked := callers(t, true), callers(t, false), linkedCallers(t)
	for _, w := range workloads() {
		if want, ok := wants[w.name]; ok {
			call := callee(t, direct, w)
			call()
			expectAllocs(t, "from Go to a guest: "+w.name, testing.AllocsPerRun(20, call), want.toGuest)
			expectAllocs(t, "from a guest to Go: "+w.name, perCall(caller(t, direct, "to-host", w)), want.toHost)
			expectAllocs(t, "from a guest to a dynamic function: "+w.name, perCall(caller(t, dynamic, "to-host", w)), want.dynamic)
		}
		expectAllocs(t, "from component to component: "+w.name, perCall(caller(t, direct, "to-component", w)), 0)
		expectAllocs(t, "from instance to instance: "+w.name, perCall(caller(t, linked, "to-host", w)), 0)
	}
}

// perCall is what each of the guest's calls allocates, apart from what it costs to
// enter the guest.
func perCall(run func(n int)) float64 {
	const n = 40
	run(n)
	one := testing.AllocsPerRun(5, func() { run(1) })
	many := testing.AllocsPerRun(5, func() { run(1 + n) })
	return (many - one) / n
}

func expectAllocs(t *testing.T, what string, got, want float64) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v allocations, want %v", what, got, want)
	}
}

// TestToEnterAGuestAllocatesNothing: but for a number in an interface, which is the
// caller's to keep, and for the context of host functions, which they may keep.
func TestToEnterAGuestAllocatesNothing(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	in, ctx := callers(t, true), context.Background()
	for _, try := range []struct {
		what, iface, fn string
		args            []any
		want            float64
	}{
		{"nothing", scalarShapes, "no-op", nil, 0},
		{"a small number", scalarShapes, "u64", []any{uint64(255)}, 0},
		{"a large number", scalarShapes, "u64", []any{uint64(1 << 40)}, 1},
		{"a guest that calls another", "to-component", "u64", []any{uint32(100), uint32(0)}, 0},
		{"a guest that calls Go", "to-host", "u64", []any{uint32(100), uint32(0)}, 1},
	} {
		f, err := in.Func(try.iface, try.fn)
		if err != nil {
			t.Fatal(err)
		}
		got := testing.AllocsPerRun(100, func() {
			if _, err := f.Call(ctx, try.args...); err != nil {
				t.Fatal(err)
			}
		})
		expectAllocs(t, try.what, got, try.want)
	}
}
