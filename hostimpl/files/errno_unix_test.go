//go:build unix

package files_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/tenon-wasm/tenon/hostimpl/files"
)

// Each code of the WIT is named after an error of POSIX, and is what that error is for a guest.
const posix = `EACCES EAGAIN EALREADY EBADF EBUSY EDEADLK EDQUOT EEXIST EFBIG EILSEQ EINPROGRESS EINTR EINVAL EIO EISDIR ELOOP
	EMLINK EMSGSIZE ENAMETOOLONG ENODEV ENOENT ENOLCK ENOMEM ENOSPC ENOTDIR ENOTEMPTY ENOTRECOVERABLE ENOTSUP ENOTTY ENXIO
	EOVERFLOW EPERM EPIPE EROFS ESPIPE ETXTBSY EXDEV`

func TestEachErrorOfPOSIXHasItsCode(t *testing.T) {
	numbers := make(map[string]unix.Errno)
	for n := unix.Errno(1); n < 200; n++ {
		if name := unix.ErrnoName(n); name != "" {
			numbers[name] = n
		}
	}
	numbers["ENOTSUP"] = unix.ENOTSUP // which Linux calls EOPNOTSUPP
	for i, name := range strings.Fields(posix) {
		n, ok := numbers[name]
		if !ok {
			t.Errorf("there is no %s", name)
			continue
		}
		if got := files.CodeOf(n); got != files.ErrorCode(i) {
			t.Errorf("%s is %v, want %v", name, got, files.ErrorCode(i))
		}
		if got := files.CodeOf(&os.PathError{Op: "open", Path: "x", Err: n}); got != files.ErrorCode(i) {
			t.Errorf("%s of a path is %v, want %v", name, got, files.ErrorCode(i))
		}
	}
	for n, want := range map[unix.Errno]files.ErrorCode{
		unix.EOPNOTSUPP: files.Unsupported, unix.ENOSYS: files.Unsupported, unix.EMFILE: files.InsufficientMemory,
		unix.ENFILE: files.InsufficientMemory, unix.ESTALE: files.NoEntry, unix.ECONNREFUSED: files.IO,
	} {
		if got := files.CodeOf(n); got != want {
			t.Errorf("%v is %v, want %v", n, got, want)
		}
	}
}
