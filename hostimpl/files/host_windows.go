package files

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/windows"
)

// hostDir is a directory of this machine, as far as os.Root takes it: what works relative to two directories, or does
// something to a symbolic link itself, is Unsupported. Between a look at a name and what is done with it another may
// come in its place, but nothing outside of the root, for which os.Root answers each time.
type hostDir struct {
	root *os.Root
	self *os.File // the same directory
}

func openHost(path string, _ HostOptions) (*hostDir, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return newHostDir(root)
}

func newHostDir(root *os.Root) (*hostDir, error) {
	self, err := root.Open(".")
	if err != nil {
		root.Close()
		return nil, err
	}
	return &hostDir{root: root, self: self}, nil
}

func (d *hostDir) Close() error {
	if err := d.self.Close(); err != nil {
		return hostError(err)
	}
	return hostError(d.root.Close())
}

func (d *hostDir) Info() (Info, error) { return handleInfo(d.self) }

// Sync implements Node. Windows has no such thing for a directory.
func (d *hostDir) Sync(bool) error {
	_, err := d.self.Stat()
	return hostError(err)
}

func (d *hostDir) SetTimes(accessed, modified Time) error {
	return d.SetTimesAt(".", true, accessed, modified)
}

// Open implements Dir.
func (d *hostDir) Open(path string, how OpenHow) (Node, error) {
	if how.Directory && (how.Create || how.Exclusive || how.Truncate) {
		return nil, Invalid
	}
	if err := CheckPath(path); err != nil {
		return nil, err
	}
	_, _, slash := split(path)
	if slash && how.Create {
		return nil, IsDirectory
	}
	if !how.Follow && !slash && d.isLink(path) && !(how.Create && how.Exclusive) {
		return nil, Loop
	}
	f, err := d.root.OpenFile(path, openFlags(how), 0o666)
	if err != nil {
		return nil, hostError(err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, hostError(err)
	}
	if !info.IsDir() {
		if how.Directory || slash {
			f.Close()
			return nil, NotDirectory
		}
		return &hostFile{f: f, readable: how.Read, writable: how.Write}, nil
	}
	f.Close()
	if how.Write || how.Truncate {
		return nil, IsDirectory
	}
	root, err := d.root.OpenRoot(path)
	if err != nil {
		return nil, hostError(err)
	}
	sub, err := newHostDir(root)
	if err != nil {
		return nil, hostError(err)
	}
	return sub, nil
}

func openFlags(how OpenHow) int {
	flags := os.O_RDONLY
	switch {
	case how.Read && (how.Write || how.Truncate):
		flags = os.O_RDWR
	case how.Write || how.Truncate:
		flags = os.O_WRONLY
	}
	if how.Create {
		flags |= os.O_CREATE
		if how.Exclusive {
			flags |= os.O_EXCL
		}
	}
	if how.Truncate {
		flags |= os.O_TRUNC
	}
	if how.SyncFile || how.SyncData || how.SyncRead {
		flags |= os.O_SYNC
	}
	return flags
}

func (d *hostDir) isLink(path string) bool {
	info, err := d.root.Lstat(path)
	return err == nil && info.Mode()&os.ModeSymlink != 0
}

// Stat implements Dir. What cannot be opened has no Device and Inode.
func (d *hostDir) Stat(path string, follow bool) (Info, error) {
	if err := CheckPath(path); err != nil {
		return Info{}, err
	}
	var info os.FileInfo
	var err error
	if follow {
		info, err = d.root.Stat(path)
	} else {
		info, err = d.root.Lstat(path)
	}
	if err != nil {
		return Info{}, hostError(err)
	}
	if _, _, slash := split(path); slash && !info.IsDir() {
		return Info{}, NotDirectory
	}
	if info.Mode()&os.ModeSymlink == 0 {
		if f, err := d.root.Open(path); err == nil {
			defer f.Close()
			return handleInfo(f)
		}
	}
	out := Info{Kind: kindOfMode(info.Mode()), Links: 1, Size: uint64(info.Size()), Modified: info.ModTime()}
	if a, ok := info.Sys().(*syscall.Win32FileAttributeData); ok {
		out.Accessed = time.Unix(0, a.LastAccessTime.Nanoseconds())
	}
	return out, nil
}

func handleInfo(f *os.File) (Info, error) {
	info, err := f.Stat()
	if err != nil {
		return Info{}, hostError(err)
	}
	out := Info{Kind: kindOfMode(info.Mode()), Links: 1, Size: uint64(info.Size()), Modified: info.ModTime()}
	var h windows.ByHandleFileInformation
	err = control(f, func(fd windows.Handle) error { return windows.GetFileInformationByHandle(fd, &h) })
	if err != nil {
		return Info{}, err
	}
	out.Links = uint64(h.NumberOfLinks)
	out.Accessed = time.Unix(0, h.LastAccessTime.Nanoseconds())
	out.Device = uint64(h.VolumeSerialNumber)
	out.Inode = uint64(h.FileIndexHigh)<<32 | uint64(h.FileIndexLow)
	return out, nil
}

func kindOfMode(mode os.FileMode) Kind {
	switch {
	case mode.IsRegular():
		return RegularFile
	case mode.IsDir():
		return Directory
	case mode&os.ModeSymlink != 0:
		return SymbolicLink
	case mode&os.ModeNamedPipe != 0:
		return FIFO
	case mode&os.ModeSocket != 0:
		return Socket
	case mode&os.ModeCharDevice != 0:
		return CharacterDevice
	case mode&os.ModeDevice != 0:
		return BlockDevice
	}
	return UnknownKind
}

// fileTimes gives times for os.Root.Chtimes and for SetFileTime, where the zero time stays as it is.
func fileTimes(accessed, modified Time) (ts [2]time.Time, err error) {
	for i, t := range [2]Time{accessed, modified} {
		switch {
		case !t.Set:
		case t.At.IsZero():
			ts[i] = time.Now()
		case t.At.Year() < 1601 || t.At.Year() > 2261: // what both a FILETIME and an int64 of nanoseconds can say
			return ts, Overflow
		default:
			ts[i] = t.At
		}
	}
	return ts, nil
}

// SetTimesAt implements Dir.
func (d *hostDir) SetTimesAt(path string, follow bool, accessed, modified Time) error {
	ts, err := fileTimes(accessed, modified)
	if err != nil {
		return err
	}
	if err := CheckPath(path); err != nil {
		return err
	}
	_, _, slash := split(path)
	info, err := d.root.Stat(path)
	switch {
	case !follow && !slash && d.isLink(path):
		return Unsupported
	case err != nil:
		return hostError(err)
	case slash && !info.IsDir():
		return NotDirectory
	}
	return hostError(d.root.Chtimes(path, ts[0], ts[1]))
}

// MakeDir implements Dir.
func (d *hostDir) MakeDir(path string) error {
	if err := CheckPath(path); err != nil {
		return err
	}
	return hostError(d.root.Mkdir(path, 0o777))
}

// RemoveDir implements Dir.
func (d *hostDir) RemoveDir(path string) error {
	info, err := d.removable(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return NotDirectory
	}
	return hostError(d.root.Remove(path))
}

// Unlink implements Dir.
func (d *hostDir) Unlink(path string) error {
	info, err := d.removable(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return IsDirectory
	}
	if _, _, slash := split(path); slash {
		return NotDirectory
	}
	return hostError(d.root.Remove(path))
}

func (d *hostDir) removable(path string) (os.FileInfo, error) {
	if err := CheckPath(path); err != nil {
		return nil, err
	}
	switch _, name, slash := split(path); {
	case name == ".":
		return nil, Invalid
	case slash && d.isLink(path[:len(path)-1]):
		return nil, NotDirectory
	}
	info, err := d.root.Lstat(path)
	return info, hostError(err)
}

// Link implements Dir.
func (d *hostDir) Link(path string, follow bool, to Dir, newPath string) error {
	if err := d.both(path, to, newPath); err != nil {
		return err
	}
	if follow && d.isLink(path) {
		return Unsupported
	}
	info, err := d.root.Lstat(path)
	switch {
	case err != nil:
		return hostError(err)
	case info.IsDir():
		return NotPermitted
	}
	return hostError(d.root.Link(path, newPath))
}

// Rename implements Dir.
func (d *hostDir) Rename(path string, to Dir, newPath string) error {
	if err := d.both(path, to, newPath); err != nil {
		return err
	}
	return hostError(d.root.Rename(path, newPath))
}

// both checks what concerns two names, which must be relative to the same directory.
func (d *hostDir) both(path string, to Dir, newPath string) error {
	other, ok := to.(*hostDir)
	if !ok {
		return CrossDevice
	}
	if err := CheckPath(path); err != nil {
		return err
	}
	if err := CheckPath(newPath); err != nil {
		return err
	}
	if other == d {
		return nil
	}
	a, err := d.self.Stat()
	if err != nil {
		return hostError(err)
	}
	b, err := other.self.Stat()
	if err != nil {
		return hostError(err)
	}
	if !os.SameFile(a, b) {
		return Unsupported
	}
	return nil
}

// Symlink implements Dir.
func (d *hostDir) Symlink(target, path string) error {
	if err := checkHostTarget(target); err != nil {
		return err
	}
	if err := CheckPath(path); err != nil {
		return err
	}
	return hostError(d.root.Symlink(target, path))
}

// Readlink implements Dir.
func (d *hostDir) Readlink(path string) (string, error) {
	if err := CheckPath(path); err != nil {
		return "", err
	}
	if info, err := d.root.Lstat(path); err == nil && info.Mode()&os.ModeSymlink == 0 {
		return "", Invalid
	}
	target, err := d.root.Readlink(path)
	if err != nil {
		return "", hostError(err)
	}
	if err := checkHostTarget(target); err != nil {
		return "", err
	}
	return target, nil
}

// ReadDir implements Dir.
func (d *hostDir) ReadDir() (Entries, error) {
	f, err := d.root.Open(".")
	if err != nil {
		return nil, hostError(err)
	}
	return &hostEntries{f: f}, nil
}

// hostEntries reads a directory in batches, so that what is kept does not grow with the directory.
type hostEntries struct {
	f     *os.File
	batch []os.DirEntry
}

func (e *hostEntries) Next() (Entry, error) {
	if len(e.batch) == 0 {
		batch, err := e.f.ReadDir(128)
		if len(batch) == 0 {
			if err == nil || errors.Is(err, io.EOF) {
				return Entry{}, io.EOF
			}
			return Entry{}, hostError(err)
		}
		e.batch = batch
	}
	entry := e.batch[0]
	e.batch = e.batch[1:]
	if !utf8.ValidString(entry.Name()) {
		return Entry{}, IllegalByteSequence
	}
	return Entry{Name: entry.Name(), Kind: kindOfMode(entry.Type())}, nil
}

func (e *hostEntries) Close() error { return hostError(e.f.Close()) }

// hostFile is an open file that is no directory.
type hostFile struct {
	f                  *os.File
	readable, writable bool
}

func (f *hostFile) Info() (Info, error) { return handleInfo(f.f) }

func (f *hostFile) Close() error { return hostError(f.f.Close()) }

func (f *hostFile) SetTimes(accessed, modified Time) error {
	ts, err := fileTimes(accessed, modified)
	if err != nil {
		return err
	}
	var ft [2]*windows.Filetime
	for i, t := range ts {
		if !t.IsZero() {
			v := windows.NsecToFiletime(t.UnixNano())
			ft[i] = &v
		}
	}
	return control(f.f, func(fd windows.Handle) error { return windows.SetFileTime(fd, nil, ft[0], ft[1]) })
}

// Sync implements Node. The system refuses it for a file that is not open for writing, which has nothing to keep.
func (f *hostFile) Sync(bool) error {
	if !f.writable {
		_, err := f.f.Stat()
		return hostError(err)
	}
	return hostError(f.f.Sync())
}

func (f *hostFile) ReadAt(p []byte, off int64) (int, error) {
	switch {
	case !f.readable:
		return 0, BadDescriptor
	case off < 0:
		return 0, Invalid
	}
	n, err := f.f.ReadAt(p, off)
	if err != nil && err != io.EOF {
		err = hostError(err)
	}
	return n, err
}

func (f *hostFile) WriteAt(p []byte, off int64) (int, error) {
	switch {
	case !f.writable:
		return 0, BadDescriptor
	case off < 0:
		return 0, Invalid
	}
	n, err := f.f.WriteAt(p, off)
	return n, hostError(err)
}

// Append implements File. The position of all ones is the end of the file to WriteFile.
func (f *hostFile) Append(p []byte) (int, error) {
	if !f.writable {
		return 0, BadDescriptor
	}
	done := 0
	for done < len(p) {
		var n uint32
		end := &windows.Overlapped{Offset: 1<<32 - 1, OffsetHigh: 1<<32 - 1}
		part := p[done:min(len(p), done+1<<30)]
		err := control(f.f, func(fd windows.Handle) error { return windows.WriteFile(fd, part, &n, end) })
		done += int(n)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

func (f *hostFile) Truncate(size uint64) error {
	switch {
	case !f.writable:
		return BadDescriptor
	case int64(size) < 0:
		return FileTooLarge
	}
	return hostError(f.f.Truncate(int64(size)))
}

// Advise implements File. There is nothing to tell the system.
func (f *hostFile) Advise(off, size uint64, a Advice) error {
	if int64(off) < 0 || int64(size) < 0 || a > NoReuse {
		return Invalid
	}
	_, err := f.f.Stat()
	return hostError(err)
}

// control does something with the handle of a file, which is not closed meanwhile.
func control(f *os.File, do func(windows.Handle) error) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return hostError(err)
	}
	var done error
	if err := conn.Control(func(fd uintptr) { done = do(windows.Handle(fd)) }); err != nil {
		return BadDescriptor // it is closed
	}
	return hostError(done)
}

// hostError takes what concerns the host alone from an error. One of os.Root that is none of the system's says that the
// path leads out: that error has no name.
func hostError(err error) error {
	var errno syscall.Errno
	switch {
	case err == nil:
		return nil
	case errors.As(err, &errno):
		return errno
	case errors.Is(err, os.ErrClosed):
		return BadDescriptor
	}
	return NotPermitted
}
