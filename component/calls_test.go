package component_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// A workload is what calls.wasm does n times in one call of a caller, and what the
// host gives a callee for the same.
type workload struct {
	name  string
	loop  string // of the callers
	len   uint32 // elements, where there are any
	bytes int64  // that a call carries, there and back

	iface, fn string
	args      []any
}

const (
	scalarShapes = "tenon:shapes/scalars@1.2.0"
	valueShapes  = "tenon:shapes/values@1.2.0"
	rowShapes    = "tenon:shapes/rows@1.2.0"
	handleShapes = "tenon:shapes/handles@1.2.0"
)

func workloads() []workload {
	all := []workload{
		{name: "no-op", loop: "no-op", iface: scalarShapes, fn: "no-op"},
		{name: "u64", loop: "u64", iface: scalarShapes, fn: "u64", args: []any{uint64(7)}},
	}
	sizes := []struct {
		name string
		n    int
	}{{"16B", 16}, {"1KiB", 1 << 10}, {"64KiB", 64 << 10}}
	for _, size := range sizes {
		text := strings.Repeat("a", size.n)
		all = append(all, workload{"string/" + size.name, "text", uint32(size.n), 2 * int64(size.n), valueShapes, "take-text", []any{text}})
	}
	for _, size := range sizes {
		all = append(all, workload{"bytes/" + size.name, "bytes", uint32(size.n), 2 * int64(size.n), valueShapes, "take-bytes", []any{make([]byte, size.n)}})
	}
	points, rows := make([]any, 1000), make([]any, 1000)
	for i := range points {
		points[i] = map[string]any{"x": int32(i), "y": int32(-i)}
		rows[i] = map[string]any{"id": uint32(i), "price": 2.5, "marked": true, "name": "aaaaaaaaaaaa"}
	}
	return append(all,
		workload{"points/1000", "points", 1000, 2 * 8000, valueShapes, "take-points", []any{points}},
		workload{"rows/1000", "rows", 1000, 2 * 44000, rowShapes, "take-rows", []any{rows}},
		workload{name: "method", loop: "method", iface: handleShapes, fn: "[method]counter.next"},
		workload{name: "make-and-drop", loop: "make-and-drop", iface: handleShapes, fn: "[constructor]counter"},
	)
}

// tallied is the host's counter.
type tallied struct{ n uint64 }

// answering offers what calls.wasm imports, as Go functions on plain values.
func answering(t testing.TB, c *component.Component) []*component.Interface {
	code := func(f *wit.Func) func(context.Context, []any) (any, error) {
		switch f.Name {
		case "no-op":
			return func(context.Context, []any) (any, error) { return nil, nil }
		case "[constructor]counter":
			return func(_ context.Context, args []any) (any, error) {
				return cabi.Result{Value: &tallied{args[0].(uint64)}}, nil
			}
		case "[method]counter.next":
			return func(_ context.Context, args []any) (any, error) {
				c := args[0].(*tallied)
				c.n += uint64(args[1].(uint32))
				return c.n, nil
			}
		}
		return func(_ context.Context, args []any) (any, error) { return args[0], nil }
	}
	counter := map[string]*cabi.ResourceType{"counter": {Name: "counter"}}
	return []*component.Interface{
		offer(t, importOf(t, c, scalarShapes), nil, code),
		offer(t, importOf(t, c, valueShapes), nil, code),
		offer(t, importOf(t, c, rowShapes), nil, code),
		offer(t, importOf(t, c, handleShapes), counter, code),
	}
}

// plainly replaces functions by code as a generated binding has it, which knows the
// types. Lists of records stay as they are.
func plainly(offers []*component.Interface) {
	scalars, values, handles := offers[0].Funcs, offers[1].Funcs, offers[3].Funcs
	counter := offers[3].Resources["counter"]
	scalars["no-op"] = func(*cabi.Call, []uint64) {}
	scalars["u64"] = func(*cabi.Call, []uint64) {}
	values["take-text"] = func(c *cabi.Call, stack []uint64) {
		c.SetString(uint32(stack[2]), c.LiftString(uint32(stack[0]), uint32(stack[1])))
	}
	values["take-bytes"] = func(c *cabi.Call, stack []uint64) {
		c.SetBytes(uint32(stack[2]), bytes.Clone(c.LiftBytes(uint32(stack[0]), uint32(stack[1]))))
	}
	handles["[method]counter.next"] = func(c *cabi.Call, stack []uint64) {
		t := cabi.Lend[*tallied](c, uint32(stack[0]), counter)
		t.n += uint64(uint32(stack[1]))
		stack[0] = t.n
	}
}

// offering is a linker that offers calls.wasm what it imports.
func offering(t testing.TB, plain bool) (*component.Linker, *component.Component) {
	t.Helper()
	l, c := small(t, "bench/calls")
	offers := answering(t, c)
	if plain {
		plainly(offers)
	}
	for _, o := range offers {
		if err := l.Define(o); err != nil {
			t.Fatal(err)
		}
	}
	return l, c
}

// callers is an instance of calls.wasm that calls the host.
func callers(t testing.TB, plain bool) *component.Instance {
	t.Helper()
	l, c := offering(t, plain)
	return start(t, l, c)
}

// linkedCallers is one that calls another instance where it thinks that it calls the
// host.
func linkedCallers(t testing.TB) *component.Instance {
	t.Helper()
	l, c := offering(t, true)
	provider := start(t, l, c)
	for _, name := range []string{scalarShapes, valueShapes, rowShapes, handleShapes} {
		if err := l.DefineInstance(name, provider); err != nil {
			t.Fatal(err)
		}
	}
	return start(t, l, c)
}

// caller is a function that has a caller call its import n times.
func caller(t testing.TB, in *component.Instance, to string, w workload) func(n int) {
	f, err := in.Func(to, w.loop)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	return func(n int) {
		if _, err := f.Call(ctx, uint32(n), w.len); err != nil {
			t.Fatal(err)
		}
	}
}

// callee is a function that calls the callee for the host.
func callee(t testing.TB, in *component.Instance, w workload) func() {
	f, err := in.Func(w.iface, w.fn)
	if err != nil {
		t.Fatal(err)
	}
	ctx, args := context.Background(), w.args
	must := func(v any, err error) any {
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	switch w.name {
	case "method":
		counter := must(in.Call(ctx, w.iface, "[constructor]counter", uint64(1))).(cabi.Result)
		args = []any{counter.Value, uint32(1)}
	case "make-and-drop":
		args = []any{uint64(1)}
		return func() {
			counter := must(f.Call(ctx, args...)).(cabi.Result)
			must(nil, counter.Value.(*component.Resource).Drop(ctx))
		}
	}
	return func() { must(f.Call(ctx, args...)) }
}
