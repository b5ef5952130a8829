package component_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
)

// seen is a tracer that writes calls down.
type seen struct {
	lines  []string
	refuse string // a function that may not be called
}

func (s *seen) Begin(c *component.TracedCall) {
	args, err := c.Args()
	line := fmt.Sprintf("begin %d/%d of %d: %v %s %v", c.Instance, c.Component, c.Owner, c.Kind, c.Func, plainHandles(args))
	if err != nil {
		line += " " + err.Error()
	}
	s.lines = append(s.lines, line)
	c.Data = len(s.lines)
	if s.refuse != "" && c.Func == s.refuse {
		panic(&component.Trap{Code: cabi.HostFailed, Msg: "refused"})
	}
}

func (s *seen) End(c *component.TracedCall) {
	result, err := c.Result()
	line := fmt.Sprintf("end of %d: %v", c.Data, plainHandles([]any{result}))
	for _, err := range []error{err, c.Err} {
		if err != nil {
			line += " " + err.Error()
		}
	}
	s.lines = append(s.lines, line)
}

func plainHandles(values []any) (list []any) {
	for _, v := range values {
		switch v := v.(type) {
		case component.Handle:
			list = append(list, fmt.Sprintf("%s#%d owned=%v foreign=%v", v.Type, v.Number, v.Owned, v.Foreign))
		case cabi.Result:
			list = append(list, fmt.Sprint(v.IsErr, plainHandles([]any{v.Value})))
		default:
			list = append(list, v)
		}
	}
	return list
}

func (s *seen) expect(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(s.lines, "\n"); got != strings.TrimSpace(want) {
		t.Errorf("seen\n%s\nwant\n%s", got, strings.TrimSpace(want))
	}
	s.lines = nil
}

// traced is calls.wasm with a tracer.
func traced(t testing.TB, tracer component.Tracer) *component.Instance {
	t.Helper()
	l, c := offering(t, true)
	l.Trace(tracer)
	return start(t, l, c)
}

func TestATracerSeesEveryKindOfCall(t *testing.T) {
	s := &seen{}
	in := traced(t, s)
	s.expect(t, "begin 1/0 of 0: start  []\nend of 1: [<nil>]")
	work := map[string]workload{}
	for _, w := range workloads() {
		work[w.name] = w
	}
	caller(t, in, "to-host", work["u64"])(1)
	s.expect(t, `
begin 1/5 of 0: export to-host#u64 [1 0]
begin 1/5 of 0: import tenon:shapes/scalars@1.2.0#u64 [4294967297]
end of 2: [4294967297]
end of 1: [<nil>]`)
	caller(t, in, "to-component", work["string/16B"])(1)
	s.expect(t, `
begin 1/6 of 0: export to-component#text [1 16]
begin 1/1 of 0: inner tenon:shapes/values@1.2.0#take-text [aaaaaaaaaaaaaaaa]
end of 2: [aaaaaaaaaaaaaaaa]
end of 1: [<nil>]`)
	caller(t, in, "to-host", work["make-and-drop"])(1)
	s.expect(t, `
begin 1/5 of 0: export to-host#make-and-drop [1 0]
begin 1/5 of 0: import tenon:shapes/handles@1.2.0#[constructor]counter [1]
end of 2: [false [counter#1 owned=true foreign=true]]
begin 1/5 of 0: drop counter [counter#1 owned=true foreign=true]
end of 4: [<nil>]
end of 1: [<nil>]`)
}

// TestATracerSeesHowCallsEnd: they end as they do without it.
func TestATracerSeesHowCallsEnd(t *testing.T) {
	for what, try := range map[string]struct {
		code func(*cabi.Call, []uint64)
		want string
	}{
		"an error":   {func(c *cabi.Call, _ []uint64) { c.Fail(errors.New("broken")) }, "trap in tenon:shapes/scalars@1.2.0#no-op: host function failed: broken"},
		"a panic":    {func(*cabi.Call, []uint64) { panic("oh") }, "trap in tenon:shapes/scalars@1.2.0#no-op: host function failed: panic in host code: oh"},
		"a nil":      {func(*cabi.Call, []uint64) { panic(error(nil)) }, "trap in tenon:shapes/scalars@1.2.0#no-op: host function failed: panic in host code: panic called with nil argument"},
		"an exit":    {func(*cabi.Call, []uint64) { panic(&component.ExitError{Code: 3}) }, "exit status 3"},
		"what it is": {func(*cabi.Call, []uint64) { cabi.Throw(cabi.BadChar, "it is") }, "trap in tenon:shapes/scalars@1.2.0#no-op: bad char: it is"},
	} {
		t.Run(what, func(t *testing.T) {
			var ends [2]string
			for i, tracer := range []component.Tracer{nil, &seen{}} {
				l, c := small(t, "bench/calls")
				offers := answering(t, c)
				offers[0].Funcs["no-op"] = try.code
				for _, o := range offers {
					if err := l.Define(o); err != nil {
						t.Fatal(err)
					}
				}
				l.Trace(tracer)
				in := start(t, l, c)
				_, err := in.Call(t.Context(), "to-host", "no-op", uint32(1), uint32(0))
				ends[i] = err.Error()
				var trap *component.Trap
				if errors.As(err, &trap) && len(trap.Backtrace) == 0 {
					t.Error("there is no backtrace")
				}
				if got := in.LastCalls(); !slices.Equal(got, []string{"tenon:shapes/scalars@1.2.0#no-op"}) {
					t.Errorf("the last calls are %q", got)
				}
				if s, ok := tracer.(*seen); ok && (len(s.lines) != 6 || s.lines[4] != "end of 4: [<nil>] "+try.want || !strings.HasPrefix(s.lines[5], "end of 3: [<nil>] "+try.want)) {
					t.Errorf("seen\n%s", strings.Join(s.lines, "\n"))
				}
			}
			if ends[0] != try.want || ends[1] != try.want {
				t.Errorf("without a tracer it is %s\nand with one %s\nwant %s", ends[0], ends[1], try.want)
			}
		})
	}
}

func TestATracerMayRefuseACall(t *testing.T) {
	s := &seen{refuse: "tenon:shapes/scalars@1.2.0#no-op"}
	in := traced(t, s)
	_, err := in.Call(t.Context(), "to-host", "no-op", uint32(1), uint32(0))
	var trap *component.Trap
	if !errors.As(err, &trap) || trap.Code != cabi.HostFailed || trap.Msg != "refused" {
		t.Errorf("got %v", err)
	}
}

// TestInstancesThatBelongToOthersAreToldApart: an instance of cells is made to meet an
// import of another component, whose number it has.
func TestInstancesThatBelongToOthersAreToldApart(t *testing.T) {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	s := &seen{}
	l := component.NewLinker(r)
	l.Trace(s)
	l.DefineComponent("test:link/cells@1.0.1", must(r.Compile(ctx, part("cells"))))
	in := must(l.Instantiate(ctx, must(r.Compile(ctx, part("user")))))
	defer in.Close(ctx)
	s.expect(t, "begin 2/0 of 1: start  []\nend of 1: [<nil>]\nbegin 1/0 of 0: start  []\nend of 3: [<nil>]")
	call(t, in, "", "use", uint32(5))
	s.expect(t, `
begin 1/0 of 0: export use [5]
begin 1/0 of 0: import test:link/cells@1.0.0#[constructor]cell [5]
begin 2/0 of 1: export test:link/cells@1.0.1#[constructor]cell [5]
end of 3: [cell#1 owned=true foreign=false]
end of 2: [cell#1 owned=true foreign=true]
begin 1/0 of 0: import test:link/cells@1.0.0#[method]cell.get [cell#1 owned=false foreign=true]
begin 2/0 of 1: export test:link/cells@1.0.1#[method]cell.get [cell#0 owned=false foreign=false]
end of 7: [5]
end of 6: [5]
begin 1/0 of 0: drop cell [cell#1 owned=true foreign=true]
end of 10: [<nil>]
begin 1/0 of 0: import test:link/cells@1.0.0#bump [5]
begin 2/0 of 1: export test:link/cells@1.0.1#bump [5]
end of 13: [5]
end of 12: [5]
end of 1: [5]`)
}

// TestAResourceIsFollowedByItsHandle: through a constructor, a method and a drop.
func TestAResourceIsFollowedByItsHandle(t *testing.T) {
	r, c := guest(t, "resources.wasm")
	shop := newShop()
	s := &seen{}
	l := component.NewLinker(r)
	l.Trace(s)
	if err := l.Define(shop.offer(t, importOf(t, c, "tenon:test/tokens"))); err != nil {
		t.Fatal(err)
	}
	in := start(t, l, c)
	s.lines = nil
	call(t, in, walks, "pass", &token{"mine"})
	s.expect(t, `
begin 1/0 of 0: export tenon:test/walks#pass [token#1 owned=true foreign=true]
end of 1: [token#1 owned=true foreign=true]`)
	counter := call(t, in, counters, "[constructor]counter", "c", uint32(1))
	s.expect(t, `
begin 1/0 of 0: export tenon:test/counters#[constructor]counter [c 1]
end of 1: [counter#1 owned=true foreign=false]`)
	call(t, in, counters, "[method]counter.get", counter)
	if got := s.lines[0]; !strings.HasPrefix(got, "begin 1/0 of 0: export tenon:test/counters#[method]counter.get [counter#0 ") ||
		!strings.HasSuffix(got, " owned=false foreign=false]") {
		t.Errorf("seen %s", got)
	}
}

// TestATraceThatNobodyReadsAllocatesNothing: what is traced costs what the tracer makes
// of it.
func TestATraceThatNobodyReadsAllocatesNothing(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	in := traced(t, silent{})
	for _, w := range workloads() {
		if w.name == "u64" || w.name == "method" {
			expectAllocs(t, "from a guest to Go: "+w.name, perCall(caller(t, in, "to-host", w)), 0)
			expectAllocs(t, "from component to component: "+w.name, perCall(caller(t, in, "to-component", w)), 0)
		}
	}
}

type silent struct{}

func (silent) Begin(*component.TracedCall) {}
func (silent) End(*component.TracedCall)   {}
