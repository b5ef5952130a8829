package adapter_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl"
)

func TestAReactorIsInitialisedAndThenCalled(t *testing.T) {
	p := compile(t, guest(t, "p1-reactor"))
	var out bytes.Buffer
	in, stop, err := p.start(t, hostimpl.Config{Stdout: &out}, adapter.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if out.String() != "constructed\n" {
		t.Errorf("it has written %q", &out)
	}
	for _, want := range []int32{41, 42} {
		if got, err := in.Call(t.Context(), "", "add-one"); err != nil || got != want {
			t.Errorf("add-one gives %v, want %d; %v", got, want, err)
		}
	}
	if got, err := in.Call(t.Context(), "", "scale", int64(-3), float32(1.5)); err != nil || got != -4.5 {
		t.Errorf("scale gives %v; %v", got, err)
	}
	if p.component.Exports(adapter.Command) || p.component.Exports("BadName") || p.component.Exports("-initialize") {
		t.Errorf("it exports %s", p.component.ExportNames())
	}
}

func TestAllThatNobodyServesIsToldAtOnce(t *testing.T) {
	_, err := adapter.Wrap([]byte(module([]string{"env", "wasi_snapshot_preview1", "wasi_unstable", "host"})))
	var refused *component.ModuleError
	if !errors.As(err, &refused) {
		t.Fatalf("the error is %v", err)
	}
	for _, want := range []string{`"env.f"`, `"wasi_snapshot_preview1.f"`, `"wasi_unstable.f"`, `"host.f"`} {
		if !strings.Contains(refused.Msg, want) {
			t.Errorf("%q does not name %s", refused.Msg, want)
		}
	}
}
