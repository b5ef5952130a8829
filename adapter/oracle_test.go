package adapter_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	witfiles "github.com/tenon-wasm/tenon/hostimpl/wit"
	"github.com/tenon-wasm/tenon/wit"
)

// wasmTools is wasm-tools, whose `component new` says what a core module stands for.
func wasmTools(t *testing.T) func(args ...string) error {
	t.Helper()
	tool := os.Getenv("TENON_WASM_TOOLS")
	if tool == "" {
		t.Skip("TENON_WASM_TOOLS does not name wasm-tools")
	}
	return func(args ...string) error {
		out, err := exec.Command(tool, args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("wasm-tools %s: %w: %s", strings.Join(args, " "), err, out)
		}
		return nil
	}
}

// agree checks that the component that we make of a core module is valid to wasm-tools and
// has the world of the one that it makes. Where it refuses the module, so do we. It answers
// our error, and that of wasm-tools.
func agree(t *testing.T, run func(...string) error, module string) (ours, theirs error) {
	t.Helper()
	data, err := os.ReadFile(module)
	if err != nil {
		t.Fatal(err)
	}
	made, ours := adapter.Wrap(data)
	other := module + ".component"
	theirs = run("component", "new", module, "-o", other)
	more := func(part string) bool { return ours != nil && theirs == nil && strings.Contains(ours.Error(), part) }
	if (ours == nil) != (theirs == nil) && !slices.ContainsFunc(beyond, more) {
		t.Errorf("we say %v\nthey say %v", ours, theirs)
	}
	if ours != nil || theirs != nil {
		return ours, theirs
	}
	mine := module + ".ours"
	if err := os.WriteFile(mine, made, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run("validate", "--features", "all", mine); err != nil {
		t.Errorf("ours is not valid: %v", err)
	}
	want, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := printed(t, made), printed(t, want); got != want {
		t.Errorf("the world is\n%s\nwant\n%s", got, want)
	}
	return nil, nil
}

func printed(t *testing.T, data []byte) string {
	t.Helper()
	w, err := component.World(data)
	var later *component.UnsupportedError
	if err != nil && !errors.As(err, &later) {
		t.Fatal(err)
	}
	return wit.PrintWorld(w)
}

// TestTheWorldIsTheOneOfTheTool compares with `wasm-tools component new` what we make of
// the core modules of our guests.
func TestTheWorldIsTheOneOfTheTool(t *testing.T) {
	run := wasmTools(t)
	dirs := []string{filepath.Join("..", "testdata", "guests", "modules", "embedded")}
	if d := os.Getenv("TENON_CORES"); d != "" {
		dirs = append(dirs, d) // all of them, as build.sh leaves them in CORES
	}
	for _, dir := range dirs {
		modules, _ := filepath.Glob(filepath.Join(dir, "*.wasm"))
		if len(modules) == 0 {
			t.Errorf("no modules in %s", dir)
		}
		for _, m := range modules {
			t.Run(filepath.Base(m), func(t *testing.T) {
				data, err := os.ReadFile(m)
				if err != nil {
					t.Fatal(err)
				}
				if adapter.Identify(data) == adapter.Mixed {
					t.Skip("the tool would need an adapter")
				}
				file := filepath.Join(t.TempDir(), "core.wasm")
				if err := os.WriteFile(file, data, 0o644); err != nil {
					t.Fatal(err)
				}
				if _, err := agree(t, run, file); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestTheModulesThatTheToolMakesOfWorlds compares what becomes of the modules that wasm-tools
// makes of worlds, in both manglings of names: they import and export all of a world.
func TestTheModulesThatTheToolMakesOfWorlds(t *testing.T) {
	run := wasmTools(t)
	dir := t.TempDir()
	deps := filepath.Join(dir, "deps")
	if err := os.CopyFS(deps, witfiles.FS); err != nil {
		t.Fatal(err)
	}
	const text = "package tenon:worlds;\n" +
		"world command { include wasi:cli/command@0.2.12; }\n" +
		"world proxy { include wasi:http/proxy@0.2.12; }\n" +
		"world sockets { include wasi:sockets/imports@0.2.12; }\n" +
		"world stores { import wasi:keyvalue/store@0.2.0-draft2; import wasi:config/store@0.2.0-draft; import wasi:logging/logging@0.1.0-draft; }\n" +
		"world streams { import wasi:io/streams@0.2.12; export wasi:io/streams@0.2.12; export wasi:http/types@0.2.12; }\n"
	if err := os.WriteFile(filepath.Join(dir, "worlds.wit"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	try := func(name, path, world string) {
		for _, names := range []string{"legacy", "standard32"} {
			t.Run(name+"/"+names, func(t *testing.T) {
				core := filepath.Join(t.TempDir(), "core.wasm")
				if err := run("component", "embed", "--dummy-names", names, "--world", world, path, "-o", core); err != nil {
					t.Fatal(err)
				}
				if ours, _ := agree(t, run, core); ours != nil {
					t.Error(ours)
				}
			})
		}
	}
	for _, world := range []string{"command", "proxy", "sockets", "stores", "streams"} {
		try(world, dir, world)
	}
	try("values", filepath.Join("..", "testdata", "guests", "values"), "roundtrip")
	try("resources", filepath.Join("..", "testdata", "guests", "resources"), "resources")
}

// TestAWorldIsEmbeddedAsTheToolDoes compares the sections that we write with those of
// wasm-tools: both modules have the same component.
func TestAWorldIsEmbeddedAsTheToolDoes(t *testing.T) {
	run := wasmTools(t)
	for _, c := range []struct{ dir, world string }{{"values", "roundtrip"}, {"resources", "resources"}} {
		path := filepath.Join("..", "testdata", "guests", c.dir)
		core, plain := filepath.Join(t.TempDir(), "core.wasm"), filepath.Join(t.TempDir(), "plain.wasm")
		if err := run("component", "embed", "--dummy", "--world", c.world, path, "-o", core); err != nil {
			t.Fatal(err)
		}
		if err := run("strip", "--delete", "component-type", core, "-o", plain); err != nil {
			t.Fatal(err)
		}
		module, err := os.ReadFile(plain)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := component.EmbedWorld(module, worldOf(t, path, c.world), cabi.UTF8)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(plain, ours, 0o644); err != nil {
			t.Fatal(err)
		}
		if ours, theirs := agree(t, run, plain); ours != nil || theirs != nil {
			t.Errorf("with our section: %v, %v", ours, theirs)
		}
		if got, want := wrappedWorld(t, plain), wrappedWorld(t, core); got != want {
			t.Errorf("%s is\n%s\nwant\n%s", c.world, got, want)
		}
	}
}

func wrappedWorld(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err == nil {
		data, err = adapter.Wrap(data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return printed(t, data)
}

// beyond are what we refuse and the tool does not: what belongs to WASI 0.3, and a memory
// that the module imports.
var beyond = []string{"WASI 0.3", `memory "env.memory"`, `"env.__wasm_`}

// TestTheInputsOfWitComponent runs the inputs of wit-component's own tests, out of a git
// directory of wasm-tools.
func TestTheInputsOfWitComponent(t *testing.T) {
	run := wasmTools(t)
	git := os.Getenv("TENON_WASM_TOOLS_GIT")
	if git == "" {
		t.Skip("TENON_WASM_TOOLS_GIT does not name a git directory of wasm-tools")
	}
	dir := t.TempDir()
	checkout(t, git, "crates/wit-component/tests/components", dir)
	cases, err := filepath.Glob(filepath.Join(dir, "crates/wit-component/tests/components", "*"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("no inputs: %v", err)
	}
	same, refused, later, skipped := 0, 0, 0, 0
	for _, c := range cases {
		name := filepath.Base(c)
		others, _ := filepath.Glob(filepath.Join(c, "adapt-*.wat"))
		libs, _ := filepath.Glob(filepath.Join(c, "lib-*.wat"))
		core := filepath.Join(c, "core.wasm")
		wat := filepath.Join(c, "module.wat")
		switch {
		case len(others) > 0 || len(libs) > 0:
			skipped++
			continue
		case run("component", "embed", "--all-features", "--world", "module", filepath.Join(c, "module.wit"), wat, "-o", core) == nil:
		case run("component", "embed", "--all-features", "--world", "module", c, wat, "-o", core) == nil:
		case run("parse", wat, "-o", core) == nil: // a module with a world of its own, or with none
		default:
			t.Logf("%s: it cannot be built", name)
			skipped++
			continue
		}
		t.Run(name, func(t *testing.T) {
			ours, theirs := agree(t, run, core)
			switch {
			case ours == nil:
				same++
			case theirs == nil:
				t.Logf("we say %v", ours)
				later++
			default:
				t.Logf("we say %v\nthey say %v", ours, theirs)
				refused++
			}
		})
	}
	t.Logf("%d give the same, both refuse %d, we alone %d; %d are of adapters and libraries", same, refused, later, skipped)
}

func checkout(t *testing.T, git, path, dir string) {
	t.Helper()
	out, err := exec.Command("git", "--git-dir="+git, "archive", "HEAD", path).Output()
	if err != nil {
		t.Fatalf("git archive: %v", err)
	}
	for r := tar.NewReader(bytes.NewReader(out)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			continue
		}
		data, err := io.ReadAll(r)
		if err == nil {
			err = errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, data, 0o644))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
