package files

import (
	"hash/fnv"
	"io"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
)

// FromFS gives a directory in which fsys can be read, and nothing be changed: the answer to all that would is ReadOnly.
//
// A file is read with the ReadAt of what fsys opens, or else with its Seek, as far as it has them. One that can only be
// read from its beginning to its end, such as those of a zip archive, is kept in memory while it is open, if it is no
// larger than 1 MiB and not more than 64 MiB of fsys are kept; a larger one is opened anew whenever a guest goes back in
// it.
//
// Symbolic links are followed, though not out of fsys, if it has a method ReadLink as [fs.ReadLinkFS] has it. If it has
// none, and yet tells of links, as [archive/zip.Reader] does, what they contain is their target.
//
// What fsys tells about a file does not say which it is, so its identity is its path. A file system in which names change
// meanwhile is better opened with [OpenHost]: [os.DirFS] may be led out of its directory by whoever changes it.
func FromFS(fsys fs.FS) Dir {
	r := &reader{fsys: fsys, device: newDevice()}
	return &fsDir{at: &fsNode{r: r, path: "."}}
}

const (
	maxKept    = 1 << 20  // the largest file of which the content is kept
	maxAllKept = 64 << 20 // of all files of one FS
)

// A reader is what all that comes of one FromFS shares.
type reader struct {
	fsys   fs.FS
	device uint64

	mu   sync.Mutex
	kept map[string]*kept // by path
	size int64            // of all that is kept
}

// An fsNode is a path in an FS of which no part but the last is a link.
type fsNode struct {
	r    *reader
	up   *fsNode // nil for the root
	path string  // as fs.ValidPath has it
	info fs.FileInfo
}

func (n *fsNode) kind() Kind   { return kindOf(n.info.Mode()) }
func (n *fsNode) dir() *fsNode { return n }

func (n *fsNode) target() (string, error) {
	target, err := n.readlink()
	if err != nil {
		return "", CodeOf(err)
	}
	return target, checkTarget(target)
}

func (n *fsNode) readlink() (string, error) {
	if l, ok := n.r.fsys.(fs.ReadLinkFS); ok {
		return l.ReadLink(n.path)
	}
	f, err := n.r.fsys.Open(n.path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPath+1))
	return string(b), err
}

// fsTree is how resolve walks in an FS.
type fsTree struct{}

var _ tree[*fsNode, *fsNode] = fsTree{}

func (fsTree) parent(n *fsNode) *fsNode { return n.up }

func (fsTree) lookup(d *fsNode, name string) (*fsNode, error) {
	if len(name) > maxName {
		return nil, NameTooLong
	}
	p := name
	if d.path != "." {
		p = d.path + "/" + name
	}
	if !fs.ValidPath(p) {
		return nil, NoEntry
	}
	info, err := fs.Lstat(d.r.fsys, p)
	if err != nil {
		return nil, CodeOf(err)
	}
	return &fsNode{r: d.r, up: d, path: p, info: info}, nil
}

func kindOf(m fs.FileMode) Kind {
	switch {
	case m.IsRegular():
		return RegularFile
	case m.IsDir():
		return Directory
	case m&fs.ModeSymlink != 0:
		return SymbolicLink
	case m&fs.ModeNamedPipe != 0:
		return FIFO
	case m&fs.ModeSocket != 0:
		return Socket
	case m&fs.ModeCharDevice != 0:
		return CharacterDevice
	case m&fs.ModeDevice != 0:
		return BlockDevice
	}
	return UnknownKind
}

// stat tells what is known now.
func (n *fsNode) stat() (Info, error) {
	info, err := fs.Lstat(n.r.fsys, n.path)
	if err != nil {
		return Info{}, CodeOf(err)
	}
	return n.told(info), nil
}

func (n *fsNode) told(info fs.FileInfo) Info {
	h := fnv.New64a()
	io.WriteString(h, n.path)
	i := Info{Kind: kindOf(info.Mode()), Links: 1, Modified: info.ModTime(), Device: n.r.device, Inode: h.Sum64()}
	switch i.Kind {
	case RegularFile:
		i.Size = uint64(max(info.Size(), 0))
	case SymbolicLink:
		if target, err := n.readlink(); err == nil {
			i.Size = uint64(len(target))
		}
	}
	return i
}

// An fsDir is an open directory of an FS.
type fsDir struct {
	at     *fsNode
	closed atomic.Bool
}

// find is existing, for a call that needs what is there.
func (d *fsDir) find(path string, how last) (*fsNode, error) {
	if d.closed.Load() {
		return nil, BadDescriptor
	}
	s, err := existing(fsTree{}, d.at, path, how)
	switch {
	case err != nil:
		return nil, err
	case s.found:
		return s.at, nil
	}
	return s.dir, nil
}

func (d *fsDir) Open(path string, how OpenHow) (Node, error) {
	if d.closed.Load() {
		return nil, BadDescriptor
	}
	l, err := how.last()
	if err != nil {
		return nil, err
	}
	s, err := resolve(fsTree{}, d.at, path, l)
	switch {
	case err != nil:
		return nil, err
	case s.name != "" && !s.found && how.Create:
		return nil, ReadOnly
	case s.name != "" && !s.found:
		return nil, NoEntry
	case s.name == "":
		if err := how.check(Directory); err != nil {
			return nil, err
		}
		return &fsDir{at: s.dir}, nil
	}
	if err := how.check(s.at.kind()); err != nil {
		return nil, err
	}
	switch s.at.kind() {
	case Directory:
		return &fsDir{at: s.at}, nil
	case RegularFile:
		return s.at.open(how)
	}
	// To open anything else may block, or do something.
	return nil, Unsupported
}

func (d *fsDir) Stat(path string, follow bool) (Info, error) {
	n, err := d.find(path, following(follow))
	switch {
	case err != nil:
		return Info{}, err
	case n.info == nil:
		return n.stat()
	}
	return n.told(n.info), nil
}

func (d *fsDir) Readlink(path string) (string, error) {
	n, err := d.find(path, lastStays)
	switch {
	case err != nil:
		return "", err
	case n.info == nil || n.kind() != SymbolicLink:
		return "", Invalid
	}
	return n.target()
}

// refuse is the answer to a call that would change what path names, which must be there.
func (d *fsDir) refuse(path string, how last) error {
	if _, err := d.find(path, how); err != nil {
		return err
	}
	return ReadOnly
}

// refuseName is the answer to a call that would change a name.
func (d *fsDir) refuseName(path string, dot ErrorCode) error {
	if d.closed.Load() {
		return BadDescriptor
	}
	if _, err := naming(fsTree{}, d.at, path, dot); err != nil {
		return err
	}
	return ReadOnly
}

func (d *fsDir) SetTimesAt(path string, follow bool, _, _ Time) error {
	return d.refuse(path, following(follow))
}

func (d *fsDir) MakeDir(path string) error {
	if d.closed.Load() {
		return BadDescriptor
	}
	s, err := naming(fsTree{}, d.at, path, Exist)
	if err != nil {
		return err
	}
	switch _, err := (fsTree{}).lookup(s.dir, s.name); err {
	case nil:
		return Exist
	case NoEntry:
		return ReadOnly
	default:
		return err
	}
}

func (d *fsDir) Symlink(target, path string) error {
	if err := checkTarget(target); err != nil {
		return err
	}
	return d.MakeDir(path)
}

func (d *fsDir) RemoveDir(path string) error { return d.refuseName(path, Invalid) }
func (d *fsDir) Unlink(path string) error    { return d.refuseName(path, IsDirectory) }

func (d *fsDir) Link(path string, follow bool, to Dir, newPath string) error {
	if _, err := d.find(path, following(follow)); err != nil {
		return err
	}
	return d.refuseTwo(to, newPath, Exist)
}

func (d *fsDir) Rename(path string, to Dir, newPath string) error {
	if err := d.refuseName(path, Busy); err != ReadOnly {
		return err
	}
	return d.refuseTwo(to, newPath, Busy)
}

// refuseTwo is the answer to a call that would change a name in to.
func (d *fsDir) refuseTwo(to Dir, newPath string, dot ErrorCode) error {
	o, ok := to.(*fsDir)
	if !ok || o.at.r != d.at.r {
		return CrossDevice
	}
	return o.refuseName(newPath, dot)
}

func (d *fsDir) Info() (Info, error) {
	if d.closed.Load() {
		return Info{}, BadDescriptor
	}
	return d.at.stat()
}

func (d *fsDir) SetTimes(_, _ Time) error {
	if d.closed.Load() {
		return BadDescriptor
	}
	return ReadOnly
}

func (d *fsDir) Sync(bool) error {
	if d.closed.Load() {
		return BadDescriptor
	}
	return nil
}

func (d *fsDir) Close() error {
	if d.closed.Swap(true) {
		return BadDescriptor
	}
	return nil
}

func (d *fsDir) ReadDir() (Entries, error) {
	if d.closed.Load() {
		return nil, BadDescriptor
	}
	f, err := d.at.r.fsys.Open(d.at.path)
	if err != nil {
		return nil, CodeOf(err)
	}
	if dir, ok := f.(fs.ReadDirFile); ok {
		return &fsEntries{dir: dir}, nil
	}
	f.Close()
	list, err := fs.ReadDir(d.at.r.fsys, d.at.path)
	if err != nil {
		return nil, CodeOf(err)
	}
	return &fsEntries{list: list}, nil
}

// An fsEntries reads a directory a piece at a time.
type fsEntries struct {
	mu     sync.Mutex
	dir    fs.ReadDirFile // nil if all is in list
	list   []fs.DirEntry
	closed bool
}

func (e *fsEntries) Next() (Entry, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return Entry{}, BadDescriptor
	}
	for {
		if err := e.fill(); err != nil {
			return Entry{}, err
		}
		next := e.list[0]
		e.list = e.list[1:]
		// What no path can name is not there.
		if name := next.Name(); name != "" && name != "." && name != ".." && !strings.Contains(name, "/") {
			return Entry{Name: name, Kind: kindOf(next.Type())}, nil
		}
	}
}

// fill sees that there is an entry in list.
func (e *fsEntries) fill() (err error) {
	if len(e.list) > 0 {
		return nil
	}
	if e.dir == nil {
		return io.EOF
	}
	e.list, err = e.dir.ReadDir(128)
	switch {
	case len(e.list) > 0:
		return nil
	case err == nil || err == io.EOF:
		return io.EOF
	}
	return CodeOf(err)
}

func (e *fsEntries) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return BadDescriptor
	}
	e.closed, e.list = true, nil
	if e.dir != nil {
		e.dir.Close()
	}
	return nil
}
