package files

import (
	"encoding/binary"
	"hash/fnv"
	"slices"
	"sync"
)

// Overlay gives a directory that looks like lower, and of which all changes are kept in upper. A file of lower is copied
// to upper when it is first opened for writing, or when its times are set or it gets another name; guests that have it
// open see what is written to the copy. What upper has already when Overlay is called stands in front of lower; a
// directory that is in both has the names of both.
//
// Which names of lower were removed is remembered in memory, as long as anything of the overlay is used, and not in upper:
// there are no names that a guest cannot use, and upper is no more than the files that are new or changed. Laid anew over
// the same two, an overlay has again what was removed.
//
// A directory that is in lower is not renamed: the answer is CrossDevice, at which programs copy, as they know it from
// the overlays of Linux. A file that has several names in lower has them no longer in common once one of them is copied.
// What is neither file, directory nor link is not copied: Unsupported.
//
// Lower is never changed, and should not change otherwise. All calls about names wait for each other, the copying of a
// file included. Both lower and upper must stay open while the overlay is used; closing it closes neither. While it is open,
// up to 64 directories of each stay open that were looked into last.
func Overlay(lower, upper Dir) Dir {
	o := &overlay{device: newDevice(), copies: map[identity]uint64{}}
	o.root = &overNode{o: o, lower: lower, upper: upper, inLower: true, inUpper: true, opens: 1}
	return o.root.openDir()
}

// An overlay is what all that is opened from one Overlay shares.
type overlay struct {
	device uint64

	mu     sync.Mutex // of all names, and all that says which of lower and upper has what
	root   *overNode
	walked []*overNode         // whose directories stay open for a while, the last used at the end
	held   int                 // of all nodes
	hides  uint64              // how often a name was hidden
	copies map[identity]uint64 // the inodes that copies have for the guest, as they had them in lower
}

// maxWalked is how many directories are kept open beyond those that guests have open.
const maxWalked = 64

// identity is what tells something from everything else.
type identity struct{ device, inode uint64 }

func identityOf(i Info) identity { return identity{i.Device, i.Inode} }

// inode is an inode number of the overlay for what has another one below it.
func (id identity) number() uint64 {
	h := fnv.New64a()
	h.Write(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, id.device), id.inode))
	return h.Sum64()
}

// An overNode is a directory: in lower, in upper, or in both. There is one as long as there is something to remember
// about it.
type overNode struct {
	o    *overlay
	up   *overNode // nil for the root
	name string    // in up

	inLower, inUpper bool
	lower, upper     Dir // open, if it is there and reach was called

	hidden map[string]uint64    // names of lower that are removed or replaced, and overlay.hides of that
	kids   map[string]*overNode // directories in it about which something is remembered
	files  map[string]*overFile // open files of lower in it, as long as they have no copy

	opens   int  // it stays while there are any
	walked  bool // it is in overlay.walked
	removed bool
}

// hold keeps n and what it has open. Each hold has a release.
func (n *overNode) hold() *overNode {
	n.opens++
	n.o.held++
	return n
}

func (n *overNode) release() {
	n.opens--
	n.o.held--
	n.forget()
	if n.o.held == 0 { // no directory is open that could be walked from
		for len(n.o.walked) > 0 {
			n.o.unwalk()
		}
	}
}

// forget lets go of n, and of what is above it, if there is nothing to remember.
func (n *overNode) forget() {
	for n.up != nil && n.opens == 0 && !n.walked && len(n.kids)+len(n.hidden)+len(n.files) == 0 {
		n.shut()
		if n.up.kids[n.name] == n {
			delete(n.up.kids, n.name)
		}
		n = n.up
	}
}

// shut closes what n has open. It can be opened again by reach.
func (n *overNode) shut() {
	if n.lower != nil {
		n.lower.Close()
	}
	if n.upper != nil {
		n.upper.Close()
	}
	n.lower, n.upper = nil, nil
}

// walk notes that n was used, and forgets what was not for long.
func (n *overNode) walk() {
	if n.up == nil || n.removed {
		return
	}
	o := n.o
	if n.walked {
		i := slices.Index(o.walked, n)
		o.walked = append(slices.Delete(o.walked, i, i+1), n)
		return
	}
	n.walked = true
	o.walked = append(o.walked, n)
	if len(o.walked) > maxWalked {
		o.unwalk()
	}
}

// unwalk forgets the directory that was not used for longest.
func (o *overlay) unwalk() {
	old := o.walked[0]
	o.walked = slices.Delete(o.walked, 0, 1)
	old.walked = false
	if old.opens == 0 {
		old.shut()
	}
	old.forget()
}

// child gives the node of a directory in n.
func (n *overNode) child(name string, inLower, inUpper bool) *overNode {
	if k, ok := n.kids[name]; ok {
		return k
	}
	k := &overNode{o: n.o, up: n, name: name, inLower: inLower, inUpper: inUpper}
	if n.kids == nil {
		n.kids = map[string]*overNode{}
	}
	n.kids[name] = k
	k.walk()
	return k
}

// reached reports whether what n has is open.
func (n *overNode) reached() bool {
	return n.inLower == (n.lower != nil) && n.inUpper == (n.upper != nil)
}

// reach opens what n has. It stays open until another node is reached, or while n is held.
func (n *overNode) reach() error {
	if n.reached() {
		n.walk()
		return nil
	}
	// From the nearest directory that is open, so that a deep one takes no recursion.
	way := []*overNode{n}
	for up := n.up; !up.reached(); up = up.up {
		way = append(way, up)
	}
	for _, n := range slices.Backward(way) {
		if err := n.openLayers(); err != nil {
			return err
		}
		n.walk()
	}
	return nil
}

func (n *overNode) openLayers() (err error) {
	if n.inLower && n.lower == nil {
		if n.lower, err = openLayer(n.up.lower, n.name); err != nil {
			return err
		}
	}
	if n.inUpper && n.upper == nil {
		n.upper, err = openLayer(n.up.upper, n.name)
	}
	return err
}

func openLayer(d Dir, name string) (Dir, error) {
	n, err := d.Open(name, OpenHow{Directory: true})
	if err != nil {
		return nil, err
	}
	if d, ok := n.(Dir); ok {
		return d, nil
	}
	n.Close()
	return nil, NotDirectory
}

// isIn reports whether n is dir or somewhere in it.
func (n *overNode) isIn(dir *overNode) bool {
	for ; n != nil; n = n.up {
		if n == dir {
			return true
		}
	}
	return false
}

// info assumes that n is reached.
func (n *overNode) info() (i Info, err error) {
	if n.inUpper {
		i, err = n.upper.Info()
	} else {
		i, err = n.lower.Info()
	}
	id := identityOf(i)
	if err == nil && n.inLower && n.inUpper {
		var below Info
		below, err = n.lower.Info()
		id = identityOf(below)
		i.Links = 1 // nobody counts them
	}
	if n.removed {
		i.Links = 0
	}
	i.Device, i.Inode = n.o.device, id.number()
	return i, err
}

// An overStep is what a name in a directory of an overlay stands for.
type overStep struct {
	in               *overNode
	name             string
	inLower, inUpper bool // of what is in both, only a directory has both
	top              Info // of upper, if it is there
	below            Info // of lower
}

func (s *overStep) kind() Kind     { return s.info().Kind }
func (s *overStep) dir() *overNode { return s.in.child(s.name, s.inLower, s.inUpper) }

func (s *overStep) target() (string, error) {
	if s.inUpper {
		return s.in.upper.Readlink(s.name)
	}
	return s.in.lower.Readlink(s.name)
}

// info is of the layer that counts.
func (s *overStep) info() Info {
	if s.inUpper {
		return s.top
	}
	return s.below
}

// told is what the guest is told.
func (s *overStep) told() Info {
	i := s.info()
	i.Device, i.Inode = s.in.o.device, s.inode()
	if s.inLower && s.inUpper {
		i.Links = 1
	}
	return i
}

func (s *overStep) inode() uint64 {
	if s.inLower {
		return identityOf(s.below).number()
	}
	id := identityOf(s.top)
	if inode, ok := s.in.o.copies[id]; ok {
		return inode
	}
	return id.number()
}

// overTree is how resolve walks in an overlay.
type overTree struct{}

var _ tree[*overNode, *overStep] = overTree{}

func (overTree) parent(n *overNode) *overNode { return n.up }

func (overTree) lookup(n *overNode, name string) (*overStep, error) {
	switch {
	case len(name) > maxName:
		return nil, NameTooLong
	case n.removed:
		return nil, NoEntry
	}
	if err := n.reach(); err != nil {
		return nil, err
	}
	s := &overStep{in: n, name: name}
	if n.inUpper {
		i, err := n.upper.Stat(name, false)
		switch {
		case err == nil:
			s.top, s.inUpper = i, true
		case CodeOf(err) != NoEntry:
			return nil, err
		}
	}
	if s.inUpper && s.top.Kind != Directory {
		return s, nil
	}
	i, ok, err := n.below(name)
	switch {
	case err != nil:
		return nil, err
	case ok && (!s.inUpper || i.Kind == Directory):
		s.below, s.inLower = i, true
	}
	if !s.inLower && !s.inUpper {
		return nil, NoEntry
	}
	return s, nil
}

// below tells what lower has of a name, if it is not hidden. It assumes that n is reached.
func (n *overNode) below(name string) (i Info, ok bool, err error) {
	if _, hidden := n.hidden[name]; hidden || !n.inLower {
		return Info{}, false, nil
	}
	i, err = n.lower.Stat(name, false)
	if err != nil && CodeOf(err) == NoEntry {
		return Info{}, false, nil
	}
	return i, err == nil, err
}

// hide makes a name of lower not be there. Who has the file open keeps it.
func (n *overNode) hide(name string) {
	if n.hidden == nil {
		n.hidden = map[string]uint64{}
	}
	n.o.hides++
	n.hidden[name] = n.o.hides
	if f, ok := n.files[name]; ok {
		f.in, f.unlinked = nil, true
		delete(n.files, name)
	}
}
