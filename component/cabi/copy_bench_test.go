package cabi

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/wit"
)

// pairBench is a function of one parameter and two guests between which it is
// called: the caller has value, the callee's realloc gives blocks from a ring.
type pairBench struct {
	codec    *FuncCodec
	copies   *FuncCopy
	from, to *Call
	in, out  []uint64
}

func newPairBench(tb testing.TB, fromEnc, toEnc Encoding, params []any, types ...wit.Type) *pairBench {
	tb.Helper()
	f := &wit.Func{Name: "f"}
	for i, t := range types {
		f.Params = append(f.Params, wit.Param{Name: fmt.Sprint("p", i), Type: t})
	}
	b := &pairBench{in: make([]uint64, 16), out: make([]uint64, 16)}
	var err error
	if b.codec, b.copies, err = funcProgramOf(f); err != nil {
		tb.Fatal(err)
	}
	b.from = roomy().call(fromEnc)
	if err := b.codec.LowerParams(b.from, params, b.in); err != nil {
		tb.Fatal(err)
	}
	const room = 1 << 20
	g := newGuest(room, 0, allocator{})
	next := uint32(8)
	realloc := func(_ context.Context, old, oldSize, align, size uint32) (uint32, error) {
		if old != 0 && size <= oldSize {
			return old, nil
		}
		if next+size+8 > room {
			next = 8
		}
		p := (next + align - 1) &^ (align - 1)
		next = p + size
		copy(g.mem[p:], g.mem[old:old+min(oldSize, size)])
		return p, nil
	}
	b.to = new(Call)
	b.to.Begin(context.Background(), &Options{Encoding: toEnc, Memory: g, Realloc: realloc}, nil)
	b.to.budget, b.from.budget = 1<<62, 1<<62
	return b
}

func (p *pairBench) run(b *testing.B, bytes int64) {
	b.Run("copy", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(bytes)
		for b.Loop() {
			p.copies.CopyParams(p.from, p.to, p.in, p.out)
		}
	})
	b.Run("values", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(bytes)
		for b.Loop() {
			if err := p.codec.LowerParams(p.to, p.codec.LiftParams(p.from, p.in, nil), p.out); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkCopy copies parameters from guest to guest, and does the same by way of
// Go values.
func BenchmarkCopy(b *testing.B) {
	b.Run("scalars", func(b *testing.B) {
		newPairBench(b, UTF8, UTF8, []any{uint32(7), int8(-1), 1.5, true}, wit.U32, wit.S8, wit.F64, wit.Bool).run(b, 0)
	})
	names := []string{"utf8", "utf16", "latin1"}
	for _, n := range []int{16, 1 << 10, 64 << 10} {
		s := strings.Repeat("plain text, and ", n/16)
		for from := range names {
			for to := range names {
				b.Run(fmt.Sprintf("string-%s-%s-%d", names[from], names[to], n), func(b *testing.B) {
					newPairBench(b, Encoding(from), Encoding(to), []any{s}, wit.String).run(b, int64(n))
				})
			}
		}
		mixed := strings.Repeat("Schöne Grüße €𝄞", 1+n/23)
		b.Run(fmt.Sprintf("mixed-utf8-utf16-%d", n), func(b *testing.B) {
			newPairBench(b, UTF8, UTF16, []any{mixed}, wit.String).run(b, int64(len(mixed)))
		})
		b.Run(fmt.Sprintf("mixed-utf16-utf8-%d", n), func(b *testing.B) {
			newPairBench(b, UTF16, UTF8, []any{mixed}, wit.String).run(b, int64(len(mixed)))
		})
	}
	b.Run("bytes-65536", func(b *testing.B) {
		newPairBench(b, UTF8, UTF8, []any{make([]byte, 64<<10)}, &wit.List{Elem: wit.U8}).run(b, 64<<10)
	})
	const n = 1000
	list := func(typ string, v any) {
		values := make([]any, n)
		for i := range values {
			values[i] = v
		}
		t := &wit.List{Elem: parseType(typ)}
		b.Run(fmt.Sprint("list-", n, "-", strings.ReplaceAll(typ, " ", "")), func(b *testing.B) {
			newPairBench(b, UTF8, UTF8, []any{values}, t).run(b, n*int64(new(Layouts).of(t.Elem).Size))
		})
	}
	list("record{a: u32, b: u64, c: string}", map[string]any{"a": uint32(1), "b": uint64(2), "c": "plank"})
	list("record{a: u32, b: f64}", map[string]any{"a": uint32(1), "b": 2.5})
	list("tuple<u32, f32>", []any{uint32(1), float32(2.5)})
	list("variant{a(u32), b(char), c}", Variant{Case: "b", Value: 'x'})
	list("char", 'x')
}
