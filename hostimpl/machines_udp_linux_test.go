package hostimpl_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/leaks"
)

// pings is what udp-ping tells.
type pings struct {
	sent, back int
	failed     string // the errors, as "send connection-refused 3, receive ..."
}

// ping runs udp-ping on a machine.
func (m *machine) ping(t testing.TB, p *program, server string, count, size int, every time.Duration, connected bool) (result pings) {
	t.Helper()
	args := []string{"udp-ping", server, fmt.Sprint(count), fmt.Sprint(size), fmt.Sprint(every.Milliseconds())}
	if connected {
		args = append(args, "connected")
	}
	ended, output := m.run(t, p, hostimpl.Config{Args: args})
	var head string
	n, err := fmt.Sscanf(output, "%s\nsent %d\nback %d\n", &head, &result.sent, &result.back)
	if ended.err != nil || n != 3 {
		t.Errorf("%v, it said %q, %q (%v)", ended.err, output, ended.text, err)
	}
	lines := strings.Split(strings.TrimSpace(output), "\n")
	result.failed = strings.Join(lines[min(len(lines), 3):], ", ")
	return result
}

// each tests both families, without and with a peer.
func (c *cable) each(t *testing.T, test func(t *testing.T, ip netip.Addr, connected bool)) {
	for _, ip := range []netip.Addr{c.right.addr4, c.right.addr6} {
		for _, connected := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v, connected=%v", ip, connected), func(t *testing.T) {
				leaks.By(t, func() { test(t, ip, connected) })
			})
		}
	}
}

func TestWhatALossyCableLosesOfDatagramsIsLostAndNothingElseHappens(t *testing.T) {
	server, client := compile(t, "udp-echo"), compile(t, "udp-ping")
	c := join(t, 3*time.Millisecond, 0.1)
	c.each(t, func(t *testing.T, ip netip.Addr, connected bool) {
		addr, end := c.right.serve(t, server, ip)
		defer end()
		got := c.left.ping(t, client, addr, 300, 100, time.Millisecond, connected)
		t.Log(got)
		// 81 of 100 there and back.
		if got.sent != 300 || got.back < 180 || got.back > 290 || got.failed != "" {
			t.Errorf("%+v", got)
		}
	})
}

func TestDatagramsGoIntoAPulledCableAndNothingBreaks(t *testing.T) {
	server, client := compile(t, "udp-echo"), compile(t, "udp-ping")
	c := join(t, time.Millisecond, 0)
	c.each(t, func(t *testing.T, ip netip.Addr, connected bool) {
		addr, end := c.right.serve(t, server, ip)
		defer end()
		before := c.carried.Load()
		result := make(chan pings, 1)
		go func() { result <- c.left.ping(t, client, addr, 400, 1000, time.Millisecond, connected) }()
		eventuallySo(t, func() bool { return c.carried.Load() > before+200 })
		c.pulled.Store(true)
		got := <-result
		t.Log(got)
		if got.sent != 400 || got.back < 90 || got.back == 400 || got.failed != "" {
			t.Errorf("pulled: %+v", got)
		}
		if got := c.left.ping(t, client, addr, 3, 10, 0, connected); got != (pings{3, 0, ""}) {
			t.Errorf("while it is out: %+v", got)
		}
		// The same server goes on.
		c.pulled.Store(false)
		if got := c.left.ping(t, client, addr, 50, 10, time.Millisecond, connected); got != (pings{50, 50, ""}) {
			t.Errorf("plugged in again: %+v", got)
		}
	})
}

func eventuallySo(t testing.TB, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not in time")
		}
	}
}

// TestThatTheFarSideIsUnreachableIsToldToASocketWithAPeer: one without does not hear of
// it, since it could not tell whom it is about. Nor does anybody of what may pass.
func TestThatTheFarSideIsUnreachableIsToldToASocketWithAPeer(t *testing.T) {
	client := compile(t, "udp-ping")
	c := join(t, time.Millisecond, 0)
	const admin4, admin6, nobody = 13, 1, 0
	for _, tt := range []struct {
		what       string
		four, six  *func([]byte) []byte
		code4, v6s string
	}{
		{"nobody has the port", nil, nil, "connection-refused", "connection-refused"},
		{"the way there is forbidden", refuse(3, admin4), refuse(1, admin6), "remote-unreachable", "access-denied"},
		{"the host is unknown", refuse(3, 7), nil, "remote-unreachable", "connection-refused"},
		{"the network is unknown", refuse(3, 6), nil, "remote-unreachable", "connection-refused"},
		{"the host is unreachable at the moment", refuse(3, 1), refuse(1, 3), "", ""},
		{"the network is unreachable at the moment", refuse(3, 0), refuse(1, nobody), "", ""},
	} {
		t.Run(tt.what, func(t *testing.T) {
			c.each(t, func(t *testing.T, ip netip.Addr, connected bool) {
				route, code := tt.four, tt.code4
				if ip.Is6() {
					route, code = tt.six, tt.v6s
				}
				c.router.Store(route)
				defer c.router.Store(nil)
				got := c.left.ping(t, client, netip.AddrPortFrom(ip, 9).String(), 3, 10, 50*time.Millisecond, connected)
				if !connected {
					code = ""
				}
				// Each is told, in the interval behind the send that it is about.
				if code != "" {
					code = "receive " + code + " 3"
				}
				if got != (pings{3, 0, code}) {
					t.Errorf("%+v, want %q", got, code)
				}
			})
		})
	}
	t.Run("there is no route", func(t *testing.T) {
		for _, to := range []string{"203.0.113.1:9", "[2001:db8::1]:9"} {
			if got := c.left.ping(t, client, to, 3, 10, 0, false); got != (pings{0, 0, "send remote-unreachable 3"}) {
				t.Errorf("%s: %+v", to, got)
			}
			got, _ := c.left.run(t, client, hostimpl.Config{Args: []string{"udp-ping", to, "1", "1", "1", "connected"}})
			if got.err == nil || got.text != "stream: remote-unreachable\n" {
				t.Errorf("%s with a peer: %v, %q", to, got.err, got.text)
			}
		}
	})
}

func TestADatagramLargerThanTheLinkIsCutAndOneLargerThanItsHeadersSayIsTooLarge(t *testing.T) {
	server, client := compile(t, "udp-echo"), compile(t, "udp-ping")
	c := join(t, time.Millisecond, 0)
	c.each(t, func(t *testing.T, ip netip.Addr, connected bool) {
		addr, end := c.right.serve(t, server, ip)
		defer end()
		// The machine cuts what is larger than its link takes.
		for _, size := range []int{1472, 1473, 9000, largest(ip)} {
			if got := c.left.ping(t, client, addr, 3, size, 30*time.Millisecond, connected); got != (pings{3, 3, ""}) {
				t.Errorf("%d bytes: %+v", size, got)
			}
		}
		if got := c.left.ping(t, client, addr, 2, largest(ip)+1, 0, connected); got != (pings{0, 0, "send datagram-too-large 2"}) {
			t.Errorf("more than a datagram has: %+v", got)
		}
	})
}

func TestADatagramThatARouterDoesNotLetThroughIsTooLargeOnce(t *testing.T) {
	server, client := compile(t, "udp-echo"), compile(t, "udp-ping")
	for _, six := range []bool{false, true} {
		for _, connected := range []bool{false, true} {
			t.Run(fmt.Sprintf("IPv6=%v, connected=%v", six, connected), func(t *testing.T) {
				// Machines remember what gets through, so these are new.
				c := join(t, time.Millisecond, 0)
				c.router.Store(narrow(1300))
				ip := c.right.addr4
				if six {
					ip = c.right.addr6
				}
				leaks.By(t, func() {
					addr, end := c.right.serve(t, server, ip)
					defer end()
					got := c.left.ping(t, client, addr, 10, 1400, 30*time.Millisecond, connected)
					t.Log(got)
					// The first is lost, and so is the echo of the second. Then both machines know, and cut.
					if got.sent != 10 || got.back != 8 {
						t.Errorf("%+v", got)
					}
					if want := map[bool]string{true: "receive datagram-too-large 1"}[connected]; got.failed != want {
						t.Errorf("told %q, want %q", got.failed, want)
					}
				})
			})
		}
	}
}

// dial is net.Dial on the machine.
func (m *machine) dial(ctx context.Context, network, addr string) (c net.Conn, err error) {
	m.visit(func(no error) {
		if err = no; err == nil {
			c, err = new(net.Dialer).DialContext(ctx, network, addr)
		}
	})
	return c, err
}

// answerNames serves DNS on a machine: every name has the same address.
func (m *machine) answerNames(t *testing.T) (addr string, end func()) {
	var server net.PacketConn
	var err error
	m.do(func() { server, err = net.ListenPacket("udp", netip.AddrPortFrom(m.addr4, 0).String()) })
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			var q dnsmessage.Message
			if q.Unpack(buf[:n]) != nil || len(q.Questions) != 1 {
				continue
			}
			q.Response, q.Additionals = true, nil
			if q.Questions[0].Type == dnsmessage.TypeA {
				q.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Questions[0].Name, Class: dnsmessage.ClassINET, TTL: 60},
					Body:   &dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}},
				}}
			}
			if reply, err := q.Pack(); err == nil {
				server.WriteTo(reply, from)
			}
		}
	}()
	return server.LocalAddr().String(), func() {
		server.Close()
		<-ended
	}
}

// impatient is a resolver that gives up, as net.Resolver does after some times 5 s, and leaves nothing behind.
type impatient struct {
	dial  func(ctx context.Context, network, addr string) (net.Conn, error)
	after time.Duration
}

func (r impatient) LookupNetIP(ctx context.Context, network, name string) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, r.after)
	defer cancel()
	asking := &net.Resolver{PreferGo: true, Dial: func(inner context.Context, network, addr string) (net.Conn, error) {
		c, err := r.dial(inner, network, addr)
		if err == nil {
			context.AfterFunc(ctx, func() { c.Close() })
		}
		return c, err
	}}
	return asking.LookupNetIP(ctx, network, name)
}

func TestALookupWhoseNameServerDoesNotAnswerTimesOutOrIsCancelled(t *testing.T) {
	p := compile(t, "lookup-selftest")
	c := join(t, 5*time.Millisecond, 0)
	leaks.By(t, func() {
		addr, end := c.right.answerNames(t)
		defer end()
		r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return c.left.dial(ctx, "udp", addr)
		}}
		args := []string{"lookup-selftest", "www.example.com."}
		if got, output := c.left.run(t, p, hostimpl.Config{Args: args, Resolver: r}); got.err != nil || output != "address 192.0.2.1:0\n" {
			t.Errorf("answered: %v, %q %q", got.err, output, got.text)
		}
		c.pulled.Store(true)
		got, _ := c.left.run(t, p, hostimpl.Config{Args: args, Resolver: impatient{r.Dial, 500 * time.Millisecond}})
		if got.err == nil || got.text != "resolve: temporary-resolver-failure\n" {
			t.Errorf("not answered: %v, %q", got.err, got.text)
		}

		before := c.carried.Load()
		in, stop := p.start(t, hostimpl.Config{Args: args, Resolver: r, Network: everywhere(t)})
		defer stop()
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- command(ctx, in) }()
		time.Sleep(100 * time.Millisecond)
		begin := time.Now()
		cancel()
		if err := <-ended; err == nil {
			t.Error("the cancelled look-up has succeeded")
		}
		if d := time.Since(begin); d > time.Second {
			t.Errorf("it took %v to cancel", d)
		}
		if c.carried.Load() != before {
			t.Error("the cable is not pulled")
		}
	})
}
