package sockets

import "sync"

// Datagram is one that came, with its sender, or one to send: to Remote, or to the peer of the streams if that is the
// zero Address.
type Datagram struct {
	Data   []byte
	Remote Address
}

// MaxDatagrams is the most that one [Incoming.Receive] gives and one [Outgoing.CheckSend] permits.
const MaxDatagrams = 16

// maxDatagram is more than any datagram has.
const maxDatagram = 64 << 10

// pairing is what one call of UDP.Stream has made: two streams over the socket's descriptor.
type pairing struct {
	net    *Network
	d      *descriptor
	family Family
	peer   Address // the zero one if there is none
	picky  bool    // bound by the right to send alone: see Rule

	in  Incoming
	out Outgoing
}

func newPairing(n *Network, st bound, f Family, peer Address) *pairing {
	p := &pairing{net: n, d: st.d, family: f, peer: peer}
	p.picky = !p.hasPeer() && n.config.Policy.bindsToSend(st.asked.AddrPort)
	p.in.p, p.out.p = p, p
	p.in.try = p.in.fetch
	return p
}

func (p *pairing) hasPeer() bool { return p.peer != Address{} }

// welcome reports whether the guest may see what came from there. With a peer the system lets nothing of others in,
// but they may have come before.
func (p *pairing) welcome(from Address) bool {
	switch {
	case p.hasPeer():
		return from.AddrPort == p.peer.AddrPort && (from.ScopeID == p.peer.ScopeID || from.ScopeID == 0 || p.peer.ScopeID == 0)
	case p.picky && !p.net.config.Policy.Allows(UDPSend, from.AddrPort):
		p.net.dropped.Add(1)
		return false
	}
	return true
}

func (p *pairing) event(m mode) {
	if m&readable != 0 {
		p.in.bell.ring()
	}
	if m&writable != 0 {
		p.out.bell.ring()
	}
}

// end closes both streams.
func (p *pairing) end() {
	p.in.Close()
	p.out.Close()
}

// A room is where datagrams are received: as much as one call gives, and one more datagram of any size, so that none
// is cut.
type room [2 * maxDatagram]byte

var rooms = sync.Pool{New: func() any { return new(room) }}
