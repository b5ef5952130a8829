package files

import (
	"errors"
	"io"
	"io/fs"
	"sync"
)

// An fsFile is an open regular file of an FS.
type fsFile struct {
	at   *fsNode
	read bool
	in   io.ReaderAt

	mu     sync.RWMutex // held for writing by Close, so that nothing is closed while it is used
	closed bool
	close  func() error
}

// open opens a regular file.
func (n *fsNode) open(how OpenHow) (Node, error) {
	if how.Write || how.Truncate {
		return nil, ReadOnly
	}
	f, err := n.r.fsys.Open(n.path)
	if err != nil {
		return nil, CodeOf(err)
	}
	file := &fsFile{at: n, read: how.Read, close: f.Close}
	switch in := f.(type) {
	case io.ReaderAt:
		file.in = in
	case io.Seeker:
		file.in = &seeking{file: f, seek: in}
	default:
		file.in, file.close = n.forward(f)
	}
	return file, nil
}

// forward makes a file that can only be read forward one that can be read anywhere.
func (n *fsNode) forward(f fs.File) (io.ReaderAt, func() error) {
	if info, err := f.Stat(); err == nil && info.Size() <= maxKept {
		if k := n.r.keep(n.path, info.Size()); k != nil {
			f.Close()
			return k, func() error { n.r.letGo(k); return nil }
		}
	}
	in := &forward{node: n, file: f}
	return in, in.close
}

func (f *fsFile) ReadAt(p []byte, off int64) (int, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	switch {
	case f.closed || !f.read:
		return 0, BadDescriptor
	case off < 0:
		return 0, Invalid
	case len(p) == 0:
		return 0, nil
	}
	n, err := f.in.ReadAt(p, off)
	switch {
	case n == len(p):
		return n, nil
	case err == nil || errors.Is(err, io.EOF) || n == 0 && f.ends(off):
		return n, io.EOF
	}
	return n, CodeOf(err)
}

// ends reports whether there is nothing from off on, where a file may have answered something else than io.EOF: those of
// package embed refuse to look beyond their end.
func (f *fsFile) ends(off int64) bool {
	i, err := f.at.stat()
	return err == nil && uint64(off) >= i.Size
}

func (f *fsFile) open() bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return !f.closed
}

func (f *fsFile) WriteAt([]byte, int64) (int, error) { return 0, BadDescriptor }
func (f *fsFile) Append([]byte) (int, error)         { return 0, BadDescriptor }
func (f *fsFile) Truncate(uint64) error              { return BadDescriptor }

func (f *fsFile) SetTimes(_, _ Time) error {
	if !f.open() {
		return BadDescriptor
	}
	return ReadOnly
}

func (f *fsFile) Sync(bool) error {
	if !f.open() {
		return BadDescriptor
	}
	return nil
}

func (f *fsFile) Advise(_, _ uint64, _ Advice) error { return f.Sync(true) }

func (f *fsFile) Info() (Info, error) {
	if !f.open() {
		return Info{}, BadDescriptor
	}
	return f.at.stat()
}

func (f *fsFile) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return BadDescriptor
	}
	f.closed = true
	f.close()
	return nil
}

// seeking reads a file that has one position for all.
type seeking struct {
	mu   sync.Mutex
	file io.Reader
	seek io.Seeker
}

func (s *seeking) ReadAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.seek.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	return readFull(s.file, p)
}

// readFull is io.ReadFull as io.ReaderAt has it.
func readFull(r io.Reader, p []byte) (int, error) {
	n, err := io.ReadFull(r, p)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}

// forward reads a file that can only be read to its end. To go back is to open it again.
type forward struct {
	node *fsNode

	mu   sync.Mutex
	file fs.File // nil after an error
	at   int64   // where file is
}

func (f *forward) ReadAt(p []byte, off int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.goTo(off); err != nil {
		return 0, err
	}
	n, err := readFull(f.file, p)
	f.at += int64(n)
	if err != nil && err != io.EOF {
		f.drop()
	}
	return n, err
}

// goTo moves to off, or to the end with io.EOF.
func (f *forward) goTo(off int64) error {
	if f.file != nil && f.at > off {
		f.drop()
	}
	if f.file == nil {
		file, err := f.node.r.fsys.Open(f.node.path)
		if err != nil {
			return err
		}
		f.file, f.at = file, 0
	}
	n, err := io.CopyN(io.Discard, f.file, off-f.at)
	f.at += n
	if err != nil && err != io.EOF {
		f.drop()
	}
	return err
}

func (f *forward) drop() {
	if f.file != nil {
		f.file.Close()
	}
	f.file = nil
}

func (f *forward) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop()
	return nil
}

// A kept is the content of a file that can only be read to its end, while somebody has it open. It is read when it is
// first wanted.
type kept struct {
	r    *reader
	path string
	size int64 // what it is counted for
	uses int   // under reader.mu

	once    sync.Once
	content []byte
	err     error
}

// keep gives the content of a file of that size; nil if too much is kept already.
func (r *reader) keep(path string, size int64) *kept {
	size = max(size, 0)
	r.mu.Lock()
	defer r.mu.Unlock()
	k, ok := r.kept[path]
	if !ok {
		if size > maxKept || r.size+size > maxAllKept {
			return nil
		}
		if r.kept == nil {
			r.kept = map[string]*kept{}
		}
		k = &kept{r: r, path: path, size: size}
		r.kept[path] = k
		r.size += size
	}
	k.uses++
	return k
}

func (r *reader) letGo(k *kept) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k.uses--; k.uses == 0 {
		delete(r.kept, k.path)
		r.size -= k.size
	}
}

func (k *kept) ReadAt(p []byte, off int64) (int, error) {
	k.once.Do(func() { k.content, k.err = k.load() })
	switch {
	case k.err != nil:
		return 0, k.err
	case off >= int64(len(k.content)):
		return 0, io.EOF
	}
	n := copy(p, k.content[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// load reads no more than the file said that it has.
func (k *kept) load() ([]byte, error) {
	f, err := k.r.fsys.Open(k.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, k.size))
}
