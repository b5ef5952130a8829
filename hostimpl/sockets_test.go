package hostimpl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/tcp"
	"github.com/tenon-wasm/tenon/sockets"
)

func open(rules ...string) Config { return Config{Network: must(sockets.ParsePolicy(rules...))} }

var loopback = network.IPSocketAddressIPv4{Value: network.IPv4SocketAddress{Address: [4]uint8{127, 0, 0, 1}}}

// listen is a listening socket, made as a guest makes it.
func listen(t testing.TB, h *Host) tcp.TCPSocket {
	t.Helper()
	ctx := context.Background()
	n := must(h.network.InstanceNetwork(ctx))
	s := must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4))
	check(t, s.StartBind(ctx, n, loopback))
	check(t, s.FinishBind(ctx))
	check(t, s.StartListen(ctx))
	check(t, s.FinishListen(ctx))
	return s
}

// connect connects a new socket, waiting with the pollable that it had from the
// start.
func connect(t *testing.T, h *Host, to network.IPSocketAddress) (tcp.TCPSocket, streams.InputStream, streams.OutputStream) {
	t.Helper()
	ctx := context.Background()
	n := must(h.network.InstanceNetwork(ctx))
	s := must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4))
	p := must(s.Subscribe(ctx))
	check(t, s.StartConnect(ctx, n, to))
	for {
		in, out, err := s.FinishConnect(ctx)
		if err != network.ErrorCodeWouldBlock {
			check(t, err)
			return s, in, out
		}
		within(t, func() { check(t, p.Block(ctx)) })
	}
}

func accept(t testing.TB, l tcp.TCPSocket) (tcp.TCPSocket, streams.InputStream, streams.OutputStream) {
	t.Helper()
	ctx := context.Background()
	p := must(l.Subscribe(ctx))
	within(t, func() { check(t, p.Block(ctx)) })
	s, in, out, err := l.Accept(ctx)
	check(t, err)
	return s, in, out
}

type closer interface{ Close(context.Context) error }

func closeAll(t testing.TB, all ...closer) {
	t.Helper()
	for _, c := range all {
		check(t, c.Close(context.Background()))
	}
}

func TestTCPEchoBySplice(t *testing.T) {
	ctx := context.Background()
	h := host(t, open("loopback"))
	l := listen(t, h)
	addr := must(l.LocalAddress(ctx))
	text := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)

	// A guest: one goroutine that serves the connection and drops everything.
	served := make(chan error, 1)
	go func() {
		p := must(l.Subscribe(ctx))
		if err := p.Block(ctx); err != nil {
			served <- err
			return
		}
		s, in, out, err := l.Accept(ctx)
		for err == nil {
			_, err = out.BlockingSplice(ctx, in, 1<<20)
		}
		check(t, s.Shutdown(ctx, tcp.ShutdownTypeSend))
		closeAll(t, p, in, out, s)
		served <- err
	}()

	c := must(net.Dial("tcp", addressIn(addr).String()))
	go func() {
		c.Write(text)
		c.(*net.TCPConn).CloseWrite()
	}()
	got := must(io.ReadAll(c))
	equal(t, "echoed", bytes.Equal(got, text), true)
	wantError(t, "the server's end", <-served, closed)
	c.Close()
	closeAll(t, l)
}

// TestASpliceOfMuchWaitsAsAnyOther: whoever has much to move has the system move it as it comes, also where that is
// later, little, never or the end.
func TestASpliceOfMuchWaitsAsAnyOther(t *testing.T) {
	ctx := context.Background()
	h := host(t, open("loopback"))
	l := listen(t, h)
	c := must(net.Dial("tcp", addressIn(must(l.LocalAddress(ctx))).String())).(*net.TCPConn)
	defer c.Close()
	s, in, out := accept(t, l)
	defer closeAll(t, in, out, s, l)
	echoed := func(n int) {
		t.Helper()
		sent := bytes.Repeat([]byte{byte(n), byte(n >> 8), 7}, n/3+1)[:n]
		go c.Write(sent)
		within(t, func() {
			for moved := 0; moved < n; {
				moved += int(must(out.BlockingSplice(ctx, in, uint64(n-moved))))
			}
			got := make([]byte, n)
			must(io.ReadFull(c, got))
			equal(t, "echoed", bytes.Equal(got, sent), true)
		})
	}
	inBulk := func() {
		t.Helper()
		for tries := 0; !in.(*inputStream).inBulk; tries++ {
			if tries == 100 {
				t.Fatal("no splice was of much")
			}
			echoed(3 * bulk)
		}
	}
	inBulk()
	cancelled(t, func(ctx context.Context) error { _, err := out.BlockingSplice(ctx, in, 100); return err })
	equal(t, "still of much", in.(*inputStream).inBulk, true)
	echoed(1)
	equal(t, "still of much", in.(*inputStream).inBulk, false)
	inBulk()
	for _, n := range []int{bulk, 5, 10 * bulk, bulk - 1, 9000, 100_000} {
		echoed(n)
	}
	inBulk()
	ended := make(chan error, 1)
	go func() { _, err := out.BlockingSplice(ctx, in, 1<<20); ended <- err }()
	time.Sleep(soon)
	check(t, c.CloseWrite())
	within(t, func() { wantError(t, "the end", <-ended, closed) })
}

func TestTCPStreams(t *testing.T) {
	ctx := context.Background()
	h := host(t, open("loopback"))
	l := listen(t, h)
	c, cin, cout := connect(t, h, must(l.LocalAddress(ctx)))
	s, sin, sout := accept(t, l)

	t.Run("streams and pollables are children, an accepted socket is not", func(t *testing.T) {
		equal(t, "parent", cin.(*inputStream).Parent(), any(c))
		equal(t, "parent", cout.(*outputStream).Parent(), any(c))
		equal(t, "parent", sin.(*inputStream).Parent(), any(s))
		equal(t, "parent", must(c.Subscribe(ctx)).(*pollable).Parent(), any(c))
		if _, ok := s.(interface{ Parent() any }); ok {
			t.Error("a socket has a parent")
		}
	})
	t.Run("both ends know both addresses", func(t *testing.T) {
		equal(t, "client", must(c.RemoteAddress(ctx)), must(s.LocalAddress(ctx)))
		equal(t, "server", must(s.RemoteAddress(ctx)), must(c.LocalAddress(ctx)))
	})
	t.Run("a new connection is not readable, and is once there is data", func(t *testing.T) {
		p := must(sin.Subscribe(ctx))
		equal(t, "ready", must(p.Ready(ctx)), false)
		equal(t, "read", len(must(sin.Read(ctx, 9))), 0)
		check(t, cout.BlockingWriteAndFlush(ctx, []byte("hello")))
		within(t, func() { check(t, p.Block(ctx)) })
		equal(t, "read", string(must(sin.Read(ctx, 9))), "hello")
		equal(t, "ready after", must(p.Ready(ctx)), false)
	})
	t.Run("a write beyond the permit traps", func(t *testing.T) {
		n := must(sout.CheckWrite(ctx))
		wantError(t, "write", sout.Write(ctx, make([]byte, n+1)), cabi.ErrContract)
	})
	t.Run("blocking calls end with their context", func(t *testing.T) {
		cancelled(t, func(ctx context.Context) error { _, err := sin.BlockingRead(ctx, 1); return err })
		cancelled(t, must(l.Subscribe(ctx)).Block)
		cancelled(t, func(ctx context.Context) error {
			for {
				if err := sout.BlockingWriteAndFlush(ctx, make([]byte, 4096)); err != nil {
					return err
				}
			}
		})
	})
	t.Run("a timer of zero does not keep a socket from being seen", func(t *testing.T) {
		zero, p := must(h.clock.SubscribeDuration(ctx, 0)), must(sin.Subscribe(ctx))
		time.AfterFunc(soon, func() { cout.BlockingWriteAndFlush(ctx, []byte("x")) })
		within(t, func() {
			for !slices.Contains(must(testPoller.Poll(ctx, []poll.Pollable{zero, p})), 1) {
			}
		})
		equal(t, "read", string(must(sin.Read(ctx, 9))), "x")
	})
	t.Run("what a wait has read comes out in pieces, and the stream is ready as long", func(t *testing.T) {
		p := must(sin.Subscribe(ctx))
		check(t, cout.BlockingWriteAndFlush(ctx, []byte("hello")))
		within(t, func() { check(t, p.Block(ctx)) })
		equal(t, "nothing asked for", len(must(sin.Read(ctx, 0))), 0)
		equal(t, "the first piece", string(must(sin.Read(ctx, 2))), "he")
		equal(t, "ready", must(p.Ready(ctx)), true)
		other := must(l.Subscribe(ctx))
		equal(t, "ready among others", len(must(testPoller.Poll(ctx, []poll.Pollable{other, p, p}))), 2)
		check(t, p.Block(ctx))
		equal(t, "skipped", must(sin.Skip(ctx, 1)), 1)
		equal(t, "the rest", string(must(sin.BlockingRead(ctx, 9))), "lo")
		equal(t, "ready after", must(p.Ready(ctx)), false)
		equal(t, "read after", len(must(sin.Read(ctx, 9))), 0)
		equal(t, "buffer", sin.(*inputStream).buf == nil, true)
	})
	t.Run("a poll for one stream answers at every index, and a clock ends it", func(t *testing.T) {
		p, again := must(sin.Subscribe(ctx)), must(sin.Subscribe(ctx))
		far := must(h.clock.SubscribeDuration(ctx, uint64(time.Hour)))
		near := must(h.clock.SubscribeDuration(ctx, uint64(soon)))
		for range 2 {
			got := must(testPoller.Poll(ctx, []poll.Pollable{p, far, near, p}))
			equal(t, "by the clock", slices.Equal(got, []uint32{2}), true)
			equal(t, "buffer", sin.(*inputStream).buf == nil, true)
		}
		time.AfterFunc(soon, func() { cout.BlockingWriteAndFlush(ctx, []byte("x")) })
		got := must(testPoller.Poll(ctx, []poll.Pollable{p, far, again, p}))
		equal(t, "by the stream", slices.Equal(got, []uint32{0, 2, 3}), true)
		got = must(testPoller.Poll(ctx, []poll.Pollable{near, p}))
		equal(t, "both", slices.Equal(got, []uint32{0, 1}), true)
		equal(t, "read", string(must(sin.Read(ctx, 9))), "x")
		cancelled(t, func(ctx context.Context) error {
			_, err := testPoller.Poll(ctx, []poll.Pollable{p, far})
			return err
		})
	})
	t.Run("shutdown of receiving discards what a wait has read", func(t *testing.T) {
		check(t, cout.BlockingWriteAndFlush(ctx, []byte("x")))
		p := must(sin.Subscribe(ctx))
		within(t, func() { check(t, p.Block(ctx)) })
		check(t, s.Shutdown(ctx, tcp.ShutdownTypeReceive))
		_, err := sin.Read(ctx, 9)
		wantError(t, "read", err, closed)
		equal(t, "ready", must(p.Ready(ctx)), true)
	})
	t.Run("after shutdown of receiving a read is closed", func(t *testing.T) {
		check(t, s.Shutdown(ctx, tcp.ShutdownTypeReceive))
		_, err := sin.Read(ctx, 0)
		wantError(t, "read", err, closed)
	})
	t.Run("after shutdown of sending a write is closed though it was permitted", func(t *testing.T) {
		must(cout.CheckWrite(ctx))
		check(t, c.Shutdown(ctx, tcp.ShutdownTypeSend))
		wantError(t, "write", cout.Write(ctx, make([]byte, 1<<20)), closed)
		_, err := cout.CheckWrite(ctx)
		wantError(t, "check-write", err, closed)
		wantError(t, "flush", cout.Flush(ctx), closed)
	})
	closeAll(t, cin, cout, c, sin, sout, s, l)
	// What the client has not read is still on its way until its reset arrives.
	eventually(t, func() bool { return h.network.net.Stats().Open == 0 })
}

func TestTCPErrors(t *testing.T) {
	ctx := context.Background()
	t.Run("the end of the peer is closed, its reset a failure with a network code, once", func(t *testing.T) {
		h := host(t, open("loopback"))
		l := listen(t, h)
		c := must(net.Dial("tcp", addressIn(must(l.LocalAddress(ctx))).String())).(*net.TCPConn)
		s, in, out := accept(t, l)
		check(t, c.SetLinger(0))
		c.Close()
		_, err := in.BlockingRead(ctx, 1)
		code := must(networkErrors{}.NetworkErrorCode(ctx, lastFailure(t, err)))
		equal(t, "code", *code, network.ErrorCodeConnectionReset)
		_, err = in.Read(ctx, 1)
		wantError(t, "after it", err, closed)
		closeAll(t, in, out, s, l)
	})
	t.Run("an end that a wait has met is told by the next read, once", func(t *testing.T) {
		h := host(t, open("loopback"))
		l := listen(t, h)
		for _, reset := range []bool{false, true} {
			c := must(net.Dial("tcp", addressIn(must(l.LocalAddress(ctx))).String())).(*net.TCPConn)
			s, in, out := accept(t, l)
			if reset {
				check(t, c.SetLinger(0))
			}
			c.Close()
			p := must(in.Subscribe(ctx))
			for range 2 {
				within(t, func() { check(t, p.Block(ctx)) })
			}
			if reset {
				_, err := in.Read(ctx, 1)
				lastFailure(t, err)
			}
			for range 2 {
				_, err := in.Read(ctx, 1)
				wantError(t, "read", err, closed)
				equal(t, "ready", must(p.Ready(ctx)), true)
			}
			closeAll(t, in, out, s)
		}
		closeAll(t, l)
	})
	t.Run("nothing is allowed without a policy, and the hook hears of it", func(t *testing.T) {
		var denied []string
		h := host(t, Config{OnDenied: func(d sockets.Denial) { denied = append(denied, d.String()) }})
		_, err := h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4)
		wantError(t, "create", err, network.ErrorCodeAccessDenied)
		_, err = h.network.ResolveAddresses(ctx, must(h.network.InstanceNetwork(ctx)), "example.com")
		wantError(t, "resolve", err, network.ErrorCodePermanentResolverFailure)
		equal(t, "denied", strings.Join(denied, ", "), "tcp create, name lookup example.com")
	})
	t.Run("a refused connect closes the socket", func(t *testing.T) {
		h := host(t, open("loopback"))
		l := listen(t, h)
		addr := must(l.LocalAddress(ctx))
		closeAll(t, l)
		s := must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4))
		check(t, s.StartConnect(ctx, must(h.network.InstanceNetwork(ctx)), addr))
		within(t, func() { check(t, must(s.Subscribe(ctx)).Block(ctx)) })
		_, _, err := s.FinishConnect(ctx)
		wantError(t, "finish-connect", err, network.ErrorCodeConnectionRefused)
		closeAll(t, s)
	})
	t.Run("the network of another host is no argument", func(t *testing.T) {
		h, other := host(t, open("all")), host(t, open("all"))
		s := must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4))
		n := must(other.network.InstanceNetwork(ctx))
		wantError(t, "bind", s.StartBind(ctx, n, loopback), network.ErrorCodeInvalidArgument)
		wantError(t, "connect", s.StartConnect(ctx, n, loopback), network.ErrorCodeInvalidArgument)
		closeAll(t, s)
	})
	t.Run("beyond the limit there is no new socket", func(t *testing.T) {
		c := open("all")
		c.Limits.Sockets = 1
		h := host(t, c)
		s := must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4))
		_, err := h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4)
		wantError(t, "create", err, network.ErrorCodeNewSocketLimit)
		closeAll(t, s)
	})
	t.Run("closing the host ends sockets and wakes whoever waits", func(t *testing.T) {
		h := host(t, open("loopback"))
		l := listen(t, h)
		_, in, _ := connect(t, h, must(l.LocalAddress(ctx)))
		accept(t, l)
		ended := make(chan error, 1)
		go func() { _, err := in.BlockingRead(ctx, 1); ended <- err }()
		time.Sleep(soon)
		check(t, h.Close())
		within(t, func() { wantError(t, "read", <-ended, closed) })
		check(t, h.Close())
	})
}

func TestTCPOptions(t *testing.T) {
	ctx := context.Background()
	h := host(t, open("all"))
	s := must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv6))
	var code network.ErrorCode
	if errors.As(s.SetHopLimit(ctx, 0), &code); code != network.ErrorCodeInvalidArgument {
		t.Errorf("hop limit 0: %v", code)
	}
	check(t, s.SetHopLimit(ctx, 42))
	check(t, s.SetKeepAliveEnabled(ctx, true))
	check(t, s.SetKeepAliveIdleTime(ctx, 42e9))
	check(t, s.SetKeepAliveInterval(ctx, 43e9))
	check(t, s.SetKeepAliveCount(ctx, 44))
	check(t, s.SetReceiveBufferSize(ctx, 0x10000))
	check(t, s.SetSendBufferSize(ctx, 0x20000))
	check(t, s.SetListenBacklogSize(ctx, 5))
	equal(t, "hop limit", must(s.HopLimit(ctx)), 42)
	equal(t, "keep alive", must(s.KeepAliveEnabled(ctx)), true)
	equal(t, "idle time", must(s.KeepAliveIdleTime(ctx)), 42e9)
	equal(t, "interval", must(s.KeepAliveInterval(ctx)), 43e9)
	equal(t, "count", must(s.KeepAliveCount(ctx)), 44)
	equal(t, "receive buffer", must(s.ReceiveBufferSize(ctx)), 0x10000)
	equal(t, "send buffer", must(s.SendBufferSize(ctx)), 0x20000)
	equal(t, "family", must(s.AddressFamily(ctx)), network.IPAddressFamilyIPv6)
	equal(t, "listening", must(s.IsListening(ctx)), false)
	closeAll(t, s)
}

func TestAddresses(t *testing.T) {
	for _, a := range []network.IPSocketAddress{
		network.IPSocketAddressIPv4{Value: network.IPv4SocketAddress{Port: 80, Address: [4]uint8{1, 2, 3, 4}}},
		network.IPSocketAddressIPv6{Value: network.IPv6SocketAddress{
			Port: 80, FlowInfo: 5, ScopeID: 6,
			Address: [8]uint16{0x2001, 0xdb8, 0, 0, 0, 0, 0x102, 0x304},
		}},
		network.IPSocketAddressIPv6{Value: network.IPv6SocketAddress{
			Address: [8]uint16{0, 0, 0, 0, 0, 0xffff, 0x7f00, 1},
		}},
	} {
		equal(t, "there and back", addressOut(addressIn(a)), a)
	}
	v6 := network.IPSocketAddressIPv6{Value: network.IPv6SocketAddress{Port: 1, Address: [8]uint16{0x2001, 0xdb8, 0, 0, 0, 0, 0x102, 0x304}}}
	equal(t, "byte order", addressIn(v6).AddrPort.String(), "[2001:db8::102:304]:1")
}
