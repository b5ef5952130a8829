package component_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
)

func TestATrapNamesTheLineAsDebugInfoSays(t *testing.T) {
	for _, c := range []struct {
		name    string
		setting component.DebugInfo
		padding int
		kept    bool
	}{
		{"small code keeps it", component.DebugInfoAuto, 0, true},
		{"code just within the bound keeps it", component.DebugInfoAuto, component.DebugInfoCode - 20, true},
		{"code beyond the bound loses it", component.DebugInfoAuto, component.DebugInfoCode, false},
		{"large code keeps it when told to", component.DebugInfoKeep, component.DebugInfoCode, true},
		{"small code loses it when told to", component.DebugInfoDrop, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := context.Background()
			data, err := component.ModuleWorld{}.Component(crashing(c.padding))
			if err != nil {
				t.Fatal(err)
			}
			r, err := component.NewRuntime(ctx, component.Config{DebugInfo: c.setting})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close(ctx)
			compiled, err := r.Compile(ctx, data)
			if err != nil {
				t.Fatal(err)
			}
			if kept := compiled.DroppedDebugInfo() == 0; kept != c.kept {
				t.Errorf("%d bytes were dropped", compiled.DroppedDebugInfo())
			}
			in, err := component.NewLinker(r).Instantiate(ctx, compiled)
			if err != nil {
				t.Fatal(err)
			}
			_, err = in.Call(ctx, "", "crash")
			var trap *component.Trap
			if !errors.As(err, &trap) {
				t.Fatalf("crash returned %v, want a trap", err)
			}
			if named := strings.Contains(trap.Backtrace, "crash.c:7"); named != c.kept {
				t.Errorf("backtrace %q, with a line: want %v", trap.Backtrace, c.kept)
			}
		})
	}
}

func TestADebugInfoThatThereIsNotIsRefused(t *testing.T) {
	if r, err := component.NewRuntime(context.Background(), component.Config{DebugInfo: 9}); err == nil {
		r.Close(context.Background())
		t.Error("a runtime was made")
	}
}
