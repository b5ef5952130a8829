package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// gcPercent is how much the heap may grow before a collection.
func gcPercent() uint64 {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func TestTheCollectorWaitsForTheStartAlone(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	t.Setenv("GOMEMLIMIT", "")
	t.Setenv("GOGC", "77")
	if collectLater(); gcPercent() != 100 {
		t.Errorf("a setting of the user is overruled: %d", gcPercent())
	}
	t.Setenv("GOGC", "")
	begin := time.Now()
	if collectLater(); gcPercent() != startupHeap {
		t.Fatalf("the collector waits for %d percent", gcPercent())
	}
	runtime.GC() // as if there were much to collect
	for gcPercent() != 100 {
		if time.Since(begin) > startupTime+10*time.Second {
			t.Fatalf("the collector still waits for %d percent", gcPercent())
		}
		time.Sleep(time.Millisecond)
	}
}
