//go:build unix

package bounds

import (
	"syscall"
	"time"
)

// cpu is the time that processors have worked for this process: what else the machine
// does takes no part in it.
func cpu() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		panic(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
