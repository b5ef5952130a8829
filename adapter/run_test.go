package adapter_test

import (
	"context"
	"errors"
	"testing"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
)

// A program is a module that is compiled.
type program struct {
	runtime   *component.Runtime
	component *component.Component
}

func compile(t testing.TB, data []byte) *program {
	t.Helper()
	ctx := context.Background()
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(ctx) })
	c, err := adapter.Compile(ctx, r, data)
	if err != nil {
		t.Fatal(err)
	}
	return &program{r, c}
}

// start makes an instance; stop closes it and its host, in which nothing may fail.
func (p *program) start(t testing.TB, cfg hostimpl.Config, own adapter.Config) (in *component.Instance, stop func(), err error) {
	t.Helper()
	ctx := context.Background()
	h, err := hostimpl.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l := component.NewLinker(p.runtime)
	if err := adapter.Link(l, h, own); err != nil {
		t.Fatal(err)
	}
	in, err = l.Instantiate(ctx, p.component)
	return in, func() {
		t.Helper()
		if in != nil {
			if err := in.Close(ctx); err != nil {
				t.Error(err)
			}
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}, err
}

// run runs a command to its end: an error is a trap, or what kept it from running.
func (p *program) run(ctx context.Context, t testing.TB, cfg hostimpl.Config) (code int, err error) {
	t.Helper()
	in, stop, err := p.start(t, cfg, adapter.Config{})
	defer stop()
	if err == nil {
		err = command(ctx, in)
	}
	var exit *component.ExitError
	if errors.As(err, &exit) {
		return int(exit.Code), nil
	}
	return 0, err
}

// command runs a command; an exit with the status 0 is no error.
func command(ctx context.Context, in *component.Instance) error {
	result, err := in.Call(ctx, adapter.Command, "run")
	var exit *component.ExitError
	if errors.As(err, &exit) && exit.Code == 0 {
		return nil
	}
	if res, ok := result.(cabi.Result); ok && res.IsErr {
		return &component.ExitError{Code: 1}
	}
	return err
}
