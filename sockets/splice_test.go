package sockets

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
)

type spliceAnswer struct {
	k     int
	moved bool
	err   error
}

// spliced runs the test on the system, if it can splice, and on the fake one.
func spliced(t *testing.T, test func(t *testing.T, n *Network)) {
	t.Run("system", func(t *testing.T) {
		n := network(t)
		if p := n.takePipe(); p == nil {
			t.Skip("this system cannot splice")
		} else {
			n.returnPipe(p)
		}
		test(t, n)
	})
	t.Run("fake", func(t *testing.T) {
		n, _ := fakeNetwork(t)
		test(t, n)
	})
}

// TestSpliceMovesEveryByteAtThePaceOfItsPeer: with small buffers, so that what does not fit waits in the Output.
func TestSpliceMovesEveryByteAtThePaceOfItsPeer(t *testing.T) {
	spliced(t, func(t *testing.T, n *Network) {
		giver, from := pair(t, n, IPv4)
		to, taker := pair(t, n, IPv4)
		for _, p := range []peer{giver, from, to, taker} {
			defer p.closeAll()
		}
		check(t, to.SetSendBufferSize(4096))
		check(t, taker.SetReceiveBufferSize(4096))
		sent := make([]byte, 1<<16)
		rand.NewChaCha8([32]byte{1}).Read(sent)

		var got []byte
		var permit uint64
		waited := 0
		left, buf := sent, make([]byte, 9000)
		for len(got) < len(sent) {
			if p, err := giver.out.CheckWrite(); err != nil {
				t.Fatal(err)
			} else if p := min(p, uint64(len(left))); p > 0 {
				check(t, giver.out.Write(left[:p]))
				left = left[p:]
			}
			var err error
			if permit, err = to.out.CheckWrite(); err != nil {
				t.Fatal(err)
			}
			if permit == 0 {
				waited++
			} else if _, moved, err := to.out.Splice(from.in, int(permit)); err != nil || !moved {
				t.Fatalf("moved %v: %v", moved, err)
			}
			k, err := taker.in.Read(buf)
			check(t, err)
			got = append(got, buf[:k]...)
		}
		expect(t, "every byte as it was sent", bytes.Equal(got, sent), true)
		if waited == 0 {
			t.Error("the taker was never slow")
		}
	})
}

func TestSpliceAnswersAsReadAndWriteDo(t *testing.T) {
	spliced(t, func(t *testing.T, n *Network) {
		giver, from := pair(t, n, IPv4)
		to, taker := pair(t, n, IPv4)
		for _, p := range []peer{giver, from, to, taker} {
			defer p.closeAll()
		}

		_, _, err := to.out.Splice(from.in, 1)
		var permit *PermitError
		expect(t, "without a permit", errors.As(err, &permit), true)
		must(to.out.CheckWrite())
		k, moved, err := to.out.Splice(from.in, 10)
		expect(t, "nothing now", spliceAnswer{k, moved, err}, spliceAnswer{0, true, nil})
		k, moved, err = to.out.Splice(from.in, 0)
		expect(t, "none wanted", spliceAnswer{k, moved, err}, spliceAnswer{0, true, nil})

		must(giver.out.CheckWrite())
		check(t, giver.out.Write([]byte("hello")))
		wait(t, from.in)
		must(to.out.CheckWrite())
		k, _, err = to.out.Splice(from.in, 10)
		expect(t, "what there is", spliceAnswer{k, true, err}, spliceAnswer{5, true, nil})
		check(t, to.out.Write(make([]byte, MaxPermit-5)))
		expect(t, "the rest of the permit", errors.As(to.out.Write([]byte("x")), &permit), true)

		check(t, giver.Shutdown(ShutdownSend))
		wait(t, from.in)
		must(to.out.CheckWrite())
		for range 2 {
			_, _, err = to.out.Splice(from.in, 10)
			expect(t, "the end", err, io.EOF)
		}
		check(t, to.Shutdown(ShutdownSend))
		_, _, err = to.out.Splice(from.in, 10)
		expect(t, "a sink that is shut down", err, error(io.ErrClosedPipe))
	})
}

// TestSpliceIsGivenUpWhereTheSystemMovesNothing: a filter of system calls may let a pipe be made all the same.
func TestSpliceIsGivenUpWhereTheSystemMovesNothing(t *testing.T) {
	n, f := fakeNetwork(t)
	giver, from := pair(t, n, IPv4)
	to, taker := pair(t, n, IPv4)
	for _, p := range []peer{giver, from, to, taker} {
		defer p.closeAll()
	}
	must(giver.out.CheckWrite())
	check(t, giver.out.Write([]byte("hello")))
	wait(t, from.in)
	must(to.out.CheckWrite())
	f.fail("fill", NotSupported)
	for range 2 {
		k, moved, err := to.out.Splice(from.in, 10)
		expect(t, "not moved", spliceAnswer{k, moved, err}, spliceAnswer{0, false, nil})
	}
	buf := make([]byte, 10)
	expect(t, "what is read instead", string(buf[:must(from.in.Read(buf))]), "hello")
	check(t, to.out.Write(make([]byte, MaxPermit))) // all of the permit is left
}

// TestSpliceFromAConnectionToItself is an echo.
func TestSpliceFromAConnectionToItself(t *testing.T) {
	spliced(t, func(t *testing.T, n *Network) {
		client, server := pair(t, n, IPv6)
		defer client.closeAll()
		defer server.closeAll()
		must(client.out.CheckWrite())
		check(t, client.out.Write([]byte("there and back")))
		wait(t, server.in)
		must(server.out.CheckWrite())
		k, moved, err := server.out.Splice(server.in, MaxPermit)
		expect(t, "moved", spliceAnswer{k, moved, err}, spliceAnswer{14, true, nil})
		wait(t, client.in)
		buf := make([]byte, 100)
		k = must(client.in.Read(buf))
		expect(t, "came back", string(buf[:k]), "there and back")
	})
}
