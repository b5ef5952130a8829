package adapter_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/hostimpl"
)

// A suiteCase is what the .json beside a program of wasi-testsuite says.
type suiteCase struct {
	Args     []string          `json:"args"`
	Env      map[string]string `json:"env"`
	Dirs     []string          `json:"dirs"`
	ExitCode int               `json:"exit_code"`
	Stdout   *string           `json:"stdout"`
}

// TestWASITestsuite runs the preview 1 programs of github.com/WebAssembly/wasi-testsuite.
// It fetches nothing: TENON_WASI_TESTSUITE is a checkout of the branch prod/testsuite-base.
func TestWASITestsuite(t *testing.T) {
	suite := os.Getenv("TENON_WASI_TESTSUITE")
	if suite == "" {
		t.Skip("TENON_WASI_TESTSUITE does not say where the suite is")
	}
	programs, err := filepath.Glob(filepath.Join(suite, "tests", "*", "testsuite", "*.wasm"))
	if err != nil || len(programs) < 72 {
		t.Fatalf("%d programs in %s, which has 72: %v", len(programs), suite, err)
	}
	for _, program := range programs {
		name := strings.TrimSuffix(filepath.Base(program), ".wasm")
		kind := filepath.Base(filepath.Dir(filepath.Dir(program)))
		t.Run(kind+"/"+name, func(t *testing.T) { runSuiteCase(t, program) })
	}
}

// runSuiteCase runs a program on copies of its directories.
func runSuiteCase(t *testing.T, program string) {
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
	app, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	code, err := compile(t, app).run(t.Context(), t, cfg)
	switch {
	case err != nil:
		t.Errorf("%v\n%s", err, &errs)
	case code != c.ExitCode:
		t.Errorf("exit code %d, want %d\n%s", code, c.ExitCode, &errs)
	case c.Stdout != nil && out.String() != *c.Stdout:
		t.Errorf("it wrote %q, want %q", &out, *c.Stdout)
	}
}
