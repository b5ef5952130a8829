package files

import (
	"bytes"
	"encoding/binary"
	"io"

	"golang.org/x/sys/unix"
)

// direntReader takes entries out of what getdents64 gives.
type direntReader struct {
	buf  []byte
	rest []byte // of buf, not read yet
}

// The size of a batch, and where the fields of struct linux_dirent64 are.
const (
	direntBatch = 8 << 10
	direntLen   = 16
	direntType  = 18
	direntName  = 19
)

func (r *direntReader) next(fd int) (Entry, error) {
	if len(r.rest) == 0 {
		if r.buf == nil {
			r.buf = make([]byte, direntBatch)
		}
		n, err := unix.Getdents(fd, r.buf)
		for err == unix.EINTR {
			n, err = unix.Getdents(fd, r.buf)
		}
		if err != nil {
			return Entry{}, err
		}
		if n == 0 {
			return Entry{}, io.EOF
		}
		r.rest = r.buf[:n]
	}
	if len(r.rest) < direntName {
		return Entry{}, IO
	}
	size := int(binary.NativeEndian.Uint16(r.rest[direntLen:]))
	if size < direntName || size > len(r.rest) {
		return Entry{}, IO
	}
	entry := r.rest[:size]
	r.rest = r.rest[size:]
	name, _, _ := bytes.Cut(entry[direntName:], []byte{0})
	return Entry{Name: string(name), Kind: direntKind(entry[direntType])}, nil
}

func direntKind(t byte) Kind {
	switch t {
	case unix.DT_BLK:
		return BlockDevice
	case unix.DT_CHR:
		return CharacterDevice
	case unix.DT_DIR:
		return Directory
	case unix.DT_FIFO:
		return FIFO
	case unix.DT_LNK:
		return SymbolicLink
	case unix.DT_REG:
		return RegularFile
	case unix.DT_SOCK:
		return Socket
	}
	return UnknownKind
}
