package sockets

import (
	"context"
	"sync"
	"time"
)

// Outgoing is the sending side of a UDP socket: a wasi:sockets/udp.outgoing-datagram-stream. Nothing here blocks. It
// may be used by several goroutines.
type Outgoing struct {
	p    *pairing
	bell bell

	mu     sync.Mutex
	closed bool
	full   bool // the kernel took no more, and has not been seen to since
	permit int
}

// CheckSend says how many datagrams the next Send may have: MaxDatagrams, or 0 while the kernel has no room. A closed
// Outgoing answers InvalidState.
func (o *Outgoing) CheckSend() (uint64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return 0, InvalidState
	}
	o.permit = 0
	if o.ready() {
		o.permit = MaxDatagrams
	}
	return uint64(o.permit), nil
}

// Send sends datagrams in their order, until all are sent or one is not, and answers how many were. Only when the
// first is not sent, it says why, by an ErrorCode: DatagramTooLarge; InvalidArgument for an address that this socket
// cannot send to, for one that differs from that of the peer in anything, and for none without a peer; AccessDenied by
// the policy, which is asked for each; then what the system says. 0 without an error means that the kernel has no
// room.
//
// More datagrams than the last CheckSend permitted are a *PermitError, and none is sent. Every Send uses up the
// permit, unless it has no datagrams, which is always allowed.
func (o *Outgoing) Send(all []Datagram) (sent uint64, err error) {
	if err := o.spend(len(all)); err != nil {
		return 0, err
	}
	for i := range all {
		err := o.send(&all[i])
		switch {
		case err == nil:
			continue
		case err == WouldBlock:
			err = nil
		case i > 0:
			o.swallow(err)
			err = nil
		}
		return uint64(i), err
	}
	return uint64(len(all)), nil
}

// spend uses up the permit.
func (o *Outgoing) spend(n int) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
		return InvalidState
	case n == 0:
		return nil
	case n > o.permit:
		return &PermitError{Size: uint64(n), Permit: uint64(o.permit), Datagrams: true}
	}
	o.permit = 0
	return nil
}

// send sends one. The order of the checks is that of Send's description.
func (o *Outgoing) send(d *Datagram) error {
	to := d.Remote
	none := to == Address{}
	switch {
	case len(d.Data) >= maxDatagram:
		return DatagramTooLarge
	case o.p.hasPeer():
		if !none && to != o.p.peer {
			return InvalidArgument
		}
		// Where there is a peer, BSD takes no address, not even that of the peer.
		return o.give(d.Data, Address{})
	case none:
		return InvalidArgument
	}
	if err := to.checkUDPRemote(o.p.family); err != nil {
		return err
	}
	if err := o.p.net.ask(UDPSend, to.AddrPort, ""); err != nil {
		return err
	}
	o.p.letOut(to.AddrPort)
	return o.give(d.Data, to)
}

// give hands a datagram to the kernel, unless the streams have been replaced: the peer may be another then.
func (o *Outgoing) give(p []byte, to Address) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return InvalidState
	}
	err := o.p.d.send(p, to)
	switch {
	case err == nil:
		return nil
	case isAgain(err):
		o.full = true
	}
	return sendCode(err)
}

// swallow takes an error that Send cannot tell, since it has sent something. The next Send meets most of them again,
// but the kernel tells only once what an earlier datagram has met; that is kept for the receiver.
func (o *Outgoing) swallow(err error) {
	if err == ConnectionRefused || err == RemoteUnreachable {
		o.p.in.hear(err)
	}
}

// Ready reports whether CheckSend would permit something, or the Outgoing is closed.
func (o *Outgoing) Ready() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ready()
}

// ready asks the system if it has to.
func (o *Outgoing) ready() bool {
	if o.closed || !o.full {
		return true
	}
	var room bool
	err := o.p.d.use(func(sys system, fd handle) error {
		room = sys.writable(fd)
		return nil
	})
	o.full = err == nil && !room
	if o.full && o.bell.heard() {
		o.p.d.await(writable)
	}
	return !o.full
}

// Wait blocks until the Outgoing is ready, the deadline (zero: none) has passed, or ctx has ended, and reports whether
// the Outgoing is ready. Closing it, its socket or its Network makes it ready.
func (o *Outgoing) Wait(ctx context.Context, deadline time.Time) bool {
	return o.Ready() || waitReady(ctx, o, o.p.d, writable, deadline, o.Ready)
}

// Notify sends on ch, without blocking, whenever the Outgoing may have become ready, until stop is called. Once woken,
// call Ready or CheckSend: either asks for the next wake-up when there is no room.
func (o *Outgoing) Notify(ch chan<- struct{}) (stop func()) { return o.NotifyFunc(poker(ch)) }

// NotifyFunc is Notify for a function instead of a channel. It is called under a lock: it must not block, and must
// not call this package.
func (o *Outgoing) NotifyFunc(wake func()) (stop func()) {
	stop = o.bell.add(wake)
	if o.Ready() {
		wake()
	}
	return stop
}

// Close ends the Outgoing. The socket goes on. Close may be called again.
func (o *Outgoing) Close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.bell.ring()
	o.p.d.unpark(writable)
}
