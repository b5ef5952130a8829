//go:build unix

package files_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tenon-wasm/tenon/hostimpl/files"
)

// cage is a directory with something outside of it that no guest may touch.
type cage struct {
	files.Dir
	path    string // of the directory
	outside string
}

const canary = "sings"

func newCage(t testing.TB) cage {
	t.Helper()
	return newCageIn(t, t.TempDir())
}

func newCageIn(t testing.TB, top string) cage {
	t.Helper()
	c := cage{path: filepath.Join(top, "cage"), outside: filepath.Join(top, "outside")}
	put(t, c.path, "in", "dir/in", "dir/deep/in")
	put(t, c.outside, "dir/other")
	if err := os.WriteFile(filepath.Join(c.outside, "canary"), []byte(canary), 0o666); err != nil {
		t.Fatal(err)
	}
	c.Dir = hostAt(t, c.path)
	return c
}

// whole fails the test unless what is outside is as it was.
func (c cage) whole(t testing.TB) {
	t.Helper()
	want := []string{"canary 5", "dir", "dir/other 9"}
	if got := tree(t, c.outside); strings.Join(got, ",") != strings.Join(want, ",") {
		t.Errorf("outside: %q, want %q", got, want)
	}
	if b, err := os.ReadFile(filepath.Join(c.outside, "canary")); err != nil || string(b) != canary {
		t.Errorf("the canary: %q, %v", b, err)
	}
	for _, name := range []string{"", "canary", "dir", "dir/other"} {
		info, err := os.Stat(filepath.Join(c.outside, name))
		if err != nil {
			t.Fatal(err)
		}
		if time.Since(info.ModTime()) > time.Hour {
			t.Errorf("the time of %q outside: %v", name, info.ModTime())
		}
	}
}

// tree lists what is below a directory, files with their sizes, links with their targets.
func tree(t testing.TB, root string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		line, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch e.Type() {
		case os.ModeSymlink:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			line += " -> " + target
		case 0:
			info, err := e.Info()
			if err != nil {
				return err
			}
			line += fmt.Sprintf(" %d", info.Size())
		}
		all = append(all, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var longAgo = files.Time{Set: true, At: time.Unix(1000, 0)}

// calls is each method that takes a path, with a path, in ways that would do something if it were let.
var calls = []struct {
	name string
	call func(d files.Dir, path string) error
}{
	{"open", func(d files.Dir, path string) error { return tryOpen(d, path, files.OpenHow{Read: true, Follow: true}) }},
	{"open without following", func(d files.Dir, path string) error { return tryOpen(d, path, files.OpenHow{Read: true}) }},
	{"open a directory", func(d files.Dir, path string) error {
		return tryOpen(d, path, files.OpenHow{Directory: true, Follow: true})
	}},
	{"open to write", func(d files.Dir, path string) error {
		return tryOpen(d, path, files.OpenHow{Write: true, Follow: true})
	}},
	{"open to cut", func(d files.Dir, path string) error {
		return tryOpen(d, path, files.OpenHow{Truncate: true, Follow: true})
	}},
	{"create", func(d files.Dir, path string) error {
		return tryOpen(d, path, files.OpenHow{Create: true, Write: true, Follow: true})
	}},
	{"create exclusively", func(d files.Dir, path string) error {
		return tryOpen(d, path, files.OpenHow{Create: true, Exclusive: true, Write: true, Follow: true})
	}},
	{"stat", func(d files.Dir, path string) error { _, err := d.Stat(path, true); return err }},
	{"lstat", func(d files.Dir, path string) error { _, err := d.Stat(path, false); return err }},
	{"set times", func(d files.Dir, path string) error { return d.SetTimesAt(path, true, longAgo, longAgo) }},
	{"set times of a link", func(d files.Dir, path string) error { return d.SetTimesAt(path, false, longAgo, longAgo) }},
	{"make a directory", func(d files.Dir, path string) error { return d.MakeDir(path) }},
	{"remove a directory", func(d files.Dir, path string) error { return d.RemoveDir(path) }},
	{"unlink", func(d files.Dir, path string) error { return d.Unlink(path) }},
	{"link from", func(d files.Dir, path string) error { return d.Link(path, true, d, "stolen") }},
	{"link from a link", func(d files.Dir, path string) error { return d.Link(path, false, d, "stolen") }},
	{"link to", func(d files.Dir, path string) error { return d.Link("in", false, d, path) }},
	{"rename from", func(d files.Dir, path string) error { return d.Rename(path, d, "stolen") }},
	{"rename to", func(d files.Dir, path string) error { return d.Rename("in", d, path) }},
	{"symlink", func(d files.Dir, path string) error { return d.Symlink("in", path) }},
	{"readlink", func(d files.Dir, path string) error { _, err := d.Readlink(path); return err }},
}

func tryOpen(d files.Dir, path string, how files.OpenHow) error {
	n, err := d.Open(path, how)
	if err != nil {
		return err
	}
	if f, ok := n.(files.File); ok && how.Write {
		f.WriteAt([]byte("gotcha"), 0)
	}
	return n.Close()
}

// allRefuse makes each call with a path, after which nothing has changed.
func (c cage) allRefuse(t *testing.T, path string, want files.ErrorCode) {
	t.Helper()
	before := strings.Join(tree(t, c.path), ",")
	for _, call := range calls {
		wantCode(t, fmt.Sprintf("%s %.60q", call.name, path), call.call(c.Dir, path), want)
		if after := strings.Join(tree(t, c.path), ","); before != after {
			t.Fatalf("%s %.60q: inside was %q, is %q", call.name, path, before, after)
		}
	}
	c.whole(t)
}

func (c cage) symlink(t testing.TB, target, name string) {
	t.Helper()
	if err := os.Symlink(target, filepath.Join(c.path, name)); err != nil {
		t.Fatal(err)
	}
}

func TestAPathWithDotsThatLeadsOutIsRefused(t *testing.T) {
	c := newCage(t)
	for _, path := range []string{
		"..", "../", "../outside", "../outside/canary", "../cage", "dir/../..", "dir/../../outside/canary",
		"dir/deep/../../../outside/canary", "./../outside/canary", "dir//..//../outside/canary", "../outside/new",
	} {
		c.allRefuse(t, path, files.NotPermitted)
	}
}

func TestAPathThatLeadsOutAndBackInIsRefused(t *testing.T) {
	c := newCage(t)
	for _, path := range []string{"../cage/in", "dir/../../cage/in", "dir/../../cage/dir/", "../cage"} {
		c.allRefuse(t, path, files.NotPermitted)
	}
}

func TestAnAbsolutePathIsRefused(t *testing.T) {
	c := newCage(t)
	for _, path := range []string{"/", "//", "/etc/hostname", c.outside, c.path, filepath.Join(c.path, "in"), "//dir"} {
		c.allRefuse(t, path, files.NotPermitted)
	}
}

// A link that leads out, in the middle of a path or before a slash at its end.
func TestALinkThatLeadsOutIsNotFollowed(t *testing.T) {
	c := newCage(t)
	for i, target := range []string{"/", "..", "../outside", "dir/../../outside", "../cage/dir", "/proc/self/cwd", "//"} {
		link := fmt.Sprintf("link%d", i)
		c.symlink(t, target, link)
		for _, rest := range []string{"/x", "/canary", "/dir/other", "/../in", "/.", "/.."} {
			c.allRefuse(t, link+rest, files.NotPermitted)
		}
		c.allRefuse(t, "dir/../"+link+"/canary", files.NotPermitted)
	}
}

func TestALinkThatLeadsOutIsNotFollowedAtTheEnd(t *testing.T) {
	follows := map[string]bool{
		"open": true, "open a directory": true, "open to write": true, "open to cut": true, "create": true, "stat": true,
		"set times": true, "link from": true,
	}
	lists := map[string]bool{"open without following": true, "lstat": true, "set times of a link": true, "readlink": true,
		"link from a link": true}
	c := newCage(t)
	for _, target := range []string{"/", "..", "../outside", "../outside/canary", "/etc/hostname", "../outside/new"} {
		for _, path := range []string{"link", "link/"} {
			for _, call := range calls {
				c.symlink(t, target, "link")
				err := call.call(c.Dir, path)
				what := fmt.Sprintf("%s %q -> %s", call.name, path, target)
				switch {
				case path == "link/" && strings.HasPrefix(call.name, "create"):
					wantCode(t, what, err, files.IsDirectory)
				case follows[call.name], path == "link/" && lists[call.name]:
					wantCode(t, what, err, files.NotPermitted)
				case path == "link/" && err == nil:
					t.Errorf("%s: no error", what)
				}
				os.Remove(filepath.Join(c.path, "link"))
				os.Remove(filepath.Join(c.path, "stolen"))
				put(t, c.path, "in")
			}
			c.whole(t)
		}
	}
}

func TestWhatADirectoryThatIsALinkListsIsNotOutside(t *testing.T) {
	c := newCage(t)
	c.symlink(t, "../outside", "link")
	for _, path := range []string{"link", "link/", "link/."} {
		n, err := c.Open(path, files.OpenHow{Directory: true, Follow: true})
		if err == nil {
			n.Close()
		}
		wantCode(t, "open "+path, err, files.NotPermitted)
	}
	if kind := list(t, c)["link"]; kind != files.SymbolicLink {
		t.Errorf("%v", kind)
	}
}

func TestAGuestsOwnLinkOutIsNotFollowed(t *testing.T) {
	c := newCage(t)
	for _, target := range []string{"../../../../../../etc/passwd", "../outside/canary", "dir/../../outside/canary"} {
		if err := c.Symlink(target, "own"); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Readlink("own"); got != target || err != nil {
			t.Errorf("%q %v", got, err)
		}
		err := tryOpen(c, "own", files.OpenHow{Read: true, Follow: true})
		wantCode(t, target, err, files.NotPermitted)
		if err := c.Unlink("own"); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, "an absolute target", c.Symlink("/etc/passwd", "own"), files.NotPermitted)
	c.whole(t)
}

func TestALinkThatTurnedAbsoluteIsNotToldByReadlink(t *testing.T) {
	c := newCage(t)
	c.symlink(t, "/etc/passwd", "link")
	_, err := c.Readlink("link")
	wantCode(t, "readlink", err, files.NotPermitted)
}

// A directory that is moved up takes links along that lead further out than before.
func TestALinkThatIsMovedUpDoesNotLeadOut(t *testing.T) {
	c := newCage(t)
	if err := c.Symlink("../../outside/canary", "dir/deep/link"); err != nil {
		t.Fatal(err)
	}
	err := tryOpen(c, "dir/deep/link", files.OpenHow{Read: true, Follow: true})
	wantCode(t, "inside", err, files.NoEntry)
	if err := c.Rename("dir/deep", c.Dir, "deep"); err != nil {
		t.Fatal(err)
	}
	err = tryOpen(c, "deep/link", files.OpenHow{Read: true, Follow: true})
	wantCode(t, "moved up", err, files.NotPermitted)
	c.whole(t)
}

func TestAnOpenedDirectoryIsARootOfItsOwn(t *testing.T) {
	c := newCage(t)
	n, err := c.Open("dir", files.OpenHow{Directory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	dir := n.(files.Dir)
	if got := content(t, dir, "deep/../in"); got != "dir/in" {
		t.Errorf("%q", got)
	}
	wantCode(t, "../in", tryOpen(dir, "../in", files.OpenHow{Read: true, Follow: true}), files.NotPermitted)
	if err := c.Symlink("../in", "dir/up"); err != nil {
		t.Fatal(err)
	}
	if got := content(t, c, "dir/up"); got != "in" {
		t.Errorf("%q", got)
	}
	wantCode(t, "up", tryOpen(dir, "up", files.OpenHow{Read: true, Follow: true}), files.NotPermitted)
}

func TestARenameAtTheTopStaysInside(t *testing.T) {
	c := newCage(t)
	for _, to := range []string{"..", "../", "../new", "../outside/new", "/new", "dir/../../new"} {
		wantCode(t, to, c.Rename("in", c.Dir, to), files.NotPermitted)
		wantCode(t, to, c.Rename("dir", c.Dir, to), files.NotPermitted)
	}
	for _, to := range []string{".", "./", "dir/..", "dir/."} {
		if err := c.Rename("dir/deep", c.Dir, to); err == nil {
			t.Errorf("%q: no error", to)
		}
		if err := c.Rename(to, c.Dir, "new"); err == nil {
			t.Errorf("from %q: no error", to)
		}
	}
	wantCode(t, "into itself", c.Rename("dir", c.Dir, "dir/deep/new"), files.Invalid)
	c.whole(t)
}

func TestNamesThatMeanSomethingElseToWindowsAreRefused(t *testing.T) {
	c := newCage(t)
	for _, name := range windowsNames {
		c.allRefuse(t, name, files.NotPermitted)
		c.allRefuse(t, "dir/"+name, files.NotPermitted)
		c.allRefuse(t, name+"/x", files.NotPermitted)
	}
}

func TestPathsThatAreNoTextAreRefused(t *testing.T) {
	c := newCage(t)
	c.allRefuse(t, "", files.NoEntry)
	c.allRefuse(t, "\x00", files.Invalid)
	c.allRefuse(t, "in\x00", files.Invalid)
	c.allRefuse(t, "in\x00/../../outside", files.Invalid)
	c.allRefuse(t, "\xff", files.IllegalByteSequence)
	c.allRefuse(t, "dir/\xc0\xae\xc0\xae/x", files.IllegalByteSequence)
	c.allRefuse(t, "\xed\xa0\x80", files.IllegalByteSequence)
	c.allRefuse(t, strings.Repeat("a", 1<<20), files.NameTooLong)
	c.allRefuse(t, strings.Repeat("a/", 1<<19), files.NameTooLong)
	c.allRefuse(t, strings.Repeat("../", 1<<18), files.NameTooLong)
	c.allRefuse(t, strings.Repeat("\x00", 1<<20), files.NameTooLong)
	c.allRefuse(t, strings.Repeat("n", 256)+"/x", files.NameTooLong)
}

func TestTargetsThatAreNoTextAreRefused(t *testing.T) {
	c := newCage(t)
	wantCode(t, "empty", c.Symlink("", "new"), files.NoEntry)
	wantCode(t, "NUL", c.Symlink("a\x00b", "new"), files.Invalid)
	wantCode(t, "not UTF-8", c.Symlink("a\xffb", "new"), files.IllegalByteSequence)
	wantCode(t, "1 MiB", c.Symlink(strings.Repeat("a/", 1<<19), "new"), files.NameTooLong)
}

func TestLongWaysAreWalkedOrRefusedInBoundedTime(t *testing.T) {
	c := newCage(t)
	start := time.Now()
	for range 20 {
		for _, path := range []string{
			strings.Repeat("dir/../", 580) + "in", strings.Repeat("dir/deep/../../", 270) + "in",
			strings.Repeat("./", 2000) + "in", strings.Repeat("dir/..", 1) + strings.Repeat("/", 4000) + "in",
		} {
			err := tryOpen(c, path, files.OpenHow{Read: true, Follow: true})
			if err != nil && files.CodeOf(err) != files.NameTooLong {
				t.Errorf("%.20q: %v", path, err)
			}
		}
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	// Links that double the way at each step.
	for i := range 30 {
		if err := c.Symlink(fmt.Sprintf("l%d/../l%d", i+1, i+1), fmt.Sprintf("l%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.MakeDir("l30"); err != nil {
		t.Fatal(err)
	}
	start = time.Now()
	_, err := c.Stat("l0/x", true)
	wantCode(t, "doubling links", err, files.Loop)
	if took := time.Since(start); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestALoopOfLinksEnds(t *testing.T) {
	c := newCage(t)
	for _, l := range [][2]string{{"b", "a"}, {"a", "b"}, {"self", "self"}, {"self/x", "dir/self"}, {"slash/", "slash"}} {
		if err := c.Symlink(l[0], l[1]); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"a", "a/", "a/x", "self", "self/", "self/x", "slash", "slash/"} {
		_, err := c.Stat(path, true)
		wantCode(t, "stat "+path, err, files.Loop)
		wantCode(t, "open "+path, tryOpen(c, path, files.OpenHow{Read: true, Follow: true}), files.Loop)
		wantCode(t, "times "+path, c.SetTimesAt(path, true, longAgo, longAgo), files.Loop)
		wantCode(t, "link "+path, c.Link(path, true, c.Dir, "new"), files.Loop)
	}
}

func TestExtremeTimesAndOffsetsAreErrors(t *testing.T) {
	c := newCage(t)
	f := openFile(t, c, "in", files.OpenHow{Read: true, Write: true})
	for _, at := range []int64{1<<63 - 1, 1 << 62, 1 << 40, -1 << 63, -1 << 62} {
		extreme := files.Time{Set: true, At: time.Unix(at, 999_999_999)}
		wantCode(t, "times of a file", f.SetTimes(extreme, files.Time{}), files.Overflow)
		wantCode(t, "times of a directory", c.SetTimes(files.Time{}, extreme), files.Overflow)
		wantCode(t, "times of a name", c.SetTimesAt("in", true, extreme, extreme), files.Overflow)
	}
	buf := []byte("x")
	_, err := f.ReadAt(buf, -1)
	wantCode(t, "read at -1", err, files.Invalid)
	_, err = f.WriteAt(buf, -1)
	wantCode(t, "write at -1", err, files.Invalid)
	if n, err := f.ReadAt(buf, 1<<63-1); n != 0 || err == nil {
		t.Errorf("read at the very end: %d, %v", n, err)
	}
	if n, err := f.WriteAt(buf, 1<<63-1); n != 0 || err == nil {
		t.Errorf("write at the very end: %d, %v", n, err)
	}
	wantCode(t, "a size of 2^63", f.Truncate(1<<63), files.FileTooLarge)
	wantCode(t, "a size of 2^64-1", f.Truncate(1<<64-1), files.FileTooLarge)
	wantCode(t, "advice behind 2^63", f.Advise(1<<63, 1, files.WillNeed), files.Invalid)
	wantCode(t, "advice over 2^63", f.Advise(0, 1<<64-1, files.WillNeed), files.Invalid)
	wantCode(t, "no advice", f.Advise(0, 0, files.NoReuse+1), files.Invalid)
	if got := content(t, c, "in"); got != "in" {
		t.Errorf("%q", got)
	}
}

func TestAPipeInTheDirectoryKeepsNobodyWaiting(t *testing.T) {
	c := newCage(t)
	if err := unix.Mkfifo(filepath.Join(c.path, "pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	inTime(t, func() {
		for _, call := range calls {
			call.call(c.Dir, "pipe/")
			call.call(c.Dir, "pipe/x")
		}
		// Nobody reads yet, which is an error of its own.
		wantCode(t, "write", tryOpen(c, "pipe", files.OpenHow{Write: true}), files.NoSuchDevice)
		wantCode(t, "cut", tryOpen(c, "pipe", files.OpenHow{Truncate: true}), files.NoSuchDevice)
		wantCode(t, "a directory", tryOpen(c, "pipe", files.OpenHow{Directory: true}), files.NotDirectory)

		r := openFile(t, c, "pipe", files.OpenHow{Read: true})
		info, err := r.Info()
		if info.Kind != files.FIFO || err != nil {
			t.Error(info, err)
		}
		buf := make([]byte, 100)
		_, err = r.ReadAt(buf, 0)
		wantCode(t, "read", err, files.InvalidSeek)

		w := openFile(t, c, "pipe", files.OpenHow{Write: true})
		_, err = w.WriteAt(buf, 0)
		wantCode(t, "write", err, files.InvalidSeek)
		for err = nil; err == nil; {
			_, err = w.Append(buf)
		}
		wantCode(t, "append until it is full", err, files.WouldBlock)
		if err := w.Sync(false); err != nil {
			t.Error(err)
		}
		r.Close()
		_, err = w.Append(buf)
		wantCode(t, "append for nobody", err, files.Pipe)
	})
}

func inTime(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		panic("somebody waits") // the test cannot end while it does
	}
}

func TestADirectoryThatIsAPipeIsNotWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(path, 0o666); err != nil {
		t.Fatal(err)
	}
	inTime(t, func() {
		_, err := files.OpenHost(path)
		wantCode(t, "open", err, files.NotDirectory)
	})
}

func TestDevicesAndSocketsAreTold(t *testing.T) {
	dev := hostAt(t, "/dev")
	n, err := dev.Open("null", files.OpenHow{Read: true, Write: true})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if info, err := n.Info(); info.Kind != files.CharacterDevice || err != nil {
		t.Error(info, err)
	}
	if n, err := n.(files.File).ReadAt(make([]byte, 5), 0); n != 0 || err != io.EOF {
		t.Error(n, err)
	}

	d, path := host(t)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: filepath.Join(path, "s")}); err != nil {
		t.Skip(err) // a path that is too long for it
	}
	wantCode(t, "open", tryOpen(d, "s", files.OpenHow{Read: true}), files.NoSuchDevice)
	if info, err := d.Stat("s", true); info.Kind != files.Socket || err != nil {
		t.Error(info, err)
	}
	if list(t, d)["s"] != files.Socket {
		t.Error(list(t, d))
	}
}

// A magic link of /proc leads where no text says.
func TestMagicLinksAreNotFollowed(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip(err)
	}
	f, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	proc := hostAt(t, "/proc")
	for _, path := range []string{
		fmt.Sprintf("self/fd/%d", f.Fd()), "self/exe", "self/root", "self/cwd", "self/root/etc", "self/cwd/x",
		fmt.Sprintf("%d/root/etc/hostname", os.Getpid()),
	} {
		_, err := proc.Stat(path, true)
		wantCode(t, "stat "+path, err, files.NotPermitted)
		wantCode(t, "open "+path, tryOpen(proc, path, files.OpenHow{Read: true, Follow: true}), files.NotPermitted)
	}
}

func TestAnythingAfterCloseIsABadDescriptor(t *testing.T) {
	c := newCage(t)
	f := openFile(t, c, "in", files.OpenHow{Read: true, Write: true})
	e, err := c.ReadDir()
	if err != nil {
		t.Fatal(err)
	}
	for _, closer := range []io.Closer{f, e, c} {
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
		wantCode(t, "close again", closer.Close(), files.BadDescriptor)
	}
	for _, call := range calls {
		wantCode(t, call.name, call.call(c.Dir, "in"), files.BadDescriptor)
		wantCode(t, call.name, call.call(c.Dir, "dir/in"), files.BadDescriptor)
	}
	_, err = e.Next()
	wantCode(t, "next", err, files.BadDescriptor)
	for _, n := range []files.Node{f, c} {
		_, err = n.Info()
		wantCode(t, "info", err, files.BadDescriptor)
		wantCode(t, "times", n.SetTimes(longAgo, longAgo), files.BadDescriptor)
		wantCode(t, "sync", n.Sync(true), files.BadDescriptor)
	}
	_, err = c.ReadDir()
	wantCode(t, "read the directory", err, files.BadDescriptor)
	_, err = f.ReadAt(make([]byte, 1), 0)
	wantCode(t, "read", err, files.BadDescriptor)
	_, err = f.WriteAt(make([]byte, 1), 0)
	wantCode(t, "write", err, files.BadDescriptor)
	_, err = f.Append(make([]byte, 1))
	wantCode(t, "append", err, files.BadDescriptor)
	wantCode(t, "truncate", f.Truncate(0), files.BadDescriptor)
	wantCode(t, "advise", f.Advise(0, 0, files.Normal), files.BadDescriptor)
}

func TestAMissingDirectoryAndAFileAreNamed(t *testing.T) {
	_, path := host(t)
	put(t, path, "file")
	for _, name := range []string{"file", "none"} {
		full := filepath.Join(path, name)
		_, err := files.OpenHost(full)
		var pathErr *os.PathError
		if !errors.As(err, &pathErr) || pathErr.Path != full {
			t.Errorf("%s: %v", name, err)
		}
	}
}
