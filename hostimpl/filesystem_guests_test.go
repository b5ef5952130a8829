package hostimpl_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
)

// assertedDirs are what fs-asserts.wasm wants: an empty directory, and one that it cannot
// change.
func assertedDirs(t testing.TB) []hostimpl.Dir {
	t.Helper()
	ro := t.TempDir()
	for name, content := range map[string]string{"file": "read only\n", "dir/inner": "read only too\n"} {
		write(t, filepath.Join(ro, name), content)
	}
	return []hostimpl.Dir{{Host: t.TempDir(), Guest: "/rw"}, {Host: ro, Guest: "/ro", ReadOnly: true}}
}

func write(t testing.TB, path, content string) {
	t.Helper()
	err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644))
	if err != nil {
		t.Fatal(err)
	}
}

func TestAGuestMayCountOnFiles(t *testing.T) {
	p := compile(t, "fs-asserts")
	for _, program := range []string{
		"directories", "links", "metadata", "opening", "paths", "preopens", "read-write", "renaming", "rights", "streams",
	} {
		t.Run(program, func(t *testing.T) {
			dirs := assertedDirs(t)
			leavesNothing(t, func() {
				var out, errs bytes.Buffer
				err := p.run(t, hostimpl.Config{
					Args: []string{"fs-asserts", program}, Stdout: &out, Stderr: &errs, Dirs: dirs,
				})
				if err != nil || !strings.HasPrefix(out.String(), "ok "+program+", ") {
					t.Errorf("%v\n%s%s", err, &out, &errs)
				}
			})
		})
	}
}

func TestAGuestThatMisusesFilesTraps(t *testing.T) {
	p := compile(t, "fs-asserts")
	for mistake, code := range map[string]cabi.Code{
		"write-without-permit":     cabi.ContractBroken,
		"write-beyond-permit":      cabi.ContractBroken,
		"write-endless-zeroes":     cabi.ContractBroken,
		"write-too-much-at-once":   cabi.ContractBroken,
		"drop-input-with-pollable": cabi.HasChildren,
		"use-dropped-descriptor":   cabi.BadHandle,
		"drop-twice":               cabi.BadHandle,
		"use-stream-as-descriptor": cabi.BadHandle,
	} {
		t.Run(mistake, func(t *testing.T) {
			dirs := assertedDirs(t)
			leavesNothing(t, func() {
				err := p.run(t, hostimpl.Config{
					Args: []string{"fs-asserts", "mistake", mistake}, Stderr: os.Stderr, Dirs: dirs,
				})
				var trap *component.Trap
				if !errors.As(err, &trap) || trap.Code != code {
					t.Errorf("got %v, want a trap: %v", err, code)
				}
			})
		})
	}
}
