package sockets

import (
	"fmt"
	"testing"
	"time"
)

func TestDatagramsGoToWhatANameWasResolvedTo(t *testing.T) {
	others := network(t)
	friend, stranger := openUDP(t, others, IPv4, Address{}), openUDP(t, others, IPv4, Address{})
	var seen denials
	n := networkOf(t, Config{
		Policy:   must(ParsePolicy(fmt.Sprintf("udp:send=localhost:%d", friend.here().Port()))),
		Resolver: zone{"localhost": "127.0.0.1"},
		OnDenied: seen.add,
	})
	s := openUDP(t, n, IPv4, Address{})
	_, err := give(t, s.out, Datagram{nil, friend.here()})
	expect(t, "before the look-up", err, AccessDenied)
	seen.expect(t, "udp send "+friend.here().String())
	// Not even an answer to nothing is let in.
	sendOne(t, friend.out, "too early", s.here())
	expect(t, "wait", s.in.Wait(ctx, time.Now().Add(10*time.Millisecond)), false)

	must(resolve(t, n, "localhost"))
	sendOne(t, s.out, "ping", friend.here())
	data, from := receiveOne(t, friend.in)
	expect(t, "received", data, "ping")
	sendOne(t, stranger.out, "let me in", from)
	sendOne(t, friend.out, "pong", from)
	data, _ = receiveOne(t, s.in)
	expect(t, "received", data, "pong")
	expect(t, "dropped", n.Stats().Dropped, uint64(2))
	_, err = give(t, s.out, Datagram{nil, stranger.here()})
	expect(t, "another port", err, AccessDenied)
	seen.expect(t, "udp send "+stranger.here().String()+" (localhost)")

	in, out, err := s.Stream(friend.here())
	check(t, err)
	sendOne(t, out, "ping", Address{})
	data, from = receiveOne(t, friend.in)
	expect(t, "received with a peer", data, "ping")
	sendOne(t, friend.out, "pong", from)
	data, _ = receiveOne(t, in)
	expect(t, "received from the peer", data, "pong")
}

func TestTheHookDecidesOnDatagrams(t *testing.T) {
	n, other := (*Network)(nil), network(t)
	var s datagrams
	during := func() {}
	denied := addr("127.0.0.1:9")
	n = networkOf(t, Config{Decide: func(q Question) bool {
		// It may use the very socket that it is asked about.
		n.Stats()
		if s.UDP != nil {
			s.State()
			s.in.Ready()
			s.out.Ready()
		}
		during()
		return q.Address != denied.AddrPort
	}})
	s.UDP = must(n.NewUDP(IPv4))
	s.in, s.out = new(Incoming), new(Outgoing)
	s.in.closed, s.out.closed = true, true
	check(t, s.StartBind(addr("127.0.0.1:0")))
	check(t, s.FinishBind())
	s = streamUDP(t, s.UDP, Address{})
	friend := openUDP(t, other, IPv4, Address{})
	defer friend.Close()
	sendOne(t, s.out, "x", friend.here())
	_, err := give(t, s.out, Datagram{nil, denied})
	expect(t, "send", err, AccessDenied)
	_, _, err = s.Stream(denied)
	expect(t, "stream", err, AccessDenied)
	// What the hook lets bind receives, though no rule says so.
	sendOne(t, friend.out, "hello", s.here())
	data, _ := receiveOne(t, s.in)
	expect(t, "received", data, "hello")
	expect(t, "denied", n.Stats().Denied, Counts{UDPSend: 2})

	during = s.UDP.Close
	_, err = give(t, s.out, Datagram{nil, friend.here()})
	expect(t, "send of a socket closed meanwhile", err, InvalidState)
	during = func() {}
	u := bindUDP(t, n, addr("127.0.0.1:0"))
	during = u.Close
	_, _, err = u.Stream(friend.here())
	expect(t, "stream of a socket closed meanwhile", err, InvalidState)
	during = func() {}
	u = must(n.NewUDP(IPv4))
	during = u.Close
	expect(t, "bind of a socket closed meanwhile", u.StartBind(addr("127.0.0.1:0")), InvalidState)
}
