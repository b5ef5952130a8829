//go:build unix && !linux

package files

import (
	"time"

	"golang.org/x/sys/unix"
)

// searchFlags open a directory to find names in. O_SEARCH, where there is one, is another number on each system.
const searchFlags = unix.O_RDONLY

// futimens sets times to the microsecond, the finest that x/sys offers for a descriptor. A time that is to stay is the
// one that was read a moment before.
func futimens(fd int, ts *[2]unix.Timespec) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	now := time.Now()
	tv := make([]unix.Timeval, 2)
	for i, old := range [2]unix.Timespec{st.Atim, st.Mtim} {
		switch ts[i].Nsec {
		case utimeOmit:
			tv[i] = unix.NsecToTimeval(old.Nano())
		case utimeNow:
			tv[i] = unix.NsecToTimeval(now.UnixNano())
		default:
			tv[i].Sec = ts[i].Sec
			tv[i].Usec = unix.NsecToTimeval(int64(ts[i].Nsec)).Usec
		}
	}
	return unix.Futimes(fd, tv)
}

// appendOnce has no system call to use.
func appendOnce(int, []byte) (int, error) { return 0, unix.EOPNOTSUPP }

// advise does nothing, which a hint allows.
func advise(int, int64, int64, Advice) error { return nil }

// openBeneath has no system call to use.
func openBeneath(int, string) (fd int, ok bool) { return -1, false }
