package hostimpl

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/udp"
)

var loopback6 = network.IPSocketAddressIPv6{Value: network.IPv6SocketAddress{Address: [8]uint16{7: 1}}}

// TestUDPSymptoms has what users of other hosts reported, by the words in which they did.
// Here is what must happen instead.
func TestUDPSymptoms(t *testing.T) {
	ctx := context.Background()
	h := host(t, open("all"))
	n := must(h.network.InstanceNetwork(ctx))
	// bound is a socket of the guest, with its streams for anybody.
	bound := func(t *testing.T, at network.IPSocketAddress) (s udp.UDPSocket, in udp.IncomingDatagramStream, out udp.OutgoingDatagramStream) {
		t.Helper()
		family := network.IPAddressFamilyIPv4
		if _, six := at.(network.IPSocketAddressIPv6); six {
			family = network.IPAddressFamilyIPv6
		}
		s = must(h.network.CreateUDPSocket(ctx, family))
		check(t, s.StartBind(ctx, n, at))
		check(t, s.FinishBind(ctx))
		in, out, err := s.Stream(ctx, nil)
		check(t, err)
		t.Cleanup(func() { closeAll(t, in, out, s) })
		return s, in, out
	}
	ready := func(in udp.IncomingDatagramStream) bool {
		t.Helper()
		return must(must(in.Subscribe(ctx)).Ready(ctx))
	}
	// from is the next datagram, which must come.
	from := func(t *testing.T, in udp.IncomingDatagramStream) udp.IncomingDatagram {
		t.Helper()
		within(t, func() { check(t, must(in.Subscribe(ctx)).Block(ctx)) })
		got := must(in.Receive(ctx, 1))
		if len(got) != 1 {
			t.Fatal("ready, then nothing received")
		}
		return got[0]
	}

	t.Run("pollable ready, then a receive of nothing", func(t *testing.T) {
		s, in, _ := bound(t, loopback)
		peer := must(net.Dial("udp", addressIn(must(s.LocalAddress(ctx))).String()))
		defer peer.Close()
		for range 50 {
			peer.Write([]byte("x"))
			equal(t, "received", string(from(t, in).Data), "x")
		}
		peer.Write(nil)
		equal(t, "received of no bytes", len(from(t, in).Data), 0)
	})
	t.Run("once readable, always readable", func(t *testing.T) {
		s, in, _ := bound(t, loopback)
		peer := must(net.Dial("udp", addressIn(must(s.LocalAddress(ctx))).String()))
		defer peer.Close()
		peer.Write([]byte("x"))
		from(t, in)
		equal(t, "ready after everything was received", ready(in), false)
	})
	t.Run("poll of an unconnected socket ready for ever", func(t *testing.T) {
		_, in, _ := bound(t, loopback)
		p, near := must(in.Subscribe(ctx)), must(h.clock.SubscribeDuration(ctx, uint64(soon)))
		equal(t, "ready", must(p.Ready(ctx)), false)
		equal(t, "polled", slices.Equal(must(testPoller.Poll(ctx, []poll.Pollable{p, near})), []uint32{1}), true)
		cancelled(t, p.Block)
	})
	t.Run("local-address failing on fixed-port UDP", func(t *testing.T) {
		for _, any := range []string{"127.0.0.1:0", "[::1]:0"} {
			// A port that is free.
			c := must(net.ListenPacket("udp", any))
			port := uint16(c.LocalAddr().(*net.UDPAddr).Port)
			c.Close()
			var at network.IPSocketAddress = v4at(port, 127, 0, 0, 1)
			if any == "[::1]:0" {
				at = v6at(port, 0, 0, 0, 0, 0, 0, 0, 1)
			}
			s, in, out := bound(t, at)
			equal(t, "for anybody", must(s.LocalAddress(ctx)), at)
			closeAll(t, in, out)
			in, out, err := s.Stream(ctx, at)
			check(t, err)
			equal(t, "with a peer", must(s.LocalAddress(ctx)), at)
			closeAll(t, in, out)
			in, out, err = s.Stream(ctx, nil)
			check(t, err)
			equal(t, "for anybody again", must(s.LocalAddress(ctx)), at)
			closeAll(t, in, out)
		}
	})
	t.Run("UDP send to 0.0.0.0", func(t *testing.T) {
		for at, to := range map[network.IPSocketAddress]network.IPSocketAddress{
			loopback: v4at(9, 0, 0, 0, 0), loopback6: v6at(9, 0, 0, 0, 0, 0, 0, 0, 0),
		} {
			s, in, out := bound(t, at)
			must(out.CheckSend(ctx))
			_, err := out.Send(ctx, []udp.OutgoingDatagram{{RemoteAddress: to}})
			wantError(t, "send", err, network.ErrorCodeInvalidArgument)
			closeAll(t, in, out)
			_, _, err = s.Stream(ctx, to)
			wantError(t, "stream", err, network.ErrorCodeInvalidArgument)
		}
	})
	t.Run("cross-family UDP send accepted", func(t *testing.T) {
		for at, to := range map[network.IPSocketAddress]network.IPSocketAddress{
			loopback: v6at(9, 0, 0, 0, 0, 0, 0, 0, 1), loopback6: v4at(9, 127, 0, 0, 1),
		} {
			s, in, out := bound(t, at)
			must(out.CheckSend(ctx))
			_, err := out.Send(ctx, []udp.OutgoingDatagram{{RemoteAddress: to}})
			wantError(t, "send", err, network.ErrorCodeInvalidArgument)
			closeAll(t, in, out)
			_, _, err = s.Stream(ctx, to)
			wantError(t, "stream", err, network.ErrorCodeInvalidArgument)
		}
	})
	t.Run("check-send permits wrong both ways", func(t *testing.T) {
		s, in, _ := bound(t, loopback)
		_, _, out := bound(t, loopback)
		to := udp.OutgoingDatagram{Data: []byte("x"), RemoteAddress: must(s.LocalAddress(ctx))}
		for range 256 { // too few: as many as were permitted are taken, and what blocks ends with a permit
			check(t, must(out.Subscribe(ctx)).Block(ctx))
			permit := must(out.CheckSend(ctx))
			if permit < 2 {
				t.Fatalf("permit: %d", permit)
			}
			equal(t, "sent", must(out.Send(ctx, slices.Repeat([]udp.OutgoingDatagram{to}, int(permit)))), permit)
			for got := 0; got < int(permit); got++ {
				from(t, in)
			}
		}
		// Too many: each of these is beyond the permit, and traps.
		_, err := out.Send(ctx, []udp.OutgoingDatagram{to})
		wantError(t, "used up", err, cabi.ErrContract)
		permit := must(out.CheckSend(ctx))
		_, err = out.Send(ctx, slices.Repeat([]udp.OutgoingDatagram{to}, int(permit)+1))
		wantError(t, "one more", err, cabi.ErrContract)
		equal(t, "sent of those", ready(in), false)
	})
	t.Run("wildcard bind refused", func(t *testing.T) {
		for _, any := range []network.IPSocketAddress{network.IPSocketAddressIPv4{}, network.IPSocketAddressIPv6{}} {
			s, in, _ := bound(t, any)
			to := addressIn(must(s.LocalAddress(ctx)))
			equal(t, "a port", to.Port() != 0, true)
			local := "127.0.0.1:0"
			if to.Addr().Is6() {
				local = "[::1]:0"
			}
			c := must(net.ListenPacket("udp", local))
			defer c.Close()
			here := c.LocalAddr().(*net.UDPAddr)
			must(c.WriteTo([]byte("x"), &net.UDPAddr{IP: here.IP, Port: int(to.Port())}))
			equal(t, "sender", addressIn(from(t, in).RemoteAddress).String(), here.String())
		}
	})
	t.Run("IPv6 words byte-swapped", func(t *testing.T) {
		s, in, _ := bound(t, loopback6)
		_, _, out := bound(t, loopback6)
		at := must(s.LocalAddress(ctx)).(network.IPSocketAddressIPv6)
		equal(t, "local address", at.Value.Address, [8]uint16{7: 1})
		sendAll(t, out, udp.OutgoingDatagram{RemoteAddress: at})
		equal(t, "sender", from(t, in).RemoteAddress.(network.IPSocketAddressIPv6).Value.Address, [8]uint16{7: 1})
	})
	t.Run("zero-timeout poll loop starving sockets", func(t *testing.T) {
		s, in, _ := bound(t, loopback)
		_, _, out := bound(t, loopback)
		now, p := must(h.clock.SubscribeDuration(ctx, 0)), must(in.Subscribe(ctx))
		at := must(s.LocalAddress(ctx))
		time.AfterFunc(soon, func() { sendAll(t, out, udp.OutgoingDatagram{RemoteAddress: at}) })
		within(t, func() {
			for len(must(testPoller.Poll(ctx, []poll.Pollable{now, p}))) < 2 {
			}
		})
	})
	t.Run("UDP receive blocking instead of answering an empty list", func(t *testing.T) {
		_, in, _ := bound(t, loopback)
		for _, max := range []uint64{0, 1, 1 << 40} {
			within(t, func() { equal(t, "received", len(must(in.Receive(ctx, max))), 0) })
		}
	})
	t.Run("EMSGSIZE unmapped", func(t *testing.T) {
		_, _, out := bound(t, loopback)
		for _, size := range []int{65508, 65536, 1 << 20} { // the system's limit, and that of any datagram
			must(out.CheckSend(ctx))
			_, err := out.Send(ctx, []udp.OutgoingDatagram{{Data: make([]byte, size), RemoteAddress: v4at(9, 127, 0, 0, 1)}})
			wantError(t, "send", err, network.ErrorCodeDatagramTooLarge)
		}
	})
}
