//go:build unix

package files

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// place is where a path leads to: a name in a directory. The name has no slash, and is not ".."; so whatever a system
// call does with the name in dir, and without following a link, it does in dir. That dir is within the root is what
// os.Root answers for: it opens a path name by name, each without following a link, goes on with the target of a link
// as with any path, and starts anew from the root at "..".
type place struct {
	d      *hostDir
	parent string   // the path of dir
	dir    int      // d's own descriptor, or one that is closed with the place:
	deeper *os.File // of this file, if os.Root opened it,
	quick  bool     // or of nothing else
	name   string
	slash  bool // the path ends with one
	up     bool // the path ends with ".."; the name is then "."
	links  int  // how many were followed
}

// find gives the place of a path. The caller releases it.
func (d *hostDir) find(path string) (place, error) {
	if err := checkPath(path, d.options.AnyNames); err != nil {
		return place{}, err
	}
	fd, err := d.own.acquire()
	if err != nil {
		return place{}, err
	}
	p := place{d: d, dir: fd}
	if err := p.set(path); err != nil {
		p.release()
		return place{}, err
	}
	return p, nil
}

// set makes p the place of a path. It is on the way, p being acquired.
func (p *place) set(path string) error {
	parent, name, slash := split(path)
	up := name == ".."
	if up {
		parent, name = path, "."
	}
	p.parent, p.name, p.slash, p.up = parent, name, slash, up
	p.leave()
	if parent == "" {
		return nil
	}
	if fd, ok := openBeneath(p.dir, parent); ok {
		p.dir, p.quick = fd, true
		return nil
	}
	// O_NONBLOCK keeps package os from asking the poller twice; a directory is always ready.
	f, err := p.d.root.OpenFile(parent, searchFlags|unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
	if err != nil {
		return rootError(err)
	}
	p.deeper = f
	p.dir = int(f.Fd())
	return nil
}

func (p *place) release() {
	p.leave()
	p.d.own.release()
}

// leave goes back to the directory that the path was given to.
func (p *place) leave() {
	if p.quick {
		unix.Close(p.dir)
	}
	if p.deeper != nil {
		p.deeper.Close()
	}
	p.dir, p.deeper, p.quick = p.d.own.fd, nil, false
}

// path gives a path that leads here.
func (p *place) path() string { return join(p.parent, p.name) }

// readlink gives the target, if the name is that of a symbolic link.
func (p *place) readlink() (string, bool) {
	target, err := readlinkat(p.dir, p.name)
	return target, err == nil
}

// follow goes on to the target of the link that is here.
func (p *place) follow(target string) error {
	p.links++
	if p.links > hostLinks {
		return Loop
	}
	if rooted(target) {
		return NotPermitted
	}
	path := join(p.parent, target)
	if len(path) > hostLinks*maxPath {
		return NameTooLong
	}
	if p.slash {
		path += "/"
	}
	return p.set(path)
}

// stat tells what is here. It goes on to where a link leads if follow says so, or if only a directory will do.
func (p *place) stat(follow bool) (unix.Stat_t, error) {
	var st unix.Stat_t
	for range maxAttempts {
		if err := p.lstat(&st); err != nil {
			return st, err
		}
		if uint32(st.Mode)&unix.S_IFMT != unix.S_IFLNK {
			if p.slash && uint32(st.Mode)&unix.S_IFMT != unix.S_IFDIR {
				return st, NotDirectory
			}
			return st, nil
		}
		if !follow && !p.slash {
			return st, nil
		}
		target, ok := p.readlink()
		if !ok {
			continue // it was one
		}
		if err := p.follow(target); err != nil {
			return st, err
		}
	}
	return st, Busy
}

func (p *place) lstat(st *unix.Stat_t) error {
	for {
		err := unix.Fstatat(p.dir, p.name, st, unix.AT_SYMLINK_NOFOLLOW)
		if err != unix.EINTR {
			return err
		}
	}
}

func (p *place) mustBeDirectory() error {
	var st unix.Stat_t
	if err := p.lstat(&st); err != nil {
		return err
	}
	if uint32(st.Mode)&unix.S_IFMT != unix.S_IFDIR {
		return NotDirectory
	}
	return nil
}

// taken is the answer to a name with a slash for something that is no directory.
func (p *place) taken() error {
	var st unix.Stat_t
	if err := p.lstat(&st); err != nil {
		return err
	}
	return Exist
}

// errChanged is for what has to be looked at once more, since a name changed meanwhile. Nobody outside sees it.
var errChanged = errors.New("a name changed")

// rootError takes what concerns the host alone from an error of os.Root. One that is none of the system's says that the
// path leads out: that error has no name.
func rootError(err error) error {
	var errno syscall.Errno
	switch {
	case errors.As(err, &errno):
		return errno
	case errors.Is(err, os.ErrClosed):
		return BadDescriptor
	}
	return NotPermitted
}

func openat(dir int, name string, flags int, mode uint32) (int, error) {
	for {
		fd, err := unix.Openat(dir, name, flags, mode)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

func readlinkat(dir int, name string) (string, error) {
	var buf [maxPath + 1]byte
	n, err := unix.Readlinkat(dir, name, buf[:])
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}

func unlinkFile(p *place) error { return unix.Unlinkat(p.dir, p.name, 0) }
