package sockets

import "strconv"

// Change is a change of a socket's state.
type Change struct {
	// Socket is the number of the socket, from 1 in the order in which the Network has made or accepted them.
	Socket uint64

	// Transport is "tcp" or "udp".
	Transport string

	// From and To are states, by the names that the documents of wasi:sockets use; From is empty for a socket that is
	// new.
	From, To string

	// Local and Remote are its addresses, zero where it has none or they are not known yet.
	Local, Remote Address
}

func (c Change) String() string {
	s := c.Transport + " socket " + strconv.FormatUint(c.Socket, 10) + ": "
	if c.From != "" {
		s += c.From + " -> "
	}
	s += c.To
	if c.Local.IsValid() {
		s += ", local " + c.Local.String()
	}
	if c.Remote.IsValid() {
		s += ", remote " + c.Remote.String()
	}
	return s
}

// observe tells of a state that a socket has come to; from is nil for a new one. It assumes s.mu, or that nobody else
// knows s.
func (s *socket) observe(from state) {
	report := s.net.config.OnChange
	if report == nil {
		return
	}
	c := Change{Socket: s.number, Transport: s.transport.String(), To: s.state.String()}
	if from != nil {
		c.From = from.String()
	} else {
		s.number = s.net.made.Add(1)
		c.Socket = s.number
	}
	c.Local, c.Remote = addressesOf(s.state)
	report(c)
}

// addressesOf are those that belong to a state.
func addressesOf(s state) (local, remote Address) {
	switch s := s.(type) {
	case binding:
		return s.local, remote
	case bound:
		return s.local, remote
	case starting:
		return s.local, remote
	case *listening:
		return s.local, remote
	case *dialing:
		if s.local != nil {
			local = *s.local
		}
		return local, s.remote
	case connected:
		// An address that cannot be read is not told.
		local, _ = s.c.d.localAddress(s.flow)
		return local, s.remote
	case associated:
		return s.here, s.remote
	}
	return local, remote
}
