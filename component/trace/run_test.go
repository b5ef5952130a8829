package trace_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/sockets"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// run runs a guest of testdata/guests with a tracer; args are separated by spaces.
func run(guest, args string, tracer component.Tracer) error {
	ctx := context.Background()
	r := must(component.NewRuntime(ctx, component.Config{}))
	defer r.Close(ctx)
	c := must(r.Compile(ctx, must(os.ReadFile("../../testdata/guests/"+guest+".wasm"))))
	l := component.NewLinker(r)
	l.Trace(tracer)
	if err := hostimpl.Link(l, hostimpl.Config{
		Args: append([]string{guest}, strings.Fields(args)...), Network: must(sockets.ParsePolicy("loopback")),
	}); err != nil {
		return err
	}
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		return err
	}
	defer in.Close(ctx)
	_, err = in.Call(ctx, "wasi:cli/run", "run")
	return err
}

// ticking is a clock that goes on by a millisecond whenever it is looked at.
func ticking() func() time.Time {
	t := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return func() time.Time {
		t = t.Add(time.Millisecond)
		return t
	}
}

// call is a call without a guest.
func call(t *testing.T, tracer component.Tracer, c *component.TracedCall, during func()) {
	t.Helper()
	tracer.Begin(c)
	if during != nil {
		during()
	}
	tracer.End(c)
}
