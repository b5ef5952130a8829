package component_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// part returns the bytes of a component or core module that examples link.
func part(name string) []byte { return must(os.ReadFile("testdata/link/" + name + ".wasm")) }

// A running instance meets the imports of others, which share its state.
func ExampleLinker_DefineInstance() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	cells := must(component.NewLinker(r).Instantiate(ctx, must(r.Compile(ctx, part("cells")))))
	defer cells.Close(ctx)

	l := component.NewLinker(r)
	if err := l.DefineInstance("test:link/cells@1.0.1", cells); err != nil {
		fmt.Println(err)
	}
	user := must(r.Compile(ctx, part("user"))) // imports test:link/cells@1.0.0
	for _, m := range l.Match(user) {
		fmt.Println(m.Quality, m)
	}
	one, two := must(l.Instantiate(ctx, user)), must(l.Instantiate(ctx, user))
	fmt.Println(one.Call(ctx, "", "use", uint32(5)))
	fmt.Println(two.Call(ctx, "", "use", uint32(7)))
	// Output:
	// compatible test:link/cells@1.0.0: met by test:link/cells@1.0.1
	// 5 <nil>
	// 12 <nil>
}

// A component meets imports by an instance for each importer, which share nothing.
func ExampleLinker_DefineComponent() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	l := component.NewLinker(r)
	l.DefineComponent("test:link/cells@1.0.1", must(r.Compile(ctx, part("cells"))))
	user := must(r.Compile(ctx, part("user")))
	one, two := must(l.Instantiate(ctx, user)), must(l.Instantiate(ctx, user))
	fmt.Println(one.Call(ctx, "", "use", uint32(5)))
	fmt.Println(two.Call(ctx, "", "use", uint32(7)))
	// Output:
	// 5 <nil>
	// 7 <nil>
}

// A component may leave it to the host which core module it instantiates, or which
// component.
func ExampleLinker_DefineModule() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	l := component.NewLinker(r)
	if err := l.DefineModule("doubler", part("double")); err != nil {
		fmt.Println(err)
	}
	l.DefineComponent("tripler", must(r.Compile(ctx, part("triple"))))
	in := must(l.Instantiate(ctx, must(r.Compile(ctx, part("open")))))
	fmt.Println(in.Call(ctx, "", "six", uint32(7)))
	// Output: 42 <nil>
}

// An interface that a world spells out in place has no name of its own:
//
//	world shelf {
//	  import store: interface { put: func(value: u32); get: func() -> u32; }
//	  export add: func(n: u32) -> u32;
//	}
func ExampleLinker_DefineAs() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, part("store")))

	value := uint32(40)
	store := &component.Interface{Type: c.World().Imports[0].Interface, Funcs: map[string]component.HostFunc{
		// Code for types that are known beforehand needs no plain values: a u32 is a
		// flat value.
		"put": func(_ *cabi.Call, stack []uint64) { value = uint32(stack[0]) },
		"get": func(_ *cabi.Call, stack []uint64) { stack[0] = uint64(value) },
	}}
	l := component.NewLinker(r)
	if err := l.DefineAs("store", store); err != nil {
		fmt.Println(err)
	}
	in := must(l.Instantiate(ctx, c))
	fmt.Println(in.Call(ctx, "", "add", uint32(2)))
	// Output: 42 <nil>
}

// An instance may hold instances and core modules, which WIT cannot say.
func ExampleInterface() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	doubler := map[string]*component.ModuleInfo{"doubler": must(component.ReadModule(part("double")))}
	plus := &wit.Func{Name: "plus", Params: []wit.Param{{Name: "n", Type: wit.U32}}, Result: wit.U32}
	parts := &component.Interface{
		Type:    &wit.Interface{},
		Modules: doubler,
		Instances: map[string]*component.Interface{"inner": {
			Type:    &wit.Interface{},
			Modules: doubler,
			Instances: map[string]*component.Interface{"third": {
				Type:  &wit.Interface{Funcs: []*wit.Func{plus}},
				Funcs: map[string]component.HostFunc{"plus": func(_ *cabi.Call, stack []uint64) { stack[0]++ }},
			}},
		}},
	}
	l := component.NewLinker(r)
	if err := l.DefineAs("parts", parts); err != nil {
		fmt.Println(err)
	}
	in := must(l.Instantiate(ctx, must(r.Compile(ctx, part("parts")))))
	fmt.Println(in.Call(ctx, "", "go", uint32(4)))
	// Output: 20 <nil>
}

// A resource may stand in the world itself, with functions beside it:
//
//	world board {
//	  resource pen {
//	    constructor(colour: u32);
//	    write: func(times: u32) -> u32;
//	  }
//	  export draw: func(times: u32) -> u32;
//	}
func ExampleLinker_DefineResource() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, part("pens")))

	type pen struct{ colour, ink uint32 }
	pens := &cabi.ResourceType{Name: "pen", Drop: func(_ context.Context, rep any) error {
		fmt.Println("the pen of colour", rep.(*pen).colour, "is dropped")
		return nil
	}}
	l := component.NewLinker(r)
	for _, im := range c.World().Imports {
		switch im.Name {
		case "pen":
			if err := l.DefineResource(im.Type, pens); err != nil {
				fmt.Println(err)
			}
		case "[constructor]pen":
			l.DefineFunc(im.Func, func(c *cabi.Call, stack []uint64) {
				stack[0] = uint64(c.NewOwn(pens, &pen{colour: uint32(stack[0])}))
			})
		case "[method]pen.write":
			l.DefineFunc(im.Func, func(c *cabi.Call, stack []uint64) {
				p := cabi.Lend[*pen](c, uint32(stack[0]), pens)
				p.ink += uint32(stack[1])
				stack[0] = uint64(p.ink)
			})
		}
	}
	in := must(l.Instantiate(ctx, c))
	fmt.Println(in.Call(ctx, "", "draw", uint32(3)))
	// Output:
	// the pen of colour 7 is dropped
	// 3 <nil>
}

// Within a call of the guest, the host can tell whether anything happened since it was
// called last: here, nobody but the guest itself can have changed the store.
func ExampleHostCalls() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, part("store")))

	store := &component.Interface{Type: c.World().Imports[0].Interface, Funcs: map[string]component.HostFunc{
		"put": func(c *cabi.Call, _ []uint64) { fmt.Println("put is call", component.HostCalls(c.Context())) },
		"get": func(c *cabi.Call, _ []uint64) { fmt.Println("get is call", component.HostCalls(c.Context())) },
	}}
	l := component.NewLinker(r)
	if err := l.DefineAs("store", store); err != nil {
		fmt.Println(err)
	}
	in := must(l.Instantiate(ctx, c))
	must(in.Call(ctx, "", "add", uint32(2)))
	// Output:
	// get is call 1
	// put is call 2
	// get is call 3
}

// What a component exports as it has imported it is called where it comes from, an
// instance within another by both names.
func ExampleInstance_Call() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	l := component.NewLinker(r)
	l.DefineComponent("test:link/cells@1.0.1", must(r.Compile(ctx, part("cells"))))
	user := must(l.Instantiate(ctx, must(r.Compile(ctx, part("user")))))
	fmt.Println(user.Call(ctx, "", "use", uint32(5)))
	fmt.Println(user.Call(ctx, "test:link/again", "bump", uint32(1)))
	fmt.Println(user.Call(ctx, "test:link/again", "bump"))
	fmt.Println(user.Call(ctx, "test:link/once-more", "bump"))
	// Output:
	// 5 <nil>
	// 6 <nil>
	// <nil> test:link/cells@1.0.1#bump: 0 arguments given, want 1
	// <nil> component: no export "test:link/once-more"; exports are test:link/again, use, keep, fail, echo
}

// A host function that answers with bytes reads them straight into the guest.
func ExampleRoom() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, must(os.ReadFile("testdata/bench/calls.wasm"))))

	// The guest asks for as many bytes as it gives.
	answer := func(ctx context.Context, args []any) (any, error) {
		want := len(args[0].([]byte))
		room := component.Room(ctx, want)
		n, err := io.ReadFull(rand.Reader, room)
		fmt.Println("read", n, "bytes of", want)
		return room[:n], err
	}
	l := component.NewLinker(r)
	for _, im := range c.World().Imports {
		offer := &component.Interface{Type: im.Interface, Funcs: map[string]component.HostFunc{}}
		for _, f := range im.Interface.Funcs {
			offer.Funcs[f.Name] = must(component.Dynamic(f, answer))
		}
		if len(im.Interface.Types) > 0 && im.Interface.Types[0].Name == "counter" {
			offer.Resources = map[string]*cabi.ResourceType{"counter": {Name: "counter"}}
		}
		if err := l.Define(offer); err != nil {
			fmt.Println(err)
		}
	}
	in := must(l.Instantiate(ctx, c))
	must(in.Call(ctx, "to-host", "bytes", uint32(1), uint32(4096)))
	// Output: read 4096 bytes of 4096
}
