package sockets

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Operation is something that a policy is asked about.
type Operation uint8

// The operations. Each includes what it cannot do without: connecting includes the implicit bind to an ephemeral
// port, listening includes the bind, and any operation includes creating the socket.
const (
	TCPCreate  Operation = iota // make a TCP socket that can do nothing yet
	TCPBind                     // take a local address without listening on it
	TCPListen                   // take a local address and listen on it
	TCPConnect                  // connect to a remote address
	TCPAccept                   // accept a connection from a remote address; see Policy
	UDPCreate                   // make a UDP socket that can do nothing yet
	UDPBind                     // take a local address, and receive from anybody
	UDPSend                     // send datagrams to a remote address
	NameLookup                  // resolve a name

	operations
)

var operationNames = [operations]string{
	"tcp:create", "tcp:bind", "tcp:listen", "tcp:connect", "tcp:accept", "udp:create", "udp:bind", "udp:send",
	"name",
}

// String reads as in "tcp connect".
func (o Operation) String() string {
	switch {
	case o == NameLookup:
		return "name lookup"
	case o < operations:
		return strings.Replace(operationNames[o], ":", " ", 1)
	}
	return "operation(" + strconv.Itoa(int(o)) + ")"
}

// Rule is one grant. The zero value grants nothing; [ParseRule] makes the others.
//
//	all                          everything
//	loopback                     TCP and UDP on 127.0.0.0/8 and ::1, and the name localhost
//	tcp:connect=127.0.0.1:80     connect to one address
//	tcp:connect=10.0.0.0/8:80-90 connect to a network, a range of ports
//	tcp:connect=[::1]:443        IPv6 in brackets, [fd00::/8]:443 for a network
//	tcp:connect=*:443            any address of either family
//	tcp:connect=loopback:*       the loopback addresses, any port
//	tcp:listen=127.0.0.1:8080    bind and listen; port 0 is the ephemeral port, which * includes
//	tcp:bind=127.0.0.1:0         bind a client to a local address
//	tcp:accept=10.0.0.0/8:*      narrows listening to these peers
//	tcp:connect=example.com:443  connect to what the name is resolved to; *.example.com for those below it
//	tcp:create                   make sockets that can do nothing
//	tcp=127.0.0.1:*              bind, listen and connect
//	udp:bind=0.0.0.0:53          bind to a local address, and receive from anybody
//	udp:send=10.0.0.0/8:53       send datagrams to an address
//	udp:create, udp=127.0.0.1:*  the same as for TCP
//	name=example.com             resolve a name, *.example.com those below it, * any
//
// 0.0.0.0 and [::] as a local address mean every interface. Only a rule that names them, a /0 network or * covers
// them; 127.0.0.0/8 or 0.0.0.0/8 does not.
//
// A socket must be bound before it sends a datagram. So every udp:send rule includes binding to port 0 of a loopback
// address or of the unspecified one. What was bound by this right alone receives only from whom it may send to: other
// datagrams are dropped, and counted in [Stats].
//
// A rule with the name of a host is for tcp:connect and udp:send. It includes the right to resolve the name, and
// covers exactly the addresses that look-ups of the same [Network] gave for it, or for a name below it, for an hour
// after each was given or used last. It never covers loopback, link-local, unspecified, multicast or broadcast
// addresses, whatever a name server says, but that localhost, and names below .localhost, cover loopback.
type Rule struct {
	word string // what stands before "="; canonical
	ops  opSet
	host hosts
	port ports
	name pattern // the names that may be resolved
}

type opSet uint16

func setOf(ops ...Operation) (s opSet) {
	for _, o := range ops {
		s |= 1 << o
	}
	return s
}

func (s opSet) has(o Operation) bool { return s&(1<<o) != 0 }

const everyOp = opSet(1<<operations - 1)

var ruleWords = map[string]opSet{
	"tcp":         setOf(TCPCreate, TCPBind, TCPListen, TCPConnect),
	"tcp:create":  setOf(TCPCreate),
	"tcp:bind":    setOf(TCPCreate, TCPBind),
	"tcp:listen":  setOf(TCPCreate, TCPBind, TCPListen),
	"tcp:connect": setOf(TCPCreate, TCPConnect),
	"tcp:accept":  setOf(TCPAccept),
	"udp":         setOf(UDPCreate, UDPBind, UDPSend),
	"udp:create":  setOf(UDPCreate),
	"udp:bind":    setOf(UDPCreate, UDPBind),
	"udp:send":    setOf(UDPCreate, UDPSend),
	"name":        setOf(NameLookup),
}

// hosts is a set of addresses.
type hosts struct {
	kind   hostKind
	prefix netip.Prefix // for hostPrefix
	name   pattern      // for hostNamed
}

type hostKind uint8

const (
	hostNone hostKind = iota
	hostPrefix
	hostLoopback
	hostAny
	hostNamed // what a name was resolved to; see learned
)

func (h *hosts) has(ip netip.Addr) bool {
	switch h.kind {
	case hostAny:
		return true
	case hostLoopback:
		return ip.IsLoopback()
	case hostPrefix:
		// The unspecified address means every interface, which is more than a member of some network.
		if ip.IsUnspecified() && h.prefix.Bits() != 0 && !h.prefix.IsSingleIP() {
			return false
		}
		return h.prefix.Contains(ip)
	}
	return false
}

func (h hosts) String() string {
	switch h.kind {
	case hostAny:
		return "*"
	case hostLoopback:
		return "loopback"
	case hostNamed:
		return string(h.name)
	}
	text := h.prefix.String()
	if h.prefix.IsSingleIP() {
		text = h.prefix.Addr().String()
	}
	if h.prefix.Addr().Is6() {
		return "[" + text + "]"
	}
	return text
}

// ports is an inclusive range.
type ports struct{ low, high uint16 }

var anyPort = ports{0, 65535}

func (p ports) has(port uint16) bool { return p.low <= port && port <= p.high }

func (p ports) String() string {
	switch {
	case p == anyPort:
		return "*"
	case p.low == p.high:
		return strconv.Itoa(int(p.low))
	}
	return fmt.Sprintf("%d-%d", p.low, p.high)
}

// ParseRule reads one rule as described at [Rule]. The error says what is wrong and how to write it.
func ParseRule(text string) (Rule, error) {
	r, err := parseRule(text)
	if err != nil {
		return Rule{}, fmt.Errorf("network rule %q: %w", text, err)
	}
	return r, nil
}

func parseRule(text string) (Rule, error) {
	word, target, targeted := strings.Cut(text, "=")
	switch {
	case text == "all":
		return Rule{word: text, ops: everyOp, host: hosts{kind: hostAny}, port: anyPort, name: "*"}, nil
	case text == "loopback":
		return Rule{word: text, ops: everyOp, host: hosts{kind: hostLoopback}, port: anyPort, name: "localhost"}, nil
	case text == "tcp:create", text == "udp:create":
		return Rule{word: text, ops: ruleWords[text]}, nil
	case word == "all", word == "loopback", word == "tcp:create", word == "udp:create":
		return Rule{}, fmt.Errorf("%s stands alone, without %q", word, "=")
	}
	ops, known := ruleWords[word]
	switch {
	case !known:
		return Rule{}, fmt.Errorf("%q is not an operation; write all, loopback, or one of tcp, tcp:connect, tcp:listen, tcp:bind, tcp:accept, udp, udp:bind, udp:send, name followed by = and a target", word)
	case !targeted && word == "name":
		return Rule{}, fmt.Errorf("a name is missing; write %s=example.com", word)
	case !targeted:
		return Rule{}, fmt.Errorf("an address is missing; write %s=127.0.0.1:80", word)
	case word == "name":
		name, err := parsePattern(target)
		return Rule{word: word, ops: ops, name: name}, err
	}
	host, port, err := parseTarget(word, target)
	switch {
	case err != nil:
		return Rule{}, err
	case host.kind != hostNamed:
		return Rule{word: word, ops: ops, host: host, port: port}, nil
	case word != "tcp:connect" && word != "udp:send":
		return Rule{}, fmt.Errorf("%s takes addresses; names go with tcp:connect and udp:send, whose remote address is looked up", word)
	}
	return Rule{word: word, ops: ops | setOf(NameLookup), host: host, port: port, name: host.name}, nil
}

func parseTarget(word, target string) (h hosts, p ports, err error) {
	cut := strings.LastIndexByte(target, ':')
	if bracket := strings.LastIndexByte(target, ']'); bracket > cut {
		cut = -1
	}
	if strings.Contains(target, "://") {
		return h, p, fmt.Errorf("that is a URL; write %s=example.com:443", word)
	}
	if strings.Count(target, ":") > 1 && !strings.HasPrefix(target, "[") {
		return h, p, fmt.Errorf("put IPv6 addresses in brackets: %s=[::1]:443", word)
	}
	if cut < 0 {
		return h, p, fmt.Errorf("a port is missing; write %s=%s:443, a range as :80-90, or :* for any", word, target)
	}
	if h, err = parseHosts(target[:cut]); err != nil {
		return h, p, err
	}
	p, err = parsePorts(target[cut+1:])
	return h, p, err
}

func parseHosts(text string) (hosts, error) {
	switch text {
	case "*":
		return hosts{kind: hostAny}, nil
	case "loopback":
		return hosts{kind: hostLoopback}, nil
	case "":
		return hosts{}, fmt.Errorf("an address is missing before the port; write * for any")
	}
	inner, bracketed := strings.CutPrefix(text, "[")
	if !bracketed && !strings.Contains(text, "/") && !numeric(text) {
		name, err := parsePattern(text)
		if err != nil {
			err = fmt.Errorf("%q is neither an IP address nor a name; write one like 127.0.0.1, a network like 10.0.0.0/8, a name like example.com, loopback or *", text)
		}
		return hosts{kind: hostNamed, name: name}, err
	}
	if bracketed {
		var closed bool
		if inner, closed = strings.CutSuffix(inner, "]"); !closed {
			return hosts{}, fmt.Errorf("%q lacks the closing bracket", text)
		}
	}
	prefix, err := parsePrefix(inner)
	switch ip := prefix.Addr(); {
	case err != nil:
		return hosts{}, err
	case ip.Is4In6():
		return hosts{}, fmt.Errorf("%q is IPv4 written as IPv6, which no socket uses; write %s", inner, ip.Unmap())
	case bracketed != ip.Is6():
		return hosts{}, fmt.Errorf("brackets are for IPv6, and only for it: %q", text)
	case prefix.Masked() != prefix:
		return hosts{}, fmt.Errorf("%q has address bits beyond its length; write %s", inner, prefix.Masked())
	}
	return hosts{kind: hostPrefix, prefix: prefix}, nil
}

// numeric reports what is meant as an IPv4 address, in whatever spelling.
func numeric(text string) bool {
	h, err := mapName(text)
	return err == nil && endsInNumber(h.name)
}

func parsePrefix(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return netip.Prefix{}, fmt.Errorf("%q is not an IP address; write one like 127.0.0.1, a network like 10.0.0.0/8, loopback or *", text)
		}
		return netip.PrefixFrom(ip, ip.BitLen()), zoneless(ip)
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not a network; write one like 10.0.0.0/8 or [fd00::/8]", text)
	}
	return prefix, nil
}

// zoneless says it here because a netip.Prefix silently drops the zone.
func zoneless(ip netip.Addr) error {
	if ip.Zone() == "" {
		return nil
	}
	return fmt.Errorf("%q has a zone; write %s, a rule covers every scope", ip, ip.WithZone(""))
}

func parsePorts(text string) (ports, error) {
	if text == "*" {
		return anyPort, nil
	}
	first, last, isRange := strings.Cut(text, "-")
	low, err := parsePort(first)
	if err != nil || !isRange {
		return ports{low, low}, err
	}
	high, err := parsePort(last)
	if err == nil && high < low {
		err = fmt.Errorf("the range %s is empty; write the smaller port first", text)
	}
	return ports{low, high}, err
}

func parsePort(text string) (uint16, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || text != strconv.FormatUint(n, 10) {
		return 0, fmt.Errorf("%q is not a port; write a number up to 65535, a range as 80-90, or *", text)
	}
	return uint16(n), nil
}

// String gives the text that ParseRule reads as the same rule.
func (r Rule) String() string {
	switch {
	case r.name != "" && r.word == "name":
		return "name=" + string(r.name)
	case r.host.kind == hostNone || r.word == "all" || r.word == "loopback":
		return r.word
	}
	return r.word + "=" + r.host.String() + ":" + r.port.String()
}

func (r *Rule) allows(o Operation, ap netip.AddrPort) bool {
	return r.ops.has(o) && r.host.has(ap.Addr()) && r.port.has(ap.Port())
}

func (r *Rule) allowsName(name string) bool { return r.ops.has(NameLookup) && r.name.covers(name) }
