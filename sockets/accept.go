package sockets

// An arrival is what came out of a listener's queue and waits for the guest to accept it: a connection, or the
// failure of one.
type arrival struct {
	d      *descriptor // nil when err is set
	remote Address
	err    error
}

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
	t.mu.Lock()
	defer t.leave()
	st, ok := t.state.(*listening)
	switch {
	case !ok:
		return nil, nil, nil, t.misplaced()
	case !t.fetch(st):
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
	return client, &c.in, &c.out, nil
}

// maxRefusals bounds how many unwelcome peers one call turns away.
const maxRefusals = 64

// fetch reports whether Accept has an answer other than WouldBlock. Only taking a connection from the queue shows
// whether there is one that the policy lets in, so it is taken here and kept for Accept.
func (t *TCP) fetch(st *listening) bool {
	for range maxRefusals {
		if st.next != nil {
			return true
		}
		a, err := t.take(st.d)
		switch {
		case err != nil && acceptCode(err) == WouldBlock:
			return false
		case err != nil:
			st.next = &arrival{err: acceptCode(err)}
		case t.ask(TCPAccept, a.remote) != nil:
			a.d.reset()
		default:
			st.next = a
		}
	}
	return st.next != nil
}

// take takes one connection from the queue. It does not count against the limit of sockets before it is accepted;
// each listener, which does count, has one at most.
func (t *TCP) take(from *descriptor) (*arrival, error) {
	a := new(arrival)
	err := from.use(func(fd handle) error {
		nfd, remote, err := sysAccept(fd)
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
