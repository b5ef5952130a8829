//go:build unix

package files

import (
	"io"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// hostDir is a directory of this machine. What resolves a path is os.Root; what is done with the last name of it is done
// by the *at system calls, on a descriptor of the directory that the name is in.
type hostDir struct {
	own     descriptor // for the *at system calls
	root    *os.Root   // the same directory, for what lies deeper
	options HostOptions
}

func openHost(path string, options HostOptions) (*hostDir, error) {
	// A pipe in place of a directory would keep OpenRoot waiting for a writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &os.PathError{Op: "open", Path: path, Err: syscall.ENOTDIR}
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	f, err := root.OpenFile(".", unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
	if err != nil {
		root.Close()
		return nil, err
	}
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		root.Close()
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return &hostDir{own: descriptor{fd: fd}, root: root, options: options}, nil
}

func (d *hostDir) anyNames() bool { return d.options.AnyNames }

func (d *hostDir) Close() error {
	err := d.own.close()
	d.root.Close() // which never fails, and can be done again
	return err
}

func (d *hostDir) Info() (Info, error)                    { return d.own.info() }
func (d *hostDir) SetTimes(accessed, modified Time) error { return d.own.setTimes(accessed, modified) }
func (d *hostDir) Sync(dataOnly bool) error               { return d.own.sync(dataOnly) }

// Open implements Dir.
func (d *hostDir) Open(path string, how OpenHow) (Node, error) {
	if how.Directory && (how.Create || how.Exclusive || how.Truncate) {
		return nil, Invalid // the file that would be made is none
	}
	for range maxAttempts {
		n, err := d.open(path, how)
		if err != errChanged {
			return n, err
		}
	}
	return nil, Busy
}

func (d *hostDir) open(path string, how OpenHow) (Node, error) {
	p, err := d.find(path)
	if err != nil {
		return nil, err
	}
	defer p.release()
	flags := openFlags(how)
	for {
		if p.slash {
			how.Follow = true
			how.Directory = true
			flags |= unix.O_DIRECTORY
			switch {
			case how.Create && how.Exclusive && p.name == ".":
				return nil, Exist
			case how.Create:
				return nil, IsDirectory // as Linux answers, whatever there is
			}
		}
		// O_NOFOLLOW, and a name without a slash: what is opened is in the directory. O_NONBLOCK, because a pipe without
		// a writer would keep the caller waiting; regular files and directories know nothing of it.
		fd, err := openat(p.dir, p.name, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0o666)
		if err == nil {
			return d.opened(fd, &p, how)
		}
		if err != unix.ELOOP && err != unix.ENOTDIR && err != unix.EMLINK {
			return nil, err
		}
		target, isLink := p.readlink()
		switch {
		case !isLink && err == unix.ENOTDIR:
			return nil, err
		case !isLink:
			return nil, errChanged // it was one
		case !how.Follow:
			return nil, Loop
		}
		if err := p.follow(target); err != nil {
			return nil, err
		}
	}
}

// opened makes a node of a descriptor.
func (d *hostDir) opened(fd int, p *place, how OpenHow) (Node, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		unix.Close(fd)
		return nil, err
	}
	if uint32(st.Mode)&unix.S_IFMT != unix.S_IFDIR {
		return &hostFile{descriptor: descriptor{fd: fd}, readable: how.Read, writable: how.Write}, nil
	}
	root, err := d.rootOf(p, &st)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &hostDir{own: descriptor{fd: fd}, root: root, options: d.options}, nil
}

// rootOf opens the directory, of which there is a descriptor already, once more, as the root of what it contains. By
// the second time the name may be another directory's, though one within the root.
func (d *hostDir) rootOf(p *place, st *unix.Stat_t) (*os.Root, error) {
	root, err := d.root.OpenRoot(p.path())
	if err != nil {
		return nil, rootError(err)
	}
	info, err := root.Stat(".")
	if err != nil {
		root.Close()
		return nil, rootError(err)
	}
	again := info.Sys().(*syscall.Stat_t)
	if uint64(again.Dev) != uint64(st.Dev) || uint64(again.Ino) != uint64(st.Ino) {
		root.Close()
		return nil, errChanged
	}
	return root, nil
}

func openFlags(how OpenHow) int {
	flags := unix.O_RDONLY
	switch {
	case how.Read && (how.Write || how.Truncate):
		flags = unix.O_RDWR
	case how.Write || how.Truncate: // what O_TRUNC does to a file open for reading is not said
		flags = unix.O_WRONLY
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
	}
	if how.SyncData {
		flags |= dataSyncFlag
	}
	if how.SyncFile || how.SyncRead {
		flags |= unix.O_SYNC
	}
	return flags
}

// Stat implements Dir.
func (d *hostDir) Stat(path string, follow bool) (Info, error) {
	p, err := d.find(path)
	if err != nil {
		return Info{}, err
	}
	defer p.release()
	st, err := p.stat(follow)
	if err != nil {
		return Info{}, err
	}
	return infoOf(&st), nil
}

// SetTimesAt implements Dir.
func (d *hostDir) SetTimesAt(path string, follow bool, accessed, modified Time) error {
	ts, err := timespecs(accessed, modified)
	if err != nil {
		return err
	}
	p, err := d.find(path)
	if err != nil {
		return err
	}
	defer p.release()
	if _, err := p.stat(follow); err != nil {
		return err
	}
	// The last link is not followed: what gets the times is in the directory, be it a link that just came to be there.
	return unix.UtimesNanoAt(p.dir, p.name, ts[:], unix.AT_SYMLINK_NOFOLLOW)
}

// MakeDir implements Dir.
func (d *hostDir) MakeDir(path string) error {
	p, err := d.find(path)
	if err != nil {
		return err
	}
	defer p.release()
	// mkdir follows no link in place of the name: that is EEXIST.
	return unix.Mkdirat(p.dir, p.name, 0o777)
}

// RemoveDir implements Dir.
func (d *hostDir) RemoveDir(path string) error {
	p, err := d.find(path)
	if err != nil {
		return err
	}
	defer p.release()
	if p.up {
		return NotEmpty
	}
	// rmdir follows no link in place of the name: that is ENOTDIR.
	err = unix.Unlinkat(p.dir, p.name, unix.AT_REMOVEDIR)
	if err == unix.EEXIST {
		return NotEmpty // POSIX allows either
	}
	return err
}

// Unlink implements Dir.
func (d *hostDir) Unlink(path string) error {
	p, err := d.find(path)
	if err != nil {
		return err
	}
	defer p.release()
	if p.slash {
		if err := p.mustBeDirectory(); err != nil {
			return err
		}
		return IsDirectory
	}
	// unlink removes a link and does not follow it. Where it could remove a directory, which is for the superuser of
	// some systems, it must not.
	err = unlinkFile(&p)
	if err == unix.EPERM && p.mustBeDirectory() == nil {
		return IsDirectory
	}
	return err
}

// Link implements Dir.
func (d *hostDir) Link(path string, follow bool, to Dir, newPath string) error {
	other, ok := to.(*hostDir)
	if !ok {
		return CrossDevice
	}
	p, err := d.find(path)
	if err != nil {
		return err
	}
	defer p.release()
	if _, err := p.stat(follow); err != nil {
		return err
	}
	q, err := other.find(newPath)
	if err != nil {
		return err
	}
	defer q.release()
	if q.slash {
		return q.taken()
	}
	// Without AT_SYMLINK_FOLLOW a link gets another name, and not what it leads to.
	return unix.Linkat(p.dir, p.name, q.dir, q.name, 0)
}

// Rename implements Dir.
func (d *hostDir) Rename(path string, to Dir, newPath string) error {
	other, ok := to.(*hostDir)
	if !ok {
		return CrossDevice
	}
	p, err := d.find(path)
	if err != nil {
		return err
	}
	defer p.release()
	q, err := other.find(newPath)
	if err != nil {
		return err
	}
	defer q.release()
	if p.name == "." || q.name == "." {
		return Busy // as POSIX has it, whatever the other name is
	}
	if p.slash || q.slash {
		if err := p.mustBeDirectory(); err != nil {
			return err
		}
	}
	// rename moves a link, or replaces it, and does not follow it.
	return unix.Renameat(p.dir, p.name, q.dir, q.name)
}

// Symlink implements Dir.
func (d *hostDir) Symlink(target, path string) error {
	if err := checkHostTarget(target); err != nil {
		return err
	}
	p, err := d.find(path)
	if err != nil {
		return err
	}
	defer p.release()
	if p.slash {
		return p.taken()
	}
	return unix.Symlinkat(target, p.dir, p.name)
}

// Readlink implements Dir.
func (d *hostDir) Readlink(path string) (string, error) {
	p, err := d.find(path)
	if err != nil {
		return "", err
	}
	defer p.release()
	if p.slash {
		if _, err := p.stat(true); err != nil {
			return "", err
		}
		return "", Invalid // a directory is no link
	}
	target, err := readlinkat(p.dir, p.name)
	if err != nil {
		return "", err
	}
	if err := checkHostTarget(target); err != nil {
		return "", err
	}
	return target, nil
}

// ReadDir implements Dir.
func (d *hostDir) ReadDir() (Entries, error) {
	fd, err := d.own.acquire()
	if err != nil {
		return nil, err
	}
	defer d.own.release()
	// A descriptor of its own has a position of its own. "." of a directory is the directory.
	own, err := openat(fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return newEntries(own), nil
}

// hostFile is an open file that is no directory.
type hostFile struct {
	descriptor
	appending          appending
	readable, writable bool
}

func (f *hostFile) Info() (Info, error)                    { return f.info() }
func (f *hostFile) SetTimes(accessed, modified Time) error { return f.setTimes(accessed, modified) }
func (f *hostFile) Sync(dataOnly bool) error               { return f.sync(dataOnly) }
func (f *hostFile) Close() error                           { return f.close() }

// ReadAt implements File. A pipe, a terminal and whatever else has no positions answers ESPIPE to pread, and waits for
// nobody.
func (f *hostFile) ReadAt(p []byte, off int64) (int, error) {
	fd, err := f.acquire()
	if err != nil {
		return 0, err
	}
	defer f.release()
	if !f.readable {
		return 0, BadDescriptor
	}
	if off < 0 {
		return 0, Invalid
	}
	done := 0
	for done < len(p) {
		n, err := unix.Pread(fd, p[done:], off+int64(done))
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return done, err
		}
		if n == 0 {
			return done, io.EOF
		}
		done += n
	}
	return done, nil
}

// WriteAt implements File.
func (f *hostFile) WriteAt(p []byte, off int64) (int, error) {
	fd, err := f.acquire()
	if err != nil {
		return 0, err
	}
	defer f.release()
	if !f.writable {
		return 0, BadDescriptor
	}
	if off < 0 {
		return 0, Invalid
	}
	return f.appending.writeAt(fd, p, off)
}

// Append implements File.
func (f *hostFile) Append(p []byte) (int, error) {
	fd, err := f.acquire()
	if err != nil {
		return 0, err
	}
	defer f.release()
	if !f.writable {
		return 0, BadDescriptor
	}
	return f.appending.append(fd, p)
}

// Truncate implements File.
func (f *hostFile) Truncate(size uint64) error {
	fd, err := f.acquire()
	if err != nil {
		return err
	}
	defer f.release()
	if !f.writable {
		return BadDescriptor
	}
	if int64(size) < 0 {
		return FileTooLarge
	}
	for {
		err := unix.Ftruncate(fd, int64(size))
		if err != unix.EINTR {
			return err
		}
	}
}

// Advise implements File.
func (f *hostFile) Advise(off, size uint64, a Advice) error {
	fd, err := f.acquire()
	if err != nil {
		return err
	}
	defer f.release()
	if int64(off) < 0 || int64(size) < 0 || a > NoReuse {
		return Invalid
	}
	return advise(fd, int64(off), int64(size), a)
}

// join gives the path that a link's target stands for, if the link is in parent.
func join(parent, target string) string {
	if parent == "" {
		return target
	}
	var b strings.Builder
	b.Grow(len(parent) + 1 + len(target))
	b.WriteString(parent)
	b.WriteByte('/')
	b.WriteString(target)
	return b.String()
}
