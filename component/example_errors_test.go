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

// calling runs a guest that calls out, once, and nothing else.
func calling(ctx context.Context, r *component.Runtime, out func(context.Context) error) *component.Instance {
	f := &wit.Func{Name: "out"}
	l := component.NewLinker(r)
	l.DefineFunc(f, must(component.Dynamic(f, func(ctx context.Context, _ []any) (any, error) { return nil, out(ctx) })))
	return must(l.Instantiate(ctx, must(r.Compile(ctx, must(os.ReadFile("testdata/leave.wasm"))))))
}

// The error says where the mistake is in the file.
func ExampleDecodeError() {
	data := []byte("\x00asm\x0d\x00\x01\x00" + "\x07\x02\x01\x72") // a record type that breaks off
	_, err := component.World(data)
	var bad *component.DecodeError
	if errors.As(err, &bad) {
		fmt.Println(bad.Offset, len(data))
	}
	// Output: 12 12
}

// A component may be valid and need what this host does not have yet; Needs tells
// all of it.
func ExampleUnsupportedError() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	_, err := r.Compile(ctx, streaming)
	var lacking *component.UnsupportedError
	fmt.Println(errors.As(err, &lacking), err)
	// Output:
	// true the component uses the canonical built-in stream.new (asynchronous components, WASI 0.3) (offset 0x11), which is not supported yet
}

// All that is missing is told at once, with the reasons.
func ExampleLinkError() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	l := component.NewLinker(r)
	if err := l.DefineModule("doubler", part("halve")); err != nil {
		log.Fatal(err)
	}
	_, err := l.Instantiate(ctx, must(r.Compile(ctx, part("open"))))
	var unmet *component.LinkError
	if errors.As(err, &unmet) {
		for _, m := range unmet.Missing {
			fmt.Println(m.Import, "|", m.Reason)
		}
	}
	// Output:
	// doubler | the core module has no export "double"
	// tripler | no component of that name is offered
}

// A trap ends the instance. It tells in which function it happened, by which rule,
// and the cause where there is one.
func ExampleTrap() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	in := calling(ctx, r, func(context.Context) error { return errors.New("the shop is shut") })
	_, err := in.Call(ctx, "", "plain")
	var trap *component.Trap
	if errors.As(err, &trap) {
		fmt.Println(trap.Func, "|", trap.Code, "|", trap.Err)
	}
	_, err = in.Call(ctx, "", "plain")
	if errors.As(err, &trap) {
		fmt.Println(trap.Code == cabi.Dead)
	}
	// Output:
	// out | host function failed | the shop is shut
	// true
}

// A guest that exits has not failed, but it is over.
func ExampleExitError() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	in := calling(ctx, r, func(context.Context) error { return &component.ExitError{Code: 3} })
	_, err := in.Call(ctx, "", "plain")
	var exit *component.ExitError
	if errors.As(err, &exit) {
		fmt.Println("status", exit.Code)
	}
	_, err = in.Call(ctx, "", "plain")
	fmt.Println(err)
	// Output:
	// status 3
	// trap: instance is dead: an earlier call ended it: exit status 3
}

// A panic of host code traps the guest and does not end the program.
func ExampleHostPanic() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	in := calling(ctx, r, func(context.Context) error { panic("no such shelf") })
	_, err := in.Call(ctx, "", "plain")
	var p *component.HostPanic
	if errors.As(err, &p) {
		fmt.Println(p.Value)
	}
	// Output: no such shelf
}

// One goroutine at a time runs an instance. Another call is refused, not queued: a
// program that wants a queue puts a mutex around its calls, and one that wants calls
// side by side makes more instances.
func ExampleErrBusy() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	entered, leave := make(chan struct{}), make(chan struct{})
	in := calling(ctx, r, func(context.Context) error {
		close(entered)
		<-leave
		return nil
	})
	first := make(chan error)
	go func() {
		_, err := in.Call(ctx, "", "plain")
		first <- err
	}()
	<-entered
	_, err := in.Call(ctx, "", "plain")
	fmt.Println(errors.Is(err, component.ErrBusy))
	close(leave)
	fmt.Println(<-first)
	// Output:
	// true
	// <nil>
}

// Close ends a call that waits in the host, and what comes after it.
func ExampleErrClosed() {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	entered := make(chan struct{})
	in := calling(ctx, r, func(ctx context.Context) error {
		close(entered)
		<-ctx.Done()
		return ctx.Err()
	})
	first := make(chan error)
	go func() {
		_, err := in.Call(ctx, "", "plain")
		first <- err
	}()
	<-entered
	fmt.Println(in.Close(ctx))
	fmt.Println(errors.Is(<-first, component.ErrClosed))
	_, err := in.Call(ctx, "", "plain")
	fmt.Println(err == component.ErrClosed)
	// Output:
	// <nil>
	// true
	// true
}
