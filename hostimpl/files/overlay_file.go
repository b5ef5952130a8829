package files

import (
	"sync"
	"sync/atomic"
)

// An overFile is a regular file that is open: a file of upper, or one of lower until it is copied.
type overFile struct {
	o     *overlay
	inode uint64

	// Under overlay.mu.
	in   *overNode // where it is, while only lower has it
	name string
	uses int

	mu       sync.RWMutex // held after overlay.mu, where both are
	lower    File
	upper    File // nil until there is a copy
	unlinked bool // from lower
}

// become makes the copy be what all see who have the file open.
func (f *overFile) become(upper File) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lower.Close()
	f.lower, f.upper = nil, upper
	delete(f.in.files, f.name)
	f.in = nil
}

// file is what is read.
func (f *overFile) file() File {
	if f.upper != nil {
		return f.upper
	}
	return f.lower
}

// open opens a file that is only in lower, for reading.
func (s *overStep) openLower() (*overFile, error) {
	if f, ok := s.in.files[s.name]; ok {
		return f, nil
	}
	lower, err := openRegular(s.in.lower, s.name, OpenHow{Read: true})
	if err != nil {
		return nil, err
	}
	f := &overFile{o: s.in.o, inode: s.inode(), in: s.in, name: s.name, lower: lower}
	if s.in.files == nil {
		s.in.files = map[string]*overFile{}
	}
	s.in.files[s.name] = f
	return f, nil
}

// handle is one opening of f. It assumes the lock of the overlay.
func (f *overFile) handle(how OpenHow) *overHandle {
	f.uses++
	return &overHandle{f: f, read: how.Read, write: how.Write}
}

// An overHandle is an open file as one descriptor has it.
type overHandle struct {
	f           *overFile
	read, write bool
	closed      atomic.Bool
}

func (h *overHandle) Close() error {
	if h.closed.Swap(true) {
		return BadDescriptor
	}
	f := h.f
	f.o.mu.Lock()
	defer f.o.mu.Unlock()
	if f.uses--; f.uses > 0 {
		return nil
	}
	if f.in != nil {
		delete(f.in.files, f.name)
		f.in.forget()
	}
	return f.shut()
}

func (f *overFile) shut() (err error) {
	if f.lower != nil {
		err = f.lower.Close()
	}
	if f.upper != nil {
		err = f.upper.Close()
	}
	return err
}

// use calls do with the file as it is now, if the descriptor may.
func (h *overHandle) use(may bool, do func(File) error) error {
	if h.closed.Load() || !may {
		return BadDescriptor
	}
	h.f.mu.RLock()
	defer h.f.mu.RUnlock()
	return do(h.f.file())
}

func (h *overHandle) ReadAt(p []byte, off int64) (n int, err error) {
	err = h.use(h.read, func(f File) error {
		n, err = f.ReadAt(p, off)
		return err
	})
	return n, err
}

func (h *overHandle) WriteAt(p []byte, off int64) (n int, err error) {
	err = h.use(h.write, func(f File) error {
		n, err = f.WriteAt(p, off)
		return err
	})
	return n, err
}

func (h *overHandle) Append(p []byte) (n int, err error) {
	err = h.use(h.write, func(f File) error {
		n, err = f.Append(p)
		return err
	})
	return n, err
}

func (h *overHandle) Truncate(size uint64) error {
	return h.use(h.write, func(f File) error { return f.Truncate(size) })
}

func (h *overHandle) Advise(off, size uint64, a Advice) error {
	return h.use(true, func(f File) error { return f.Advise(off, size, a) })
}

func (h *overHandle) Sync(dataOnly bool) error {
	return h.use(true, func(f File) error { return f.Sync(dataOnly) })
}

func (h *overHandle) Info() (i Info, err error) {
	err = h.use(true, func(f File) error {
		i, err = f.Info()
		if h.f.unlinked && h.f.upper == nil && i.Links > 0 {
			i.Links--
		}
		i.Device, i.Inode = h.f.o.device, h.f.inode
		return err
	})
	return i, err
}

// SetTimes copies the file first. One that was removed while it was open, and has no copy, is ReadOnly.
func (h *overHandle) SetTimes(accessed, modified Time) error {
	if err := h.copied(); err != nil {
		return err
	}
	return h.use(true, func(f File) error { return f.SetTimes(accessed, modified) })
}

// copied sees that the file is in upper.
func (h *overHandle) copied() error {
	f := h.f
	f.o.mu.Lock()
	defer f.o.mu.Unlock()
	switch {
	case h.closed.Load():
		return BadDescriptor
	case f.upper != nil:
		return nil
	case f.in == nil:
		return ReadOnly
	}
	in := f.in.hold()
	defer in.release()
	s, err := overTree{}.lookup(in, f.name)
	if err != nil {
		return err
	}
	return s.copy(true)
}
