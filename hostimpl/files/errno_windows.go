package files

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"
)

// errnoCode maps what Windows answers, and the numbers that Go made up for it in the likeness of POSIX.
func errnoCode(err error) (ErrorCode, bool) {
	var errno windows.Errno
	if !errors.As(err, &errno) {
		return 0, false
	}
	code, ok := errnoCodes[errno]
	return code, ok
}

// ERROR_PATH_NOT_FOUND, which package syscall calls ENOTDIR, is mostly a directory that does not exist.
var errnoCodes = map[windows.Errno]ErrorCode{
	windows.ERROR_ACCESS_DENIED:         Access,
	windows.ERROR_ALREADY_EXISTS:        Exist,
	windows.ERROR_BAD_NET_NAME:          NoEntry,
	windows.ERROR_BAD_PATHNAME:          NoEntry,
	windows.ERROR_BROKEN_PIPE:           Pipe,
	windows.ERROR_BUSY:                  Busy,
	windows.ERROR_CANT_ACCESS_FILE:      Loop,
	windows.ERROR_CANT_RESOLVE_FILENAME: Loop,
	windows.ERROR_CURRENT_DIRECTORY:     Busy,
	windows.ERROR_DIRECTORY:             NotDirectory,
	windows.ERROR_DIR_NOT_EMPTY:         NotEmpty,
	windows.ERROR_DISK_FULL:             InsufficientSpace,
	windows.ERROR_DISK_QUOTA_EXCEEDED:   Quota,
	windows.ERROR_FILENAME_EXCED_RANGE:  NameTooLong,
	windows.ERROR_FILE_EXISTS:           Exist,
	windows.ERROR_FILE_NOT_FOUND:        NoEntry,
	windows.ERROR_FILE_TOO_LARGE:        FileTooLarge,
	windows.ERROR_HANDLE_DISK_FULL:      InsufficientSpace,
	windows.ERROR_INVALID_FUNCTION:      Unsupported,
	windows.ERROR_INVALID_HANDLE:        BadDescriptor,
	windows.ERROR_INVALID_NAME:          NoEntry,
	windows.ERROR_INVALID_PARAMETER:     Invalid,
	windows.ERROR_LOCK_VIOLATION:        Busy,
	windows.ERROR_NEGATIVE_SEEK:         Invalid,
	windows.ERROR_NOT_A_REPARSE_POINT:   Invalid,
	windows.ERROR_NOT_ENOUGH_MEMORY:     InsufficientMemory,
	windows.ERROR_NOT_SAME_DEVICE:       CrossDevice,
	windows.ERROR_NOT_SUPPORTED:         Unsupported,
	windows.ERROR_NO_DATA:               Pipe,
	windows.ERROR_OUTOFMEMORY:           InsufficientMemory,
	windows.ERROR_PATH_NOT_FOUND:        NoEntry,
	windows.ERROR_PRIVILEGE_NOT_HELD:    NotPermitted,
	windows.ERROR_SHARING_VIOLATION:     Busy,
	windows.ERROR_TOO_MANY_LINKS:        TooManyLinks,
	windows.ERROR_TOO_MANY_OPEN_FILES:   InsufficientMemory,
	windows.ERROR_WRITE_PROTECT:         ReadOnly,

	syscall.EACCES:       Access,
	syscall.EBADF:        BadDescriptor,
	syscall.EBUSY:        Busy,
	syscall.EEXIST:       Exist,
	syscall.EINVAL:       Invalid,
	syscall.EIO:          IO,
	syscall.EISDIR:       IsDirectory,
	syscall.ELOOP:        Loop,
	syscall.EMLINK:       TooManyLinks,
	syscall.ENAMETOOLONG: NameTooLong,
	syscall.ENOSPC:       InsufficientSpace,
	syscall.ENOSYS:       Unsupported,
	syscall.ENOTEMPTY:    NotEmpty,
	syscall.ENOTSUP:      Unsupported,
	syscall.EOPNOTSUPP:   Unsupported,
	syscall.EPERM:        NotPermitted,
	syscall.EPIPE:        Pipe,
	syscall.EROFS:        ReadOnly,
	syscall.ESPIPE:       InvalidSeek,
	syscall.EWINDOWS:     Unsupported,
	syscall.EXDEV:        CrossDevice,
}
