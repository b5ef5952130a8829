package sockets

import (
	"context"
	"time"
)

// UDP is wasi:sockets/udp.udp-socket: a state and the calls that leave it. Each state holds exactly what exists while
// it lasts.
//
//	unbound -bind-> binding -> bound <-stream-> associated     closed: Close, and an address that was lost
//
// Nothing here blocks. It may be used by several goroutines. testdata/transitions/udp.txt has every call in every
// state; it is run as a test.
//
// Every method that fails answers an [ErrorCode], in the order that [TCP] has. A failure changes nothing, unless
// Stream says so.
type UDP struct {
	socket
	latest *pairing // what Stream has given last; mu guards it
}

// associated is bound with a peer. The documents call it connected.
type associated struct {
	bound
	here   Address // the local address on the way to the peer
	remote Address
}

func (associated) String() string { return "connected" }

// NewUDP makes an unbound socket: udp-create-socket.create-udp-socket. AccessDenied means that no rule of the policy
// has to do with UDP, NotSupported an unknown family or one that the machine lacks, NewSocketLimit the limit of the
// Network or of the system.
func (n *Network) NewUDP(f Family) (*UDP, error) {
	u := new(UDP)
	if err := n.newSocket(&u.socket, f, transportUDP, u); err != nil {
		return nil, err
	}
	return u, nil
}

// StartBind begins to bind the socket to a local address. When it fails the socket stays as it was and may be bound
// again. Port 0 takes an ephemeral port; the unspecified address means every interface. An address that another
// socket is bound to is AddressInUse.
func (u *UDP) StartBind(local Address) error {
	return u.startBind(local, local.checkFamily(u.family), UDPBind)
}

// Stream gives the two sides of the socket, for one peer, or for all if remote is the zero Address. It may be called
// again; streams that it gave before are closed by a call that comes as far as asking the system.
//
// With a peer, nothing of others is received, not even what had come before, and everything goes to the peer. The
// local address may become the one on the way to it; without a peer it is again the one that was bound.
//
// If the system refuses the peer, the socket has none. If a socket that loses its peer cannot keep its local address,
// because somebody else has just taken it, it is closed and the answer is AddressInUse.
func (u *UDP) Stream(remote Address) (*Incoming, *Outgoing, error) {
	peer := remote != Address{}
	if err := u.mayStream(peer, remote); err != nil {
		return nil, nil, err
	}
	if peer {
		if err := u.net.ask(UDPSend, remote.AddrPort, ""); err != nil {
			return nil, nil, err
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	st, err := u.bound()
	if err != nil {
		return nil, nil, err
	}
	u.endLatest()
	if st, err = u.alone(st); err != nil {
		return nil, nil, err
	}
	if peer {
		if err := u.associate(st, remote); err != nil {
			return nil, nil, err
		}
	}
	p := newPairing(u.net, st, u.family, remote)
	u.latest = p
	return &p.in, &p.out, nil
}

func (u *UDP) mayStream(peer bool, remote Address) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, err := u.bound(); err != nil || !peer {
		return err
	}
	return remote.checkUDPRemote(u.family)
}

// bound is the state without a peer that the socket has or had. It assumes u.mu.
func (u *UDP) bound() (bound, error) {
	switch st := u.state.(type) {
	case bound:
		return st, nil
	case associated:
		return st.bound, nil
	}
	return bound{}, u.misplaced()
}

// associate gives the bound socket a peer.
func (u *UDP) associate(st bound, remote Address) error {
	if err := st.d.use(func(sys system, fd handle) error { return sys.connectDatagrams(fd, remote) }); err != nil {
		return peerCode(err)
	}
	// There is a peer now, whatever becomes of the question which way leads to it.
	here, err := st.d.localAddress(st.local.FlowInfo)
	if err != nil {
		here = st.local
	}
	u.become(associated{st, here, remote})
	return nil
}

// alone takes the peer away, if there is one.
//
// The system may take more. Linux forgets a port that it had chosen itself, and BSD the address; then the socket is
// bound once more, and what cannot be is replaced by another that is bound instead. What comes in between is lost.
func (u *UDP) alone(st bound) (bound, error) {
	if _, ok := u.state.(associated); !ok {
		return st, nil
	}
	kept := false
	err := st.d.use(func(sys system, fd handle) error {
		if err := sys.dissolve(fd); err != nil {
			return err
		}
		now, err := sys.local(fd)
		kept = now.AddrPort == st.local.AddrPort
		return err
	})
	if err == nil && !kept {
		err = st.d.use(func(sys system, fd handle) error { return sys.bind(fd, st.local) })
	}
	if err != nil {
		return u.renew(st)
	}
	u.become(st)
	return st, nil
}

// renew binds another descriptor to the address in place of the one that has lost it.
func (u *UDP) renew(st bound) (bound, error) {
	kept := st.d.settings(hopLimitOption(u.family), optReceiveBuffer, optSendBuffer)
	st.d.close() // before the other takes its place
	d, err := u.net.openDescriptor(u.family, transportUDP, u)
	if err != nil {
		u.fall()
		return st, err
	}
	st.d = d
	u.become(st)
	if !u.net.adopt(d, true) {
		u.fall()
		return st, InvalidState
	}
	d.apply(kept)
	if err := d.use(func(sys system, fd handle) error { return sys.bind(fd, st.local) }); err != nil {
		u.fall()
		return st, bindCode(err)
	}
	return st, nil
}

// LocalAddress is the address that the socket is bound to, with the port that it got. It answers InvalidState before
// the bind is finished.
func (u *UDP) LocalAddress() (Address, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch st := u.state.(type) {
	case bound:
		return st.local, nil
	case associated:
		return st.here, nil
	}
	return Address{}, InvalidState
}

// RemoteAddress is the address of the peer, in the connected state.
func (u *UDP) RemoteAddress() (Address, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if st, ok := u.state.(associated); ok {
		return st.remote, nil
	}
	return Address{}, InvalidState
}

// Ready is always true: nothing that a socket does has to be waited for. Its streams are another matter.
func (u *UDP) Ready() bool { return true }

// Wait reports that the socket is ready.
func (u *UDP) Wait(context.Context, time.Time) bool { return true }

// Notify sends on ch, without blocking, at once and whenever the state changes, until stop is called.
func (u *UDP) Notify(ch chan<- struct{}) (stop func()) { return u.NotifyFunc(poker(ch)) }

// NotifyFunc is Notify for a function instead of a channel. It is called under a lock: it must not block, and must
// not call this package.
func (u *UDP) NotifyFunc(wake func()) (stop func()) {
	stop = u.bell.add(wake)
	wake()
	return stop
}

// Close lets go of the socket in any state, and closes its streams. Whoever waits is woken. Close may be called again.
func (u *UDP) Close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.fall()
}

// fall closes what the state holds and becomes closed.
func (u *UDP) fall() {
	u.endLatest()
	d := u.state.descriptor()
	if d == nil {
		return
	}
	u.become(closed{})
	d.close()
}

func (u *UDP) endLatest() {
	if u.latest != nil {
		u.latest.end()
		u.latest = nil
	}
}

// event implements owner.
func (u *UDP) event(m mode) {
	u.mu.Lock()
	p := u.latest
	u.mu.Unlock()
	if p != nil {
		p.event(m)
	}
}

// teardown implements owner.
func (u *UDP) teardown() { u.Close() }
