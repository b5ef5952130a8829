package files

import (
	"math"
	"sync/atomic"
	"time"
)

// A memFile is an open file of a Memory.
type memFile struct {
	n           *memNode
	read, write bool
	closed      atomic.Bool
}

// openFile assumes that names is held.
func (n *memNode) openFile(read, write bool) *memFile {
	n.opens.Add(1)
	return &memFile{n: n, read: read, write: write}
}

func (f *memFile) Close() error {
	if f.closed.Swap(true) {
		return BadDescriptor
	}
	f.n.close()
	return nil
}

// close ends one use of a node.
func (n *memNode) close() {
	n.m.names.Lock()
	defer n.m.names.Unlock()
	n.opens.Add(-1)
	n.drop()
}

func (f *memFile) Info() (Info, error) {
	f.n.m.names.RLock()
	defer f.n.m.names.RUnlock()
	if f.closed.Load() {
		return Info{}, BadDescriptor
	}
	return f.n.info(), nil
}

func (f *memFile) SetTimes(accessed, modified Time) error {
	if f.closed.Load() {
		return BadDescriptor
	}
	f.n.setTimes(accessed, modified)
	return nil
}

// Sync has nothing to wait for.
func (f *memFile) Sync(bool) error {
	if f.closed.Load() {
		return BadDescriptor
	}
	return nil
}

func (f *memFile) Advise(_, _ uint64, _ Advice) error { return f.Sync(true) }

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	switch {
	case f.closed.Load() || !f.read:
		return 0, BadDescriptor
	case off < 0:
		return 0, Invalid
	case len(p) == 0:
		return 0, nil
	}
	f.n.noteAccess()
	f.n.mu.RLock()
	defer f.n.mu.RUnlock()
	return f.n.content.readAt(p, off)
}

// noteAccess sets the time of access, if it does not already tell that this content was read today: what Linux does by
// default, so that readers do not stand in each other's way.
func (n *memNode) noteAccess() {
	now := n.m.now()
	n.mu.RLock()
	known := !now.After(n.accessed) || n.accessed.After(n.modified) && now.Sub(n.accessed) < 24*time.Hour
	n.mu.RUnlock()
	if !known {
		n.mu.Lock()
		n.accessed = now
		n.mu.Unlock()
	}
}

func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, Invalid
	}
	return f.change(func(c *pages) (int, error) { return c.writeAt(p, off) })
}

func (f *memFile) Append(p []byte) (int, error) {
	return f.change(func(c *pages) (int, error) { return c.writeAt(p, c.size) })
}

func (f *memFile) Truncate(size uint64) error {
	_, err := f.change(func(c *pages) (int, error) {
		switch {
		case size > math.MaxInt64:
			return 0, Invalid
		case int64(size) > c.space.limit:
			return 0, FileTooLarge
		}
		c.truncate(int64(size))
		return 1, nil
	})
	return err
}

// change makes a change of the content, of which n tells whether it was one.
func (f *memFile) change(do func(*pages) (n int, err error)) (int, error) {
	if f.closed.Load() || !f.write {
		return 0, BadDescriptor
	}
	now := f.n.m.now()
	f.n.mu.Lock()
	defer f.n.mu.Unlock()
	if f.n.gone {
		return 0, BadDescriptor
	}
	n, err := do(&f.n.content)
	if n > 0 {
		f.n.modified, f.n.changed = now, now
	}
	return n, err
}
