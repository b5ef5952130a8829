package component_test

import (
	"context"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
)

// scalars instantiates values-utf8 with a host whose functions do nothing: the flat
// parameter of a scalar echo is its flat result.
func scalars(b *testing.B) (*component.Linker, *component.Component) {
	r, c := guest(b, "values-utf8.wasm")
	im := &component.Interface{Type: importOf(b, c, values), Funcs: map[string]component.HostFunc{}}
	for _, f := range im.Type.Funcs {
		im.Funcs[f.Name] = func(*cabi.Call, []uint64) {}
	}
	l := component.NewLinker(r)
	if err := l.Define(im); err != nil {
		b.Fatal(err)
	}
	return l, c
}

// BenchmarkScalar calls the guest, which calls the host: ping has no values, so that
// nothing is boxed, echo-u64 one each way.
func BenchmarkScalar(b *testing.B) {
	for _, name := range []string{"ping", "echo-u64"} {
		b.Run(name, func(b *testing.B) {
			l, c := scalars(b)
			ctx := context.Background()
			in, err := l.Instantiate(ctx, c)
			if err != nil {
				b.Fatal(err)
			}
			defer in.Close(ctx)
			f, err := in.Func(values, name)
			if err != nil {
				b.Fatal(err)
			}
			var args []any
			if name != "ping" {
				args = []any{uint64(1 << 40)}
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Call(ctx, args...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkHostToGuest calls a guest that calls nobody.
func BenchmarkHostToGuest(b *testing.B) {
	r, c := guest(b, "composed.wasm")
	in := instantiate(b, r, c)
	f, err := in.Func("tenon:test/tally", "calls")
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Call(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkComponentToComponent: the host calls one component, which calls another.
func BenchmarkComponentToComponent(b *testing.B) {
	r, c := guest(b, "composed.wasm")
	in := instantiate(b, r, c)
	f, err := in.Func(values, "echo-u64")
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	args := []any{uint64(1 << 40)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Call(ctx, args...); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInstance instantiates and closes a guest of three core modules.
func BenchmarkInstance(b *testing.B) {
	l, c := scalars(b)
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		in, err := l.Instantiate(ctx, c)
		if err != nil {
			b.Fatal(err)
		}
		if err := in.Close(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMatch type checks the imports of a guest.
func BenchmarkMatch(b *testing.B) {
	r, c := guest(b, "values-utf8.wasm")
	im := echoing(b, c, nil)
	b.ReportAllocs()
	for b.Loop() {
		l := component.NewLinker(r)
		if err := l.Define(im); err != nil {
			b.Fatal(err)
		}
		l.Match(c)
	}
}
