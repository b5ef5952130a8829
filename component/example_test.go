package component_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// read returns the bytes of a guest of this repository.
func read(name string) []byte {
	data, err := os.ReadFile("../testdata/guests/" + name)
	if err != nil {
		log.Fatal(err)
	}
	return data
}

// must gives the value of an answer that has no error, to keep examples short.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// A component is compiled, linked, instantiated and called.
func ExampleLinker_Instantiate() {
	ctx := context.Background()
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close(ctx)
	c, err := r.Compile(ctx, read("composed.wasm"))
	if err != nil {
		log.Fatal(err)
	}
	in, err := component.NewLinker(r).Instantiate(ctx, c)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close(ctx)
	point, err := in.Call(ctx, "tenon:test/values", "echo-point", map[string]any{"x": uint8(1), "y": 2.5, "z": uint16(3)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(point)
	// Output: map[x:1 y:2.5 z:3]
}

// A function that is called often is looked up once.
func ExampleInstance_Func() {
	ctx := context.Background()
	r, _ := component.NewRuntime(ctx, component.Config{})
	defer r.Close(ctx)
	c, err := r.Compile(ctx, read("composed.wasm"))
	if err != nil {
		log.Fatal(err)
	}
	in, err := component.NewLinker(r).Instantiate(ctx, c)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close(ctx)
	echo, err := in.Func("tenon:test/values", "echo-string")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(wit.Printer{}.Func(echo.Type()))
	for _, word := range []string{"dovetail", "mortise"} {
		s, err := echo.Call(ctx, word)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(s)
	}
	// Output:
	// echo-string: func(v: string) -> string;
	// dovetail
	// mortise
}

// A world can be read without compiling anything.
func ExampleWorld() {
	w, err := component.World(read("missing-import.wasm"))
	if err != nil {
		log.Fatal(err)
	}
	for _, im := range w.Imports {
		fmt.Println("import", im.Name)
	}
	for _, ex := range w.Exports {
		fmt.Println("export", ex.Name)
	}
	_, err = component.World([]byte("\x00asm\x0d\x00\x01\x00\x07\x02\x01\x72"))
	var bad *component.DecodeError
	fmt.Println(errors.As(err, &bad))
	// Output:
	// import acme:missing/thing@1.2.3
	// export wasi:cli/run@0.2.12
	// true
}

func ExampleKindOf() {
	for _, data := range [][]byte{read("hello.wasm"), []byte("\x00asm\x01\x00\x00\x00"), []byte("(component)"), {0xff, 0xfe}} {
		switch component.KindOf(data) {
		case component.KindComponent:
			fmt.Println("a component")
		case component.KindModule:
			fmt.Println("a core module")
		case component.KindText:
			fmt.Println("text")
		default:
			fmt.Println("something else")
		}
	}
	// Output:
	// a component
	// a core module
	// text
	// something else
}

// Match tells beforehand what Instantiate would say.
func ExampleLinker_Match() {
	ctx := context.Background()
	r, _ := component.NewRuntime(ctx, component.Config{})
	defer r.Close(ctx)
	c, err := r.Compile(ctx, read("missing-import.wasm"))
	if err != nil {
		log.Fatal(err)
	}
	l := component.NewLinker(r)
	for _, m := range l.Match(c) {
		fmt.Println(m)
	}
	_, err = l.Instantiate(ctx, c)
	fmt.Println(err)
	// Output:
	// acme:missing/thing@1.2.3: no interface of that name is offered, in any version
	// cannot link: acme:missing/thing@1.2.3: no interface of that name is offered, in any version
}

// Dynamic offers Go functions to an interface that is known only at run time: here
// every function of what the guest imports gives back its argument.
func ExampleDynamic() {
	ctx := context.Background()
	r, _ := component.NewRuntime(ctx, component.Config{})
	defer r.Close(ctx)
	c, err := r.Compile(ctx, read("values-utf8.wasm"))
	if err != nil {
		log.Fatal(err)
	}
	l := component.NewLinker(r)
	for _, im := range c.World().Imports {
		offer := &component.Interface{Type: im.Interface, Funcs: map[string]component.HostFunc{}}
		for _, f := range im.Interface.Funcs {
			offer.Funcs[f.Name], err = component.Dynamic(f, func(_ context.Context, args []any) (any, error) {
				fmt.Println("the guest calls", f.Name)
				if f.Result == nil {
					return nil, nil
				}
				return args[0], nil
			})
			if err != nil {
				log.Fatal(err)
			}
		}
		if err := l.Define(offer); err != nil {
			log.Fatal(err)
		}
	}
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close(ctx)
	fmt.Println(in.Call(ctx, "tenon:test/values", "echo-option-string", "there"))
	fmt.Println(in.Call(ctx, "tenon:test/values", "echo-result-ok", cabi.Result{IsErr: true}))
	// Output:
	// the guest calls echo-option-string
	// there <nil>
	// the guest calls echo-result-ok
	// {true <nil>} <nil>
}

// A resource that a guest defines is held by the host until it is given back or
// dropped.
func ExampleResource_Drop() {
	ctx := context.Background()
	r, _ := component.NewRuntime(ctx, component.Config{})
	defer r.Close(ctx)
	c, err := r.Compile(ctx, read("resources.wasm"))
	if err != nil {
		log.Fatal(err)
	}
	tokens := &component.Interface{
		Type:      c.World().Imports[0].Interface,
		Funcs:     map[string]component.HostFunc{},
		Resources: map[string]*cabi.ResourceType{"token": {Name: "token"}},
	}
	for _, f := range tokens.Type.Funcs {
		tokens.Funcs[f.Name] = func(c *cabi.Call, _ []uint64) { c.Fail(errors.New("not today")) }
	}
	l := component.NewLinker(r)
	if err := l.Define(tokens); err != nil {
		log.Fatal(err)
	}
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close(ctx)
	const counters = "tenon:test/counters"
	v, err := in.Call(ctx, counters, "[constructor]counter", "visits", uint32(41))
	if err != nil {
		log.Fatal(err)
	}
	counter := v.(*component.Resource)
	if _, err := in.Call(ctx, counters, "[method]counter.add", counter, uint32(1)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(in.Call(ctx, counters, "[method]counter.get", counter))
	fmt.Println(counter.Drop(ctx))
	fmt.Println(in.Call(ctx, counters, "dropped"))
	// Output:
	// 42 <nil>
	// <nil>
	// 1 <nil>
}

// Exports are found by any version of their track.
func ExampleComponent_Exports() {
	ctx := context.Background()
	r, _ := component.NewRuntime(ctx, component.Config{})
	defer r.Close(ctx)
	c, err := r.Compile(ctx, read("missing-import.wasm"))
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"wasi:cli/run@0.2.0", "wasi:cli/run", "wasi:cli/run@0.3.0"} {
		fmt.Println(name, c.Exports(name))
	}
	// Output:
	// wasi:cli/run@0.2.0 true
	// wasi:cli/run true
	// wasi:cli/run@0.3.0 false
}

// DefineFunc offers a function that stands in the world itself.
func ExampleLinker_DefineFunc() {
	ctx := context.Background()
	r, _ := component.NewRuntime(ctx, component.Config{})
	defer r.Close(ctx)
	data, err := os.ReadFile("testdata/leave.wasm") // imports a function "out", exports a function "plain"
	if err != nil {
		log.Fatal(err)
	}
	c, err := r.Compile(ctx, data)
	if err != nil {
		log.Fatal(err)
	}
	out := &wit.Func{Name: "out"}
	code, err := component.Dynamic(out, func(context.Context, []any) (any, error) {
		fmt.Println("the guest calls out")
		return nil, nil
	})
	if err != nil {
		log.Fatal(err)
	}
	l := component.NewLinker(r)
	l.DefineFunc(out, code)
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close(ctx)
	if _, err := in.Call(ctx, "", "plain"); err != nil {
		log.Fatal(err)
	}
	// Output: the guest calls out
}
