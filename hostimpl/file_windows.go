package hostimpl

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// newFileInput has nothing to offer: a console or an anonymous pipe of Windows
// cannot be waited for together with something else, so that a pump reads it.
func newFileInput(*os.File) standardInput { return nil }

// newFileRoom has nothing to offer either: a Write waits for as long as it takes.
func newFileRoom(*os.File) Waitable { return nil }

func isBrokenPipe(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA) ||
		errors.Is(err, syscall.EPIPE)
}
