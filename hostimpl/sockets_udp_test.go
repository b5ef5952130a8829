package hostimpl

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/udp"
	"github.com/tenon-wasm/tenon/sockets"
)

// bindUDP is a bound socket, made as a guest makes it.
func bindUDP(t *testing.T, h *Host) udp.UDPSocket {
	t.Helper()
	ctx := context.Background()
	s := must(h.network.CreateUDPSocket(ctx, network.IPAddressFamilyIPv4))
	check(t, s.StartBind(ctx, must(h.network.InstanceNetwork(ctx)), loopback))
	check(t, s.FinishBind(ctx))
	return s
}

// sendAll permits and sends.
func sendAll(t *testing.T, out udp.OutgoingDatagramStream, all ...udp.OutgoingDatagram) {
	t.Helper()
	ctx := context.Background()
	must(out.CheckSend(ctx))
	equal(t, "sent", must(out.Send(ctx, all)), uint64(len(all)))
}

func TestUDPStreams(t *testing.T) {
	ctx := context.Background()
	h := host(t, open("loopback"))
	server, client := bindUDP(t, h), bindUDP(t, h)
	here, there := must(client.LocalAddress(ctx)), must(server.LocalAddress(ctx))
	sin, sout, err := server.Stream(ctx, nil)
	check(t, err)
	cin, cout, err := client.Stream(ctx, there)
	check(t, err)

	t.Run("streams and pollables are children", func(t *testing.T) {
		for _, c := range []struct{ child, parent any }{
			{sin, server}, {sout, server}, {cin, client}, {cout, client},
			{must(server.Subscribe(ctx)), server}, {must(sin.Subscribe(ctx)), sin}, {must(sout.Subscribe(ctx)), sout},
		} {
			equal(t, "parent", c.child.(interface{ Parent() any }).Parent(), c.parent)
		}
	})
	t.Run("stream traps while earlier streams are alive, whatever it is asked for", func(t *testing.T) {
		wrong := network.IPSocketAddressIPv6{}
		for _, peer := range []network.IPSocketAddress{nil, there, wrong} {
			_, _, err := client.Stream(ctx, peer)
			var trap *cabi.Trap
			if !errors.As(err, &trap) || trap.Code != cabi.HasChildren {
				t.Errorf("stream: %v", err)
			}
		}
		equal(t, "remote-address", must(client.RemoteAddress(ctx)), there)
		a, b, err := func() (udp.IncomingDatagramStream, udp.OutgoingDatagramStream, error) {
			closeAll(t, cin)
			if _, _, err := client.Stream(ctx, there); err == nil {
				t.Error("one stream is still alive")
			}
			closeAll(t, cout)
			return client.Stream(ctx, there)
		}()
		check(t, err)
		cin, cout = a, b
	})
	t.Run("datagrams come with their sender, who may be answered", func(t *testing.T) {
		for range 2 {
			sendAll(t, cout, udp.OutgoingDatagram{}, udp.OutgoingDatagram{Data: []byte("ping"), RemoteAddress: there})
			within(t, func() { check(t, must(sin.Subscribe(ctx)).Block(ctx)) })
			got := must(sin.Receive(ctx, 10))
			equal(t, "received", len(got), 2)
			equal(t, "no bytes", len(got[0].Data), 0)
			equal(t, "data", string(got[1].Data), "ping")
			equal(t, "sender", got[1].RemoteAddress, here)
			sendAll(t, sout, udp.OutgoingDatagram{Data: []byte("pong"), RemoteAddress: got[1].RemoteAddress})
			within(t, func() { check(t, must(cin.Subscribe(ctx)).Block(ctx)) })
			got = must(cin.Receive(ctx, 1))
			equal(t, "answer", string(got[0].Data), "pong")
			equal(t, "sender", got[0].RemoteAddress, there)
		}
	})
	t.Run("a send beyond the permit traps", func(t *testing.T) {
		n := must(cout.CheckSend(ctx))
		_, err := cout.Send(ctx, make([]udp.OutgoingDatagram, n+1))
		wantError(t, "send", err, cabi.ErrContract)
		if !strings.Contains(err.Error(), "17 datagrams, but 16 are permitted") {
			t.Error(err)
		}
		equal(t, "sent of nothing", must(cout.Send(ctx, nil)), 0)
	})
	t.Run("what fails has a code", func(t *testing.T) {
		must(sout.CheckSend(ctx))
		_, err := sout.Send(ctx, make([]udp.OutgoingDatagram, 1))
		wantError(t, "without an address", err, network.ErrorCodeInvalidArgument)
		must(sout.CheckSend(ctx))
		_, err = sout.Send(ctx, []udp.OutgoingDatagram{{Data: make([]byte, 1<<16), RemoteAddress: here}})
		wantError(t, "too large", err, network.ErrorCodeDatagramTooLarge)
		// 0.0.0.0:0 is an address, and not the same as none.
		must(cout.CheckSend(ctx))
		_, err = cout.Send(ctx, []udp.OutgoingDatagram{{RemoteAddress: network.IPSocketAddressIPv4{}}})
		wantError(t, "to 0.0.0.0:0", err, network.ErrorCodeInvalidArgument)
	})
	t.Run("a poll sees datagrams beside other things", func(t *testing.T) {
		p, other, again := must(sin.Subscribe(ctx)), must(cin.Subscribe(ctx)), must(sin.Subscribe(ctx))
		far := must(h.clock.SubscribeDuration(ctx, uint64(time.Hour)))
		for _, list := range [][]poll.Pollable{{p}, {p, far}, {other, p}, {other, p, far, again}} {
			time.AfterFunc(soon, func() { sendAll(t, cout, udp.OutgoingDatagram{Data: []byte("x")}) })
			var got []uint32
			within(t, func() { got = must(testPoller.Poll(ctx, list)) })
			equal(t, "p", slices.Contains(got, uint32(slices.Index(list, p))), true)
			equal(t, "again", slices.Contains(got, 3), len(list) == 4)
			equal(t, "received", len(must(sin.Receive(ctx, 10))), 1)
			equal(t, "ready after", must(p.Ready(ctx)), false)
		}
		equal(t, "the socket and its sender", len(must(testPoller.Poll(ctx,
			[]poll.Pollable{must(server.Subscribe(ctx)), must(sout.Subscribe(ctx)), p}))), 2)
		cancelled(t, p.Block)
		cancelled(t, func(ctx context.Context) error {
			_, err := testPoller.Poll(ctx, []poll.Pollable{p, other, far})
			return err
		})
	})
	t.Run("a timer of zero does not keep a datagram from being seen", func(t *testing.T) {
		zero, p := must(h.clock.SubscribeDuration(ctx, 0)), must(sin.Subscribe(ctx))
		time.AfterFunc(soon, func() { sendAll(t, cout, udp.OutgoingDatagram{Data: []byte("x")}) })
		within(t, func() {
			for !slices.Contains(must(testPoller.Poll(ctx, []poll.Pollable{zero, p})), 1) {
			}
		})
		equal(t, "received", len(must(sin.Receive(ctx, 10))), 1)
	})
	t.Run("that the peer is gone is told by receive and makes the pollable ready", func(t *testing.T) {
		closeAll(t, sin, sout, server)
		sendAll(t, cout, udp.OutgoingDatagram{Data: []byte("anybody?")})
		within(t, func() { check(t, must(cin.Subscribe(ctx)).Block(ctx)) })
		_, err := cin.Receive(ctx, 1)
		wantError(t, "receive", err, network.ErrorCodeConnectionRefused)
	})
	closeAll(t, cin, cout, client)
	equal(t, "open", h.network.net.Stats().Open, 0)
}

func TestUDPIsDeniedWithoutARuleAndTheHookHearsOfIt(t *testing.T) {
	ctx := context.Background()
	var denied []string
	c := open("tcp=*:*")
	c.OnDenied = func(d sockets.Denial) { denied = append(denied, d.String()) }
	_, err := host(t, c).network.CreateUDPSocket(ctx, network.IPAddressFamilyIPv4)
	wantError(t, "create", err, network.ErrorCodeAccessDenied)
	equal(t, "denied", strings.Join(denied, ", "), "udp create")

	h, other := host(t, open("all")), host(t, open("all"))
	s := must(h.network.CreateUDPSocket(ctx, network.IPAddressFamilyIPv4))
	wantError(t, "bind by the network of another host",
		s.StartBind(ctx, must(other.network.InstanceNetwork(ctx)), loopback), network.ErrorCodeInvalidArgument)
	closeAll(t, s)
}

func TestUDPOptions(t *testing.T) {
	ctx := context.Background()
	s := must(host(t, open("all")).network.CreateUDPSocket(ctx, network.IPAddressFamilyIPv6))
	wantError(t, "hop limit 0", s.SetUnicastHopLimit(ctx, 0), network.ErrorCodeInvalidArgument)
	wantError(t, "buffer 0", s.SetReceiveBufferSize(ctx, 0), network.ErrorCodeInvalidArgument)
	check(t, s.SetUnicastHopLimit(ctx, 42))
	check(t, s.SetReceiveBufferSize(ctx, 0x10000))
	check(t, s.SetSendBufferSize(ctx, 0x20000))
	equal(t, "hop limit", must(s.UnicastHopLimit(ctx)), 42)
	equal(t, "receive buffer", must(s.ReceiveBufferSize(ctx)), 0x10000)
	equal(t, "send buffer", must(s.SendBufferSize(ctx)), 0x20000)
	equal(t, "family", must(s.AddressFamily(ctx)), network.IPAddressFamilyIPv6)
	_, err := s.LocalAddress(ctx)
	wantError(t, "local-address", err, network.ErrorCodeInvalidState)
	closeAll(t, s)
}
