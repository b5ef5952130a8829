// Package cursor reads what core modules and components have in common: bytes,
// LEB128 numbers, names and vectors.
//
// A reader that is built on a [Cursor] goes straight ahead: a failure is a panic
// with an [*Error], which [Catch] turns into an error at the reader's one door.
// Nothing is allocated on the word of the input alone: a count is compared with
// the bytes that are left before it is believed.
package cursor

import (
	"fmt"
	"math"
	"unicode/utf8"
)

// Cursor is a place in the bytes of a file. Slices that it hands out alias the
// file.
type Cursor struct {
	data  []byte
	pos   int
	base  int // offset of data in the file
	trail *trail
}

// New returns a cursor at the beginning of data.
func New(data []byte) *Cursor { return &Cursor{data: data, trail: new(trail)} }

// Offset is the offset of the next byte in the file.
func (c *Cursor) Offset() int { return c.base + c.pos }

// Len is how many bytes are left.
func (c *Cursor) Len() int { return len(c.data) - c.pos }

// Rest is what is left; it is not passed over.
func (c *Cursor) Rest() []byte { return c.data[c.pos:] }

// Since returns the bytes from a former Offset of this cursor up to here.
func (c *Cursor) Since(offset int) []byte { return c.data[offset-c.base : c.pos : c.pos] }

// Enter notes that reading goes on inside what, the index-th of its kind, or the
// only one where index is negative. It is for error messages alone.
func (c *Cursor) Enter(what string, index int) {
	c.trail.steps = append(c.trail.steps, step{what, index})
}

// Leave undoes the last Enter. A failure leaves nothing: its trail must survive.
func (c *Cursor) Leave() { c.trail.steps = c.trail.steps[:len(c.trail.steps)-1] }

// Fail ends the reading with an error at the next byte.
func (c *Cursor) Fail(format string, args ...any) { c.FailAt(c.Offset(), format, args...) }

// FailAt ends the reading with an error at a given offset in the file.
func (c *Cursor) FailAt(offset int, format string, args ...any) {
	panic(&Error{Offset: offset, Path: c.trail.String(), Msg: fmt.Sprintf(format, args...)})
}

// Byte reads one byte.
func (c *Cursor) Byte() byte {
	b := c.Peek()
	c.pos++
	return b
}

// Peek looks at the next byte.
func (c *Cursor) Peek() byte {
	if c.pos >= len(c.data) {
		c.Fail("unexpected end")
	}
	return c.data[c.pos]
}

// Bytes reads n bytes.
func (c *Cursor) Bytes(n uint32) []byte {
	if uint64(n) > uint64(c.Len()) {
		c.Fail("unexpected end: %d bytes announced, %d left", n, c.Len())
	}
	b := c.data[c.pos : c.pos+int(n) : c.pos+int(n)]
	c.pos += int(n)
	return b
}

// Sub reads a size and returns a cursor over that many bytes, which are skipped
// here. End it with Done.
func (c *Cursor) Sub() *Cursor {
	n := c.U32()
	at := c.Offset()
	return &Cursor{data: c.Bytes(n), base: at, trail: c.trail}
}

// Done fails unless everything has been read.
func (c *Cursor) Done() {
	if n := c.Len(); n > 0 {
		c.Fail("%d trailing bytes: the size does not fit the content", n)
	}
}

// Flag reads a byte that must be 0 or 1.
func (c *Cursor) Flag(what string) bool {
	switch b := c.Byte(); b {
	case 0:
		return false
	case 1:
		return true
	default:
		c.FailAt(c.Offset()-1, "%s must be 0x00 or 0x01, not %#02x", what, b)
		return false
	}
}

// Expect reads a byte that must have one value.
func (c *Cursor) Expect(want byte, what string) {
	if b := c.Byte(); b != want {
		c.FailAt(c.Offset()-1, "%s must be %#02x, not %#02x", what, want, b)
	}
}

// U32 reads an unsigned 32-bit LEB128 number.
func (c *Cursor) U32() uint32 { return uint32(c.unsigned(32)) }

// U64 reads an unsigned 64-bit LEB128 number.
func (c *Cursor) U64() uint64 { return c.unsigned(64) }

// S32 reads a signed 32-bit LEB128 number.
func (c *Cursor) S32() int32 { return int32(c.signed(32)) }

// S33 reads a signed 33-bit LEB128 number: a type index, or a negative code.
func (c *Cursor) S33() int64 { return c.signed(33) }

// S64 reads a signed 64-bit LEB128 number.
func (c *Cursor) S64() int64 { return c.signed(64) }

// unsigned reads a number of at most ceil(bits/7) bytes; zero padding up to that
// length is allowed, bits beyond the width are not.
func (c *Cursor) unsigned(bits uint) uint64 {
	at := c.Offset()
	var v uint64
	for shift := uint(0); ; shift += 7 {
		b := c.Byte()
		left := bits - shift // at least 1
		if left < 7 && b&0x7f>>left != 0 {
			c.FailAt(at, "integer too large for %d bits", bits)
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
		if left <= 7 {
			c.FailAt(at, "integer representation too long for %d bits", bits)
		}
	}
}

// signed is like unsigned; unused bits of the last byte must repeat the sign.
func (c *Cursor) signed(bits uint) int64 {
	at := c.Offset()
	var v int64
	for shift := uint(0); ; shift += 7 {
		b := c.Byte()
		left := bits - shift
		v |= int64(b&0x7f) << shift
		if left <= 7 {
			if b >= 0x80 {
				c.FailAt(at, "integer representation too long for %d bits", bits)
			}
			// An arithmetic shift of the 7-bit group leaves only the sign and what
			// must be equal to it.
			if rest := int8(b<<1) >> left; rest != 0 && rest != -1 {
				c.FailAt(at, "integer too large for %d bits", bits)
			}
		}
		if b < 0x80 {
			if shift+7 < 64 && b&0x40 != 0 {
				v |= math.MinInt64 >> (63 - (shift + 7)) // extend the sign
			}
			return v
		}
	}
}

// Name reads a length and that many bytes of UTF-8.
func (c *Cursor) Name() string {
	at := c.Offset()
	b := c.Bytes(c.U32())
	if !utf8.Valid(b) {
		c.FailAt(at, "a name is not valid UTF-8")
	}
	return string(b)
}

// Count reads the count of a vector whose elements take a byte or more each.
func (c *Cursor) Count() int {
	at := c.Offset()
	n := c.U32()
	if uint64(n) > uint64(c.Len()) {
		c.FailAt(at, "unexpected end: %d elements announced, %d bytes left", n, c.Len())
	}
	return int(n)
}

// eager bounds what is allocated before the first element of a vector is read:
// nested vectors may each announce as many elements as there are bytes left.
const eager = 256

// Vec reads a vector; the trail names the element by what.
func Vec[T any](c *Cursor, what string, element func() T) []T {
	n := c.Count()
	if n == 0 {
		return nil
	}
	v := make([]T, 0, min(n, eager))
	for i := range n {
		c.Enter(what, i)
		v = append(v, element())
		c.Leave()
	}
	return v
}
