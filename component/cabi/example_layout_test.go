package cabi_test

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// How a type stands in memory, and what its functions look like to core code.
func ExampleLayouts() {
	lab := parse(`package acme:lab;
		interface lab {
			record reading { id: u8, at: u64, value: option<f32> }
			latest: func(names: list<string>) -> reading;
			compare: func(a: reading, b: reading, c: reading, d: reading, e: reading) -> bool;
		}`)
	var layouts cabi.Layouts
	reading := must(layouts.Of(lab.Type("reading")))
	fmt.Println(reading.Size, "bytes, aligned to", reading.Align, "with fields at", reading.Offsets)
	fmt.Println(reading.Slots, "flat values", reading.Flat)
	value := must(layouts.Of(&wit.Option{Elem: wit.F32}))
	fmt.Println("the option's discriminant takes", value.DiscSize, "byte, its payload is at", value.PayloadOffset)
	for _, f := range lab.Funcs {
		// The core function that a guest exports, and the one that it imports.
		for _, dir := range []cabi.Direction{cabi.Lift, cabi.Lower} {
			sig := layouts.FlattenFunc(f, dir)
			fmt.Println(f.Name, sig.Params, sig.Results, "spilled:", sig.ParamsSpilled, sig.ResultSpilled)
		}
	}
	_, err := layouts.Of(&wit.Record{})
	fmt.Println(err)
	// Output:
	// 24 bytes, aligned to 8 with fields at [0 8 16]
	// 4 flat values [i32 i64 i32 f32]
	// the option's discriminant takes 1 byte, its payload is at 4
	// latest [i32 i32] [i32] spilled: false true
	// latest [i32 i32 i32] [] spilled: false true
	// compare [i32] [i32] spilled: true false
	// compare [i32] [i32] spilled: true false
	// a record or tuple has no fields
}
