package cabi_test

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/tenon-wasm/tenon/component/cabi"
)

// The type of a host function's error decides who is told: the guest, where it is
// what the result's error case carries, or nobody, and the guest ends.
func ExampleAsError() {
	answer := func(c *cabi.Call, err error) {
		if e, ok := cabi.AsError[cabi.ErrorOf[uint8]](err); ok {
			fmt.Println("the guest is told", e.Value)
			return
		}
		c.Fail(err)
	}
	c := begin(cabi.UTF8)
	answer(c, fmt.Errorf("reading the meter: %w", cabi.ErrorOf[uint8]{Value: 7}))
	fmt.Println(trapped(func() { answer(c, fs.ErrClosed) }))
	// The guest broke what the interface asks of it, and the interface says that this traps.
	fmt.Println(trapped(func() { answer(c, fmt.Errorf("two writes for one permit: %w", cabi.ErrContract)) }).Code)
	// A result without E has an error that says no more than that it is one.
	fmt.Println(errors.Is(fmt.Errorf("reading the meter: %w", cabi.ErrUnit), cabi.ErrUnit))
	// Output:
	// the guest is told 7
	// trap: host function failed: file already closed
	// contract broken
	// true
}

// A trap tells which rule was broken, and unwraps to its cause where there is one.
func ExampleThrow() {
	trap := trapped(func() { cabi.Throw(cabi.BadHandle, "handle %d is a spoon", 9) })
	fmt.Println(trap.Code, "|", trap.Msg)

	trap = trapped(func() { begin(cabi.UTF8).Fail(fs.ErrNotExist) })
	fmt.Println(trap.Code == cabi.HostFailed, errors.Is(trap, fs.ErrNotExist))
	// Output:
	// bad handle | handle 9 is a spoon
	// true true
}

// Generated bindings spell list<result<tuple<string, u8>, u32>> so, since Go has
// neither tuples nor sum types. A tuple of equal types is an array.
func ExampleResultOf() {
	answers := []cabi.ResultOf[cabi.Tuple2[string, uint8], uint32]{
		{OK: cabi.Tuple2[string, uint8]{F0: "pegs", F1: 12}},
		{IsErr: true, Err: 404},
	}
	for _, a := range answers {
		if a.IsErr {
			fmt.Println("error", a.Err)
			continue
		}
		fmt.Println(a.OK.F0, a.OK.F1)
	}
	// Output:
	// pegs 12
	// error 404
}
