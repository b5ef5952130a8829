package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAJavaScriptGuestRuns builds components of 12 MB with npm, which are too large to
// check in, and runs them: one that imports what it uses, and one with every feature of
// the engine, wasi:http too, that prints or is denied what it fetches. It is skipped where npm is missing or reaches no
// registry, unless TENON_REQUIRE_TOOLS is set, as it is in CI.
func TestAJavaScriptGuestRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a JavaScript guest, which takes a minute; run without -short")
	}
	missing := t.Skipf
	if os.Getenv("TENON_REQUIRE_TOOLS") != "" {
		missing = t.Fatalf
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		missing("needs npm to build the JavaScript guest: %v", err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../testdata/guests/js-hello")); err != nil {
		t.Fatal(err)
	}
	app, withHTTP := filepath.Join(dir, "hello.wasm"), filepath.Join(dir, "http.wasm")
	for _, args := range [][]string{
		{npm, "install", "--no-package-lock", "--no-audit", "--no-fund"},
		{"node", "build.mjs", app},
		{"node", "build.mjs", withHTTP, "none"},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			missing("%v: %v\n%s", args, err, out)
		}
	}
	cache := t.TempDir()
	var world, stderr bytes.Buffer
	if code := command([]string{"inspect", withHTTP}, nil, &world, &stderr); code != 0 || !strings.Contains(world.String(), "import wasi:http/outgoing-handler@") {
		t.Errorf("the guest with every feature does not import wasi:http: code %d, %s\n%s", code, &stderr, &world)
	}
	for _, app := range []string{app, withHTTP} {
		var report, stderr bytes.Buffer
		begin := time.Now()
		code := command([]string{"doctor", app}, nil, &report, &stderr)
		t.Logf("doctor took %v", time.Since(begin))
		if code != 0 || !strings.Contains(report.String(), "made by  componentize-js: JavaScript") {
			t.Errorf("doctor: code %d, %s\n%s", code, &stderr, &report)
		}
	}
	for _, run := range []struct {
		app    string
		args   []string
		code   int
		stdout string
		stderr string
	}{
		{app, nil, 0, "hello from JavaScript\n", ""},
		{withHTTP, nil, 0, "hello from JavaScript\n", ""},
		{withHTTP, []string{"fetch", "http://127.0.0.1:9/"}, 0, "hello from JavaScript\narguments [\"fetch\",\"http://127.0.0.1:9/\"]\nfetch: Error\n", ""},
		{app, []string{"one", "two"}, 0, "hello from JavaScript\narguments [\"one\",\"two\"]\n", ""},
		{app, []string{"fail"}, 1, "hello from JavaScript\narguments [\"fail\"]\n", ""},
		{app, []string{"error"}, 0, "hello from JavaScript\narguments [\"error\"]\n", "to stderr\n"},
	} {
		var stdout, stderr bytes.Buffer
		args := append([]string{"run", "--cache", cache, run.app}, run.args...)
		code := command(args, nil, &stdout, &stderr)
		if code != run.code || stdout.String() != run.stdout || stderr.String() != run.stderr {
			t.Errorf("tenon %v: code %d, stdout %q, stderr %q; want %d, %q, %q",
				args, code, &stdout, &stderr, run.code, run.stdout, run.stderr)
		}
	}
}
