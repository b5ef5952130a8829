package cursor

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

// read runs one reading and returns its value or its error.
func read[T any](data []byte, f func(*Cursor) T) (v T, err error) {
	defer Catch(&err)
	c := New(data)
	v = f(c)
	c.Done()
	return v, nil
}

func signedLEB(v int64) []byte {
	var out []byte
	for {
		b := byte(v) & 0x7f
		v >>= 7
		if v == 0 && b&0x40 == 0 || v == -1 && b&0x40 != 0 {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}

func TestNumbersOfEveryWidthReadBack(t *testing.T) {
	for shift := range 64 {
		for d := int64(-2); d <= 2; d++ {
			u := uint64(1)<<shift + uint64(d)
			if got, err := read(binary.AppendUvarint(nil, u), (*Cursor).U64); err != nil || got != u {
				t.Errorf("U64 %#x: %#x, %v", u, got, err)
			}
			got32, err := read(binary.AppendUvarint(nil, u), (*Cursor).U32)
			if fits := u <= math.MaxUint32; fits != (err == nil) || fits && uint64(got32) != u {
				t.Errorf("U32 %#x: %#x, %v", u, got32, err)
			}
			for _, s := range []int64{int64(u), -int64(u)} {
				if got, err := read(signedLEB(s), (*Cursor).S64); err != nil || got != s {
					t.Errorf("S64 %d: %d, %v", s, got, err)
				}
				got32, err := read(signedLEB(s), (*Cursor).S32)
				if fits := s == int64(int32(s)); fits != (err == nil) || fits && int64(got32) != s {
					t.Errorf("S32 %d: %d, %v", s, got32, err)
				}
				got33, err := read(signedLEB(s), (*Cursor).S33)
				if fits := -1<<32 <= s && s < 1<<32; fits != (err == nil) || fits && got33 != s {
					t.Errorf("S33 %d: %d, %v", s, got33, err)
				}
			}
		}
	}
}

func TestPaddedNumbersAreReadAndOverlongOnesAreNot(t *testing.T) {
	for _, ok := range []string{"\x81\x80\x80\x80\x00", "\x81\x00", "\xff\xff\xff\xff\x0f"} {
		if _, err := read([]byte(ok), (*Cursor).U32); err != nil {
			t.Errorf("%x: %v", ok, err)
		}
	}
	for bad, want := range map[string]string{
		"":                         "unexpected end",
		"\x80":                     "unexpected end",
		"\x80\x80\x80\x80\x10":     "too large",
		"\x80\x80\x80\x80\x80\x00": "too long",
		"\x81\x80\x80\x80\x70":     "too large",
	} {
		if _, err := read([]byte(bad), (*Cursor).U32); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%x: %v, want %q", bad, err, want)
		}
	}
	for _, bad := range []string{"\x80\x80\x80\x80\x20", "\xff\xff\xff\xff\x1f", "\x80\x80\x80\x80\x80\x00"} {
		if v, err := read([]byte(bad), (*Cursor).S33); err == nil {
			t.Errorf("S33 %x read as %d", bad, v)
		}
	}
}

func TestAVectorIsNotBelievedBeyondTheBytesLeft(t *testing.T) {
	_, err := read([]byte("\xff\xff\xff\xff\x0f\x00"), func(c *Cursor) []byte {
		return Vec(c, "element", c.Byte)
	})
	if err == nil || err.Error() != "offset 0x0: unexpected end: 4294967295 elements announced, 1 bytes left" {
		t.Error(err)
	}
}

func TestAnErrorNamesItsPlace(t *testing.T) {
	_, err := read([]byte("\x02\x01a\x01\xff"), func(c *Cursor) []string {
		c.Enter("alias section", -1)
		return Vec(c, "definition", c.Name)
	})
	want := "offset 0x3: alias section, definition 1: a name is not valid UTF-8"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestADeepTrailIsPrintedShort(t *testing.T) {
	_, err := read(nil, func(c *Cursor) byte {
		for i := range 100 {
			c.Enter("component", i)
		}
		return c.Byte()
	})
	want := "offset 0x0: component 0, component 1, component 2, component 3, ..., component 96, component 97, component 98, component 99: unexpected end"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestOtherPanicsPass(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a foreign panic was swallowed")
		}
	}()
	read(nil, func(*Cursor) int { panic("ours") })
}
