package component_test

import (
	"context"
	"errors"
	"slices"
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
			if named := strings.Contains(trap.Backtrace.String(), "crash.c:7"); named != c.kept {
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

// hostileLines are line tables that make the standard library's reader, which the engine
// uses, panic or ask for more memory than there is: in a host that believes them, a guest
// that traps takes the process with it.
var hostileLines = map[string][]byte{
	"directories without end": slices.Concat([]byte{5, 0, 4, 0, 40, 0, 0, 0}, []byte{1, 1, 1, 0, 1, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1},
		[]byte{0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f}, make([]byte, 60)),
	"a file that there is not": slices.Concat([]byte{4, 0}, dwarfUnit([]byte{1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0}),
		[]byte{0, 5, 2, 1, 0, 0, 0, 4, 9, 1, 2, 16, 0, 1, 1}),
}

func TestHostileDebugInfoDoesNoHarm(t *testing.T) {
	for name, line := range hostileLines {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			data, err := component.ModuleWorld{}.Component(crashingWith(0, line))
			if err != nil {
				t.Fatal(err)
			}
			r, err := component.NewRuntime(ctx, component.Config{DebugInfo: component.DebugInfoKeep})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close(ctx)
			c, err := r.Compile(ctx, data)
			if err != nil {
				t.Fatal(err)
			}
			in, err := component.NewLinker(r).Instantiate(ctx, c)
			if err != nil {
				t.Fatal(err)
			}
			_, err = in.Call(ctx, "", "crash")
			var trap *component.Trap
			if !errors.As(err, &trap) || len(trap.Backtrace) == 0 || trap.Backtrace[0].Export != "crash" {
				t.Errorf("%v, %+v", err, trap)
			}
		})
	}
}
