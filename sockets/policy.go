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
// remote one. IPv4-mapped IPv6 is never allowed. Who may send datagrams may bind for it; see [Rule]. Rules with the
// name of a host do not count here: which addresses they cover only the [Network] knows that has looked the name up.
func (p Policy) Allows(o Operation, ap netip.AddrPort) bool { return p.find(o, ap) != nil }

// find answers the first rule that allows the operation, or nil.
func (p Policy) find(o Operation, ap netip.AddrPort) *Rule {
	switch {
	case o == TCPCreate, o == UDPCreate:
		return p.having(setOf(o))
	case ap.Addr().Is4In6():
		return nil
	case o == TCPAccept && !slices.ContainsFunc(p.rules, narrows):
		return p.having(setOf(TCPListen))
	}
	r := p.covering(o, ap)
	if r == nil && o == UDPBind && sendersBind(ap) {
		return p.having(setOf(UDPSend))
	}
	return r
}

// covering is the first rule that names the operation with the address.
func (p Policy) covering(o Operation, ap netip.AddrPort) *Rule {
	for i := range p.rules {
		if r := &p.rules[i]; r.allows(o, ap) {
			return r
		}
	}
	return nil
}

// bindsToSend reports whether a bind is allowed by the right to send alone.
func (p Policy) bindsToSend(ap netip.AddrPort) bool {
	return p.covering(UDPBind, ap) == nil && p.find(UDPBind, ap) != nil
}

// sendersBind reports whether the local address is one that udp:send includes, since a guest has to bind before it
// sends.
func sendersBind(ap netip.AddrPort) bool {
	return ap.Port() == 0 && (ap.Addr().IsUnspecified() || ap.Addr().IsLoopback())
}

func (p Policy) findName(canonical string) *Rule {
	for i := range p.rules {
		if r := &p.rules[i]; r.allowsName(canonical) {
			return r
		}
	}
	return nil
}

// having is the first rule that has to do with one of the operations.
func (p Policy) having(ops opSet) *Rule {
	for i := range p.rules {
		if r := &p.rules[i]; r.ops&ops != 0 {
			return r
		}
	}
	return nil
}

// narrows picks the tcp:accept rules: all and loopback widen, and do not narrow what other rules let listen.
func narrows(r Rule) bool { return r.word == "tcp:accept" }

// AllowsName reports whether the name may be resolved. It takes any spelling of the name. An IP address is no name.
func (p Policy) AllowsName(name string) bool {
	canonical, err := canonicalName(name)
	return err == nil && p.findName(canonical) != nil
}

// AllowsSome reports whether any rule has to do with the operation, for some address or name. Each rule by which TCP can be
// used has to do with TCPCreate, too, and each for datagrams with UDPCreate: they tell whether a guest may have such
// sockets at all.
func (p Policy) AllowsSome(o Operation) bool { return p.having(setOf(o)) != nil }
