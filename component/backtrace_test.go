package component_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
)

// trapsOf instantiates a component of testdata for each call, makes the call and writes
// down how it trapped: the message, the program's backtrace, and all of it.
type trapsOf struct {
	t   *testing.T
	out strings.Builder
}

func (w *trapsOf) note(what string, err error) {
	w.t.Helper()
	var trap *component.Trap
	if !errors.As(err, &trap) {
		w.t.Fatalf("%s: %v, want a trap", what, err)
	}
	fmt.Fprintf(&w.out, "## %s\n%v\n", what, err)
	short, full := trap.Backtrace.String(), fmt.Sprintf("%+v", trap.Backtrace)
	fmt.Fprintf(&w.out, "%s\n", short)
	if full != short {
		fmt.Fprintf(&w.out, "-- all\n%s\n", full)
	}
	w.out.WriteByte('\n')
}

func compiled(t *testing.T, file string) (*component.Runtime, *component.Component) {
	t.Helper()
	ctx := context.Background()
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(ctx) })
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Compile(ctx, data)
	if err != nil {
		t.Fatal(err)
	}
	return r, c
}

func TestBacktracesGoAcrossTheComponentsOfAWhole(t *testing.T) {
	ctx := context.Background()
	r, c := compiled(t, "testdata/traps.wasm")
	w := &trapsOf{t: t}
	for _, try := range []struct {
		what, fn string
		args     []any
	}{
		{"in a function that has no name, called with a string", "say", []any{uint32(3)}},
		{"in realloc of the component that is called", "say", []any{uint32(13)}},
		{"a string that is not in the caller's memory", "say", []any{uint32(1 << 20)}},
		{"called straight, with a scalar", "share", []any{uint32(0)}},
		{"called through glue", "spell", []any{uint32('a')}},
		{"glue finds a bad char", "spell", []any{uint32(0xd800)}},
		{"after the return", "leave", nil},
		{"in a destructor", "break", nil},
		{"a handle that there is not", "break-twice", nil},
	} {
		in, err := component.NewLinker(r).Instantiate(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		_, err = in.Call(ctx, "", try.fn, try.args...)
		w.note(try.what, err)
		if _, err = in.Call(ctx, "", "leave"); try.what == "called straight, with a scalar" {
			w.note("a later call names the first trap", err)
		}
		in.Close(ctx)
	}
	golden(t, "testdata/traps.golden", w.out.String())
}

func TestBacktracesOfWhatTheHostBegins(t *testing.T) {
	ctx := context.Background()
	w := &trapsOf{t: t}
	r, c := compiled(t, "testdata/start.wasm")
	_, err := component.NewLinker(r).Instantiate(ctx, c)
	w.note("a start function", err)

	for _, try := range []struct {
		what, fn string
		args     []any
		out      func() error
	}{
		{"realloc calls an import", "in-realloc", []any{"text"}, nil},
		{"post-return calls an import", "in-post-return", nil, nil},
		{"the host fails", "plain", nil, func() error { return errors.New("the disk is on fire") }},
		{"the host says that its contract is broken", "plain", nil, func() error { return fmt.Errorf("%w: write beyond the permit", cabi.ErrContract) }},
		{"the host panics", "plain", nil, func() error { panic("oops") }},
	} {
		in := calling(ctx, r, func(context.Context) error {
			if try.out == nil {
				return nil
			}
			return try.out()
		})
		_, err := in.Call(ctx, "", try.fn, try.args...)
		w.note(try.what, err)
		in.Close(ctx)
	}
	r, c = guest(t, "resources.wasm")
	for _, try := range []struct {
		what, fn string
		args     []any
	}{
		{"a handle is used after it was dropped", "use-after-drop", nil},
		{"a handle is dropped twice", "drop-twice", nil},
		{"a handle is made up", "forged", nil},
		{"a borrow is kept", "keep-borrow", []any{&token{}}},
	} {
		in := instantiate(t, r, c, newShop().offer(t, importOf(t, c, "tenon:test/tokens")))
		_, err := in.Call(ctx, "tenon:test/walks", try.fn, try.args...)
		w.note(try.what, err)
	}
	l := newLinking(t)
	provider := start(t, l.linker(), l.compile("cells"))
	linker := l.linker()
	linker.DefineInstance(cells, provider)
	one, two := start(t, linker, l.compile("user")), start(t, linker, l.compile("user"))
	_, err = one.Call(ctx, "", "fail")
	w.note("in an instance that another one calls", err)
	_, err = one.Call(ctx, "", "use", uint32(1))
	w.note("a later call of the one that called", err)
	_, err = two.Call(ctx, "", "use", uint32(1))
	w.note("another one that calls it", err)
	golden(t, "testdata/traps-host.golden", w.out.String())
}

func TestABacktraceIsValues(t *testing.T) {
	ctx := context.Background()
	r, c := compiled(t, "testdata/traps.wasm")
	in, err := component.NewLinker(r).Instantiate(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(ctx)
	_, err = in.Call(ctx, "", "say", uint32(3))
	trap := trapOf(t, err, cabi.GuestTrapped)
	b, err := json.Marshal(trap.Backtrace)
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"kind":"guest","module":"engine","component":["library"],"index":2},` +
		`{"kind":"guest","module":"engine","component":["library"],"index":1,"export":"text"},` +
		`{"kind":"glue","func":"text","index":1},` +
		`{"kind":"guest","func":"say","symbol":"say","module":"main","index":6,"export":"say"}]`
	if string(b) != want {
		t.Errorf("%s, want\n%s", b, want)
	}
}

func TestAStackOverflowHasAStackWhereItWasAskedFor(t *testing.T) {
	ctx := context.Background()
	data, err := os.ReadFile("testdata/overflow.wasm")
	if err != nil {
		t.Fatal(err)
	}
	for _, asked := range []bool{false, true} {
		r, err := component.NewRuntime(ctx, component.Config{OverflowStacks: asked})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close(ctx)
		c, err := r.Compile(ctx, data)
		if err != nil {
			t.Fatal(err)
		}
		in, err := component.NewLinker(r).Instantiate(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		_, err = in.Call(ctx, "", "dive", uint32(0))
		trap := trapOf(t, err, cabi.GuestTrapped)
		if trap.Msg != "stack overflow" {
			t.Fatalf("%v", err)
		}
		if !asked {
			if trap.Backtrace != nil {
				t.Errorf("nobody asked for %v", trap.Backtrace)
			}
			continue
		}
		last := len(trap.Backtrace) - 1
		if last < 20 || trap.Backtrace[last].Kind != component.FrameOmitted {
			t.Fatalf("the stack is %v", trap.Backtrace)
		}
		for _, f := range trap.Backtrace[:last] {
			if f.Func != "dive" { // What it calls has returned each time.
				t.Errorf("%v is on the stack", f)
			}
		}
	}
}
