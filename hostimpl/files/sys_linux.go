package files

import (
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// searchFlags open a directory to find names in, which asks for no permission to list them.
const searchFlags = unix.O_PATH

const (
	utimeNow     = unix.UTIME_NOW
	utimeOmit    = unix.UTIME_OMIT
	dataSyncFlag = unix.O_DSYNC
)

// openBeneath opens a directory deeper down in one step. It is a short way for what os.Root would do name by name, and
// cannot lead out: the kernel refuses each link, and as there is no "..", each name leads one directory down from dir.
// Whatever else there is, os.Root finds out; so nothing rests on whether this system knows the call.
func openBeneath(dir int, path string) (fd int, ok bool) {
	if strings.Contains(path, "..") {
		return -1, false
	}
	how := unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
	}
	fd, err := unix.Openat2(dir, path, &how)
	return fd, err == nil
}

// futimens is utimensat without a path, which x/sys does not offer.
func futimens(fd int, ts *[2]unix.Timespec) error {
	_, _, errno := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(fd), 0, uintptr(unsafe.Pointer(ts)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func fsync(fd int) error     { return unix.Fsync(fd) }
func fdatasync(fd int) error { return unix.Fdatasync(fd) }

// appendOnce writes at the end of the file, wherever that is when the kernel has locked it. The position -1 stands for
// the descriptor's own, which nothing else uses, and which a pipe has not either.
func appendOnce(fd int, p []byte) (int, error) {
	return unix.Pwritev2(fd, [][]byte{p}, -1, unix.RWF_APPEND)
}

func advise(fd int, off, size int64, a Advice) error {
	return unix.Fadvise(fd, off, size, [...]int{
		Normal:     unix.FADV_NORMAL,
		Sequential: unix.FADV_SEQUENTIAL,
		Random:     unix.FADV_RANDOM,
		WillNeed:   unix.FADV_WILLNEED,
		DontNeed:   unix.FADV_DONTNEED,
		NoReuse:    unix.FADV_NOREUSE,
	}[a])
}
