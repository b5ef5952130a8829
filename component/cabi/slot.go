package cabi

import "math"

// A slot is one flat value, as wazero passes it: an i32 or f32 is the low half
// of the word. A slot that joins several core types (a variant's payload) needs
// no more care than that: lifting cuts off what is above, lowering leaves zeros.

const (
	nan32 = 0x7fc00000
	nan64 = 0x7ff8000000000000
)

// LiftF32 is the f32 in a slot. There is one NaN.
func LiftF32(v uint64) float32 {
	f := math.Float32frombits(uint32(v))
	if f != f {
		return math.Float32frombits(nan32)
	}
	return f
}

// LiftF64 is the f64 in a slot. There is one NaN.
func LiftF64(v uint64) float64 {
	f := math.Float64frombits(v)
	if f != f {
		return math.Float64frombits(nan64)
	}
	return f
}

// LowerF32 is the slot of an f32. There is one NaN.
func LowerF32(f float32) uint64 {
	if f != f {
		return nan32
	}
	return uint64(math.Float32bits(f))
}

// LowerF64 is the slot of an f64. There is one NaN.
func LowerF64(f float64) uint64 {
	if f != f {
		return nan64
	}
	return math.Float64bits(f)
}

// LiftBool is the bool in a slot: every i32 but zero is true.
func LiftBool(v uint64) bool { return uint32(v) != 0 }

// LowerBool is the slot of a bool.
func LowerBool(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// LiftChar is the char in a slot. It traps with [BadChar] where that is no Unicode
// scalar value.
func LiftChar(v uint64) rune {
	u := uint32(v)
	if !isScalar(u) {
		Throw(BadChar, "%#x is not a Unicode scalar value", u)
	}
	return rune(u)
}

// isScalar reports whether u is a Unicode scalar value.
func isScalar(u uint32) bool { return u < 0xd800 || 0xe000 <= u && u < 0x110000 }

// LowerChar is the slot of a char. A rune that is no Unicode scalar value
// is the host's mistake and traps.
func LowerChar(v rune) uint64 { return uint64(LiftChar(uint64(uint32(v)))) }

// Discriminant is the discriminant in a slot, of a variant, enum, option or result
// with that many cases. It traps with [BadDiscriminant] where there is no such case.
func Discriminant(v uint64, cases uint32) uint32 {
	if uint32(v) >= cases {
		Throw(BadDiscriminant, "%d of %d cases", uint32(v), cases)
	}
	return uint32(v)
}
