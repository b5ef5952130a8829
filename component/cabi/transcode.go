package cabi

import "unicode/utf8"

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
	if !validUTF16(b) {
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
		widen(x.to.at(p, 2*n), b)
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
	dst := c.at(p, 2*n)
	if !isLatin1(dst) {
		return p, n | utf16Tag
	}
	narrow(dst[:n], dst, beyondLatin1) // In place: it reads ahead of what it writes.
	return c.realloc(p, 2*n, 1, n), n
}

// shrink gives back what a string in 2-byte units did not take.
func (c *Call) shrink(p, have, want uint32) uint32 {
	if want < have {
		return c.realloc(p, have, 2, want)
	}
	return p
}
