// Package leaks is for tests that must leave nothing behind: neither goroutines nor descriptors.
package leaks

import (
	"net"
	"os"
	"runtime"
	"testing"
	"time"
)

// Main is a TestMain. It opens what the poller of Go's runtime opens with the first socket and never closes, so that no
// test is taken to have left it.
func Main(m *testing.M) {
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close()
	}
	os.Exit(m.Run())
}

// patience is how long what ends by itself has to do so.
const patience = 10 * time.Second

// None fails the test unless goroutines and descriptors are at its end no more than now.
func None(t testing.TB) {
	t.Helper()
	within(t, patience)
}

func within(t testing.TB, patience time.Duration) {
	t.Helper()
	goroutines, descriptors := runtime.NumGoroutine(), Descriptors()
	t.Cleanup(func() {
		t.Helper()
		deadline := time.Now().Add(patience)
		for runtime.NumGoroutine() > goroutines || Descriptors() > descriptors {
			if time.Now().After(deadline) {
				stacks := make([]byte, 1<<16)
				stacks = stacks[:runtime.Stack(stacks, true)]
				t.Errorf("left open: goroutines %d -> %d, descriptors %d -> %d\n%s",
					goroutines, runtime.NumGoroutine(), descriptors, Descriptors(), stacks)
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
}

// Descriptors is how many this process has open, or -1 where the system does not list them.
func Descriptors() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(list)
}
