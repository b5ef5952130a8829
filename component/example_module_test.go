package component_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// greeter is a core module that imports log.write_line: (i32, i32) -> (), and calls it twice
// in `_start` with the text "hello" in its memory.
const greeter = "\x00asm\x01\x00\x00\x00" +
	"\x01\x09\x02\x60\x02\x7f\x7f\x00\x60\x00\x00" + // types
	"\x02\x12\x01\x03log\x0awrite_line\x00\x00" + // imports
	"\x03\x02\x01\x01" + // functions
	"\x05\x03\x01\x00\x01" + // memories
	"\x07\x13\x02\x06memory\x02\x00\x06_start\x00\x01" + // exports
	"\x0a\x10\x01\x0e\x00\x41\x00\x41\x05\x10\x00\x41\x00\x41\x05\x10\x00\x0b" + // code
	"\x0b\x0b\x01\x00\x41\x00\x0b\x05hello" // data

// lines is what the host of this example keeps for each instance.
type lines struct{ n int }

func (l *lines) Close(context.Context) error {
	fmt.Println("closed after", l.n, "lines")
	return nil
}

// A core module is run as the component that it stands for. The host serves what it imports
// by functions that see the core parameters, and the memory.
func ExampleModuleWorld() {
	ctx := context.Background()
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		panic(err)
	}
	defer r.Close(ctx)

	log := &wit.Interface{Funcs: []*wit.Func{{
		Name:   "write-line",
		Params: []wit.Param{{Name: "text", Type: wit.U32}, {Name: "len", Type: wit.U32}},
	}}}
	world := component.ModuleWorld{Serves: map[string]*wit.Interface{"log": log}, Command: "wasi:cli/run@0.2.12"}
	data, err := world.Component([]byte(greeter))
	if err != nil {
		panic(err)
	}
	c, err := r.Compile(ctx, data)
	if err != nil {
		panic(err)
	}
	l := component.NewLinker(r)
	owner := new(int) // whom the lines belong to
	offer := &component.Interface{Type: log, Funcs: map[string]component.HostFunc{"write-line": func(c *cabi.Call, stack []uint64) {
		var kept component.Keeper
		kept, err := component.Local(c.Context(), owner, func(context.Context) (component.Keeper, error) { return &lines{}, nil })
		if err != nil {
			c.Fail(err)
		}
		// A pointer that leads nowhere is not written; this function has no way to say so.
		if text, ok := c.View(uint32(stack[0]), uint32(stack[1])); ok {
			l := kept.(*lines)
			l.n++
			fmt.Println(l.n, string(text))
		}
	}}}
	if err := l.DefineAs(world.ImportName("log"), offer); err != nil {
		panic(err)
	}
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		panic(err)
	}
	if _, err := in.Call(ctx, "wasi:cli/run", "run"); err != nil {
		panic(err)
	}
	if err := in.Close(ctx); err != nil {
		panic(err)
	}
	// Output:
	// 1 hello
	// 2 hello
	// closed after 2 lines
}

func ExampleModuleError() {
	_, err := component.ModuleWorld{Command: "wasi:cli/run@0.2.12"}.Component([]byte(greeter))
	var refused *component.ModuleError
	fmt.Println(errors.As(err, &refused))
	fmt.Println(err)
	// Output:
	// true
	// the core module cannot be run: it imports func "log.write_line", which nothing serves
}

// A world tells what a core module is as a component, whatever toolchain it comes from. Here
// is one that exports a function, which adds one to a number.
func ExampleEmbedWorld() {
	const adder = "\x00asm\x01\x00\x00\x00" +
		"\x01\x06\x01\x60\x01\x7f\x01\x7f" + // (func (param i32) (result i32))
		"\x03\x02\x01\x00" +
		"\x07\x16\x01\x12" + "acme:sums/sums#add" + "\x00\x00" +
		"\x0a\x09\x01\x07\x00\x20\x00\x41\x01\x6a\x0b"
	packages, err := wit.Parse(wit.File{Name: "sums.wit", Text: `
		package acme:sums;
		interface sums { add: func(n: u32) -> u32; }
		world adder { export sums; }`})
	if err != nil {
		panic(err)
	}
	module, err := component.EmbedWorld([]byte(adder), packages[0].World("adder"), cabi.UTF8)
	if err != nil {
		panic(err)
	}
	data, err := component.ModuleWorld{}.Component(module)
	if err != nil {
		panic(err)
	}

	ctx := context.Background()
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		panic(err)
	}
	defer r.Close(ctx)
	c, err := r.Compile(ctx, data)
	if err != nil {
		panic(err)
	}
	in, err := component.NewLinker(r).Instantiate(ctx, c)
	if err != nil {
		panic(err)
	}
	defer in.Close(ctx)
	fmt.Println(in.Call(ctx, "acme:sums/sums", "add", uint32(41)))
	// Output: 42 <nil>
}
