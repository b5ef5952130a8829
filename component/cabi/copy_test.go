package cabi

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/wit"
)

// between are two guests and a program for one type between them.
type between struct {
	codec    *Codec
	mem      *memCopy
	x        *copying
	from, to *Call
	a, b     *guest
}

func newBetween(t testing.TB, typ string, alloc allocator) *between {
	t.Helper()
	codec, mem, _, err := programsOf(parseType(typ))
	if err != nil {
		t.Fatal(err)
	}
	p := &between{codec: codec, mem: mem, a: newGuest(page, 0, bump), b: newGuest(page, 0xa5, alloc)}
	p.from, p.to = p.a.call(UTF8), p.b.call(UTF8)
	p.x = &copying{from: p.from, to: p.to, callee: p.to}
	return p
}

// give stores a value at 64 of the giver's memory, copy copies it to the same
// address.
func (p *between) give(t testing.TB, v any) {
	t.Helper()
	if err := p.codec.Store(p.from, v, 64); err != nil {
		t.Fatal(err)
	}
}

func (p *between) copy() {
	defer p.from.locate("")
	p.x.value(p.mem, 64, 64)
}

func TestACopyLeavesPaddingAndUnusedPayloadAlone(t *testing.T) {
	p := newBetween(t, "tuple<u8, u32, option<u64>, variant{a(u64), b(u8)}, bool>", bump)
	for i := range p.a.mem {
		p.a.mem[i] = 0xee
	}
	p.give(t, []any{uint8(1), uint32(2), nil, Variant{Case: "b", Value: uint8(3)}, true})
	p.a.mem[64+40] = 9 // another true
	p.copy()
	const u, x = 0xa5, 0
	want := []byte{
		1, u, u, u, 2, x, x, x,
		0, u, u, u, u, u, u, u, u, u, u, u, u, u, u, u,
		1, u, u, u, u, u, u, u, 3, u, u, u, u, u, u, u,
		1, u, u, u, u, u, u, u,
	}
	if have := p.b.mem[64 : 64+len(want)]; !slices.Equal(have, want) {
		t.Errorf("have %x\nwant %x", have, want)
	}
	if i := slices.IndexFunc(p.b.mem[:64], func(b byte) bool { return b != u }); i >= 0 {
		t.Errorf("the byte at %d before it changed", i)
	}
}

func TestACopyNormalisesWhatLiftingDoes(t *testing.T) {
	p := newBetween(t, "list<tuple<bool, flags{a, b, c}, f32, f64>>", bump)
	p.from.SetPair(64, 128, 2)
	copy(p.a.mem[128:], []byte{
		7, 0xff, 0, 0, 1, 0, 0x80, 0x7f, 2, 0, 0, 0, 0, 0, 0xf0, 0x7f, // NaNs that signal keep their bits
		0, 0xfa, 0, 0, 5, 0, 0xc0, 0xff, 6, 0, 0, 0, 0, 0, 0xf8, 0xff,
	})
	p.copy()
	at, n := p.to.pair(64)
	want := []byte{
		1, 7, 0xa5, 0xa5, 1, 0, 0x80, 0x7f, 2, 0, 0, 0, 0, 0, 0xf0, 0x7f,
		0, 2, 0xa5, 0xa5, 5, 0, 0xc0, 0xff, 6, 0, 0, 0, 0, 0, 0xf8, 0xff,
	}
	if have := p.b.mem[at : at+32]; n != 2 || !slices.Equal(have, want) {
		t.Errorf("%d elements, have %x\nwant %x", n, have, want)
	}
}

func TestFlatValuesAreCutToTheirTypes(t *testing.T) {
	f := &wit.Func{}
	for _, typ := range []string{"bool", "u8", "s8", "u16", "s16", "u32", "s32", "u64", "f32", "char", "flags{a, b}", "option<u64>", "result<u8, f64>"} {
		f.Params = append(f.Params, wit.Param{Name: "p", Type: parseType(typ)})
	}
	_, fc, err := funcProgramOf(f)
	if err != nil {
		t.Fatal(err)
	}
	const high = 0xabcd << 32
	in := []uint64{
		high | 2, high | 0x1ff, high | 0x180, high | 0x1ffff, high | 0x18000, high | 0xffffffff, high | 0x80000000,
		math.MaxUint64, high | 0x7fa00001, high | 'x', high | 7, high, high | 5, high, high | 0x1ff,
	}
	want := []uint64{1, 0xff, 0xffffff80, 0xffff, 0xffff8000, 0xffffffff, 0x80000000, math.MaxUint64, 0x7fa00001, 'x', 3, 0, 0, 0, 0xff}
	from, to := roomy().call(UTF8), roomy().call(UTF8)
	out := poisoned()[:len(in)+1]
	fc.CopyParams(from, to, in, out)
	if !slices.Equal(out[:len(in)], want) || out[len(in)] != poison {
		t.Errorf("have %#x\nwant %#x", out, want)
	}
}

func TestACopySurvivesMemoryThatMoves(t *testing.T) {
	p := newBetween(t, "list<tuple<string, list<u16>>>", allocator{Mode: "bump", Base: 1024, Shrink: "move", Grow: true})
	p.to.opts.Encoding = UTF16
	var v []any
	for i := range 500 {
		v = append(v, []any{strings.Repeat("é€𝄞x", i%40), []any{uint16(i), uint16(2 * i)}})
	}
	p.give(t, v)
	before := len(p.b.mem)
	p.copy()
	if len(p.b.mem) == before {
		t.Fatal("memory did not grow")
	}
	if have := p.codec.Load(p.to, 64); !reflect.DeepEqual(have, any(v)) {
		t.Error("the copy differs")
	}
}

func TestWhatReallocGivesIsChecked(t *testing.T) {
	for _, tt := range []struct {
		typ    string
		v      any
		enc    Encoding
		result uint32
		code   Code
	}{
		{"list<u32>", []any{uint32(1)}, UTF8, 2, Unaligned},
		{"list<u32>", []any{}, UTF8, 2, Unaligned},
		{"list<u32>", []any{uint32(1)}, UTF8, page, OutOfBounds},
		{"list<u32>", []any{}, UTF8, page + 4, OutOfBounds},
		{"list<u8>", []byte{1, 2}, UTF8, page - 1, OutOfBounds},
		{"list<u8>", []byte{1, 2}, UTF8, math.MaxUint32, OutOfBounds},
		{"string", "ab", UTF8, page - 1, OutOfBounds},
		{"string", "", UTF8, page + 1, OutOfBounds},
		{"string", "ab", UTF16, 1, Unaligned},
		{"string", "", UTF16, 1, Unaligned},
		{"string", "ab", UTF16, page - 2, OutOfBounds},
		{"string", "ab", Latin1UTF16, 1, Unaligned},
		{"string", "a€", Latin1UTF16, page - 4, OutOfBounds},
	} {
		p := newBetween(t, tt.typ, allocator{Mode: "fixed", Result: tt.result})
		p.to.opts.Encoding = tt.enc
		p.give(t, tt.v)
		if trap := trapOf(p.copy); trap == nil || trap.Code != tt.code {
			t.Errorf("%s %v to %#x: %v, want %s", tt.typ, tt.v, tt.result, trap, tt.code)
		}
	}
}

func TestEmptyListsAndStringsAskForTheirBlocks(t *testing.T) {
	p := newBetween(t, "tuple<string, list<u64>, list<string>>", bump)
	p.give(t, []any{"", []any{}, []any{}})
	p.copy()
	want := [][5]uint64{{0, 0, 1, 0, 1024}, {0, 0, 8, 0, 1024}, {0, 0, 4, 0, 1024}}
	if !slices.Equal(p.b.calls, want) {
		t.Errorf("realloc %v, want %v", p.b.calls, want)
	}
	for _, at := range []uint32{64, 72, 80} {
		p.give(t, []any{"", []any{}, []any{}})
		p.from.SetPair(at, page+8, 0)
		wantTrap(t, OutOfBounds, p.copy)
	}
	p.give(t, []any{"", []any{}, []any{}})
	p.from.SetPair(72, 4, 0)
	wantTrap(t, Unaligned, p.copy)
}

func TestEmptyListsHaveNoElementsToCopy(t *testing.T) {
	for _, typ := range []string{
		"list<tuple<u32, enum{a, b}>>", "list<tuple<u32, variant{a(u8), b}>>", "list<tuple<u32, bool, char, flags{a}>>", "list<tuple<u8, string>>",
		"list<tuple<u8, tuple<bool, u16, bool, u16, bool, u16, bool, u16, bool>>>", // a step of its own
	} {
		p := newBetween(t, typ, allocator{Mode: "fixed", Result: page})
		p.from.SetPair(64, page, 0) // right at the end of both memories
		p.copy()
		if at, n := p.to.pair(64); at != page || n != 0 {
			t.Errorf("%s: %d elements at %#x", typ, n, at)
		}
	}
}

func TestLengthLimitsComeFirst(t *testing.T) {
	for _, tt := range []struct {
		typ  string
		enc  Encoding
		n    uint32
		code Code
	}{
		{"list<u64>", UTF8, 1 << 25, TooLong},
		{"list<u64>", UTF8, 1<<25 - 1, Unaligned},
		{"list<u64>", UTF8, math.MaxUint32, TooLong},
		{"list<string>", UTF8, 1 << 25, TooLong},
		{"list<u8>", UTF8, 1 << 28, TooLong},
		{"list<u8>", UTF8, 1<<28 - 1, OutOfBounds},
		{"string", UTF8, 1 << 28, TooLong},
		{"string", UTF8, 1<<28 - 1, OutOfBounds},
		{"string", UTF16, 1 << 27, TooLong},
		{"string", UTF16, 1<<27 - 1, Unaligned},
		{"string", Latin1UTF16, 1<<28 - 1, Unaligned},
		{"string", Latin1UTF16, utf16Tag | 1<<27, TooLong},
		{"string", Latin1UTF16, utf16Tag | (1<<27 - 1), Unaligned},
	} {
		p := newBetween(t, tt.typ, bump)
		p.from.opts.Encoding = tt.enc
		p.from.SetPair(64, 65, tt.n)
		if trap := trapOf(p.copy); trap == nil || trap.Code != tt.code {
			t.Errorf("%s of %#x: %v, want %s", tt.typ, tt.n, trap, tt.code)
		}
		if len(p.b.calls) != 0 {
			t.Errorf("%s of %#x: realloc was called", tt.typ, tt.n)
		}
	}
}

func TestAListOfTheGreatestLengthIsCopied(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a gigabyte")
	}
	p := newBetween(t, "list<u8>", bump)
	const n = MaxByteLength
	p.a.mem = make([]byte, 128+n)
	p.b.mem = make([]byte, 2048+n)
	p.from.SetPair(64, 128, n)
	p.a.mem[128+n-1] = 7
	p.copy()
	if at, m := p.to.pair(64); m != n || p.b.mem[at+n-1] != 7 {
		t.Errorf("%d bytes, the last is %d", m, p.b.mem[at+n-1])
	}
}

// TestAliasingListsAreBounded copies what a small memory says to be immense, a list
// of lists that share one area of elements, to a guest whose realloc always gives
// the same block.
func TestAliasingListsAreBounded(t *testing.T) {
	const n, area = 1024, 16 << 10
	for _, tt := range []struct {
		elem     string
		enc      Encoding
		memory   []uint32 // of the elements, repeated
		elements uint32
	}{
		{"bool", UTF8, []uint32{0xff00ff00}, 48 << 10},
		{"u8", UTF8, []uint32{0}, 48 << 10},
		{"enum{a, b}", UTF8, []uint32{0x00010001}, 48 << 10},
		{"option<bool>", UTF8, []uint32{0x01010101}, 24 << 10},
		{"tuple<u8, result<_, bool>>", UTF8, []uint32{0x01010101}, 16 << 10},
		{"string", UTF8, []uint32{0, 0}, 6 << 10},
		{"string", UTF16, []uint32{0, 0}, 6 << 10},
		{"string", UTF16, []uint32{0, 1}, 6 << 10},
		{"string", UTF8, []uint32{0, page / 8}, 6 << 10},
		{"string", Latin1UTF16, []uint32{0, page}, 6 << 10},
		{"list<char>", UTF8, []uint32{0, 0}, 6 << 10},
		{"list<char>", UTF8, []uint32{0, 1}, 6 << 10},
		{"option<list<u64>>", UTF8, []uint32{1, 0, 7}, 4 << 10},
	} {
		for _, enc := range []Encoding{UTF8, UTF16, Latin1UTF16} {
			p := newBetween(t, "list<list<list<"+tt.elem+">>>", bump)
			p.from.opts.Encoding, p.to.opts.Encoding = tt.enc, enc
			blocks := 0
			p.to.opts.Realloc = func(context.Context, uint32, uint32, uint32, uint32) (uint32, error) {
				blocks++
				return 0, nil
			}
			p.from.opts.HostBytes = 32 << 20
			p.from.budget = p.from.opts.hostBytes()
			p.b.mem = make([]byte, 4*page)
			for i := range uint32(n) {
				p.from.SetPair(8*i, 8*n, n)
				p.from.SetPair(8*n+8*i, area, tt.elements)
			}
			for i := uint32(0); i < page-area; i += 4 {
				p.from.SetU32(area+i, tt.memory[i/4%uint32(len(tt.memory))])
			}
			if tt.elem == "string" && tt.enc == UTF8 {
				clear(p.a.mem[:3]) // so that what is there is text
			}
			start := time.Now()
			trap := trapOf(func() { p.x.list(p.mem.steps[0].part, 0, n) })
			d := time.Since(start)
			t.Logf("%-28s %d to %d: %7d blocks, %v", tt.elem, tt.enc, enc, blocks, d)
			if trap == nil || trap.Code != TooLong || !strings.Contains(trap.Msg, "HostBytes") {
				t.Errorf("%s: %v, want %s", tt.elem, trap, TooLong)
			}
			// A block of the target costs budget, however small it is.
			if most := 32 << 20 / 16; blocks > most {
				t.Errorf("%s: %d blocks, at most %d fit into the budget", tt.elem, blocks, most)
			}
		}
	}
}

func TestManyEmptyStringsAreBounded(t *testing.T) {
	p := newBetween(t, "list<list<string>>", allocator{})
	p.to.opts.Realloc = func(context.Context, uint32, uint32, uint32, uint32) (uint32, error) { return 0, nil }
	const n = 1900
	for i := range uint32(n) {
		p.from.SetPair(4096+8*i, 32768, n)
	}
	run := func() { p.x.list(p.mem.steps[0].part, 4096, n) }
	p.from.opts.HostBytes = 0
	p.from.budget = p.from.opts.hostBytes()
	if trap := trapOf(run); trap != nil {
		t.Errorf("three and a half million: %v", trap)
	}
	p.from.opts.HostBytes = 1 << 20
	p.from.budget = p.from.opts.hostBytes()
	wantTrap(t, TooLong, run)
}

func TestTrapsOfACopyHaveAPath(t *testing.T) {
	f := &wit.Func{
		Params: []wit.Param{
			{Name: "addr", Type: parseType("variant{none, ipv4(record{port: u16, host: tuple<char, string>})}")},
			{Name: "list", Type: parseType("list<record{a: option<enum{x, y}>, b: list<list<bool>>}>")},
		},
		Result: parseType("result<list<tuple<u8, option<option<char>>>>, string>"),
	}
	_, fc, err := funcProgramOf(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		code Code
		path string
		do   func(c *Call, in []uint64)
	}{
		{BadDiscriminant, `param "addr"`, func(c *Call, in []uint64) { in[0] = 2 }},
		{BadChar, `param "addr".ipv4.host.0`, func(c *Call, in []uint64) { in[2] = 0xd800 }},
		{OutOfBounds, `param "addr".ipv4.host.1`, func(c *Call, in []uint64) { in[3] = page + 1 }},
		{Unaligned, `param "list"`, func(c *Call, in []uint64) { in[5]++ }},
		{BadDiscriminant, `param "list"[1].a`, func(c *Call, in []uint64) { c.SetU8(1024+12, 2) }},
		{BadDiscriminant, `param "list"[2].a.some`, func(c *Call, in []uint64) { c.SetU8(1024+24, 1); c.SetU8(1024+25, 2) }},
		{OutOfBounds, `param "list"[2].b`, func(c *Call, in []uint64) { c.SetPair(1024+24+4, page, 1) }},
		{OutOfBounds, `param "list"[0].b[3]`, func(c *Call, in []uint64) { c.SetPair(1024+4, 2048, 4); c.SetPair(2048+24, page-1, 2) }},
	} {
		from, _ := newCall(UTF8)
		to, _ := newCall(UTF8)
		in := []uint64{1, 80, 'x', 0, 0, 1024, 3}
		tt.do(from, in)
		trap := trapOf(func() { fc.CopyParams(from, to, in, make([]uint64, len(in))) })
		if trap == nil || trap.Code != tt.code || trap.Path != tt.path {
			t.Errorf("%v, want %s at %s", trap, tt.code, tt.path)
		}
	}
	for _, tt := range []struct {
		code Code
		path string
		do   func(c *Call)
	}{
		{BadDiscriminant, `result`, func(c *Call) { c.SetU8(1024, 2) }},
		{Unaligned, `result.ok`, func(c *Call) { c.SetPair(1028, 1, 1) }},
		{BadChar, `result.ok[2].1.some.some`, func(c *Call) {
			c.SetPair(1028, 2048, 3)
			c.SetU8(2048+32+4, 1)
			c.SetU8(2048+32+8, 1)
			c.SetU32(2048+32+12, 0x110000)
		}},
		{BadEncoding, `result.err`, func(c *Call) { c.SetU8(1024, 1); c.SetPair(1028, 2048, 1); c.SetU8(2048, 0xff) }},
	} {
		from, _ := newCall(UTF8)
		to, _ := newCall(UTF8)
		tt.do(from)
		out := make([]uint64, 8)
		out[7] = 128
		trap := trapOf(func() { fc.CopyResult(from, to, []uint64{1024}, out) })
		if trap == nil || trap.Code != tt.code || trap.Path != tt.path {
			t.Errorf("%v, want %s at %s", trap, tt.code, tt.path)
		}
	}
}

func TestAreasAreChecked(t *testing.T) {
	wide := &wit.Func{Result: parseType("tuple<u32, u64>")}
	for range 17 {
		wide.Params = append(wide.Params, wit.Param{Name: "p", Type: wit.U64})
	}
	_, fc, err := funcProgramOf(wide)
	if err != nil {
		t.Fatal(err)
	}
	from, _ := newCall(UTF8)
	g := newGuest(page, 0, allocator{Mode: "fixed", Result: 64})
	to := g.call(UTF8)
	out := []uint64{0, 0}
	wantTrap(t, Unaligned, func() { fc.CopyParams(from, to, []uint64{4}, out) })
	wantTrap(t, OutOfBounds, func() { fc.CopyParams(from, to, []uint64{page - 128}, out) })
	if len(g.calls) != 0 {
		t.Errorf("realloc %v", g.calls)
	}
	from.SetU64(8+16*8, 99)
	fc.CopyParams(from, to, []uint64{8}, out)
	if out[0] != 64 || to.U64(64+16*8) != 99 {
		t.Errorf("parameters at %d, the last is %d", out[0], to.U64(64+16*8))
	}
	g.alloc.Result = 12
	wantTrap(t, Unaligned, func() { fc.CopyParams(from, to, []uint64{8}, out) })
	g.alloc.Result = page - 128
	wantTrap(t, OutOfBounds, func() { fc.CopyParams(from, to, []uint64{8}, out) })

	out[1] = 512
	from.SetU64(256+8, 77)
	fc.CopyResult(from, to, []uint64{256}, out)
	if to.U64(512+8) != 77 {
		t.Error("the result is not where the caller wants it")
	}
	wantTrap(t, Unaligned, func() { fc.CopyResult(from, to, []uint64{4}, out) })
	wantTrap(t, OutOfBounds, func() { fc.CopyResult(from, to, []uint64{page - 8}, out) })
	out[1] = 4
	wantTrap(t, Unaligned, func() { fc.CopyResult(from, to, []uint64{256}, out) })
	out[1] = page - 8
	wantTrap(t, OutOfBounds, func() { fc.CopyResult(from, to, []uint64{256}, out) })
}

func TestAFunctionOfNothingIsCopied(t *testing.T) {
	fc, err := FuncCopyOf(&wit.Func{Name: "f"})
	if err != nil {
		t.Fatal(err)
	}
	from, _ := newCall(UTF8)
	to, _ := newCall(UTF8)
	out := []uint64{poison}
	fc.CopyParams(from, to, nil, out)
	fc.CopyResult(from, to, nil, out)
	if out[0] != poison {
		t.Error("a slot was written")
	}
	if _, err := FuncCopyOf(&wit.Func{Result: &wit.Stream{}}); err == nil {
		t.Error("a stream has a program")
	}
}

func TestScalarResultsAreCopied(t *testing.T) {
	fc, err := FuncCopyOf(&wit.Func{Result: wit.S16, Params: []wit.Param{{Name: "a", Type: wit.U64}}})
	if err != nil {
		t.Fatal(err)
	}
	from, _ := newCall(UTF8)
	to, _ := newCall(UTF8)
	out := []uint64{5, poison}
	fc.CopyResult(from, to, []uint64{0x1fffe}, out)
	if out[0] != 0xfffffffe || out[1] != poison {
		t.Errorf("result %#x", out)
	}
}

// TestProgramsOfSharedTypesAreSmall: a type that holds the one before twice, 20
// deep, has a value of a million parts and a program of a few steps for each.
func TestProgramsOfSharedTypesAreSmall(t *testing.T) {
	var typ wit.Type = &wit.Tuple{Elems: []wit.Type{wit.Bool, wit.String, wit.U16}}
	for range 20 {
		typ = &wit.Tuple{Elems: []wit.Type{typ, typ}}
	}
	s := new(Codecs)
	fc, err := s.copyOf(&wit.Func{Params: []wit.Param{{Name: "p", Type: typ}}, Result: &wit.List{Elem: typ}})
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	for _, m := range s.memCopies {
		steps += len(m.steps)
	}
	if steps > 200 || fc.params.mem == nil {
		t.Errorf("%d steps", steps)
	}
	deep := wit.Type(wit.U8)
	for i := range MaxDepth - 2 {
		deep = &wit.Record{Fields: []wit.Field{{Name: fmt.Sprint(i), Type: deep}}}
	}
	if _, err := FuncCopyOf(&wit.Func{Params: []wit.Param{{Name: "p", Type: deep}, {Name: "q", Type: &wit.List{Elem: deep}}}}); err != nil {
		t.Error(err)
	}
}

func TestACopyAllocatesNothing(t *testing.T) {
	v := []any{map[string]any{"a": uint32(1), "b": "Grüße", "c": Variant{Case: "x", Value: []any{'a'}}}}
	for _, enc := range []Encoding{UTF8, UTF16, Latin1UTF16} {
		p := newPairBench(t, UTF8, enc, []any{v, uint8(3)}, parseType("list<record{a: u32, b: string, c: variant{x(list<char>), y(u8)}}>"), wit.U8)
		if n := testing.AllocsPerRun(100, func() { p.copies.CopyParams(p.from, p.to, p.in, p.out) }); n != 0 {
			t.Errorf("%v allocations to encoding %d, want 0", n, enc)
		}
	}
}
