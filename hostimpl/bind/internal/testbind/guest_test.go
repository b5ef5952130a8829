package testbind

import (
	"context"
	"errors"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
)

// guest stands for a component on the other side of a call: a memory with an
// allocator, and a handle table.
type guest struct {
	mem   []byte
	next  uint32
	table cabi.Table
	opts  cabi.Options
	call  cabi.Call
}

func newGuest() *guest {
	g := &guest{mem: make([]byte, 1<<20), next: 1 << 16}
	g.opts = cabi.Options{Memory: g, Realloc: g.realloc}
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
	p := (g.next + align - 1) &^ (align - 1)
	g.next = p + size
	copy(g.mem[p:], g.mem[old:old+min(oldSize, size)])
	return p, nil
}

// text puts s into memory and returns its two flat values.
func (g *guest) text(s string) (ptr, n uint64) {
	p, _ := g.realloc(context.Background(), 0, 0, 1, uint32(len(s)))
	copy(g.mem[p:], s)
	return uint64(p), uint64(len(s))
}

// read returns the string or list of bytes whose address and length are at p.
func (g *guest) read(t *testing.T, p uint32) string {
	t.Helper()
	var c cabi.Call
	c.Begin(t.Context(), &g.opts, &g.table)
	return string(c.Bytes(p))
}

// run calls a function of an interface as a component does.
func (g *guest) run(i *component.Interface, name string, stack []uint64) (err error) {
	defer func() {
		if r := recover(); r != nil {
			trap, ok := r.(*cabi.Trap)
			if !ok {
				panic(r)
			}
			err = trap
		}
	}()
	g.call.Begin(context.Background(), &g.opts, &g.table)
	i.Funcs[name](&g.call, stack)
	g.call.End()
	return nil
}

// must is run where no trap is expected; it returns the first result.
func (g *guest) must(t *testing.T, i *component.Interface, name string, stack ...uint64) uint64 {
	t.Helper()
	stack = append(stack, 0)
	if err := g.run(i, name, stack); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return stack[0]
}

// traps is run where a trap of that code is expected.
func (g *guest) traps(t *testing.T, code cabi.Code, i *component.Interface, name string, stack ...uint64) {
	t.Helper()
	var trap *cabi.Trap
	if err := g.run(i, name, stack); !errors.As(err, &trap) || trap.Code != code {
		t.Errorf("%s: got %v, want a trap: %v", name, err, code)
	}
}
