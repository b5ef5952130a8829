//go:build unix

package files

import (
	"io"
	"sync"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// hostEntries reads a directory in batches, so that what is kept does not grow with the directory.
//
// A name that is not UTF-8 cannot be told to a guest. It is an IllegalByteSequence in place of the entry, and the next
// call goes on: a guest that copies a tree learns that something is missing from its copy.
type hostEntries struct {
	mu     sync.Mutex
	fd     int // -1 when closed
	reader direntReader
}

func newEntries(fd int) *hostEntries { return &hostEntries{fd: fd} }

// Next implements Entries.
func (e *hostEntries) Next() (Entry, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		if e.fd < 0 {
			return Entry{}, BadDescriptor
		}
		entry, err := e.reader.next(e.fd)
		if err == unix.ENOENT {
			return Entry{}, io.EOF // the directory was removed, and it had to be empty for that
		}
		switch {
		case err != nil:
			return Entry{}, err
		case entry.Name == "." || entry.Name == "..":
		case !utf8.ValidString(entry.Name):
			return Entry{}, IllegalByteSequence
		case entry.Kind != UnknownKind:
			return entry, nil
		default:
			return e.ask(entry)
		}
	}
}

// ask is for a file system that does not tell kinds with names.
func (e *hostEntries) ask(entry Entry) (Entry, error) {
	var st unix.Stat_t
	// A name that came from the directory has no slash; a link is not followed.
	if unix.Fstatat(e.fd, entry.Name, &st, unix.AT_SYMLINK_NOFOLLOW) == nil {
		entry.Kind = kindOfMode(uint32(st.Mode))
	}
	return entry, nil
}

// Close implements Entries.
func (e *hostEntries) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fd < 0 {
		return BadDescriptor
	}
	unix.Close(e.fd)
	e.fd = -1
	return nil
}
