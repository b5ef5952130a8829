package hostimpl

import (
	"os"

	"golang.org/x/sys/windows"
)

// isTerminal asks whether the file is a console.
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
		var mode uint32
		terminal = windows.GetConsoleMode(windows.Handle(fd), &mode) == nil
	})
	return terminal
}
