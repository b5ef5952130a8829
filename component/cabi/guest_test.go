package cabi

import (
	"context"
	"fmt"
	"slices"
)

// guest is a guest's memory and realloc, as the vectors describe them.
type guest struct {
	mem   []byte
	alloc allocator
	next  uint64
	calls [][5]uint64
}

type allocator struct {
	Mode   string
	Result uint32
	Base   uint64
	Shrink string
	Grow   bool
	Skew   uint64
}

func newGuest(size int, fill byte, alloc allocator) *guest {
	g := &guest{mem: make([]byte, size), alloc: alloc, next: alloc.Base}
	for i := range g.mem {
		g.mem[i] = fill
	}
	return g
}

func (g *guest) Size() uint32 { return uint32(len(g.mem)) }

func (g *guest) Read(p, n uint32) ([]byte, bool) {
	end := uint64(p) + uint64(n)
	if end > uint64(len(g.mem)) {
		return nil, false
	}
	return g.mem[p:end:end], true
}

func (g *guest) realloc(_ context.Context, old, oldSize, align, size uint32) (uint32, error) {
	r := g.block(uint64(old), uint64(oldSize), uint64(align), uint64(size))
	g.calls = append(g.calls, [5]uint64{uint64(old), uint64(oldSize), uint64(align), uint64(size), uint64(r)})
	return r, nil
}

func (g *guest) block(old, oldSize, align, size uint64) uint32 {
	a := &g.alloc
	if a.Mode == "fixed" {
		return a.Result
	}
	if a.Shrink == "in-place" && old != 0 && size <= oldSize {
		return uint32(old)
	}
	r := (g.next+align-1)/align*align + a.Skew
	g.next = r + size
	if end := r + size; end > uint64(len(g.mem)) {
		if !a.Grow {
			return uint32(r)
		}
		// Memory moves: a view that was kept would miss what follows.
		moved := make([]byte, (end+65535)/65536*65536)
		copy(moved, g.mem)
		clear(g.mem)
		g.mem = moved
	}
	n := min(oldSize, size)
	copy(g.mem[r:r+n], slices.Clone(g.mem[old:old+n]))
	return uint32(r)
}

// call begins a crossing into g.
func (g *guest) call(enc Encoding) *Call {
	c := new(Call)
	c.Begin(context.Background(), &Options{Encoding: enc, Memory: g, Realloc: g.realloc}, nil)
	return c
}

func encodingOf(name string) Encoding {
	switch name {
	case "utf8", "":
		return UTF8
	case "utf16":
		return UTF16
	case "latin1+utf16":
		return Latin1UTF16
	}
	panic(fmt.Sprintf("no encoding %q", name))
}
