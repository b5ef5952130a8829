package cabi

import (
	"encoding/binary"
	"math/bits"
)

// LiftBytes lifts the list<u8> of n bytes at ptr. The result is a view of the
// guest's memory, good until guest code runs, which may be in any verb that lowers;
// clone it to keep it. It traps with [TooLong] or [OutOfBounds].
func (c *Call) LiftBytes(ptr, n uint32) []byte {
	if n > MaxByteLength {
		tooLong(uint64(n))
	}
	return c.at(ptr, n)
}

// Bytes loads the list<u8> whose address and length are at p, as a view.
func (c *Call) Bytes(p uint32) []byte { return c.LiftBytes(c.pair(p)) }

// LiftList checks the list of n elements at ptr and returns the same, so that
// the element i may be loaded at base + i*elemSize. The size and alignment of an
// element are in bytes, as [Layout] has them. It charges the call for what the
// elements will take in the host, and traps with [TooLong], [Unaligned] or
// [OutOfBounds].
func (c *Call) LiftList(ptr, n, elemSize, align uint32) (base, count uint32) {
	c.list(ptr, n, elemSize, align)
	// What an element takes in Go is not known here: a string or slice is twice
	// the size it has in the guest, an interface or pointer costs a word more.
	c.charge(uint64(n) * (2*uint64(elemSize) + 8))
	return ptr, n
}

// list checks where a list stands. An empty one must stand well, too.
func (c *Call) list(ptr, n, elemSize, align uint32) {
	hi, size := bits.Mul32(n, elemSize)
	if hi != 0 || size > MaxByteLength {
		tooLong(uint64(hi)<<32 | uint64(size))
	}
	c.Check(ptr, align, size)
}

// A room is a list<u8> that the guest has made room for and that is not lowered yet.
type room struct {
	ptr   uint32
	bytes []byte
}

// Room makes room in the guest for a list<u8> that will be lowered in this crossing, of n
// bytes or fewer, so that a host function can read them from a file or socket straight
// into the guest. The answer is a view of the guest's memory, good until guest code
// runs, and Room has run some: other views are stale. [Call.LowerBytes] copies nothing of
// a slice with the same beginning, and gives back what it does not take. Room that is not
// lowered stays allocated in the guest.
//
// It is nil where the guest has no realloc. It traps as [Call.LowerList] does.
func (c *Call) Room(n int) []byte {
	if c.opts.Realloc == nil || n == 0 {
		return nil
	}
	ptr := c.LowerList(n, 1, 1)
	c.room = room{ptr, c.at(ptr, uint32(n))}
	return c.room.bytes
}

// holds reports whether b stands in the room, from its beginning on.
func (r *room) holds(b []byte) bool {
	return len(b) > 0 && len(b) <= len(r.bytes) && &b[0] == &r.bytes[0]
}

// lowerRoom is LowerBytes of the first n bytes of the room.
func (c *Call) lowerRoom(n uint32) (ptr, _ uint32) {
	r := c.room
	c.room = room{}
	if have := uint32(len(r.bytes)); n < have {
		r.ptr = c.realloc(r.ptr, have, 1, n)
	}
	return r.ptr, n
}

// LowerBytes gives b to the guest as a list<u8>: it is copied to a block of its own,
// of n bytes at ptr, unless it stands there already ([Call.Room]). It traps as
// [Call.LowerList] does.
func (c *Call) LowerBytes(b []byte) (ptr, n uint32) {
	if c.room.holds(b) {
		return c.lowerRoom(uint32(len(b)))
	}
	ptr = c.LowerList(len(b), 1, 1)
	n = uint32(len(b))
	copy(c.at(ptr, n), b)
	return ptr, n
}

// SetBytes lowers b and stores its address and length at p.
func (c *Call) SetBytes(p uint32, b []byte) {
	ptr, n := c.LowerBytes(b)
	c.SetPair(p, ptr, n)
}

// LowerList makes room in the guest for a list of count elements; the caller
// stores them, element i at ptr + i*elemSize. Realloc is called for an empty list,
// too. It traps with [TooLong] for more than [MaxByteLength] bytes, and as
// [Call.Alloc] does.
func (c *Call) LowerList(count int, elemSize, align uint32) (ptr uint32) {
	hi, size := bits.Mul64(uint64(count), uint64(elemSize))
	if hi != 0 || size > MaxByteLength {
		tooLong(size)
	}
	return c.Alloc(align, uint32(size))
}

func (c *Call) pair(p uint32) (ptr, n uint32) {
	b := c.at(p, 8)
	return binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
}

// SetPair stores at p what a string or list is in memory: its address and its length,
// in code units or elements.
func (c *Call) SetPair(p, ptr, n uint32) {
	b := c.at(p, 8)
	binary.LittleEndian.PutUint32(b, ptr)
	binary.LittleEndian.PutUint32(b[4:], n)
}

func tooLong(size uint64) {
	Throw(TooLong, "list of %d bytes, the limit is %d", size, MaxByteLength)
}
