package sockets

import (
	"sync"
	"sync/atomic"
)

// conn is an established connection. The socket, its Input and its Output hold it together; when the last of them
// lets go, the connection ends, after what is under way has been sent.
type conn struct {
	d   *descriptor
	in  Input
	out Output

	mu      sync.Mutex
	holders int

	// lost is the failure that ended the connection, as the half has it that met it, and nil before. The kernel tells it
	// only once, and the other half must not take it for a regular end.
	lost atomic.Pointer[ErrorCode]
}

func newConn(d *descriptor) *conn {
	c := &conn{d: d, holders: 3}
	c.in.c, c.out.c = c, c
	d.belong(c)
	return c
}

// event implements owner.
func (c *conn) event(m mode) {
	if m&readable != 0 {
		c.in.bell.ring()
	}
	if m&writable != 0 {
		c.out.drain()
	}
}

// teardown implements owner.
func (c *conn) teardown() {
	unsent := c.out.abandon()
	c.in.abandon()
	if unsent {
		c.d.reset()
		return
	}
	c.d.close()
}

// leave lets go of one of the three holds.
func (c *conn) leave() {
	c.mu.Lock()
	c.holders--
	last := c.holders == 0
	c.mu.Unlock()
	if last && !c.out.linger(c.d.net.config.Linger) {
		c.d.close()
	}
}
