package sockets

import "slices"

// fakeStream is what a TCP socket has of its own.
type fakeStream struct {
	reuse bool

	// A listener:
	listening bool
	backlog   int
	queue     []*fakeSocket // the near ends of connections
	unheard   []*fakeSocket // those that connect while the queue is full

	// A connection:
	established bool
	other       *fakeSocket // the other end, nil once that is closed
	remote      Address
	in          []byte
	ended       bool // the other end sends no more
	torn        bool // by RST, or never made
	shutRead    bool
	shutWrite   bool
	abrupt      bool // closing tears
}

func (f *fake) listen(fd handle, backlog int) error {
	return f.call("listen", fd, func(s *fakeSocket) error {
		switch {
		case s.established:
			return errnos["EINVAL"]
		case !s.listening && f.listenerAt(s.local) != nil:
			return errnos["EADDRINUSE"]
		}
		s.listening, s.backlog = true, backlog
		return nil
	})
}

// listenerAt prefers the one at the very address to the one that listens everywhere.
func (f *fake) listenerAt(a Address) (found *fakeSocket) {
	for _, s := range f.sockets {
		if s.listening && s.has(a) && (found == nil || !s.local.Addr().IsUnspecified()) {
			found = s
		}
	}
	return found
}

func (f *fake) connect(fd handle, a Address) error {
	return f.call("connect", fd, func(s *fakeSocket) error {
		if s.established || s.listening || s.torn {
			return errnos["EISCONN"]
		}
		if err := f.leaveFrom(s, a); err != nil {
			return err
		}
		s.remote = a
		l := f.listenerAt(a)
		switch {
		case l == nil:
			s.tear("ECONNREFUSED")
		case l.full():
			l.unheard = append(l.unheard, s)
		default:
			l.welcome(s)
		}
		return nil
	})
}

// full is when a queue has one more than its backlog, as on Linux.
func (s *fakeSocket) full() bool { return len(s.queue) > s.backlog }

// welcome makes the connection. The near end inherits the settings of the listener.
func (l *fakeSocket) welcome(s *fakeSocket) {
	near := &fakeSocket{family: l.family, transport: transportTCP, options: map[option]int{}, local: s.remote}
	for o, v := range l.options {
		near.options[o] = v
	}
	near.reuse, near.established, near.other, near.remote = l.reuse, true, s, s.local
	s.established, s.other = true, near
	l.queue = append(l.queue, near)
}

// tear ends a connection, or the attempt at one, with an error. What has arrived can still be read.
func (s *fakeSocket) tear(errno string) {
	s.torn, s.pending, s.other = true, errnos[errno], nil
}

func (f *fake) connected(fd handle) (settled bool, err error) {
	err = f.call("connected", fd, func(s *fakeSocket) error {
		if s.established && !s.torn {
			settled = true
			return nil
		}
		err := s.failed()
		settled = err != nil
		return err
	})
	return settled || err != nil, err
}

func (f *fake) accept(fd handle) (nfd handle, from Address, err error) {
	nfd = ^handle(0)
	err = f.call("accept", fd, func(l *fakeSocket) error {
		switch {
		case !l.listening:
			return errnos["EINVAL"]
		case len(l.queue) == 0:
			return errnos["EAGAIN"]
		}
		near := l.queue[0]
		l.queue = l.queue[1:]
		nfd, from = f.number(near), near.remote
		if len(l.unheard) > 0 && !l.full() {
			l.welcome(l.unheard[0])
			l.unheard = l.unheard[1:]
		}
		return nil
	})
	return nfd, from, err
}

func (f *fake) read(fd handle, p []byte) (n int, err error) {
	err = f.call("read", fd, func(s *fakeSocket) error {
		n = copy(p, s.in)
		s.in = slices.Delete(s.in, 0, n)
		if n > 0 {
			return nil
		}
		return s.nothingToRead()
	})
	return n, err
}

func (f *fake) peek(fd handle) error {
	return f.call("peek", fd, func(s *fakeSocket) error {
		if len(s.in) > 0 {
			return nil
		}
		return s.nothingToRead()
	})
}

func (f *fake) pending(fd handle) (n int, err error) {
	err = f.call("pending", fd, func(s *fakeSocket) error {
		n = len(s.in)
		return nil
	})
	return n, err
}

// nothingToRead is nil at the end. A regular one hides that the connection was torn afterwards.
func (s *fakeSocket) nothingToRead() error {
	switch {
	case s.ended:
		return nil
	case s.pending != nil:
		return s.failed()
	case s.shutRead, s.torn:
		return nil
	case !s.established:
		return errnos["ENOTCONN"]
	}
	return errnos["EAGAIN"]
}

func (f *fake) write(fd handle, p []byte) (n int, err error) {
	err = f.call("write", fd, func(s *fakeSocket) error {
		switch {
		case s.pending != nil:
			return s.failed()
		case s.shutWrite, s.torn:
			return errnos["EPIPE"]
		case !s.established:
			return errnos["ENOTCONN"]
		case s.other == nil: // it has sent FIN, and answers this with RST
			n = len(p)
			s.tear("EPIPE")
			return nil
		}
		n = min(len(p), s.room())
		if n == 0 && len(p) > 0 {
			return errnos["EAGAIN"]
		}
		s.other.in = append(s.other.in, p[:n]...)
		return nil
	})
	return n, err
}

// room is what the buffers of both ends take in this direction.
func (s *fakeSocket) room() int {
	return max(s.options[optSendBuffer]+s.other.options[optReceiveBuffer]-len(s.other.in), 0)
}

func (f *fake) shutdownRead(fd handle) error {
	return f.call("shutdownRead", fd, func(s *fakeSocket) error {
		if !s.established || s.torn {
			return errnos["ENOTCONN"]
		}
		s.shutRead = true
		return nil
	})
}

func (f *fake) shutdownWrite(fd handle) error {
	return f.call("shutdownWrite", fd, func(s *fakeSocket) error {
		if !s.established || s.torn {
			return errnos["ENOTCONN"]
		}
		s.shutWrite = true
		if s.other != nil {
			s.other.ended = true
		}
		return nil
	})
}

func (f *fake) resetOnClose(fd handle) {
	f.call("resetOnClose", fd, func(s *fakeSocket) error {
		s.abrupt = true
		return nil
	})
}

// hangUp is what closing does to others. Who closes with bytes unread tears the connection.
func (f *fake) hangUp(s *fakeSocket) {
	for _, near := range s.queue {
		if near.other != nil {
			near.other.tear("ECONNRESET")
		}
	}
	for _, o := range s.unheard {
		o.tear("ECONNREFUSED")
	}
	for _, l := range f.sockets {
		l.unheard = slices.DeleteFunc(l.unheard, func(o *fakeSocket) bool { return o == s })
	}
	o := s.other
	switch {
	case o == nil:
	case s.abrupt || len(s.in) > 0:
		o.tear("ECONNRESET")
	default:
		o.ended, o.other = true, nil
	}
}

func (s *fakeSocket) usableStream() (m mode) {
	switch {
	case s.listening:
		if len(s.queue) > 0 {
			m = readable
		}
	case s.torn || s.pending != nil:
		m = readable | writable
	case s.established:
		if len(s.in) > 0 || s.ended || s.shutRead {
			m |= readable
		}
		if s.shutWrite || s.other == nil || s.room() > 0 {
			m |= writable
		}
	}
	return m
}
