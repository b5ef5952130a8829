package files

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// linuxDir is a directory as the kernel alone has it, with nothing done for it: what the contract says must be what the
// kernel says, and a model test needs somebody to compare with. Paths lead wherever they lead.
type linuxDir struct{ *linuxNode }

type linuxNode struct{ f *os.File }

type linuxFile struct{ *linuxNode }

func linuxAt(t testing.TB, path string) Dir {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return linuxDir{&linuxNode{f}}
}

func init() {
	kinds = append(kinds, fileSystemKind{"linux", func(t *testing.T, given func(Dir)) Dir {
		// A directory with one above it that is ours too.
		dir := filepath.Join(t.TempDir(), "x")
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		d := linuxAt(t, dir)
		given(d)
		return d
	}})
}

func (n *linuxNode) fd() int { return int(n.f.Fd()) }

func (n *linuxNode) Close() error    { return n.f.Close() }
func (n *linuxNode) Sync(bool) error { return n.f.Sync() }
func (n *linuxNode) Info() (Info, error) {
	var st unix.Stat_t
	err := unix.Fstat(n.fd(), &st)
	return linuxInfo(&st), err
}

func (n *linuxNode) SetTimes(accessed, modified Time) error { panic("not needed") }

func linuxInfo(st *unix.Stat_t) Info {
	kind := map[uint32]Kind{unix.S_IFREG: RegularFile, unix.S_IFDIR: Directory, unix.S_IFLNK: SymbolicLink}[st.Mode&unix.S_IFMT]
	at := func(ts unix.Timespec) time.Time { return time.Unix(ts.Unix()) }
	return Info{Kind: kind, Links: uint64(st.Nlink), Size: uint64(st.Size), Accessed: at(st.Atim), Modified: at(st.Mtim),
		Changed: at(st.Ctim), Device: st.Dev, Inode: st.Ino}
}

func (d linuxDir) Open(path string, how OpenHow) (Node, error) {
	flags := unix.O_CLOEXEC
	for flag, on := range map[int]bool{unix.O_NOFOLLOW: !how.Follow, unix.O_CREAT: how.Create, unix.O_EXCL: how.Exclusive,
		unix.O_DIRECTORY: how.Directory, unix.O_TRUNC: how.Truncate, unix.O_WRONLY: how.Write && !how.Read,
		unix.O_RDWR: how.Write && how.Read} {
		if on {
			flags |= flag
		}
	}
	fd, err := unix.Openat(d.fd(), path, flags, 0o666)
	if err != nil {
		return nil, err
	}
	n := &linuxNode{os.NewFile(uintptr(fd), path)}
	i, err := n.Info()
	if err == nil && i.Kind == Directory {
		return linuxDir{n}, nil
	}
	return linuxFile{n}, err
}

func (d linuxDir) Stat(path string, follow bool) (Info, error) {
	var st unix.Stat_t
	err := unix.Fstatat(d.fd(), path, &st, nofollow(follow))
	return linuxInfo(&st), err
}

func nofollow(follow bool) int {
	if follow {
		return 0
	}
	return unix.AT_SYMLINK_NOFOLLOW
}

func (d linuxDir) SetTimesAt(path string, follow bool, accessed, modified Time) error {
	spec := func(t Time) unix.Timespec {
		if !t.Set {
			return unix.Timespec{Nsec: unix.UTIME_OMIT}
		}
		return unix.NsecToTimespec(t.At.UnixNano())
	}
	return unix.UtimesNanoAt(d.fd(), path, []unix.Timespec{spec(accessed), spec(modified)}, nofollow(follow))
}

func (d linuxDir) MakeDir(path string) error   { return unix.Mkdirat(d.fd(), path, 0o777) }
func (d linuxDir) RemoveDir(path string) error { return unix.Unlinkat(d.fd(), path, unix.AT_REMOVEDIR) }
func (d linuxDir) Unlink(path string) error    { return unix.Unlinkat(d.fd(), path, 0) }

func (d linuxDir) Link(path string, follow bool, to Dir, newPath string) error {
	flags := 0
	if follow {
		flags = unix.AT_SYMLINK_FOLLOW
	}
	return unix.Linkat(d.fd(), path, to.(linuxDir).fd(), newPath, flags)
}

func (d linuxDir) Rename(path string, to Dir, newPath string) error {
	return unix.Renameat(d.fd(), path, to.(linuxDir).fd(), newPath)
}

func (d linuxDir) Symlink(target, path string) error { return unix.Symlinkat(target, d.fd(), path) }

func (d linuxDir) Readlink(path string) (string, error) {
	buf := make([]byte, 8192)
	n, err := unix.Readlinkat(d.fd(), path, buf)
	return string(buf[:max(n, 0)]), err
}

type linuxEntries struct {
	f    *os.File
	list []os.DirEntry
}

func (d linuxDir) ReadDir() (Entries, error) {
	fd, err := unix.Openat(d.fd(), ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), ".")
	defer f.Close()
	list, err := f.ReadDir(-1)
	return &linuxEntries{f, list}, err
}

func (e *linuxEntries) Close() error { return nil }

func (e *linuxEntries) Next() (Entry, error) {
	if len(e.list) == 0 {
		return Entry{}, io.EOF
	}
	next := e.list[0]
	e.list = e.list[1:]
	return Entry{next.Name(), kindOf(next.Type())}, nil
}

func (f linuxFile) ReadAt(p []byte, off int64) (int, error) { return f.f.ReadAt(p, off) }

func (f linuxFile) WriteAt(p []byte, off int64) (int, error) {
	if len(p) == 0 { // os.File asks nobody
		_, err := unix.Pwrite(f.fd(), p, off)
		return 0, err
	}
	return f.f.WriteAt(p, off)
}

func (f linuxFile) Append(p []byte) (int, error) {
	end, err := f.f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	return f.WriteAt(p, end)
}

// Truncate of a file that is not open for writing is EINVAL on Linux; here it is as any other write.
func (f linuxFile) Truncate(size uint64) error {
	flags, err := unix.FcntlInt(f.f.Fd(), unix.F_GETFL, 0)
	if err == nil && flags&unix.O_ACCMODE == unix.O_RDONLY {
		return unix.EBADF
	}
	if err != nil {
		return err
	}
	return f.f.Truncate(int64(size))
}

func (f linuxFile) Advise(_, _ uint64, _ Advice) error { return errors.ErrUnsupported }

func makeFIFO(path string) error { return unix.Mkfifo(path, 0o666) }
