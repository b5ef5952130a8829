package files

import "golang.org/x/sys/unix"

// What utimensat takes for a time, in place of nanoseconds; x/sys has no names for it here.
const (
	utimeNow  = -1
	utimeOmit = -2
)

const dataSyncFlag = unix.O_DSYNC

// fsync of this system leaves content in the memory of the disk.
func fsync(fd int) error {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_FULLFSYNC, 0)
	if err == unix.ENOTSUP || err == unix.ENOTTY {
		return unix.Fsync(fd)
	}
	return err
}

func fdatasync(fd int) error { return fsync(fd) }
