package sockets

import (
	"bytes"
	"io"
	"sync"
	"testing"
	"time"
)

// These tests show that the fake network is one: that what the tables do not reach behaves as on a real one, and that
// waiting works.

func TestOnAFakeNetworkMoreThanTheBuffersGoesBothWays(t *testing.T) {
	n, _ := fakeNetwork(t)
	client, server := pair(t, n, IPv6)
	data := noise(2 << 20)
	var ends sync.WaitGroup
	for _, p := range []peer{client, server} {
		ends.Go(func() {
			expect(t, "write", writeAll(p.out, data), nil)
			expect(t, "shutdown", p.Shutdown(ShutdownSend), nil)
		})
		ends.Go(func() {
			got, err := readAll(p.in)
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("got %d bytes of %d, %v", len(got), len(data), err)
			}
		})
	}
	ends.Wait()
}

func TestOnAFakeNetworkAWriterMeetsFullBuffers(t *testing.T) {
	n, _ := fakeNetwork(t)
	client, server := pair(t, n, IPv4)
	check(t, client.SetSendBufferSize(8<<10))
	check(t, server.SetReceiveBufferSize(8<<10))
	for must(client.out.CheckWrite()) > 0 {
		check(t, client.out.Write(make([]byte, 4<<10)))
	}
	expect(t, "ready when full", client.out.Ready(), false)
	expect(t, "read", readFull(server.in, make([]byte, 8<<10)), nil)
	wait(t, client.out)
	expect(t, "permitted again", must(client.out.CheckWrite()), uint64(MaxPermit))
}

func TestOnAFakeNetworkClosingWithBytesUnreadResets(t *testing.T) {
	n, _ := fakeNetwork(t)
	client, server := pair(t, n, IPv4)
	check(t, writeAll(client.out, []byte("unread")))
	server.closeAll()
	_, err := readSome(client.in, make([]byte, 1))
	expect(t, "read", err, ConnectionReset)
	_, err = client.in.Read(make([]byte, 1))
	expect(t, "read again", err, io.EOF)
	_, err = client.out.CheckWrite()
	check(t, err)
	expect(t, "write", client.out.Write([]byte("x")), io.ErrClosedPipe)
}

func TestOnAFakeNetworkAWriteBehindAFINIsAnsweredByClosed(t *testing.T) {
	n, _ := fakeNetwork(t)
	client, server := pair(t, n, IPv4)
	server.closeAll()
	_, err := readSome(client.in, make([]byte, 1))
	expect(t, "read", err, io.EOF)
	must(client.out.CheckWrite())
	check(t, client.out.Write([]byte("nobody takes it")))
	must(client.out.CheckWrite())
	expect(t, "write again", client.out.Write([]byte("x")), io.ErrClosedPipe)
}

func TestOnAFakeNetworkAConnectWaitsForRoomInTheQueue(t *testing.T) {
	n, _ := fakeNetwork(t)
	l := bind(t, n, loopbackOf(IPv4))
	check(t, l.SetListenBacklogSize(1))
	check(t, l.StartListen())
	check(t, l.FinishListen())
	at := must(l.LocalAddress())
	dial(t, n, at)
	dial(t, n, at)
	var late []*TCP
	for range 2 {
		c := must(n.NewTCP(IPv4))
		check(t, c.StartConnect(at))
		expect(t, "connected at once", c.Ready(), false)
		late = append(late, c)
	}

	accept(t, l)
	wait(t, late[0])
	_, _, err := late[0].FinishConnect()
	expect(t, "with room in the queue", err, nil)
	l.Close()
	wait(t, late[1])
	_, _, err = late[1].FinishConnect()
	expect(t, "when nobody listens any more", err, ConnectionRefused)
}

func TestOnAFakeNetworkAWaitEndsWithWhatItWaitsFor(t *testing.T) {
	n, _ := fakeNetwork(t)
	client, server := pair(t, n, IPv4)
	soon := func(f func()) { time.AfterFunc(time.Millisecond, f) }

	soon(func() { writeAll(client.out, []byte("hello")) })
	var p [5]byte
	got := must(server.in.BlockingRead(ctx, p[:]))
	expect(t, "read", string(p[:got]), "hello")
	expect(t, "a wait for nothing", server.in.Wait(ctx, time.Now().Add(time.Millisecond)), false)
	soon(server.in.Close)
	expect(t, "a wait that is closed", server.in.Wait(ctx, time.Now().Add(patience)), true)

	a, b := openUDP(t, n, IPv4, Address{}), openUDP(t, n, IPv4, Address{})
	must(a.out.CheckSend())
	soon(func() { a.out.Send([]Datagram{{[]byte("datagram"), b.here()}}) })
	expect(t, "a wait for a datagram", b.in.Wait(ctx, time.Now().Add(patience)), true)
	data, from := receiveOne(t, b.in)
	expect(t, "received", data, "datagram")
	expect(t, "sender", from, a.here())
}

func TestOnAFakeNetworkACallFailsOnceForEachTimeItIsToldTo(t *testing.T) {
	n, sys := fakeNetwork(t)
	s := must(n.NewTCP(IPv4))
	sys.fail("bind", errnos["EADDRINUSE"])
	sys.fail("bind", errnos["EADDRNOTAVAIL"])
	expect(t, "first", s.StartBind(loopbackOf(IPv4)), AddressInUse)
	expect(t, "second", s.StartBind(loopbackOf(IPv4)), AddressNotBindable)
	expect(t, "third", s.StartBind(loopbackOf(IPv4)), nil)
}
