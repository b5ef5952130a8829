package files

import (
	"bytes"
	"io"
	"slices"
	"time"
)

// copyDir sees that a directory is in upper, with all that it is in. It assumes that n is held, and leaves it reached.
func (n *overNode) copyDir() error {
	if n.removed {
		return NoEntry
	}
	var way []*overNode
	for up := n; !up.inUpper; up = up.up {
		way = append(way, up)
	}
	for _, n := range slices.Backward(way) {
		if err := n.copySelf(); err != nil {
			return err
		}
	}
	return n.reach()
}

// copySelf makes in upper a directory that is only in lower.
func (n *overNode) copySelf() error {
	if err := n.reach(); err != nil {
		return err
	}
	n.up.hold()
	defer n.up.release()
	if err := n.up.reach(); err != nil {
		return err
	}
	i, err := n.lower.Info()
	if err != nil {
		return err
	}
	err = n.up.unnoticed(func() error { return n.up.upper.MakeDir(n.name) })
	if err != nil {
		return err
	}
	n.inUpper = true
	if err := n.reach(); err != nil {
		return err
	}
	return n.upper.SetTimes(timesOf(i))
}

// timesOf is how to set the times that are known.
func timesOf(i Info) (accessed, modified Time) {
	set := func(t time.Time) Time { return Time{Set: !t.IsZero(), At: t} }
	return set(i.Accessed), set(i.Modified)
}

// unnoticed makes something in upper that is already there for the guest, to whom the directory thus does not change.
func (n *overNode) unnoticed(do func() error) error {
	i, err := n.upper.Info()
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return n.upper.SetTimes(timesOf(i))
}

// copy sees that a file or link is in upper; without its content if that is not wanted. It assumes that s.in is held.
func (s *overStep) copy(content bool) error {
	if s.inUpper {
		return nil
	}
	if err := s.in.copyDir(); err != nil {
		return err
	}
	err := s.in.unnoticed(func() error {
		switch s.below.Kind {
		case RegularFile:
			return s.copyFile(content)
		case SymbolicLink:
			return s.copyLink()
		}
		return Unsupported
	})
	if err != nil {
		return err
	}
	s.top, err = s.in.upper.Stat(s.name, false)
	if err != nil {
		return err
	}
	if s.below.Links <= 1 {
		s.in.o.copies[identityOf(s.top)] = identityOf(s.below).number()
	}
	s.inLower, s.inUpper = false, true
	return nil
}

func (s *overStep) copyLink() error {
	target, err := s.in.lower.Readlink(s.name)
	if err != nil {
		return err
	}
	if err := s.in.upper.Symlink(target, s.name); err != nil {
		return err
	}
	accessed, modified := timesOf(s.below)
	return s.in.upper.SetTimesAt(s.name, false, accessed, modified)
}

func (s *overStep) copyFile(content bool) (err error) {
	from, err := openRegular(s.in.lower, s.name, OpenHow{Read: true})
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := openRegular(s.in.upper, s.name, OpenHow{Create: true, Exclusive: true, Read: true, Write: true})
	if err != nil {
		return err
	}
	if content {
		err = copyContent(to, from)
	}
	if err == nil {
		err = to.SetTimes(timesOf(s.below))
	}
	if err != nil {
		to.Close()
		s.in.upper.Unlink(s.name)
		return err
	}
	f, ok := s.in.files[s.name]
	if !ok {
		return to.Close()
	}
	f.become(to)
	return nil
}

func openRegular(d Dir, name string, how OpenHow) (File, error) {
	n, err := d.Open(name, how)
	if err != nil {
		return nil, err
	}
	if f, ok := n.(File); ok {
		return f, nil
	}
	n.Close()
	return nil, Unsupported
}

// copyContent leaves holes where there are zeros.
func copyContent(to, from File) error {
	buf := make([]byte, 256<<10)
	zeros := make([]byte, 4<<10)
	end := int64(0)
	for {
		n, err := from.ReadAt(buf, end)
		for piece := range slices.Chunk(buf[:n], len(zeros)) {
			if !bytes.Equal(piece, zeros[:len(piece)]) {
				if _, err := to.WriteAt(piece, end); err != nil {
					return err
				}
			}
			end += int64(len(piece))
		}
		switch {
		case err == io.EOF:
			return to.Truncate(uint64(end))
		case err != nil:
			return err
		}
	}
}
