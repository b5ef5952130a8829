package sockets

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/tenon-wasm/tenon/internal/leaks"
)

// nameServer is a DNS server on loopback for Go's own resolver. What it says of a name stands in serve.
type nameServer struct {
	packets net.PacketConn
	stream  net.Listener
	all     sync.WaitGroup

	mu    sync.Mutex
	asked []string // "udp example.test." for each question
}

// startNameServer gives a Network that asks it, and may do what the rules say.
func startNameServer(t *testing.T, rules ...string) (*nameServer, *Network) {
	t.Helper()
	leaks.None(t)
	s := &nameServer{
		packets: must(net.ListenPacket("udp", "127.0.0.1:0")),
		stream:  must(net.Listen("tcp", "127.0.0.1:0")),
	}
	s.all.Go(s.servePackets)
	s.all.Go(s.serveStreams)
	t.Cleanup(func() {
		s.packets.Close()
		s.stream.Close()
		s.all.Wait()
	})
	n := NewNetwork(Config{
		Policy: must(ParsePolicy(rules...)),
		Resolver: &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			at := s.packets.LocalAddr()
			if network == "tcp" {
				at = s.stream.Addr()
			}
			return new(net.Dialer).DialContext(ctx, network, at.String())
		}},
		LookupTimeout: 2 * time.Second,
	})
	t.Cleanup(n.Close)
	return s, n
}

func (s *nameServer) servePackets() {
	buf := make([]byte, 1<<16)
	for {
		n, from, err := s.packets.ReadFrom(buf)
		if err != nil {
			return
		}
		if reply := s.serve("udp", buf[:n]); reply != nil {
			s.packets.WriteTo(reply, from)
		}
	}
}

func (s *nameServer) serveStreams() {
	for {
		c, err := s.stream.Accept()
		if err != nil {
			return
		}
		s.all.Go(func() {
			defer c.Close()
			c.SetDeadline(time.Now().Add(patience))
			var size [2]byte
			if _, err := io.ReadFull(c, size[:]); err != nil {
				return
			}
			question := make([]byte, binary.BigEndian.Uint16(size[:]))
			if _, err := io.ReadFull(c, question); err != nil {
				return
			}
			reply := s.serve("tcp", question)
			c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
		})
	}
}

// serve is nil for silence.
func (s *nameServer) serve(network string, question []byte) []byte {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil || len(m.Questions) != 1 {
		panic("bad question")
	}
	q := m.Questions[0]
	name := q.Name.String()
	s.mu.Lock()
	s.asked = append(s.asked, network+" "+name)
	s.mu.Unlock()
	m.Header.Response, m.Header.RecursionAvailable = true, true
	m.Additionals = nil
	switch first, _, _ := strings.Cut(name, "."); first {
	case "silent":
		return nil
	case "servfail":
		m.Header.RCode = dnsmessage.RCodeServerFailure
	case "refused":
		m.Header.RCode = dnsmessage.RCodeRefused
	case "empty":
	case "loopback":
		s.addresses(&m, q, "127.0.0.1", "::1")
	case "v4":
		s.addresses(&m, q, "192.0.2.1", "192.0.2.2")
	case "both":
		s.addresses(&m, q, "192.0.2.1", "2001:db8::1")
	case "mapped":
		s.addresses(&m, q, "::ffff:192.0.2.3")
	case "truncated":
		m.Header.Truncated = network == "udp"
		if network == "tcp" {
			s.addresses(&m, q, "192.0.2.4")
		}
	case "xn--mnchen-3ya":
		s.addresses(&m, q, "192.0.2.5")
	default:
		m.Header.RCode = dnsmessage.RCodeNameError
	}
	return must(m.Pack())
}

func (s *nameServer) addresses(m *dnsmessage.Message, q dnsmessage.Question, ips ...string) {
	for _, text := range ips {
		ip := netip.MustParseAddr(text)
		header := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 60}
		switch {
		case ip.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: ip.As4()}})
		case ip.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
}

func TestNamesAreLookedUpInDNS(t *testing.T) {
	s, n := startNameServer(t, "name=*")
	for _, c := range []struct {
		name string
		want []string // sorted
		err  error
	}{
		{"v4.test", []string{"192.0.2.1", "192.0.2.2"}, nil},
		{"both.test.", []string{"192.0.2.1", "2001:db8::1"}, nil},
		{"mapped.test", []string{"192.0.2.3"}, nil},
		{"MÜNCHEN.test", []string{"192.0.2.5"}, nil},
		{"truncated.test", []string{"192.0.2.4"}, nil},
		{"nosuchname.test", nil, NameUnresolvable},
		{"empty.test", nil, NameUnresolvable},
		{"servfail.test", nil, TemporaryResolverFailure},
		{"refused.test", nil, PermanentResolverFailure},
	} {
		t.Run(c.name, func(t *testing.T) {
			ips, err := resolve(t, n, c.name)
			if err == nil {
				slices.Sort(ips)
			}
			if !slices.Equal(ips, c.want) {
				t.Errorf("got %v, want %v", ips, c.want)
			}
			if err != c.err {
				t.Errorf("got %v, want %v", err, c.err)
			}
		})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.asked, "tcp truncated.test.") {
		t.Errorf("a truncated answer was not asked for again: %q", s.asked)
	}
}

func TestANameServerThatIsSilentHoldsUpNobody(t *testing.T) {
	t.Run("until the timeout", func(t *testing.T) {
		_, n := startNameServer(t, "name=*")
		n.lookups.patience = 50 * time.Millisecond
		_, err := resolve(t, n, "silent.test.")
		expect(t, "error", err, TemporaryResolverFailure)
	})
	t.Run("that closes the look-up", func(t *testing.T) {
		s, n := startNameServer(t, "name=*")
		l := must(n.Resolve("silent.test."))
		for asked := 0; asked == 0; time.Sleep(time.Millisecond) {
			s.mu.Lock()
			asked = len(s.asked)
			s.mu.Unlock()
		}
		start := time.Now()
		l.Close()
		eventually(t, func() bool { n.lookups.mu.Lock(); defer n.lookups.mu.Unlock(); return n.lookups.working == 0 })
		// nothingLeft waits longer than Go's resolver would for the answer; this must not.
		if d := time.Since(start); d > time.Second {
			t.Errorf("it took %v", d)
		}
	})
	// Look-ups of one name must not share their fate, and those that are given up must not go on in the background.
	for _, end := range []string{"closes the network", "drops all of many look-ups of one name"} {
		t.Run("that "+end, func(t *testing.T) {
			_, n := startNameServer(t, "name=*")
			before := runtime.NumGoroutine()
			var all []*Lookup
			for range 100 {
				l := must(n.Resolve("silent.test."))
				all = append(all, l)
				if end != "closes the network" {
					for !l.begun() {
						time.Sleep(10 * time.Microsecond)
					}
					l.Close()
				}
			}
			start := time.Now()
			if end == "closes the network" {
				n.Close()
			}
			for _, l := range all {
				expect(t, "ready", l.Ready(), true)
			}
			eventually(t, func() bool { return runtime.NumGoroutine() <= before })
			// Go's resolver would wait for 5 s, several times.
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("the resolver's goroutines took %v to end", d)
			}
		})
	}
}

// begun reports whether the resolver has been asked.
func (l *Lookup) begun() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cancel != nil
}

func TestANameIsDialledAtTheAddressThatItWasResolvedTo(t *testing.T) {
	_, n := startNameServer(t, "tcp:connect=v4.test:443", "tcp:connect=loopback.test:*")
	must(resolve(t, n, "v4.test"))
	expect(t, "covered", ask(n, TCPConnect, "192.0.2.2:443"), true)
	// A name server that says loopback, as for rebinding, gets the guest nowhere.
	ips := must(resolve(t, n, "loopback.test"))
	expect(t, "it is told", slices.Contains(ips, "127.0.0.1"), true)
	server := NewNetwork(Config{Policy: must(ParsePolicy("all"))})
	defer server.Close()
	l := listen(t, server, IPv4)
	expect(t, "connect", must(n.NewTCP(IPv4)).StartConnect(must(l.LocalAddress())), AccessDenied)
}

func TestTheSystemsResolverKnowsLocalhost(t *testing.T) {
	n := network(t, "name=localhost")
	ips, err := resolve(t, n, "localhost")
	if err != nil || len(ips) == 0 {
		t.Fatalf("%v, %v", ips, err)
	}
	for _, ip := range ips {
		expect(t, ip+" is loopback", netip.MustParseAddr(ip).IsLoopback(), true)
	}
}
