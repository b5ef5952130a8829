package cabi

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"
)

const page = 65536

// bump is an allocator that behaves.
var bump = allocator{Mode: "bump", Base: 1024, Shrink: "in-place", Grow: true}

func newCall(enc Encoding) (*Call, *guest) {
	g := newGuest(page, 0, bump)
	return g.call(enc), g
}

func TestVerbTraps(t *testing.T) {
	fixed := func(r uint32) *Call { return newGuest(page, 0, allocator{Mode: "fixed", Result: r}).call(UTF16) }
	bare := func() *Call {
		c := new(Call)
		c.Begin(context.Background(), &Options{}, nil)
		return c
	}
	for _, tt := range []struct {
		name string
		code Code
		do   func(c *Call)
	}{
		{"a string past the end is out of bounds", OutOfBounds, func(c *Call) { c.LiftString(page-1, 2) }},
		{"a string that wraps around is out of bounds", OutOfBounds, func(c *Call) { c.LiftString(math.MaxUint32, 1) }},
		{"an empty string past the end is out of bounds", OutOfBounds, func(c *Call) { c.LiftString(page+1, 0) }},
		{"a string over the limit is too long before it is out of bounds", TooLong, func(c *Call) { c.LiftString(0, MaxByteLength+1) }},
		{"half a character is not UTF-8", BadEncoding, func(c *Call) { c.SetU8(0, 0xc3); c.LiftString(0, 1) }},
		{"a surrogate is not UTF-8", BadEncoding, func(c *Call) { copy(c.at(0, 3), "\xed\xa0\x80"); c.LiftString(0, 3) }},
		{"UTF-16 at an odd address is unaligned", Unaligned, func(c *Call) { c.opts.Encoding = UTF16; c.LiftString(1, 0) }},
		{"Latin-1 at an odd address is unaligned", Unaligned, func(c *Call) { c.opts.Encoding = Latin1UTF16; c.LiftString(1, 1) }},
		{"a lone high surrogate is not UTF-16", BadEncoding, func(c *Call) { c.opts.Encoding = UTF16; c.SetU16(0, 0xd800); c.LiftString(0, 1) }},
		{"a lone low surrogate is not UTF-16", BadEncoding, func(c *Call) { c.opts.Encoding = UTF16; c.SetU16(0, 0xdc00); c.LiftString(0, 2) }},
		{"a high surrogate before a letter is not UTF-16", BadEncoding, func(c *Call) {
			c.opts.Encoding = Latin1UTF16
			c.SetU16(0, 0xd800)
			c.SetU16(2, 'a')
			c.LiftString(0, 2|utf16Tag)
		}},
		{"UTF-16 units count twice for the limit", TooLong, func(c *Call) { c.opts.Encoding = UTF16; c.LiftString(0, 1<<27) }},
		{"a list<u8> of 4 GiB is too long", TooLong, func(c *Call) { c.LiftBytes(0, math.MaxUint32) }},
		{"a list<u8> past the end is out of bounds", OutOfBounds, func(c *Call) { c.LiftBytes(1, page) }},
		{"a list whose size overflows is too long", TooLong, func(c *Call) { c.LiftList(0, 1<<30, 16, 8) }},
		{"a list past the end is out of bounds", OutOfBounds, func(c *Call) { c.LiftList(8, page/8, 8, 8) }},
		{"a list off its alignment is unaligned", Unaligned, func(c *Call) { c.LiftList(4, 1, 8, 8) }},
		{"an empty list off its alignment is unaligned", Unaligned, func(c *Call) { c.LiftList(4, 0, 8, 8) }},
		{"a list's address and length past the end are out of bounds", OutOfBounds, func(c *Call) { c.Bytes(page - 4) }},
		{"a surrogate is no char", BadChar, func(c *Call) { LiftChar(0xdfff) }},
		{"a char ends at 0x10ffff", BadChar, func(c *Call) { LiftChar(0x110000) }},
		{"a discriminant counts from zero", BadDiscriminant, func(c *Call) { Discriminant(2, 2) }},
		{"an answer of realloc off its alignment is unaligned", Unaligned, func(*Call) { fixed(1).LowerString("a") }},
		{"an answer of realloc past the end is out of bounds", OutOfBounds, func(*Call) { fixed(page).LowerString("a") }},
		{"an empty block past the end is out of bounds", OutOfBounds, func(*Call) { fixed(page + 2).LowerBytes(nil) }},
		{"a list that is lowered has a limit", TooLong, func(c *Call) { c.LowerList(math.MaxInt, 8, 8) }},
		{"a host string must be UTF-8", HostFailed, func(c *Call) { c.LowerString("\xff") }},
		{"a guest without memory is out of bounds", OutOfBounds, func(*Call) { bare().LiftString(0, 1) }},
		{"a guest without realloc is out of bounds", OutOfBounds, func(*Call) { bare().LowerString("a") }},
		{"a failing realloc fails the call", HostFailed, func(c *Call) {
			c.opts.Realloc = func(context.Context, uint32, uint32, uint32, uint32) (uint32, error) { return 0, fs.ErrInvalid }
			c.Alloc(1, 1)
		}},
		{"a trap in realloc keeps its code", Interrupted, func(c *Call) {
			c.opts.Realloc = func(context.Context, uint32, uint32, uint32, uint32) (uint32, error) {
				return 0, fmt.Errorf("engine: %w", &Trap{Code: Interrupted})
			}
			c.Alloc(1, 1)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := newCall(UTF8)
			wantTrap(t, tt.code, func() { tt.do(c) })
		})
	}
}

func TestHugeClaimsAllocateNothing(t *testing.T) {
	c, _ := newCall(UTF8)
	n := testing.AllocsPerRun(10, func() {
		wantTrap(t, OutOfBounds, func() { c.LiftBytes(0, MaxByteLength) })
		wantTrap(t, OutOfBounds, func() { c.LiftString(0, MaxByteLength) })
	})
	// The traps themselves, not a buffer for the values.
	if n > 40 {
		t.Errorf("%v allocations", n)
	}
}

func TestStringsCrossInEveryEncoding(t *testing.T) {
	for _, enc := range []Encoding{UTF8, UTF16, Latin1UTF16} {
		for _, s := range []string{"", "a", "héllo", "ÿ", "Ā", "a漢", "héllo 漢字 😀!", "\ufeffx", "\x00", strings.Repeat("é", 40000)} {
			c, _ := newCall(enc)
			if got := c.LiftString(c.LowerString(s)); got != s {
				t.Errorf("encoding %d: %.20q came back as %.20q", enc, s, got)
			}
			p := c.Alloc(4, 8)
			c.SetString(p, s)
			if got := c.String(p); got != s {
				t.Errorf("encoding %d: %.20q was loaded as %.20q", enc, s, got)
			}
		}
	}
}

func TestReallocIsCalledForWhatIsEmpty(t *testing.T) {
	c, g := newCall(UTF8)
	c.LowerString("")
	c.LowerBytes(nil)
	c.LowerList(0, 24, 8)
	want := [][5]uint64{{0, 0, 1, 0, 1024}, {0, 0, 1, 0, 1024}, {0, 0, 8, 0, 1024}}
	if !slices.Equal(g.calls, want) {
		t.Errorf("realloc calls %v, want %v", g.calls, want)
	}
}

func TestBytesThatStandInTheirRoomAreNotCopied(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lower func(c *Call, room []byte) (ptr, n uint32)
		want  string
		calls [][5]uint64 // old, old size, align, size, result
	}{
		{"all of it", func(c *Call, room []byte) (uint32, uint32) { return c.LowerBytes(room) }, "hello",
			[][5]uint64{{0, 0, 1, 5, 1024}}},
		{"the beginning, and the rest is given back", func(c *Call, room []byte) (uint32, uint32) { return c.LowerBytes(room[:3]) }, "hel",
			[][5]uint64{{0, 0, 1, 5, 1024}, {1024, 5, 1, 3, 1024}}},
		{"another place is copied", func(c *Call, room []byte) (uint32, uint32) { return c.LowerBytes(room[1:]) }, "ello",
			[][5]uint64{{0, 0, 1, 5, 1024}, {0, 0, 1, 4, 1029}}},
		{"what is longer is copied", func(c *Call, room []byte) (uint32, uint32) { return c.LowerBytes([]byte("hello, all")) }, "hello, all",
			[][5]uint64{{0, 0, 1, 5, 1024}, {0, 0, 1, 10, 1029}}},
		{"once lowered it is a place like others", func(c *Call, room []byte) (uint32, uint32) {
			c.LowerBytes(room)
			return c.LowerBytes(room)
		}, "hello", [][5]uint64{{0, 0, 1, 5, 1024}, {0, 0, 1, 5, 1029}}},
	} {
		c, g := newCall(UTF8)
		room := c.Room(5)
		copy(room, "hello")
		ptr, n := tt.lower(c, room)
		if got := string(c.LiftBytes(ptr, n)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if !slices.Equal(g.calls, tt.calls) {
			t.Errorf("%s: realloc calls %v, want %v", tt.name, g.calls, tt.calls)
		}
	}
	c, g := newCall(UTF8)
	if room := c.Room(0); room != nil || len(g.calls) > 0 {
		t.Error("there is room for nothing")
	}
	var without Call
	without.Begin(context.Background(), &Options{Memory: g}, nil)
	if room := without.Room(1); room != nil {
		t.Error("there is room where there is no realloc")
	}
}

func TestMemoryMayMoveWhileLowering(t *testing.T) {
	c, g := newCall(UTF8)
	p := c.LowerList(2, 8, 4)
	big := strings.Repeat("x", page)
	c.SetString(p, big)
	c.SetString(p+8, "small")
	if len(g.mem) == page {
		t.Fatal("memory did not grow")
	}
	if c.String(p) != big || c.String(p+8) != "small" {
		t.Error("a string was written to memory that had moved")
	}
	g.mem = append(g.mem, make([]byte, page)...)
	c.GuestRan()
	c.SetU8(uint32(len(g.mem)-1), 7)
	if g.mem[len(g.mem)-1] != 7 {
		t.Error("the view is stale after GuestRan")
	}
}

// whole is a memory of 4 GiB, as far as anybody looks at it.
type whole struct{}

func (whole) Size() uint32 { return 0 }
func (whole) Read(p, n uint32) ([]byte, bool) {
	if n > page {
		return nil, uint64(p)+uint64(n) <= 1<<32
	}
	return make([]byte, n), uint64(p)+uint64(n) <= 1<<32
}

func TestTheLastByteOf4GiBIsInMemory(t *testing.T) {
	var c Call
	c.Begin(context.Background(), &Options{Memory: whole{}}, nil)
	c.U8(math.MaxUint32)
	c.LiftBytes(math.MaxUint32-7, 8)
	wantTrap(t, OutOfBounds, func() { c.U16(math.MaxUint32) })
}

func TestViewsOfBytesAreViews(t *testing.T) {
	c, g := newCall(UTF8)
	b := c.LiftBytes(16, 4)
	g.mem[17] = 9
	if b[1] != 9 || cap(b) != 4 {
		t.Error("LiftBytes copied, or gave more than was asked for")
	}
}

func TestAliasedStringsAreBounded(t *testing.T) {
	c, _ := newCall(UTF8)
	c.opts.HostBytes = 1 << 20
	c.Begin(context.Background(), c.opts, nil)
	const n = 1000 // entries that all name the same 32 KiB
	for i := uint32(0); i < n; i++ {
		c.SetPair(page/2+8*i, 0, page/2)
	}
	base, count := c.LiftList(page/2, n, 8, 4)
	lifted := 0
	trap := wantTrap(t, TooLong, func() {
		for i := range count {
			lifted += len(c.String(base + 8*i))
		}
	})
	if lifted > 1<<20 || lifted < 1<<19 {
		t.Errorf("%d bytes lifted of 1 MiB", lifted)
	}
	if !strings.Contains(trap.Msg, "1048576") || !strings.Contains(trap.Msg, "HostBytes") {
		t.Errorf("%q does not name the limit", trap.Msg)
	}
}

func TestThereIsOneNaN(t *testing.T) {
	c, _ := newCall(UTF8)
	c.SetU32(0, 0xffa00001)
	c.SetU64(8, 0xfff0000000000001)
	if b := math.Float32bits(c.F32(0)); b != nan32 {
		t.Errorf("f32 %#x", b)
	}
	if b := math.Float64bits(c.F64(8)); b != nan64 {
		t.Errorf("f64 %#x", b)
	}
	if v := LowerF32(math.Float32frombits(0xffc00001)); v != nan32 {
		t.Errorf("slot %#x", v)
	}
	if v := LiftF32(0xdeadbeef_3f800000); v != 1 {
		t.Errorf("an f32 in a wide slot is %v, want 1", v)
	}
	if LiftBool(1<<32) || !LiftBool(2) || LowerBool(true) != 1 {
		t.Error("a bool is the low half of its slot, and true where that is not zero")
	}
}

type refusal uint8

func (r refusal) Error() string { return "refused" }

func TestErrorsAreTheGuestsByType(t *testing.T) {
	wrapped := fmt.Errorf("dial: %w", refusal(3))
	if e, ok := AsError[refusal](wrapped); !ok || e != 3 {
		t.Errorf("a wrapped refusal is %v, %t", e, ok)
	}
	if _, ok := AsError[refusal](errors.New("x")); ok {
		t.Error("any error is a refusal")
	}
	if e, ok := AsError[ErrorOf[string]](ErrorOf[string]{"no"}); !ok || e.Value != "no" || e.Error() != "no" {
		t.Errorf("ErrorOf gave %v, %t", e, ok)
	}
	err := error(refusal(1))
	if n := testing.AllocsPerRun(100, func() { AsError[refusal](err) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestWhatAHostFunctionFailsWith(t *testing.T) {
	c, _ := newCall(UTF8)
	wantTrap(t, HostFailed, func() { c.Fail(fs.ErrClosed) })
	wantTrap(t, ContractBroken, func() { c.Fail(fmt.Errorf("write past the permit: %w", ErrContract)) })
	wantTrap(t, BadHandle, func() { c.Fail(fmt.Errorf("outer: %w", &Trap{Code: BadHandle})) })
}

func TestLentHandlesComeBackAtTheEnd(t *testing.T) {
	g := newGuest(page, 0, bump)
	var tab Table
	c := new(Call)
	c.Begin(context.Background(), &Options{Memory: g}, &tab)
	h := c.NewOwn(streamType, &node{name: "s"})
	if n := Lend[*node](c, h, streamType); n.name != "s" {
		t.Errorf("lent %v", n)
	}
	wantTrap(t, BadHandle, func() { TakeOwn[*node](c, h, streamType) })
	c.End()
	c.Begin(context.Background(), &Options{Memory: g}, &tab)
	if n := TakeOwn[*node](c, h, streamType); n.name != "s" {
		t.Errorf("took %v", n)
	}
	h = c.NewOwn(streamType, 5)
	wantTrap(t, HostFailed, func() { Lend[*node](c, h, streamType) })
}
