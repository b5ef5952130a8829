package cabi_test

import (
	"encoding/json"
	"fmt"

	"github.com/tenon-wasm/tenon/component/cabi"
)

var (
	parsing = cabi.Frame{Module: "app.wasm", Func: "parse", File: "src/parse.c", Line: 12, Column: 5, Inlined: true}
	load    = cabi.Frame{Module: "app.wasm", Func: "load", File: "src/load.c", Line: 40, Column: 3}
	write   = cabi.Frame{Kind: cabi.FrameHost, Func: "wasi:io/streams@0.2.12#[method]output-stream.write"}
	through = cabi.Frame{Kind: cabi.FrameShim, Module: "shim", Index: 3}
)

// A backtrace is written as the program sees it, or whole.
func ExampleBacktrace() {
	b := cabi.Backtrace{write, through, parsing, load, load, load}
	fmt.Println(b)
	fmt.Println()
	fmt.Printf("%+v\n", b[:3])
	// Output:
	// wasi:io/streams@0.2.12#[method]output-stream.write (host)
	// app.wasm!parse (src/parse.c:12:5, inlined)
	// app.wasm!load (src/load.c:40:3) (3 times)
	//
	// wasi:io/streams@0.2.12#[method]output-stream.write (host)
	// shim[wasm-function 3] (shim)
	// app.wasm!parse (src/parse.c:12:5, inlined)
}

// Program leaves out what only hands on.
func ExampleBacktrace_Program() {
	b := cabi.Backtrace{write, through, load}
	fmt.Println(len(b), len(b.Program()))
	// Output: 3 2
}

// Join is for who calls another guest that traps; it keeps both ends of what is too long.
func ExampleBacktrace_Join() {
	inner := cabi.Backtrace{parsing}
	for range 50 {
		inner = inner.Join(cabi.Backtrace{load, through, write, load, through, write, load, parsing})
	}
	all := inner.Join(cabi.Backtrace{load})
	fmt.Println(len(all), all[0].Func, all[200], all[len(all)-1].Func)
	// Output: 301 parse ... 102 frames ... load
}

// LinesDropped tells that there would be lines, had they been kept.
func ExampleBacktrace_LinesDropped() {
	fmt.Println(cabi.Backtrace{load, {Module: "app.wasm", Func: "main", LinesDropped: true}}.LinesDropped())
	// Output: true
}

// A kind has a name, in JSON as well.
func ExampleFrameKind() {
	b, err := json.Marshal([]cabi.FrameKind{cabi.FrameGuest, cabi.FrameHost, cabi.FrameOmitted})
	fmt.Println(string(b), err)
	// Output: ["guest","host","omitted"] <nil>
}

// Rule is what was broken, Help what to do about it.
func ExampleCode_Rule() {
	trap := &cabi.Trap{Code: cabi.HasChildren}
	fmt.Println(trap.Code.Rule())
	fmt.Println(trap.Help())
	// Output:
	// a resource must be dropped after those that were made from it
	// drop streams, pollables and other children before their parent
}

// Check and CheckOwn trap as Lend and TakeOwn would, and leave the handle alone.
func ExampleTable_Check() {
	var table cabi.Table
	lamp := &cabi.ResourceType{Name: "lamp"}
	h := table.NewBorrow(lamp, "desk lamp")
	table.Check(h, lamp)
	defer func() { fmt.Println(recover()) }()
	table.CheckOwn(h, lamp)
	// Output: trap: bad handle: handle 1 is borrow<lamp>; want own<lamp>
}
