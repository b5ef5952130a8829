package sockets

import (
	"net/netip"
	"sync"
)

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
	sent   sentTo

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
	case p.picky && !p.net.sendable(from.AddrPort) && !p.sent.has(from.AddrPort):
		p.net.dropped.Add(1)
		return false
	}
	return true
}

// letOut notes whom the guest may send to. Where Config.Decide has the last word, the rules alone do not tell who may
// answer, and it is not asked again for what comes.
func (p *pairing) letOut(to netip.AddrPort) {
	if p.picky && p.net.config.Decide != nil {
		p.sent.add(to)
	}
}

// sentTo is a set of addresses, of which it forgets some when there are many.
type sentTo struct {
	mu  sync.Mutex
	all map[netip.AddrPort]bool
}

const maxSentTo = 1024

func (s *sentTo) add(ap netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[netip.AddrPort]bool{}
	}
	if len(s.all) == maxSentTo {
		for one := range s.all {
			delete(s.all, one)
			break
		}
	}
	s.all[ap] = true
}

func (s *sentTo) has(ap netip.AddrPort) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[ap]
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
