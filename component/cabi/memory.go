package cabi

import "math"

// at returns n bytes of memory at p.
func (c *Call) at(p, n uint32) []byte {
	if end := uint64(p) + uint64(n); end <= uint64(len(c.view)) {
		return c.view[p:end:end]
	}
	return c.read(p, n)
}

// read is at where the view is missing or too short.
func (c *Call) read(p, n uint32) []byte {
	if c.opts.Memory == nil {
		Throw(OutOfBounds, "the canonical definition names no memory")
	}
	b, ok := c.look(p, n)
	if !ok {
		Throw(OutOfBounds, "%d bytes at %#x, memory has %#x", n, p, len(c.view))
	}
	return b
}

// look takes a new view of the memory, which there is.
func (c *Call) look(p, n uint32) ([]byte, bool) {
	m := c.opts.Memory
	size := m.Size()
	if size == 0 {
		// Empty, or 4 GiB, of which a view cannot have the last byte.
		size = math.MaxUint32
	}
	c.view, _ = m.Read(0, size)
	if end := uint64(p) + uint64(n); end <= uint64(len(c.view)) {
		return c.view[p:end:end], true
	}
	return m.Read(p, n)
}

// Check traps unless p is aligned to align, a power of two, and size bytes at p are in
// memory ([Unaligned], [OutOfBounds]). It is how a spilled parameter or result area
// is entered.
func (c *Call) Check(p, align, size uint32) {
	if p&(align-1) != 0 {
		Throw(Unaligned, "pointer %#x is not aligned to %d", p, align)
	}
	c.at(p, size)
}

// Alloc asks the guest's realloc for a new block of size bytes and checks the answer.
// Memory may move: no slice of it is kept across this call. It traps with
// [OutOfBounds] or [Unaligned] where there is no realloc or its answer is no such
// block, and by [Call.Fail] where realloc fails.
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
