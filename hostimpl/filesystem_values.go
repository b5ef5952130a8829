package hostimpl

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"math"
	"time"
	"unicode/utf8"

	"github.com/tenon-wasm/tenon/hostimpl/bind/clocks/wallclock"
	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/hostimpl/files"
)

// entries is the resource directory-entry-stream.
type entries struct {
	list files.Entries
	in   *fileSystem
}

// ReadDirectoryEntry tells of a name that is not text, and goes on behind it.
func (e *entries) ReadDirectoryEntry(context.Context) (*filesystem.DirectoryEntry, error) {
	next, err := e.list.Next()
	switch {
	case err == io.EOF:
		return nil, nil
	case err != nil:
		return nil, fileError(err)
	case !utf8.ValidString(next.Name):
		return nil, filesystem.ErrorCodeIllegalByteSequence
	}
	return &filesystem.DirectoryEntry{Type: filesystem.DescriptorType(next.Kind), Name: next.Name}, nil
}

func (e *entries) Close(context.Context) error {
	e.in.leave()
	_ = e.list.Close()
	return nil
}

func statOf(i files.Info) filesystem.DescriptorStat {
	return filesystem.DescriptorStat{
		Type:                      filesystem.DescriptorType(i.Kind),
		LinkCount:                 i.Links,
		Size:                      i.Size,
		DataAccessTimestamp:       datetime(i.Accessed),
		DataModificationTimestamp: datetime(i.Modified),
		StatusChangeTimestamp:     datetime(i.Changed),
	}
}

// datetime is nil for a time that is not known, and for one before 1970, for which there is
// no datetime.
func datetime(t time.Time) *wallclock.Datetime {
	if t.IsZero() || t.Unix() < 0 {
		return nil
	}
	return &wallclock.Datetime{Seconds: uint64(t.Unix()), Nanoseconds: uint32(t.Nanosecond())}
}

func newTimes(accessed, modified filesystem.NewTimestamp) (a, m files.Time, err error) {
	if a, err = newTime(accessed); err != nil {
		return a, m, err
	}
	m, err = newTime(modified)
	return a, m, err
}

// lastCountable is the last that a time.Time can count.
const lastCountable = math.MaxInt64 - 62135596800

func newTime(t filesystem.NewTimestamp) (files.Time, error) {
	switch t := t.(type) {
	case filesystem.NewTimestampNow:
		return files.Time{Set: true}, nil
	case filesystem.NewTimestampTimestamp:
		if t.Value.Nanoseconds >= 1e9 {
			return files.Time{}, filesystem.ErrorCodeInvalid
		}
		if t.Value.Seconds > lastCountable {
			return files.Time{}, filesystem.ErrorCodeOverflow
		}
		return files.Time{Set: true, At: time.Unix(int64(t.Value.Seconds), int64(t.Value.Nanoseconds))}, nil
	}
	return files.Time{}, nil
}

// metadataHash is a hash of what is open in its lower half, and of its size and time of
// modification, too, in its upper half. The adapter of preview 1 gives the lower half to
// programs as the number of the inode, which must stay when the file changes.
func metadataHash(i files.Info) filesystem.MetadataHashValue {
	var b [40]byte
	binary.LittleEndian.PutUint64(b[0:], i.Device)
	binary.LittleEndian.PutUint64(b[8:], i.Inode)
	is := sha256.Sum256(b[:16])
	binary.LittleEndian.PutUint64(b[16:], i.Size)
	binary.LittleEndian.PutUint64(b[24:], uint64(i.Modified.Unix()))
	binary.LittleEndian.PutUint64(b[32:], uint64(i.Modified.Nanosecond()))
	has := sha256.Sum256(b[:])
	return filesystem.MetadataHashValue{
		Lower: binary.LittleEndian.Uint64(is[:]),
		Upper: binary.LittleEndian.Uint64(has[:]),
	}
}
