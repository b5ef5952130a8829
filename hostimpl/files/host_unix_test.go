//go:build unix

package files_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tenon-wasm/tenon/hostimpl/files"
)

func TestTimesAreSetLeftAndTakenFromTheClock(t *testing.T) {
	d, path := host(t)
	put(t, path, "file", "dir/x")
	if err := d.Symlink("file", "link"); err != nil {
		t.Fatal(err)
	}
	dir, err := d.Open("dir", files.OpenHow{})
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	first := files.Time{Set: true, At: time.Unix(1_000_000_000, 123_456_789)}
	second := files.Time{Set: true, At: time.Unix(2_000_000_000, 987_654_321)}
	now := files.Time{Set: true}
	at := func(name string, follow bool) func(a, m files.Time) error {
		return func(a, m files.Time) error { return d.SetTimesAt(name, follow, a, m) }
	}
	stat := func(name string, follow bool) func() (files.Info, error) {
		return func() (files.Info, error) { return d.Stat(name, follow) }
	}
	file := openFile(t, d, "file", files.OpenHow{Read: true})
	for _, c := range []struct {
		name string
		set  func(a, m files.Time) error
		info func() (files.Info, error)
	}{
		{"a file", file.SetTimes, file.Info},
		{"a directory", dir.SetTimes, dir.Info},
		{"a name", at("file", false), stat("file", false)},
		{"through a link", at("link", true), file.Info},
		{"of a link", at("link", false), stat("link", false)},
		{"of a directory with a slash", at("dir/", false), dir.Info},
		{"the directory itself", at(".", false), d.Info},
	} {
		check := func(what string, accessed, modified time.Time) {
			t.Helper()
			info, err := c.info()
			if err != nil {
				t.Fatal(err)
			}
			same := func(got, want time.Time) bool {
				if want.IsZero() {
					return time.Since(got).Abs() < time.Minute
				}
				if runtime.GOOS != "linux" { // where microseconds are what can be set
					return got.Sub(want).Abs() < time.Microsecond
				}
				return got.Equal(want)
			}
			if !same(info.Accessed, accessed) || !same(info.Modified, modified) || time.Since(info.Changed) > time.Minute {
				t.Errorf("%s, %s: %v", c.name, what, info)
			}
		}
		if err := c.set(first, second); err != nil {
			t.Fatal(c.name, err)
		}
		check("both", first.At, second.At)
		if err := c.set(files.Time{}, first); err != nil {
			t.Fatal(c.name, err)
		}
		check("one stays", first.At, first.At)
		if err := c.set(second, files.Time{}); err != nil {
			t.Fatal(c.name, err)
		}
		check("the other stays", second.At, first.At)
		if err := c.set(now, files.Time{}); err != nil {
			t.Fatal(c.name, err)
		}
		check("now", time.Time{}, first.At)
		if err := c.set(files.Time{}, now); err != nil {
			t.Fatal(c.name, err)
		}
		check("both now", time.Time{}, time.Time{})
	}
}

func TestSeveralAppendersLoseNothing(t *testing.T) {
	d, path := host(t)
	const each, who = 300, 4
	var wg sync.WaitGroup
	for i := range who {
		f := openFile(t, d, "log", files.OpenHow{Create: true, Write: true})
		wg.Go(func() {
			line := []byte(fmt.Sprintf("line of %d\n", i))
			for range each {
				if n, err := f.Append(line); n != len(line) || err != nil {
					t.Error(n, err)
				}
			}
		})
	}
	wg.Wait()
	b, err := os.ReadFile(filepath.Join(path, "log"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range who {
		if n := bytes.Count(b, fmt.Appendf(nil, "line of %d\n", i)); n != each {
			t.Errorf("%d lines of %d", n, i)
		}
	}
	if len(b) != each*who*10 {
		t.Errorf("%d bytes", len(b))
	}
}

func TestAFileIsOnlyReadAndWrittenAsItWasOpened(t *testing.T) {
	d, path := host(t)
	put(t, path, "f")
	buf := make([]byte, 1)
	for _, how := range []files.OpenHow{{}, {Read: true}, {Write: true}, {Truncate: true}, {Truncate: true, Read: true}} {
		f := openFile(t, d, "f", how)
		_, err := f.ReadAt(buf, 0)
		if (files.CodeOf(err) == files.BadDescriptor) == how.Read && err != io.EOF {
			t.Errorf("%+v: read: %v", how, err)
		}
		for what, err := range map[string]error{
			"write":    second(f.WriteAt(buf, 0)),
			"append":   second(f.Append(buf)),
			"truncate": f.Truncate(1),
		} {
			if err == nil != how.Write || err != nil && files.CodeOf(err) != files.BadDescriptor {
				t.Errorf("%+v: %s: %v", how, what, err)
			}
		}
		if _, err := f.Info(); err != nil {
			t.Error(err)
		}
		if err := f.Sync(false); err != nil {
			t.Error(err)
		}
	}
}

func second(_ int, err error) error { return err }

func TestOpeningSaysWhatIsInTheWay(t *testing.T) {
	d, path := host(t)
	put(t, path, "file", "dir/x")
	for target, name := range map[string]string{"file": "to-file", "dir": "to-dir", "nothing": "to-nothing"} {
		if err := d.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		path string
		how  files.OpenHow
		want files.ErrorCode
	}{
		{"none", files.OpenHow{}, files.NoEntry},
		{"none/x", files.OpenHow{Create: true}, files.NoEntry},
		{"none/", files.OpenHow{Create: true}, files.IsDirectory},
		{"file/x", files.OpenHow{}, files.NotDirectory},
		{"file/", files.OpenHow{}, files.NotDirectory},
		{"file/.", files.OpenHow{}, files.NotDirectory},
		{"file/..", files.OpenHow{}, files.NotDirectory},
		{"to-file/", files.OpenHow{}, files.NotDirectory},
		{"file", files.OpenHow{Directory: true}, files.NotDirectory},
		{"file", files.OpenHow{Create: true, Exclusive: true}, files.Exist},
		{"dir", files.OpenHow{Write: true}, files.IsDirectory},
		{"dir/", files.OpenHow{Write: true}, files.IsDirectory},
		{"dir", files.OpenHow{Truncate: true}, files.IsDirectory},
		{"dir", files.OpenHow{Create: true}, files.IsDirectory},
		{".", files.OpenHow{Write: true}, files.IsDirectory},
		{"dir", files.OpenHow{Create: true, Directory: true}, files.Invalid},
		{"dir", files.OpenHow{Truncate: true, Directory: true}, files.Invalid},
		{"to-file", files.OpenHow{}, files.Loop},
		{"to-dir", files.OpenHow{}, files.Loop},
		{"to-dir", files.OpenHow{Directory: true}, files.Loop},
		{"to-nothing", files.OpenHow{}, files.Loop},
		{"to-nothing", files.OpenHow{Create: true}, files.Loop},
		{"to-nothing", files.OpenHow{Follow: true}, files.NoEntry},
		{"to-nothing", files.OpenHow{Create: true, Exclusive: true}, files.Exist},
		{"to-nothing", files.OpenHow{Create: true, Exclusive: true, Follow: true}, files.Exist},
		{"to-file", files.OpenHow{Directory: true, Follow: true}, files.NotDirectory},
	} {
		wantCode(t, fmt.Sprintf("%q %+v", c.path, c.how), tryOpen(d, c.path, c.how), c.want)
	}
	for _, path := range []string{"to-dir/", "to-dir/.", "dir/", "dir/..", ".", "./", "dir//"} {
		n, err := d.Open(path, files.OpenHow{})
		if err != nil {
			t.Errorf("%q: %v", path, err)
			continue
		}
		if _, ok := n.(files.Dir); !ok {
			t.Errorf("%q: %T", path, n)
		}
		n.Close()
	}
	if err := tryOpen(d, "to-nothing", files.OpenHow{Create: true, Follow: true}); err != nil {
		t.Error(err)
	}
	if content(t, d, "nothing") != "" {
		t.Error("what the link leads to was not made")
	}
}

func TestNamesMoveBetweenDirectories(t *testing.T) {
	a, aPath := host(t)
	b, bPath := host(t)
	put(t, aPath, "dir/one", "two")
	if err := a.Rename("dir/one", b, "uno"); err != nil {
		t.Fatal(err)
	}
	if err := a.Link("two", false, b, "due"); err != nil {
		t.Fatal(err)
	}
	if got := content(t, b, "uno") + content(t, b, "due"); got != "dir/onetwo" {
		t.Errorf("%q", got)
	}
	if got := strings.Join(tree(t, aPath), ",") + "|" + strings.Join(tree(t, bPath), ","); got != "dir,two 3|due 3,uno 7" {
		t.Errorf("%q", got)
	}
	info, err := a.Stat("two", false)
	if info.Links != 2 || err != nil {
		t.Error(info, err)
	}
	wantCode(t, "link a directory", a.Link("dir", false, b, "dir"), files.NotPermitted)
	wantCode(t, "link onto something", a.Link("two", false, b, "due"), files.Exist)

	// Without following, a link gets another name; with it, what it leads to.
	if err := a.Symlink("two", "link"); err != nil {
		t.Fatal(err)
	}
	if err := a.Link("link", false, a, "link2"); err != nil {
		t.Fatal(err)
	}
	if target, err := a.Readlink("link2"); target != "two" || err != nil {
		t.Error(target, err)
	}
	if err := a.Link("link", true, a, "three"); err != nil {
		t.Fatal(err)
	}
	if info, err := a.Stat("three", false); info.Kind != files.RegularFile || info.Links != 3 || err != nil {
		t.Error(info, err)
	}

	other, err := os.MkdirTemp("/dev/shm", "tenon-files")
	if err != nil {
		t.Skip("there is no other file system")
	}
	defer os.RemoveAll(other)
	c := hostAt(t, other)
	if x, err := c.Info(); err != nil || sameDevice(t, a, x) {
		t.Skip("there is no other file system")
	}
	wantCode(t, "rename to another file system", a.Rename("two", c, "two"), files.CrossDevice)
	wantCode(t, "link to another file system", a.Link("two", false, c, "two"), files.CrossDevice)
	wantCode(t, "rename to another kind", a.Rename("two", cage{Dir: b}, "two"), files.CrossDevice)
	wantCode(t, "link to another kind", a.Link("two", false, cage{Dir: b}, "new"), files.CrossDevice)
}

func sameDevice(t *testing.T, d files.Dir, other files.Info) bool {
	t.Helper()
	info, err := d.Info()
	if err != nil {
		t.Fatal(err)
	}
	return info.Device == other.Device
}

func TestANameThatIsNotTextIsAnErrorInItsPlace(t *testing.T) {
	d, path := host(t)
	put(t, path, "a", "b", "c")
	if err := os.WriteFile(filepath.Join(path, "caf\xe9"), nil, 0o666); err != nil {
		t.Skip(err) // a file system that takes only text
	}
	entries, err := d.ReadDir()
	if err != nil {
		t.Fatal(err)
	}
	defer entries.Close()
	var names []string
	bad := 0
	for {
		e, err := entries.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			wantCode(t, "the name", err, files.IllegalByteSequence)
			if bad++; bad > 1 {
				t.Fatal("again")
			}
			continue
		}
		names = append(names, e.Name)
	}
	slices.Sort(names)
	if bad != 1 || strings.Join(names, " ") != "a b c" {
		t.Errorf("%d, %q", bad, names)
	}
}

func TestALargeDirectoryIsReadInBoundedMemory(t *testing.T) {
	d := hostAt(t, quickDir(t))
	const many = 20_000
	f, err := d.Open("a-name-that-is-not-short-00000", files.OpenHow{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	for i := 1; i < many; i++ {
		if err := d.Link("a-name-that-is-not-short-00000", false, d, fmt.Sprintf("a-name-that-is-not-short-%05d", i)); err != nil {
			t.Skip(err)
		}
	}
	entries, err := d.ReadDir()
	if err != nil {
		t.Fatal(err)
	}
	defer entries.Close()
	seen := make([]bool, many)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range many {
		e, err := entries.Next()
		var i int
		if err != nil || e.Kind != files.RegularFile {
			t.Fatal(e, err)
		}
		if _, err := fmt.Sscanf(e.Name, "a-name-that-is-not-short-%d", &i); err != nil || seen[i] {
			t.Fatal(e, err)
		}
		seen[i] = true
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 256<<10 {
		t.Errorf("%d bytes are kept", grown)
	}
	for range 2 {
		if e, err := entries.Next(); err != io.EOF {
			t.Error(e, err)
		}
	}
}

func TestReadersOfADirectoryDoNotDisturbEachOther(t *testing.T) {
	d, path := host(t)
	put(t, path, "a", "b", "c")
	first, err := d.ReadDir()
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if _, err := first.Next(); err != nil {
		t.Fatal(err)
	}
	if n := len(list(t, d)); n != 3 {
		t.Errorf("%d names", n)
	}
	for range 2 {
		if _, err := first.Next(); err != nil {
			t.Error(err)
		}
	}
	if _, err := first.Next(); err != io.EOF {
		t.Error(err)
	}
}

func TestADirectoryThatWasRemovedIsEmpty(t *testing.T) {
	d, _ := host(t)
	if err := d.MakeDir("gone"); err != nil {
		t.Fatal(err)
	}
	n, err := d.Open("gone", files.OpenHow{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := d.RemoveDir("gone"); err != nil {
		t.Fatal(err)
	}
	if all := list(t, n.(files.Dir)); len(all) != 0 {
		t.Error(all)
	}
	wantCode(t, "create in it", tryOpen(n.(files.Dir), "x", files.OpenHow{Create: true}), files.NoEntry)
}

// A directory is what was opened, wherever its name goes.
func TestADirectoryIsFollowedWhenItMoves(t *testing.T) {
	d, path := host(t)
	put(t, path, "dir/sub/x")
	n, err := d.Open("dir", files.OpenHow{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := os.Rename(filepath.Join(path, "dir"), filepath.Join(path, "moved")); err != nil {
		t.Fatal(err)
	}
	if got := content(t, n.(files.Dir), "sub/../sub/x"); got != "dir/sub/x" {
		t.Errorf("%q", got)
	}
}

func TestFortyLinksAtTheEndAreFollowed(t *testing.T) {
	d, path := host(t)
	put(t, path, "l0")
	for i := 1; i <= 41; i++ {
		if err := d.Symlink(fmt.Sprintf("l%d", i-1), fmt.Sprintf("l%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if got := content(t, d, "l40"); got != "l0" {
		t.Errorf("%q", got)
	}
	wantCode(t, "the 41st", tryOpen(d, "l41", files.OpenHow{Follow: true}), files.Loop)
}

func TestNoDescriptorIsInheritedOrLeftOpen(t *testing.T) {
	before := openDescriptors(t)
	d, err := files.OpenHost(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		for _, call := range calls {
			call.call(d, "a/b")
			call.call(d, "a")
			call.call(d, "a/../c")
		}
		d.MakeDir("a")
		d.Symlink("a", "c")
	}
	list(t, d)
	dir, err := d.Open(".", files.OpenHow{})
	if err != nil {
		t.Fatal(err)
	}
	f := openFile(t, d, "f", files.OpenHow{Create: true, Write: true})
	for fd, name := range openDescriptors(t) {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if _, old := before[fd]; !old && err == nil && flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("a program that is started has %s", name)
		}
	}
	f.Close()
	dir.Close()
	d.Close()
	for fd, name := range openDescriptors(t) {
		if _, old := before[fd]; !old && !strings.HasPrefix(name, "anon_inode") {
			t.Errorf("%d is left: %s", fd, name)
		}
	}
}

// openDescriptors tells what this process has open.
func openDescriptors(t testing.TB) map[int]string {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	all := make(map[int]string)
	for _, e := range entries {
		name, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil {
			continue // the one for /proc/self/fd
		}
		var fd int
		fmt.Sscan(e.Name(), &fd)
		all[fd] = name
	}
	return all
}

func TestAFileIsUsedByManyAndClosedByOne(t *testing.T) {
	d, path := host(t)
	put(t, path, "f")
	for range 50 {
		f := openFile(t, d, "f", files.OpenHow{Read: true, Write: true})
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				buf := make([]byte, 1)
				for {
					if _, err := f.ReadAt(buf, 0); err != nil {
						wantCode(t, "read", err, files.BadDescriptor)
						return
					}
				}
			})
		}
		wg.Go(func() { f.Close() })
		wg.Wait()
	}
}

func TestWhatTheUserMayNotIsAccess(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("the superuser may do everything")
	}
	d, path := host(t)
	put(t, path, "secret", "search/x", "list/x", "fixed/x")
	for name, mode := range map[string]os.FileMode{"secret": 0, "search": 0o111, "list": 0o444, "fixed": 0o555} {
		full := filepath.Join(path, name)
		if err := os.Chmod(full, mode); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(full, 0o777) })
	}
	for what, err := range map[string]error{
		"open a file":             tryOpen(d, "secret", files.OpenHow{Read: true}),
		"write a file":            tryOpen(d, "secret", files.OpenHow{Write: true}),
		"open what is not listed": tryOpen(d, "search", files.OpenHow{Directory: true}),
		"open in a list":          tryOpen(d, "list/x", files.OpenHow{Read: true}),
		"create":                  tryOpen(d, "fixed/new", files.OpenHow{Create: true}),
		"make a directory":        d.MakeDir("fixed/new"),
		"remove":                  d.Unlink("fixed/x"),
		"move away":               d.Rename("fixed/x", d, "x"),
		"move there":              d.Rename("secret", d, "fixed/secret"),
		"symlink":                 d.Symlink("x", "fixed/y"),
	} {
		wantCode(t, what, err, files.Access)
	}
	if info, err := d.Stat("secret", true); info.Kind != files.RegularFile || err != nil {
		t.Error(info, err)
	}
	// To find a name takes no right to list.
	if runtime.GOOS == "linux" && content(t, d, "search/x") != "search/x" {
		t.Error("another content")
	}
	_, err := files.OpenHost(filepath.Join(path, "search"))
	wantCode(t, "open as a root", err, files.Access)
}
