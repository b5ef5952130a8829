package hostimpl_test

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/leaks"
	"github.com/tenon-wasm/tenon/sockets"
)

// everywhere is a policy for addresses that are not the loopback's.
func everywhere(t testing.TB) sockets.Policy {
	t.Helper()
	p, err := sockets.ParsePolicy("all")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// said is what a guest ended with, and wrote to its standard error.
type said struct {
	err  error
	text string
}

// client runs the guest that has its bytes echoed on one of the machines.
func (m *machine) client(t testing.TB, p *program, server, bytesToSend string) (result said) {
	result, _ = m.run(t, p, hostimpl.Config{Args: []string{"tcp-client", server, bytesToSend}})
	return result
}

// run runs a guest that may use the whole network of the machine, and returns its output as well.
func (m *machine) run(t testing.TB, p *program, c hostimpl.Config) (result said, output string) {
	m.do(func() {
		var out, errs bytes.Buffer
		c.Stdout, c.Stderr, c.Network = &out, &errs, everywhere(t)
		result = said{p.run(t, c), errs.String()}
		output = out.String()
	})
	return result, output
}

// serve starts an echo guest on a machine; end closes it while it waits for more.
func (m *machine) serve(t testing.TB, p *program, ip netip.Addr) (addr string, end func()) {
	out := newLineWriter()
	started, ended := make(chan func(), 1), make(chan struct{})
	go func() {
		defer close(ended)
		m.do(func() {
			in, stop := p.start(t, hostimpl.Config{
				Args: []string{"echo", netip.AddrPortFrom(ip, 0).String()}, Stdout: out, Stderr: os.Stderr, Network: everywhere(t),
			})
			started <- stop
			command(context.Background(), in)
		})
	}()
	addr = out.next(t, "listening on ")
	stop := <-started
	return addr, func() {
		stop()
		<-ended
	}
}

func TestEveryByteGetsThroughALossyCable(t *testing.T) {
	server, client := compile(t, "tcp-echo"), compile(t, "tcp-client")
	c := join(t, 2*time.Millisecond, 0.02)
	for _, ip := range []netip.Addr{c.right.addr4, c.right.addr6} {
		t.Run(ip.String(), func(t *testing.T) {
			leaks.By(t, func() {
				addr, end := c.right.serve(t, server, ip)
				defer end()
				if got := c.left.client(t, client, addr, "300000"); got.err != nil {
					t.Errorf("%v: %s", got.err, got.text)
				}
			})
		})
	}
}

func TestAPulledCableIsATimeoutAndNothingElseBreaks(t *testing.T) {
	server, client := compile(t, "tcp-echo"), compile(t, "tcp-client")
	c := join(t, time.Millisecond, 0)
	// The kernel gives up after seconds here, not after a quarter of an hour.
	for _, m := range []*machine{c.left, c.right} {
		m.do(func() {
			if err := m.set("ipv4/tcp_retries2", 2); err != nil {
				t.Fatal(err)
			}
			if err := m.set("ipv4/tcp_syn_retries", 1); err != nil {
				t.Fatal(err)
			}
		})
	}
	leaks.By(t, func() {
		addr, end := c.right.serve(t, server, c.right.addr4)
		defer end()

		before := c.carried.Load()
		result := make(chan said, 1)
		go func() { result <- c.left.client(t, client, addr, "1000000000000") }()
		for c.carried.Load() < before+1000 {
			time.Sleep(time.Millisecond)
		}
		c.pulled.Store(true)
		if got := <-result; got.err == nil || !strings.Contains(got.text, "last-operation-failed: timeout") {
			t.Errorf("in mid-transfer: %v, %q", got.err, got.text)
		}
		if got := c.left.client(t, client, addr, "1"); got.err == nil || !strings.Contains(got.text, "connect: timeout") {
			t.Errorf("connecting: %v, %q", got.err, got.text)
		}
		if got := c.left.client(t, client, "203.0.113.1:80", "1"); got.err == nil || !strings.Contains(got.text, "remote-unreachable") {
			t.Errorf("without a route: %v, %q", got.err, got.text)
		}

		// The same server goes on.
		c.pulled.Store(false)
		if got := c.left.client(t, client, addr, "100000"); got.err != nil {
			t.Errorf("plugged in again: %v, %s", got.err, got.text)
		}
	})
}

// TestEHOSTUNREACHUnmapped is about the second of "EMFILE, EHOSTUNREACH, EMSGSIZE unmapped"; see TestEMFILEUnmapped.
func TestEHOSTUNREACHUnmapped(t *testing.T) {
	client, pings := compile(t, "tcp-client"), compile(t, "udp-ping")
	c := join(t, time.Millisecond, 0)
	answer := func(packet []byte) []byte {
		if packet[0]>>4 == 6 {
			return unreachable(packet, 1, 3, 0)
		}
		return unreachable(packet, 3, 1, 0)
	}
	c.router.Store(&answer)
	for _, ip := range []netip.Addr{c.right.addr4, c.right.addr6} {
		to := netip.AddrPortFrom(ip, 80).String()
		leaks.By(t, func() {
			if got := c.left.client(t, client, to, "1"); got.err == nil || got.text != "connect: remote-unreachable\n" {
				t.Errorf("connect to %s: %v, %q", to, got.err, got.text)
			}
		})
	}
	// What of this is for good is also told to a datagram socket with a peer: communication with the host is prohibited.
	c.router.Store(refuse(3, 10))
	to := netip.AddrPortFrom(c.right.addr4, 80).String()
	if got := c.left.ping(t, pings, to, 1, 1, 50*time.Millisecond, true); got.failed != "receive remote-unreachable 1" {
		t.Errorf("ping: %+v", got)
	}
}
