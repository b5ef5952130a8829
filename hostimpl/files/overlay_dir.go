package files

import (
	"io"
	"sync/atomic"
)

// An overDir is an open directory of an overlay.
type overDir struct {
	n      *overNode
	closed atomic.Bool
}

// openDir assumes the lock of the overlay.
func (n *overNode) openDir() *overDir { return &overDir{n: n.hold()} }

// call does what a call is for, with the lock.
func (d *overDir) call(do func() error) error {
	d.n.o.mu.Lock()
	defer d.n.o.mu.Unlock()
	if d.closed.Load() {
		return BadDescriptor
	}
	return do()
}

// An overSpot is where a path leads. The directory is held, and is reached when nothing else was since.
type overSpot = spot[*overNode, *overStep]

// find finds what path names, and calls do with it.
func (d *overDir) find(path string, how last, do func(overSpot) error) error {
	return d.call(func() error {
		s, err := existing(overTree{}, d.n, path, how)
		if err != nil {
			return err
		}
		defer s.dir.hold().release()
		if err := s.dir.reach(); err != nil {
			return err
		}
		return do(s)
	})
}

// name finds a name to make, remove or move. What it stands for is to be looked up.
func (d *overDir) name(path string, dot ErrorCode, do func(overSpot) error) error {
	return d.spot(path, func(s overSpot) error {
		switch {
		case s.name == "" && s.up && dot == Invalid:
			return NotEmpty
		case s.name == "":
			return dot
		}
		return do(s)
	})
}

// spot finds where the last name of a path is.
func (d *overDir) spot(path string, do func(overSpot) error) error {
	s, err := resolve(overTree{}, d.n, path, lastNamed)
	if err != nil {
		return err
	}
	defer s.dir.hold().release()
	return do(s)
}

// thing is name, and looks up what it stands for.
func (d *overDir) thing(path string, dot ErrorCode, do func(overSpot) error) error {
	return d.name(path, dot, func(s overSpot) error {
		if err := overLook(&s); err != nil {
			return err
		}
		return do(s)
	})
}

// overLook looks up what a name stands for, if anything.
func overLook(s *overSpot) (err error) {
	s.at, err = overTree{}.lookup(s.dir, s.name)
	s.found = err == nil
	if err != nil && CodeOf(err) == NoEntry {
		return nil
	}
	return err
}

// vacant finds where something that is no directory can be made, and sees that upper has the directory.
func (d *overDir) vacant(path string, do func(overSpot) error) error {
	return d.thing(path, Exist, func(s overSpot) error {
		switch {
		case s.found:
			return Exist
		case s.slash:
			return NoEntry
		}
		if err := s.dir.copyDir(); err != nil {
			return err
		}
		return do(s)
	})
}

func (d *overDir) Close() error {
	if d.closed.Swap(true) {
		return BadDescriptor
	}
	d.n.o.mu.Lock()
	defer d.n.o.mu.Unlock()
	d.n.release()
	return nil
}

func (d *overDir) Info() (i Info, err error) {
	err = d.call(func() error {
		if err := d.n.reach(); err != nil {
			return err
		}
		i, err = d.n.info()
		return err
	})
	return i, err
}

func (d *overDir) SetTimes(accessed, modified Time) error {
	return d.call(func() error { return d.n.setTimes(accessed, modified) })
}

func (n *overNode) setTimes(accessed, modified Time) error {
	if !n.removed {
		if err := n.copyDir(); err != nil {
			return err
		}
	}
	if n.upper == nil {
		return ReadOnly
	}
	return n.upper.SetTimes(accessed, modified)
}

func (d *overDir) Sync(dataOnly bool) error {
	return d.call(func() error {
		if err := d.n.reach(); err != nil || d.n.upper == nil {
			return err
		}
		return d.n.upper.Sync(dataOnly)
	})
}

func (d *overDir) Stat(path string, follow bool) (i Info, err error) {
	err = d.find(path, following(follow), func(s overSpot) error {
		if s.found {
			i = s.at.told()
			return nil
		}
		i, err = s.dir.info()
		return err
	})
	return i, err
}

func (d *overDir) SetTimesAt(path string, follow bool, accessed, modified Time) error {
	return d.find(path, following(follow), func(s overSpot) error {
		n := s.dir
		switch {
		case !s.found:
		case s.at.kind() == Directory:
			n = s.at.dir()
		default:
			if err := s.at.copy(true); err != nil {
				return err
			}
			return s.dir.upper.SetTimesAt(s.name, false, accessed, modified)
		}
		defer n.hold().release()
		return n.setTimes(accessed, modified)
	})
}

func (d *overDir) Readlink(path string) (target string, err error) {
	err = d.find(path, lastStays, func(s overSpot) error {
		if !s.found || s.at.kind() != SymbolicLink {
			return Invalid
		}
		target, err = s.at.target()
		return err
	})
	return target, err
}

func (d *overDir) Open(path string, how OpenHow) (n Node, err error) {
	l, err := how.last()
	if err != nil {
		return nil, err
	}
	err = d.call(func() error {
		s, err := resolve(overTree{}, d.n, path, l)
		if err != nil {
			return err
		}
		defer s.dir.hold().release()
		if err := s.dir.reach(); err != nil {
			return err
		}
		n, err = s.dir.o.open(s, how)
		return err
	})
	return n, err
}

func (o *overlay) open(s overSpot, how OpenHow) (Node, error) {
	switch {
	case s.name == "":
		if err := how.check(Directory); err != nil {
			return nil, err
		}
		return s.dir.openDir(), nil
	case !s.found && how.Create:
		return o.create(s, how)
	case !s.found:
		return nil, NoEntry
	}
	if err := how.check(s.at.kind()); err != nil {
		return nil, err
	}
	// What the walk has found is opened whatever there was at the end of the path.
	how.Create, how.Exclusive, how.Follow = false, false, false
	switch kind := s.at.kind(); {
	case kind == Directory:
		n := s.at.dir()
		if err := n.reach(); err != nil {
			return nil, err
		}
		return n.openDir(), nil
	case kind != RegularFile && s.at.inUpper:
		return s.dir.upper.Open(s.name, how)
	case kind != RegularFile:
		return s.dir.lower.Open(s.name, how)
	case !s.at.inUpper && !how.Write && !how.Truncate:
		f, err := s.at.openLower()
		if err != nil {
			return nil, err
		}
		return f.handle(how), nil
	}
	if err := s.at.copy(!how.Truncate); err != nil {
		return nil, err
	}
	return s.at.openUpper(how)
}

// create makes a file.
func (o *overlay) create(s overSpot, how OpenHow) (Node, error) {
	if err := s.dir.copyDir(); err != nil {
		return nil, err
	}
	how.Exclusive, how.Follow = true, false
	upper, err := openRegular(s.dir.upper, s.name, how)
	if err != nil {
		return nil, err
	}
	i, err := upper.Info()
	if err != nil {
		upper.Close()
		return nil, err
	}
	f := &overFile{o: o, upper: upper, inode: identityOf(i).number()}
	return f.handle(how), nil
}

// openUpper opens a file of upper.
func (s *overStep) openUpper(how OpenHow) (Node, error) {
	upper, err := openRegular(s.in.upper, s.name, how)
	if err != nil {
		return nil, err
	}
	f := &overFile{o: s.in.o, upper: upper, inode: s.inode()}
	return f.handle(how), nil
}

func (d *overDir) MakeDir(path string) error {
	return d.call(func() error {
		return d.thing(path, Exist, func(s overSpot) error {
			if s.found {
				return Exist
			}
			if err := s.dir.copyDir(); err != nil {
				return err
			}
			return s.dir.upper.MakeDir(s.name)
		})
	})
}

func (d *overDir) Symlink(target, path string) error {
	if err := checkTarget(target); err != nil {
		return err
	}
	return d.call(func() error {
		return d.vacant(path, func(s overSpot) error { return s.dir.upper.Symlink(target, s.name) })
	})
}

func (d *overDir) RemoveDir(path string) error {
	return d.call(func() error {
		return d.thing(path, Invalid, func(s overSpot) error {
			switch {
			case !s.found:
				return NoEntry
			case s.at.kind() != Directory:
				return NotDirectory
			}
			n := s.at.dir().hold()
			defer n.release()
			if err := n.empty(); err != nil {
				return err
			}
			err := s.at.remove(func(upper Dir) error { return upper.RemoveDir(s.name) })
			if err == nil {
				n.cutOff()
			}
			return err
		})
	})
}

// empty is NotEmpty if there is anything in a directory. It leaves n reached.
func (n *overNode) empty() error {
	if err := n.reach(); err != nil {
		return err
	}
	for _, layer := range []Dir{n.upper, n.lower} {
		if layer == nil {
			continue
		}
		list, err := layer.ReadDir()
		if err != nil {
			return err
		}
		e, err := list.Next()
		for err == nil && layer == n.lower {
			if _, hidden := n.hidden[e.Name]; !hidden {
				break
			}
			e, err = list.Next()
		}
		list.Close()
		switch {
		case err == nil:
			return NotEmpty
		case err != io.EOF:
			return err
		}
	}
	return nil
}

// cutOff is called when a directory is removed that may still be open.
func (n *overNode) cutOff() {
	n.removed, n.hidden = true, nil
	if n.up.kids[n.name] == n {
		delete(n.up.kids, n.name)
	}
}

// remove takes away a name, of upper with the given call.
func (s *overStep) remove(fromUpper func(Dir) error) error {
	if err := s.in.copyDir(); err != nil {
		return err
	}
	_, below, err := s.in.below(s.name)
	switch {
	case err != nil:
		return err
	case s.inUpper:
		err = fromUpper(s.in.upper)
	default:
		err = s.in.upper.SetTimes(Time{}, Time{Set: true})
	}
	if err != nil {
		return err
	}
	if below {
		s.in.hide(s.name)
	}
	s.lost()
	return nil
}

// lost forgets the inode of a copy that has no name any more.
func (s *overStep) lost() {
	if s.inUpper && s.top.Links <= 1 {
		delete(s.in.o.copies, identityOf(s.top))
	}
}

func (d *overDir) Unlink(path string) error {
	return d.call(func() error {
		return d.thing(path, IsDirectory, func(s overSpot) error {
			switch {
			case !s.found:
				return NoEntry
			case s.at.kind() == Directory:
				return IsDirectory
			case s.slash:
				return NotDirectory
			}
			return s.at.remove(func(upper Dir) error { return upper.Unlink(s.name) })
		})
	})
}
