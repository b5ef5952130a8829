package sockets

import (
	"context"
	"math"
	"time"
)

// TCP is wasi:sockets/tcp.tcp-socket: a state and the calls that leave it. Each state holds exactly what exists
// while it lasts.
//
//	unbound -bind-> binding -> bound -listen-> starting -> listening
//	   +--------connect---------+-----> dialing -> connected          closed: a failed connect or listen, and Close
//
// Nothing here blocks. It may be used by several goroutines. testdata/transitions/tcp.txt has every call in every
// state; it is run as a test.
//
// Every method that fails answers an [ErrorCode]: ConcurrencyConflict when another operation is in progress,
// InvalidState when the state does not allow the call, InvalidArgument, then AccessDenied by the policy, then what
// the operating system says. What failed for one of the first four reasons changes nothing, but that a denied connect
// or listen closes the socket.
type TCP struct {
	socket
	backlog int
}

// The states of TCP alone.
type (
	starting  struct{ bound }
	listening struct {
		bound
		next *arrival // taken from the queue for the next Accept
	}
	dialing struct {
		holding
		local   *Address // nil when the bind is implicit
		remote  Address
		settled bool
		err     error
	}
	connected struct {
		c      *conn
		flow   uint32 // of the local address
		remote Address
	}
)

func (s connected) descriptor() *descriptor { return s.c.d }

func (starting) String() string   { return "listen-in-progress" }
func (*listening) String() string { return "listening" }
func (*dialing) String() string   { return "connect-in-progress" }
func (connected) String() string  { return "connected" }

// defaultBacklog is how many connections wait to be accepted unless the guest says otherwise.
const defaultBacklog = 128

// NewTCP makes an unbound socket: tcp-create-socket.create-tcp-socket. AccessDenied means that no rule of the policy
// has to do with TCP, NotSupported an unknown family or one that the machine lacks, NewSocketLimit the limit of the
// Network or of the system.
func (n *Network) NewTCP(f Family) (*TCP, error) {
	t := &TCP{backlog: defaultBacklog}
	if err := n.newSocket(&t.socket, f, transportTCP, t); err != nil {
		return nil, err
	}
	return t, nil
}

// ask asks the policy. It is called before mu is taken for good, so that no lock is held: the state is looked at once
// before, to answer in the order that the documents have, and once more after.
func (t *TCP) ask(o Operation, a Address) error { return t.net.ask(o, a.AddrPort, "") }

// StartBind begins to bind the socket to a local address. When it fails the socket stays as it was and may be bound
// again. Port 0 takes an ephemeral port; the unspecified address means every interface.
func (t *TCP) StartBind(local Address) error {
	return t.startBind(local, local.checkTCPLocal(t.family), TCPBind)
}

// StartConnect begins to connect. A bad argument leaves the socket as it was, and so does OutOfMemory, which means that
// Config.MaxConnecting are in progress. Any other failure closes it.
//
// A socket that is not bound gets an address from the system when it connects, not before: so many sockets can share
// an ephemeral port as long as they connect to different peers. The right to connect includes this.
func (t *TCP) StartConnect(remote Address) error {
	if err := t.mayConnect(remote); err != nil {
		return err
	}
	denied := t.ask(TCPConnect, remote)
	t.mu.Lock()
	defer t.mu.Unlock()
	next, err := t.dial(remote)
	switch {
	case err != nil:
		return err
	case denied != nil:
		t.fall()
		return denied
	case t.net.connecting.Add(1) > int64(t.net.config.MaxConnecting):
		t.net.connecting.Add(-1)
		return OutOfMemory
	}
	if err := next.d.use(func(sys system, fd handle) error { return sys.connect(fd, remote) }); err != nil {
		t.net.connecting.Add(-1)
		t.fall()
		return connectCode(err)
	}
	t.become(next)
	return nil
}

func (t *TCP) mayConnect(remote Address) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, err := t.dial(remote); err != nil {
		return err
	}
	return remote.checkTCPRemote(t.family)
}

// dial is the next state of a connect. It assumes t.mu.
func (t *TCP) dial(remote Address) (*dialing, error) {
	switch st := t.state.(type) {
	case unbound:
		return &dialing{holding: st.holding, remote: remote}, nil
	case bound:
		return &dialing{holding: st.holding, local: &st.local, remote: remote}, nil
	}
	return nil, t.misplaced()
}

// FinishConnect completes StartConnect: WouldBlock, or the streams of the connection, or a failure, which closes the
// socket.
func (t *TCP) FinishConnect() (*Input, *Output, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	st, ok := t.state.(*dialing)
	switch {
	case !ok:
		return nil, nil, NotInProgress
	case !st.settle():
		return nil, nil, WouldBlock
	case st.err != nil:
		t.fall()
		return nil, nil, connectCode(st.err)
	}
	next := connected{c: newConn(st.d), remote: st.remote}
	if st.local != nil {
		next.flow = st.local.FlowInfo
	}
	t.become(next)
	return &next.c.in, &next.c.out, nil
}

// settle reports whether the connect has succeeded or failed, and remembers it.
func (s *dialing) settle() bool {
	if !s.settled {
		err := s.d.use(func(sys system, fd handle) (err error) {
			s.settled, err = sys.connected(fd)
			return err
		})
		s.settled = s.settled || err != nil
		s.err = err
	}
	return s.settled
}

// StartListen begins to listen on the bound address. A failure past the state closes the socket.
func (t *TCP) StartListen() error {
	t.mu.Lock()
	st, ok := t.state.(bound)
	misplaced := t.misplaced()
	t.mu.Unlock()
	if !ok {
		return misplaced
	}
	// The address that was asked for: a rule for port 0 or * covers whatever port the system chose.
	denied := t.ask(TCPListen, st.asked)
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.state.(bound); !ok {
		return t.misplaced()
	}
	if denied != nil {
		t.fall()
		return denied
	}
	t.become(starting{st})
	return nil
}

// FinishListen completes StartListen. A failure but WouldBlock closes the socket.
func (t *TCP) FinishListen() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	st, ok := t.state.(starting)
	if !ok {
		return NotInProgress
	}
	if err := st.d.use(func(sys system, fd handle) error { return sys.listen(fd, t.backlog) }); err != nil {
		code := codeOf(err)
		if code != WouldBlock { // which asks the guest to try again
			t.fall()
		}
		return code
	}
	t.become(&listening{bound: st.bound})
	return nil
}

// SetListenBacklogSize hints how many connections may wait to be accepted, from 1. It is clamped to what the system
// takes.
func (t *TCP) SetListenBacklogSize(size uint64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if size == 0 {
		return InvalidArgument
	}
	backlog := int(min(size, math.MaxInt32))
	switch st := t.state.(type) {
	case *dialing, connected, closed:
		return InvalidState
	case *listening:
		if st.d.use(func(sys system, fd handle) error { return sys.listen(fd, backlog) }) != nil {
			return NotSupported
		}
	}
	t.backlog = backlog
	return nil
}

// LocalAddress is the address that the socket is bound to, with the port that it got. It answers InvalidState before
// the bind is finished, and while an unbound socket connects.
func (t *TCP) LocalAddress() (Address, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch st := t.state.(type) {
	case bound:
		return st.local, nil
	case starting:
		return st.local, nil
	case *listening:
		return st.local, nil
	case *dialing:
		if st.local != nil {
			return *st.local, nil
		}
	case connected:
		return st.c.d.localAddress(st.flow)
	}
	return Address{}, InvalidState
}

// RemoteAddress is the address of the peer, in the connected state.
func (t *TCP) RemoteAddress() (Address, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if st, ok := t.state.(connected); ok {
		return st.remote, nil
	}
	return Address{}, InvalidState
}

// IsListening reports whether the socket is in the listening state.
func (t *TCP) IsListening() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.state.(*listening)
	return ok
}

// ShutdownType is wasi:sockets/tcp.shutdown-type; the values are its discriminants.
type ShutdownType uint8

// The directions that can be shut down.
const (
	ShutdownReceive ShutdownType = iota
	ShutdownSend
	ShutdownBoth
)

// Shutdown ends one or both directions of a connection, which stays connected. Receiving ends at once, and what has
// not been read is discarded. Sending ends behind what was written. Shutting down again does nothing.
func (t *TCP) Shutdown(how ShutdownType) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	st, ok := t.state.(connected)
	switch {
	case !ok:
		return InvalidState
	case how > ShutdownBoth:
		return InvalidArgument
	}
	if how != ShutdownSend {
		st.c.in.shutdown()
	}
	if how != ShutdownReceive {
		st.c.out.shutdown()
	}
	return nil
}

// Ready reports whether a wait for the socket would end now: always, but while an operation is in progress that is
// not settled, or while a listener has nobody to accept.
func (t *TCP) Ready() bool { return t.meet(t.ready) }

// ready trusts that the poller would have reported what it was asked for.
func (t *TCP) ready() bool {
	d, m := t.pending()
	if m != 0 && t.bell.heard() && d.awaited(m) {
		st, ok := t.state.(*listening)
		return ok && st.next.done()
	}
	return t.look()
}

// look asks the system. It assumes t.mu, and so does whoever calls it.
func (t *TCP) look() bool {
	switch st := t.state.(type) {
	case *dialing:
		if st.settle() {
			return true
		}
	case *listening:
		if t.fetch(st) {
			return true
		}
		if st.next != nil {
			return false
		}
	default:
		return true
	}
	d, m := t.pending()
	return t.bell.heard() && !d.await(m)
}

// pending is what the state waits for, if anything.
func (t *TCP) pending() (*descriptor, mode) {
	switch st := t.state.(type) {
	case *dialing:
		return st.d, writable
	case *listening:
		return st.d, readable
	}
	return nil, 0
}

// Wait blocks until the socket is ready, the deadline (zero: none) has passed, or ctx has ended, and reports whether
// the socket is ready. Closing the socket or its Network makes it ready.
func (t *TCP) Wait(ctx context.Context, deadline time.Time) bool {
	// Whether a peer is welcome is not asked where the descriptor is waited for.
	stirs := func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.look() || t.stranger() != nil
	}
	for {
		t.mu.Lock()
		d, m := t.pending()
		t.mu.Unlock()
		switch {
		case m == 0:
			return true
		case !waitReady(ctx, t, d, m, deadline, stirs):
			return false
		case t.Ready():
			return true
		case over(ctx, deadline):
			return false
		}
	}
}

// Notify sends on ch, without blocking, whenever the socket may have become ready, until stop is called. It follows
// the socket through its states. Once woken, call Ready; a false Ready asks for the next wake-up.
func (t *TCP) Notify(ch chan<- struct{}) (stop func()) { return t.NotifyFunc(poker(ch)) }

// NotifyFunc is Notify for a function instead of a channel. It is called under a lock: it must not block, and must
// not call this package.
func (t *TCP) NotifyFunc(wake func()) (stop func()) {
	stop = t.bell.add(wake)
	if t.Ready() {
		wake()
	}
	return stop
}

// Close lets go of the socket in any state. A connection stays while its Input or Output is open. Whoever waits is
// woken. Close may be called again.
func (t *TCP) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fall()
}

// fall closes what the state holds and becomes closed.
func (t *TCP) fall() {
	switch st := t.state.(type) {
	case connected:
		t.become(closed{})
		st.c.leave()
	case *listening:
		t.become(closed{})
		st.next.drop()
		st.d.close()
	case closed:
	default:
		t.become(closed{})
		st.descriptor().close()
	}
}

// event implements owner.
func (t *TCP) event(mode) { t.bell.ring() }

// teardown implements owner.
func (t *TCP) teardown() { t.Close() }
