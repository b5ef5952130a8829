//go:build unix

package files

import (
	"io"
	"sync"

	"golang.org/x/sys/unix"
)

// appending writes to a file at a position, and at its end as one step, both through one descriptor. Linux has a system
// call for the second. Where there is none, the descriptor is in O_APPEND mode while it is done; that is a property
// which only this process knows, as the descriptor is its own, and writing at a position waits meanwhile, since Linux
// would append then too.
type appending struct {
	mode sync.RWMutex // held to write with the descriptor in O_APPEND mode; to read by who needs it not to be
}

func (a *appending) writeAt(fd int, p []byte, off int64) (int, error) {
	a.mode.RLock()
	defer a.mode.RUnlock()
	done := 0
	for {
		n, err := unix.Pwrite(fd, p[done:], off+int64(done))
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return done, err
		}
		done += n
		if done == len(p) {
			return done, nil
		}
		if n == 0 {
			return done, io.ErrShortWrite
		}
	}
}

// append writes what is too long for the system, or for what room is left, in several steps, or in part.
func (a *appending) append(fd int, p []byte) (int, error) {
	done := 0
	for {
		n, err := appendOnce(fd, p[done:])
		if err == unix.EOPNOTSUPP || err == unix.ENOSYS {
			n, err = a.appendInMode(fd, p[done:])
		}
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return done, err
		}
		done += n
		if done == len(p) {
			return done, nil
		}
		if n == 0 {
			return done, io.ErrShortWrite
		}
	}
}

func (a *appending) appendInMode(fd int, p []byte) (int, error) {
	a.mode.Lock()
	defer a.mode.Unlock()
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		return 0, err
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, flags|unix.O_APPEND); err != nil {
		return 0, err
	}
	n, err := unix.Write(fd, p)
	if _, back := unix.FcntlInt(uintptr(fd), unix.F_SETFL, flags); err == nil && back != nil {
		err = back
	}
	return n, err
}
