package adapter_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/tenon-wasm/tenon/adapter/conform"
	"github.com/tenon-wasm/tenon/hostimpl"
)

// TestWASITestsuite runs the preview 1 programs of github.com/WebAssembly/wasi-testsuite, as
// an embedder would who knows nothing of package conform but how it reads the manifests.
// It fetches nothing: TENON_WASI_TESTSUITE is a checkout of the branch prod/testsuite-base.
func TestWASITestsuite(t *testing.T) {
	suite := os.Getenv("TENON_WASI_TESTSUITE")
	if suite == "" {
		t.Skip("TENON_WASI_TESTSUITE does not say where the suite is")
	}
	all, err := conform.Load(filepath.Join(suite, "tests"), nil)
	if err != nil {
		t.Fatal(err)
	}
	programs := 0
	for _, c := range all {
		if c.Interface == "preview 1" {
			programs++
			t.Run(c.ID(), func(t *testing.T) { runSuiteCase(t, c) })
		}
	}
	if programs < 72 {
		t.Errorf("%d programs in %s, which has 72", programs, suite)
	}
}

// runSuiteCase runs a program on copies of its directories.
func runSuiteCase(t *testing.T, c *conform.Test) {
	if len(c.Steps) > 0 || c.Unsupported != "" {
		t.Fatalf("it has steps: %v", c.Steps)
	}
	var out, errs bytes.Buffer
	cfg := hostimpl.Config{Args: append([]string{filepath.Base(c.Guest)}, c.Args...), Env: c.Env, Stdout: &out, Stderr: &errs}
	for _, d := range c.Dirs {
		at := t.TempDir()
		if err := os.CopyFS(at, os.DirFS(d.From)); err != nil {
			t.Fatal(err)
		}
		cfg.Dirs = append(cfg.Dirs, hostimpl.Dir{Host: at, Guest: d.Guest})
	}
	app, err := os.ReadFile(c.Guest)
	if err != nil {
		t.Fatal(err)
	}
	code, err := compile(t, app).run(t.Context(), t, cfg)
	switch {
	case err != nil:
		t.Errorf("%v\n%s", err, &errs)
	case code != c.Want.Exit:
		t.Errorf("exit code %d, want %d\n%s", code, c.Want.Exit, &errs)
	case c.Want.Stdout != nil && out.String() != *c.Want.Stdout.Exact:
		t.Errorf("it wrote %q, want %q", &out, *c.Want.Stdout.Exact)
	}
}
