package component_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// small compiles a component of testdata, which is made from the .wat beside it
// with `wasm-tools parse`.
func small(t testing.TB, name string) (*component.Linker, *component.Component) {
	t.Helper()
	ctx := context.Background()
	data, err := os.ReadFile("testdata/" + name + ".wasm")
	if err != nil {
		t.Fatal(err)
	}
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(ctx) })
	c, err := r.Compile(ctx, data)
	if err != nil {
		t.Fatal(err)
	}
	return component.NewLinker(r), c
}

func start(t testing.TB, l *component.Linker, c *component.Component) *component.Instance {
	t.Helper()
	in, err := l.Instantiate(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(context.Background()) })
	return in
}

func TestAChildMayCallItsParentAndNobodyTwice(t *testing.T) {
	l, c := small(t, "donut")
	in := start(t, l, c)
	for range 2 {
		call(t, in, "", "run")
		call(t, in, "", "child")
	}
	_, err := in.Call(context.Background(), "", "reenter")
	if trap := trapOf(t, err, cabi.CannotEnter); trap.Func != "child" {
		t.Errorf("%v", err)
	}
}

func TestADestructorOfAChildRuns(t *testing.T) {
	l, c := small(t, "dtor")
	in := start(t, l, c)
	call(t, in, "", "run")
	call(t, in, "", "run")
	if got := call(t, in, "", "dropped"); got != uint32(10) {
		t.Errorf("dropped: %v", got)
	}
}

// TestInstantiationTraps where the engine alone would let an element segment pass,
// and where a start function does; the next attempt is as good as the first.
func TestInstantiationTraps(t *testing.T) {
	for name, want := range map[string]string{"elem": "outside of its table", "start": "unreachable"} {
		l, c := small(t, name)
		for range 3 {
			in, err := l.Instantiate(context.Background(), c)
			if in != nil {
				t.Fatalf("%s: an instance", name)
			}
			if trap := trapOf(t, err, cabi.GuestTrapped); !strings.Contains(trap.Msg, want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func TestNobodyLeavesFromReallocOrPostReturn(t *testing.T) {
	for _, try := range []struct {
		name string
		args []any
		code cabi.Code
	}{
		{"plain", nil, 0}, {"in-realloc", []any{"text"}, cabi.CannotLeave}, {"in-post-return", nil, cabi.CannotLeave},
	} {
		l, c := small(t, "leave")
		calls := 0
		l.DefineFunc(&wit.Func{Name: "out"}, func(*cabi.Call, []uint64) { calls++ })
		in := start(t, l, c)
		_, err := in.Call(context.Background(), "", try.name, try.args...)
		if try.code == 0 {
			if err != nil || calls != 1 {
				t.Errorf("%s: %v, %d calls", try.name, err, calls)
			}
			continue
		}
		if trap := trapOf(t, err, try.code); trap.Func != "out" {
			t.Errorf("%s: %v", try.name, err)
		}
	}
}
