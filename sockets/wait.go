package sockets

import "time"

// waitable is what can be waited for.
type waitable interface {
	Ready() bool
	Notify(ch chan<- struct{}) (stop func())
}

// waitReady waits until look is true or the deadline has passed, in Go's own poller where that is possible. Look
// must find out for itself, without relying on what a poller has reported.
func waitReady(w waitable, d *descriptor, m mode, deadline time.Time, look func() bool) bool {
	for {
		ready := false
		if !d.park(m, deadline, func() bool { ready = look(); return ready }) {
			return waitNotified(w, deadline)
		}
		if ready || look() {
			return true
		}
		if !deadline.IsZero() && !time.Now().Before(deadline) {
			return false
		}
	}
}

// waitNotified waits for what cannot park, or for what somebody is parked for already.
func waitNotified(w waitable, deadline time.Time) bool {
	woken := make(chan struct{}, 1)
	defer w.Notify(woken)()
	var timeout <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		timeout = timer.C
	}
	for !w.Ready() {
		select {
		case <-woken:
		case <-timeout:
			return w.Ready()
		}
	}
	return true
}
