package sockets

import (
	"context"
	"time"
)

// parking does not exist here: Go's poller on Windows waits for operations, not for readiness.
type parking struct{}

func (d *descriptor) park(context.Context, mode, time.Time, func() bool) (parked, done bool) {
	return false, false
}
func (d *descriptor) unpark(mode)  {}
func (d *descriptor) closeHandle() { d.net.sys.close(d.fd) }
