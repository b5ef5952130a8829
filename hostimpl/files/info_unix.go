//go:build unix

package files

import (
	"time"

	"golang.org/x/sys/unix"
)

func infoOf(st *unix.Stat_t) Info {
	return Info{
		Kind:     kindOfMode(uint32(st.Mode)),
		Links:    uint64(st.Nlink),
		Size:     uint64(st.Size),
		Accessed: timeOf(st.Atim),
		Modified: timeOf(st.Mtim),
		Changed:  timeOf(st.Ctim),
		Device:   uint64(st.Dev),
		Inode:    uint64(st.Ino),
	}
}

func kindOfMode(mode uint32) Kind {
	switch mode & unix.S_IFMT {
	case unix.S_IFBLK:
		return BlockDevice
	case unix.S_IFCHR:
		return CharacterDevice
	case unix.S_IFDIR:
		return Directory
	case unix.S_IFIFO:
		return FIFO
	case unix.S_IFLNK:
		return SymbolicLink
	case unix.S_IFREG:
		return RegularFile
	case unix.S_IFSOCK:
		return Socket
	}
	return UnknownKind
}

func timeOf(ts unix.Timespec) time.Time { return time.Unix(ts.Unix()) }

// maxSecond is the last of the year 9999. What lies behind it no file system of today keeps, and Linux would set the
// last second that it has instead, without a word.
const maxSecond = 253402300799

// timespecs gives what utimensat wants: the times of access and of modification.
func timespecs(accessed, modified Time) (ts [2]unix.Timespec, err error) {
	for i, t := range [2]Time{accessed, modified} {
		switch {
		case !t.Set:
			ts[i].Nsec = utimeOmit
		case t.At.IsZero():
			ts[i].Nsec = utimeNow
		case t.At.Unix() > maxSecond || t.At.Unix() < -maxSecond:
			return ts, Overflow
		default:
			ts[i], err = unix.TimeToTimespec(t.At)
			if err != nil {
				return ts, Overflow
			}
		}
	}
	return ts, nil
}
