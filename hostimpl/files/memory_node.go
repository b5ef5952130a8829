package files

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A memNode is a file, directory or symbolic link of a Memory, under whatever names.
type memNode struct {
	m     *Memory
	what  Kind
	inode uint64
	link  string // the target of a SymbolicLink

	// Under Memory.names. A node with neither links nor opens is no more.
	parent *memNode // of a Directory
	list   memList  // of a Directory
	dirs   uint64   // directories in a Directory
	links  uint64   // names; a directory has one, and none when it is removed
	opens  atomic.Int64

	mu                          sync.RWMutex // held after Memory.names, where both are
	accessed, modified, changed time.Time
	content                     pages
	gone                        bool
}

// newNode makes a node that has no name yet. Whoever does not name it drops it.
func (m *Memory) newNode(what Kind) (*memNode, error) {
	if !m.space.entries.take(1) {
		return nil, InsufficientSpace
	}
	now := m.now()
	m.inode++
	return &memNode{m: m, what: what, inode: m.inode, accessed: now, modified: now, changed: now,
		content: pages{space: &m.space.bytes}}, nil
}

// drop gives back what a node takes if it is no more.
func (n *memNode) drop() {
	if n.links > 0 || n.opens.Load() > 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.gone {
		return
	}
	n.gone = true
	n.content.truncate(0)
	n.m.space.bytes.give(int64(len(n.link)))
	n.m.space.entries.give(1)
}

func (n *memNode) kind() Kind              { return n.what }
func (n *memNode) dir() *memNode           { return n }
func (n *memNode) target() (string, error) { return n.link, nil }

// touch notes that the node changed; its content too, if content.
func (n *memNode) touch(content bool) {
	now := n.m.now()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.changed = now
	if content {
		n.modified = now
	}
}

func (n *memNode) setTimes(accessed, modified Time) {
	now := n.m.now()
	n.mu.Lock()
	defer n.mu.Unlock()
	set := func(t *time.Time, to Time) {
		switch {
		case !to.Set:
			return
		case to.At.IsZero():
			*t = now
		default:
			*t = to.At
		}
		n.changed = now
	}
	set(&n.accessed, accessed)
	set(&n.modified, modified)
}

// info assumes that names is held.
func (n *memNode) info() Info {
	n.mu.RLock()
	defer n.mu.RUnlock()
	i := Info{Kind: n.what, Links: n.links, Accessed: n.accessed, Modified: n.modified, Changed: n.changed,
		Device: n.m.device, Inode: n.inode}
	switch {
	case n.what == RegularFile:
		i.Size = uint64(n.content.size)
	case n.what == SymbolicLink:
		i.Size = uint64(len(n.link))
	case n.links > 0:
		i.Links = 2 + n.dirs
	}
	return i
}

// memTree is how resolve walks in a Memory. It assumes that names is held.
type memTree struct{}

var _ tree[*memNode, *memNode] = memTree{}

func (memTree) lookup(d *memNode, name string) (*memNode, error) {
	if len(name) > maxName {
		return nil, NameTooLong
	}
	if e, ok := d.list.named[name]; ok {
		return e.node, nil
	}
	return nil, NoEntry
}

func (memTree) parent(d *memNode) *memNode { return d.parent }

// room says what keeps a name from being made in d, and takes the space for it; without says how many bytes of a name
// become free by the same change.
func (d *memNode) room(name string, without int) error {
	switch {
	case len(name) > maxName:
		return NameTooLong
	case d.links == 0:
		return NoEntry // d is removed
	case !d.m.space.bytes.take(int64(len(name) - without)):
		return InsufficientSpace
	}
	return nil
}

// put gives n a name in d, in place of what has it.
func (d *memNode) put(name string, n *memNode) {
	if e, ok := d.list.named[name]; ok {
		d.lose(e.node)
		e.node = n
	} else {
		d.list.add(name, n)
	}
	n.links++
	if n.what == Directory {
		n.parent = d
		d.dirs++
	}
	d.touch(true)
}

// remove takes away a name that is there.
func (d *memNode) remove(name string) {
	d.lose(d.list.remove(name))
	d.touch(true)
}

// lose takes one name from n, which is in d.
func (d *memNode) lose(n *memNode) {
	n.links--
	if n.what == Directory {
		d.dirs--
	}
}

// shed is called when n has lost a name for good.
func (n *memNode) shed() {
	n.touch(false)
	if n.links > 0 {
		n.m.space.entries.give(1)
	}
	n.drop()
}

// lost removes the name of n for good.
func (d *memNode) lost(name string, n *memNode) {
	d.remove(name)
	d.m.space.bytes.give(int64(len(name)))
	n.shed()
}

// isIn reports whether d is dir or somewhere in it.
func (d *memNode) isIn(dir *memNode) bool {
	for ; d != nil; d = d.parent {
		if d == dir {
			return true
		}
	}
	return false
}

// A memList is what is in a directory. Entries are in the order of their numbers, so that who reads a directory needs to
// remember no more than the last one seen.
type memList struct {
	named map[string]*memEntry
	order []*memEntry // without a node: removed
	next  uint64
}

type memEntry struct {
	number uint64
	name   string
	node   *memNode
}

func (l *memList) add(name string, n *memNode) {
	if l.named == nil {
		l.named = map[string]*memEntry{}
	}
	e := &memEntry{l.next, name, n}
	l.next++
	l.named[name] = e
	l.order = append(l.order, e)
}

func (l *memList) remove(name string) *memNode {
	e := l.named[name]
	n := e.node
	delete(l.named, name)
	e.node = nil
	if len(l.order) > 2*len(l.named)+16 {
		l.order = slices.DeleteFunc(l.order, func(e *memEntry) bool { return e.node == nil })
	}
	return n
}

// from gives the first entry whose number is at least that; nil after the last.
func (l *memList) from(number uint64) *memEntry {
	i, _ := slices.BinarySearchFunc(l.order, number, func(e *memEntry, n uint64) int {
		if e.number < n {
			return -1
		}
		return 1
	})
	for _, e := range l.order[i:] {
		if e.node != nil {
			return e
		}
	}
	return nil
}
