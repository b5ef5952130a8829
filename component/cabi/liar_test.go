package cabi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
)

// The memory of a [liar] has litter where nothing was written, and what it had
// before it moved is tomb.
const (
	litter = 0xa5
	tomb   = 0xdd
)

// What a liar answers to a call of realloc, by the next byte of its script.
const (
	fresh = iota // a block of its own, as after the end of the script

	// Good answers: blocks lie in memory and are aligned.
	moving  // the same, of memory that grows and moves
	last    // the last block that fits
	inPlace // where the old block was
	again   // where an earlier block was
	null    // 0

	// Bad answers, most of the time.
	beyond   // a block that ends behind memory
	highest  // the last aligned address of all
	odd      // one byte beside an aligned address
	half     // half an alignment beside
	anywhere // any address of the first 64 KiB

	failing // none
	answers
)

var errGaveUp = errors.New("realloc gave up")

// liar is a guest whose realloc answers what a script says. It keeps book of what
// lowering may do after that.
type liar struct {
	mem     []byte
	script  dice
	next    uint64 // where blocks have ended so far
	calls   [][5]uint64
	granted [][2]uint64      // what may be written: from, to
	gone    [][]byte         // memories before they moved
	honest  bool             // so far: no block overlaps another
	want    func(*Trap) bool // the trap that must come now, nil if none may
}

func newLiar(script []byte) *liar {
	return &liar{mem: bytes.Repeat([]byte{litter}, 4<<10), script: dice{script}, next: 8, honest: true}
}

func (g *liar) Size() uint32 { return uint32(len(g.mem)) }

func (g *liar) Read(p, n uint32) ([]byte, bool) {
	end := uint64(p) + uint64(n)
	if end > uint64(len(g.mem)) {
		return nil, false
	}
	return g.mem[p:end:end], true
}

func (g *liar) call(enc Encoding) *Call {
	c := new(Call)
	c.Begin(context.Background(), &Options{Encoding: enc, Memory: g, Realloc: g.realloc, HostBytes: 1 << 30}, nil)
	return c
}

func (g *liar) realloc(_ context.Context, old, oldSize, align, size uint32) (uint32, error) {
	if g.want != nil {
		panic("realloc is called after an answer that must trap")
	}
	p, ok := g.answer(uint64(old), uint64(align), uint64(size))
	g.calls = append(g.calls, [5]uint64{uint64(old), uint64(oldSize), uint64(align), uint64(size), p})
	end := p + uint64(size)
	switch {
	case !ok:
		g.want = func(t *Trap) bool { return errors.Is(t, errGaveUp) }
		return 0, errGaveUp
	case p%uint64(align) != 0:
		g.want = func(t *Trap) bool { return t.Code == Unaligned }
	case end > uint64(len(g.mem)):
		g.want = func(t *Trap) bool { return t.Code == OutOfBounds }
	default:
		g.grant(uint64(old), uint64(oldSize), p, end)
	}
	return uint32(p), nil
}

// answer is the script's next answer, or not ok for none.
func (g *liar) answer(old, align, size uint64) (p uint64, ok bool) {
	block := (g.next + align - 1) &^ (align - 1)
	room := uint64(len(g.mem))
	switch g.script.byte() % answers {
	case last:
		p = (room - size) &^ (align - 1)
	case inPlace:
		p = old
	case again:
		if n := len(g.calls); n > 0 {
			p = g.calls[g.script.byte()%n][4]
		}
	case null:
		p = 0
	case beyond:
		p = (room-size)&^(align-1) + align
	case highest:
		p = 1<<32 - align
	case odd:
		p = block + 1
	case half:
		p = block + align/2
	case anywhere:
		p = uint64(g.script.byte()) | uint64(g.script.byte())<<8
	case failing:
		return 0, false
	case moving:
		g.move(64 * (1 + g.script.byte()))
		fallthrough
	case fresh:
		p = block
		if end := block + size; end > uint64(len(g.mem)) && size < 1<<20 {
			g.move(int(end) - len(g.mem))
		}
	}
	return uint64(uint32(p)), true
}

// move makes memory larger, and elsewhere: what was kept of the old one is no good.
func (g *liar) move(more int) {
	moved := append(slices.Clone(g.mem), bytes.Repeat([]byte{litter}, more)...)
	for i := range g.mem {
		g.mem[i] = tomb
	}
	g.gone = append(g.gone, g.mem)
	g.mem = moved
}

// grant gives a block in memory, with what the old one has.
func (g *liar) grant(old, oldSize, from, to uint64) {
	for _, b := range g.granted {
		replaced := oldSize > 0 && b[0] == old
		if from < b[1] && b[0] < to && !replaced {
			g.honest = false
		}
	}
	g.granted = append(g.granted, [2]uint64{from, to})
	g.next = max(g.next, to)
	copy(g.mem[from:to], slices.Clone(g.mem[old:old+oldSize]))
}

// judge checks what was done to g before it ended with that trap, or none.
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
				t.Fatalf("%s: wrote at %#x of a memory that has moved: %v", what, p, g.calls)
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
