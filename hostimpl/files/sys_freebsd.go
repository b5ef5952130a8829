package files

import "golang.org/x/sys/unix"

const (
	utimeNow  = unix.UTIME_NOW
	utimeOmit = unix.UTIME_OMIT
)

const dataSyncFlag = unix.O_SYNC

func fsync(fd int) error     { return unix.Fsync(fd) }
func fdatasync(fd int) error { return unix.Fsync(fd) }
