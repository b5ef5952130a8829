package hostimpl

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

// interruptibleFile makes the reads of f end on demand where the runtime's poller
// knows it. A console or an anonymous pipe of Windows has no way to end a synchronous
// read that loses nothing.
func interruptibleFile(f *os.File) (io.Reader, interruptible) {
	if f.SetReadDeadline(time.Time{}) == nil {
		return f, &deadline{f}
	}
	return f, nil
}

func isBrokenPipe(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA) ||
		errors.Is(err, syscall.EPIPE)
}
