package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// startupHeap is how much memory a start may take before the first collection, in percent
// of the 4 MiB at which Go would begin: 200 MiB.
const startupHeap = 5000

// startupTime is how long the collector is put off at most.
const startupTime = time.Second

// collectLater puts the garbage collector off while a program is loaded. What is made then
// stays, so there is nothing to collect, and looking takes a fifth of the time of a start.
// From the first collection on all is as usual. Who has set the collector keeps the setting.
func collectLater() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	before := debug.SetGCPercent(startupHeap)
	usual := sync.OnceFunc(func() { debug.SetGCPercent(before) })
	// What nobody holds is found by the first collection.
	runtime.AddCleanup(&struct{ p *int }{}, func(f func()) { f() }, usual)
	time.AfterFunc(startupTime, usual)
}
