//go:build unix && !linux

package files

import (
	"io"

	"golang.org/x/sys/unix"
)

// direntReader takes names out of what the system gives; it leaves kinds to be asked for.
type direntReader struct {
	buf   []byte
	rest  []byte // of buf, not read yet
	names []string
}

const direntBatch = 8 << 10

func (r *direntReader) next(fd int) (Entry, error) {
	for len(r.names) == 0 {
		if len(r.rest) == 0 {
			if r.buf == nil {
				r.buf = make([]byte, direntBatch)
			}
			n, err := unix.ReadDirent(fd, r.buf)
			for err == unix.EINTR {
				n, err = unix.ReadDirent(fd, r.buf)
			}
			if err != nil {
				return Entry{}, err
			}
			if n <= 0 {
				return Entry{}, io.EOF
			}
			r.rest = r.buf[:n]
		}
		var used int
		used, _, r.names = unix.ParseDirent(r.rest, -1, r.names[:0])
		r.rest = r.rest[used:]
	}
	name := r.names[0]
	r.names = r.names[1:]
	return Entry{Name: name}, nil
}
