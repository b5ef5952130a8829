package cabi

import (
	"encoding/binary"
	"math"
)

// at returns n bytes of memory at p.
func (c *Call) at(p, n uint32) []byte {
	if end := uint64(p) + uint64(n); end <= uint64(len(c.view)) {
		return c.view[p:end:end]
	}
	return c.read(p, n)
}

// read is at where the view is missing or too short.
func (c *Call) read(p, n uint32) []byte {
	m := c.opts.Memory
	if m == nil {
		Throw(OutOfBounds, "the canonical definition names no memory")
	}
	size := m.Size()
	if size == 0 {
		// Empty, or 4 GiB, of which a view cannot have the last byte.
		size = math.MaxUint32
	}
	c.view, _ = m.Read(0, size)
	if end := uint64(p) + uint64(n); end <= uint64(len(c.view)) {
		return c.view[p:end:end]
	}
	b, ok := m.Read(p, n)
	if !ok {
		Throw(OutOfBounds, "%d bytes at %#x, memory has %#x", n, p, len(c.view))
	}
	return b
}

// Check traps unless p is aligned and size bytes at p are in memory. It is how a
// spilled parameter or result area is entered.
func (c *Call) Check(p, align, size uint32) {
	if p&(align-1) != 0 {
		Throw(Unaligned, "pointer %#x is not aligned to %d", p, align)
	}
	c.at(p, size)
}

// The verbs below load and store one primitive at an address that lies in an
// area which was checked as a whole; they still check bounds.

func (c *Call) Bool(p uint32) bool   { return c.at(p, 1)[0] != 0 }
func (c *Call) U8(p uint32) uint8    { return c.at(p, 1)[0] }
func (c *Call) S8(p uint32) int8     { return int8(c.at(p, 1)[0]) }
func (c *Call) U16(p uint32) uint16  { return binary.LittleEndian.Uint16(c.at(p, 2)) }
func (c *Call) S16(p uint32) int16   { return int16(c.U16(p)) }
func (c *Call) U32(p uint32) uint32  { return binary.LittleEndian.Uint32(c.at(p, 4)) }
func (c *Call) S32(p uint32) int32   { return int32(c.U32(p)) }
func (c *Call) U64(p uint32) uint64  { return binary.LittleEndian.Uint64(c.at(p, 8)) }
func (c *Call) S64(p uint32) int64   { return int64(c.U64(p)) }
func (c *Call) F32(p uint32) float32 { return LiftF32(uint64(c.U32(p))) }
func (c *Call) F64(p uint32) float64 { return LiftF64(c.U64(p)) }
func (c *Call) Char(p uint32) rune   { return LiftChar(uint64(c.U32(p))) }

func (c *Call) SetBool(p uint32, v bool) {
	var b byte
	if v {
		b = 1
	}
	c.at(p, 1)[0] = b
}
func (c *Call) SetU8(p uint32, v uint8)    { c.at(p, 1)[0] = v }
func (c *Call) SetS8(p uint32, v int8)     { c.at(p, 1)[0] = byte(v) }
func (c *Call) SetU16(p uint32, v uint16)  { binary.LittleEndian.PutUint16(c.at(p, 2), v) }
func (c *Call) SetS16(p uint32, v int16)   { c.SetU16(p, uint16(v)) }
func (c *Call) SetU32(p uint32, v uint32)  { binary.LittleEndian.PutUint32(c.at(p, 4), v) }
func (c *Call) SetS32(p uint32, v int32)   { c.SetU32(p, uint32(v)) }
func (c *Call) SetU64(p uint32, v uint64)  { binary.LittleEndian.PutUint64(c.at(p, 8), v) }
func (c *Call) SetS64(p uint32, v int64)   { c.SetU64(p, uint64(v)) }
func (c *Call) SetF32(p uint32, v float32) { c.SetU32(p, uint32(LowerF32(v))) }
func (c *Call) SetF64(p uint32, v float64) { c.SetU64(p, LowerF64(v)) }
func (c *Call) SetChar(p uint32, v rune)   { c.SetU32(p, uint32(LowerChar(v))) }

// Alloc asks the guest's realloc for a new block and checks the answer. Memory
// may move: no slice of it is kept across this call.
func (c *Call) Alloc(align, size uint32) uint32 { return c.realloc(0, 0, align, size) }

func (c *Call) realloc(old, oldSize, align, size uint32) uint32 {
	if c.opts.Realloc == nil {
		Throw(OutOfBounds, "the canonical definition names no realloc")
	}
	c.view = nil
	p, err := c.opts.Realloc(c.ctx, old, oldSize, align, size)
	if err != nil {
		c.Fail(err)
	}
	c.Check(p, align, size)
	return p
}
