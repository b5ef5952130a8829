package files_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tenon-wasm/tenon/hostimpl/files"
)

// kernel does what a files.Dir does, in another way: the kernel resolves whole paths (openat2 with RESOLVE_BENEATH), and
// each method is the system call of its name.
type kernel struct {
	fd       int
	dir      bool
	readable bool
	writable bool
}

func (k kernel) resolve(path string, flags int) (int, error) {
	how := unix.OpenHow{Flags: uint64(flags | unix.O_CLOEXEC), Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS}
	if flags&unix.O_CREAT != 0 {
		how.Mode = 0o666
	}
	fd, err := unix.Openat2(k.fd, path, &how)
	if err == unix.EXDEV {
		err = files.NotPermitted
	}
	return fd, err
}

// parent opens the directory that the last name of a path is in, and gives that name with the slashes after it.
func (k kernel) parent(path string) (int, string, error) {
	name := strings.TrimRight(path, "/")
	i := strings.LastIndexByte(name, '/') + 1
	if name[i:] == ".." {
		fd, err := k.resolve(path, unix.O_PATH)
		if err != nil {
			return -1, "", err
		}
		unix.Close(fd)
	}
	fd, err := k.resolve("./"+path[:i], unix.O_PATH|unix.O_DIRECTORY)
	return fd, path[i:], err
}

func noFollow(follow bool) int {
	if follow {
		return 0
	}
	return unix.O_NOFOLLOW
}

func (k kernel) open(path string, how files.OpenHow) (kernel, error) {
	if how.Directory && (how.Create || how.Truncate || how.Exclusive) {
		return kernel{}, files.Invalid
	}
	flags := unix.O_RDONLY
	if how.Write {
		flags = unix.O_WRONLY
		if how.Read {
			flags = unix.O_RDWR
		}
	}
	if how.Create {
		flags |= unix.O_CREAT
		if how.Exclusive {
			flags |= unix.O_EXCL
		}
	}
	if how.Directory {
		flags |= unix.O_DIRECTORY
	}
	if how.Truncate {
		flags |= unix.O_TRUNC
		if !how.Write {
			flags |= unix.O_RDWR
		}
	}
	fd, err := k.resolve(path, flags|noFollow(how.Follow))
	if err == unix.ENOTDIR && !how.Follow {
		if st, e := k.stat(path, false); e == nil && st.Mode&unix.S_IFMT == unix.S_IFLNK {
			err = files.Loop
		}
	}
	if err != nil {
		return kernel{}, err
	}
	var st unix.Stat_t
	unix.Fstat(fd, &st)
	return kernel{fd: fd, dir: st.Mode&unix.S_IFMT == unix.S_IFDIR, readable: how.Read, writable: how.Write}, nil
}

func (k kernel) stat(path string, follow bool) (st unix.Stat_t, err error) {
	fd, err := k.resolve(path, unix.O_PATH|noFollow(follow))
	if err != nil {
		return st, err
	}
	defer unix.Close(fd)
	return st, unix.Fstat(fd, &st)
}

func (k kernel) setTimes(path string, follow bool, at time.Time) error {
	fd, err := k.resolve(path, unix.O_PATH|noFollow(follow))
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	ts := []unix.Timespec{{Nsec: unix.UTIME_OMIT}, unix.NsecToTimespec(at.UnixNano())}
	return unix.UtimesNanoAt(fd, "", ts, unix.AT_EMPTY_PATH)
}

// at does something with a name in its directory.
func (k kernel) at(path string, do func(fd int, name string) error) error {
	fd, name, err := k.parent(path)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return do(fd, name)
}

func (k kernel) link(path string, follow bool, to kernel, newPath string) error {
	fd, err := k.resolve(path, unix.O_PATH|noFollow(follow))
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return to.at(newPath, func(dir int, name string) error {
		return unix.Linkat(unix.AT_FDCWD, fmt.Sprintf("/proc/self/fd/%d", fd), dir, name, unix.AT_SYMLINK_FOLLOW)
	})
}

func (k kernel) rename(path string, to kernel, newPath string) error {
	return k.at(path, func(dir int, name string) error {
		return to.at(newPath, func(newDir int, newName string) error { return unix.Renameat(dir, name, newDir, newName) })
	})
}

func (k kernel) readlink(path string) (string, error) {
	if strings.HasSuffix(path, "/") { // readlinkat would follow it, and know no bounds
		fd, err := k.resolve(path, unix.O_PATH)
		if err != nil {
			return "", err
		}
		unix.Close(fd)
		return "", unix.EINVAL
	}
	buf := make([]byte, 5000)
	n := 0
	err := k.at(path, func(dir int, name string) (err error) {
		n, err = unix.Readlinkat(dir, name, buf)
		return err
	})
	return string(buf[:max(n, 0)]), err
}

// pair is the same thing on both sides.
type pair struct {
	ours   files.Node
	theirs kernel
}

func (p pair) close() {
	p.ours.Close()
	unix.Close(p.theirs.fd)
}

type model struct {
	t           *testing.T
	r           *rand.Rand
	nodes       []pair // the first is the directory that it is all in
	log         []string
	done, asked int // how many operations succeeded, of how many
	many        int // how often a path led through more links than os.Root follows
}

func (m *model) pick(list ...string) string { return list[m.r.IntN(len(list))] }
func (m *model) chance(percent int) bool    { return m.r.IntN(100) < percent }

func (m *model) path() string {
	var b strings.Builder
	for n := 1 + m.r.IntN(2) + m.r.IntN(2); n > 0; n-- {
		b.WriteString(m.pick("a", "a", "a", "b", "b", "b", "c", "c", "l", "l", "m", "n", ".", ".."))
		if n > 1 || m.chance(12) {
			b.WriteString(m.pick("/", "/", "/", "/", "//"))
		}
	}
	return b.String()
}

// same compares two answers. What they say beside the error counts if there is none.
func (m *model) same(what string, ours error, theirs func() error) bool {
	m.asked++
	if ours == nil {
		m.done++
	}
	if ours != nil && files.CodeOf(ours) == files.Loop {
		// The kernel follows forty links, and os.Root eight. That ours stopped is an answer to which nothing has
		// happened, so that theirs is not asked.
		err := theirs()
		if err == nil || files.CodeOf(err) != files.Loop {
			m.many++
			panic(errTooMany)
		}
		return false
	}
	err := theirs()
	if (ours == nil) != (err == nil) || ours != nil && files.CodeOf(ours) != files.CodeOf(err) {
		m.t.Errorf("%s: %v, want %v, after\n%s", what, ours, err, strings.Join(m.log, "\n"))
		return false
	}
	return ours == nil
}

// errTooMany ends a sequence: the two sides may differ now.
var errTooMany = errors.New("more links than os.Root follows")

func (m *model) dir() (files.Dir, kernel) {
	for range 4 {
		p := m.nodes[m.r.IntN(len(m.nodes))]
		if p.theirs.dir {
			return p.ours.(files.Dir), p.theirs
		}
	}
	return m.nodes[0].ours.(files.Dir), m.nodes[0].theirs
}

func (m *model) step() {
	ours, theirs := m.dir()
	path, follow := m.path(), m.chance(60)
	say := func(format string, args ...any) string {
		s := fmt.Sprintf(format, args...)
		m.log = append(m.log, s)
		return s
	}
	switch m.r.IntN(14) {
	case 0, 1, 2:
		how := files.OpenHow{Follow: follow, Read: m.chance(60), Write: m.chance(60), Create: m.chance(60),
			Exclusive: m.chance(10), Truncate: m.chance(10), Directory: m.chance(15)}
		what := say("open %q %+v", path, how)
		n, err := ours.Open(path, how)
		var k kernel
		if !m.same(what, err, func() (err error) { k, err = theirs.open(path, how); return err }) {
			return
		}
		if m.nodes = append(m.nodes, pair{n, k}); len(m.nodes) > 4 {
			m.nodes[1].close()
			m.nodes = append(m.nodes[:1], m.nodes[2:]...)
		}
	case 3:
		what := say("stat %q %v", path, follow)
		info, err := ours.Stat(path, follow)
		var st unix.Stat_t
		if m.same(what, err, func() (err error) { st, err = theirs.stat(path, follow); return err }) {
			m.sameInfo(what, info, &st)
		}
	case 4:
		at := time.Unix(int64(m.r.IntN(1e9)), int64(m.r.IntN(1e9)))
		what := say("set times %q %v", path, follow)
		m.same(what, ours.SetTimesAt(path, follow, files.Time{}, files.Time{Set: true, At: at}), func() error {
			return theirs.setTimes(path, follow, at)
		})
	case 5, 6:
		m.same(say("mkdir %q", path), ours.MakeDir(path), func() error {
			return theirs.at(path, func(dir int, name string) error { return unix.Mkdirat(dir, name, 0o777) })
		})
	case 7:
		m.same(say("rmdir %q", path), ours.RemoveDir(path), func() error {
			return theirs.at(path, func(dir int, name string) error { return unix.Unlinkat(dir, name, unix.AT_REMOVEDIR) })
		})
	case 8:
		m.same(say("unlink %q", path), ours.Unlink(path), func() error {
			return theirs.at(path, func(dir int, name string) error { return unix.Unlinkat(dir, name, 0) })
		})
	case 9:
		to, toTheirs := m.dir()
		newPath := m.path()
		m.same(say("link %q %v %q", path, follow, newPath), ours.Link(path, follow, to, newPath), func() error {
			return theirs.link(path, follow, toTheirs, newPath)
		})
	case 10:
		to, toTheirs := m.dir()
		newPath := m.path()
		m.same(say("rename %q %q", path, newPath), ours.Rename(path, to, newPath), func() error {
			return theirs.rename(path, toTheirs, newPath)
		})
	case 11:
		target := m.path()
		path = m.pick("l", "m", "n", "a/l", "b/m", "a/n", "c/l", path)
		m.same(say("symlink %q %q", target, path), ours.Symlink(target, path), func() error {
			return theirs.at(path, func(dir int, name string) error { return unix.Symlinkat(target, dir, name) })
		})
	case 12:
		what := say("readlink %q", path)
		target, err := ours.Readlink(path)
		var want string
		if m.same(what, err, func() (err error) { want, err = theirs.readlink(path); return err }) && target != want {
			m.t.Errorf("%s: %q, want %q", what, target, want)
		}
	case 13:
		m.useFile()
	}
}

func (m *model) useFile() {
	p := m.nodes[m.r.IntN(len(m.nodes))]
	if p.theirs.dir {
		m.sameList(p)
		return
	}
	f, k := p.ours.(files.File), p.theirs
	off := int64(m.r.IntN(3000))
	buf := make([]byte, m.r.IntN(2000))
	for i := range buf {
		buf[i] = byte(m.r.IntN(256))
	}
	unlessOpen := func(open bool, do func() error) func() error {
		return func() error {
			if !open {
				return files.BadDescriptor
			}
			return do()
		}
	}
	var n, want int
	var err error
	what := ""
	switch m.r.IntN(5) {
	case 0:
		what = "read"
		got, wanted := make([]byte, len(buf)), make([]byte, len(buf))
		n, err = f.ReadAt(got, off)
		if err == io.EOF {
			err = nil
		}
		m.same(what, err, unlessOpen(k.readable, func() (err error) { want, err = unix.Pread(k.fd, wanted, off); return err }))
		if string(got) != string(wanted) {
			m.t.Errorf("read: other bytes, after\n%s", strings.Join(m.log, "\n"))
		}
	case 1:
		what = "write"
		n, err = f.WriteAt(buf, off)
		m.same(what, err, unlessOpen(k.writable, func() (err error) { want, err = unix.Pwrite(k.fd, buf, off); return err }))
	case 2:
		what = "append"
		n, err = f.Append(buf)
		m.same(what, err, unlessOpen(k.writable, func() (err error) {
			var st unix.Stat_t
			unix.Fstat(k.fd, &st)
			want, err = unix.Pwrite(k.fd, buf, st.Size)
			return err
		}))
	case 3:
		what = "truncate"
		m.same(what, f.Truncate(uint64(off)), unlessOpen(k.writable, func() error { return unix.Ftruncate(k.fd, off) }))
	case 4:
		what = "info"
		info, err := f.Info()
		var st unix.Stat_t
		if m.same(what, err, func() error { return unix.Fstat(k.fd, &st) }) {
			m.sameInfo(what, info, &st)
		}
	}
	if n != want {
		m.t.Errorf("%s: %d, want %d, after\n%s", what, n, want, strings.Join(m.log, "\n"))
	}
}

func (m *model) sameInfo(what string, info files.Info, st *unix.Stat_t) {
	// Other times are those at which the operations were done.
	modified := time.Unix(st.Mtim.Unix())
	sameTime := info.Modified.Equal(modified) || info.Modified.Year() > 2010 && modified.Year() > 2010
	sameSize := info.Size == uint64(st.Size) || info.Kind == files.Directory
	if info.Links != uint64(st.Nlink) || !sameSize || !sameTime || modes[info.Kind] != st.Mode&unix.S_IFMT {
		m.t.Errorf("%s: %+v, want %+v, after\n%s", what, info, st, strings.Join(m.log, "\n"))
	}
}

var modes = map[files.Kind]uint32{
	files.Directory: unix.S_IFDIR, files.RegularFile: unix.S_IFREG, files.SymbolicLink: unix.S_IFLNK,
}

func (m *model) sameList(p pair) {
	all := list(m.t, p.ours.(files.Dir))
	f, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", p.theirs.fd))
	if err != nil {
		m.t.Fatal(err)
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil && !errors.Is(err, os.ErrNotExist) { // A directory that was removed has nothing in it, as C libraries have it.
		m.t.Fatal(err)
	}
	if len(entries) != len(all) {
		m.t.Errorf("list: %v, want %v, after\n%s", all, entries, strings.Join(m.log, "\n"))
	}
	for _, e := range entries {
		if modes[all[e.Name()]] != unixMode(e.Type()) {
			m.t.Errorf("list: %v, want %v", all, entries)
		}
	}
}

func unixMode(mode os.FileMode) uint32 {
	switch mode {
	case os.ModeDir:
		return unix.S_IFDIR
	case os.ModeSymlink:
		return unix.S_IFLNK
	}
	return unix.S_IFREG
}

func contents(t testing.TB, root string) string {
	var all []string
	for _, line := range tree(t, root) {
		name, size, file := strings.Cut(line, " ")
		if file && !strings.HasPrefix(size, "->") {
			b, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				t.Fatal(err)
			}
			line += fmt.Sprintf(" %x", b)
		}
		all = append(all, line)
	}
	sort.Strings(all)
	return strings.Join(all, "\n")
}

func TestRandomOperationsAnswerAsTheKernelDoes(t *testing.T) {
	sequences := 10_000
	if testing.Short() {
		sequences = 500
	}
	top := quickDir(t)
	oursPath, theirsPath := filepath.Join(top, "ours", "root"), filepath.Join(top, "theirs", "root")
	put(t, top, "ours/root/x", "ours/outside", "theirs/root/x", "theirs/outside")
	base := hostAt(t, oursPath)
	fd, err := unix.Open(theirsPath, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if probe, err := (kernel{fd: fd}).resolve("x", unix.O_PATH); err != nil {
		t.Skipf("openat2: %v", err)
	} else {
		unix.Close(probe)
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("TENON_SEED"); s != "" {
		fmt.Sscan(s, &seed)
	}
	t.Logf("TENON_SEED=%d", seed)
	many, done, asked := 0, 0, 0
	for i := range sequences {
		for _, path := range []string{oursPath, theirsPath} {
			empty(t, path)
			if err := os.MkdirAll(filepath.Join(path, "a", "b"), 0o777); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"c", "a/c", "a/b/c"} {
				if err := os.WriteFile(filepath.Join(path, name), []byte("c"), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			for name, target := range map[string]string{"l": "a", "m": "c", "a/l": "b", "a/m": "../l/b"} {
				if err := os.Symlink(target, filepath.Join(path, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
		m := &model{t: t, r: rand.New(rand.NewPCG(seed, uint64(i))), nodes: []pair{{base, kernel{fd: fd, dir: true}}}}
		m.run()
		many, done, asked = many+m.many, done+m.done, asked+m.asked
		if m.many == 0 {
			if a, b := contents(t, oursPath), contents(t, theirsPath); a != b {
				t.Fatalf("ours:\n%s\ntheirs:\n%s\nafter\n%s", a, b, strings.Join(m.log, "\n"))
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d sequences, of which %d ended early since a path led through more than eight links; %d of %d operations succeeded",
		sequences, many, done, asked)
	if done < asked/10 {
		t.Error("too few operations succeed to show anything")
	}
	if many > sequences/20+1 {
		t.Errorf("%d of %d sequences ended early", many, sequences)
	}
	for _, side := range []string{"ours", "theirs"} {
		if b, err := os.ReadFile(filepath.Join(top, side, "outside")); err != nil || string(b) != side+"/outside" {
			t.Errorf("outside of %s: %q, %v", side, b, err)
		}
	}
}

func (m *model) run() {
	defer func() {
		for _, p := range m.nodes[1:] {
			p.close()
		}
		if r := recover(); r != nil && r != errTooMany {
			panic(r)
		}
	}()
	for range 25 {
		m.step()
	}
}

func empty(t testing.TB, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
}
