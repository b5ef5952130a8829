package cabi_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// Plain Go values cross into a guest's memory and out of it, by a type that is known
// only at run time.
func ExampleCodec() {
	diary := parse(`package acme:diary;
		interface diary {
			variant change { moved(tuple<s32, s32>), renamed(string), gone }
			flags seen { once, twice }
			record entry { by: char, what: change, seen: seen, note: option<option<string>> }
		}`)
	codec := must(cabi.CodecOf(diary.Type("entry")))
	layout := must(new(cabi.Layouts).Of(diary.Type("entry")))
	c := begin(cabi.UTF8)

	p := c.Alloc(layout.Align, layout.Size)
	entry := map[string]any{
		"by":   'é',
		"what": cabi.Variant{Case: "moved", Value: []any{int32(3), int32(-4)}},
		"seen": []string{"twice"},
		"note": cabi.Some{Value: nil}, // there is a note, and it says nothing
	}
	fmt.Println(codec.Store(c, entry, p))
	fmt.Println(codec.Load(c, p))

	// As flat values, as a function takes them.
	entry["what"], entry["note"] = cabi.Variant{Case: "gone"}, nil
	flat := make([]uint64, layout.Slots)
	fmt.Println(codec.LowerFlat(c, entry, flat), flat)
	fmt.Println(codec.LiftFlat(c, flat))

	// A value that does not fit is told with its place, and harms nobody.
	entry["what"] = cabi.Variant{Case: "renamed", Value: 7}
	err := codec.Store(c, entry, p)
	var bad *cabi.ValueError
	if errors.As(err, &bad) {
		fmt.Println(bad.Path, "|", bad.Msg)
	}
	// A guest's value that is none of the type ends the guest.
	flat[1] = 3
	fmt.Println(trapped(func() { codec.LiftFlat(c, flat) }))
	// Output:
	// <nil>
	// map[by:233 note:{<nil>} seen:[twice] what:{moved [3 -4]}]
	// <nil> [233 2 0 0 2 0 0 0 0]
	// map[by:233 note:<nil> seen:[twice] what:{gone <nil>}]
	// what.renamed | want string, have int
	// trap, what: bad discriminant: 3 of 3 cases
}

// The export of a guest is called: its core function takes what was lowered, and
// leaves what is lifted.
func ExampleFuncCodec() {
	shout := parse(`package acme:echo; interface echo { shout: func(s: string, times: u8) -> string; }`).Funcs[0]
	var codecs cabi.Codecs // kept for all functions of a component
	codec := must(codecs.OfFunc(shout))
	c := begin(cabi.UTF8)

	// This stands for the guest's code.
	core := func(stack []uint64) {
		s, times := c.LiftString(uint32(stack[0]), uint32(stack[1])), int(stack[2])
		out := c.Alloc(4, 8)
		c.SetString(out, strings.Repeat(strings.ToUpper(s), times))
		stack[0] = uint64(out)
	}
	stack := make([]uint64, 3)
	if err := codec.LowerParams(c, []any{"hey", uint8(2)}, stack); err != nil {
		fmt.Println(err)
		return
	}
	core(stack)
	c.GuestRan() // its memory may have moved
	fmt.Println(codec.LiftResult(c, stack))
	c.End()
	// Output: HEYHEY
}

// Who watches an import sees its answer where the guest will look for it: in the guest's
// memory, at the address that it has called with.
func ExampleFuncCodec_LiftAnswer() {
	split := parse(`package acme:text; interface text { split: func(s: string) -> list<string>; }`).Funcs[0]
	codec := must(cabi.FuncCodecOf(split))
	code := func(c *cabi.Call, stack []uint64) {
		called := append([]uint64(nil), stack...)
		words := []any{}
		for _, w := range strings.Fields(codec.LiftParams(c, stack, nil)[0].(string)) {
			words = append(words, w)
		}
		if err := codec.LowerResult(c, words, stack); err != nil {
			c.Fail(err)
		}
		fmt.Println("seen:", codec.LiftAnswer(c, called, stack))
	}
	fmt.Println(codec.CallHost(begin(cabi.UTF8), []any{"a b"}, code))
	// Output:
	// seen: [a b]
	// [a b] <nil>
}

// An import of a guest is a host function: it lifts what it was called with, and
// lowers its answer. CallHost does the guest's part.
func ExampleFuncCodec_CallHost() {
	divide := parse(`package acme:math; interface math {
		divide: func(a: f64, b: f64) -> result<f64, string>;
	}`).Funcs[0]
	codec := must(cabi.FuncCodecOf(divide))
	code := func(c *cabi.Call, stack []uint64) {
		args := codec.LiftParams(c, stack, nil)
		a, b := args[0].(float64), args[1].(float64)
		result := cabi.Result{Value: a / b}
		if b == 0 {
			result = cabi.Result{IsErr: true, Value: "division by zero"}
		}
		if err := codec.LowerResult(c, result, stack); err != nil {
			c.Fail(err)
		}
	}
	for _, args := range [][]any{{3.0, 4.0}, {1.0, 0.0}, {1.0}} {
		result, err := codec.CallHost(begin(cabi.UTF8), args, code)
		fmt.Println(result, err)
	}
	_, err := cabi.FuncCodecOf(&wit.Func{Result: &wit.Stream{Elem: wit.U8}})
	fmt.Println(err)
	// Output:
	// {false 0.75} <nil>
	// {true division by zero} <nil>
	// <nil> there are 1 parameters, want 2
	// a stream is not part of WASI 0.2
}
