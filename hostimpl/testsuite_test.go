package hostimpl_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/leaks"
)

// suiteFailures are the programs of wasi-testsuite that fail, and why: in all of them it is
// the adapter that answers, and the host is not asked.
var suiteFailures = map[string]string{
	"args_get-multiple-arguments":    "the program's allocator and the adapter take the same memory: assertion failed at adapter",
	"environ_get-multiple-variables": "the program's allocator and the adapter take the same memory: assertion failed at adapter",
	"fd_write-to-invalid-fd":         "the adapter answers a write of nothing before it looks at the number",
	"pwrite-with-append":             "the adapter appends, as pwrite of Linux does",
	"fd_advise":                      "the program calls fd_allocate, which the adapter does not support",
	"file_allocate":                  "the adapter does not support fd_allocate",
	"fd_fdstat_set_rights":           "the adapter does not support fd_fdstat_set_rights",
	"path_filestat":                  "the adapter gives fixed rights for files, those of paths among them",
}

// A suiteCase is what the .json beside a program of wasi-testsuite says.
type suiteCase struct {
	Args     []string          `json:"args"`
	Env      map[string]string `json:"env"`
	Dirs     []string          `json:"dirs"`
	ExitCode int               `json:"exit_code"`
	Stdout   *string           `json:"stdout"`
}

// TestWASITestsuite runs the preview 1 programs of github.com/WebAssembly/wasi-testsuite,
// each turned into a component by the command adapter of wasmtime. It fetches nothing:
//
//	TENON_WASI_TESTSUITE  a checkout of the branch prod/testsuite-base
//	TENON_WASM_TOOLS      wasm-tools, with its command component
//	TENON_P1_ADAPTER      wasi_snapshot_preview1.command.wasm
func TestWASITestsuite(t *testing.T) {
	suite, tools, adapter := os.Getenv("TENON_WASI_TESTSUITE"), os.Getenv("TENON_WASM_TOOLS"), os.Getenv("TENON_P1_ADAPTER")
	if suite == "" || tools == "" || adapter == "" {
		t.Skip("TENON_WASI_TESTSUITE, TENON_WASM_TOOLS and TENON_P1_ADAPTER do not say where the suite, wasm-tools and the adapter are")
	}
	programs, err := filepath.Glob(filepath.Join(suite, "tests", "*", "testsuite", "*.wasm"))
	if err != nil || len(programs) == 0 {
		t.Fatalf("no programs in %s: %v", suite, err)
	}
	passed := 0
	for _, program := range programs {
		name := strings.TrimSuffix(filepath.Base(program), ".wasm")
		kind := filepath.Base(filepath.Dir(filepath.Dir(program)))
		t.Run(kind+"/"+name, func(t *testing.T) {
			failure := runSuiteCase(t, program, adapted(t, tools, adapter, program))
			why, known := suiteFailures[name]
			switch {
			case failure == "":
				passed++
				if known {
					t.Errorf("it passes, and is listed as failing: %s", why)
				}
			case known:
				t.Logf("fails, as is known: %s\n%s", why, failure)
			default:
				t.Error(failure)
			}
		})
	}
	t.Logf("%d of %d passed", passed, len(programs))
}

// adapted is the component that the adapter makes of a preview 1 program.
func adapted(t *testing.T, tools, adapter, program string) []byte {
	t.Helper()
	to := filepath.Join(t.TempDir(), "component.wasm")
	said, err := exec.Command(tools, "component", "new", program, "--adapt", "wasi_snapshot_preview1="+adapter, "-o", to).CombinedOutput()
	if err != nil {
		t.Fatalf("wasm-tools component new: %v\n%s", err, said)
	}
	data, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// runSuiteCase runs a program on copies of its directories, and says what was not as its
// .json wants it.
func runSuiteCase(t *testing.T, program string, app []byte) (failure string) {
	t.Helper()
	var c suiteCase
	data, err := os.ReadFile(strings.TrimSuffix(program, ".wasm") + ".json")
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	cfg := hostimpl.Config{Args: append([]string{filepath.Base(program)}, c.Args...), Stdout: &out, Stderr: &errs}
	for k, v := range c.Env {
		cfg.Env = append(cfg.Env, k+"="+v)
	}
	for _, d := range c.Dirs {
		at := filepath.Join(t.TempDir(), d)
		if err := os.CopyFS(at, os.DirFS(filepath.Join(filepath.Dir(program), d))); err != nil {
			t.Fatal(err)
		}
		cfg.Dirs = append(cfg.Dirs, hostimpl.Dir{Host: at, Guest: d})
	}
	code := 0
	leaks.By(t, func() {
		p := compileBytes(t, app)
		defer p.runtime.Close(t.Context())
		err := p.run(t, cfg)
		var exit *component.ExitError
		switch {
		case errors.As(err, &exit):
			code = int(exit.Code)
		case err != nil:
			failure = err.Error() + "\n" + errs.String()
		}
	})
	// The adapter knows success and failure alone: the code of a failure is 1.
	want := min(c.ExitCode, 1)
	switch {
	case failure != "":
		return failure
	case code != want:
		return errs.String() + "exit code " + jsonOf(code) + ", want " + jsonOf(want)
	case c.Stdout != nil && out.String() != *c.Stdout:
		return "it wrote " + jsonOf(out.String()) + ", want " + jsonOf(*c.Stdout)
	}
	return ""
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
