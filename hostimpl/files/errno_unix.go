//go:build unix

package files

import (
	"errors"

	"golang.org/x/sys/unix"
)

// errnoCode maps what POSIX calls answer. The documents of wasi:filesystem name each pair.
func errnoCode(err error) (ErrorCode, bool) {
	var errno unix.Errno
	if !errors.As(err, &errno) {
		return 0, false
	}
	// Two numbers that some systems have as one.
	if errno == unix.EOPNOTSUPP {
		return Unsupported, true
	}
	code, ok := errnoCodes[errno]
	return code, ok
}

var errnoCodes = map[unix.Errno]ErrorCode{
	unix.EACCES:          Access,
	unix.EAGAIN:          WouldBlock,
	unix.EALREADY:        Already,
	unix.EBADF:           BadDescriptor,
	unix.EBUSY:           Busy,
	unix.EDEADLK:         Deadlock,
	unix.EDQUOT:          Quota,
	unix.EEXIST:          Exist,
	unix.EFBIG:           FileTooLarge,
	unix.EILSEQ:          IllegalByteSequence,
	unix.EINPROGRESS:     InProgress,
	unix.EINTR:           Interrupted,
	unix.EINVAL:          Invalid,
	unix.EIO:             IO,
	unix.EISDIR:          IsDirectory,
	unix.ELOOP:           Loop,
	unix.EMLINK:          TooManyLinks,
	unix.EMSGSIZE:        MessageSize,
	unix.ENAMETOOLONG:    NameTooLong,
	unix.ENODEV:          NoDevice,
	unix.ENOENT:          NoEntry,
	unix.ENOLCK:          NoLock,
	unix.ENOMEM:          InsufficientMemory,
	unix.ENOSPC:          InsufficientSpace,
	unix.ENOSYS:          Unsupported,
	unix.ENOTDIR:         NotDirectory,
	unix.ENOTEMPTY:       NotEmpty,
	unix.ENOTRECOVERABLE: NotRecoverable,
	unix.ENOTSUP:         Unsupported,
	unix.ENOTTY:          NoTTY,
	unix.ENXIO:           NoSuchDevice,
	unix.EOVERFLOW:       Overflow,
	unix.EPERM:           NotPermitted,
	unix.EPIPE:           Pipe,
	unix.EROFS:           ReadOnly,
	unix.ESPIPE:          InvalidSeek,
	unix.ETXTBSY:         TextFileBusy,
	unix.EXDEV:           CrossDevice,
	// Codes that WASI has no word of its own for, and the nearest that it has. A guest can do something about a limit
	// on descriptors only as it can about one on memory.
	unix.EMFILE:  InsufficientMemory,
	unix.ENFILE:  InsufficientMemory,
	unix.ENOBUFS: InsufficientMemory,
	unix.ERANGE:  Overflow,
	unix.ESTALE:  NoEntry,
}
