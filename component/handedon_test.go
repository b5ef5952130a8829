package component_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// passing is a host whose functions a component exports again.
type passing struct {
	tokens *cabi.ResourceType
	ended  []string
	fail   func(ctx context.Context) error
}

const (
	again = "test:link/again@1.2.0"
	outer = "test:link/outer@0.2.3"
)

func newPassing(t *testing.T) (*passing, *component.Instance) {
	t.Helper()
	l := newLinking(t)
	c := l.compile("again")
	p := &passing{}
	p.tokens = &cabi.ResourceType{Name: "token", Drop: func(_ context.Context, rep any) error {
		p.ended = append(p.ended, rep.(*token).label)
		return nil
	}}
	linker := l.linker()
	if err := linker.Define(offer(t, importOf(t, c, "test:link/host"), map[string]*cabi.ResourceType{"token": p.tokens}, p.code)); err != nil {
		t.Fatal(err)
	}
	return p, start(t, linker, c)
}

func (p *passing) code(f *wit.Func) func(context.Context, []any) (any, error) {
	return func(ctx context.Context, args []any) (any, error) {
		switch f.Name {
		case "join":
			var parts []string
			for _, s := range args[0].([]any) {
				parts = append(parts, s.(string))
			}
			return strings.Join(parts, args[1].(string)), nil
		case "split":
			parts := []any{}
			for s := range strings.SplitSeq(args[0].(string), args[1].(string)) {
				parts = append(parts, s)
			}
			return parts, nil
		case "mirror":
			return args[0], nil
		case "parse":
			if args[0] == "" {
				return cabi.Result{IsErr: true, Value: "nothing to parse"}, nil
			}
			return cabi.Result{Value: uint32(len(args[0].(string)))}, nil
		case "sum":
			n := uint64(0)
			for _, a := range args {
				n = 10*n + a.(uint64)
			}
			return n, nil
		case "[constructor]token":
			return &token{args[0].(string)}, nil
		case "[method]token.label":
			return args[0].(*token).label, nil
		case "merge":
			return args[0].(*token).label + args[1].(*token).label, nil
		case "all":
			return args[0], nil
		case "stop":
			return nil, &component.ExitError{Code: 4}
		}
		return nil, p.fail(ctx)
	}
}

func TestValuesPassThroughAFunctionThatIsHandedOn(t *testing.T) {
	_, in := newPassing(t)
	digits := make([]any, 17)
	for i := range digits {
		digits[i] = uint64(i % 10)
	}
	point := map[string]any{"x": uint32(3), "label": "grün 🙂", "marks": []any{uint16(1), uint16(65535)}}
	for _, tt := range []struct {
		iface, name string
		args        []any
		want        any
	}{
		{again, "join", []any{[]any{"a", "", "ß"}, ", "}, "a, , ß"},
		{"test:link/again", "join", []any{[]any{}, ", "}, ""},
		{"", "join", []any{[]any{"of", "the", "world"}, " "}, "of the world"},
		{outer, "join", []any{[]any{"x"}, ""}, "x"},
		{outer + "#inner", "join", []any{[]any{"in", "side"}, ""}, "inside"},
		{"test:link/outer@0.2.0#inner", "split", []any{"1 2  3", " "}, []any{"1", "2", "", "3"}},
		{again, "mirror", []any{point}, point},
		{again, "parse", []any{"four"}, cabi.Result{Value: uint32(4)}},
		{again, "parse", []any{""}, cabi.Result{IsErr: true, Value: "nothing to parse"}},
		{again, "sum", digits, uint64(1234567890123456)},
		{again, "join", []any{[]any{strings.Repeat("long ", 1<<16)}, ""}, strings.Repeat("long ", 1<<16)},
	} {
		if got := call(t, in, tt.iface, tt.name, tt.args...); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s %s: %.100v, want %.100v", tt.iface, tt.name, got, tt.want)
		}
	}
}

func TestResourcesPassThroughAFunctionThatIsHandedOn(t *testing.T) {
	p, in := newPassing(t)
	mine := call(t, in, again, "[constructor]token", "mine")
	if got := call(t, in, again, "[method]token.label", mine); got != "mine" {
		t.Errorf("its label is %v", got)
	}
	if got := call(t, in, outer+"#inner", "merge", mine, &token{"yours"}); got != "mineyours" {
		t.Errorf("merged: %v", got)
	}
	all := []any{mine, &token{"b"}, &token{"c"}}
	if got := call(t, in, again, "all", all); !reflect.DeepEqual(got, all) || got.([]any)[0] != mine {
		t.Errorf("all came back as %v", got)
	}
	if len(p.ended) != 0 {
		t.Errorf("%v ended; the host held them all the time", p.ended)
	}
}

func TestAnArgumentThatDoesNotFitIsNoTrapWhereAFunctionIsHandedOn(t *testing.T) {
	_, in := newPassing(t)
	for _, tt := range []struct {
		what, name string
		args       []any
		want       string
	}{
		{"a number for a string", "parse", []any{uint32(1)}, `test:link/host#parse: param "s"`},
		{"no string where text is", "parse", []any{"\xff"}, "parse: "},
		{"too few", "join", []any{[]any{}}, "join: 1 arguments given, want 2"},
		{"too many", "fail", []any{true}, "fail: 1 arguments given, want 0"},
		{"a hole in a list", "join", []any{[]any{"a", nil}, ""}, `param "parts"`},
		{"no resource", "[method]token.label", []any{nil}, "[method]token.label: "},
		{"no resource, after one that is owned", "all", []any{[]any{&token{"kept"}, nil}}, "all: "},
	} {
		t.Run(tt.what, func(t *testing.T) {
			got, err := in.Call(context.Background(), again, tt.name, tt.args...)
			var trap *component.Trap
			if err == nil || errors.As(err, &trap) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, %T %v, want %q and no trap", got, err, err, tt.want)
			}
			if got := call(t, in, again, "parse", "alive"); got != (cabi.Result{Value: uint32(5)}) {
				t.Errorf("after it: %v", got)
			}
		})
	}
}

func TestHowAHostFunctionEndsACallThatIsHandedOn(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		what string
		fail func(context.Context) error
		code cabi.Code
		is   error
	}{
		{"an error traps", func(context.Context) error { return broken }, cabi.HostFailed, broken},
		{"a broken contract traps", func(context.Context) error { return cabi.ErrContract }, cabi.ContractBroken, cabi.ErrContract},
		{"a trap keeps its code", func(context.Context) error { return &component.Trap{Code: cabi.BadChar} }, cabi.BadChar, nil},
		{"a panic is the host's", func(context.Context) error { panic("oops") }, cabi.HostFailed, nil},
	} {
		t.Run(tt.what, func(t *testing.T) {
			p, in := newPassing(t)
			p.fail = tt.fail
			_, err := in.Call(context.Background(), again, "fail")
			if trap := trapOf(t, err, tt.code); !strings.Contains(trap.Func, "fail") || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v", err)
			}
			// No guest has run, so none is the worse for it.
			call(t, in, again, "parse", "alive")
		})
	}
	t.Run("an exit passes through", func(t *testing.T) {
		_, in := newPassing(t)
		_, err := in.Call(context.Background(), again, "stop")
		if exit, ok := err.(*component.ExitError); !ok || exit.Code != 4 {
			t.Errorf("%T %v", err, err)
		}
	})
	t.Run("a context that ends interrupts", func(t *testing.T) {
		p, in := newPassing(t)
		ctx, cancel := context.WithCancel(context.Background())
		p.fail = func(ctx context.Context) error { cancel(); <-ctx.Done(); return ctx.Err() }
		_, err := in.Call(ctx, again, "fail")
		if trapOf(t, err, cabi.Interrupted); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		_, err = in.Call(ctx, again, "parse", "never")
		trapOf(t, err, cabi.Interrupted)
	})
	t.Run("closing interrupts", func(t *testing.T) {
		steady(t)
		p, in := newPassing(t)
		entered, ended := make(chan struct{}), make(chan error)
		p.fail = func(ctx context.Context) error { close(entered); <-ctx.Done(); return ctx.Err() }
		go func() {
			_, err := in.Call(context.Background(), again, "fail")
			ended <- err
		}()
		<-entered
		if _, err := in.Call(context.Background(), again, "parse", "busy"); !errors.Is(err, component.ErrBusy) {
			t.Errorf("a second call: %v", err)
		}
		if err := in.Close(context.Background()); err != nil {
			t.Error(err)
		}
		err := <-ended
		if trapOf(t, err, cabi.Interrupted); !errors.Is(err, component.ErrClosed) {
			t.Errorf("%v", err)
		}
		if _, err := in.Call(context.Background(), again, "parse", "closed"); !errors.Is(err, component.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

// TestWhatAHostFunctionLeavesIsDropped: own handles that it was given and did not take,
// because it failed.
func TestWhatAHostFunctionLeavesIsDropped(t *testing.T) {
	l := newLinking(t)
	c := l.compile("again")
	p := &passing{}
	p.tokens = &cabi.ResourceType{Name: "token", Drop: func(_ context.Context, rep any) error {
		p.ended = append(p.ended, rep.(*token).label)
		return nil
	}}
	i := offer(t, importOf(t, c, "test:link/host"), map[string]*cabi.ResourceType{"token": p.tokens}, p.code)
	i.Funcs["merge"] = func(c *cabi.Call, _ []uint64) { c.Fail(errors.New("before it took anything")) }
	linker := l.linker()
	if err := linker.Define(i); err != nil {
		t.Fatal(err)
	}
	in := start(t, linker, c)
	_, err := in.Call(context.Background(), again, "merge", &token{"lent"}, &token{"given"})
	trapOf(t, err, cabi.HostFailed)
	if !reflect.DeepEqual(p.ended, []string{"given"}) {
		t.Errorf("%v ended, want what was given", p.ended)
	}
	p.ended = nil
	if _, err := in.Call(context.Background(), again, "all", []any{&token{"kept"}, nil}); err == nil {
		t.Error("nil is a token")
	}
	if len(p.ended) != 0 {
		t.Errorf("%v ended; the call never began", p.ended)
	}
}

func TestFunctionsThatAreHandedOnAreFoundByBothNames(t *testing.T) {
	_, in := newPassing(t)
	for _, tt := range []struct{ iface, name, want string }{
		{outer + "#", "join", "no name after"},
		{outer + "#other", "join", `no export "other"; exports are inner, join`},
		{outer + "#join", "join", `no export "join"`},
		{outer + "#inner", "jive", `no function "jive"`},
		{outer + "#inner#inner", "join", "no export"},
		{"test:link/outer@0.3.0#inner", "join", "no export"},
		{outer, "inner", `no function "inner"`},
		{"", again, "no export"},
	} {
		f, err := in.Func(tt.iface, tt.name)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %s: %v %v, want %q", tt.iface, tt.name, f, err, tt.want)
		}
	}
	f, err := in.Func(outer+"#inner", "[method]token.label")
	if err != nil {
		t.Fatal(err)
	}
	if f.Type().Name != "[method]token.label" || f.Type().Kind != wit.Method {
		t.Errorf("its type is %+v", f.Type())
	}
}
