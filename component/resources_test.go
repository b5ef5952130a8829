package component_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// token is the host's resource in tests; shop is the host that makes them.
type token struct{ label string }

type shop struct {
	typ   *cabi.ResourceType
	ended []string     // labels of tokens that were dropped or collected
	issue func() []any // what issue gives, where it is set
}

func newShop() *shop {
	s := &shop{}
	s.typ = &cabi.ResourceType{Name: "token", Drop: func(_ context.Context, rep any) error {
		s.ended = append(s.ended, rep.(*token).label)
		return nil
	}}
	return s
}

func (s *shop) offer(t testing.TB, typ *wit.Interface) *component.Interface {
	return offer(t, typ, map[string]*cabi.ResourceType{"token": s.typ}, func(f *wit.Func) func(context.Context, []any) (any, error) {
		return func(_ context.Context, args []any) (any, error) {
			return s.call(f.Name, args)
		}
	})
}

func (s *shop) call(name string, args []any) (any, error) {
	switch name {
	case "[constructor]token":
		return &token{args[0].(string)}, nil
	case "[method]token.label":
		return args[0].(*token).label, nil
	case "[static]token.join":
		return &token{args[0].(*token).label + "+" + args[1].(*token).label}, nil
	case "describe":
		return "<" + args[0].(*token).label + ">", nil
	case "collect":
		all := args[0].([]any)
		for _, t := range all {
			s.ended = append(s.ended, t.(*token).label)
		}
		return uint32(len(all)), nil
	case "issue":
		if s.issue != nil {
			return s.issue(), nil
		}
		all := []any{}
		for i := range args[0].(uint32) {
			all = append(all, &token{fmt.Sprint("t", i)})
		}
		return all, nil
	}
	return nil, fmt.Errorf("no function %s", name)
}

func resources(t testing.TB) (*shop, *component.Instance) {
	r, c := guest(t, "resources.wasm")
	s := newShop()
	return s, instantiate(t, r, c, s.offer(t, importOf(t, c, "tenon:test/tokens")))
}

func call(t testing.TB, in *component.Instance, iface, name string, args ...any) any {
	t.Helper()
	v, err := in.Call(context.Background(), iface, name, args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

const (
	walks    = "tenon:test/walks"
	counters = "tenon:test/counters"
)

func TestTheHostsResourceWalksThroughTheGuest(t *testing.T) {
	s, in := resources(t)
	if got := call(t, in, walks, "make-and-drop"); got != "<a+b>" {
		t.Errorf("make-and-drop: %v", got)
	}
	if got := strings.Join(s.ended, " "); got != "a b a+b" {
		t.Errorf("dropped %q", got)
	}
	if got := call(t, in, walks, "lend", &token{"lent"}); got != "lent" {
		t.Errorf("lend: %v", got)
	}
	mine := &token{"mine"}
	if got := call(t, in, walks, "pass", mine); got != any(mine) {
		t.Errorf("pass gave %v back", got)
	}
	s.ended = nil
	call(t, in, walks, "swallow", &token{"swallowed"})
	if got := call(t, in, walks, "round", uint32(3)); got != uint32(3) {
		t.Errorf("round: %v", got)
	}
	if got := strings.Join(s.ended, " "); got != "swallowed t0 t1 t2" {
		t.Errorf("ended %q", got)
	}
}

func TestFaultsOfHandlesTrap(t *testing.T) {
	for _, fault := range []struct {
		name string
		args []any
		code cabi.Code
		in   string
	}{
		{"use-after-drop", nil, cabi.BadHandle, "tenon:test/tokens#[method]token.label"},
		{"drop-twice", nil, cabi.BadHandle, "resource.drop token"},
		{"forged", nil, cabi.BadHandle, "tenon:test/tokens#[method]token.label"},
		{"keep-borrow", []any{&token{"kept"}}, cabi.BorrowLeak, "tenon:test/walks#keep-borrow"},
	} {
		t.Run(fault.name, func(t *testing.T) {
			_, in := resources(t)
			_, err := in.Call(context.Background(), walks, fault.name, fault.args...)
			var trap *component.Trap
			if !errors.As(err, &trap) || trap.Code != fault.code || trap.Func != fault.in {
				t.Fatalf("%v, want %v in %s", err, fault.code, fault.in)
			}
			for range 2 {
				_, err = in.Call(context.Background(), walks, "make-and-drop")
				var dead *component.Trap
				if !errors.As(err, &dead) || dead.Code != cabi.Dead || !errors.Is(err, trap) {
					t.Errorf("after the trap: %v, want dead, because of the trap", err)
				}
			}
		})
	}
}

func TestAGuestsResourceInGo(t *testing.T) {
	_, in := resources(t)
	ctx := context.Background()
	count := func(what string, want uint32) {
		t.Helper()
		if got := call(t, in, counters, what); got != want {
			t.Errorf("%s: %v, want %d", what, got, want)
		}
	}
	c := call(t, in, counters, "[constructor]counter", "first", uint32(40)).(*component.Resource)
	call(t, in, counters, "[method]counter.add", c, uint32(2))
	if got := call(t, in, counters, "[method]counter.get", c); got != uint32(42) {
		t.Errorf("get: %v", got)
	}
	if got := call(t, in, counters, "[method]counter.checked-sub", c, uint32(50)); got != (cabi.Result{IsErr: true, Value: "below zero"}) {
		t.Errorf("checked-sub: %v", got)
	}
	d := call(t, in, counters, "[method]counter.clone", c).(*component.Resource)
	if got := call(t, in, counters, "sum", []any{c, d, c}); got != uint32(126) {
		t.Errorf("sum: %v", got)
	}
	count("live", 2)
	m := call(t, in, counters, "[static]counter.merge", c, d).(*component.Resource)
	count("live", 1)
	count("dropped", 2)
	for _, gone := range []*component.Resource{c, d} {
		if _, err := in.Call(ctx, counters, "[method]counter.get", gone); err == nil || !strings.Contains(err.Error(), "given away") {
			t.Errorf("use of what was given away: %v", err)
		}
		if err := gone.Drop(ctx); err == nil {
			t.Error("what was given away can be dropped")
		}
	}
	m = call(t, in, counters, "pass", m).(*component.Resource)
	call(t, in, counters, "keep", m)
	m = call(t, in, counters, "take").(*component.Resource)
	if got := call(t, in, counters, "maybe", nil); got != nil {
		t.Errorf("maybe: %v", got)
	}
	m = call(t, in, counters, "maybe", m).(*component.Resource)
	if err := m.Drop(ctx); err != nil {
		t.Fatal(err)
	}
	count("live", 0)
	count("dropped", 3)
	if err := m.Drop(ctx); err == nil {
		t.Error("dropped twice without an error")
	}
	made := call(t, in, counters, "make", uint32(5)).([]any)
	if got := call(t, in, counters, "consume", made); got != uint32(5) {
		t.Errorf("consume: %v", got)
	}
	count("dropped", 8)
}

// TestAWrongArgumentTakesTheOthersBack: what was lowered before the wrong one is the
// caller's again.
func TestAWrongArgumentTakesTheOthersBack(t *testing.T) {
	_, in := resources(t)
	ctx := context.Background()
	c := call(t, in, counters, "[constructor]counter", "c", uint32(1)).(*component.Resource)
	for _, wrong := range []any{c, nil, "text", (*component.Resource)(nil)} {
		if _, err := in.Call(ctx, counters, "[static]counter.merge", c, wrong); err == nil || errors.As(err, new(*component.Trap)) {
			t.Fatalf("merge with %v: %v, want an error that is no trap", wrong, err)
		}
	}
	_, other := resources(t)
	stranger := call(t, other, counters, "[constructor]counter", "d", uint32(1))
	if _, err := in.Call(ctx, counters, "[static]counter.merge", c, stranger); err == nil {
		t.Fatal("a counter of another instance was taken")
	}
	if _, err := in.Call(ctx, counters, "sum", []any{c, c, 3}); err == nil {
		t.Fatal("a number was taken for a counter")
	}
	if _, err := in.Call(ctx, walks, "lend", nil); err == nil || errors.As(err, new(*component.Trap)) {
		t.Fatalf("nil for a token: %v", err)
	}
	if got := call(t, in, counters, "[method]counter.get", c); got != uint32(1) {
		t.Errorf("the counter after that: %v", got)
	}
	if err := c.Drop(ctx); err != nil {
		t.Error(err)
	}
}

// TestCloseDropsWhatIsLeft: children before their parents, with every error.
func TestCloseDropsWhatIsLeft(t *testing.T) {
	r, c := guest(t, "resources.wasm")
	s := newShop()
	in := instantiate(t, r, c, s.offer(t, importOf(t, c, "tenon:test/tokens")))
	parent := &family{name: "parent"}
	child := &family{name: "child", parent: parent}
	grandchild := &family{name: "grandchild", parent: child}
	var order []string
	s.typ.Drop = func(_ context.Context, rep any) error {
		order = append(order, rep.(*family).name)
		return fmt.Errorf("cannot end %s", rep.(*family).name)
	}
	// The call ends between the function that gives tokens and the one that takes
	// them.
	ctx, cancel := context.WithCancel(context.Background())
	s.issue = func() []any { cancel(); return []any{parent, child, grandchild} }
	if _, err := in.Call(ctx, walks, "round", uint32(3)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	err := in.Close(context.Background())
	if got := strings.Join(order, " "); got != "grandchild child parent" {
		t.Errorf("dropped %q (%v)", got, err)
	}
	if err == nil || !strings.Contains(err.Error(), "cannot end parent") || !strings.Contains(err.Error(), "cannot end child") {
		t.Errorf("close: %v", err)
	}
	if err := in.Close(context.Background()); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

type family struct {
	name   string
	parent *family
}

func (f *family) Parent() any {
	if f.parent == nil {
		return nil
	}
	return f.parent
}
