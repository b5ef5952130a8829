package hostimpl_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/hostimpl/files"
	"github.com/tenon-wasm/tenon/internal/leaks"
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
	memory := func() files.Dir { return files.NewMemory(files.MemoryConfig{}).Root() }
	for kind, granted := range map[string]func(t *testing.T) []hostimpl.Dir{
		"host": func(t *testing.T) []hostimpl.Dir { return assertedDirs(t) },
		"memory": func(t *testing.T) []hostimpl.Dir {
			ro := memory()
			if err := files.CopyFS(ro, os.DirFS(assertedDirs(t)[1].Host)); err != nil {
				t.Fatal(err)
			}
			return []hostimpl.Dir{{FS: memory(), Guest: "/rw"}, {FS: ro, Guest: "/ro", ReadOnly: true}}
		},
		"overlay": func(t *testing.T) []hostimpl.Dir {
			dirs := assertedDirs(t)
			lower, err := files.OpenHost(dirs[0].Host)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { lower.Close() })
			return []hostimpl.Dir{{FS: files.Overlay(lower, memory()), Guest: "/rw"}, dirs[1]}
		},
		"fs.FS": func(t *testing.T) []hostimpl.Dir {
			dirs := assertedDirs(t)
			return []hostimpl.Dir{dirs[0], {FS: files.FromFS(os.DirFS(dirs[1].Host)), Guest: "/ro", ReadOnly: true}}
		},
	} {
		for _, program := range []string{
			"directories", "links", "metadata", "opening", "paths", "preopens", "read-write", "renaming", "rights", "streams",
		} {
			t.Run(kind+"/"+program, func(t *testing.T) {
				dirs := granted(t)
				leaks.By(t, func() {
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
			leaks.By(t, func() {
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

// Several guests at once have one directory, each with descriptors and places of its own.
func TestGuestsShareDirectories(t *testing.T) {
	p := compile(t, "file-copy")
	dir := t.TempDir()
	content := strings.Repeat("what all of them read\n", 50_000)
	write(t, filepath.Join(dir, "from"), content)
	leaks.By(t, func() {
		ctx := context.Background()
		host, err := hostimpl.New(filesConfig(dir))
		if err != nil {
			t.Fatal(err)
		}
		defer host.Close()
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				args := hostimpl.Config{Args: []string{"file-copy", "from", fmt.Sprint("to", i)}}
				own, err := hostimpl.New(args)
				if err != nil {
					t.Error(err)
					return
				}
				defer own.Close()
				// Everything is the one host's but the arguments.
				l := component.NewLinker(p.runtime)
				err = host.Link(l)
				for _, f := range own.Interfaces() {
					if err == nil && f.Type.Name.Interface == "environment" {
						err = l.Define(f)
					}
				}
				if err != nil {
					t.Error(err)
					return
				}
				in, err := l.Instantiate(ctx, p.component)
				if err != nil {
					t.Error(err)
					return
				}
				if err := errors.Join(command(ctx, in), in.Close(ctx)); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	})
	for i := range 8 {
		if got, err := os.ReadFile(filepath.Join(dir, fmt.Sprint("to", i))); err != nil || string(got) != content {
			t.Errorf("copy %d: %d bytes, %v", i, len(got), err)
		}
	}
}
