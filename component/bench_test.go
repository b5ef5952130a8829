package component_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
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

// giveBack offers values-utf8 functions that give back what they take.
func giveBack(b *testing.B, c *component.Component) *component.Interface {
	return offer(b, importOf(b, c, values), nil, func(f *wit.Func) func(context.Context, []any) (any, error) {
		return func(_ context.Context, args []any) (any, error) {
			if f.Result == nil {
				return nil, nil
			}
			return args[0], nil
		}
	})
}

// BenchmarkThrough calls guests of a real toolchain from Go: values-utf8 calls Go,
// composed is two components with UTF-8 and UTF-16.
func BenchmarkThrough(b *testing.B) {
	text := strings.Repeat("a", 1<<10)
	for _, name := range []string{"values-utf8", "composed"} {
		r, c := guest(b, name+".wasm")
		var offers []*component.Interface
		if name == "values-utf8" {
			offers = append(offers, giveBack(b, c))
		}
		in := instantiate(b, r, c, offers...)
		for _, try := range []struct {
			fn   string
			args []any
		}{{"ping", nil}, {"echo-u64", []any{uint64(1 << 40)}}, {"echo-string", []any{text}}} {
			b.Run(name+"/"+try.fn, func(b *testing.B) {
				f, err := in.Func(values, try.fn)
				if err != nil {
					b.Fatal(err)
				}
				ctx := context.Background()
				b.ReportAllocs()
				for b.Loop() {
					if _, err := f.Call(ctx, try.args...); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkHostToGuest calls a guest from Go, with plain Go values.
func BenchmarkHostToGuest(b *testing.B) {
	in := callers(b, true)
	for _, w := range workloads() {
		b.Run(w.name, func(b *testing.B) {
			call := callee(b, in, w)
			b.SetBytes(w.bytes)
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}

// BenchmarkGuestToHost has a guest call Go in a loop: code as a binding has it, and
// functions on plain Go values.
func BenchmarkGuestToHost(b *testing.B) {
	b.Run("typed", func(b *testing.B) { loops(b, callers(b, true), "to-host") })
	b.Run("dynamic", func(b *testing.B) { loops(b, callers(b, false), "to-host") })
}

// BenchmarkComponentToComponent has a guest call another one in a loop: a component
// within the same component, and another instance that the linker was given.
func BenchmarkComponentToComponent(b *testing.B) {
	b.Run("composed", func(b *testing.B) { loops(b, callers(b, true), "to-component") })
	b.Run("linked", func(b *testing.B) { loops(b, linkedCallers(b), "to-host") })
}

// loops measures each of the calls that a guest makes.
func loops(b *testing.B, in *component.Instance, to string) {
	for _, w := range workloads() {
		b.Run(w.name, func(b *testing.B) {
			run := caller(b, in, to, w)
			b.SetBytes(w.bytes)
			b.ReportAllocs()
			b.ResetTimer()
			run(b.N)
		})
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
