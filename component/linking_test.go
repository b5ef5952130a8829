package component_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// linking compiles components of testdata/link for one runtime.
type linking struct {
	testing.TB
	runtime *component.Runtime
}

func newLinking(t testing.TB) *linking {
	t.Helper()
	r, err := component.NewRuntime(context.Background(), component.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return &linking{t, r}
}

func (l *linking) read(name string) []byte {
	l.Helper()
	data, err := os.ReadFile("testdata/link/" + name + ".wasm")
	if err != nil {
		l.Fatal(err)
	}
	return data
}

func (l *linking) compile(name string) *component.Component {
	l.Helper()
	c, err := l.runtime.Compile(context.Background(), l.read(name))
	if err != nil {
		l.Fatal(err)
	}
	return c
}

func (l *linking) linker() *component.Linker { return component.NewLinker(l.runtime) }

const cells = "test:link/cells@1.0.1"

func TestAnInstanceMeetsTheImportsOfOthers(t *testing.T) {
	l := newLinking(t)
	provider := start(t, l.linker(), l.compile("cells"))
	linker := l.linker()
	if err := linker.DefineInstance(cells, provider); err != nil {
		t.Fatal(err)
	}
	user := l.compile("user")
	one, two := start(t, linker, user), start(t, linker, user)
	if got := call(t, one, "", "use", uint32(5)); got != uint32(5) {
		t.Errorf("the first user got %v", got)
	}
	if got := call(t, two, "", "use", uint32(7)); got != uint32(12) {
		t.Errorf("the second user got %v, want the state of the first in it", got)
	}
	if got := call(t, provider, cells, "dropped"); got != uint32(12) {
		t.Errorf("destructors saw %v", got)
	}
	for _, s := range []string{"", "plain", "grün 🙂"} {
		if got := call(t, one, "", "echo", s); got != s {
			t.Errorf("echo of %q: %q", s, got)
		}
	}
}

func TestADependencyBelongsToItsImporter(t *testing.T) {
	l := newLinking(t)
	linker := l.linker()
	linker.DefineComponent(cells, l.compile("cells"))
	user := l.compile("user")
	one, two := start(t, linker, user), start(t, linker, user)
	call(t, one, "", "use", uint32(5))
	if got := call(t, two, "", "use", uint32(7)); got != uint32(7) {
		t.Errorf("the second user got %v, want state of its own", got)
	}
	if err := one.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := call(t, two, "test:link/again", "bump", uint32(0)); got != uint32(7) {
		t.Errorf("the instance that is handed on has %v", got)
	}
}

func TestResourcesPassThroughTheHostFromOneInstanceToAnother(t *testing.T) {
	l := newLinking(t)
	provider := start(t, l.linker(), l.compile("cells"))
	linker := l.linker()
	linker.DefineInstance(cells, provider)
	user := start(t, linker, l.compile("user"))
	cell := call(t, user, "", "keep", uint32(9))
	if got := call(t, provider, cells, "[method]cell.get", cell); got != uint32(9) {
		t.Errorf("the cell holds %v", got)
	}
	if got := call(t, user, "test:link/again", "[method]cell.get", cell); got != uint32(9) {
		t.Errorf("by way of the user, the cell holds %v", got)
	}
	if err := cell.(*component.Resource).Drop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := call(t, provider, cells, "dropped"); got != uint32(9) {
		t.Errorf("destructors saw %v", got)
	}
	if err := cell.(*component.Resource).Drop(context.Background()); err == nil {
		t.Error("dropped twice")
	}
}

func TestATrapEndsTheInstanceThatIsCalledAndTheOneThatCalls(t *testing.T) {
	l := newLinking(t)
	provider := start(t, l.linker(), l.compile("cells"))
	linker := l.linker()
	linker.DefineInstance(cells, provider)
	user := l.compile("user")
	one, two := start(t, linker, user), start(t, linker, user)
	_, err := one.Call(context.Background(), "", "fail")
	if trap := trapOf(t, err, cabi.GuestTrapped); !strings.Contains(trap.Backtrace.String(), "fail") {
		t.Errorf("the backtrace is %q", trap.Backtrace)
	}
	_, err = one.Call(context.Background(), "", "use", uint32(1))
	trapOf(t, err, cabi.Dead)
	_, err = provider.Call(context.Background(), cells, "dropped")
	trapOf(t, err, cabi.Dead)
	_, err = two.Call(context.Background(), "", "use", uint32(1))
	trapOf(t, err, cabi.CannotEnter)
}

func TestAClosedInstanceIsNoMoreCalled(t *testing.T) {
	l := newLinking(t)
	provider := start(t, l.linker(), l.compile("cells"))
	linker := l.linker()
	linker.DefineInstance(cells, provider)
	user := start(t, linker, l.compile("user"))
	if err := provider.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	_, err := user.Call(context.Background(), "", "use", uint32(1))
	if trapOf(t, err, cabi.CannotEnter); !errors.Is(err, component.ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := linker.DefineInstance(cells, provider); !errors.Is(err, component.ErrClosed) {
		t.Errorf("defining it: %v", err)
	}
}

func TestCoreModulesAndComponentsAreGivenToImports(t *testing.T) {
	l := newLinking(t)
	linker := l.linker()
	if err := linker.DefineModule("doubler", l.read("double")); err != nil {
		t.Fatal(err)
	}
	linker.DefineComponent("tripler", l.compile("triple"))
	open := l.compile("open")
	for range 2 {
		in := start(t, linker, open)
		if got := call(t, in, "", "six", uint32(7)); got != uint32(42) {
			t.Errorf("six times 7 is %v", got)
		}
		if got := call(t, in, "", "triple", uint32(7)); got != uint32(21) {
			t.Errorf("three times 7 is %v", got)
		}
	}
}

func TestCoreModulesAndComponentsOfAnInstanceAreGivenToImports(t *testing.T) {
	l := newLinking(t)
	linker := l.linker()
	if err := linker.DefineInstance("parts", start(t, l.linker(), l.compile("cells"))); err != nil {
		t.Fatal(err)
	}
	in := start(t, linker, l.compile("inner"))
	if got := call(t, in, "", "double", uint32(4)); got != uint32(8) {
		t.Errorf("twice 4 is %v", got)
	}
	if got := call(t, in, "", "triple", uint32(4)); got != uint32(12) {
		t.Errorf("three times 4 is %v", got)
	}
}

func TestWhatDoesNotFitIsALinkError(t *testing.T) {
	l := newLinking(t)
	open, user := l.compile("open"), l.compile("user")
	tests := []struct {
		what  string
		c     *component.Component
		offer func(*component.Linker) error
		want  string
	}{
		{"a module that is missing", open, func(*component.Linker) error { return nil }, "doubler: no core module of that name is offered"},
		{"a module without the export", open, func(k *component.Linker) error { return k.DefineModule("doubler", l.read("halve")) }, "double"},
		{"a component for a module", open, func(k *component.Linker) error { k.DefineComponent("doubler", l.compile("triple")); return nil }, "doubler: what is offered is a component, not a core module"},
		{"a component without the export", open, func(k *component.Linker) error { k.DefineComponent("tripler", l.compile("cells")); return nil }, "triple"},
		{"a module for an instance", user, func(k *component.Linker) error { return k.DefineModule("test:link/cells@1.0.0", l.read("double")) }, "is a core module, not an instance"},
		{"an instance without the functions", user, func(k *component.Linker) error {
			k.DefineComponent("test:link/cells@1.0.0", l.compile("triple"))
			return nil
		}, "no function bump"},
		{"a component that imports what is missing", user, func(k *component.Linker) error { k.DefineComponent("test:link/cells@1.0.0", open); return nil }, "imports doubler"},
		{"a component that needs itself", user, func(k *component.Linker) error { k.DefineComponent(cells, user); return nil }, "needs itself"},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			linker := l.linker()
			if err := tt.offer(linker); err != nil {
				t.Fatal(err)
			}
			in, err := linker.Instantiate(context.Background(), tt.c)
			var le *component.LinkError
			if !errors.As(err, &le) || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("%v, %v, want %q", in, err, tt.want)
			}
		})
	}
}

func TestAWorldSaysWhatWITHasNoWordFor(t *testing.T) {
	l := newLinking(t)
	for name, want := range map[string]string{
		"open":  "/// imports a core module, doubler, for which WIT has no word\n/// imports a component, tripler, for which WIT has no word\nworld root {",
		"cells": "/// exports a core module, doubler, for which WIT has no word\n/// exports a component, tripler, for which WIT has no word\nworld root {",
		"user":  ";\n\nworld root {",
	} {
		if text := wit.PrintWorld(l.compile(name).World()); !strings.Contains(text, want) {
			t.Errorf("%s: %s", name, text)
		}
	}
}
