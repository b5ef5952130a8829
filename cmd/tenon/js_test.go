package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestAJavaScriptGuestRuns builds a component of 12 MB with npm, which is too large
// to check in, and runs it. It is skipped where npm is missing or reaches no
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
	app := filepath.Join(dir, "hello.wasm")
	for _, args := range [][]string{
		{npm, "install", "--no-package-lock", "--no-audit", "--no-fund"},
		{"node", "build.mjs", app},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			missing("%v: %v\n%s", args, err, out)
		}
	}
	cache := t.TempDir()
	for _, run := range []struct {
		args   []string
		code   int
		stdout string
		stderr string
	}{
		{nil, 0, "hello from JavaScript\n", ""},
		{[]string{"one", "two"}, 0, "hello from JavaScript\narguments [\"one\",\"two\"]\n", ""},
		{[]string{"fail"}, 1, "hello from JavaScript\narguments [\"fail\"]\n", ""},
		{[]string{"error"}, 0, "hello from JavaScript\narguments [\"error\"]\n", "to stderr\n"},
	} {
		var stdout, stderr bytes.Buffer
		args := append([]string{"run", "--cache", cache, app}, run.args...)
		code := command(args, nil, &stdout, &stderr)
		if code != run.code || stdout.String() != run.stdout || stderr.String() != run.stderr {
			t.Errorf("tenon %v: code %d, stdout %q, stderr %q; want %d, %q, %q",
				args, code, &stdout, &stderr, run.code, run.stdout, run.stderr)
		}
	}
}
