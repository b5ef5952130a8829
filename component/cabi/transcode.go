package cabi

import (
	"unicode/utf16"
	"unicode/utf8"
)

// text copies the string of n code units at ptr, from the giver's encoding to the
// receiver's. It asks the receiver for memory exactly as store_string_into_range
// does. A view of the receiver's memory is taken again after each such call; the
// giver's stays, for its guest does not run.
func (x *copying) text(ptr, n uint32) (uint32, uint32) {
	switch x.from.opts.Encoding {
	case UTF16:
		return x.utf16(x.utf16Text(ptr, n), n)
	case Latin1UTF16:
		if n&utf16Tag == 0 {
			b := x.from.text(ptr, uint64(n), 2)
			x.from.charge(uint64(n))
			return x.latin1(b, n)
		}
		n ^= utf16Tag
		b := x.utf16Text(ptr, n)
		if x.to.opts.Encoding == Latin1UTF16 {
			return x.to.storeProbablyUTF16(b, n)
		}
		return x.utf16(b, n)
	}
	b := x.from.text(ptr, uint64(n), 1)
	x.from.charge(uint64(n))
	if !utf8.Valid(b) {
		Throw(BadEncoding, "string of %d bytes at %#x is not UTF-8", n, ptr)
	}
	return x.utf8(b, n)
}

// utf16Text is the bytes of a string in UTF-16, which were checked.
func (x *copying) utf16Text(ptr, n uint32) []byte {
	b := x.from.text(ptr, 2*uint64(n), 2)
	x.from.charge(uint64(n))
	if _, ok := sizeFromUTF16(b); !ok {
		Throw(BadEncoding, "string of %d code units at %#x is not UTF-16", n, ptr)
	}
	return b
}

func (x *copying) utf8(b []byte, n uint32) (uint32, uint32) {
	switch x.to.opts.Encoding {
	case UTF16:
		return x.to.storeUTF8ToUTF16(b, n)
	case Latin1UTF16:
		return x.to.storeToLatin1(b, n, latin1FromUTF8, utf16FromUTF8)
	}
	return x.to.storeCopy(b, 1), n
}

func (x *copying) utf16(b []byte, n uint32) (uint32, uint32) {
	switch x.to.opts.Encoding {
	case UTF16:
		return x.to.storeCopy(b, 2), n
	case Latin1UTF16:
		return x.to.storeToLatin1(b, n, latin1FromUTF16, copyUTF16)
	}
	return x.to.storeToUTF8(b, n, 3, asciiFromUTF16, utf8FromUTF16)
}

func (x *copying) latin1(b []byte, n uint32) (uint32, uint32) {
	switch x.to.opts.Encoding {
	case UTF16:
		p := x.to.Alloc(2, 2*n)
		utf16FromLatin1(x.to.at(p, 2*n), b)
		return p, n
	case Latin1UTF16:
		return x.to.storeCopy(b, 2), n
	}
	return x.to.storeToUTF8(b, n, 2, asciiFromLatin1, utf8FromLatin1)
}

// storeCopy is store_string_copy where both sides have the same encoding.
func (c *Call) storeCopy(b []byte, align uint32) uint32 {
	n := uint32(len(b))
	p := c.Alloc(align, n)
	copy(c.at(p, n), b)
	return p
}

// storeUTF8ToUTF16 is store_utf8_to_utf16: it asks for the most that n code units
// can take and gives back the rest.
func (c *Call) storeUTF8ToUTF16(b []byte, n uint32) (uint32, uint32) {
	worst := 2 * n
	p := c.Alloc(2, worst)
	size := utf16FromUTF8(c.at(p, worst), b)
	return c.shrink(p, worst, size), size / 2
}

// storeToUTF8 is store_string_to_utf8: it takes the string for ASCII and asks for
// the most that n code units can take, grow times as much, where it is not.
func (c *Call) storeToUTF8(b []byte, n, grow uint32, ascii, rest func(dst, src []byte) uint32) (uint32, uint32) {
	p := c.Alloc(1, n)
	done := ascii(c.at(p, n), b)
	if done == n {
		return p, n
	}
	worst := grow * n
	p = c.realloc(p, n, 1, worst)
	unit := uint32(len(b)) / n
	size := done + rest(c.at(p, worst)[done:], b[done*unit:])
	if size < worst {
		p = c.realloc(p, worst, 1, size)
	}
	return p, size
}

// storeToLatin1 is store_string_to_latin1_or_utf16: it takes the string for Latin-1
// and turns to UTF-16 at the first character that is beyond it.
func (c *Call) storeToLatin1(b []byte, n uint32, latin1 func(dst, src []byte) (done, read uint32), rest func(dst, src []byte) uint32) (uint32, uint32) {
	p := c.Alloc(2, n)
	done, read := latin1(c.at(p, n), b)
	if read == uint32(len(b)) {
		return c.shrink(p, n, done), done
	}
	worst := 2 * n
	p = c.realloc(p, n, 2, worst)
	dst := c.at(p, worst)
	for i := int(done) - 1; i >= 0; i-- {
		dst[2*i], dst[2*i+1] = dst[i], 0
	}
	size := 2*done + rest(dst[2*done:], b[read:])
	return c.shrink(p, worst, size), size/2 | utf16Tag
}

// storeProbablyUTF16 is store_probably_utf16_to_latin1_or_utf16: what the giver
// tagged is taken for UTF-16, and shrunk where it is Latin-1 after all.
func (c *Call) storeProbablyUTF16(b []byte, n uint32) (uint32, uint32) {
	p := c.storeCopy(b, 2)
	for i := 1; i < len(b); i += 2 {
		if b[i] != 0 {
			return p, n | utf16Tag
		}
	}
	dst := c.at(p, 2*n)
	for i := range n {
		dst[i] = dst[2*i]
	}
	return c.realloc(p, 2*n, 1, n), n
}

// shrink gives back what a string in 2-byte units did not take.
func (c *Call) shrink(p, have, want uint32) uint32 {
	if want < have {
		return c.realloc(p, have, 2, want)
	}
	return p
}

// The functions below write src, which is valid, to dst, which has room for the
// worst case, and return how many bytes they wrote.

func asciiFromLatin1(dst, src []byte) uint32 {
	for i, b := range src {
		if b >= utf8.RuneSelf {
			return uint32(i)
		}
		dst[i] = b
	}
	return uint32(len(src))
}

func asciiFromUTF16(dst, src []byte) uint32 {
	for i := range dst {
		if src[2*i] >= utf8.RuneSelf || src[2*i+1] != 0 {
			return uint32(i)
		}
		dst[i] = src[2*i]
	}
	return uint32(len(dst))
}

func utf8FromLatin1(dst, src []byte) uint32 {
	n := 0
	for _, b := range src {
		if b < utf8.RuneSelf {
			dst[n] = b
			n++
			continue
		}
		dst[n], dst[n+1] = 0xc0|b>>6, 0x80|b&0x3f
		n += 2
	}
	return uint32(n)
}

func utf8FromUTF16(dst, src []byte) uint32 {
	n := 0
	for i := 0; i+1 < len(src); {
		r, size := decodeUTF16(src[i:])
		i += size
		n += utf8.EncodeRune(dst[n:], r)
	}
	return uint32(n)
}

// decodeUTF16 is the first character of b and its size in bytes.
func decodeUTF16(b []byte) (rune, int) {
	r := rune(b[0]) | rune(b[1])<<8
	if !utf16.IsSurrogate(r) || len(b) < 4 {
		return r, 2
	}
	return utf16.DecodeRune(r, rune(b[2])|rune(b[3])<<8), 4
}

func utf16FromLatin1(dst, src []byte) {
	for i, b := range src {
		dst[2*i], dst[2*i+1] = b, 0
	}
}

func utf16FromUTF8(dst, src []byte) uint32 {
	n := 0
	for i := 0; i < len(src); {
		if b := src[i]; b < utf8.RuneSelf {
			dst[n], dst[n+1] = b, 0
			n += 2
			i++
			continue
		}
		r, size := utf8.DecodeRune(src[i:])
		i += size
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

func copyUTF16(dst, src []byte) uint32 { return uint32(copy(dst, src)) }

// latin1FromUTF8 stops at the first character beyond Latin-1; read is the bytes of
// src before it.
func latin1FromUTF8(dst, src []byte) (done, read uint32) {
	for i := 0; i < len(src); done++ {
		r, size := rune(src[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(src[i:])
		}
		if r > 0xff {
			return done, uint32(i)
		}
		dst[done] = byte(r)
		i += size
	}
	return done, uint32(len(src))
}

// latin1FromUTF16 is latin1FromUTF8 for UTF-16.
func latin1FromUTF16(dst, src []byte) (done, read uint32) {
	for i := range dst {
		if src[2*i+1] != 0 {
			return uint32(i), uint32(2 * i)
		}
		dst[i] = src[2*i]
	}
	return uint32(len(dst)), uint32(len(src))
}
