package forward_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	witfiles "github.com/tenon-wasm/tenon/hostimpl/wit"
	"github.com/tenon-wasm/tenon/internal/forward"
	"github.com/tenon-wasm/tenon/wit"
)

// TestGuestsImportWhatTheInterfaceHas: the world that is read back from a guest has the
// interface, function by function.
func TestGuestsImportWhatTheInterfaceHas(t *testing.T) {
	pkgs, err := wit.ParseFS(witfiles.FS, "cli", "clocks", "filesystem", "http", "io", "random", "sockets")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pkgs {
		for _, i := range p.Interfaces {
			g, err := forward.Component(i)
			if err != nil {
				t.Fatalf("%s: %v", i.Name, err)
			}
			w, err := component.World(g.Bytes)
			if err != nil {
				t.Errorf("%s: %v", i.Name, err)
				continue
			}
			im := w.Imports[len(w.Imports)-1]
			if im.Name != i.Name.String() {
				t.Errorf("the last import is %s, want %s", im.Name, i.Name)
				continue
			}
			same := func(want, have *wit.TypeDef) bool { return want.Name == have.Name }
			for _, f := range i.Funcs {
				have := im.Interface.Func(f.Name)
				if have == nil {
					t.Errorf("%s: no function %s", i.Name, f.Name)
				} else if mis := wit.CompareFunc(f, have, same); mis != nil {
					t.Errorf("%s#%s: %s", i.Name, f.Name, mis)
				}
				if g.Exports[i.Name.String()+"#"+f.Name] == "" {
					t.Errorf("nothing forwards to %s", f.Name)
				}
			}
			validate(t, g.Bytes)
		}
	}
}

// TestCallsAreForwarded through core code, for each way in which values are passed.
func TestCallsAreForwarded(t *testing.T) {
	pkgs, err := wit.Parse(wit.File{Name: "t.wit", Text: `package t:t@1.0.0;
interface i {
	record wide { a: u64, b: string, c: f32 }
	plus: func(a: u32, b: u32) -> u32;
	many: func(a: string, b: string, c: string, d: string, e: string, f: string, g: string, h: string, i: u8) -> string;
	both: func(w: wide) -> result<wide, string>;
	nothing: func();
}`})
	if err != nil {
		t.Fatal(err)
	}
	i := pkgs[0].Interfaces[0]
	g, err := forward.Component(i)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close(ctx)
	c, err := r.Compile(ctx, g.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	offer := &component.Interface{Type: i, Funcs: map[string]component.HostFunc{}}
	for _, f := range i.Funcs {
		offer.Funcs[f.Name], err = component.Dynamic(f, func(_ context.Context, args []any) (any, error) {
			switch f.Name {
			case "plus":
				return args[0].(uint32) + args[1].(uint32), nil
			case "many":
				s := ""
				for _, a := range args[:8] {
					s += a.(string)
				}
				return strings.Repeat(s, int(args[8].(uint8))), nil
			case "both":
				return cabi.Result{Value: args[0]}, nil
			}
			return nil, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	l := component.NewLinker(r)
	if err := l.Define(offer); err != nil {
		t.Fatal(err)
	}
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(ctx)
	call := func(name string, args ...any) any {
		t.Helper()
		v, err := in.Call(ctx, "", g.Exports["t:t/i@1.0.0#"+name], args...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return v
	}
	if got := call("plus", uint32(40), uint32(2)); got != uint32(42) {
		t.Errorf("plus: %v", got)
	}
	if got := call("many", "a", "b", "", "c", "d", "e", "f", "grün", uint8(2)); got != "abcdefgrünabcdefgrün" {
		t.Errorf("many: %v", got)
	}
	wide := map[string]any{"a": uint64(1 << 63), "b": "x", "c": float32(1.5)}
	if got, want := call("both", wide), any(cabi.Result{Value: wide}); !reflect.DeepEqual(got, want) {
		t.Errorf("both: %v", got)
	}
	call("nothing")
}

// TestCommandsAreValid, to another tool where there is one, and so are their kin.
func TestCommandsAreValid(t *testing.T) {
	pkgs, err := wit.Parse(wit.File{Name: "t.wit", Text: `package t:t@1.0.0;
interface i {
	resource r { look: func(a: u64, b: f32, c: f64) -> option<string>; }
	make: func(n: u8) -> r;
	both: func(r: borrow<r>) -> result<u64, string>;
}`})
	if err != nil {
		t.Fatal(err)
	}
	i := pkgs[0].Interfaces[0]
	made := map[string][]byte{"exporting": forward.Exporting("t:t/run@1.0.0", "run")}
	for name, make := range map[string]func() ([]byte, error){
		"command":        func() ([]byte, error) { return forward.Command("t:t/run@1.0.0", "run", i, "make") },
		"with a borrow":  func() ([]byte, error) { return forward.Command("t:t/run@1.0.0", "run", i, "both") },
		"passing":        func() ([]byte, error) { return forward.Passing(i, "make", i, "[method]r.look") },
		"passing a flat": func() ([]byte, error) { return forward.Passing(i, "make", i, "both") },
	} {
		if made[name], err = make(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for name, data := range made {
		if err := component.Validate(data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		validate(t, data)
	}
	if _, err := forward.Command("t:t/run@1.0.0", "run", i, "nothing"); err == nil {
		t.Error("a command that calls no function")
	}
}

// validate asks wasm-tools, if it is there.
func validate(t *testing.T, data []byte) {
	t.Helper()
	tools := os.Getenv("TENON_WASM_TOOLS")
	if tools == "" {
		return
	}
	file := filepath.Join(t.TempDir(), "guest.wasm")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tools, "validate", file).CombinedOutput(); err != nil {
		t.Errorf("wasm-tools: %s", out)
	}
}
