package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	witfiles "github.com/tenon-wasm/tenon/hostimpl/wit"
	"github.com/tenon-wasm/tenon/wit"
)

// A program of the Go toolchain that imports wasi:sockets itself, and preview 1 for the
// rest, is run as it is.
func TestAGoProgramWithSocketsRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("building and compiling a Go program takes seconds")
	}
	const source = "../../adapter/testdata/sockets"
	file := filepath.Join(t.TempDir(), "sockets.wasm")
	build := exec.Command("go", "build", "-o", file, source)
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	module, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := component.EmbedWorld(module, socketsWorld(t, source), cabi.UTF8)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}

	for _, c := range []struct {
		args, out, errs string
		code            int
	}{
		{"run --net loopback FILE self 10 100000", "10 clients, 100000 bytes each way, ok\n", "", 0},
		{"run FILE self 1 1", "", "tenon: denied tcp bind", 1},
		{"run FILE", "", "sockets: usage: sockets echo PORT CLIENTS | self CLIENTS BYTES\n", 1},
		{"inspect FILE", "import wasi:sockets/tcp@0.2.12;", "", 0},
		{"inspect FILE", "export wasi:cli/run@0.2.12;", "", 0},
	} {
		t.Run(c.args, func(t *testing.T) {
			var out, errs bytes.Buffer
			cmd := tenon(t, strings.Fields(strings.ReplaceAll(c.args, "FILE", file))...)
			cmd.Stdout, cmd.Stderr = &out, &errs
			err := cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(out.String(), c.out) || !strings.Contains(errs.String(), c.errs) {
				t.Errorf("exit code %d, %v\n%s%s", code, err, &out, &errs)
			}
		})
	}
}

func socketsWorld(t *testing.T, dir string) *wit.World {
	t.Helper()
	var r wit.Resolver
	err := r.AddFS(witfiles.FS, ".")
	if err == nil {
		err = r.AddFS(os.DirFS(dir), ".")
	}
	if err != nil {
		t.Fatal(err)
	}
	packages, err := r.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		if p.Name.String() == "tenon:sockets" {
			return p.World("echo")
		}
	}
	t.Fatalf("no package tenon:sockets in %s", dir)
	return nil
}
