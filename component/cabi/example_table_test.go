package cabi_test

import (
	"context"
	"fmt"

	"github.com/tenon-wasm/tenon/component/cabi"
)

// lamp is a host's resource.
type lamp struct {
	name string
	of   *lamp // what it hangs on
}

func (l *lamp) String() string { return l.name }

// Parent makes a lamp a child of the one it hangs on.
func (l *lamp) Parent() any {
	if l.of == nil {
		return nil
	}
	return l.of
}

// lamps is the resource type; its destructor says what ends.
var lamps = &cabi.ResourceType{Name: "lamp", Drop: func(_ context.Context, rep any) error {
	fmt.Println(rep, "goes out")
	return nil
}}

// A guest has numbers for what it owns and borrows; the table has what they stand for.
func ExampleTable() {
	ctx := context.Background()
	var table cabi.Table
	h := table.NewOwn(lamps, &lamp{name: "desk lamp"})

	// What is lent is neither dropped nor given away.
	fmt.Println(table.Lend(h, lamps))
	fmt.Println(trapped(func() { table.Drop(ctx, h, lamps) }))
	table.Return(h)

	// What is borrowed for a call is dropped before it returns.
	var call cabi.Scope
	table.Enter(&call)
	b := table.NewBorrow(lamps, &lamp{name: "torch"})
	fmt.Println(trapped(func() { table.Leave(&call) }))
	fmt.Println(table.Drop(ctx, b, lamps)) // the torch is not the guest's, and stays lit
	table.Leave(&call)

	// What is owned ends with its handle, unless somebody takes it.
	fmt.Println(table.Drop(ctx, h, lamps))
	k := table.NewOwn(lamps, &lamp{name: "lantern"})
	fmt.Println(k, table.TakeOwn(k, lamps), table.Len())
	fmt.Println(trapped(func() { table.TakeOwn(k, lamps) }))
	// Output:
	// desk lamp
	// trap: bad handle: handle 1 (own<lamp>) is dropped while it is lent
	// trap: borrows not dropped: handle 2 (borrow<lamp>) was not dropped before the call returned (1 such)
	// <nil>
	// desk lamp goes out
	// <nil>
	// 1 lantern 0
	// trap: bad handle: handle 1 was dropped or given away before; want lamp
}

// A resource of a guest is a number that only this guest knows the meaning of.
func ExampleTable_NewOwnRep() {
	ctx := context.Background()
	var home, other cabi.Table
	counters := &cabi.ResourceType{Name: "counter", Home: &home, DropRep: func(_ context.Context, rep uint32) error {
		fmt.Println("the guest's destructor is called with", rep)
		return nil
	}}
	h := home.NewOwnRep(counters, 4000) // canon resource.new
	fmt.Println(h, home.Rep(h, counters))

	// Another guest owns it, and lends it to the one that knows it.
	k := other.NewOwn(counters, home.TakeOwn(h, counters))
	fmt.Println(home.NewBorrow(counters, other.Lend(k, counters)), home.Len())
	other.Return(k)
	fmt.Println(other.Drop(ctx, k, counters))
	// Output:
	// 1 4000
	// 4000 0
	// the guest's destructor is called with 4000
	// <nil>
}

// Tables that hand values to each other count the children of those together.
func ExampleLineage() {
	ctx := context.Background()
	lineage := new(cabi.Lineage)
	one, other := &cabi.Table{Lineage: lineage}, new(cabi.Table)
	chandelier := &lamp{name: "chandelier"}
	h := one.NewOwn(lamps, chandelier)
	other.NewOwn(lamps, &lamp{name: "candle", of: chandelier})
	other.Adopt(lineage) // with the candle that it has
	fmt.Println(trapped(func() { one.Drop(ctx, h, lamps) }))

	// The guests of both close: children end first.
	fmt.Println(cabi.DropAll(ctx, one, other))
	other.NewOwn(lamps, &lamp{name: "last candle"})
	fmt.Println(other.DropAll(ctx))
	// Output:
	// trap: resource has children: handle 1 (own<lamp>) is dropped while 1 made from it are alive
	// candle goes out
	// chandelier goes out
	// <nil>
	// last candle goes out
	// <nil>
}

// Host functions meet handles as parameters and results of a call.
func ExampleLend() {
	var table cabi.Table
	var c cabi.Call
	c.Begin(context.Background(), &cabi.Options{}, &table)
	h := c.NewOwn(lamps, &lamp{name: "lamp"}) // a result: own<lamp>
	fmt.Println(cabi.Lend[*lamp](&c, h, lamps).name)
	fmt.Println(trapped(func() { cabi.TakeOwn[*lamp](&c, h, lamps) }))
	c.End() // gives back what was lent

	c.Begin(context.Background(), &cabi.Options{}, &table)
	fmt.Println(cabi.TakeOwn[*lamp](&c, h, lamps).name)
	b := c.NewBorrow(lamps, &lamp{name: "torch"}) // for an export: borrow<lamp>
	fmt.Println(trapped(func() { cabi.TakeOwn[*lamp](&c, b, lamps) }))
	// Output:
	// lamp
	// trap: bad handle: handle 1 (own<lamp>) is given away while it is lent
	// lamp
	// trap: bad handle: handle 1 is borrow<lamp>; want own<lamp>
}

// What generated bindings do: the value is lifted first, and then made what the
// interface is in Go.
func ExampleMisfit() {
	type light interface{ Shine() }
	var table cabi.Table
	var c cabi.Call
	c.Begin(context.Background(), &cabi.Options{}, &table)
	h := c.NewOwn(lamps, &lamp{name: "lamp"})
	rep := c.Lend(h, lamps)
	if _, ok := rep.(light); !ok {
		fmt.Println(trapped(func() { cabi.Misfit(lamps, rep) }))
	}
	c.End()
	c.Begin(context.Background(), &cabi.Options{}, &table)
	fmt.Println(c.TakeOwn(h, lamps).(*lamp).name)
	// Output:
	// trap: host function failed: lamp is a *cabi_test.lamp, which the interface does not expect
	// lamp
}

// watched is a table that tells what the guest is given.
type watched struct{ cabi.Handles }

func (w watched) NewOwn(t *cabi.ResourceType, rep any) uint32 {
	h := w.Handles.NewOwn(t, rep)
	fmt.Printf("%v is the guest's handle %d\n", rep, h)
	return h
}

// A crossing may see the handles otherwise than the guest does.
func ExampleHandles() {
	var c cabi.Call
	c.Begin(context.Background(), &cabi.Options{}, watched{Handles: new(cabi.Table)})
	h := c.NewOwn(lamps, &lamp{name: "lamp"})
	fmt.Println(cabi.Lend[*lamp](&c, h, lamps))
	// Output:
	// lamp is the guest's handle 1
	// lamp
}
