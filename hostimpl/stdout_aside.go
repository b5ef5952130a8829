package hostimpl

import (
	"sync"
	"time"
)

// aside writes in a goroutine, for a file whose Write may wait though the system has
// said that there is room: a terminal has room for one byte, or is stopped by Ctrl-S.
// Whoever writes is kept for as long as a Write usually takes, and a guest that has to
// wait longer does so where it can be interrupted. There is no goroutine when nothing
// is being written.
type aside struct {
	write func([]byte) error
	bell  bell // rings when all is written

	mu      sync.Mutex
	pending []byte        // what is left to write, but for what is being written
	done    chan struct{} // closed when all is; nil while nothing is written
}

// usually is how long a Write takes that does not have to wait for anybody. While it
// lasts, what is written to two files comes in order.
const usually = 10 * time.Millisecond

// take writes p, or begins to. It takes as much as was permitted while idle, so that
// pending is bounded.
func (a *aside) take(p []byte) {
	a.mu.Lock()
	a.pending = append(a.pending, p...)
	if a.done == nil {
		a.done = make(chan struct{})
		go a.run(a.done)
	}
	done := a.done
	a.mu.Unlock()
	timer := time.NewTimer(usually)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

func (a *aside) run(done chan struct{}) {
	for {
		a.mu.Lock()
		p := a.pending
		a.pending = nil
		if len(p) == 0 {
			a.done = nil
			a.mu.Unlock()
			close(done)
			a.bell.ring()
			return
		}
		a.mu.Unlock()
		if a.write(p) != nil {
			a.mu.Lock()
			a.pending = nil
			a.mu.Unlock()
		}
	}
}

// busy is closed when all is written; nil if it is already.
func (a *aside) busy() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.done == nil {
		return nil
	}
	return a.done
}
