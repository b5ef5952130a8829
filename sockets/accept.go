package sockets

// An arrival is what came out of a listener's queue and waits for the guest to accept it: a connection, or the
// failure of one.
type arrival struct {
	d      *descriptor // nil when err is set
	remote Address
	err    error

	standing standing
	missed   bool // somebody has looked while the policy was asked
}

// standing is what the policy says of a peer.
type standing uint8

const (
	unasked standing = iota
	asking
	welcome
)

// done reports whether Accept can take it.
func (a *arrival) done() bool { return a != nil && (a.err != nil || a.standing == welcome) }

// An arrival belongs to nobody who waits; until it is accepted, its descriptor needs an owner only for its end.
func (a *arrival) event(mode) {}
func (a *arrival) teardown()  { a.drop() }

func (a *arrival) drop() {
	if a != nil && a.d != nil {
		a.d.close()
	}
}

// Accept takes the next connection: a connected socket and its streams. WouldBlock means that there is none.
// ConnectionAborted is about one connection; NewSocketLimit leaves it waiting until there is room for it. The
// listener goes on in any case.
func (t *TCP) Accept() (*TCP, *Input, *Output, error) {
	t.meet(func() bool {
		st, ok := t.state.(*listening)
		return ok && t.fetch(st)
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	st, ok := t.state.(*listening)
	switch {
	case !ok:
		return nil, nil, nil, t.misplaced()
	case !st.next.done():
		return nil, nil, nil, WouldBlock
	}
	a := st.next
	if a.err != nil {
		st.next = nil
		return nil, nil, nil, a.err
	}
	if err := t.net.count(a.d); err != nil {
		return nil, nil, nil, err
	}
	st.next = nil
	c := newConn(a.d)
	client := &TCP{backlog: defaultBacklog}
	client.net, client.family, client.state = t.net, t.family, connected{c: c, remote: a.remote}
	client.observe(nil)
	return client, &c.in, &c.out, nil
}

// fetch reports whether Accept has an answer other than WouldBlock. Only taking a connection from the queue shows
// whether there is one that the policy lets in, so it is taken here and kept for Accept. It assumes t.mu.
func (t *TCP) fetch(st *listening) bool {
	if st.next == nil {
		a, err := t.take(st.d)
		switch {
		case err != nil && acceptCode(err) == WouldBlock:
			return false
		case err != nil:
			a = &arrival{err: acceptCode(err)}
		}
		st.next = a
	}
	if st.next.standing == asking {
		st.next.missed = true
	}
	return st.next.done()
}

// maxRefusals bounds how many unwelcome peers one call turns away.
const maxRefusals = 64

// meet answers what look does, once the policy has been asked about the peers that look has taken from the queue.
// Look assumes t.mu.
func (t *TCP) meet(look func() bool) bool {
	for range maxRefusals {
		t.mu.Lock()
		ready := look()
		a := t.stranger()
		if a != nil {
			a.standing = asking
		}
		t.mu.Unlock()
		if a == nil {
			return ready
		}
		t.judge(a)
	}
	t.bell.ring() // there may be more of them, or somebody else
	return false
}

// stranger is the peer whom the policy has to be asked about. It assumes t.mu.
func (t *TCP) stranger() *arrival {
	st, ok := t.state.(*listening)
	if !ok || st.next.done() || st.next == nil || st.next.standing == asking {
		return nil
	}
	return st.next
}

// judge lets a peer in or turns it away.
func (t *TCP) judge(a *arrival) {
	denied := t.ask(TCPAccept, a.remote)
	t.mu.Lock()
	defer t.mu.Unlock()
	st, ok := t.state.(*listening)
	if !ok || st.next != a {
		return
	}
	a.standing = welcome
	if denied != nil {
		st.next = nil
		a.d.reset()
	}
	if a.missed {
		t.bell.ring()
		st.d.unpark(readable)
	}
}

// take takes one connection from the queue. It does not count against the limit of sockets before it is accepted;
// each listener, which does count, has one at most.
func (t *TCP) take(from *descriptor) (*arrival, error) {
	a := new(arrival)
	err := from.use(func(sys system, fd handle) error {
		nfd, remote, err := sys.accept(fd)
		if err == nil {
			a.d, a.remote = newDescriptor(t.net, nfd, a), remote
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !t.net.adopt(a.d, false) {
		return nil, errGone
	}
	t.inherit(from, a.d)
	return a, nil
}
