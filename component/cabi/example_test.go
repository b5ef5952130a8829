package cabi_test

import (
	"context"
	"fmt"
	"log"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// In these examples a [cabi.Scratch] is the memory of the guest.

// parse reads the one interface of a text.
func parse(text string) *wit.Interface {
	pkgs, err := wit.Parse(wit.File{Name: "example.wit", Text: text})
	if err != nil {
		log.Fatal(err)
	}
	return pkgs[0].Interfaces[0]
}

// must gives the value of an answer that has no error, to keep examples short.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// begin readies a crossing into a guest of its own, without handles.
func begin(encoding cabi.Encoding) *cabi.Call {
	memory := new(cabi.Scratch)
	c := new(cabi.Call)
	c.Begin(context.Background(), &cabi.Options{Encoding: encoding, Memory: memory, Realloc: memory.Realloc}, nil)
	return c
}

// trapped does what a runtime does where it enters a guest: a trap is an error from
// there on, and any other panic is nobody's but its own.
func trapped(do func()) (trap *cabi.Trap) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *cabi.Trap:
			trap = p
		default:
			panic(p)
		}
	}()
	do()
	return nil
}

// Scratch hands out blocks of itself.
func ExampleScratch() {
	ctx := context.Background()
	var memory cabi.Scratch
	var realloc cabi.Realloc = memory.Realloc
	p := must(realloc(ctx, 0, 0, 1, 3))
	view, _ := memory.Read(p, 3)
	copy(view, "abc")
	q := must(realloc(ctx, p, 3, 8, 5))
	moved, ok := memory.Read(q, 5)
	fmt.Println(p, q, memory.Size())
	fmt.Printf("%q %t\n", moved, ok)
	_, ok = memory.Read(q, 6)
	fmt.Println(ok)
	// Output:
	// 16 24 29
	// "abc\x00\x00" true
	// false
}
