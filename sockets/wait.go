package sockets

import (
	"context"
	"time"
)

// waitable is what can be waited for.
type waitable interface {
	Ready() bool
	Notify(ch chan<- struct{}) (stop func())
}

// waitReady waits until try is true, the deadline has passed or ctx has ended, in Go's own poller where that is
// possible. Try must find out for itself, without relying on what a poller has reported.
func waitReady(ctx context.Context, w waitable, d *descriptor, m mode, deadline time.Time, try func() bool) bool {
	for {
		parked, done := d.park(ctx, m, deadline, try)
		if done {
			return true
		}
		ended := over(ctx, deadline)
		if !parked {
			ended = !waitNotified(ctx, w, deadline)
		}
		if try() {
			return true
		}
		if ended {
			return false
		}
	}
}

func over(ctx context.Context, deadline time.Time) bool {
	return ctx.Err() != nil || !deadline.IsZero() && !time.Now().Before(deadline)
}

// waitNotified waits for what cannot park, or for what somebody is parked for already.
func waitNotified(ctx context.Context, w waitable, deadline time.Time) bool {
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
		case <-ctx.Done():
			return w.Ready()
		}
	}
	return true
}

// whenOver is context.AfterFunc, which does nothing for a context that does not end.
func whenOver(ctx context.Context, f func()) (stop func() bool) {
	if ctx.Done() == nil {
		return func() bool { return true }
	}
	return context.AfterFunc(ctx, f)
}
