package component_test

import (
	"context"
	"fmt"
	"os"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// watcher is a tracer of two functions.
type watcher struct{ begin, end func(*component.TracedCall) }

func (w watcher) Begin(c *component.TracedCall) { w.begin(c) }
func (w watcher) End(c *component.TracedCall)   { w.end(c) }

// A tracer sees every call, before it is made and after.
func ExampleLinker_Trace() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, must(os.ReadFile("../testdata/guests/missing-import.wasm"))))

	l := component.NewLinker(r)
	thing := found(c, "acme:missing/thing@1.2.3")
	thing.Funcs["lookup"] = must(component.Dynamic(thing.Type.Funcs[0], func(context.Context, []any) (any, error) {
		return uint32(42), nil
	}))
	if err := l.Define(thing); err != nil {
		fmt.Println(err)
	}
	var tracer component.Tracer = watcher{
		begin: func(c *component.TracedCall) {
			args, err := c.Args()
			if err != nil {
				fmt.Println("the guest has made a mistake:", err)
			} else if c.Kind != component.CallStart {
				fmt.Println(c.Kind, c.Func, args)
			}
		},
		end: func(c *component.TracedCall) {
			switch result, err := c.Result(); {
			case c.Err != nil:
				fmt.Println("it ends with:", c.Err)
			case c.Type != nil && err == nil:
				fmt.Println(c.Func, "gives", result)
			}
		},
	}
	l.Trace(tracer)
	in := must(l.Instantiate(ctx, c))
	defer in.Close(ctx)
	if _, err := in.Call(ctx, "wasi:cli/run", "run"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// export wasi:cli/run@0.2.12#run []
	// import acme:missing/thing@1.2.3#lookup [answer]
	// acme:missing/thing@1.2.3#lookup gives 42
	// wasi:cli/run@0.2.12#run gives {false <nil>}
}

// After a trap one wants to know what came before it.
func ExampleInstance_LastCalls() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, must(os.ReadFile("../testdata/guests/missing-import.wasm"))))

	l := component.NewLinker(r)
	l.StubMissing(component.StubTraps)
	in := must(l.Instantiate(ctx, c))
	defer in.Close(ctx)
	if _, err := in.Call(ctx, "wasi:cli/run", "run"); err != nil {
		fmt.Println(in.LastCalls())
	}
	// Output: [acme:missing/thing@1.2.3#lookup]
}

// A host that is made up: every function that a guest imports answers the same.
func ExampleLinker_StandIn() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, must(os.ReadFile("../testdata/guests/missing-import.wasm"))))

	l := component.NewLinker(r)
	var refuse component.StandIn = func(name string, f *wit.Func) (component.HostFunc, component.Reading) {
		read := must(component.ReadingOf(f))
		return func(c *cabi.Call, stack []uint64) {
			args := read.Args(c, stack, nil)
			called := append([]uint64(nil), stack...)
			read.Answer(c, uint32(7), stack)
			fmt.Println(read.Type().Name, args, read.Result(c, called, stack))
		}, nil // It is read by its type.
	}
	l.StandIn(refuse)
	in := must(l.Instantiate(ctx, c))
	defer in.Close(ctx)
	if _, err := in.Call(ctx, "wasi:cli/run", "run"); err != nil {
		fmt.Println(err)
	}
	// Output: lookup [answer] 7
}

// Handles are followed by their numbers.
func ExampleHandle() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, must(os.ReadFile("../testdata/guests/hello.wasm"))))

	l := component.NewLinker(r)
	dropped := func(c *component.TracedCall) {
		var kind component.CallKind = c.Kind
		if kind != component.CallDrop {
			return
		}
		args, _ := c.Args() // A drop has them always.
		var h component.Handle = args[0].(component.Handle)
		fmt.Println("handle", h.Number, "is dropped, of the host:", h.Foreign)
	}
	l.Trace(watcher{begin: dropped, end: func(*component.TracedCall) {}})
	l.StandIn(func(name string, f *wit.Func) (component.HostFunc, component.Reading) {
		read := must(component.ReadingOf(f))
		return func(c *cabi.Call, stack []uint64) {
			read.Args(c, stack, nil)
			read.Answer(c, answers[f.Name], stack)
		}, nil
	})
	in := must(l.Instantiate(ctx, c))
	defer in.Close(ctx)
	if _, err := in.Call(ctx, "wasi:cli/run", "run"); err != nil {
		fmt.Println(err)
	}
	// Output: handle 1 is dropped, of the host: true
}

// answers are those of a host that is made up: a resource can be anything.
var answers = map[string]any{
	"get-arguments": []any{"hello"}, "get-environment": []any{}, "get-stdout": "a stream",
	"[method]output-stream.blocking-write-and-flush": cabi.Result{},
}
