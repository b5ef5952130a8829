package sockets

import (
	"net/netip"
	"sync"
)

// socket is what TCP and UDP have in common: a state behind a lock. Its options stand in options.go.
type socket struct {
	net       *Network
	family    Family
	transport transport
	number    uint64 // see Change
	bell      bell

	mu    sync.Mutex
	state state
}

// state is what a socket can be. The descriptor of a closed one is nil.
type state interface {
	String() string // the name that the documents of wasi:sockets use
	descriptor() *descriptor
}

// The states that TCP and UDP share; tcp.go and udp.go have those of their own.
type (
	// holding is what all states but closed have.
	holding struct{ d *descriptor }

	unbound struct{ holding }
	binding struct{ bound }
	bound   struct {
		holding
		local Address
		asked Address // what bind was asked for; its port may be 0
	}
	closed struct{}
)

func (h holding) descriptor() *descriptor { return h.d }
func (closed) descriptor() *descriptor    { return nil }

func (unbound) String() string { return "unbound" }
func (binding) String() string { return "bind-in-progress" }
func (bound) String() string   { return "bound" }
func (closed) String() string  { return "closed" }

// transport is what carries the bytes of a socket.
type transport uint8

const (
	transportTCP transport = iota
	transportUDP
)

func (t transport) String() string {
	if t == transportUDP {
		return "udp"
	}
	return "tcp"
}

// newSocket fills in an unbound socket whose events go to o, if the policy lets it be made.
func (n *Network) newSocket(s *socket, f Family, t transport, o owner) error {
	if f > IPv6 {
		return NotSupported
	}
	create := TCPCreate
	if t == transportUDP {
		create = UDPCreate
	}
	if err := n.ask(create, netip.AddrPort{}, ""); err != nil {
		return err
	}
	d, err := n.openDescriptor(f, t, o)
	if err != nil {
		return err
	}
	// Whole before it is known: the Network may close at any moment.
	s.net, s.family, s.transport, s.state = n, f, t, unbound{holding{d}}
	s.observe(nil)
	if !n.adopt(d, true) {
		return InvalidState
	}
	return nil
}

// openDescriptor makes a descriptor that counts against the limit; adopt follows.
func (n *Network) openDescriptor(f Family, t transport, o owner) (*descriptor, error) {
	if err := n.reserve(); err != nil {
		return nil, err
	}
	fd, err := n.sys.socket(f, t)
	if err != nil {
		n.unreserve()
		return nil, codeOf(err)
	}
	return newDescriptor(n, fd, o), nil
}

// become is the only door between states. What the old state alone owned has been passed on or closed.
func (s *socket) become(next state) {
	if _, was := s.state.(*dialing); was {
		s.net.connecting.Add(-1)
	}
	was := s.state
	s.state = next
	s.observe(was)
	s.bell.ring()
}

// misplaced is the answer to a call that the state does not allow.
func (s *socket) misplaced() error {
	switch s.state.(type) {
	case binding, starting, *dialing:
		return ConcurrencyConflict
	}
	return InvalidState
}

// startBind binds where the state and the policy allow it. Invalid is what is wrong with the address itself.
func (s *socket) startBind(local Address, invalid error, o Operation) error {
	if err := s.mayBind(invalid); err != nil {
		return err
	}
	if err := s.net.ask(o, local.AddrPort, ""); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, ok := s.state.(unbound)
	if !ok {
		return s.misplaced()
	}
	actual, err := bindTo(st.d, local, o == TCPBind)
	if err != nil {
		return bindCode(err)
	}
	s.become(binding{bound{st.holding, actual, local}})
	return nil
}

func (s *socket) mayBind(invalid error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.state.(unbound); !ok {
		return s.misplaced()
	}
	return invalid
}

// bindTo answers the address with the port that the system chose. Reuse is for TCP alone: two UDP sockets at one
// address would share what comes.
func bindTo(d *descriptor, local Address, reuse bool) (actual Address, err error) {
	err = d.use(func(sys system, fd handle) error {
		if reuse {
			if err := sys.prepareBind(fd); err != nil {
				return err
			}
		}
		if err := sys.bind(fd, local); err != nil {
			return err
		}
		actual, err = sys.local(fd)
		return err
	})
	actual.FlowInfo = local.FlowInfo
	return actual, err
}

// FinishBind completes StartBind.
func (s *socket) FinishBind() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, ok := s.state.(binding)
	if !ok {
		return NotInProgress
	}
	s.become(st.bound)
	return nil
}

// Family is the address family that the socket was made for.
func (s *socket) Family() Family { return s.family }

// State is the name of the state as the documents of wasi:sockets have it, such as "bind-in-progress".
func (s *socket) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.String()
}

// localAddress asks the system for the address, with the flow information that only this package knows.
func (d *descriptor) localAddress(flow uint32) (a Address, err error) {
	err = d.use(func(sys system, fd handle) error {
		a, err = sys.local(fd)
		return err
	})
	if err != nil {
		return Address{}, codeOf(err)
	}
	a.FlowInfo = flow
	return a, nil
}
