package preview1

import (
	"context"

	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
)

const (
	direntSize = 24

	// listed is how many entries of a directory are remembered. A program goes back by one
	// or two, for those that were cut off; one that goes back further has the directory
	// read again.
	listed = 4096
)

// A listing is a directory while it is read. The cookie of an entry is its number: first
// come "." and "..", which the host does not list.
type listing struct {
	dir    filesystem.Descriptor
	stream filesystem.DirectoryEntryStream
	first  uint64   // the number of known[0]
	known  []dirent // in order
	end    bool     // nothing comes after known
}

type dirent struct {
	name     string
	filetype uint8
	inode    uint64
}

func (l *listing) close(ctx context.Context) error {
	if l.stream == nil {
		return nil
	}
	return l.stream.Close(ctx)
}

// rewind begins again.
func (l *listing) rewind(ctx context.Context) error {
	stream, err := l.dir.ReadDirectory(ctx)
	if err != nil {
		return err
	}
	hash, err := l.dir.MetadataHash(ctx)
	if err != nil {
		_ = stream.Close(ctx)
		return err
	}
	_ = l.close(ctx)
	l.stream, l.first, l.end = stream, 0, false
	l.known = append(l.known[:0], dirent{".", typeDirectory, hash.Lower}, dirent{"..", typeDirectory, hash.Lower})
	return nil
}

// entry is the one of a number, or nil after the last.
func (p *process) entry(l *listing, n uint64) (*dirent, error) {
	if n < l.first {
		if err := l.rewind(p.ctx); err != nil {
			return nil, err
		}
	}
	for n >= l.first+uint64(len(l.known)) {
		if l.end {
			return nil, nil
		}
		if err := p.interrupted(); err != nil {
			return nil, err
		}
		if err := l.next(p.ctx); err != nil {
			return nil, err
		}
	}
	return &l.known[n-l.first], nil
}

// next reads one more entry, or the end. A name that is no text has no place in a string,
// and is passed over.
func (l *listing) next(ctx context.Context) error {
	e, err := l.stream.ReadDirectoryEntry(ctx)
	switch {
	case err == filesystem.ErrorCodeIllegalByteSequence:
		return nil
	case err != nil:
		return err
	case e == nil:
		l.end = true
		return nil
	}
	d := dirent{name: e.Name, filetype: fileType(e.Type)}
	// One that is gone by now has no number.
	if hash, err := l.dir.MetadataHashAt(ctx, 0, e.Name); err == nil {
		d.inode = hash.Lower
	}
	if len(l.known) == listed {
		l.first += listed / 2
		l.known = append(l.known[:0], l.known[listed/2:]...)
	}
	l.known = append(l.known, d)
	return nil
}

// fdReaddir fills the buffer to the last byte; an entry that is cut off says that there are
// more.
func (p *process) fdReaddir() error {
	d, err := p.fdFor(0, rightFdReaddir)
	switch {
	case err != nil:
		return err
	case d.node == nil:
		return eBADF
	case d.filetype != typeDirectory:
		return eNOTDIR
	}
	buf, err := p.at(p.u32(1), p.u32(2))
	if err != nil {
		return err
	}
	used, err := p.out(4, 4)
	if err != nil {
		return err
	}
	cookie, n := p.u64(3), 0
	if d.listing == nil || cookie == 0 {
		if d.listing == nil {
			d.listing = &listing{dir: d.node}
		}
		if err := d.listing.rewind(p.ctx); err != nil {
			return err
		}
	}
	buf = buf[:min(len(buf), maxTransfer)]
	for ; n < len(buf); cookie++ {
		e, err := p.entry(d.listing, cookie)
		if err != nil {
			return err
		}
		if e == nil {
			break
		}
		var head [direntSize]byte
		le.PutUint64(head[:], cookie+1)
		le.PutUint64(head[8:], e.inode)
		le.PutUint32(head[16:], uint32(len(e.name)))
		head[20] = e.filetype
		n += copy(buf[n:], head[:])
		n += copy(buf[n:], e.name)
	}
	le.PutUint32(used, uint32(n))
	return nil
}
