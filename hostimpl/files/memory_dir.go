package files

import (
	"io"
	"sync/atomic"
)

// A memDir is an open directory of a Memory.
type memDir struct {
	n      *memNode
	closed atomic.Bool
}

// openDir assumes that names is held.
func (n *memNode) openDir() *memDir {
	n.opens.Add(1)
	return &memDir{n: n}
}

// read lets do look at names.
func (d *memDir) read(do func() error) error {
	d.n.m.names.RLock()
	defer d.n.m.names.RUnlock()
	if d.closed.Load() {
		return BadDescriptor
	}
	return do()
}

// change lets do change names.
func (d *memDir) change(do func() error) error {
	d.n.m.names.Lock()
	defer d.n.m.names.Unlock()
	if d.closed.Load() {
		return BadDescriptor
	}
	return do()
}

// node finds what path names.
func (d *memDir) node(path string, how last) (*memNode, error) {
	s, err := existing(memTree{}, d.n, path, how)
	if err != nil {
		return nil, err
	}
	return nodeAt(s), nil
}

func nodeAt(s spot[*memNode, *memNode]) *memNode {
	if s.found {
		return s.at
	}
	return s.dir
}

// following says what is done with a link at the end of a path.
func following(yes bool) last {
	if yes {
		return lastFollows
	}
	return lastStays
}

func (d *memDir) Close() error {
	if d.closed.Swap(true) {
		return BadDescriptor
	}
	d.n.close()
	return nil
}

func (d *memDir) Info() (i Info, err error) {
	err = d.read(func() error {
		i = d.n.info()
		return nil
	})
	return i, err
}

func (d *memDir) SetTimes(accessed, modified Time) error {
	return d.read(func() error {
		d.n.setTimes(accessed, modified)
		return nil
	})
}

// Sync has nothing to wait for.
func (d *memDir) Sync(bool) error {
	return d.read(func() error { return nil })
}

func (d *memDir) Stat(path string, follow bool) (i Info, err error) {
	err = d.read(func() error {
		n, err := d.node(path, following(follow))
		if err == nil {
			i = n.info()
		}
		return err
	})
	return i, err
}

func (d *memDir) SetTimesAt(path string, follow bool, accessed, modified Time) error {
	return d.read(func() error {
		n, err := d.node(path, following(follow))
		if err == nil {
			n.setTimes(accessed, modified)
		}
		return err
	})
}

func (d *memDir) Readlink(path string) (target string, err error) {
	err = d.read(func() error {
		n, err := d.node(path, lastStays)
		switch {
		case err != nil:
			return err
		case n.what != SymbolicLink:
			return Invalid
		}
		target = n.link
		return nil
	})
	return target, err
}

func (d *memDir) Open(path string, how OpenHow) (node Node, err error) {
	hold := d.read
	if how.Create {
		hold = d.change
	}
	err = hold(func() error {
		n, err := d.toOpen(path, how)
		switch {
		case err != nil:
			return err
		case n.what == Directory:
			node = n.openDir()
			return nil
		}
		f := n.openFile(how.Read, how.Write)
		if how.Truncate {
			n.truncate()
		}
		node = f
		return nil
	})
	return node, err
}

// toOpen finds or makes what is opened.
func (d *memDir) toOpen(path string, how OpenHow) (*memNode, error) {
	l, err := how.last()
	if err != nil {
		return nil, err
	}
	s, err := resolve(memTree{}, d.n, path, l)
	switch {
	case err != nil:
		return nil, err
	case s.name == "":
		return s.dir, how.check(Directory)
	case s.found:
		return s.at, how.check(s.at.what)
	case !how.Create:
		return nil, NoEntry
	}
	return d.add(s.dir, s.name, RegularFile, "")
}

// last says how a path is resolved that is opened like this.
func (h OpenHow) last() (last, error) {
	switch {
	case h.Create && h.Directory:
		return 0, Invalid
	case h.Create && h.Follow && !h.Exclusive:
		return lastMadeFollowed, nil
	case h.Create:
		return lastMade, nil
	}
	return following(h.Follow), nil
}

// check says what keeps something that exists from being opened like this. The order is that of Linux.
func (h OpenHow) check(k Kind) error {
	switch {
	case h.Create && h.Exclusive:
		return Exist
	case h.Create && k == Directory:
		return IsDirectory
	case h.Directory && k != Directory:
		return NotDirectory
	case k == SymbolicLink:
		return Loop
	case k == Directory && (h.Write || h.Truncate):
		return IsDirectory
	}
	return nil
}

func (n *memNode) truncate() {
	n.mu.Lock()
	n.content.truncate(0)
	n.mu.Unlock()
	n.touch(true)
}

// add makes something new.
func (d *memDir) add(in *memNode, name string, what Kind, target string) (*memNode, error) {
	n, err := d.n.m.newNode(what)
	if err != nil {
		return nil, err
	}
	if !d.n.m.space.bytes.take(int64(len(target))) {
		n.drop()
		return nil, InsufficientSpace
	}
	n.link = target
	if err := in.room(name, 0); err != nil {
		n.drop()
		return nil, err
	}
	in.put(name, n)
	return n, nil
}

// lookUp finds what a name that naming found stands for, if anything.
func lookUp(s spot[*memNode, *memNode]) (*memNode, error) {
	n, err := memTree{}.lookup(s.dir, s.name)
	if err == NoEntry {
		return nil, nil
	}
	return n, err
}

func (d *memDir) MakeDir(path string) error {
	return d.change(func() error {
		s, err := naming(memTree{}, d.n, path, Exist)
		if err != nil {
			return err
		}
		n, err := lookUp(s)
		switch {
		case err != nil:
			return err
		case n != nil:
			return Exist
		}
		_, err = d.add(s.dir, s.name, Directory, "")
		return err
	})
}

func (d *memDir) Symlink(target, path string) error {
	if err := checkTarget(target); err != nil {
		return err
	}
	return d.change(func() error {
		s, err := vacant(d.n, path)
		if err != nil {
			return err
		}
		_, err = d.add(s.dir, s.name, SymbolicLink, target)
		return err
	})
}

// vacant finds where something that is no directory can be made.
func vacant(base *memNode, path string) (spot[*memNode, *memNode], error) {
	s, err := naming(memTree{}, base, path, Exist)
	if err != nil {
		return s, err
	}
	n, err := lookUp(s)
	switch {
	case err != nil:
		return s, err
	case n != nil:
		return s, Exist
	case s.slash:
		return s, NoEntry
	}
	return s, nil
}

// checkTarget says what no symbolic link can have as its target.
func checkTarget(target string) error {
	if err := checkText(target); err != nil {
		return err
	}
	if target[0] == '/' {
		return NotPermitted
	}
	return nil
}

func (d *memDir) RemoveDir(path string) error {
	return d.change(func() error {
		s, err := naming(memTree{}, d.n, path, Invalid)
		switch {
		case err == Invalid && s.up:
			return NotEmpty
		case err != nil:
			return err
		}
		n, err := lookUp(s)
		switch {
		case err != nil:
			return err
		case n == nil:
			return NoEntry
		case n.what != Directory:
			return NotDirectory
		case len(n.list.named) > 0:
			return NotEmpty
		}
		s.dir.lost(s.name, n)
		return nil
	})
}

func (d *memDir) Unlink(path string) error {
	return d.change(func() error {
		s, err := naming(memTree{}, d.n, path, IsDirectory)
		if err != nil {
			return err
		}
		n, err := lookUp(s)
		switch {
		case err != nil:
			return err
		case n == nil:
			return NoEntry
		case n.what == Directory:
			return IsDirectory
		case s.slash:
			return NotDirectory
		}
		s.dir.lost(s.name, n)
		return nil
	})
}

// other is the other directory of a call that needs two of one file system.
func (d *memDir) other(to Dir) (*memDir, error) {
	o, ok := to.(*memDir)
	switch {
	case !ok || o.n.m != d.n.m:
		return nil, CrossDevice
	case o.closed.Load():
		return nil, BadDescriptor
	}
	return o, nil
}

func (d *memDir) Link(path string, follow bool, to Dir, newPath string) error {
	return d.change(func() error {
		o, err := d.other(to)
		if err != nil {
			return err
		}
		n, err := d.node(path, following(follow))
		if err != nil {
			return err
		}
		s, err := vacant(o.n, newPath)
		switch {
		case err != nil:
			return err
		case n.what == Directory:
			return NotPermitted
		}
		if err := s.dir.room(s.name, 0); err != nil {
			return err
		}
		if !d.n.m.space.entries.take(1) {
			d.n.m.space.bytes.give(int64(len(s.name)))
			return InsufficientSpace
		}
		s.dir.put(s.name, n)
		n.touch(false)
		return nil
	})
}

func (d *memDir) Rename(path string, to Dir, newPath string) error {
	return d.change(func() error {
		o, err := d.other(to)
		if err != nil {
			return err
		}
		from, err := resolve(memTree{}, d.n, path, lastNamed)
		if err != nil {
			return err
		}
		into, err := resolve(memTree{}, o.n, newPath, lastNamed)
		if err != nil {
			return err
		}
		if from.name == "" || into.name == "" {
			return Busy
		}
		n, err := lookUp(from)
		if err != nil {
			return err
		}
		if n == nil {
			return NoEntry
		}
		old, err := lookUp(into)
		if err != nil {
			return err
		}
		return rename(from, n, into, old)
	})
}

// rename moves n in place of old, which may be nil. The order of the checks is that of Linux.
func rename(from spot[*memNode, *memNode], n *memNode, into spot[*memNode, *memNode], old *memNode) error {
	switch {
	case n.what != Directory && (from.slash || into.slash):
		return NotDirectory
	case from.dir != into.dir && n.what == Directory && into.dir.isIn(n):
		return Invalid
	case from.dir != into.dir && old != nil && old.what == Directory && from.dir.isIn(old):
		return NotEmpty
	case n == old:
		return nil
	case old == nil:
	case n.what == Directory && old.what != Directory:
		return NotDirectory
	case n.what != Directory && old.what == Directory:
		return IsDirectory
	case len(old.list.named) > 0:
		return NotEmpty
	}
	if old != nil {
		n.m.space.bytes.give(int64(len(from.name)))
	} else if err := into.dir.room(into.name, len(from.name)); err != nil {
		return err
	}
	into.dir.put(into.name, n)
	from.dir.remove(from.name)
	n.touch(false)
	if old != nil {
		old.shed()
	}
	return nil
}

func (d *memDir) ReadDir() (e Entries, err error) {
	err = d.read(func() error {
		if d.n.links == 0 {
			return NoEntry
		}
		d.n.noteAccess()
		d.n.opens.Add(1)
		e = &memEntries{n: d.n, end: d.n.list.next}
		return nil
	})
	return e, err
}

// A memEntries reads a directory as far as it went when the reading began.
type memEntries struct {
	n         *memNode
	next, end uint64
	closed    atomic.Bool
}

func (e *memEntries) Next() (Entry, error) {
	e.n.m.names.RLock()
	defer e.n.m.names.RUnlock()
	if e.closed.Load() {
		return Entry{}, BadDescriptor
	}
	at := e.n.list.from(e.next)
	if at == nil || at.number >= e.end {
		return Entry{}, io.EOF
	}
	e.next = at.number + 1
	return Entry{Name: at.name, Kind: at.node.what}, nil
}

func (e *memEntries) Close() error {
	if e.closed.Swap(true) {
		return BadDescriptor
	}
	e.n.close()
	return nil
}
