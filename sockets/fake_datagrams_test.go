package sockets

import "net/netip"

// fakeDatagrams is what a UDP socket has of its own.
type fakeDatagrams struct {
	peer  Address // the zero one if there is none
	inbox []Datagram
}

func (f *fake) connectDatagrams(fd handle, a Address) error {
	return f.call("connectDatagrams", fd, func(s *fakeSocket) error {
		if err := f.leaveFrom(s, a); err != nil {
			return err
		}
		s.peer = a
		return nil
	})
}

// dissolve forgets with the peer what was not bound explicitly.
func (f *fake) dissolve(fd handle) error {
	return f.call("dissolve", fd, func(s *fakeSocket) error {
		ip, port := s.local.Addr(), s.local.Port()
		if s.anywhere {
			ip = unspecifiedOf(s.family)
		}
		if s.chosen {
			port = 0
		}
		s.local.AddrPort = netip.AddrPortFrom(ip, port)
		s.peer, s.pending = Address{}, nil
		return nil
	})
}

func (f *fake) receive(fd handle, p []byte, peek bool) (n int, from Address, err error) {
	err = f.call("receive", fd, func(s *fakeSocket) error {
		switch {
		case s.pending != nil:
			return s.failed()
		case len(s.inbox) == 0:
			return errnos["EAGAIN"]
		}
		n, from = copy(p, s.inbox[0].Data), s.inbox[0].Remote
		if !peek {
			s.inbox = s.inbox[1:]
		}
		return nil
	})
	return n, from, err
}

func (f *fake) send(fd handle, p []byte, to Address) error {
	return f.call("send", fd, func(s *fakeSocket) error {
		if !to.IsValid() {
			to = s.peer
		}
		switch {
		case s.pending != nil:
			return s.failed()
		case !to.IsValid():
			return errnos["EDESTADDRREQ"]
		case len(p) > mostOf(s.family):
			return errnos["EMSGSIZE"]
		}
		from := *s // a socket without a peer keeps its address
		if err := f.leaveFrom(&from, to); err != nil {
			return err
		}
		o := f.receiverAt(to, from.local)
		switch {
		case o != nil:
			o.put(p, from.local)
		case s.peer.IsValid():
			s.pending = errnos["ECONNREFUSED"] // by ICMP, of which a socket with many peers does not hear
		}
		return nil
	})
}

// mostOf is what fits behind the headers.
func mostOf(f Family) int {
	if f == IPv6 {
		return 65535 - 8
	}
	return 65535 - 20 - 8
}

// receiverAt is the socket at an address that takes what comes from there.
func (f *fake) receiverAt(a, from Address) *fakeSocket {
	for _, s := range f.sockets {
		if s.transport == transportUDP && s.has(a) && (!s.peer.IsValid() || s.peer.AddrPort == from.AddrPort) {
			return s
		}
	}
	return nil
}

// put drops what there is no room for.
func (s *fakeSocket) put(p []byte, from Address) {
	used := 0
	for _, d := range s.inbox {
		used += len(d.Data)
	}
	if used+len(p) <= s.options[optReceiveBuffer] {
		s.inbox = append(s.inbox, Datagram{append([]byte{}, p...), AddressFrom(from.AddrPort)})
	}
}

func (f *fake) writable(fd handle) bool {
	return f.call("writable", fd, func(*fakeSocket) error { return nil }) == nil
}

func (s *fakeSocket) usableDatagrams() mode {
	if len(s.inbox) > 0 || s.pending != nil {
		return readable | writable
	}
	return writable
}
