package sockets

import "sync"

// descriptor is an operating system socket that can be closed while others use it.
//
// It is not handed to Go's net. There it would be duplicated, and a wait would cost a parked goroutine with its
// stack; a non-blocking attempt has to go through a RawConn closure. Here a read or write is one system call under a
// read lock. One goroutine waits for all descriptors (see poller_*.go); a goroutine that waits for one of them alone
// may park itself (see park_unix.go).
//
// System calls happen under the read lock, and none of them blocks, so close waits only for calls under way. After
// close the number may belong to somebody else, and every use answers errGone.
type descriptor struct {
	net *Network

	mu   sync.RWMutex
	fd   handle
	gone bool

	watch struct {
		sync.Mutex
		owner owner
		armed mode // what the poller will report, once each
		entry entry
	}

	parking parking
}

// mode is a set of directions.
type mode uint8

const (
	readable mode = 1 << iota
	writable
)

// owner is what a descriptor belongs to at the moment: a UDP, or a TCP and later its connection.
type owner interface {
	event(m mode) // the directions may be usable; called by the poller without any lock held
	teardown()    // the network closes: let go of everything at once
}

// newDescriptor takes the place that n.reserve made. The owner is set before anybody can wait.
func newDescriptor(n *Network, fd handle, o owner) *descriptor {
	d := &descriptor{net: n, fd: fd}
	d.watch.owner = o
	return d
}

// use runs one system call; f must not block.
func (d *descriptor) use(f func(sys system, fd handle) error) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.gone {
		return errGone
	}
	return f(d.net.sys, d.fd)
}

func (d *descriptor) read(p []byte) (int, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.gone {
		return 0, errGone
	}
	return d.net.sys.read(d.fd, p)
}

func (d *descriptor) pending() (int, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.gone {
		return 0, errGone
	}
	return d.net.sys.pending(d.fd)
}

func (d *descriptor) write(p []byte) (int, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.gone {
		return 0, errGone
	}
	return d.net.sys.write(d.fd, p)
}

// receive takes a datagram, or looks at the next one.
func (d *descriptor) receive(p []byte, peek bool) (int, Address, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.gone {
		return 0, Address{}, errGone
	}
	return d.net.sys.receive(d.fd, p, peek)
}

// send sends a datagram, to the peer of the socket if the address is the zero one.
func (d *descriptor) send(p []byte, to Address) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.gone {
		return errGone
	}
	return d.net.sys.send(d.fd, p, to)
}

// close may be called more than once.
func (d *descriptor) close() { d.end(false) }

// reset closes with RST, for a peer that must not take what it got for everything.
func (d *descriptor) reset() { d.end(true) }

// shut is the end by the Network. A socket may become a connection while its end is on the way; then the connection
// is told, too. An owner closes when it is told, and wakes who waits for it. One that fails to must not keep the
// Network from closing: then the descriptor is closed here, and the owner looks, finds that, and wakes them.
func (d *descriptor) shut() {
	for told := owner(nil); told != d.owner(); {
		told = d.owner()
		told.teardown()
	}
	if d.end(false) {
		d.owner().event(readable | writable)
	}
}

// end reports whether the descriptor was open.
func (d *descriptor) end(reset bool) bool {
	d.mu.Lock()
	if d.gone {
		d.mu.Unlock()
		return false
	}
	d.gone = true
	d.watch.Lock()
	d.watch.armed = 0
	d.net.sys.unwatch(d)
	d.watch.Unlock()
	if reset {
		d.net.sys.resetOnClose(d.fd)
	}
	d.mu.Unlock()
	d.closeHandle()
	d.net.forget(d)
	return true
}

// belong hands the events to another owner.
func (d *descriptor) belong(o owner) {
	d.watch.Lock()
	d.watch.owner = o
	d.watch.Unlock()
}

func (d *descriptor) owner() owner {
	d.watch.Lock()
	defer d.watch.Unlock()
	return d.watch.owner
}

// await asks for one event when the direction is or becomes usable. The request outlives whoever made it, so that
// asking again before the event came costs nothing. False means that the descriptor is closed and nothing will come.
func (d *descriptor) await(m mode) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.gone {
		return false
	}
	d.watch.Lock()
	defer d.watch.Unlock()
	if d.watch.armed&m != m {
		d.watch.armed |= m
		d.net.sys.watch(d, d.watch.armed)
	}
	return true
}

// awaited reports whether the event for the direction is yet to come.
func (d *descriptor) awaited(m mode) bool {
	d.watch.Lock()
	defer d.watch.Unlock()
	return d.watch.armed&m != 0
}

// fire is called by the poller when directions became usable. The kernel forgot them all, so what is still awaited is
// asked for again.
func (d *descriptor) fire(m mode) {
	d.mu.RLock()
	if d.gone {
		d.mu.RUnlock()
		return
	}
	d.watch.Lock()
	m &= d.watch.armed
	d.watch.armed &^= m
	if d.watch.armed != 0 {
		d.net.sys.watch(d, d.watch.armed)
	}
	o := d.watch.owner
	d.watch.Unlock()
	d.mu.RUnlock()
	if m != 0 {
		o.event(m)
	}
}
