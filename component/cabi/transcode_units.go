package cabi

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// These write src, which is valid, to dst, which has room for the worst case, and
// return how many bytes they wrote. Text is mostly ASCII, so that runs of it go
// eight bytes at a time. Should src change meanwhile, what they write makes no
// sense and still fits.

const (
	eachHigh     = 0x8080808080808080
	beyondASCII  = 0xff80ff80ff80ff80 // bits of four UTF-16 code units
	beyondLatin1 = 0xff00ff00ff00ff00
	beyondHalf   = 0x8000800080008000 // no surrogate has this bit clear
)

// asciiLen is how many bytes at the beginning of b are ASCII.
func asciiLen(b []byte) int {
	i := 0
	for ; i+8 <= len(b) && binary.LittleEndian.Uint64(b[i:])&eachHigh == 0; i += 8 {
	}
	for ; i < len(b) && b[i] < utf8.RuneSelf; i++ {
	}
	return i
}

// widen writes bytes as UTF-16 code units.
func widen(dst, src []byte) {
	for len(src) >= 8 && len(dst) >= 16 {
		v := binary.LittleEndian.Uint64(src)
		binary.LittleEndian.PutUint64(dst, spread(v&0xffffffff))
		binary.LittleEndian.PutUint64(dst[8:], spread(v>>32))
		dst, src = dst[16:], src[8:]
	}
	for i, b := range src {
		dst[2*i], dst[2*i+1] = b, 0
	}
}

// spread makes four code units of four bytes.
func spread(v uint64) uint64 {
	v = (v | v<<16) & 0x0000ffff0000ffff
	return (v | v<<8) & 0x00ff00ff00ff00ff
}

// narrow writes UTF-16 code units as bytes, up to the first unit with a bit of
// beyond, and returns how many.
func narrow(dst, src []byte, beyond uint64) int {
	i := 0
	for ; i+4 <= len(dst); i += 4 {
		v := binary.LittleEndian.Uint64(src[2*i:])
		if v&beyond != 0 {
			break
		}
		v = (v | v>>8) & 0x0000ffff0000ffff
		binary.LittleEndian.PutUint32(dst[i:], uint32(v|v>>16))
	}
	for ; i < len(dst); i++ {
		v := binary.LittleEndian.Uint16(src[2*i:])
		if v&uint16(beyond) != 0 {
			break
		}
		dst[i] = byte(v)
	}
	return i
}

// isLatin1 reports whether UTF-16 has only characters of Latin-1.
func isLatin1(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if binary.LittleEndian.Uint64(b)&beyondLatin1 != 0 {
			return false
		}
	}
	for i := 1; i < len(b); i += 2 {
		if b[i] != 0 {
			return false
		}
	}
	return true
}

// validUTF16 reports whether every surrogate is half of a pair.
func validUTF16(b []byte) bool {
	for len(b) >= 2 {
		if len(b) >= 8 && binary.LittleEndian.Uint64(b)&beyondHalf == 0 {
			b = b[8:]
			continue
		}
		r := rune(binary.LittleEndian.Uint16(b))
		if !utf16.IsSurrogate(r) {
			b = b[2:]
			continue
		}
		if len(b) < 4 || utf16.DecodeRune(r, rune(binary.LittleEndian.Uint16(b[2:]))) == utf8.RuneError {
			return false
		}
		b = b[4:]
	}
	return true
}

func asciiFromLatin1(dst, src []byte) uint32 { return uint32(copy(dst, src[:asciiLen(src)])) }

func asciiFromUTF16(dst, src []byte) uint32 { return uint32(narrow(dst, src, beyondASCII)) }

func copyUTF16(dst, src []byte) uint32 { return uint32(copy(dst, src)) }

func utf8FromLatin1(dst, src []byte) uint32 {
	n := 0
	for len(src) > 0 {
		k := copy(dst[n:], src[:asciiLen(src)])
		n, src = n+k, src[k:]
		for len(src) > 0 && src[0] >= utf8.RuneSelf {
			dst[n], dst[n+1] = 0xc0|src[0]>>6, 0x80|src[0]&0x3f
			n, src = n+2, src[1:]
		}
	}
	return uint32(n)
}

func utf8FromUTF16(dst, src []byte) uint32 {
	n := 0
	for len(src) >= 2 {
		k := narrow(dst[n:n+len(src)/2], src, beyondASCII)
		n, src = n+k, src[2*k:]
		for len(src) >= 2 {
			r := rune(binary.LittleEndian.Uint16(src))
			if r < utf8.RuneSelf {
				break
			}
			size := 2
			switch {
			case r < 0x800:
				dst[n], dst[n+1] = 0xc0|byte(r>>6), 0x80|byte(r)&0x3f
				n += 2
			case utf16.IsSurrogate(r) && len(src) >= 4:
				r = utf16.DecodeRune(r, rune(binary.LittleEndian.Uint16(src[2:])))
				n += utf8.EncodeRune(dst[n:], r)
				size = 4
			default:
				d := dst[n : n+3]
				d[0], d[1], d[2] = 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f
				n += 3
			}
			src = src[size:]
		}
	}
	return uint32(n)
}

func utf16FromUTF8(dst, src []byte) uint32 {
	n := 0
	for len(src) > 0 {
		k := asciiLen(src)
		widen(dst[n:], src[:k])
		n, src = n+2*k, src[k:]
		for len(src) > 0 && src[0] >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(src)
			src = src[size:]
			if r <= 0xffff {
				binary.LittleEndian.PutUint16(dst[n:], uint16(r))
				n += 2
				continue
			}
			hi, lo := utf16.EncodeRune(r)
			binary.LittleEndian.PutUint32(dst[n:], uint32(hi)|uint32(lo)<<16)
			n += 4
		}
	}
	return uint32(n)
}

// latin1FromUTF8 stops at the first character beyond Latin-1; read is the bytes of
// src before it.
func latin1FromUTF8(dst, src []byte) (done, read uint32) {
	n, i := 0, 0
	for i < len(src) {
		k := copy(dst[n:], src[i:i+asciiLen(src[i:])])
		n, i = n+k, i+k
		for i < len(src) && src[i] >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(src[i:])
			if r > 0xff {
				return uint32(n), uint32(i)
			}
			dst[n] = byte(r)
			n, i = n+1, i+size
		}
	}
	return uint32(n), uint32(i)
}

// latin1FromUTF16 is latin1FromUTF8 for UTF-16.
func latin1FromUTF16(dst, src []byte) (done, read uint32) {
	n := narrow(dst, src, beyondLatin1)
	return uint32(n), uint32(2 * n)
}
