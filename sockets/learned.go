package sockets

import (
	"container/list"
	"net/netip"
	"sync"
	"time"
)

// learned is what the look-ups of a Network have answered, as far as rules by name and denials need it: the address
// that a name was resolved to is the one that may be dialled, however the name is resolved later, or elsewhere.
//
// A grant lasts an hour from when a look-up gave the address or a call used it last. Answers of a resolver carry no
// time to live here, and a guest that goes on talking to what it was given must not be cut off.
type learned struct {
	rules []Rule
	now   func() time.Time

	mu    sync.Mutex
	at    map[netip.Addr]*list.Element
	order list.List // of *known, the newest first
}

// known is one address.
type known struct {
	ip     netip.Addr
	name   string // that it was given for last
	until  time.Time
	grants []grant
}

// grant says that a rule covers an address.
type grant struct {
	rule  int    // index
	name  string // by which it does
	until time.Time
}

const (
	maxLearned = 4096 // addresses; the newest win
	learnedFor = time.Hour
)

func newLearned(p Policy) *learned {
	return &learned{rules: p.rules, now: time.Now, at: map[netip.Addr]*list.Element{}}
}

// add takes the answer of a look-up.
func (l *learned) add(name string, ips []netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	until := l.now().Add(learnedFor)
	for _, ip := range ips {
		k := l.touch(ip)
		k.name, k.until = name, until
		for i := range l.rules {
			if r := &l.rules[i]; r.host.kind == hostNamed && r.host.name.covers(name) && nameable(ip, name) {
				k.grant(grant{i, name, until})
			}
		}
	}
}

// touch finds or makes the entry, and makes it the newest.
func (l *learned) touch(ip netip.Addr) *known {
	if e, ok := l.at[ip]; ok {
		l.order.MoveToFront(e)
		return e.Value.(*known)
	}
	if len(l.at) == maxLearned {
		oldest := l.order.Back()
		delete(l.at, oldest.Value.(*known).ip)
		l.order.Remove(oldest)
	}
	k := &known{ip: ip}
	l.at[ip] = l.order.PushFront(k)
	return k
}

// grant keeps one grant for each rule, so that no number of names makes an entry large.
func (k *known) grant(g grant) {
	for i := range k.grants {
		if k.grants[i].rule == g.rule {
			k.grants[i] = g
			return
		}
	}
	k.grants = append(k.grants, g)
}

// find answers the rule that covers the operation with the address, or nil, and the name: by which it does, or else
// that the address was given for last.
func (l *learned) find(o Operation, ap netip.AddrPort) (r *Rule, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, found := l.at[ap.Addr()]
	if !found {
		return nil, ""
	}
	k, now := e.Value.(*known), l.now()
	for i := range k.grants {
		g := &k.grants[i]
		r := &l.rules[g.rule]
		if r.ops.has(o) && r.port.has(ap.Port()) && now.Before(g.until) {
			g.until = now.Add(learnedFor)
			l.order.MoveToFront(e)
			return r, g.name
		}
	}
	if now.Before(k.until) {
		name = k.name
	}
	return nil, name
}

// nameable reports whether a name can stand for the address in a rule. Whoever answers for a name must not be able to
// make the guest talk to this machine or its link: that takes a rule that says so.
func nameable(ip netip.Addr, name string) bool {
	ip = embedded(ip)
	switch {
	case ip.IsLoopback():
		return isLocalhost(name)
	case ip.Is4() && ip.As4()[0] == 0: // "this network", of which 0.0.0.0 is an example
		return false
	}
	return !ip.IsUnspecified() && !ip.IsLinkLocalUnicast() && unicast(ip)
}

var (
	nat64   = netip.MustParsePrefix("64:ff9b::/96")
	sixToIV = netip.MustParsePrefix("2002::/16")
)

// embedded is the IPv4 address to which translators and tunnels would send what goes to ip, or ip.
func embedded(ip netip.Addr) netip.Addr {
	if !ip.Is6() {
		return ip
	}
	b := ip.As16()
	switch {
	case ip.Is4In6():
		return ip.Unmap()
	case nat64.Contains(ip):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case sixToIV.Contains(ip):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return ip
}
