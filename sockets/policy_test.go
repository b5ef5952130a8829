package sockets

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestRulesAllowWhatTheySayAndNothingElse(t *testing.T) {
	for _, c := range []struct {
		rule string
		op   Operation
		addr string
		want bool
	}{
		{"tcp:connect=127.0.0.1:80", TCPConnect, "127.0.0.1:80", true},
		{"tcp:connect=127.0.0.1:80", TCPConnect, "127.0.0.1:81", false},
		{"tcp:connect=127.0.0.1:80", TCPConnect, "127.0.0.2:80", false},
		{"tcp:connect=127.0.0.1:80", TCPConnect, "[::1]:80", false},
		{"tcp:connect=127.0.0.1:80", TCPConnect, "[::ffff:127.0.0.1]:80", false},
		{"tcp:connect=127.0.0.1:80", TCPBind, "127.0.0.1:80", false},
		{"tcp:connect=127.0.0.1:80", TCPListen, "127.0.0.1:80", false},
		{"tcp:connect=127.0.0.1:*", TCPConnect, "127.0.0.1:1", true},
		{"tcp:connect=10.0.0.0/8:80-90", TCPConnect, "10.255.0.1:90", true},
		{"tcp:connect=10.0.0.0/8:80-90", TCPConnect, "10.255.0.1:91", false},
		{"tcp:connect=10.0.0.0/8:80-90", TCPConnect, "11.0.0.1:80", false},
		{"tcp:connect=[::1]:443", TCPConnect, "[::1]:443", true},
		{"tcp:connect=[fd00::/8]:443", TCPConnect, "[fdff::1]:443", true},
		{"tcp:connect=[::/0]:443", TCPConnect, "127.0.0.1:443", false},
		{"tcp:connect=*:443", TCPConnect, "192.0.2.1:443", true},
		{"tcp:connect=*:443", TCPConnect, "[2001:db8::1]:443", true},
		{"tcp:connect=*:443", TCPConnect, "[::ffff:192.0.2.1]:443", false},
		{"tcp:connect=loopback:*", TCPConnect, "127.9.9.9:1", true},
		{"tcp:connect=loopback:*", TCPListen, "127.0.0.1:1", false},
		{"tcp:listen=127.0.0.1:8080", TCPListen, "127.0.0.1:8080", true},
		{"tcp:listen=127.0.0.1:8080", TCPBind, "127.0.0.1:8080", true},
		{"tcp:listen=127.0.0.1:8080", TCPListen, "127.0.0.1:0", false},
		{"tcp:listen=127.0.0.1:8080", TCPListen, "0.0.0.0:8080", false},
		{"tcp:listen=127.0.0.1:8080", TCPConnect, "127.0.0.1:8080", false},
		{"tcp:listen=127.0.0.1:*", TCPListen, "127.0.0.1:0", true},
		{"tcp:listen=127.0.0.0/8:*", TCPListen, "0.0.0.0:0", false},
		{"tcp:listen=0.0.0.0/8:*", TCPListen, "0.0.0.0:0", false},
		{"tcp:listen=0.0.0.0/0:*", TCPListen, "0.0.0.0:0", true},
		{"tcp:listen=0.0.0.0:80", TCPListen, "0.0.0.0:80", true},
		{"tcp:listen=0.0.0.0:80", TCPListen, "[::]:80", false},
		{"tcp:listen=0.0.0.0:80", TCPListen, "127.0.0.1:80", false},
		{"tcp:listen=[::]:80", TCPListen, "[::]:80", true},
		{"tcp:listen=127.0.0.1:80", TCPAccept, "192.0.2.1:999", true},
		{"tcp:connect=127.0.0.1:80", TCPAccept, "192.0.2.1:999", false},
		{"tcp:bind=127.0.0.1:0", TCPBind, "127.0.0.1:0", true},
		{"tcp:bind=127.0.0.1:0", TCPListen, "127.0.0.1:0", false},
		{"tcp:accept=10.0.0.0/8:*", TCPAccept, "10.1.1.1:5", true},
		{"tcp:accept=10.0.0.0/8:*", TCPAccept, "11.1.1.1:5", false},
		{"tcp:accept=10.0.0.0/8:*", TCPListen, "10.0.0.1:5", false},
		{"tcp=127.0.0.1:7", TCPConnect, "127.0.0.1:7", true},
		{"tcp=127.0.0.1:7", TCPListen, "127.0.0.1:7", true},
		{"tcp=127.0.0.1:7", UDPSend, "127.0.0.1:7", false},
		{"udp=127.0.0.1:7", UDPSend, "127.0.0.1:7", true},
		{"udp:bind=127.0.0.1:7", UDPSend, "127.0.0.1:7", false},
		{"udp:bind=127.0.0.1:7", UDPBind, "127.0.0.1:7", true},
		{"udp:bind=127.0.0.1:7", UDPBind, "127.0.0.1:0", false},
		{"udp:bind=127.0.0.0/8:*", UDPBind, "0.0.0.0:0", false},
		{"udp:bind=0.0.0.0:53", UDPBind, "0.0.0.0:53", true},
		{"udp:send=192.0.2.0/24:53", UDPSend, "192.0.2.1:53", true},
		{"udp:send=192.0.2.0/24:53", UDPSend, "192.0.2.1:54", false},
		{"udp:send=192.0.2.0/24:53", UDPSend, "198.51.100.1:53", false},
		{"udp:send=192.0.2.0/24:53", UDPSend, "[::ffff:192.0.2.1]:53", false},
		{"udp:send=192.0.2.0/24:53", UDPBind, "0.0.0.0:0", true},
		{"udp:send=192.0.2.0/24:53", UDPBind, "[::]:0", true},
		{"udp:send=192.0.2.0/24:53", UDPBind, "127.0.0.1:0", true},
		{"udp:send=192.0.2.0/24:53", UDPBind, "[::1]:0", true},
		{"udp:send=192.0.2.0/24:53", UDPBind, "[::ffff:0.0.0.0]:0", false},
		{"udp:send=192.0.2.0/24:53", UDPBind, "0.0.0.0:53", false},
		{"udp:send=192.0.2.0/24:53", UDPBind, "192.0.2.1:0", false},
		{"udp:send=192.0.2.0/24:53", TCPBind, "127.0.0.1:0", false},
		{"udp:create", UDPBind, "127.0.0.1:0", false},
		{"udp:create", UDPSend, "127.0.0.1:7", false},
		{"tcp:connect=*:*", UDPBind, "0.0.0.0:0", false},
		{"tcp:create", TCPConnect, "127.0.0.1:7", false},
		{"loopback", TCPConnect, "[::1]:7", true},
		{"loopback", TCPListen, "127.0.0.1:0", true},
		{"loopback", TCPListen, "0.0.0.0:0", false},
		{"loopback", TCPConnect, "192.0.2.1:7", false},
		{"loopback", UDPSend, "127.0.0.1:7", true},
		{"all", TCPListen, "0.0.0.0:0", true},
		{"all", TCPConnect, "192.0.2.1:7", true},
		{"all", TCPConnect, "[::ffff:192.0.2.1]:7", false},
	} {
		p := must(ParsePolicy(c.rule))
		if got := p.Allows(c.op, netip.MustParseAddrPort(c.addr)); got != c.want {
			t.Errorf("%s: %s %s: got %v", c.rule, c.op, c.addr, got)
		}
		if (Policy{}).Allows(c.op, netip.MustParseAddrPort(c.addr)) {
			t.Errorf("the zero policy allows %s", c.op)
		}
		expect(t, "text of the rule", must(ParseRule(c.rule)).String(), c.rule)
	}
}

func TestARuleIsPrintedInOneSpelling(t *testing.T) {
	for text, want := range map[string]string{
		"tcp:connect=Example.COM.:443":      "tcp:connect=example.com:443",
		"tcp:connect=*.München.de:0-65535":  "tcp:connect=*.xn--mnchen-3ya.de:*",
		"udp:send=dns.example:53-53":        "udp:send=dns.example:53",
		"tcp:connect=localhost:80":          "tcp:connect=localhost:80",
		"name=*.EXAMPLE.com":                "name=*.example.com",
		"tcp:connect=192.168.0.0/16:0-0":    "tcp:connect=192.168.0.0/16:0",
		"tcp:connect=[FD00:0::/8]:80":       "tcp:connect=[fd00::/8]:80",
		"tcp:connect=deadbeef:80":           "tcp:connect=deadbeef:80",
		"tcp:connect=127.0.0.1.nip.io:8080": "tcp:connect=127.0.0.1.nip.io:8080",
	} {
		expect(t, text, must(ParseRule(text)).String(), want)
	}
}

func TestAcceptRulesNarrowListening(t *testing.T) {
	p := must(ParsePolicy("tcp:listen=0.0.0.0:80", "tcp:accept=10.0.0.0/8:*", "tcp:accept=127.0.0.1:*"))
	for peer, want := range map[string]bool{"10.0.0.1:1": true, "127.0.0.1:1": true, "192.0.2.1:1": false} {
		expect(t, peer, p.Allows(TCPAccept, netip.MustParseAddrPort(peer)), want)
	}
}

func TestNameRulesCoverSpellings(t *testing.T) {
	for _, c := range []struct {
		rule, name string
		want       bool
	}{
		{"name=example.com", "example.com", true},
		{"name=example.com", "EXAMPLE.com.", true},
		{"name=example.com", "www.example.com", false},
		{"name=*.example.com", "www.example.com", true},
		{"name=*.example.com", "example.com", false},
		{"name=*.example.com", "notexample.com", false},
		{"name=münchen.de", "xn--mnchen-3ya.de", true},
		{"name=*", "anything.test", true},
		{"name=*", "", false},
		{"loopback", "localhost", true},
		{"loopback", "example.com", false},
		{"all", "example.com", true},
		{"tcp:connect=*:*", "example.com", false},
		{"tcp:connect=example.com:80", "EXAMPLE.com.", true},
		{"tcp:connect=example.com:80", "www.example.com", false},
		{"udp:send=*.example.com:53", "a.b.example.com", true},
		{"udp:send=*.example.com:53", "example.com", false},
		{"tcp:connect=xn--mnchen-3ya.de:80", "MÜNCHEN.de", true},
		{"name=r3---sn.example", "R3---sn.example", true},
		{"name=*", "127.0.0.1", false},
		{"name=*", "127.1", false},
		{"name=*", "[::1]", false},
	} {
		if got := must(ParsePolicy(c.rule)).AllowsName(c.name); got != c.want {
			t.Errorf("%s: %q: got %v", c.rule, c.name, got)
		}
	}
}

func TestARuleThatIsWrongSaysHowToWriteIt(t *testing.T) {
	for rule, hint := range map[string]string{
		"":                               "is not an operation; write all",
		"tcp:dial=127.0.0.1:80":          `"tcp:dial" is not an operation`,
		"127.0.0.1:80":                   "is not an operation",
		"tcp:connect":                    "write tcp:connect=127.0.0.1:80",
		"tcp:connect=":                   "a port is missing",
		"tcp:connect=127.0.0.1":          "write tcp:connect=127.0.0.1:443",
		"tcp:connect=:80":                "an address is missing",
		"tcp:connect=::1:80":             "brackets: tcp:connect=[::1]:443",
		"tcp:connect=[::1]":              "a port is missing",
		"tcp:connect=[::1:80":            "lacks the closing bracket",
		"tcp:connect=[127.0.0.1]:80":     "brackets are for IPv6",
		"tcp:connect=[::ffff:1.2.3.4]:1": "write 1.2.3.4",
		"tcp:connect=[fe80::1%eth0]:1":   "write fe80::1, a rule covers every scope",
		"tcp:connect=127.1:80":           "is not an IP address",
		"tcp:connect=0177.0.0.1:80":      "is not an IP address",
		"tcp:connect=1.2.3.4.:80":        "is not an IP address",
		"tcp:connect=0x7f000001:80":      "is not an IP address",
		"tcp:connect=２１３０７０６４３３:80":     "is not an IP address",
		"tcp:connect=exa mple.com:80":   "is neither an IP address nor a name; write one like 127.0.0.1",
		"tcp:connect=https://a.example": "that is a URL; write tcp:connect=example.com:443",
		"tcp:connect=a..b:80":           "is neither an IP address nor a name",
		"tcp:connect=*.:80":             "is neither an IP address nor a name",
		"tcp:connect=a.*.b:80":          "is neither an IP address nor a name",
		"tcp:connect=example.com":       "write tcp:connect=example.com:443",
		"tcp:listen=example.com:80":     "tcp:listen takes addresses; names go with tcp:connect and udp:send",
		"tcp:bind=localhost:80":         "tcp:bind takes addresses",
		"tcp:accept=*.example.com:*":    "tcp:accept takes addresses",
		"tcp=example.com:80":            "tcp takes addresses",
		"udp=dns.example:53":            "udp takes addresses",
		"name=127.1":                    "is an IP address, which is no name",
		"name=[::1]":                    "is an IP address, which is no name",
		"tcp:connect=10.1.0.0/8:80":     "write 10.0.0.0/8",
		"tcp:connect=10.0.0.0/33:80":    "is not a network",
		"tcp:connect=127.0.0.1:http":    "is not a port",
		"tcp:connect=127.0.0.1:65536":   "is not a port",
		"tcp:connect=127.0.0.1:080":     "is not a port",
		"tcp:connect=127.0.0.1:9-8":     "the range 9-8 is empty",
		"tcp:connect=127.0.0.1:1-":      "is not a port",
		"all=127.0.0.1:80":              "all stands alone",
		"loopback:80":                   "is not an operation",
		"tcp:create=127.0.0.1:80":       "stands alone",
		"udp:create=127.0.0.1:80":       "stands alone",
		"udp:listen=127.0.0.1:80":       `"udp:listen" is not an operation`,
		"name":                          "write name=example.com",
		"name=":                         "is not a name",
		"name=http://example.com":       "is not a name",
	} {
		_, err := ParseRule(rule)
		if err == nil || !strings.Contains(err.Error(), hint) || !strings.HasPrefix(err.Error(), "network rule ") {
			t.Errorf("%q: %v", rule, err)
		}
	}
}

func TestADenialNamesTheRuleThatAllowsIt(t *testing.T) {
	for _, c := range []struct {
		denial     Denial
		text, rule string
	}{
		{Denial{Operation: TCPCreate}, "tcp create", "tcp:create"},
		{Denial{Operation: TCPConnect, Address: netip.MustParseAddrPort("127.0.0.1:80")}, "tcp connect 127.0.0.1:80", "tcp:connect=127.0.0.1:80"},
		{Denial{Operation: TCPConnect, Address: netip.MustParseAddrPort("[::1]:80")}, "tcp connect [::1]:80", "tcp:connect=[::1]:80"},
		{Denial{Operation: TCPBind, Address: netip.MustParseAddrPort("0.0.0.0:0")}, "tcp bind 0.0.0.0:0", "tcp:listen=0.0.0.0:0"},
		{Denial{Operation: TCPListen, Address: netip.MustParseAddrPort("127.0.0.1:8080")}, "tcp listen 127.0.0.1:8080", "tcp:listen=127.0.0.1:8080"},
		{Denial{Operation: TCPAccept, Address: netip.MustParseAddrPort("10.0.0.1:9")}, "tcp accept 10.0.0.1:9", "tcp:accept=10.0.0.1:9"},
		{Denial{Operation: UDPCreate}, "udp create", "udp:create"},
		{Denial{Operation: UDPBind, Address: netip.MustParseAddrPort("0.0.0.0:0")}, "udp bind 0.0.0.0:0", "udp:bind=0.0.0.0:0"},
		{Denial{Operation: UDPSend, Address: netip.MustParseAddrPort("127.0.0.1:53")}, "udp send 127.0.0.1:53", "udp:send=127.0.0.1:53"},
		{Denial{Operation: NameLookup, Name: "example.com"}, "name lookup example.com", "name=example.com"},
	} {
		expect(t, "text", c.denial.String(), c.text)
		expect(t, "rule", c.denial.Rule().String(), c.rule)
		p := NewPolicy(must(ParseRule(c.rule)))
		switch c.denial.Operation {
		case TCPCreate:
			expect(t, "allowed then", p.AllowsSome(TCPCreate), true)
		case UDPCreate:
			expect(t, "allowed then", p.AllowsSome(UDPCreate), true)
		case NameLookup:
			expect(t, "allowed then", p.AllowsName(c.denial.Name), true)
		default:
			expect(t, "allowed then", p.Allows(c.denial.Operation, c.denial.Address), true)
		}
	}
}

// denials collects what a Network reports.
type denials struct {
	sync.Mutex
	list []string
}

func (d *denials) add(x Denial) {
	d.Lock()
	defer d.Unlock()
	d.list = append(d.list, x.String())
}

func (d *denials) expect(t *testing.T, want ...string) {
	t.Helper()
	d.Lock()
	defer d.Unlock()
	if !slices.Equal(d.list, want) {
		t.Errorf("denials: got %q, want %q", d.list, want)
	}
	d.list = nil
}

func TestTheDefaultPolicyGrantsNothing(t *testing.T) {
	var seen denials
	n := networkOf(t, Config{OnDenied: seen.add})
	_, err := n.NewTCP(IPv4)
	expect(t, "create", err, AccessDenied)
	_, err = n.NewUDP(IPv4)
	expect(t, "create", err, AccessDenied)
	seen.expect(t, "tcp create", "udp create")
	expect(t, "counted", n.Stats(), Stats{Denied: Counts{TCPCreate: 1, UDPCreate: 1}})
}

func TestEveryRefusalIsReportedOnceAndOutsideOfLocks(t *testing.T) {
	var seen denials
	var n *Network
	var s *TCP
	n = networkOf(t, Config{Policy: must(ParsePolicy("tcp:create", "tcp:bind=127.0.0.1:*")), OnDenied: func(d Denial) {
		seen.add(d)
		n.Stats()
		s.State()
	}})
	s = must(n.NewTCP(IPv4))
	expect(t, "bind", s.StartBind(addr("0.0.0.0:0")), AccessDenied)
	seen.expect(t, "tcp bind 0.0.0.0:0")
	check(t, s.StartBind(addr("127.0.0.1:0")))
	check(t, s.FinishBind())
	expect(t, "listen", s.StartListen(), AccessDenied)
	seen.expect(t, "tcp listen 127.0.0.1:0")
	s = must(n.NewTCP(IPv4))
	expect(t, "connect", s.StartConnect(addr("127.0.0.1:80")), AccessDenied)
	seen.expect(t, "tcp connect 127.0.0.1:80")
	expect(t, "an argument is looked at first", must(n.NewTCP(IPv4)).StartConnect(addr("[::ffff:127.0.0.1]:80")), InvalidArgument)
	seen.expect(t)
}

func TestAnUnwelcomePeerIsResetAndTheGuestSeesNothing(t *testing.T) {
	var seen denials
	n := networkOf(t, Config{
		Policy:   must(ParsePolicy("tcp:listen=127.0.0.1:*", "tcp:accept=127.0.0.2:*")),
		OnDenied: seen.add,
	})
	l := listen(t, n, IPv4)
	at := must(l.LocalAddress())
	other := NewNetwork(Config{Policy: must(ParsePolicy("all"))})
	defer other.Close()
	stranger := dial(t, other, at)
	for !stranger.in.Ready() {
		expect(t, "listener with a stranger", l.Ready(), false)
	}
	_, err := stranger.in.Read(make([]byte, 1))
	expect(t, "stranger", err, ConnectionReset)
	_, _, _, err = l.Accept()
	expect(t, "accept", err, WouldBlock)
	seen.expect(t, "tcp accept "+must(stranger.LocalAddress()).String())

	friend := bind(t, other, addr("127.0.0.2:0"))
	check(t, friend.StartConnect(at))
	accepted := accept(t, l)
	expect(t, "peer", must(accepted.RemoteAddress()), must(friend.LocalAddress()))
}

func FuzzParseRule(f *testing.F) {
	for _, s := range []string{"all", "loopback", "tcp:create", "tcp:connect=127.0.0.1:80", "tcp=10.0.0.0/8:1-2",
		"udp:send=[::1]:*", "name=*.example.com", "tcp:listen=[fd00::/8]:0", "tcp:connect=example.com:443",
		"tcp:connect=*.bücher.example:80-90", "udp:send=DNS.example.:53", "tcp:connect=127.1:80", "tcp:connect=a_b--c:*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRule(text)
		if err != nil {
			return
		}
		again, err := ParseRule(r.String())
		if err != nil || again != r {
			t.Errorf("%q became %q, which is %+v, %v", text, r, again, err)
		}
		if r.host.kind == hostNamed && (r.ops.has(TCPBind) || r.ops.has(TCPListen) || r.ops.has(UDPBind) || r.ops.has(TCPAccept)) {
			t.Errorf("%q names a host for more than connecting and sending", text)
		}
	})
}
