package sockets

import (
	"net/netip"
	"testing"
	"time"
)

// Attack: each UDP destination is asked, connected and v4-mapped included.
func TestThePolicyIsAskedForEveryDestination(t *testing.T) {
	var seen denials
	var n *Network
	var s datagrams
	n = networkOf(t, Config{
		Policy: must(ParsePolicy("udp:send=127.0.0.1:10-65535", "udp:send=[::1]:10-65535")),
		OnDenied: func(d Denial) { // while no lock is held
			seen.add(d)
			n.Stats()
			s.LocalAddress()
			s.in.Ready()
			s.out.Ready()
		},
	})
	server := openUDP(t, n, IPv4, Address{})
	s = openUDP(t, n, IPv4, Address{})
	sendOne(t, s.out, "x", server.here())
	seen.expect(t)
	for _, to := range []string{"127.0.0.1:9", "127.0.0.2:80", "127.1.0.1:80", "255.255.255.255:80", "224.0.0.1:80"} {
		_, err := give(t, s.out, Datagram{nil, addr(to)})
		expect(t, "send to "+to, err, AccessDenied)
		seen.expect(t, "udp send "+to)
		_, _, err = s.Stream(addr(to))
		expect(t, "stream for "+to, err, AccessDenied)
		seen.expect(t, "udp send "+to)
	}
	// What is malformed is no question for the policy.
	_, err := give(t, s.out, Datagram{nil, addr("0.0.0.0:80")})
	expect(t, "send to 0.0.0.0", err, InvalidArgument)
	six := openUDP(t, n, IPv6, Address{})
	for _, to := range []string{"[::ffff:127.0.0.1]:80", "[::127.0.0.1]:80", "[::]:80"} {
		_, err := give(t, six.out, Datagram{nil, addr(to)})
		expect(t, "send to "+to, err, InvalidArgument)
		_, _, err = six.Stream(addr(to))
		expect(t, "stream for "+to, err, InvalidArgument)
	}
	// A refusal behind a success is counted and told, though the call succeeds.
	sent, err := give(t, s.out, Datagram{nil, server.here()}, Datagram{nil, addr("127.0.0.1:9")})
	check(t, err)
	expect(t, "sent", sent, uint64(1))
	seen.expect(t, "udp send 127.0.0.1:9")
	expect(t, "denied", n.Stats().Denied.Total(), uint64(11))
}

// Attack: implicit bind still asks the policy.
func TestThePolicyIsAskedForEveryUDPBind(t *testing.T) {
	var seen denials
	n := networkOf(t, Config{Policy: must(ParsePolicy("udp:bind=127.0.0.1:0", "udp:create")), OnDenied: seen.add})
	u := must(n.NewUDP(IPv4))
	for _, local := range []string{"0.0.0.0:0", "127.0.0.1:80", "127.0.0.2:0"} {
		expect(t, "bind to "+local, u.StartBind(addr(local)), AccessDenied)
		seen.expect(t, "udp bind "+local)
	}
	check(t, u.StartBind(addr("127.0.0.1:0")))
	check(t, u.FinishBind())
	s := streamUDP(t, u, Address{})
	_, err := give(t, s.out, Datagram{nil, addr("127.0.0.1:80")})
	expect(t, "send by the right to bind", err, AccessDenied)
}

func TestTheRightToSendIncludesABindAndAnswersButNoStrangers(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		others := network(t)
		friend, stranger := openUDP(t, others, f, Address{}), openUDP(t, others, f, Address{})
		var seen denials
		n := networkOf(t, Config{Policy: must(ParsePolicy("udp:send=" + friend.here().String())), OnDenied: seen.add})
		for _, local := range []Address{loopbackOf(f), everywhereOf(f)} {
			before := n.Stats().Dropped
			s := streamUDP(t, bindUDP(t, n, local), Address{})
			here := at(loopbackOf(f), s.here().Port())
			for range 3 {
				sendOne(t, stranger.out, "let me in", here)
			}
			expect(t, "ready", s.in.Ready(), false)
			expect(t, "wait", s.in.Wait(ctx, time.Now().Add(time.Millisecond)), false)
			for range 2 {
				sendOne(t, stranger.out, "let me in", here)
			}
			expect(t, "received", len(must(s.in.Receive(16))), 0)
			expect(t, "dropped", n.Stats().Dropped-before, uint64(5))

			sendOne(t, s.out, "ping", friend.here())
			_, from := receiveOne(t, friend.in)
			sendOne(t, stranger.out, "let me in", from)
			sendOne(t, friend.out, "pong", from)
			data, _ := receiveOne(t, s.in)
			expect(t, "received", data, "pong")
			s.Close()
		}
		seen.expect(t)
	})
}

func TestWhomAHookLetsTheGuestSendToMayAnswer(t *testing.T) {
	others := network(t)
	friend, stranger := openUDP(t, others, IPv4, Address{}), openUDP(t, others, IPv4, Address{})
	n := networkOf(t, Config{Policy: must(ParsePolicy("udp:send=192.0.2.1:53")), Decide: func(q Question) bool {
		return q.Allowed || q.Address == friend.here().AddrPort
	}})
	s := streamUDP(t, bindUDP(t, n, loopbackOf(IPv4)), Address{})
	sendOne(t, s.out, "ping", friend.here())
	receiveOne(t, friend.in)
	sendOne(t, stranger.out, "let me in", s.here())
	sendOne(t, friend.out, "pong", s.here())
	data, _ := receiveOne(t, s.in)
	expect(t, "received", data, "pong")
	expect(t, "dropped", n.Stats().Dropped, uint64(1))
	_, err := give(t, s.out, Datagram{nil, stranger.here()})
	expect(t, "to the stranger", err, AccessDenied)
}

func TestThoseThatMayAnswerAreNotKeptWithoutEnd(t *testing.T) {
	var set sentTo
	for i := range maxSentTo + 10 {
		set.add(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 53))
	}
	expect(t, "kept", len(set.all), maxSentTo)
}

func TestARightToBindReceivesFromAnybody(t *testing.T) {
	others := network(t)
	stranger := openUDP(t, others, IPv4, Address{})
	n := network(t, "udp:send=192.0.2.1:53", "udp:bind=127.0.0.1:0")
	s := openUDP(t, n, IPv4, Address{})
	sendOne(t, stranger.out, "hello", s.here())
	data, _ := receiveOne(t, s.in)
	expect(t, "received", data, "hello")
	expect(t, "dropped", n.Stats().Dropped, uint64(0))
}
