package cabi

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// MaxByteLength is the most bytes that a string or a list may take in memory.
	MaxByteLength = 1<<28 - 1

	// utf16Tag marks the length of a latin1+utf16 string that is in UTF-16.
	utf16Tag = 1 << 31
)

// LiftString lifts the string of n code units at ptr, in the guest's encoding. It
// traps with [TooLong], [Unaligned], [OutOfBounds] or [BadEncoding].
func (c *Call) LiftString(ptr, n uint32) string {
	switch c.opts.Encoding {
	case UTF16:
		return c.liftUTF16(ptr, n)
	case Latin1UTF16:
		if n&utf16Tag != 0 {
			return c.liftUTF16(ptr, n^utf16Tag)
		}
		return c.liftLatin1(ptr, n)
	}
	b := c.text(ptr, uint64(n), 1)
	if !utf8.Valid(b) {
		Throw(BadEncoding, "string of %d bytes at %#x is not UTF-8", n, ptr)
	}
	c.charge(uint64(n))
	return string(b)
}

// String loads the string whose address and length are at p.
func (c *Call) String(p uint32) string { return c.LiftString(c.pair(p)) }

// text checks the bytes of a string.
func (c *Call) text(ptr uint32, size uint64, align uint32) []byte {
	if size > MaxByteLength {
		Throw(TooLong, "string of %d bytes, the limit is %d", size, MaxByteLength)
	}
	if ptr&(align-1) != 0 {
		Throw(Unaligned, "string at %#x is not aligned to %d", ptr, align)
	}
	return c.at(ptr, uint32(size))
}

func (c *Call) liftUTF16(ptr, n uint32) string {
	b := c.text(ptr, 2*uint64(n), 2)
	size, ok := sizeFromUTF16(b)
	if !ok {
		Throw(BadEncoding, "string of %d code units at %#x is not UTF-16", n, ptr)
	}
	c.charge(uint64(size))
	var dst strings.Builder
	dst.Grow(size)
	for i := 0; i < len(b); i += 2 {
		r := rune(b[i]) | rune(b[i+1])<<8
		if r < utf8.RuneSelf {
			dst.WriteByte(byte(r))
			continue
		}
		if utf16.IsSurrogate(r) {
			i += 2
			r = utf16.DecodeRune(r, rune(b[i])|rune(b[i+1])<<8)
		}
		dst.WriteRune(r)
	}
	return dst.String()
}

// sizeFromUTF16 is the UTF-8 length of UTF-16, or not ok for a lone surrogate.
func sizeFromUTF16(b []byte) (size int, ok bool) {
	for i := 0; i < len(b); i += 2 {
		switch r := rune(b[i]) | rune(b[i+1])<<8; {
		case r < 0x80:
			size++
		case r < 0x800:
			size += 2
		case !utf16.IsSurrogate(r):
			size += 3
		default:
			i += 2
			if i == len(b) || utf16.DecodeRune(r, rune(b[i])|rune(b[i+1])<<8) == utf8.RuneError {
				return 0, false
			}
			size += 4
		}
	}
	return size, true
}

func (c *Call) liftLatin1(ptr, n uint32) string {
	b := c.text(ptr, uint64(n), 2)
	size := len(b)
	for _, x := range b {
		size += int(x >> 7)
	}
	c.charge(uint64(size))
	if size == len(b) {
		return string(b)
	}
	var dst strings.Builder
	dst.Grow(size)
	for _, x := range b {
		dst.WriteRune(rune(x))
	}
	return dst.String()
}

// LowerString gives s to the guest, in the guest's encoding: n is in code units,
// with the highest bit set where a Latin1UTF16 string had to be UTF-16. A string
// that is not UTF-8 is the host's mistake and traps with [HostFailed]: the guest
// takes the host's word for it. It traps with [TooLong], too, and as [Call.Alloc]
// does.
func (c *Call) LowerString(s string) (ptr, n uint32) {
	if len(s) > MaxByteLength {
		Throw(TooLong, "string of %d bytes, the limit is %d", len(s), MaxByteLength)
	}
	if !utf8.ValidString(s) {
		Throw(HostFailed, "the host gave a string that is not UTF-8")
	}
	return c.lowerText(s)
}

// lowerText is LowerString for a string that was checked.
func (c *Call) lowerText(s string) (ptr, n uint32) {
	switch c.opts.Encoding {
	case UTF16:
		return c.lowerUTF16(s)
	case Latin1UTF16:
		return c.lowerLatin1(s)
	}
	n = uint32(len(s))
	ptr = c.Alloc(1, n)
	copy(c.at(ptr, n), s)
	return ptr, n
}

// SetString lowers s and stores its address and length at p.
func (c *Call) SetString(p uint32, s string) {
	ptr, n := c.LowerString(s)
	c.SetPair(p, ptr, n)
}

// lowerUTF16 asks for the most that s can take and gives back the rest.
func (c *Call) lowerUTF16(s string) (ptr, n uint32) {
	worst := 2 * uint32(len(s))
	ptr = c.Alloc(2, worst)
	size := putUTF16(c.at(ptr, worst), s)
	if size < worst {
		ptr = c.realloc(ptr, worst, 2, size)
	}
	return ptr, size / 2
}

// lowerLatin1 tries Latin-1 and turns to UTF-16 at the first character that is
// beyond it.
func (c *Call) lowerLatin1(s string) (ptr, n uint32) {
	size := uint32(len(s))
	ptr = c.Alloc(2, size)
	dst := c.at(ptr, size)
	for i, r := range s {
		if r > 0xff {
			return c.inflate(ptr, size, n, s[i:])
		}
		dst[n] = byte(r)
		n++
	}
	if n < size {
		ptr = c.realloc(ptr, size, 2, n)
	}
	return ptr, n
}

// inflate turns a block of size bytes that begins with n bytes of Latin-1 into
// UTF-16 and appends rest.
func (c *Call) inflate(ptr, size, n uint32, rest string) (uint32, uint32) {
	worst := 2 * size
	ptr = c.realloc(ptr, size, 2, worst)
	dst := c.at(ptr, worst)
	for i := int(n) - 1; i >= 0; i-- {
		dst[2*i], dst[2*i+1] = dst[i], 0
	}
	size = 2*n + putUTF16(dst[2*n:], rest)
	if size < worst {
		ptr = c.realloc(ptr, worst, 2, size)
	}
	return ptr, size/2 | utf16Tag
}

// putUTF16 writes s to dst, which has room, and returns the bytes taken.
func putUTF16(dst []byte, s string) uint32 {
	n := 0
	for _, r := range s {
		if r <= 0xffff {
			dst[n], dst[n+1] = byte(r), byte(r>>8)
			n += 2
			continue
		}
		hi, lo := utf16.EncodeRune(r)
		dst[n], dst[n+1], dst[n+2], dst[n+3] = byte(hi), byte(hi>>8), byte(lo), byte(lo>>8)
		n += 4
	}
	return uint32(n)
}
