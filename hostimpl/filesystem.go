package hostimpl

import (
	"context"
	"errors"
	"syscall"

	"github.com/tenon-wasm/tenon/component/cabi"
	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
)

// noDirectories is wasi:filesystem/preopens of a guest to which no directory is
// granted. Without one it can reach no descriptor, so that of
// wasi:filesystem/types only filesystem-error-code is ever called.
type noDirectories struct{}

func (noDirectories) GetDirectories(context.Context) ([]cabi.Tuple2[filesystem.Descriptor, string], error) {
	return nil, nil
}

// fileErrorCode is the code of an error of the operating system.
func fileErrorCode(err error) filesystem.ErrorCode {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return filesystem.ErrorCodeIO
	}
	if code, ok := fileErrorCodes[errno]; ok {
		return code
	}
	return filesystem.ErrorCodeIO
}

var fileErrorCodes = map[syscall.Errno]filesystem.ErrorCode{
	syscall.EACCES:       filesystem.ErrorCodeAccess,
	syscall.EAGAIN:       filesystem.ErrorCodeWouldBlock,
	syscall.EALREADY:     filesystem.ErrorCodeAlready,
	syscall.EBADF:        filesystem.ErrorCodeBadDescriptor,
	syscall.EBUSY:        filesystem.ErrorCodeBusy,
	syscall.EDEADLK:      filesystem.ErrorCodeDeadlock,
	syscall.EDQUOT:       filesystem.ErrorCodeQuota,
	syscall.EEXIST:       filesystem.ErrorCodeExist,
	syscall.EFBIG:        filesystem.ErrorCodeFileTooLarge,
	syscall.EILSEQ:       filesystem.ErrorCodeIllegalByteSequence,
	syscall.EINPROGRESS:  filesystem.ErrorCodeInProgress,
	syscall.EINTR:        filesystem.ErrorCodeInterrupted,
	syscall.EINVAL:       filesystem.ErrorCodeInvalid,
	syscall.EIO:          filesystem.ErrorCodeIO,
	syscall.EISDIR:       filesystem.ErrorCodeIsDirectory,
	syscall.ELOOP:        filesystem.ErrorCodeLoop,
	syscall.EMLINK:       filesystem.ErrorCodeTooManyLinks,
	syscall.EMSGSIZE:     filesystem.ErrorCodeMessageSize,
	syscall.ENAMETOOLONG: filesystem.ErrorCodeNameTooLong,
	syscall.ENODEV:       filesystem.ErrorCodeNoDevice,
	syscall.ENOENT:       filesystem.ErrorCodeNoEntry,
	syscall.ENOLCK:       filesystem.ErrorCodeNoLock,
	syscall.ENOMEM:       filesystem.ErrorCodeInsufficientMemory,
	syscall.ENOSPC:       filesystem.ErrorCodeInsufficientSpace,
	syscall.ENOTDIR:      filesystem.ErrorCodeNotDirectory,
	syscall.ENOTEMPTY:    filesystem.ErrorCodeNotEmpty,
	syscall.ENOTSUP:      filesystem.ErrorCodeUnsupported,
	syscall.ENOTTY:       filesystem.ErrorCodeNoTTY,
	syscall.ENXIO:        filesystem.ErrorCodeNoSuchDevice,
	syscall.EOVERFLOW:    filesystem.ErrorCodeOverflow,
	syscall.EPERM:        filesystem.ErrorCodeNotPermitted,
	syscall.EPIPE:        filesystem.ErrorCodePipe,
	syscall.EROFS:        filesystem.ErrorCodeReadOnly,
	syscall.ESPIPE:       filesystem.ErrorCodeInvalidSeek,
	syscall.ETXTBSY:      filesystem.ErrorCodeTextFileBusy,
	syscall.EXDEV:        filesystem.ErrorCodeCrossDevice,
}
