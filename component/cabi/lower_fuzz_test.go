package cabi

import (
	"context"
	"slices"
	"testing"

	"github.com/tenon-wasm/tenon/wit"
)

// FuzzLower gives a value of any type to a guest whose realloc may answer anything.
// A trap comes at once where an answer was not aligned or not in memory, and nowhere
// else; nothing is written but the blocks, and nothing to a memory that has moved;
// where no blocks overlap, the value is there. A copy from another guest makes the
// same calls of realloc as lowering does.
func FuzzLower(f *testing.F) {
	lowerSeeds(f)
	f.Fuzz(func(t *testing.T, shape []byte, encoding uint8, value, answers []byte) {
		typ := (&dice{shape}).typ(4)
		v := (&dice{value}).value(typ)
		to, encoding := waysToLower(t, typ, v), encoding%3

		calls := make([][][5]uint64, len(to))
		for i, lower := range to {
			g := newLiar(answers)
			var back func(*Call) any
			trap := trapOf(func() { back = lower(g, g.call(Encoding(encoding))) })
			g.judge(t, typ, trap)
			calls[i] = slices.Clone(g.calls)
			if trap != nil || !g.honest {
				continue
			}
			if have := back(g.call(Encoding(encoding))); !sameValue(have, v) {
				t.Fatalf("%s: %#v came back as %#v", typ, v, have)
			}
		}
		if stored, copied := calls[0], calls[1]; !slices.Equal(stored, copied) {
			t.Fatalf("%s: a copy called realloc %v, lowering %v", typ, copied, stored)
		}
	})
}

// waysToLower are the ways that v can take to a guest: into memory, into memory from
// another guest, as a parameter and as a result. Each says how to lift it again.
func waysToLower(t *testing.T, typ wit.Type, v any) []func(*liar, *Call) (back func(*Call) any) {
	codec, mem, _, err := programsOf(typ)
	if err != nil {
		t.Fatal(err)
	}
	fn, err := FuncCodecOf(&wit.Func{Name: "f", Params: []wit.Param{{Name: "p", Type: typ}}, Result: typ})
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		if err != nil {
			t.Fatalf("%s: %v", typ, err)
		}
	}
	// Another guest has UTF-8, as the host does.
	from := roomy().call(UTF8)
	src := from.Alloc(codec.align, codec.size)
	must(codec.Store(from, v, src))
	from.budget = 1 << 30
	return []func(*liar, *Call) func(*Call) any{
		func(_ *liar, c *Call) func(*Call) any {
			p := c.Alloc(codec.align, codec.size)
			must(codec.Store(c, v, p))
			return func(c *Call) any { return codec.Load(c, p) }
		},
		func(_ *liar, c *Call) func(*Call) any {
			p := c.Alloc(codec.align, codec.size)
			(&copying{from: from, to: c, callee: c}).value(mem, src, p)
			return func(c *Call) any { return codec.Load(c, p) }
		},
		func(_ *liar, c *Call) func(*Call) any {
			stack := make([]uint64, MaxFlatParams+1)
			must(fn.LowerParams(c, []any{v}, stack))
			return func(c *Call) any { return fn.LiftParams(c, stack, nil)[0] }
		},
		func(g *liar, c *Call) func(*Call) any {
			stack := make([]uint64, MaxFlatParams+1)
			if fn.resultSpilled {
				// The guest says where, and lies about that too.
				p, err := g.realloc(context.Background(), 0, 0, codec.align, codec.size)
				if err != nil {
					panic(&Trap{Code: GuestTrapped, Err: err})
				}
				stack[fn.out] = uint64(p)
			}
			must(fn.LowerResult(c, v, stack))
			if fn.resultSpilled {
				stack[0] = stack[fn.out]
			}
			return func(c *Call) any { return fn.LiftResult(c, stack) }
		},
	}
}

// lowerSeeds are values that call realloc, with each answer to the first three calls.
func lowerSeeds(f *testing.F) {
	long := func(text ...byte) []byte { // a string: its length in 8 bytes, and which of [someChars]
		return append([]byte{0, 0, 0, 0, 0, 0, 0, byte(len(text))}, text...)
	}
	const latin1, wide, wider = 15, 17, 21
	for _, seed := range []struct {
		typ   string
		value []byte
	}{
		{"string", long(0, latin1, 0)},
		{"string", long(0, latin1, wide, wider)},
		{"list<list<u16>>", []byte{2, 2, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4, 1}},
		{"list<u8>", []byte{3, 1, 2, 3}},
		{"tuple<list<list<string>>, option<u64>>", append([]byte{1, 2}, append(long(0, wide), long(latin1)...)...)},
	} {
		shape, ok := shapeOf(parseType(seed.typ), 4)
		if !ok {
			f.Fatal(seed.typ)
		}
		for encoding := range uint8(3) {
			for answer := range byte(answers) {
				for before := range 3 {
					f.Add(shape, encoding, seed.value, append(make([]byte, before), answer, 1))
				}
			}
		}
	}
}
