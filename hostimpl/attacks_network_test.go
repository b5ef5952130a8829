package hostimpl

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/udp"
	"github.com/tenon-wasm/tenon/sockets"
)

// refusals is a Host, and what it was told of.
type refusals struct {
	*Host
	denied []string
}

func (r *refusals) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(r.denied, want) {
		t.Errorf("denied: got %q, want %q", r.denied, want)
	}
	r.denied = nil
}

func refusing(t *testing.T, rules ...string) *refusals {
	r := new(refusals)
	c := open(rules...)
	c.OnDenied = func(d sockets.Denial) { r.denied = append(r.denied, d.String()) }
	c.Resolver = newNames(map[string]string{"evil.example": "127.0.0.1"})
	r.Host = host(t, c)
	return r
}

// connectTo is the answer to a connect of a new socket.
func (r *refusals) connectTo(t *testing.T, to network.IPSocketAddress) error {
	t.Helper()
	ctx := context.Background()
	family := network.IPAddressFamilyIPv4
	if _, six := to.(network.IPSocketAddressIPv6); six {
		family = network.IPAddressFamilyIPv6
	}
	s := must(r.network.CreateTCPSocket(ctx, family))
	defer closeAll(t, s)
	err := s.StartConnect(ctx, grant{r.network}, to)
	if err != nil {
		return err
	}
	within(t, func() { check(t, must(s.Subscribe(ctx)).Block(ctx)) })
	in, out, err := s.FinishConnect(ctx)
	if err == nil {
		closeAll(t, in, out)
	}
	return err
}

func v4at(port uint16, a, b, c, d uint8) network.IPSocketAddress {
	return network.IPSocketAddressIPv4{Value: network.IPv4SocketAddress{Port: port, Address: [4]uint8{a, b, c, d}}}
}

func v6at(port uint16, words ...uint16) network.IPSocketAddress {
	return network.IPSocketAddressIPv6{Value: network.IPv6SocketAddress{Port: port, Address: [8]uint16(words)}}
}

// TestNetworkAttacks has how a guest may try to get around the policy, in the words of the list of attacks.
func TestNetworkAttacks(t *testing.T) {
	ctx := context.Background()
	t.Run("default grants nothing", func(t *testing.T) {
		var denied []string
		h := host(t, Config{OnDenied: func(d sockets.Denial) { denied = append(denied, d.String()) }})
		for _, family := range []network.IPAddressFamily{network.IPAddressFamilyIPv4, network.IPAddressFamilyIPv6} {
			_, err := h.network.CreateTCPSocket(ctx, family)
			wantError(t, "tcp", err, network.ErrorCodeAccessDenied)
			_, err = h.network.CreateUDPSocket(ctx, family)
			wantError(t, "udp", err, network.ErrorCodeAccessDenied)
		}
		for _, name := range []string{"localhost", "example.com"} {
			_, err := resolve(t, h, name)
			wantError(t, "look-up", err, network.ErrorCodePermanentResolverFailure)
		}
		equal(t, "denied", strings.Join(denied, ", "),
			"tcp create, udp create, tcp create, udp create, name lookup localhost, name lookup example.com")
		equal(t, "allowed", h.NetworkStats().Allowed, sockets.Counts{})
	})
	t.Run("implicit bind still asks the policy", func(t *testing.T) {
		l := must(net.Listen("tcp", "127.0.0.1:0"))
		defer l.Close()
		port := uint16(l.Addr().(*net.TCPAddr).Port)
		at := l.Addr().String()

		// Who may bind where he likes may not connect from there, bound before or not.
		r := refusing(t, "tcp:bind=0.0.0.0/0:*", "udp:bind=0.0.0.0/0:*")
		wantError(t, "connect of an unbound socket", r.connectTo(t, v4at(port, 127, 0, 0, 1)), network.ErrorCodeAccessDenied)
		r.expect(t, "tcp connect "+at)
		s := must(r.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4))
		check(t, s.StartBind(ctx, grant{r.network}, loopback))
		check(t, s.FinishBind(ctx))
		wantError(t, "connect of a bound socket", s.StartConnect(ctx, grant{r.network}, v4at(port, 127, 0, 0, 1)), network.ErrorCodeAccessDenied)
		r.expect(t, "tcp connect "+at)
		closeAll(t, s)

		// UDP has none: a socket that is not bound has no streams, not even with a peer.
		r = refusing(t, "udp:send=127.0.0.1:*")
		u := must(r.network.CreateUDPSocket(ctx, network.IPAddressFamilyIPv4))
		_, _, err := u.Stream(ctx, v4at(port, 127, 0, 0, 1))
		wantError(t, "stream of an unbound socket", err, network.ErrorCodeInvalidState)
		wantError(t, "bind to a port", u.StartBind(ctx, grant{r.network}, v4at(port, 127, 0, 0, 1)), network.ErrorCodeAccessDenied)
		r.expect(t, "udp bind "+at)
		closeAll(t, u)

		// Who may connect may not listen at the port that he would get.
		r = refusing(t, "tcp:connect=127.0.0.1:*")
		s = must(r.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4))
		wantError(t, "listen", s.StartListen(ctx), network.ErrorCodeInvalidState)
		wantError(t, "bind", s.StartBind(ctx, grant{r.network}, loopback), network.ErrorCodeAccessDenied)
		r.expect(t, "tcp bind 127.0.0.1:0")
		closeAll(t, s)
		check(t, r.connectTo(t, v4at(port, 127, 0, 0, 1)))
	})
	t.Run("each UDP destination is asked, connected and v4-mapped included", func(t *testing.T) {
		friend := must(net.ListenPacket("udp", "127.0.0.1:0"))
		defer friend.Close()
		stranger := must(net.ListenPacket("udp", "127.0.0.1:0"))
		defer stranger.Close()
		good, bad := uint16(friend.LocalAddr().(*net.UDPAddr).Port), uint16(stranger.LocalAddr().(*net.UDPAddr).Port)
		r := refusing(t, "udp:send="+friend.LocalAddr().String(), "udp:bind=[::1]:0")
		u := bindUDP(t, r.Host)
		in, out, err := u.Stream(ctx, nil)
		check(t, err)
		to := func(port uint16) udp.OutgoingDatagram {
			return udp.OutgoingDatagram{Data: []byte("x"), RemoteAddress: v4at(port, 127, 0, 0, 1)}
		}
		must(out.CheckSend(ctx))
		_, err = out.Send(ctx, []udp.OutgoingDatagram{to(bad)})
		wantError(t, "send", err, network.ErrorCodeAccessDenied)
		r.expect(t, "udp send "+stranger.LocalAddr().String())
		must(out.CheckSend(ctx))
		equal(t, "sent before one that is denied", must(out.Send(ctx, []udp.OutgoingDatagram{to(good), to(good), to(bad), to(good)})), 2)
		r.expect(t, "udp send "+stranger.LocalAddr().String())
		closeAll(t, in, out)

		_, _, err = u.Stream(ctx, v4at(bad, 127, 0, 0, 1))
		wantError(t, "connected to the stranger", err, network.ErrorCodeAccessDenied)
		r.expect(t, "udp send "+stranger.LocalAddr().String())
		in, out, err = u.Stream(ctx, v4at(good, 127, 0, 0, 1))
		check(t, err)
		must(out.CheckSend(ctx))
		_, err = out.Send(ctx, []udp.OutgoingDatagram{to(bad)})
		wantError(t, "to the stranger, connected to the friend", err, network.ErrorCodeInvalidArgument)
		closeAll(t, in, out, u)

		six := must(r.network.CreateUDPSocket(ctx, network.IPAddressFamilyIPv6))
		check(t, six.StartBind(ctx, grant{r.network}, v6at(0, 0, 0, 0, 0, 0, 0, 0, 1)))
		check(t, six.FinishBind(ctx))
		mapped := v6at(good, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)
		_, _, err = six.Stream(ctx, mapped)
		wantError(t, "connected to v4-mapped", err, network.ErrorCodeInvalidArgument)
		in, out, err = six.Stream(ctx, nil)
		check(t, err)
		must(out.CheckSend(ctx))
		_, err = out.Send(ctx, []udp.OutgoingDatagram{{RemoteAddress: mapped}})
		wantError(t, "send to v4-mapped", err, network.ErrorCodeInvalidArgument)
		closeAll(t, in, out, six)
		r.expect(t)
	})
	t.Run("127.0.0.1 allowed does not admit ::ffff:127.0.0.1, 0.0.0.0, octal or decimal spellings", func(t *testing.T) {
		// The stranger is at every address that a way around leads to, and nobody may come.
		stranger := must(net.Listen("tcp", "0.0.0.0:0"))
		defer stranger.Close()
		port := uint16(stranger.Addr().(*net.TCPAddr).Port)
		came := make(chan struct{}, 1)
		go func() {
			if c, err := stranger.Accept(); err == nil {
				c.Close()
				came <- struct{}{}
			}
		}()
		r := refusing(t, "tcp:connect=127.0.0.1:1")
		for _, to := range []network.IPSocketAddress{
			v6at(1, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1), v6at(1, 0, 0, 0, 0, 0, 0, 0x7f00, 1), v6at(1, 0, 0, 0, 0, 0, 0, 0, 0),
			v4at(1, 0, 0, 0, 0),
		} {
			wantError(t, addressIn(to).String(), r.connectTo(t, to), network.ErrorCodeInvalidArgument)
		}
		r.expect(t)
		// What is not the address is not it in another spelling either.
		for _, text := range []string{"127.0.0.2", "0177.0.0.2", "0x7f.2", "2130706434", "017700000002", "::ffff:127.0.0.2", "[::ffff:7f00:2]"} {
			ips := must(resolve(t, r.Host, text))
			if len(ips) != 1 || ips[0] != v4(127, 0, 0, 2) {
				t.Errorf("%s: %v", text, ips)
				continue
			}
			for _, p := range []uint16{1, port} {
				wantError(t, text, r.connectTo(t, v4at(p, 127, 0, 0, 2)), network.ErrorCodeAccessDenied)
			}
		}
		for _, text := range []string{"0", "0.0.0.0", "0x0", "00000000000"} {
			equal(t, text, must(resolve(t, r.Host, text))[0], v4(0, 0, 0, 0))
		}
		wantError(t, "another port", r.connectTo(t, v4at(port, 127, 0, 0, 1)), network.ErrorCodeAccessDenied)
		select {
		case <-came:
			t.Error("the guest has got through")
		default:
		}
	})
	t.Run("a name that resolves to a denied address: connect denied", func(t *testing.T) {
		l := must(net.Listen("tcp", "127.0.0.1:0"))
		defer l.Close()
		port := uint16(l.Addr().(*net.TCPAddr).Port)
		for _, rules := range [][]string{
			{"name=*", "tcp:connect=192.0.2.0/24:*"},
			{"tcp:connect=evil.example:*"}, // A stranger answers for the name, with an address of this machine.
		} {
			r := refusing(t, rules...)
			equal(t, "resolved", must(resolve(t, r.Host, "evil.example"))[0], v4(127, 0, 0, 1))
			wantError(t, "connect", r.connectTo(t, v4at(port, 127, 0, 0, 1)), network.ErrorCodeAccessDenied)
			r.expect(t, "tcp connect "+l.Addr().String()+" (evil.example)")
		}
	})
	t.Run("UDP beyond the permit traps", func(t *testing.T) {
		u := bindUDP(t, host(t, open("loopback")))
		in, out, err := u.Stream(ctx, nil)
		check(t, err)
		one := []udp.OutgoingDatagram{{RemoteAddress: v4at(9, 127, 0, 0, 1)}}
		_, err = out.Send(ctx, one)
		wantError(t, "without a permit", err, cabi.ErrContract)
		n := must(out.CheckSend(ctx))
		_, err = out.Send(ctx, slices.Repeat(one, int(n)+1))
		wantError(t, "one more", err, cabi.ErrContract)
		must(out.CheckSend(ctx))
		must(out.Send(ctx, one))
		_, err = out.Send(ctx, slices.Repeat(one, int(n)))
		wantError(t, "behind another", err, cabi.ErrContract)
		closeAll(t, in, out, u)
	})
}
