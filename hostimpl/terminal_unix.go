//go:build unix

package hostimpl

import (
	"os"

	"golang.org/x/sys/unix"
)

// isTerminal asks the descriptor of a file. That it is a character device does not
// say it: so is /dev/null.
func isTerminal(v any) bool {
	f, ok := v.(*os.File)
	if !ok {
		return false
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return false
	}
	terminal := false
	conn.Control(func(fd uintptr) {
		_, err := unix.IoctlGetTermios(int(fd), getTermios)
		terminal = err == nil
	})
	return terminal
}
