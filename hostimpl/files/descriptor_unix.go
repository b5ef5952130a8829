//go:build unix

package files

import (
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// descriptor is a number of the system's that is not closed while somebody uses it, since another file may get the same
// number then.
type descriptor struct {
	fd    int
	state atomic.Int64 // how many use it, and closing
}

// closing is set in the state when no further user is let in.
const closing = 1 << 62

// acquire gives the number for use until release.
func (d *descriptor) acquire() (int, error) {
	for {
		s := d.state.Load()
		if s&closing != 0 {
			return -1, BadDescriptor
		}
		if d.state.CompareAndSwap(s, s+1) {
			return d.fd, nil
		}
	}
}

func (d *descriptor) release() {
	// Nobody is let in any more, so that this is true once.
	if d.state.Add(-1) == closing {
		unix.Close(d.fd)
	}
}

// close lets in nobody else. The last user closes; what the system says to that is told only if it is this one.
func (d *descriptor) close() error {
	for {
		s := d.state.Load()
		if s&closing != 0 {
			return BadDescriptor
		}
		if !d.state.CompareAndSwap(s, s|closing) {
			continue
		}
		if s > 0 {
			return nil
		}
		if err := unix.Close(d.fd); err != unix.EINTR { // it is closed, interrupted or not
			return err
		}
		return nil
	}
}

func (d *descriptor) info() (Info, error) {
	fd, err := d.acquire()
	if err != nil {
		return Info{}, err
	}
	defer d.release()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return Info{}, err
	}
	return infoOf(&st), nil
}

func (d *descriptor) setTimes(accessed, modified Time) error {
	ts, err := timespecs(accessed, modified)
	if err != nil {
		return err
	}
	fd, err := d.acquire()
	if err != nil {
		return err
	}
	defer d.release()
	return futimens(fd, &ts)
}

// sync does not fail for what has nothing to be kept, such as a pipe.
func (d *descriptor) sync(dataOnly bool) error {
	fd, err := d.acquire()
	if err != nil {
		return err
	}
	defer d.release()
	for {
		if dataOnly {
			err = fdatasync(fd)
		} else {
			err = fsync(fd)
		}
		switch err {
		case unix.EINTR:
		case unix.EINVAL, unix.EROFS: // what POSIX and Linux answer for it
			return nil
		default:
			return err
		}
	}
}
