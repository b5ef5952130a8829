package sockets

import (
	"context"
	"log/slog"
	"net/netip"
	"sync/atomic"
)

// Question is what a policy is asked, with the answer of its rules: see Config.Decide.
//
// An IP address that a guest gives to [Network.Resolve] is no question. Neither is an argument that no socket of the
// kind takes, such as IPv4-mapped IPv6.
type Question struct {
	Operation Operation
	Address   netip.AddrPort // as in Denial
	Name      string         // as in Denial
	Allowed   bool           // by the rules
	Rule      Rule           // that allows it, if one does
}

// String reads as in "tcp connect 192.0.2.1:443 (example.com)".
func (q Question) String() string { return describe(q.Operation, q.Address, q.Name) }

// decisions counts the answers.
type decisions struct{ allowed, denied counters }

type counters [operations]atomic.Uint64

// Counts are numbers of decisions by Operation.
type Counts [operations]uint64

// Total is the sum.
func (c Counts) Total() (n uint64) {
	for _, v := range c {
		n += v
	}
	return n
}

func (c *counters) read() (v Counts) {
	for o := range c {
		v[o] = c[o].Load()
	}
	return v
}

// ask is the one door to the policy: AccessDenied or nil. The address is the local one for bind and listen, the remote
// one for connect, accept and send; the name is for NameLookup alone. It calls code that is not ours, so no lock may be
// held; what was true before must be looked at again after.
func (n *Network) ask(o Operation, ap netip.AddrPort, name string) error {
	r, name := n.find(o, ap, name)
	allowed := r != nil
	if n.config.Decide != nil {
		q := Question{Operation: o, Address: ap, Name: name, Allowed: allowed}
		if allowed {
			q.Rule = *r
		}
		allowed = n.config.Decide(q)
	}
	if allowed {
		n.decisions.allowed[o].Add(1)
		if n.config.Logger != nil {
			n.log(slog.LevelDebug, "network: allowed", o, ap, name, r)
		}
		return nil
	}
	n.decisions.denied[o].Add(1)
	if n.config.Logger == nil && n.config.OnDenied == nil {
		return AccessDenied
	}
	d := Denial{Operation: o, Address: ap, Name: name, Overruled: r != nil}
	if n.config.Logger != nil {
		would := d.Rule()
		n.log(slog.LevelWarn, "network: denied", o, ap, name, &would)
	}
	if n.config.OnDenied != nil {
		n.config.OnDenied(d)
	}
	return AccessDenied
}

// find answers the rule that allows the operation, or nil, and the name that goes with the address.
func (n *Network) find(o Operation, ap netip.AddrPort, name string) (*Rule, string) {
	p := n.config.Policy
	switch o {
	case NameLookup:
		return p.findName(name), name
	case TCPConnect, UDPSend:
		r := p.find(o, ap)
		if r != nil && n.config.Decide == nil && n.config.Logger == nil {
			return r, "" // nobody wants to know the name
		}
		named, name := n.learned.find(o, ap)
		if r == nil {
			r = named
		}
		return r, name
	}
	return p.find(o, ap), ""
}

// sendable reports whether the rules let the guest send a datagram there. It asks nobody, and counts as no decision.
func (n *Network) sendable(ap netip.AddrPort) bool {
	r, _ := n.find(UDPSend, ap, "")
	return r != nil
}

func (n *Network) log(level slog.Level, message string, o Operation, ap netip.AddrPort, name string, r *Rule) {
	l, ctx := n.config.Logger, context.Background()
	if !l.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{slog.String("operation", o.String())}
	if ap.IsValid() {
		attrs = append(attrs, slog.String("address", ap.String()))
	}
	if name != "" {
		attrs = append(attrs, slog.String("name", name))
	}
	if r != nil && r.word != "" {
		attrs = append(attrs, slog.String("rule", r.String()))
	}
	l.LogAttrs(ctx, level, message, attrs...)
}

// Denial is a call that the policy refused.
type Denial struct {
	Operation Operation

	// Address is the local one for bind and listen, else the remote one. It is not valid for TCPCreate,
	// UDPCreate and NameLookup.
	Address netip.AddrPort

	// Name is what was to be resolved, for NameLookup. For TCPConnect and UDPSend it is the name for which a look-up
	// gave the address, if one did; the last, if several.
	Name string

	// Overruled says that the rules allow the call, and Config.Decide did not.
	Overruled bool
}

// String reads as in "tcp connect 127.0.0.1:80" or "tcp connect 192.0.2.1:443 (example.com)".
func (d Denial) String() string { return describe(d.Operation, d.Address, d.Name) }

func describe(o Operation, ap netip.AddrPort, name string) string {
	switch {
	case o == NameLookup:
		return o.String() + " " + name
	case !ap.IsValid():
		return o.String()
	case name != "":
		return o.String() + " " + ap.String() + " (" + name + ")"
	}
	return o.String() + " " + ap.String()
}

// Rule is the narrowest rule that would have allowed the call, by the name that the guest has used where it has used
// one. For a bind it is the one for listening on the address, since that is what programs bind for: one more run of
// the guest is saved, and taking an address without being allowed to listen on it is worth little. It is the zero Rule
// when no rule would have helped, because the call was overruled.
func (d Denial) Rule() Rule {
	switch {
	case d.Overruled:
		return Rule{}
	case d.Operation == TCPCreate, d.Operation == UDPCreate:
		return Rule{word: operationNames[d.Operation], ops: setOf(d.Operation)}
	case d.Operation == NameLookup:
		return Rule{word: "name", ops: setOf(NameLookup), name: pattern(d.Name)}
	}
	word := operationNames[d.Operation]
	if d.Operation == TCPBind {
		word = operationNames[TCPListen]
	}
	r := Rule{word: word, ops: ruleWords[word], port: ports{d.Address.Port(), d.Address.Port()}}
	ip := d.Address.Addr()
	if d.Name != "" && nameable(ip, d.Name) {
		r.name, r.ops = pattern(d.Name), r.ops|setOf(NameLookup)
		r.host = hosts{kind: hostNamed, name: r.name}
		return r
	}
	r.host = hosts{kind: hostPrefix, prefix: netip.PrefixFrom(ip, ip.BitLen())}
	return r
}
