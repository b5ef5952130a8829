package cabi

import (
	"context"
	"slices"
	"testing"

	"github.com/tenon-wasm/tenon/wit"
)

// trade is a function with handles between two guests, with a table each.
type trade struct {
	fc             *FuncCopy
	a, b           *guest
	ta, tb         *Table
	caller, callee *Call
	resource       *wit.TypeDef
	rt             *ResourceType
}

func newTrade(t testing.TB, rt *ResourceType, f func(own, borrow wit.Type) *wit.Func) *trade {
	t.Helper()
	res := &wit.TypeDef{Name: "r", Type: &wit.Resource{}}
	fc, err := FuncCopyOf(f(&wit.Own{Resource: &wit.TypeDef{Name: "alias", Type: res}}, &wit.Borrow{Resource: res}))
	if err != nil {
		t.Fatal(err)
	}
	x := &trade{fc: fc, a: newGuest(page, 0, bump), b: newGuest(page, 0, bump), ta: new(Table), tb: new(Table), resource: res, rt: rt}
	x.begin()
	return x
}

// begin readies both crossings. The caller knows no resource types: it spells them
// in its own terms, and is not to be asked.
func (x *trade) begin() {
	ctx := context.Background()
	x.caller, x.callee = new(Call), new(Call)
	x.caller.Begin(ctx, &Options{Memory: x.a, Realloc: x.a.realloc}, x.ta)
	x.callee.Begin(ctx, &Options{Memory: x.b, Realloc: x.b.realloc, Resources: func(d *wit.TypeDef) *ResourceType {
		if d == x.resource {
			return x.rt
		}
		return nil
	}}, x.tb)
}

func takesBoth(own, borrow wit.Type) *wit.Func {
	return &wit.Func{Params: []wit.Param{{Name: "o", Type: own}, {Name: "b", Type: borrow}}, Result: own}
}

func TestHandlesMoveFromTableToTable(t *testing.T) {
	home := new(Table)
	for _, tt := range []struct {
		name string
		rt   *ResourceType
		add  func(tab *Table, rt *ResourceType, n uint32) uint32
	}{
		{"host", &ResourceType{Name: "host"}, func(tab *Table, rt *ResourceType, n uint32) uint32 {
			return tab.NewOwn(rt, &node{name: string(rune('a' + n))})
		}},
		{"guest", &ResourceType{Name: "guest", Home: home}, func(tab *Table, rt *ResourceType, n uint32) uint32 { return tab.NewOwnRep(rt, n) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newTrade(t, tt.rt, takesBoth)
			ctx := context.Background()
			tt.add(x.ta, tt.rt, 0) // so that handles differ on both sides
			given, lent := tt.add(x.ta, tt.rt, 1), tt.add(x.ta, tt.rt, 2)
			wantValue := x.ta.entries[given-1].value()
			out := make([]uint64, 2)
			var scope Scope
			x.tb.Enter(&scope)
			x.fc.CopyParams(x.caller, x.callee, []uint64{uint64(given), uint64(lent)}, out)
			if !slices.Equal(out, []uint64{1, 2}) || x.ta.Len() != 2 || x.tb.Len() != 2 {
				t.Fatalf("handles %v, %d and %d in the tables", out, x.ta.Len(), x.tb.Len())
			}
			if have := x.tb.entries[0].value(); have != wantValue {
				t.Errorf("moved %v, want %v", have, wantValue)
			}
			wantTrap(t, BadHandle, func() { x.ta.Drop(ctx, given, tt.rt) })
			wantTrap(t, BadHandle, func() { x.ta.Drop(ctx, lent, tt.rt) })
			wantTrap(t, BadHandle, func() { x.tb.TakeOwn(2, tt.rt) })
			wantTrap(t, BorrowLeak, func() { x.tb.Leave(&scope) })
			if err := x.tb.Drop(ctx, 2, tt.rt); err != nil {
				t.Fatal(err)
			}
			x.tb.Leave(&scope)
			// The callee gives back what it was given.
			back := []uint64{0}
			x.fc.CopyResult(x.callee, x.caller, []uint64{1}, back)
			if back[0] != uint64(given) || x.tb.Len() != 0 || x.ta.entries[given-1].value() != wantValue {
				t.Errorf("handle %d came back, want %d", back[0], given)
			}
			x.callee.End()
			wantTrap(t, BadHandle, func() { x.ta.TakeOwn(lent, tt.rt) })
			x.caller.End()
			if err := x.ta.Drop(ctx, lent, tt.rt); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheDefiningInstanceIsGivenTheRep(t *testing.T) {
	rt := &ResourceType{Name: "r"}
	x := newTrade(t, rt, takesBoth)
	rt.Home = x.tb
	h := x.ta.NewOwnRep(rt, 41)
	b := x.ta.NewOwnRep(rt, 42)
	out := make([]uint64, 2)
	x.fc.CopyParams(x.caller, x.callee, []uint64{uint64(h), uint64(b)}, out)
	if out[1] != 42 || x.tb.Len() != 1 || x.tb.Rep(uint32(out[0]), rt) != 41 {
		t.Errorf("was given %v", out)
	}
	wantTrap(t, BadHandle, func() { x.ta.takeOwnRep(b, rt) }) // lent all the same
	x.caller.End()
	x.ta.takeOwnRep(b, rt)
}

func TestBadHandlesAreNotCopied(t *testing.T) {
	rt, other := &ResourceType{Name: "r", Home: new(Table)}, &ResourceType{Name: "other", Home: new(Table)}
	for _, tt := range []struct {
		name string
		path string
		in   func(x *trade) []uint64
	}{
		{"index 0", `param "o"`, func(x *trade) []uint64 { return []uint64{0, 1} }},
		{"an index out of range", `param "b"`, func(x *trade) []uint64 { return []uint64{1, 9} }},
		{"another type, owned", `param "o"`, func(x *trade) []uint64 { return []uint64{uint64(x.ta.NewOwnRep(other, 1)), 1} }},
		{"another type, borrowed", `param "b"`, func(x *trade) []uint64 { return []uint64{1, uint64(x.ta.NewOwnRep(other, 1))} }},
		{"a borrowed handle given away", `param "o"`, func(x *trade) []uint64 { return []uint64{uint64(x.ta.newBorrowRep(rt, 1)), 1} }},
		{"a lent handle given away", `param "o"`, func(x *trade) []uint64 { x.ta.lendRep(1, rt); return []uint64{1, 1} }},
		{"one handle given and lent", `param "b"`, func(x *trade) []uint64 { return []uint64{1, 1} }},
	} {
		x := newTrade(t, rt, takesBoth)
		x.ta.NewOwnRep(rt, 7)
		x.ta.NewOwnRep(rt, 8)
		in := tt.in(x)
		trap := trapOf(func() { x.fc.CopyParams(x.caller, x.callee, in, make([]uint64, 2)) })
		if trap == nil || trap.Code != BadHandle || trap.Path != tt.path {
			t.Errorf("%s: %v, want %s at %s", tt.name, trap, BadHandle, tt.path)
		}
	}
}

func TestListsOfHandlesAreCopiedInOrder(t *testing.T) {
	home := new(Table)
	rt := &ResourceType{Name: "r", Home: home}
	x := newTrade(t, rt, func(own, borrow wit.Type) *wit.Func {
		pair := &wit.Tuple{Elems: []wit.Type{own, wit.U8, borrow}}
		return &wit.Func{Params: []wit.Param{{Name: "list", Type: &wit.List{Elem: pair}}}}
	})
	for i := range uint32(6) {
		x.ta.NewOwnRep(rt, 10+i)
	}
	for i, h := range []uint32{1, 2, 3, 4, 5, 6} {
		x.caller.SetU32(256+uint32(i/2)*12+uint32(i%2)*8, h)
	}
	out := make([]uint64, 2)
	run := func() { x.fc.CopyParams(x.caller, x.callee, []uint64{256, 3}, out) }
	run()
	p := uint32(out[0])
	for i := range uint32(3) {
		o, b := x.callee.U32(p+12*i), x.callee.U32(p+12*i+8)
		if o != 2*i+1 || b != 2*i+2 || x.tb.Rep(o, rt) != 10+2*i || x.tb.Rep(b, rt) != 11+2*i {
			t.Errorf("element %d has the handles %d and %d", i, o, b)
		}
	}
	// The second time its owned handles are gone.
	if trap := wantTrap(t, BadHandle, run); trap.Path != `param "list"[0].0` {
		t.Errorf("path %s", trap.Path)
	}
}

func TestLendingOneHandleWithoutEndIsBounded(t *testing.T) {
	rt := &ResourceType{Name: "r"}
	x := newTrade(t, rt, func(_, borrow wit.Type) *wit.Func {
		return &wit.Func{Params: []wit.Param{{Name: "list", Type: &wit.List{Elem: &wit.List{Elem: borrow}}}}}
	})
	rt.Home = x.tb // The callee is given reps, so that its table does not fill.
	x.b.alloc = allocator{Mode: "fixed"}
	h := x.ta.NewOwnRep(rt, 1)
	const n = 4000
	for i := range uint32(n) {
		x.caller.SetU32(32768+4*i, h)
		x.caller.SetPair(8*i, 32768, n)
	}
	x.caller.opts.HostBytes = 4 << 20
	x.caller.budget = x.caller.opts.hostBytes()
	wantTrap(t, TooLong, func() { x.fc.CopyParams(x.caller, x.callee, []uint64{0, n}, make([]uint64, 2)) })
	if len(x.caller.lent) > 4<<20/16 {
		t.Errorf("%d handles were lent", len(x.caller.lent))
	}
}

func TestATableThatIsFullTraps(t *testing.T) {
	rt := &ResourceType{Name: "r", Home: new(Table)}
	x := newTrade(t, rt, takesBoth)
	x.tb.Limit = 1
	in := []uint64{uint64(x.ta.NewOwnRep(rt, 1)), uint64(x.ta.NewOwnRep(rt, 2))}
	trap := wantTrap(t, TableFull, func() { x.fc.CopyParams(x.caller, x.callee, in, make([]uint64, 2)) })
	if trap.Path != `param "b"` {
		t.Errorf("path %s", trap.Path)
	}
}

func TestHandlesWithoutTablesOrTypesTrap(t *testing.T) {
	rt := &ResourceType{Name: "r", Home: new(Table)}
	x := newTrade(t, rt, takesBoth)
	in, out := []uint64{1, 2}, make([]uint64, 2)
	x.rt = nil
	wantTrap(t, HostFailed, func() { x.fc.CopyParams(x.caller, x.callee, in, out) })
	x.callee.opts.Resources = nil
	wantTrap(t, HostFailed, func() { x.fc.CopyParams(x.caller, x.callee, in, out) })
	x.caller.handles = nil
	wantTrap(t, HostFailed, func() { x.fc.CopyParams(x.caller, x.callee, in, out) })
}

func TestGuestResourcesAreNotBoxed(t *testing.T) {
	rt := &ResourceType{Name: "r", Home: new(Table)}
	x := newTrade(t, rt, takesBoth)
	ctx := context.Background()
	own, lent := uint64(x.ta.NewOwnRep(rt, 1<<20)), uint64(x.ta.NewOwnRep(rt, 1<<21))
	in, out := []uint64{own, lent}, make([]uint64, 2)
	callerOpts, calleeOpts := x.caller.opts, x.callee.opts
	n := testing.AllocsPerRun(100, func() {
		x.caller.Begin(ctx, callerOpts, x.ta)
		x.callee.Begin(ctx, calleeOpts, x.tb)
		x.fc.CopyParams(x.caller, x.callee, in, out)
		x.tb.Drop(ctx, uint32(out[1]), rt)
		x.fc.CopyResult(x.callee, x.caller, out, in)
		x.callee.End()
		x.caller.End()
	})
	if n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
