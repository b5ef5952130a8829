package testbind

import (
	"context"
	"math"
	"testing"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/internal/testbind/shapes/scalars"
)

type scalarHost struct{}

func (scalarHost) NoOp(context.Context) error { return nil }
func (scalarHost) Sum(_ context.Context, a uint8, b int8, c uint16, d int16, e uint32, f int32, g uint64, h int64) (uint64, error) {
	return uint64(a) + uint64(b) + uint64(c) + uint64(d) + uint64(e) + uint64(f) + g + uint64(h), nil
}
func (scalarHost) B(_ context.Context, v bool) (bool, error)         { return v, nil }
func (scalarHost) S8(_ context.Context, v int8) (int8, error)        { return v, nil }
func (scalarHost) U8(_ context.Context, v uint8) (uint8, error)      { return v, nil }
func (scalarHost) S16(_ context.Context, v int16) (int16, error)     { return v, nil }
func (scalarHost) U16(_ context.Context, v uint16) (uint16, error)   { return v, nil }
func (scalarHost) S32(_ context.Context, v int32) (int32, error)     { return v, nil }
func (scalarHost) U32(_ context.Context, v uint32) (uint32, error)   { return v, nil }
func (scalarHost) S64(_ context.Context, v int64) (int64, error)     { return v, nil }
func (scalarHost) U64(_ context.Context, v uint64) (uint64, error)   { return v, nil }
func (scalarHost) F32(_ context.Context, v float32) (float32, error) { return v, nil }
func (scalarHost) F64(_ context.Context, v float64) (float64, error) { return v, nil }
func (scalarHost) Character(_ context.Context, v rune) (rune, error) { return v, nil }

func TestScalars(t *testing.T) {
	i := scalars.Interface(scalarHost{})
	g := newGuest()
	for _, c := range []struct {
		sentence string
		name     string
		in, out  uint64
	}{
		{"any i32 but zero is true", "b", 0x100, 1},
		{"zero is false", "b", 0, 0},
		{"what is above an i32 is no part of it", "b", 1 << 32, 0},
		{"an s8 is cut and its sign extended", "s8", 0x1ff, 0xffffffff},
		{"a u8 is cut", "u8", 0x1ff, 0xff},
		{"an s16 is cut and its sign extended", "s16", 0x18000, 0xffff8000},
		{"a u16 is cut", "u16", 0x18000, 0x8000},
		{"an s32 keeps its sign in 32 bits", "s32", 0xffffffff, 0xffffffff},
		{"a u32 is whole", "u32", 0xfffffffe, 0xfffffffe},
		{"an s64 is whole", "s64", 1 << 63, 1 << 63},
		{"a u64 is whole", "u64", math.MaxUint64, math.MaxUint64},
		{"an f32 is its bits", "f32", uint64(math.Float32bits(1.5)), uint64(math.Float32bits(1.5))},
		{"there is one NaN of f32", "f32", 0xffffffff, 0x7fc00000},
		{"an f64 is its bits", "f64", math.Float64bits(-2.5), math.Float64bits(-2.5)},
		{"there is one NaN of f64", "f64", math.MaxUint64, 0x7ff8000000000000},
		{"a char is a code point", "character", 0x1f600, 0x1f600},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			if got := g.must(t, i, c.name, c.in); got != c.out {
				t.Errorf("%s of %#x is %#x, want %#x", c.name, c.in, got, c.out)
			}
		})
	}
	t.Run("eight scalars stand in eight slots", func(t *testing.T) {
		if got := g.must(t, i, "sum", 1, 0xff, 3, 0xffff, 5, 0xffffffff, 7, math.MaxUint64); got != 12 {
			t.Errorf("got %d, want 12", int64(got))
		}
	})
	t.Run("a surrogate is no char", func(t *testing.T) {
		g.traps(t, cabi.BadChar, i, "character", 0xd800)
	})
	t.Run("no scalar call allocates", func(t *testing.T) {
		var c cabi.Call
		sum, none, float := i.Funcs["sum"], i.Funcs["no-op"], i.Funcs["f64"]
		stack := make([]uint64, 8)
		n := testing.AllocsPerRun(100, func() {
			c.Begin(context.Background(), &g.opts, &g.table)
			none(&c, stack)
			sum(&c, stack)
			float(&c, stack)
			c.End()
		})
		if n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

func BenchmarkScalarCall(b *testing.B) {
	g := newGuest()
	sum := scalars.Interface(scalarHost{}).Funcs["sum"]
	stack := make([]uint64, 8)
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		g.call.Begin(ctx, &g.opts, &g.table)
		sum(&g.call, stack)
		g.call.End()
	}
}
