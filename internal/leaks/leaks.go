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
	before := count()
	t.Cleanup(func() { before.holds(t, patience) })
}

// By fails the test if there are more of them after f than before.
func By(t testing.TB, f func()) {
	t.Helper()
	before := count()
	f()
	before.holds(t, patience)
}

type counts struct{ goroutines, descriptors int }

func count() counts { return counts{runtime.NumGoroutine(), Descriptors()} }

func (before counts) holds(t testing.TB, patience time.Duration) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		now := count()
		if now.goroutines <= before.goroutines && now.descriptors <= before.descriptors {
			return
		}
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Errorf("left open: goroutines %d -> %d, descriptors %d -> %d\n%s", before.goroutines, now.goroutines,
				before.descriptors, now.descriptors, stacks[:runtime.Stack(stacks, true)])
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// Descriptors is how many this process has open, or -1 where the system does not list them.
func Descriptors() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(list)
}
