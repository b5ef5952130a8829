package cabi

import "encoding/binary"

// The verbs below load and store one primitive at an address: the specification's
// load and store, where integers and floats are little-endian and as wide as their
// names say, a bool is a byte and a char is four bytes. The address lies in an area
// that was checked as a whole, alignment included (see [Call.Check], [Call.LiftList]);
// the bounds are checked again, and trap with [OutOfBounds].

// Bool loads the bool at p: every byte but 0 is true.
func (c *Call) Bool(p uint32) bool { return c.at(p, 1)[0] != 0 }

// U8 loads the u8 at p.
func (c *Call) U8(p uint32) uint8 { return c.at(p, 1)[0] }

// S8 loads the s8 at p.
func (c *Call) S8(p uint32) int8 { return int8(c.at(p, 1)[0]) }

// U16 loads the u16 at p.
func (c *Call) U16(p uint32) uint16 { return binary.LittleEndian.Uint16(c.at(p, 2)) }

// S16 loads the s16 at p.
func (c *Call) S16(p uint32) int16 { return int16(c.U16(p)) }

// U32 loads the u32 at p.
func (c *Call) U32(p uint32) uint32 { return binary.LittleEndian.Uint32(c.at(p, 4)) }

// S32 loads the s32 at p.
func (c *Call) S32(p uint32) int32 { return int32(c.U32(p)) }

// U64 loads the u64 at p.
func (c *Call) U64(p uint32) uint64 { return binary.LittleEndian.Uint64(c.at(p, 8)) }

// S64 loads the s64 at p.
func (c *Call) S64(p uint32) int64 { return int64(c.U64(p)) }

// F32 loads the f32 at p. There is one NaN.
func (c *Call) F32(p uint32) float32 { return LiftF32(uint64(c.U32(p))) }

// F64 loads the f64 at p. There is one NaN.
func (c *Call) F64(p uint32) float64 { return LiftF64(c.U64(p)) }

// Char loads the char at p and traps with [BadChar] where it is no Unicode scalar
// value.
func (c *Call) Char(p uint32) rune { return LiftChar(uint64(c.U32(p))) }

// SetBool stores v at p, as 1 or 0.
func (c *Call) SetBool(p uint32, v bool) { c.SetU8(p, uint8(LowerBool(v))) }

// SetU8 stores v at p, as a u8.
func (c *Call) SetU8(p uint32, v uint8) { c.at(p, 1)[0] = v }

// SetS8 stores v at p, as an s8.
func (c *Call) SetS8(p uint32, v int8) { c.at(p, 1)[0] = byte(v) }

// SetU16 stores v at p, as a u16.
func (c *Call) SetU16(p uint32, v uint16) { binary.LittleEndian.PutUint16(c.at(p, 2), v) }

// SetS16 stores v at p, as an s16.
func (c *Call) SetS16(p uint32, v int16) { c.SetU16(p, uint16(v)) }

// SetU32 stores v at p, as a u32.
func (c *Call) SetU32(p uint32, v uint32) { binary.LittleEndian.PutUint32(c.at(p, 4), v) }

// SetS32 stores v at p, as an s32.
func (c *Call) SetS32(p uint32, v int32) { c.SetU32(p, uint32(v)) }

// SetU64 stores v at p, as a u64.
func (c *Call) SetU64(p uint32, v uint64) { binary.LittleEndian.PutUint64(c.at(p, 8), v) }

// SetS64 stores v at p, as an s64.
func (c *Call) SetS64(p uint32, v int64) { c.SetU64(p, uint64(v)) }

// SetF32 stores v at p. There is one NaN.
func (c *Call) SetF32(p uint32, v float32) { c.SetU32(p, uint32(LowerF32(v))) }

// SetF64 stores v at p. There is one NaN.
func (c *Call) SetF64(p uint32, v float64) { c.SetU64(p, LowerF64(v)) }

// SetChar stores v at p. A rune that is no Unicode scalar value is the host's mistake
// and traps.
func (c *Call) SetChar(p uint32, v rune) { c.SetU32(p, uint32(LowerChar(v))) }
