package sockets

import (
	"math"
	"net"
	"net/netip"
	"testing"
	"time"
)

func TestErrorCodesAreTheWITDiscriminants(t *testing.T) {
	for code, name := range map[ErrorCode]string{
		0: "unknown", 1: "access-denied", 7: "not-in-progress", 8: "would-block", 10: "new-socket-limit",
		17: "datagram-too-large", 20: "permanent-resolver-failure", 21: "error-code(21)",
	} {
		expect(t, "name", code.String(), name)
	}
	expect(t, "last", PermanentResolverFailure, ErrorCode(20))
}

func TestAddressesThatNoSocketMayUseAreInvalid(t *testing.T) {
	for _, c := range []struct {
		addr            string
		family          Family
		bindOK, connect bool
	}{
		{"127.0.0.1:80", IPv4, true, true},
		{"127.0.0.1:80", IPv6, false, false},
		{"[::1]:80", IPv6, true, true},
		{"[::1]:80", IPv4, false, false},
		{"[::ffff:127.0.0.1]:80", IPv6, false, false},
		{"[::127.0.0.1]:80", IPv6, false, false},
		{"0.0.0.0:80", IPv4, true, false},
		{"[::]:80", IPv6, true, false},
		{"127.0.0.1:0", IPv4, true, false},
		{"224.0.0.1:80", IPv4, false, false},
		{"239.255.255.255:80", IPv4, false, false},
		{"255.255.255.255:80", IPv4, false, false},
		{"[ff02::1]:80", IPv6, false, false},
		{"[fe80::1%eth0]:80", IPv6, false, false},
	} {
		a := addr(c.addr)
		expect(t, c.addr+" bind", a.checkTCPLocal(c.family) == nil, c.bindOK)
		expect(t, c.addr+" connect", a.checkTCPRemote(c.family) == nil, c.connect)
	}
	expect(t, "the zero address", Address{}.checkTCPLocal(IPv6), InvalidArgument)
}

func TestAnEphemeralPortIsReportedAndTheAddressKept(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		for _, ip := range []netip.Addr{loopbackOf(f).Addr(), map[Family]netip.Addr{IPv4: netip.IPv4Unspecified(), IPv6: netip.IPv6Unspecified()}[f]} {
			s := bind(t, n, AddressFrom(netip.AddrPortFrom(ip, 0)))
			got := must(s.LocalAddress())
			expect(t, "address", got.Addr(), ip)
			expect(t, "port is zero", got.Port() == 0, false)
		}
	})
}

func TestFlowInfoComesBackInAddresses(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		if f == IPv4 {
			return
		}
		n := network(t)
		l := listen(t, n, f)
		to := must(l.LocalAddress())
		to.FlowInfo = 0x12345
		from := loopbackOf(f)
		from.FlowInfo = 0x54321
		s := bind(t, n, from)
		expect(t, "bound", must(s.LocalAddress()).FlowInfo, from.FlowInfo)
		check(t, s.StartConnect(to))
		wait(t, s)
		_, _, err := s.FinishConnect()
		check(t, err)
		expect(t, "local", must(s.LocalAddress()).FlowInfo, from.FlowInfo)
		expect(t, "remote", must(s.RemoteAddress()), to)
	})
}

func TestAnIPv6WildcardListenerTakesNoIPv4(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		if f == IPv4 {
			return
		}
		n := network(t)
		l := bind(t, n, addr("[::]:0"))
		check(t, l.StartListen())
		check(t, l.FinishListen())
		port := must(l.LocalAddress()).Port()
		s := must(n.NewTCP(IPv4))
		check(t, s.StartConnect(AddressFrom(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port))))
		wait(t, s)
		_, _, err := s.FinishConnect()
		expect(t, "connect", err, ConnectionRefused)
	})
}

func TestBothEndsAgreeOnTheAddresses(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		client, server := pair(t, network(t), f)
		expect(t, "server's peer", must(server.RemoteAddress()), must(client.LocalAddress()))
		expect(t, "client's peer", must(client.RemoteAddress()), must(server.LocalAddress()))
		expect(t, "family", server.Family(), f)
		expect(t, "state", server.State(), "connected")
	})
}

func TestAPortCanBeBoundAgainAfterItsConnectionsWereClosed(t *testing.T) {
	n := network(t)
	l := listen(t, n, IPv4)
	at := must(l.LocalAddress())
	client := dial(t, n, at)
	server := accept(t, l)
	check(t, writeAll(server.out, make([]byte, 10)))
	server.closeAll() // the side that closes first has TIME_WAIT
	client.closeAll()
	l.Close()
	again := bind(t, n, at)
	check(t, again.StartListen())
	check(t, again.FinishListen())
}

func TestABindThatFailedMayBeRepeated(t *testing.T) {
	n := network(t)
	l := listen(t, n, IPv4)
	s := must(n.NewTCP(IPv4))
	expect(t, "taken", s.StartBind(must(l.LocalAddress())), AddressInUse)
	expect(t, "foreign", s.StartBind(addr("[::1]:0")), InvalidArgument)
	check(t, s.StartBind(addr("127.0.0.1:0")))
	check(t, s.FinishBind())
}

func TestOptionsHaveDefaultsOnAFreshSocket(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		s := must(network(t).NewTCP(f))
		for name, v := range map[string]uint64{
			"idle":     must(s.KeepAliveIdleTime()),
			"interval": must(s.KeepAliveInterval()),
			"count":    uint64(must(s.KeepAliveCount())),
			"hops":     uint64(must(s.HopLimit())),
			"receive":  must(s.ReceiveBufferSize()),
			"send":     must(s.SendBufferSize()),
		} {
			expect(t, name+" is zero", v == 0, false)
		}
		must(s.KeepAliveEnabled())
	})
}

const seconds = uint64(time.Second)

// setting is a value that an option is set to, and what it then is.
type setting struct {
	name     string
	set      func(uint64) error
	get      func() (uint64, error)
	in, want uint64 // want 0: anything but 0
}

func readBack(t *testing.T, all []setting) {
	t.Helper()
	for _, c := range all {
		check(t, c.set(c.in))
		if got := must(c.get()); got != c.want && (c.want != 0 || got == 0) {
			t.Errorf("%s %d: read back %d", c.name, c.in, got)
		}
	}
}

func bufferSettings(s *socket) []setting {
	return []setting{
		{"receive", s.SetReceiveBufferSize, s.ReceiveBufferSize, 0x10000, 0x10000},
		{"receive", s.SetReceiveBufferSize, s.ReceiveBufferSize, 1, 0},
		{"receive", s.SetReceiveBufferSize, s.ReceiveBufferSize, math.MaxUint64, 0},
		{"send", s.SetSendBufferSize, s.SendBufferSize, 0x10000, 0x10000},
		{"send", s.SetSendBufferSize, s.SendBufferSize, 1, 0},
		{"send", s.SetSendBufferSize, s.SendBufferSize, math.MaxUint64, 0},
	}
}

func TestOptionsAreReadBackAsSetOrClamped(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		s := must(network(t).NewTCP(f))
		readBack(t, []setting{
			{"idle", s.SetKeepAliveIdleTime, s.KeepAliveIdleTime, 42 * seconds, 42 * seconds},
			{"idle", s.SetKeepAliveIdleTime, s.KeepAliveIdleTime, 1, seconds},
			{"idle", s.SetKeepAliveIdleTime, s.KeepAliveIdleTime, math.MaxUint64, maxKeepSeconds * seconds},
			{"interval", s.SetKeepAliveInterval, s.KeepAliveInterval, 42 * seconds, 42 * seconds},
			{"interval", s.SetKeepAliveInterval, s.KeepAliveInterval, 1, seconds},
			{"interval", s.SetKeepAliveInterval, s.KeepAliveInterval, math.MaxUint64, maxKeepSeconds * seconds},
		})
		readBack(t, bufferSettings(&s.socket))
		check(t, s.SetKeepAliveCount(42))
		expect(t, "count", must(s.KeepAliveCount()), uint32(42))
		check(t, s.SetKeepAliveCount(math.MaxUint32))
		expect(t, "count", must(s.KeepAliveCount()), uint32(127))
		check(t, s.SetHopLimit(42))
		expect(t, "hops", must(s.HopLimit()), uint8(42))
		check(t, s.SetHopLimit(255))
		for _, on := range []bool{true, false, true} {
			check(t, s.SetKeepAliveEnabled(on))
			expect(t, "keepalive", must(s.KeepAliveEnabled()), on)
		}
		check(t, s.SetListenBacklogSize(math.MaxUint64))
	})
}

func TestAnAcceptedSocketHasTheOptionsThatItsListenerHadThen(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		l := bind(t, n, loopbackOf(f))
		check(t, l.SetReceiveBufferSize(0x10000))
		check(t, l.SetSendBufferSize(0x10000))
		check(t, l.SetHopLimit(42))
		check(t, l.StartListen())
		check(t, l.FinishListen())
		at := must(l.LocalAddress())

		dial(t, n, at)
		before := accept(t, l)
		expect(t, "keepalive is not Go's default", must(before.KeepAliveEnabled()), false)
		expect(t, "hops set before listen", must(before.HopLimit()), uint8(42))
		if got := must(before.ReceiveBufferSize()); got < 0x10000 {
			t.Error("receive buffer", got)
		}
		if got := must(before.SendBufferSize()); got < 0x10000 {
			t.Error("send buffer", got)
		}

		check(t, l.SetKeepAliveEnabled(true))
		check(t, l.SetKeepAliveIdleTime(43*seconds))
		check(t, l.SetKeepAliveInterval(44*seconds))
		check(t, l.SetKeepAliveCount(45))
		check(t, l.SetHopLimit(46))
		dial(t, n, at)
		after := accept(t, l)
		check(t, l.SetHopLimit(47))
		expect(t, "keepalive", must(after.KeepAliveEnabled()), true)
		expect(t, "idle", must(after.KeepAliveIdleTime()), 43*seconds)
		expect(t, "interval", must(after.KeepAliveInterval()), 44*seconds)
		expect(t, "count", must(after.KeepAliveCount()), uint32(45))
		expect(t, "hops", must(after.HopLimit()), uint8(46))
		expect(t, "the earlier one is untouched", must(before.HopLimit()), uint8(42))
	})
}

func TestTheLimitOfSocketsIsAnErrorAndLosesNoConnection(t *testing.T) {
	n := networkOf(t, Config{Policy: must(ParsePolicy("all")), MaxSockets: 2})
	l := listen(t, n, IPv4)
	c := must(net.Dial("tcp", must(l.LocalAddress()).String()))
	defer c.Close()
	spare := must(n.NewTCP(IPv4))
	_, err := n.NewTCP(IPv4)
	expect(t, "create", err, NewSocketLimit)
	wait(t, l)
	for range 2 {
		_, _, _, err = l.Accept()
		expect(t, "accept", err, NewSocketLimit)
		expect(t, "ready", l.Ready(), true)
	}
	spare.Close()
	p := accept(t, l)
	expect(t, "state", p.State(), "connected")
	expect(t, "open", n.Stats().Open, 2)
}

func TestAConnectionThatEndedInTheQueueDoesNotEndTheListener(t *testing.T) {
	n := network(t)
	l := listen(t, n, IPv4)
	at := must(l.LocalAddress()).String()
	reset(must(net.Dial("tcp", at)).(*net.TCPConn))
	c := must(net.Dial("tcp", at))
	defer c.Close()
	for {
		wait(t, l)
		s, _, _, err := l.Accept()
		if err == ConnectionAborted {
			continue
		}
		check(t, err)
		if must(s.RemoteAddress()).String() == c.LocalAddr().String() {
			return
		}
	}
}

func TestAPollableOfASocketFollowsItThroughItsLife(t *testing.T) {
	n := network(t)
	l := listen(t, n, IPv4)
	s := must(n.NewTCP(IPv4))
	woken := make(chan struct{}, 1)
	defer s.Notify(woken)()
	until := func(what string) {
		t.Helper()
		timeout := time.After(patience)
		for !s.Ready() {
			select {
			case <-woken:
			case <-timeout:
				t.Fatal("never ready:", what)
			}
		}
	}
	until("unbound")
	check(t, s.StartBind(addr("127.0.0.1:0")))
	until("bind")
	check(t, s.FinishBind())
	check(t, s.StartConnect(must(l.LocalAddress())))
	until("connect")
	_, _, err := s.FinishConnect()
	check(t, err)
	until("connected")
	s.Close()
	until("closed")
}

func TestAListenerIsReadyForEachConnectionInTurn(t *testing.T) {
	n := network(t)
	l := listen(t, n, IPv4)
	for range 3 {
		expect(t, "with nobody", l.Ready(), false)
		dial(t, n, must(l.LocalAddress()))
		wait(t, l)
		expect(t, "again", l.Ready(), true)
		accept(t, l)
	}
	_, _, _, err := l.Accept()
	expect(t, "accept", err, WouldBlock)
}

func TestSystemErrorsHaveTheirCodes(t *testing.T) {
	n := network(t)
	s := must(n.NewTCP(IPv4))
	expect(t, "not an address of this machine", s.StartBind(addr("203.0.113.1:0")), AddressNotBindable)
	_, err := n.NewTCP(7)
	expect(t, "no such family", err, NotSupported)
}

// So many that one call does not turn them all away: who waits must not be left with the rest of them in the queue.
func TestACrowdOfUnwelcomePeersHidesNoFriend(t *testing.T) {
	other := NewNetwork(Config{Policy: must(ParsePolicy("all"))})
	n := network(t, "tcp:listen=127.0.0.1:*", "tcp:accept=127.0.0.2:*")
	defer other.Close()
	l := listen(t, n, IPv4)
	at := must(l.LocalAddress())
	for range 3 * maxRefusals / 2 {
		dial(t, other, at)
	}
	friend := bind(t, other, addr("127.0.0.2:0"))
	check(t, friend.StartConnect(at))
	wait(t, friend)
	expect(t, "wait", l.Wait(ctx, time.Now().Add(patience)), true)
	expect(t, "peer", must(accept(t, l).RemoteAddress()), must(friend.LocalAddress()))
}
