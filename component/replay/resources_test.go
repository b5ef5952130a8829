package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// TestCallsOfALibraryAreReplayed: resources of the guest go out and come back, the host's
// go in and out, and a destructor runs when the host drops one.
func TestCallsOfALibraryAreReplayed(t *testing.T) {
	s := newStage(t, "resources")
	ctx := context.Background()
	var b bytes.Buffer
	l, r := s.recorded(t, &b)
	if err := l.Define(tokens(t, s.guest)); err != nil {
		t.Fatal(err)
	}
	in, err := l.Instantiate(ctx, s.guest)
	if err != nil {
		t.Fatal(err)
	}
	call := func(iface, name string, args ...any) any {
		t.Helper()
		v, err := in.Call(ctx, iface, name, args...)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	const counters, walks = "tenon:test/counters", "tenon:test/walks"
	one := call(counters, "[constructor]counter", "one", uint32(1))
	made := call(counters, "make", uint32(3)).([]any)
	call(counters, "[method]counter.add", made[1], uint32(5))
	call(counters, "sum", made)
	one = call(counters, "pass", one)
	call(walks, "pass", "a token")
	call(walks, "make-and-drop")
	call(walks, "lend", "another")
	if err := made[0].(*component.Resource).Drop(ctx); err != nil {
		t.Fatal(err)
	}
	call(counters, "keep", one)
	want := call(counters, "dropped")
	if err := errors.Join(in.Close(ctx), r.Close()); err != nil {
		t.Fatal(err)
	}
	p, err := NewPlayer(&b)
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	p.OnCall = func(Call) { calls++ }
	got, err := p.Run(ctx, s.runtime, s.guest)
	if err != nil || got != want || calls < 5 {
		t.Errorf("the last call gives %v, %v after %d calls, want %v", got, err, calls, want)
	}
}

// tokens is a host whose resource is a string.
func tokens(t *testing.T, c *component.Component) *component.Interface {
	t.Helper()
	for _, im := range c.World().Imports {
		if im.Name != "tenon:test/tokens" {
			continue
		}
		i := &component.Interface{
			Type: im.Interface, Funcs: map[string]component.HostFunc{},
			Resources: map[string]*cabi.ResourceType{"token": {Name: "token"}},
		}
		for _, f := range im.Interface.Funcs {
			code, err := component.Dynamic(f, func(_ context.Context, args []any) (any, error) { return token(f, args) })
			if err != nil {
				t.Fatal(err)
			}
			i.Funcs[f.Name] = code
		}
		return i
	}
	t.Fatal("no tokens are imported")
	return nil
}

func token(f *wit.Func, args []any) (any, error) {
	switch f.Name {
	case "[constructor]token", "[method]token.label":
		return args[0], nil
	case "[static]token.join":
		return fmt.Sprint(args...), nil
	case "describe":
		return "<" + args[0].(string) + ">", nil
	}
	return nil, fmt.Errorf("no function %s", f.Name)
}

// TestADropOfNoHandleIsReplayed: a guest that drops the handle 0 traps, and that is no drop
// by the host, which has no number either.
func TestADropOfNoHandleIsReplayed(t *testing.T) {
	s := newStage(t, "../../component/testdata/handles")
	ctx := context.Background()
	var b bytes.Buffer
	l, r := s.recorded(t, &b)
	l.StubMissing(component.StubTraps)
	in, err := l.Instantiate(ctx, s.guest)
	if err != nil {
		t.Fatal(err)
	}
	_, end := in.Call(ctx, "", "drop", uint32(0))
	if err := errors.Join(in.Close(ctx), r.Close()); err != nil {
		t.Fatal(err)
	}
	var want, got *component.Trap
	if !errors.As(end, &want) || want.Code != cabi.BadHandle {
		t.Fatalf("the call ends with %v", end)
	}
	if err := s.replay(b.Bytes()); !errors.As(err, &got) || got.Code != want.Code {
		t.Errorf("the replay ends with %v, want %v", err, want)
	}
}
