package adapter_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/sockets"
)

// listening grants a listener to who waits to accept.
func listening(args []string) adapter.Config {
	if args[len(args)-1] != "accept" {
		return adapter.Config{}
	}
	return adapter.Config{Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}}
}

func loopback(t *testing.T) sockets.Policy {
	t.Helper()
	policy, err := sockets.ParsePolicy("loopback")
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// freePort is an address where nobody listens.
func freePort(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return netip.MustParseAddrPort(l.Addr().String())
}

func TestAModuleServesAPreopenedListener(t *testing.T) {
	p := compile(t, guest(t, "p1-asserts"))
	at := freePort(t)
	policy, err := sockets.ParsePolicy("tcp:listen=" + at.String())
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	var errs bytes.Buffer
	in, stop, err := p.start(t, hostimpl.Config{
		Args: []string{"asserts", "serve"}, Stdout: w, Stderr: &errs, Network: policy,
	}, adapter.Config{Listen: []netip.AddrPort{at}})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	done := make(chan error, 1)
	go func() {
		err := command(t.Context(), in)
		w.Close()
		done <- err
	}()
	said := bufio.NewReader(r)
	if line, _ := said.ReadString('\n'); line != "serving\n" {
		t.Fatalf("it says %q: %v\n%s", line, <-done, &errs)
	}
	c, err := net.Dial("tcp", at.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	message := strings.Repeat("what is sent comes back. ", 40_000)
	go func() {
		io.WriteString(c, message)
		c.(*net.TCPConn).CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err != nil || string(got) != message {
		t.Errorf("%d bytes came back of %d: %v", len(got), len(message), err)
	}
	rest, _ := io.ReadAll(said)
	if err := <-done; err != nil || string(rest) != "served\n" {
		t.Errorf("it says %q: %v\n%s", rest, err, &errs)
	}
}

func TestAListenerIsUnderThePolicy(t *testing.T) {
	p := compile(t, guest(t, "p1-asserts"))
	var denied []string
	in, stop, err := p.start(t, hostimpl.Config{
		Args: []string{"asserts", "serve"}, OnDenied: func(d sockets.Denial) { denied = append(denied, d.String()) },
	}, adapter.Config{Listen: []netip.AddrPort{freePort(t)}})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	err = command(t.Context(), in)
	if err == nil || !strings.Contains(err.Error(), "listen on 127.0.0.1:") || !strings.Contains(err.Error(), "access-denied") {
		t.Errorf("it ends with %v", err)
	}
	if len(denied) == 0 {
		t.Error("nothing was told")
	}
}
