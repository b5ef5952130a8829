package cabi

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var (
	streamType   = &ResourceType{Name: "wasi:io/streams#input-stream"}
	pollableType = &ResourceType{Name: "wasi:io/poll#pollable"}
)

// node is a host value with a parent.
type node struct {
	name string
	up   any
}

func (n *node) Parent() any { return n.up }

func TestTraps(t *testing.T) {
	ctx := context.Background()
	stream, pollable := &node{name: "s"}, &node{name: "p"}
	pollable.up = stream
	for _, tt := range []struct {
		name string
		code Code
		msg  string
		do   func(t *Table)
	}{
		{"index 0 is no handle", BadHandle, "there is no handle 0", func(t *Table) { t.Lend(0, streamType) }},
		{"an index out of range is no handle", BadHandle, "there is no handle 9", func(t *Table) { t.Lend(9, streamType) }},
		{"the largest index is no handle", BadHandle, "", func(t *Table) { t.TakeOwn(1<<32-1, streamType) }},
		{"a dropped handle is gone", BadHandle, "handle 1 was dropped", func(t *Table) {
			t.NewOwn(streamType, stream)
			t.Drop(ctx, 1, streamType)
			t.Drop(ctx, 1, streamType)
		}},
		{"a handle of another type is refused", BadHandle,
			"handle 1 is own<wasi:io/streams#input-stream>; want wasi:io/poll#pollable", func(t *Table) {
				t.Lend(t.NewOwn(streamType, stream), pollableType)
			}},
		{"a handle of the same type by name only is refused", BadHandle, "of another instance", func(t *Table) {
			t.Lend(t.NewOwn(streamType, stream), &ResourceType{Name: streamType.Name})
		}},
		{"a borrowed handle is not given away", BadHandle, "handle 1 is borrow<", func(t *Table) {
			t.TakeOwn(t.NewBorrow(streamType, stream), streamType)
		}},
		{"a lent handle is not given away", BadHandle, "given away while it is lent", func(t *Table) {
			h := t.NewOwn(streamType, stream)
			t.Lend(h, streamType)
			t.TakeOwn(h, streamType)
		}},
		{"a lent handle is not dropped", BadHandle, "dropped while it is lent", func(t *Table) {
			h := t.NewOwn(streamType, stream)
			t.Lend(h, streamType)
			t.Drop(ctx, h, streamType)
		}},
		{"a borrowed handle that is lent is not dropped", BadHandle, "", func(t *Table) {
			h := t.NewBorrow(streamType, stream)
			t.Lend(h, streamType)
			t.Drop(ctx, h, streamType)
		}},
		{"a parent with a live child is not dropped", HasChildren, "1 made from it", func(t *Table) {
			h := t.NewOwn(streamType, stream)
			t.NewOwn(pollableType, pollable)
			t.Drop(ctx, h, streamType)
		}},
		{"a table is full at its limit", TableFull, "2 handles (the limit Table.Limit)", func(t *Table) {
			t.Limit = 2
			for range 3 {
				t.NewOwn(streamType, stream)
			}
		}},
		{"a borrow outlives its call", BorrowLeak, "handle 1 (borrow<wasi:io/streams#input-stream>)", func(t *Table) {
			var s Scope
			t.Enter(&s)
			t.NewBorrow(streamType, stream)
			t.Leave(&s)
		}},
		{"nil is no host value", HostFailed, "nil", func(t *Table) { t.NewOwn(streamType, nil) }},
		{"a parent that cannot be compared is refused", HostFailed, "cannot be compared", func(t *Table) {
			t.NewOwn(pollableType, &node{up: []int{1}})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			trap := wantTrap(t, tt.code, func() { tt.do(new(Table)) })
			if !strings.Contains(trap.Msg, tt.msg) {
				t.Errorf("%q does not say %q", trap.Msg, tt.msg)
			}
		})
	}
}

func TestTheHandleFreedLastIsUsedFirst(t *testing.T) {
	var tab Table
	for i := range 4 {
		if h := tab.NewOwn(streamType, i); h != uint32(i+1) {
			t.Fatalf("handle %d, want %d", h, i+1)
		}
	}
	for _, h := range []uint32{2, 4, 1} {
		tab.TakeOwn(h, streamType)
	}
	for _, want := range []uint32{1, 4, 2, 5} {
		if h := tab.NewOwn(streamType, 0); h != want {
			t.Fatalf("handle %d, want %d", h, want)
		}
	}
}

func TestAGivenAwayParentKeepsItsChildren(t *testing.T) {
	ctx := context.Background()
	var tab Table
	stream := &node{name: "s"}
	h := tab.NewOwn(streamType, stream)
	p := tab.NewOwn(pollableType, &node{name: "p", up: stream})
	tab.TakeOwn(h, streamType)
	if n := tab.Lineage.children(stream); n != 1 {
		t.Fatalf("%d children, want 1", n)
	}
	h = tab.NewOwn(streamType, stream)
	wantTrap(t, HasChildren, func() { tab.Drop(ctx, h, streamType) })
	if err := tab.Drop(ctx, p, pollableType); err != nil {
		t.Fatal(err)
	}
	if err := tab.Drop(ctx, h, streamType); err != nil {
		t.Fatal(err)
	}
}

func TestARepPassesWithoutAHandleAtHome(t *testing.T) {
	var home, away Table
	rt := &ResourceType{Name: "a:b/c#r", Home: &home}
	if rep := home.newBorrowRep(rt, 77); rep != 77 || home.Len() != 0 {
		t.Fatalf("home got %d and %d handles, want the rep and none", rep, home.Len())
	}
	if h := away.newBorrowRep(rt, 77); h != 1 || away.Rep(h, rt) != 77 {
		t.Fatalf("away got %d", h)
	}
	h := away.NewOwn(rt, uint32(5))
	if v := away.TakeOwn(h, rt); v != any(uint32(5)) {
		t.Fatalf("took %v, want 5", v)
	}
	wantTrap(t, HostFailed, func() { away.NewOwn(rt, "x") })
}

func TestADestructorRunsOnceForWhatIsOwned(t *testing.T) {
	ctx := context.Background()
	var tab Table
	var got []string
	boom := errors.New("boom")
	host := &ResourceType{Name: "h", Drop: func(_ context.Context, v any) error { got = append(got, fmt.Sprint(v)); return boom }}
	guest := &ResourceType{Name: "g", Home: new(Table), DropRep: func(_ context.Context, rep uint32) error { got = append(got, fmt.Sprint(rep)); return nil }}
	if err := tab.Drop(ctx, tab.NewOwn(host, "v"), host); err != boom {
		t.Errorf("error %v, want boom", err)
	}
	if err := tab.Drop(ctx, tab.NewOwnRep(guest, 9), guest); err != nil {
		t.Error(err)
	}
	tab.Drop(ctx, tab.NewBorrow(host, "w"), host)
	if want := []string{"v", "9"}; !slices.Equal(got, want) {
		t.Errorf("%v ended, want %v", got, want)
	}
}

func TestClosingDropsChildrenFirst(t *testing.T) {
	ctx := context.Background()
	var got []string
	rt := &ResourceType{Name: "n", Drop: func(_ context.Context, v any) error {
		n := v.(*node)
		got = append(got, n.name)
		switch n.name {
		case "bad":
			return errors.New("bad end")
		case "worse":
			Throw(HostFailed, "worse end")
		}
		return nil
	}}
	kin := new(Lineage)
	a, b := Table{Lineage: kin}, Table{Lineage: kin}
	root := &node{name: "root"}
	mid := &node{name: "mid", up: root}
	loop := &node{name: "loop"}
	loop.up = loop
	a.NewOwn(rt, root)
	a.NewOwn(rt, mid)
	a.NewOwn(rt, &node{name: "bad"})
	a.NewBorrow(rt, root)
	a.NewOwnRep(&ResourceType{Home: &b, DropRep: func(context.Context, uint32) error { t.Error("a guest's destructor ran"); return nil }}, 1)
	a.NewOwn(rt, loop)
	b.NewOwn(rt, &node{name: "leaf", up: mid})
	b.NewOwn(rt, &node{name: "worse", up: root})
	err := DropAll(ctx, &a, &b)
	if want := "bad leaf mid worse root loop"; strings.Join(got, " ") != want {
		t.Errorf("dropped %q, want %q", strings.Join(got, " "), want)
	}
	if s := fmt.Sprint(err); !strings.Contains(s, "bad end") || !strings.Contains(s, "worse end") {
		t.Errorf("error %q, want both", s)
	}
	if a.Len()+b.Len() != 0 || len(kin.live) != 0 {
		t.Errorf("%d and %d handles and %d parents left", a.Len(), b.Len(), len(kin.live))
	}
	a.Return(3) // of a call that was under way
	if h := a.NewOwn(rt, root); h != 1 {
		t.Errorf("an emptied table begins at %d", h)
	}
}

func TestNestedCallsHaveTheirOwnBorrows(t *testing.T) {
	ctx := context.Background()
	var tab Table
	var outer, inner Scope
	tab.Enter(&outer)
	h := tab.NewBorrow(streamType, "x")
	tab.Enter(&inner)
	k := tab.NewBorrow(streamType, "y")
	tab.Drop(ctx, k, streamType)
	tab.Leave(&inner)
	wantTrap(t, BorrowLeak, func() { tab.Leave(&outer) })
	tab.Drop(ctx, h, streamType)
	tab.Leave(&outer)
}

// TestTheTableAgreesWithAModel drives a table and the specification's plain
// array with a free list through the same random operations.
func TestTheTableAgreesWithAModel(t *testing.T) {
	type cell struct {
		rt    *ResourceType
		own   bool
		lends int
		val   int
	}
	ctx := context.Background()
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var tab Table
		var scope Scope
		tab.Enter(&scope)
		model, free := []*cell{nil}, []int(nil)
		pick := func() *ResourceType { return []*ResourceType{streamType, pollableType}[rnd.IntN(2)] }
		for step := range 2000 {
			h, rt := rnd.IntN(len(model)+2), pick()
			var c *cell
			if h < len(model) {
				c = model[h]
			}
			valid := c != nil && c.rt == rt
			op := rnd.IntN(6)
			var want, got int // a handle or a value
			trap := trapOf(func() {
				switch op {
				case 0:
					got = int(tab.NewOwn(rt, step))
				case 1:
					got = int(tab.NewBorrow(rt, step))
				case 2:
					got = tab.TakeOwn(uint32(h), rt).(int)
				case 3:
					got = tab.Lend(uint32(h), rt).(int)
				case 4:
					tab.Drop(ctx, uint32(h), rt)
				case 5:
					if c != nil && c.lends > 0 {
						tab.Return(uint32(h))
					}
				}
			})
			wantsTrap := false
			remove := func() { model[h] = nil; free = append(free, h) }
			switch op {
			case 0, 1:
				want = len(model)
				if n := len(free); n > 0 {
					want, free = free[n-1], free[:n-1]
				} else {
					model = append(model, nil)
				}
				model[want] = &cell{rt: rt, own: op == 0, val: step}
			case 2:
				if wantsTrap = !valid || c.lends > 0 || !c.own; !wantsTrap {
					want = c.val
					remove()
				}
			case 3:
				if wantsTrap = !valid; !wantsTrap {
					want = c.val
					c.lends++
				}
			case 4:
				if wantsTrap = !valid || c.lends > 0; !wantsTrap {
					remove()
				}
			case 5:
				if c != nil && c.lends > 0 {
					c.lends--
				}
			}
			if (trap != nil) != wantsTrap || trap == nil && got != want {
				t.Fatalf("seed %d step %d op %d: %d and trap %v, want %d and trap %t", seed, step, op, got, trap, want, wantsTrap)
			}
		}
	}
}

func BenchmarkTable(b *testing.B) {
	ctx := context.Background()
	var tab Table
	v := any(new(node))
	b.Run("own-lend-drop", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h := tab.NewOwn(streamType, v)
			tab.Lend(h, streamType)
			tab.Return(h)
			tab.Drop(ctx, h, streamType)
		}
	})
	b.Run("child", func(b *testing.B) {
		b.ReportAllocs()
		parent := &node{}
		p := tab.NewOwn(streamType, parent)
		kid := any(&node{up: parent})
		for b.Loop() {
			tab.Drop(ctx, tab.NewOwn(pollableType, kid), pollableType)
		}
		tab.Drop(ctx, p, streamType)
	})
	b.Run("rep", func(b *testing.B) {
		b.ReportAllocs()
		rt := &ResourceType{Name: "r", Home: new(Table)}
		for b.Loop() {
			h := tab.NewOwnRep(rt, 1<<20)
			tab.Rep(h, rt)
			tab.takeOwnRep(h, rt)
		}
	})
}

func TestAValueThatFindsNoRoomInTheTableIsDropped(t *testing.T) {
	var dropped []any
	rt := &ResourceType{Name: "thing", Drop: func(_ context.Context, rep any) error {
		dropped = append(dropped, rep)
		return nil
	}}
	table := &Table{Limit: 1}
	table.NewOwn(rt, "first")
	func() {
		defer func() {
			if trap, ok := recover().(*Trap); !ok || trap.Code != TableFull {
				t.Errorf("want a trap with code TableFull")
			}
		}()
		table.NewOwn(rt, "second")
	}()
	if len(dropped) != 1 || dropped[0] != "second" {
		t.Errorf("dropped %v, want the second alone", dropped)
	}
}
