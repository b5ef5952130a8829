package sockets

import (
	"net/netip"
	"slices"
	"strings"
)

// Policy is what a guest may do with the network: the sum of its rules. The zero value denies everything. A Policy
// does not change; it may be copied and shared.
//
// Who may listen may accept from any peer, unless there are tcp:accept rules: then the peer must match one of them.
// Other peers are reset and the guest does not see them.
type Policy struct{ rules []Rule }

// NewPolicy makes a Policy of rules.
func NewPolicy(rules ...Rule) Policy { return Policy{slices.Clone(rules)} }

// ParsePolicy makes a Policy of rules as [ParseRule] reads them.
func ParsePolicy(rules ...string) (Policy, error) {
	var p Policy
	for _, text := range rules {
		r, err := ParseRule(text)
		if err != nil {
			return Policy{}, err
		}
		p.rules = append(p.rules, r)
	}
	return p, nil
}

// With is the policy with more rules.
func (p Policy) With(rules ...Rule) Policy {
	return Policy{append(slices.Clip(p.rules), rules...)}
}

// Rules are the rules, in the order given.
func (p Policy) Rules() []Rule { return slices.Clone(p.rules) }

// String gives the rules, separated by blanks.
func (p Policy) String() string {
	var b strings.Builder
	for i, r := range p.rules {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(r.String())
	}
	return b.String()
}

// Allows reports whether the operation may be done with the address: the local one for bind and listen, else the
// remote one. IPv4-mapped IPv6 is never allowed. Who may send datagrams may bind for it; see [Rule].
func (p Policy) Allows(o Operation, ap netip.AddrPort) bool {
	switch {
	case o == TCPCreate:
		return p.AllowsCreate()
	case o == UDPCreate:
		return p.AllowsCreateUDP()
	case ap.Addr().Is4In6():
		return false
	}
	if o == TCPAccept && !p.grants(setOf(TCPAccept), narrows) {
		return p.grants(setOf(TCPListen), nil)
	}
	if o == UDPBind && sendersBind(ap) && p.grants(setOf(UDPSend), nil) {
		return true
	}
	return p.covers(o, ap)
}

// covers reports whether a rule names the operation with the address.
func (p Policy) covers(o Operation, ap netip.AddrPort) bool {
	return slices.ContainsFunc(p.rules, func(r Rule) bool { return r.allows(o, ap) })
}

// bindsToSend reports whether a bind is allowed by the right to send alone.
func (p Policy) bindsToSend(ap netip.AddrPort) bool {
	return p.Allows(UDPBind, ap) && !p.covers(UDPBind, ap)
}

// sendersBind reports whether the local address is one that udp:send includes, since a guest has to bind before it
// sends.
func sendersBind(ap netip.AddrPort) bool {
	return ap.Port() == 0 && (ap.Addr().IsUnspecified() || ap.Addr().IsLoopback())
}

// AllowsName reports whether the name may be resolved. It takes any spelling of the name.
func (p Policy) AllowsName(name string) bool {
	canonical, err := canonicalName(strings.TrimSuffix(name, "."))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(p.rules, func(r Rule) bool { return r.allowsName(canonical) })
}

// AllowsCreate reports whether any rule has to do with TCP, so that a guest may have such sockets at all.
func (p Policy) AllowsCreate() bool { return p.grants(setOf(TCPCreate), nil) }

// AllowsCreateUDP reports whether any rule has to do with datagrams.
func (p Policy) AllowsCreateUDP() bool { return p.grants(setOf(UDPCreate), nil) }

// grants reports whether a rule has one of the operations and passes the filter.
func (p Policy) grants(ops opSet, filter func(Rule) bool) bool {
	return slices.ContainsFunc(p.rules, func(r Rule) bool { return r.ops&ops != 0 && (filter == nil || filter(r)) })
}

// narrows picks the tcp:accept rules: all and loopback widen, and do not narrow what other rules let listen.
func narrows(r Rule) bool { return r.word == "tcp:accept" }

// Denial is a call that the policy refused.
type Denial struct {
	Operation Operation
	Address   netip.AddrPort // local for bind and listen, remote otherwise; not valid for TCPCreate, UDPCreate and NameLookup
	Name      string         // for NameLookup
}

// String reads as in "tcp connect 127.0.0.1:80".
func (d Denial) String() string {
	switch d.Operation {
	case TCPCreate, UDPCreate:
		return d.Operation.String()
	case NameLookup:
		return d.Operation.String() + " " + d.Name
	}
	return d.Operation.String() + " " + d.Address.String()
}

// Rule is the narrowest rule that would have allowed the call. For a bind it is the one for listening on the address,
// since that is what programs bind for: one more run of the guest is saved, and taking an address without being
// allowed to listen on it is worth little.
func (d Denial) Rule() Rule {
	switch d.Operation {
	case TCPCreate, UDPCreate:
		return Rule{word: operationNames[d.Operation], ops: setOf(d.Operation)}
	case NameLookup:
		return Rule{word: "name", ops: setOf(NameLookup), name: d.Name}
	}
	word := operationNames[d.Operation]
	if d.Operation == TCPBind {
		word = operationNames[TCPListen]
	}
	ip := d.Address.Addr()
	return Rule{
		word: word,
		ops:  ruleWords[word],
		host: hosts{kind: hostPrefix, prefix: netip.PrefixFrom(ip, ip.BitLen())},
		port: ports{d.Address.Port(), d.Address.Port()},
	}
}
