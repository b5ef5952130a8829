package sockets

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

var noDeadline time.Time

// give permits and sends.
func give(t testing.TB, o *Outgoing, all ...Datagram) (uint64, error) {
	t.Helper()
	for must(o.CheckSend()) == 0 {
		wait(t, o)
	}
	return o.Send(all)
}

func TestDatagramsOfNoBytesAreDatagrams(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		server := openUDP(t, n, f, Address{})
		here := server.here()
		client := streamUDP(t, bindUDP(t, n, everywhereOf(f)), here)
		sent, err := give(t, client.out, Datagram{Data: nil}, Datagram{[]byte("Hello, world!"), here})
		check(t, err)
		expect(t, "sent", sent, uint64(2))
		wait(t, server.in)
		got := must(server.in.Receive(100))
		expect(t, "received", len(got), 2)
		expect(t, "first", string(got[0].Data), "")
		expect(t, "second", string(got[1].Data), "Hello, world!")
		for _, d := range got {
			expect(t, "sender", d.Remote, must(client.LocalAddress()))
		}

		// Alone, one is enough to be ready, whether looked for or waited for.
		for _, look := range []func() bool{
			server.in.Ready,
			func() bool { return server.in.Wait(ctx, time.Now().Add(patience)) },
		} {
			sendOne(t, client.out, "", Address{})
			expect(t, "ready", look(), true)
			expect(t, "received", len(must(server.in.Receive(1))), 1)
			expect(t, "ready after", server.in.Ready(), false)
		}
	})
}

// Symptom: check-send permits wrong both ways. Attack: UDP beyond the permit traps.
func TestASendBeyondThePermitIsATypedErrorAndSendsNothing(t *testing.T) {
	n := network(t)
	server := openUDP(t, n, IPv4, Address{})
	client := openUDP(t, n, IPv4, server.here())
	unpermitted := func(what string, size, permit uint64) {
		t.Helper()
		_, err := client.out.Send(make([]Datagram, size))
		var p *PermitError
		if !errors.As(err, &p) || *p != (PermitError{size, permit, true}) {
			t.Errorf("%s: %v", what, err)
		}
	}
	unpermitted("without a permit", 1, 0)
	permit := must(client.out.CheckSend())
	if permit < 2 {
		t.Fatal("permit", permit)
	}
	unpermitted("beyond the permit", permit+1, permit)
	for range 2 { // a send of nothing needs no permit, and uses up none
		sent, err := client.out.Send(nil)
		check(t, err)
		expect(t, "sent of nothing", sent, uint64(0))
	}
	all := make([]Datagram, permit)
	sent, err := client.out.Send(all)
	check(t, err)
	expect(t, "sent", sent, permit)
	unpermitted("after a send", 1, 0)
	must(client.out.CheckSend())
	_, err = client.out.Send([]Datagram{{nil, addr("127.0.0.1:1")}})
	expect(t, "a send that fails", err, InvalidArgument)
	unpermitted("after a send that failed", 1, 0)

	received := 0
	for received < int(permit) {
		wait(t, server.in)
		received += len(must(server.in.Receive(math.MaxUint64)))
	}
	expect(t, "received", received, int(permit))
	expect(t, "ready", server.in.Ready(), false)
}

func TestABlockThatSaysReadyIsFollowedByAPermitAndASend(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		for range 256 {
			s := openUDP(t, n, f, at(loopbackOf(f), 4320))
			expect(t, "wait", s.out.Wait(ctx, time.Now().Add(patience)), true)
			expect(t, "permit", must(s.out.CheckSend()) > 0, true)
			sent, err := s.out.Send([]Datagram{{Data: []byte("hello")}})
			check(t, err)
			expect(t, "sent", sent, uint64(1))
			s.Close()
		}
	})
}

func TestAReceiveGivesNoMoreThanAskedForAndIsBounded(t *testing.T) {
	n := network(t)
	server := openUDP(t, n, IPv4, Address{})
	check(t, server.SetReceiveBufferSize(1<<20))
	client := openUDP(t, n, IPv4, server.here())
	for i := range 40 {
		sendOne(t, client.out, fmt.Sprint(i), Address{})
	}
	next := 0
	for _, c := range []struct {
		max  uint64
		want int
	}{{0, 0}, {1, 1}, {3, 3}, {16, 16}, {17, 16}, {math.MaxUint64, 4}, {1, 0}} {
		got := must(server.in.Receive(c.max))
		expect(t, fmt.Sprintf("receive(%d)", c.max), len(got), c.want)
		for _, d := range got {
			expect(t, "datagram", string(d.Data), fmt.Sprint(next))
			next++
		}
	}

	// What was taken by a wait counts, too.
	sendOne(t, client.out, "a", Address{})
	sendOne(t, client.out, "b", Address{})
	expect(t, "wait", server.in.Wait(ctx, noDeadline), true)
	expect(t, "nothing asked for", len(must(server.in.Receive(0))), 0)
	expect(t, "ready", server.in.Ready(), true)
	got := must(server.in.Receive(2))
	expect(t, "both", len(got) == 2 && string(got[0].Data) == "a" && string(got[1].Data) == "b", true)

	// Beyond 64 KiB the rest waits for the next call. None is cut.
	big := noise(40 << 10)
	for range 3 {
		sendOne(t, client.out, string(big), Address{})
	}
	for _, want := range []int{2, 1, 0} {
		got := must(server.in.Receive(16))
		expect(t, "large ones", len(got), want)
		for _, d := range got {
			expect(t, "whole", bytes.Equal(d.Data, big), true)
		}
	}
}

// Symptom: EMSGSIZE unmapped.
func TestADatagramThatIsTooLargeSaysSoFirst(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		server := openUDP(t, n, f, Address{})
		check(t, server.SetReceiveBufferSize(1<<20))
		client := openUDP(t, n, f, Address{})
		check(t, client.SetSendBufferSize(1<<20))
		largest := 65507
		if f == IPv6 {
			largest = 65527
		}
		for _, c := range []struct {
			what string
			size int
			to   Address
			want error
		}{
			{"more than any system takes, and no address", 65536, Address{}, DatagramTooLarge},
			{"no address", 65535, Address{}, InvalidArgument},
			{"more than this system takes", 65535, server.here(), DatagramTooLarge},
			{"one too many", largest + 1, server.here(), DatagramTooLarge},
		} {
			_, err := give(t, client.out, Datagram{make([]byte, c.size), c.to})
			expect(t, c.what, err, c.want)
		}
		data := noise(largest)
		sent, err := give(t, client.out, Datagram{data, server.here()})
		check(t, err)
		expect(t, "sent", sent, uint64(1))
		got, _ := receiveOne(t, server.in)
		expect(t, "the largest arrives whole", got == string(data), true)
	})
}

func TestASendEndsWithTheFirstThatFailsAndCountsTheOthers(t *testing.T) {
	n := network(t, "udp:send=127.0.0.0/8:10-65535", "udp:bind=loopback:0")
	server := openUDP(t, n, IPv4, Address{})
	client := openUDP(t, n, IPv4, Address{})
	ok := Datagram{[]byte("ok"), server.here()}
	for name, bad := range map[string]Datagram{
		"too large":      {make([]byte, 1<<16), server.here()},
		"without a peer": {[]byte("bad"), Address{}},
		"denied":         {[]byte("bad"), addr("127.0.0.1:9")},
		"foreign":        {[]byte("bad"), addr("[::1]:80")},
	} {
		sent, err := give(t, client.out, ok, bad, ok)
		check(t, err)
		expect(t, name+" second", sent, uint64(1))
		sent, err = give(t, client.out, bad, ok)
		expect(t, name+" first fails", err != nil && sent == 0, true)
		got := 0
		for server.in.Ready() {
			got += len(must(server.in.Receive(16)))
		}
		expect(t, name+": arrived", got, 1)
	}
}

// Symptoms: UDP send to 0.0.0.0 · cross-family UDP send accepted.
func TestDestinationsThatNoSocketMayUseAreInvalid(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		s := openUDP(t, n, f, Address{})
		for _, to := range []string{
			"0.0.0.0:80", "[::]:80", "127.0.0.1:0", "[::1]:0", "[::ffff:127.0.0.1]:80", "[::127.0.0.1]:80", "[::1%lo]:80",
			map[Family]string{IPv4: "[::1]:80", IPv6: "127.0.0.1:80"}[f],
		} {
			_, err := give(t, s.out, Datagram{nil, addr(to)})
			expect(t, "send to "+to, err, InvalidArgument)
			_, _, err = s.Stream(addr(to))
			expect(t, "stream for "+to, err, InvalidArgument)
		}
		expect(t, "the streams are as before", len(must(s.in.Receive(1))), 0)
	})
}

func TestWithAPeerOnlyExactlyItsAddressIsTaken(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		server := openUDP(t, n, f, Address{})
		peer := server.here()
		client := openUDP(t, n, f, peer)
		for range 2 { // send(2), with and without the address
			sendOne(t, client.out, "x", peer)
			sendOne(t, client.out, "x", Address{})
		}
		others := []Address{at(peer, peer.Port()-1), addr("127.0.0.2:80"), addr("[::2]:80"), addr("[::ffff:127.0.0.1]:80")}
		if f == IPv6 {
			flow, scope := peer, peer
			flow.FlowInfo, scope.ScopeID = 1, 1
			others = append(others, flow, scope)
		}
		for _, to := range others {
			_, err := give(t, client.out, Datagram{nil, to})
			expect(t, "send to "+to.String(), err, InvalidArgument)
		}
	})
}

func TestWhatOthersSentBeforeThePeerWasChosenIsPassedOver(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		u := bindUDP(t, n, loopbackOf(f))
		here := must(u.LocalAddress())
		a, b := openUDP(t, n, f, here), openUDP(t, n, f, here)
		for _, look := range []func(in *Incoming) bool{
			(*Incoming).Ready,
			func(in *Incoming) bool { return in.Wait(ctx, time.Now().Add(patience)) },
			func(*Incoming) bool { return true },
		} {
			for _, s := range []datagrams{a, b, a} {
				sendOne(t, s.out, s.here().String(), Address{})
			}
			s := streamUDP(t, u, b.here())
			expect(t, "ready", look(s.in), true)
			got := must(s.in.Receive(16))
			expect(t, "received", len(got), 1)
			expect(t, "sender", got[0].Remote, b.here())
			expect(t, "data", string(got[0].Data), b.here().String())
			expect(t, "ready after", s.in.Ready(), false)
			expect(t, "received after", len(must(s.in.Receive(16))), 0)
			streamUDP(t, u, Address{})
		}
	})
}

// So many that one call does not get through them.
func TestACrowdOfStrangersHidesNoFriend(t *testing.T) {
	const crowd = 5 * maxStrangers / 2
	n := network(t)
	u := bindUDP(t, n, addr("127.0.0.1:0"))
	check(t, u.SetReceiveBufferSize(1<<20))
	here := must(u.LocalAddress())
	stranger, friend := openUDP(t, n, IPv4, Address{}), openUDP(t, n, IPv4, Address{})
	for name, get := range map[string]func(in *Incoming){
		"wait":    func(in *Incoming) { expect(t, "wait", in.Wait(ctx, time.Now().Add(patience)), true) },
		"notify":  func(in *Incoming) { check(t, await(in, patience)) },
		"receive": func(in *Incoming) {},
	} {
		for range crowd {
			sendOne(t, stranger.out, "let me in", here)
		}
		sendOne(t, friend.out, name, here)
		s := streamUDP(t, u, friend.here())
		start := time.Now()
		get(s.in)
		if d := time.Since(start); d > patience/2 {
			t.Errorf("%s: it took %v", name, d) // and only the deadline has ended it
		}
		data, _ := receiveOne(t, s.in)
		expect(t, "received", data, name)
		for range crowd {
			sendOne(t, stranger.out, "me too", here) // does not come in any more
		}
		expect(t, "ready", s.in.Ready(), false)
		expect(t, "wait", s.in.Wait(ctx, time.Now().Add(time.Millisecond)), false)
		streamUDP(t, u, Address{})
	}
}

// gone is an address where nobody is any more.
func gone(t testing.TB, n *Network, f Family) Address {
	t.Helper()
	u := bindUDP(t, n, loopbackOf(f))
	defer u.Close()
	return must(u.LocalAddress())
}

func refusal(err error) bool { return err == ConnectionRefused || err == ConnectionReset }

func TestThatNobodyIsThereIsToldByReceiveOnceAndMakesItReady(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		for name, look := range map[string]func(in *Incoming){
			"ready":  func(in *Incoming) { wait(t, in) },
			"wait":   func(in *Incoming) { in.Wait(ctx, time.Now().Add(patience)) },
			"notify": func(in *Incoming) { woken := make(chan struct{}, 1); defer in.Notify(woken)(); <-woken },
		} {
			s := openUDP(t, n, f, gone(t, n, f))
			sendOne(t, s.out, "hello", Address{})
			look(s.in)
			_, err := s.in.Receive(1)
			expect(t, name+": told", refusal(err), true)
			expect(t, name+": told again", len(must(s.in.Receive(1))), 0)
			expect(t, name+": ready after", s.in.Ready(), false)
			sendOne(t, s.out, "the socket is as good as before", Address{})
			wait(t, s.in)
		}
	})
}

// The second send of the same call meets what the first has caused. It cannot tell, but must not hide it.
func TestAnErrorThatASendMayNotTellIsToldByReceive(t *testing.T) {
	n := network(t)
	s := openUDP(t, n, IPv4, gone(t, n, IPv4))
	sent, err := give(t, s.out, make([]Datagram, 2)...)
	check(t, err)
	if sent == 2 {
		t.Skip("this system answers later")
	}
	expect(t, "ready", s.in.Ready(), true)
	_, err = s.in.Receive(1)
	expect(t, "told", refusal(err), true)
}

func TestAnErrorAboutOnePeerIsNotToldOfTheNext(t *testing.T) {
	n := network(t)
	s := openUDP(t, n, IPv4, gone(t, n, IPv4))
	sendOne(t, s.out, "hello", Address{})
	time.Sleep(5 * time.Millisecond)
	for _, next := range []Address{{}, openUDP(t, n, IPv4, Address{}).here()} {
		s = streamUDP(t, s.UDP, next)
		expect(t, "ready", s.in.Ready(), false)
		expect(t, "received", len(must(s.in.Receive(1))), 0)
	}
}

func TestAnErrorDoesNotHideWhatHasCome(t *testing.T) {
	n := network(t)
	u := bindUDP(t, n, addr("127.0.0.1:0"))
	server := openUDP(t, n, IPv4, must(u.LocalAddress()))
	s := streamUDP(t, u, server.here())
	sendOne(t, server.out, "last words", Address{})
	server.Close()
	sendOne(t, s.out, "hello", Address{})
	var data string
	told := 0
	for told == 0 || data == "" {
		wait(t, s.in)
		got, err := s.in.Receive(16)
		if len(got) > 0 {
			data = string(got[0].Data)
			expect(t, "an error beside data", err, nil)
		}
		if refusal(err) {
			told++
		}
	}
	expect(t, "data", data, "last words")
	expect(t, "told", told, 1)
}

// Failure of another host: UDP receive blocking instead of answering an empty list: hang.
// Symptoms: pollable ready, then read of 0 bytes · once readable, always readable.
func TestReadyMeansThatThereIsADatagramAndEmptyThatThereIsNone(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		n := network(t)
		server := openUDP(t, n, f, Address{})
		client := openUDP(t, n, f, server.here())
		for range 3 {
			expect(t, "ready when idle", server.in.Ready(), false)
			expect(t, "received when idle", len(must(server.in.Receive(1))), 0)
			expect(t, "wait when idle", server.in.Wait(ctx, time.Now().Add(time.Millisecond)), false)
			sendOne(t, client.out, "x", Address{})
			wait(t, server.in)
			expect(t, "ready twice", server.in.Ready(), true)
			expect(t, "received", len(must(server.in.Receive(1))), 1)
		}
	})
}

func TestStreamingAgainClosesTheStreamsOfBefore(t *testing.T) {
	n := network(t)
	old := openUDP(t, n, IPv4, Address{})
	must(old.out.CheckSend())
	next := streamUDP(t, old.UDP, Address{})
	_, err := old.in.Receive(1)
	expect(t, "receive", err, InvalidState)
	_, err = old.out.CheckSend()
	expect(t, "check-send", err, InvalidState)
	_, err = old.out.Send([]Datagram{{nil, next.here()}})
	expect(t, "send", err, InvalidState)
	expect(t, "ready", old.in.Ready() && old.out.Ready(), true)
	sendOne(t, next.out, "to myself", next.here())
	data, from := receiveOne(t, next.in)
	expect(t, "received", data, "to myself")
	expect(t, "from", from, next.here())
}

// Somebody else may close a stream while what it gave is still being read; nobody else's bytes may appear there.
func TestWhatAReceiveGaveIsNotOverwrittenByAClose(t *testing.T) {
	n := network(t)
	server := openUDP(t, n, IPv4, Address{})
	client := openUDP(t, n, IPv4, server.here())
	want := strings.Repeat("a", 10000)
	sendOne(t, client.out, want, Address{})
	wait(t, server.in)
	got := must(server.in.Receive(1))
	n.Close()
	other := network(t)
	server = openUDP(t, other, IPv4, Address{})
	for range 10 {
		sendOne(t, server.out, strings.Repeat("b", 10000), server.here())
		must(server.in.Receive(1))
	}
	expect(t, "as received", string(got[0].Data) == want, true)
}
