package cabi

import "context"

// Scratch is a memory that stands in for a guest's where there is none: where the host
// calls a function of the host. It grows as Realloc is asked, and nothing in it is
// freed. The zero value is empty and works.
type Scratch struct{ data []byte }

// maxScratch bounds a Scratch: a call that needs more traps.
const maxScratch = 1 << 30

// Read implements [Memory].
func (s *Scratch) Read(offset, n uint32) ([]byte, bool) {
	end := uint64(offset) + uint64(n)
	if end > uint64(len(s.data)) {
		return nil, false
	}
	return s.data[offset:end:end], true
}

// Size implements [Memory].
func (s *Scratch) Size() uint32 { return uint32(len(s.data)) }

// Realloc is a [Realloc]. Its blocks begin at 16, so that no address is 0. It fails
// with a *[Trap] for more than a GiB in all.
func (s *Scratch) Realloc(_ context.Context, old, oldSize, align, size uint32) (uint32, error) {
	if old != 0 && size <= oldSize {
		return old, nil
	}
	at := (uint64(max(len(s.data), 16)) + uint64(align) - 1) &^ (uint64(align) - 1)
	if at+uint64(size) > maxScratch {
		return 0, &Trap{Code: OutOfBounds, Msg: "the values of the call take more than a GiB"}
	}
	grown := int(at + uint64(size))
	s.data = append(s.data, make([]byte, grown-len(s.data))...)
	copy(s.data[at:], s.data[old:uint64(old)+uint64(oldSize)])
	return uint32(at), nil
}
