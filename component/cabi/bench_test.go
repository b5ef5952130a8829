package cabi

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/wit"
)

// benchCall is a call whose realloc always gives the same block.
func benchCall() *Call {
	g := newGuest(4*page, 0, allocator{Mode: "fixed", Result: page})
	realloc := func(context.Context, uint32, uint32, uint32, uint32) (uint32, error) { return page, nil }
	c := new(Call)
	c.Begin(context.Background(), &Options{Memory: g, Realloc: realloc, HostBytes: 1 << 60}, nil)
	return c
}

func BenchmarkBeginEnd(b *testing.B) {
	c := benchCall()
	ctx, opts := c.ctx, c.opts
	b.ReportAllocs()
	for b.Loop() {
		c.Begin(ctx, opts, nil)
		c.U32(64)
		c.End()
	}
}

func BenchmarkString(b *testing.B) {
	for _, enc := range []Encoding{UTF8, UTF16, Latin1UTF16} {
		for _, n := range []int{16, 1 << 10, 64 << 10} {
			c := benchCall()
			c.opts.Encoding = enc
			s := strings.Repeat("a", n)
			ptr, units := c.LowerString(s)
			name := fmt.Sprintf("%s-%d", []string{"utf8", "utf16", "latin1"}[enc], n)
			b.Run("lift-"+name, func(b *testing.B) {
				b.SetBytes(int64(n))
				b.ReportAllocs()
				for b.Loop() {
					c.LiftString(ptr, units)
				}
			})
			b.Run("lower-"+name, func(b *testing.B) {
				b.SetBytes(int64(n))
				b.ReportAllocs()
				for b.Loop() {
					c.LowerString(s)
				}
			})
		}
	}
}

func BenchmarkBytes(b *testing.B) {
	for _, n := range []int{16, 1 << 10, 64 << 10} {
		c := benchCall()
		buf := make([]byte, n)
		b.Run(fmt.Sprint("lift-", n), func(b *testing.B) {
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				c.LiftBytes(page, uint32(n))
			}
		})
		b.Run(fmt.Sprint("lower-", n), func(b *testing.B) {
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				c.LowerBytes(buf)
			}
		})
	}
}

// point is what a binding would make of record{x: u32, y: f64, tag: u8}.
type point struct {
	x   uint32
	y   float64
	tag uint8
}

func BenchmarkListOfRecords(b *testing.B) {
	const n = 1000
	points := make([]point, n)
	c := benchCall()
	b.Run("verbs-lift", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			base, count := c.LiftList(page, n, 24, 8)
			for i := range count {
				p := base + 24*i
				points[i] = point{c.U32(p), c.F64(p + 8), c.U8(p + 16)}
			}
		}
	})
	b.Run("verbs-lower", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p := c.LowerList(len(points), 24, 8)
			for i := range points {
				c.SetU32(p, points[i].x)
				c.SetF64(p+8, points[i].y)
				c.SetU8(p+16, points[i].tag)
				p += 24
			}
		}
	})
	codec := codecOf(b, "list<record{x: u32, y: f64, tag: u8}>")
	var v any
	b.Run("codec-lift", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v = codec.LiftFlat(c, []uint64{page, n})
		}
	})
	b.Run("codec-lower", func(b *testing.B) {
		b.ReportAllocs()
		flat := make([]uint64, 2)
		for b.Loop() {
			if err := codec.LowerFlat(c, v, flat); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkScalarFunc(b *testing.B) {
	f := &wit.Func{Params: []wit.Param{{Name: "a", Type: wit.U32}, {Name: "b", Type: wit.F64}}, Result: wit.U32}
	fc, err := FuncCodecOf(f)
	if err != nil {
		b.Fatal(err)
	}
	c := benchCall()
	stack := make([]uint64, 2)
	values := []any{uint32(7), 1.5}
	b.Run("lower", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := fc.LowerParams(c, values, stack); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("lift", func(b *testing.B) {
		b.ReportAllocs()
		dst := make([]any, 0, 2)
		for b.Loop() {
			fc.LiftParams(c, stack, dst)
		}
	})
	b.Run("result", func(b *testing.B) {
		b.ReportAllocs()
		stack[0] = 7
		for b.Loop() {
			fc.LiftResult(c, stack)
		}
	})
}
