package sockets

import (
	"net"
	"net/netip"
	"testing"
)

// everywhereOf is the unspecified address of a family with an ephemeral port.
func everywhereOf(f Family) Address {
	if f == IPv6 {
		return addr("[::]:0")
	}
	return addr("0.0.0.0:0")
}

// at is the address with another port.
func at(a Address, port uint16) Address {
	a.AddrPort = netip.AddrPortFrom(a.Addr(), port)
	return a
}

func TestAnEphemeralUDPPortIsReportedAndTheAddressKept(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		for _, local := range []Address{loopbackOf(f), everywhereOf(f)} {
			got := must(bindUDP(t, n, local).LocalAddress())
			expect(t, "address", got.Addr(), local.Addr())
			expect(t, "port is zero", got.Port() == 0, false)
		}
	})
}

// Symptom: local-address failing on fixed-port UDP. Symptom: wildcard bind refused.
func TestLocalAddressOfAFixedUDPPortIsKnown(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		for _, local := range []Address{loopbackOf(f), everywhereOf(f)} {
			first := bindUDP(t, n, local)
			want := must(first.LocalAddress())
			first.Close()
			again := bindUDP(t, n, want)
			expect(t, "local-address", must(again.LocalAddress()), want)
			streamUDP(t, again, Address{})
			expect(t, "with streams", must(again.LocalAddress()), want)
		}
	})
}

func TestAUDPAddressIsTakenByOneSocketAlone(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		for _, local := range []Address{loopbackOf(f), everywhereOf(f)} {
			first := bindUDP(t, n, local)
			taken := must(first.LocalAddress())
			second := must(n.NewUDP(f))
			expect(t, "bind", second.StartBind(taken), AddressInUse)
			streamUDP(t, first, at(loopbackOf(f), 4321))
			streamUDP(t, first, Address{})
			expect(t, "bind after the first had a peer", second.StartBind(taken), AddressInUse)
			first.Close()
			check(t, second.StartBind(taken))
		}
	})
}

func TestAUDPSocketHasOnePeerAfterAnotherAndNone(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		one, two := at(loopbackOf(f), 4321), at(loopbackOf(f), 4320)
		for _, local := range []Address{loopbackOf(f), everywhereOf(f)} {
			u := bindUDP(t, n, local)
			bound := must(u.LocalAddress())
			for _, peer := range []Address{{}, {}, one, one, two, {}, one, {}} {
				s := streamUDP(t, u, peer)
				here := must(u.LocalAddress())
				expect(t, "port", here.Port(), bound.Port())
				remote, err := u.RemoteAddress()
				if peer == (Address{}) {
					expect(t, "remote-address without a peer", err, InvalidState)
					expect(t, "local-address", here, bound)
				} else {
					expect(t, "remote-address", remote, peer)
					expect(t, "local-address on the way", here, at(loopbackOf(f), bound.Port()))
				}
				expect(t, "a receive", len(must(s.in.Receive(1))), 0)
			}
		}
	})
}

// Linux lets go of a port that it chose itself when the peer is taken away. It must be bound again, not only known.
func TestWithoutItsPeerAUDPSocketStillReceivesWhereItWasBound(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		for _, local := range []Address{loopbackOf(f), everywhereOf(f)} {
			u := bindUDP(t, n, local)
			bound := must(u.LocalAddress())
			streamUDP(t, u, at(loopbackOf(f), 4321))
			s := streamUDP(t, u, Address{})
			sendOne(t, openUDP(t, n, f, Address{}).out, "hello", at(loopbackOf(f), bound.Port()))
			data, _ := receiveOne(t, s.in)
			expect(t, "received", data, "hello")
		}
	})
}

func TestAUDPSocketWhoseAddressWasTakenMeanwhileIsClosed(t *testing.T) {
	n := network(t)
	u := bindUDP(t, n, addr("127.0.0.1:0"))
	bound := must(u.LocalAddress())
	s := streamUDP(t, u, addr("127.0.0.1:4321"))
	// What Stream does first, so that somebody can come in between.
	check(t, s.in.p.d.use(system.dissolve))
	thief := must(n.NewUDP(IPv4))
	if err := thief.StartBind(bound); err != nil {
		t.Skip("this system keeps the port:", err)
	}
	_, _, err := u.Stream(Address{})
	expect(t, "stream", err, AddressInUse)
	expect(t, "state", u.State(), "closed")
	expect(t, "open", n.Stats().Open, 1)
}

// Where a descriptor loses its address for good, which Linux's does not, another takes its place.
func TestARenewedUDPSocketIsAsBefore(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := networkOf(t, Config{Policy: must(ParsePolicy("all")), MaxSockets: 2})
		u := bindUDP(t, n, loopbackOf(f))
		check(t, u.SetUnicastHopLimit(42))
		check(t, u.SetReceiveBufferSize(0x10000))
		bound := must(u.LocalAddress())
		old := streamUDP(t, u, at(loopbackOf(f), 4321))

		u.mu.Lock()
		u.endLatest()
		_, err := u.renew(u.state.(associated).bound)
		u.mu.Unlock()
		check(t, err)
		_, err = old.in.Receive(1)
		expect(t, "the old stream", err, InvalidState)
		expect(t, "state", u.State(), "bound")
		expect(t, "hop limit", must(u.UnicastHopLimit()), uint8(42))
		expect(t, "receive buffer", must(u.ReceiveBufferSize()), uint64(0x10000))
		expect(t, "local-address", must(u.LocalAddress()), bound)
		s := streamUDP(t, u, Address{})
		sendOne(t, openUDP(t, n, f, Address{}).out, "hello", bound)
		data, _ := receiveOne(t, s.in)
		expect(t, "received", data, "hello")
		expect(t, "open", n.Stats().Open, 2)
	})
}

func TestAnIPv6WildcardUDPSocketReceivesNoIPv4(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		if f == IPv4 {
			return
		}
		n := network(t)
		s := streamUDP(t, bindUDP(t, n, addr("[::]:0")), Address{})
		port := s.here().Port()
		// With dual stack the port would be taken.
		four := streamUDP(t, bindUDP(t, n, at(addr("0.0.0.0:0"), port)), Address{})
		sendOne(t, openUDP(t, n, IPv4, Address{}).out, "four", at(addr("127.0.0.1:0"), port))
		data, _ := receiveOne(t, four.in)
		expect(t, "IPv4", data, "four")
		expect(t, "IPv6 is ready", s.in.Ready(), false)
	})
}

func TestFlowInfoComesBackInUDPAddresses(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		if f == IPv4 {
			return
		}
		n := network(t)
		server := openUDP(t, n, f, Address{})
		local, remote := loopbackOf(f), server.here()
		local.FlowInfo, remote.FlowInfo = 0x54321, 0x12345
		u := bindUDP(t, n, local)
		expect(t, "bound", must(u.LocalAddress()).FlowInfo, local.FlowInfo)
		s := streamUDP(t, u, remote)
		expect(t, "remote-address", must(u.RemoteAddress()), remote)
		expect(t, "local-address", must(u.LocalAddress()).FlowInfo, local.FlowInfo)

		// The peer answers, and its address is one that may be sent to.
		sendOne(t, s.out, "ping", remote)
		_, from := receiveOne(t, server.in)
		sendOne(t, server.out, "pong", from)
		_, from = receiveOne(t, s.in)
		expect(t, "sender", from, remote)
		sendOne(t, s.out, "again", from)
	})
}

func TestUDPOptionsAreReadBackAsSetOrClamped(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		u := must(network(t).NewUDP(f))
		for name, v := range map[string]uint64{
			"hops":    uint64(must(u.UnicastHopLimit())),
			"receive": must(u.ReceiveBufferSize()),
			"send":    must(u.SendBufferSize()),
		} {
			expect(t, name+" is zero by default", v == 0, false)
		}
		readBack(t, bufferSettings(&u.socket))
		for _, hops := range []uint8{1, 42, 255} {
			check(t, u.SetUnicastHopLimit(hops))
			expect(t, "hops", must(u.UnicastHopLimit()), hops)
		}
		expect(t, "family", u.Family(), f)
	})
}

func TestUDPSystemErrorsHaveTheirCodes(t *testing.T) {
	n := network(t)
	u := must(n.NewUDP(IPv4))
	expect(t, "not an address of this machine", u.StartBind(addr("203.0.113.1:0")), AddressNotBindable)
	_, err := n.NewUDP(7)
	expect(t, "no such family", err, NotSupported)
	for _, c := range []struct {
		what string
		got  ErrorCode
		want ErrorCode
	}{
		{"a peer that resets", peerCode(errConnReset), RemoteUnreachable},
		{"a peer beyond a reset network", peerCode(errNetReset), RemoteUnreachable},
		{"a send that is reset", sendCode(errConnReset), RemoteUnreachable},
		{"a send into a reset network", sendCode(errNetReset), RemoteUnreachable},
		{"a receive that is reset", receiveCode(errConnReset), ConnectionReset},
		{"a receive from a reset network", receiveCode(errNetReset), RemoteUnreachable},
	} {
		expect(t, c.what, c.got, c.want)
	}
}

func TestTheLimitOfSocketsHoldsForUDP(t *testing.T) {
	n := networkOf(t, Config{Policy: must(ParsePolicy("all")), MaxSockets: 1})
	u := must(n.NewUDP(IPv4))
	for _, f := range []Family{IPv4, IPv6} {
		_, err := n.NewUDP(f)
		expect(t, "create", err, NewSocketLimit)
	}
	u.Close()
	must(n.NewUDP(IPv4))
}

func TestAPollableOfAUDPSocketIsReadyThroughItsLife(t *testing.T) {
	u := must(network(t).NewUDP(IPv4))
	woken := make(chan struct{}, 1)
	stop := u.Notify(woken)
	defer stop()
	<-woken
	ready := func(when string) {
		expect(t, "ready, "+when, u.Ready(), true)
		expect(t, "wait, "+when, u.Wait(ctx, noDeadline), true)
	}
	ready("unbound")
	check(t, u.StartBind(addr("127.0.0.1:0")))
	ready("binding")
	check(t, u.FinishBind())
	ready("bound")
	streamUDP(t, u, addr("127.0.0.1:4321"))
	ready("with a peer")
	u.Close()
	ready("closed")
}

// A peer of the machine's own, not of this package.
func TestUDPSpeaksWithAnyPeer(t *testing.T) {
	c := must(net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}))
	defer c.Close()
	s := openUDP(t, network(t), IPv4, Address{})
	sendOne(t, s.out, "ping", addr(c.LocalAddr().String()))
	p := make([]byte, 10)
	n, from, err := c.ReadFromUDPAddrPort(p)
	check(t, err)
	expect(t, "ping", string(p[:n]), "ping")
	expect(t, "from", from, s.here().AddrPort)
	must(c.WriteToUDPAddrPort([]byte("pong"), from))
	data, peer := receiveOne(t, s.in)
	expect(t, "pong", data, "pong")
	expect(t, "peer", peer.String(), c.LocalAddr().String())
}
