package cabi_test

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/cabi"
)

// One guest calls another: the parameters go from the caller's memory to the callee's,
// and the result comes back. The strings change their encoding on the way.
func ExampleFuncCopy() {
	greet := parse(`package acme:hello; interface hello { greet: func(name: string) -> string; }`).Funcs[0]
	program := must(cabi.FuncCopyOf(greet))
	caller, callee := begin(cabi.UTF8), begin(cabi.UTF16)

	// The caller calls with a string and with the place for the result.
	ptr, n := caller.LowerString("Zoë")
	ret := caller.Alloc(4, 8)
	stack := []uint64{uint64(ptr), uint64(n), uint64(ret)}

	in := make([]uint64, 3)
	program.CopyParams(caller, callee, stack, in)
	fmt.Println("code units:", stack[1], in[1])

	// This stands for the callee's code.
	out := callee.Alloc(4, 8)
	callee.SetString(out, "hello "+callee.LiftString(uint32(in[0]), uint32(in[1])))
	in[0] = uint64(out)

	callee.GuestRan()
	program.CopyResult(callee, caller, in, stack)
	fmt.Println(caller.String(ret))
	callee.End()
	caller.End()
	// Output:
	// code units: 4 3
	// hello Zoë
}
