package files_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl/files"
)

// host gives a directory of this machine, and where it is.
func host(t testing.TB) (files.Dir, string) {
	t.Helper()
	path := t.TempDir()
	return hostAt(t, path), path
}

func hostAt(t testing.TB, path string) files.Dir {
	t.Helper()
	leaves(t)
	d, err := files.OpenHost(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// leaves fails the test if it leaves descriptors or goroutines behind.
func leaves(t testing.TB) {
	t.Helper()
	if _, ok := t.(*testing.T); !ok {
		return
	}
	before, goroutines := countDescriptors(), runtime.NumGoroutine()
	t.Cleanup(func() {
		if now := countDescriptors(); now > before {
			t.Errorf("%d descriptors are open, %d were", now, before)
		}
		now := runtime.NumGoroutine()
		for i := 0; i < 100 && now > goroutines; i++ { // one that is done may be on its way out
			time.Sleep(10 * time.Millisecond)
			now = runtime.NumGoroutine()
		}
		if now > goroutines {
			t.Errorf("%d goroutines run, %d did", now, goroutines)
		}
	})
}

// countDescriptors counts what is open in this process, save what the runtime keeps for itself.
func countDescriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	n := 0
	for _, e := range entries {
		name, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && !strings.HasPrefix(name, "anon_inode") {
			n++
		}
	}
	return n
}

// quickDir gives a directory in memory, if there is a place for one.
func quickDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "tenon-files")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// put makes files with their own path as content.
func put(t testing.TB, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func openFile(t testing.TB, d files.Dir, path string, how files.OpenHow) files.File {
	t.Helper()
	n, err := d.Open(path, how)
	if err != nil {
		t.Fatalf("open %q: %v", path, err)
	}
	t.Cleanup(func() { n.Close() })
	f, ok := n.(files.File)
	if !ok {
		t.Fatalf("open %q: %T", path, n)
	}
	return f
}

func content(t testing.TB, d files.Dir, path string) string {
	t.Helper()
	f := openFile(t, d, path, files.OpenHow{Follow: true, Read: true})
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<40))
	if err != nil {
		t.Fatalf("read %q: %v", path, err)
	}
	return string(b)
}

func wantCode(t testing.TB, what string, err error, want files.ErrorCode) {
	t.Helper()
	if err == nil || files.CodeOf(err) != want {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestAFileIsWrittenReadAppendedAndCut(t *testing.T) {
	d, path := host(t)
	f := openFile(t, d, "a", files.OpenHow{Create: true, Read: true, Write: true})
	if n, err := f.WriteAt([]byte("world"), 6); n != 5 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := f.WriteAt([]byte("hello,"), 0); n != 6 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := f.Append([]byte("!")); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := f.WriteAt([]byte("W"), 6); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	b := make([]byte, 20)
	if n, err := f.ReadAt(b, 0); n != 12 || err != io.EOF || string(b[:n]) != "hello,World!" {
		t.Fatalf("%q %v", b[:n], err)
	}
	if err := f.Truncate(5); err != nil {
		t.Fatal(err)
	}
	if got := content(t, d, "a"); got != "hello" {
		t.Fatalf("%q", got)
	}
	if got, err := os.ReadFile(filepath.Join(path, "a")); string(got) != "hello" || err != nil {
		t.Fatalf("%q %v", got, err)
	}
	if err := f.Truncate(1 << 20); err != nil {
		t.Fatal(err)
	}
	if n, err := f.ReadAt(b, 1<<20-1); n != 1 || err != io.EOF || b[0] != 0 {
		t.Fatal(n, err)
	}
}

func TestADirectoryIsReadToItsEnd(t *testing.T) {
	d, path := host(t)
	put(t, path, "a", "b/c")
	if err := d.Symlink("a", "l"); err != nil {
		t.Fatal(err)
	}
	got := list(t, d)
	want := map[string]files.Kind{"a": files.RegularFile, "b": files.Directory, "l": files.SymbolicLink}
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for name, kind := range want {
		if got[name] != kind {
			t.Errorf("%s: %v, want %v", name, got[name], kind)
		}
	}
}

func list(t testing.TB, d files.Dir) map[string]files.Kind {
	t.Helper()
	entries, err := d.ReadDir()
	if err != nil {
		t.Fatal(err)
	}
	defer entries.Close()
	all := make(map[string]files.Kind)
	for {
		e, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := all[e.Name]; twice {
			t.Errorf("%q twice", e.Name)
		}
		all[e.Name] = e.Kind
	}
}
