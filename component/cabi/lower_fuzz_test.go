package cabi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/tenon-wasm/tenon/wit"
)

// The memory of a [liar] has litter where nothing was written, and what it had
// before it moved is tomb.
const (
	litter = 0xa5
	tomb   = 0xdd
)

var errGaveUp = errors.New("realloc gave up")

// liar is a guest whose realloc answers as a script tells.
type liar struct {
	mem     []byte
	script  dice
	next    uint64
	calls   [][5]uint64
	granted [][2]uint64 // what may be written: from, to
	gone    [][]byte    // memories before it moved
	honest  bool        // so far: no block overlaps another
	want    func(*Trap) bool
}

const liarSize = 4 << 10

func newLiar(script []byte) *liar {
	return &liar{mem: bytes.Repeat([]byte{litter}, liarSize), script: dice{script}, next: 8, honest: true}
}

func (g *liar) Size() uint32 { return uint32(len(g.mem)) }

func (g *liar) Read(p, n uint32) ([]byte, bool) {
	end := uint64(p) + uint64(n)
	if end > uint64(len(g.mem)) {
		return nil, false
	}
	return g.mem[p:end:end], true
}

// realloc gives honest blocks where the script has ended.
func (g *liar) realloc(_ context.Context, old, oldSize, align, size uint32) (uint32, error) {
	r := (g.next + uint64(align) - 1) / uint64(align) * uint64(align)
	switch g.script.byte() % 16 {
	case 1, 2: // the end of memory, and one beyond
		r = (uint64(len(g.mem)) - uint64(size)) &^ (uint64(align) - 1)
	case 3:
		r = uint64(len(g.mem)) - uint64(size) + uint64(align)
	case 4:
		r++
	case 5:
		r += uint64(align) / 2
	case 6:
		r = uint64(0x1_0000_0000) - uint64(align)
	case 7:
		r = 0
	case 8:
		r = uint64(old)
	case 9: // a block that was given before
		if n := len(g.calls); n > 0 {
			r = g.calls[g.script.byte()%n][4]
		}
	case 10:
		r = uint64(g.script.byte()) | uint64(g.script.byte())<<8
	case 11, 12:
		g.move(64 * g.script.byte())
	case 13:
		if g.script.byte()%4 == 0 {
			g.want = func(t *Trap) bool { return errors.Is(t, errGaveUp) }
			return 0, errGaveUp
		}
	}
	if r+uint64(size) > uint64(len(g.mem)) && r == (g.next+uint64(align)-1)/uint64(align)*uint64(align) && size < 1<<20 {
		g.move(int(size) + 64)
	}
	r = uint64(uint32(r))
	g.calls = append(g.calls, [5]uint64{uint64(old), uint64(oldSize), uint64(align), uint64(size), r})
	end := r + uint64(size)
	switch {
	case g.want != nil:
		panic("realloc is called after an answer that must trap")
	case r%uint64(align) != 0:
		g.want = func(t *Trap) bool { return t.Code == Unaligned }
		return uint32(r), nil
	case end > uint64(len(g.mem)):
		g.want = func(t *Trap) bool { return t.Code == OutOfBounds }
		return uint32(r), nil
	}
	// What a block has already may be taken over by the one in its place.
	for _, b := range g.granted {
		moved := oldSize > 0 && b[0] == uint64(old)
		if r < b[1] && b[0] < end && !moved {
			g.honest = false
		}
	}
	g.granted = append(g.granted, [2]uint64{r, end})
	g.next = max(g.next, end)
	if oldSize > 0 {
		copy(g.mem[r:r+uint64(min(oldSize, size))], slices.Clone(g.mem[old:uint64(old)+uint64(oldSize)]))
	}
	return uint32(r), nil
}

// move makes memory larger, and elsewhere.
func (g *liar) move(more int) {
	moved := append(slices.Clone(g.mem), bytes.Repeat([]byte{litter}, more)...)
	for i := range g.mem {
		g.mem[i] = tomb
	}
	g.gone = append(g.gone, g.mem)
	g.mem = moved
}

// judge checks what a lowering into g did, which ended in that trap or none.
func (g *liar) judge(t *testing.T, what fmt.Stringer, trap *Trap) {
	t.Helper()
	switch {
	case g.want != nil && trap == nil:
		t.Fatalf("%s: no trap after realloc %v", what, g.calls)
	case g.want != nil && !g.want(trap):
		t.Fatalf("%s: %v after realloc %v", what, trap, g.calls)
	case g.want == nil && trap != nil:
		t.Fatalf("%s: %v, but every answer was good: %v", what, trap, g.calls)
	}
	for _, m := range g.gone {
		for p, b := range m {
			if b != tomb {
				t.Fatalf("%s: wrote at %#x of a memory that has moved", what, p)
			}
		}
	}
	allowed := make([]bool, len(g.mem))
	for _, b := range g.granted {
		for p := b[0]; p < b[1]; p++ {
			allowed[p] = true
		}
	}
	for p, b := range g.mem {
		if b != litter && !allowed[p] {
			t.Fatalf("%s: wrote at %#x, where no block is: %v", what, p, g.calls)
		}
	}
}

func (g *liar) call(enc Encoding) *Call {
	c := new(Call)
	c.Begin(context.Background(), &Options{Encoding: enc, Memory: g, Realloc: g.realloc, HostBytes: 1 << 30}, nil)
	return c
}

// FuzzLower lowers a value of any type to a guest whose realloc may answer anything:
// it traps where an answer was not aligned or not in memory and at once, and only
// there; nothing but the blocks is written, and no memory that has moved; where no
// blocks overlap, the value is there. A copy from another guest does the same.
func FuzzLower(f *testing.F) {
	for _, seed := range lowerings() {
		f.Add(seed.shape, seed.encoding, seed.value, seed.answers)
	}
	f.Fuzz(func(t *testing.T, shape []byte, encoding uint8, value, answers []byte) {
		typ := (&dice{shape}).typ(4)
		enc := Encoding(encoding % 3)
		v := (&dice{value}).value(typ)
		codec, mem, _, err := programsOf(typ)
		if err != nil {
			t.Fatal(err)
		}
		fn := &wit.Func{Name: "f", Params: []wit.Param{{Name: "p", Type: typ}}}
		params, err := FuncCodecOf(fn)
		if err != nil {
			t.Fatal(err)
		}

		// As parameters, flat or spilled.
		g := newLiar(answers)
		c := g.call(enc)
		stack := make([]uint64, MaxFlatParams+1)
		trap := trapOf(func() { err = params.LowerParams(c, []any{v}, stack) })
		if err != nil {
			t.Fatal(err)
		}
		g.judge(t, typ, trap)
		if trap == nil && g.honest {
			if back := params.LiftParams(g.call(enc), stack, nil); !sameValue(back[0], v) {
				t.Fatalf("%s: %#v came back as %#v", typ, v, back[0])
			}
		}

		// To memory.
		a := newLiar(answers)
		c = a.call(enc)
		var p uint32
		lowered := trapOf(func() {
			p = c.Alloc(codec.align, codec.size)
			err = codec.Store(c, v, p)
		})
		if err != nil {
			t.Fatal(err)
		}
		a.judge(t, typ, lowered)
		if lowered == nil && a.honest {
			if back := codec.Load(a.call(enc), p); !sameValue(back, v) {
				t.Fatalf("%s: %#v came back as %#v", typ, v, back)
			}
		}

		// From another guest, whose strings are what a host has: UTF-8.
		from := roomy().call(UTF8)
		q := from.Alloc(codec.align, codec.size)
		if err := codec.Store(from, v, q); err != nil {
			t.Fatal(err)
		}
		from.budget = 1 << 30
		b := newLiar(answers)
		x := &copying{from: from, to: b.call(enc)}
		x.callee = x.to
		copied := trapOf(func() {
			p = x.to.Alloc(codec.align, codec.size)
			x.value(mem, q, p)
		})
		b.judge(t, typ, copied)
		if !slices.Equal(a.calls, b.calls) {
			t.Fatalf("%s: a copy called realloc %v, lowering %v", typ, b.calls, a.calls)
		}
		if copied == nil && b.honest {
			if back := codec.Load(b.call(enc), p); !sameValue(back, v) {
				t.Fatalf("%s: %#v was copied as %#v", typ, v, back)
			}
		}
	})
}
