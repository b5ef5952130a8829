package component_test

import (
	"context"
	"math"
	"testing"

	"github.com/tenon-wasm/tenon/component/cabi"
)

// TestScalarsAreConvertedBetweenComponents: what a component passes is lifted and
// lowered again, whatever the bits of its core values.
func TestScalarsAreConvertedBetweenComponents(t *testing.T) {
	nan := uint64(math.Float32bits(1.5))
	tests := []struct {
		fn   string
		args []any
		want any // a cabi.Code where it traps
	}{
		{"bool", []any{uint32(0)}, uint32(0)},
		{"bool", []any{uint32(1)}, uint32(1)},
		{"bool", []any{uint32(0x8000_0000)}, uint32(1)},
		{"u8", []any{uint32(0x1ff)}, uint32(0xff)},
		{"s8", []any{uint32(0x180)}, uint32(0xffff_ff80)},
		{"s8", []any{uint32(0x17f)}, uint32(0x7f)},
		{"u16", []any{uint32(0x1_ffff)}, uint32(0xffff)},
		{"s16", []any{uint32(0x1_8000)}, uint32(0xffff_8000)},
		{"char", []any{uint32('a')}, uint32('a')},
		{"char", []any{uint32(0xd7ff)}, uint32(0xd7ff)},
		{"char", []any{uint32(0xd800)}, cabi.BadChar},
		{"char", []any{uint32(0xdfff)}, cabi.BadChar},
		{"char", []any{uint32(0xe000)}, uint32(0xe000)},
		{"char", []any{uint32(0x10ffff)}, uint32(0x10ffff)},
		{"char", []any{uint32(0x110000)}, cabi.BadChar},
		{"char", []any{uint32(math.MaxUint32)}, cabi.BadChar},
		{"e", []any{uint32(2)}, uint32(2)},
		{"e", []any{uint32(3)}, cabi.BadDiscriminant},
		{"f", []any{uint32(0xffff_fffd)}, uint32(5)},
		{"pair", []any{uint32(0x105), uint32(7)}, uint32(4)},
		{"to-bool", []any{uint32(7)}, uint32(1)},
		{"to-s8", []any{uint32(0x80)}, uint32(0xffff_ff80)},
		{"to-char", []any{uint32(0xdc00)}, cabi.BadChar},
		{"plain", []any{uint64(math.MaxUint64)}, uint64(math.MaxUint64)},

		// Of a variant, slots that a case does not use become zero.
		{"first", []any{uint32(6), uint64(1), uint64(2)}, uint32(6)},
		{"first", []any{uint32(7), uint64(1), uint64(2)}, cabi.BadDiscriminant},
		{"second", []any{uint32(0), 0xffff_ffff_0000_0000 | nan, uint64(9)}, nan},
		{"third", []any{uint32(0), nan, uint64(9)}, uint64(0)},
		{"second", []any{uint32(1), uint64(math.MaxUint64), uint64(9)}, uint64(math.MaxUint64)},
		{"second", []any{uint32(2), uint64(0xffff_ffff_ffff_ffff), uint64(9)}, uint64(0xff)},
		{"second", []any{uint32(3), uint64(0x80), uint64(9)}, uint64(0xffff_ff80)},
		{"second", []any{uint32(4), uint64(5), uint64(9)}, uint64(0)},
		{"second", []any{uint32(5), uint64(0xff_0000_0041), uint64(9)}, uint64(0x41)},
		{"second", []any{uint32(5), uint64(0xd800), uint64(9)}, cabi.BadChar},
		{"third", []any{uint32(6), uint64(1), uint64(2)}, uint64(2)},
	}
	for _, tt := range tests {
		l, c := small(t, "adapters")
		got, err := start(t, l, c).Call(context.Background(), "", tt.fn, tt.args...)
		if code, ok := tt.want.(cabi.Code); ok {
			if trap := trapOf(t, err, code); trap.Func != tt.fn {
				t.Errorf("%s%#x: the trap is in %q", tt.fn, tt.args, trap.Func)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("%s%#x is %#x, %v, want %#x", tt.fn, tt.args, got, err, tt.want)
		}
	}
}

func TestNobodyLeavesForAnotherComponentDuringReallocOrPostReturn(t *testing.T) {
	for _, call := range []struct {
		fn  string
		arg any
	}{{"take", "text"}, {"give", uint32(1)}} {
		l, c := small(t, "adapters")
		in := start(t, l, c)
		if got, err := in.Call(context.Background(), "", "plain", uint64(3)); err != nil || got != uint64(3) {
			t.Errorf("%v, %v", got, err)
		}
		_, err := in.Call(context.Background(), "", call.fn, call.arg)
		if trap := trapOf(t, err, cabi.CannotLeave); trap.Func != "plain" {
			t.Errorf("%s: the trap is in %q", call.fn, trap.Func)
		}
	}
}
