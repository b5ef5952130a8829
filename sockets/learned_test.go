package sockets

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// ask asks the Network what a guest that connects or sends would make it ask.
func ask(n *Network, o Operation, to string) bool {
	return n.ask(o, netip.MustParseAddrPort(to), "") == nil
}

func TestARuleByNameCoversWhatTheNameWasResolvedTo(t *testing.T) {
	names := zone{
		"example.com":           "192.0.2.1 2001:db8::1",
		"www.example.com":       "192.0.2.2",
		"dns.example":           "192.0.2.53",
		"other.example":         "192.0.2.9",
		"private.example":       "10.0.0.1 fd00::1",
		"xn--bcher-kva.example": "192.0.2.3",
	}
	for _, c := range []struct {
		rule, lookup string
		op           Operation
		to           string
		want         bool
	}{
		{"tcp:connect=example.com:443", "example.com", TCPConnect, "192.0.2.1:443", true},
		{"tcp:connect=example.com:443", "example.com", TCPConnect, "[2001:db8::1]:443", true},
		{"tcp:connect=example.com:443", "EXAMPLE.com.", TCPConnect, "192.0.2.1:443", true},
		{"tcp:connect=Example.COM.:443", "example.com", TCPConnect, "192.0.2.1:443", true},
		{"tcp:connect=bücher.example:443", "BÜCHER.example", TCPConnect, "192.0.2.3:443", true},
		{"tcp:connect=example.com:443", "", TCPConnect, "192.0.2.1:443", false},
		{"tcp:connect=example.com:443", "example.com", TCPConnect, "192.0.2.1:80", false},
		{"tcp:connect=example.com:443", "example.com", TCPConnect, "192.0.2.2:443", false},
		{"tcp:connect=example.com:443", "example.com", TCPConnect, "[::ffff:192.0.2.1]:443", false},
		{"tcp:connect=example.com:443", "example.com", UDPSend, "192.0.2.1:443", false},
		{"tcp:connect=example.com:443", "example.com", TCPBind, "192.0.2.1:443", false},
		{"tcp:connect=example.com:443", "example.com", TCPListen, "192.0.2.1:443", false},
		{"tcp:connect=example.com:443", "example.com", TCPAccept, "192.0.2.1:443", false},
		{"tcp:connect=example.com:443", "example.com", UDPBind, "192.0.2.1:443", false},
		{"tcp:connect=*.example.com:80-90", "www.example.com", TCPConnect, "192.0.2.2:90", true},
		{"tcp:connect=*.example.com:80-90", "www.example.com", TCPConnect, "192.0.2.2:91", false},
		{"tcp:connect=*.example.com:*", "www.example.com", TCPConnect, "192.0.2.1:80", false},
		{"udp:send=dns.example:53", "dns.example", UDPSend, "192.0.2.53:53", true},
		{"udp:send=dns.example:53", "dns.example", TCPConnect, "192.0.2.53:53", false},
		{"tcp:connect=private.example:80", "private.example", TCPConnect, "10.0.0.1:80", true},
		{"tcp:connect=private.example:80", "private.example", TCPConnect, "[fd00::1]:80", true},
	} {
		t.Run(fmt.Sprintf("%s, %q, %s %s", c.rule, c.lookup, c.op, c.to), func(t *testing.T) {
			n := networkOf(t, Config{Policy: must(ParsePolicy(c.rule)), Resolver: names})
			if c.lookup != "" {
				if _, err := resolve(t, n, c.lookup); err != nil {
					t.Fatal(err)
				}
			}
			expect(t, "allowed", ask(n, c.op, c.to), c.want)
			expect(t, "to a policy alone", n.config.Policy.Allows(c.op, netip.MustParseAddrPort(c.to)), false)
			expect(t, "to another network", ask(networkOf(t, n.config), c.op, c.to), false)
		})
	}
	t.Run("a name that only may be resolved covers nothing", func(t *testing.T) {
		n := networkOf(t, Config{Policy: must(ParsePolicy("name=*", "tcp:connect=example.com:443")), Resolver: names})
		must(resolve(t, n, "other.example"))
		expect(t, "allowed", ask(n, TCPConnect, "192.0.2.9:443"), false)
	})
	t.Run("the rule includes the right to resolve its names, and no others", func(t *testing.T) {
		n := networkOf(t, Config{Policy: must(ParsePolicy("tcp:connect=*.example.com:443")), Resolver: names})
		_, err := resolve(t, n, "www.example.com")
		expect(t, "below", err, nil)
		for _, name := range []string{"example.com", "dns.example", "notexample.com", "example.com.example.org", "www.example.com.example"} {
			_, err = resolve(t, n, name)
			expect(t, name, err, PermanentResolverFailure)
		}
	})
}

// Whoever answers for a name must not make the guest talk to this machine or its link.
func TestANameThatResolvesToThisMachineOrItsLinkIsNotCovered(t *testing.T) {
	for _, ip := range []string{
		"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1",
		"0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0",
		"169.254.0.1", "169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "febf::1",
		"224.0.0.1", "239.255.255.250", "255.255.255.255", "ff02::1", "ff05::2",
		"64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "2002:7f00:1::", "2002:a9fe:a9fe::1",
	} {
		t.Run(ip, func(t *testing.T) {
			n := networkOf(t, Config{
				Policy:   must(ParsePolicy("tcp:connect=*.evil.example:*", "udp:send=*.evil.example:*", "tcp:connect=notlocalhost:*")),
				Resolver: zone{"a.evil.example": "192.0.2.1 " + ip, "notlocalhost": ip},
			})
			must(resolve(t, n, "a.evil.example"))
			must(resolve(t, n, "notlocalhost"))
			expect(t, "the harmless one", ask(n, TCPConnect, "192.0.2.1:80"), true)
			to := netip.AddrPortFrom(netip.MustParseAddr(ip).Unmap(), 80).String()
			expect(t, "connect", ask(n, TCPConnect, to), false)
			expect(t, "send", ask(n, UDPSend, to), false)
		})
	}
	t.Run("a rule for localhost covers loopback, and nothing else of that", func(t *testing.T) {
		n := networkOf(t, Config{
			Policy: must(ParsePolicy("tcp:connect=localhost:80", "tcp:connect=*.localhost:81")),
			Resolver: zone{
				"localhost":   "127.0.0.1 ::1 169.254.169.254 0.0.0.0 ff02::1 fe80::1",
				"a.localhost": "127.0.0.2 0.0.0.0",
			},
		})
		expect(t, "before it is resolved", ask(n, TCPConnect, "127.0.0.1:80"), false)
		must(resolve(t, n, "localhost"))
		must(resolve(t, n, "a.localhost"))
		for to, want := range map[string]bool{
			"127.0.0.1:80": true, "[::1]:80": true, "127.0.0.2:81": true,
			"127.0.0.1:81": false, "127.0.0.2:80": false, "127.0.0.3:80": false,
			"169.254.169.254:80": false, "0.0.0.0:80": false, "0.0.0.0:81": false, "[ff02::1]:80": false, "[fe80::1]:80": false,
		} {
			expect(t, to, ask(n, TCPConnect, to), want)
		}
	})
	t.Run("an address rule beside it still covers what it says", func(t *testing.T) {
		n := networkOf(t, Config{Policy: must(ParsePolicy("tcp:connect=evil.example:*", "tcp:connect=127.0.0.1:80")), Resolver: zone{"evil.example": "127.0.0.1"}})
		must(resolve(t, n, "evil.example"))
		expect(t, "80", ask(n, TCPConnect, "127.0.0.1:80"), true)
		expect(t, "81", ask(n, TCPConnect, "127.0.0.1:81"), false)
	})
}

// A name server may give another answer each time it is asked.
func TestRebindingANameGivesNoAddressThatWasNotAnswered(t *testing.T) {
	next := make(chan string, 3)
	n := networkOf(t, Config{
		Policy:   must(ParsePolicy("tcp:connect=evil.example:80")),
		Resolver: resolverFunc(func(string) answer { return answer{ips: []string{<-next}} }),
	})
	next <- "192.0.2.1"
	must(resolve(t, n, "evil.example"))
	next <- "127.0.0.1"
	must(resolve(t, n, "evil.example"))
	expect(t, "the first answer", ask(n, TCPConnect, "192.0.2.1:80"), true)
	expect(t, "the second answer", ask(n, TCPConnect, "127.0.0.1:80"), false)
	expect(t, "no answer", ask(n, TCPConnect, "192.0.2.2:80"), false)
	// Connecting asks no resolver: the fake one would hang.
	expect(t, "asked", n.Stats().Allowed[NameLookup], uint64(2))
}

func TestWhatWasLearnedIsForgottenAnHourAfterItWasUsed(t *testing.T) {
	n := networkOf(t, Config{
		Policy:   must(ParsePolicy("name=*", "tcp:connect=example.com:80", "tcp:connect=example.org:81")),
		Resolver: zone{"example.com": "192.0.2.1", "example.org": "192.0.2.1"},
	})
	now := time.Now()
	n.learned.now = func() time.Time { return now }
	must(resolve(t, n, "example.com"))
	for range 3 {
		now = now.Add(learnedFor - time.Second)
		expect(t, "used in time", ask(n, TCPConnect, "192.0.2.1:80"), true)
	}
	// Neither a denied call nor another name keeps it.
	now = now.Add(learnedFor - time.Second)
	expect(t, "another port", ask(n, TCPConnect, "192.0.2.1:82"), false)
	must(resolve(t, n, "example.org"))
	now = now.Add(time.Second)
	expect(t, "after an hour", ask(n, TCPConnect, "192.0.2.1:80"), false)
	expect(t, "by the other name", ask(n, TCPConnect, "192.0.2.1:81"), true)
	must(resolve(t, n, "example.com"))
	expect(t, "resolved again", ask(n, TCPConnect, "192.0.2.1:80"), true)
}

func TestWhatIsLearnedIsBoundedAndTheNewestWin(t *testing.T) {
	n := networkOf(t, Config{
		Policy: must(ParsePolicy("tcp:connect=*.example:80")),
		Resolver: resolverFunc(func(name string) answer {
			var i int
			fmt.Sscanf(name, "n%d.example", &i)
			var ips []string
			for j := range 100 {
				ips = append(ips, fmt.Sprintf("10.%d.%d.%d", i/256, i%256, j))
			}
			return answer{ips: ips}
		}),
	})
	const names = 200
	for i := range names {
		must(resolve(t, n, fmt.Sprintf("n%d.example", i)))
		expect(t, "the first", ask(n, TCPConnect, "10.0.0.0:80"), true)
	}
	expect(t, "entries", len(n.learned.at), maxLearned)
	expect(t, "order", n.learned.order.Len(), maxLearned)
	expect(t, "the newest", ask(n, TCPConnect, "10.0.199.99:80"), true)
	expect(t, "an old one", ask(n, TCPConnect, "10.0.1.0:80"), false)
	// Any number of names for one address is one entry, with one grant for each rule.
	for i := range 1000 {
		n.learned.add(fmt.Sprintf("m%d.example", i), []netip.Addr{netip.MustParseAddr("10.0.0.0")})
	}
	k := n.learned.touch(netip.MustParseAddr("10.0.0.0"))
	expect(t, "grants", len(k.grants), 1)
}

func TestADenialSuggestsTheNameThatTheGuestHasUsed(t *testing.T) {
	for _, c := range []struct {
		what, lookup, to, text, rule string
		op                           Operation
	}{
		{"by name", "example.com", "192.0.2.1:443", "tcp connect 192.0.2.1:443 (example.com)", "tcp:connect=example.com:443", TCPConnect},
		{"datagrams by name", "example.com", "192.0.2.1:53", "udp send 192.0.2.1:53 (example.com)", "udp:send=example.com:53", UDPSend},
		{"an address that no look-up gave", "example.com", "192.0.2.2:443", "tcp connect 192.0.2.2:443", "tcp:connect=192.0.2.2:443", TCPConnect},
		{"an address that a rule by name would not cover", "evil.example", "127.0.0.1:80", "tcp connect 127.0.0.1:80 (evil.example)", "tcp:connect=127.0.0.1:80", TCPConnect},
		{"localhost", "localhost", "127.0.0.1:80", "tcp connect 127.0.0.1:80 (localhost)", "tcp:connect=localhost:80", TCPConnect},
		{"listening is by address", "example.com", "192.0.2.1:80", "tcp listen 192.0.2.1:80", "tcp:listen=192.0.2.1:80", TCPListen},
	} {
		t.Run(c.what, func(t *testing.T) {
			var got Denial
			names := zone{"example.com": "192.0.2.1", "evil.example": "127.0.0.1", "localhost": "127.0.0.1"}
			n := networkOf(t, Config{Policy: must(ParsePolicy("name=*")), Resolver: names, OnDenied: func(d Denial) { got = d }})
			must(resolve(t, n, c.lookup))
			expect(t, "allowed", ask(n, c.op, c.to), false)
			expect(t, "text", got.String(), c.text)
			expect(t, "rule", got.Rule().String(), c.rule)
			expect(t, "reads back", must(ParseRule(c.rule)), got.Rule())
			// The rule alone is enough, where it names the host for the look-up, too.
			n = networkOf(t, Config{Policy: NewPolicy(got.Rule()), Resolver: names})
			if strings.Contains(c.rule, c.lookup) {
				must(resolve(t, n, c.lookup))
			}
			expect(t, "allowed with the rule", ask(n, c.op, c.to), true)
		})
	}
}

// TestSpellingsDoNotGetAroundThePolicy has each spelling of the address that a guest may not use.
func TestSpellingsDoNotGetAroundThePolicy(t *testing.T) {
	t.Run("what is resolved is asked for by its value", func(t *testing.T) {
		n := networkOf(t, Config{Policy: must(ParsePolicy("tcp:connect=127.0.0.1:80"))})
		for _, text := range []string{"127.0.0.2", "0177.0.0.2", "0x7f.2", "2130706434", "::ffff:127.0.0.2", "[::ffff:7f00:2]", "１２７.２", "127.2."} {
			ips := must(resolve(t, n, text))
			expect(t, text, ips[0], "127.0.0.2")
			expect(t, text+" allowed", ask(n, TCPConnect, ips[0]+":80"), false)
		}
		for _, text := range []string{"0", "0.0.0.0", "0x0", "[::]", "::"} {
			ips := must(resolve(t, n, text))
			to := netip.AddrPortFrom(netip.MustParseAddr(ips[0]), 80).String()
			expect(t, text+" allowed", ask(n, TCPConnect, to), false)
		}
		expect(t, "v4-mapped", ask(n, TCPConnect, "[::ffff:127.0.0.1]:80"), false)
		expect(t, "v4-compatible", ask(n, TCPConnect, "[::127.0.0.1]:80"), false)
		expect(t, "NAT64", ask(n, TCPConnect, "[64:ff9b::127.0.0.1]:80"), false)
	})
	t.Run("a socket is connected to what was allowed, or not at all", func(t *testing.T) {
		n := networkOf(t, Config{Policy: must(ParsePolicy("all"))})
		l := listen(t, n, IPv4)
		port := must(l.LocalAddress()).Port()
		guest := networkOf(t, Config{Policy: must(ParsePolicy("tcp:connect=localhost:*")), Resolver: zone{"localhost": "127.0.0.1"}})
		at := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)
		expect(t, "before the look-up", must(guest.NewTCP(IPv4)).StartConnect(AddressFrom(at)), AccessDenied)
		must(resolve(t, guest, "localhost"))
		dial(t, guest, AddressFrom(at))
		for _, ip := range []string{"::ffff:127.0.0.1", "::127.0.0.1", "::", "::1"} {
			s := must(guest.NewTCP(IPv6))
			err := s.StartConnect(AddressFrom(netip.AddrPortFrom(netip.MustParseAddr(ip), port)))
			if err != InvalidArgument && err != AccessDenied {
				t.Errorf("%s: %v", ip, err)
			}
		}
		expect(t, "the other loopback addresses", must(guest.NewTCP(IPv4)).StartConnect(AddressFrom(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), port))), AccessDenied)
	})
	t.Run("a name that resolves to a denied address is no way to it", func(t *testing.T) {
		n := networkOf(t, Config{Policy: must(ParsePolicy("name=*", "tcp:connect=192.0.2.0/24:*")), Resolver: zone{"evil.example": "127.0.0.1"}})
		ips := must(resolve(t, n, "evil.example"))
		expect(t, "connect", must(n.NewTCP(IPv4)).StartConnect(addr(ips[0]+":80")), AccessDenied)
	})
}

// What a policy is asked for each datagram must cost little, with many names learned.
func BenchmarkAsk(b *testing.B) {
	n := networkOf(b, Config{Policy: must(ParsePolicy("tcp:connect=192.0.2.1:80", "udp:send=*.example:53")), Resolver: zone{"a.example": "192.0.2.53"}})
	must(resolve(b, n, "a.example"))
	for _, c := range []struct {
		what string
		op   Operation
		to   string
	}{{"address", TCPConnect, "192.0.2.1:80"}, {"name", UDPSend, "192.0.2.53:53"}, {"denied", UDPSend, "192.0.2.1:53"}} {
		b.Run(c.what, func(b *testing.B) {
			to := netip.MustParseAddrPort(c.to)
			b.ReportAllocs()
			for b.Loop() {
				n.ask(c.op, to, "")
			}
		})
	}
}
