// Package bounds is for tests of what hostile input may cost.
package bounds

import (
	"runtime"
	"testing"
	"time"
)

// Check fails the test if f, which is given a mebibyte, takes more than a second or
// allocates more than 256 MiB in all.
func Check(t testing.TB, what string, f func() error) {
	t.Helper()
	took, mib := time.Hour, uint64(0)
	var err error
	// A busy machine has cold caches: the best of three counts.
	for range 3 {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := cpu()
		err = f()
		took = min(took, cpu()-start)
		runtime.ReadMemStats(&after)
		mib = (after.TotalAlloc - before.TotalAlloc) >> 20
		if took < slow*time.Second {
			break
		}
	}
	t.Logf("%s: %v, %d MiB allocated in all: %.200v", what, took, mib, err)
	if took > slow*time.Second || mib > 256 {
		t.Errorf("%s: took %v, allocated %d MiB", what, took, mib)
	}
}
