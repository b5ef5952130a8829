package component_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// asModule makes of the core module of a guest, which carries its world, the component
// that guest compiles; nil is for the component that the toolchain made.
var asModule func(t testing.TB, module []byte) []byte

// guest compiles a guest of testdata/guests.
func guest(t testing.TB, name string) (*component.Runtime, *component.Component) {
	t.Helper()
	dir := filepath.Join("..", "testdata", "guests")
	if asModule != nil {
		dir = filepath.Join(dir, "modules", "embedded")
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if asModule != nil {
		data = asModule(t, data)
	}
	ctx := context.Background()
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(ctx) })
	c, err := r.Compile(ctx, data)
	if err != nil {
		t.Fatal(err)
	}
	return r, c
}

// importOf is the type of an interface that a component imports.
func importOf(t testing.TB, c *component.Component, name string) *wit.Interface {
	t.Helper()
	for _, im := range c.World().Imports {
		if im.Name == name {
			return im.Interface
		}
	}
	t.Fatalf("no import %s", name)
	return nil
}

// offer makes an interface of Go functions on plain values.
func offer(t testing.TB, typ *wit.Interface, resources map[string]*cabi.ResourceType, code func(f *wit.Func) func(context.Context, []any) (any, error)) *component.Interface {
	t.Helper()
	i := &component.Interface{Type: typ, Funcs: map[string]component.HostFunc{}, Resources: resources}
	for _, f := range typ.Funcs {
		host, err := component.Dynamic(f, code(f))
		if err != nil {
			t.Fatal(err)
		}
		i.Funcs[f.Name] = host
	}
	return i
}

// instantiate links and instantiates, and closes at the end of the test.
func instantiate(t testing.TB, r *component.Runtime, c *component.Component, offers ...*component.Interface) *component.Instance {
	t.Helper()
	l := component.NewLinker(r)
	for _, o := range offers {
		if err := l.Define(o); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return in
}
