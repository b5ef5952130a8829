package hostimpl

import (
	"bytes"
	"context"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/tcp"
)

// TestTCPSymptoms has what users of other hosts reported, by the words in which they did.
// Here is what must happen instead.
func TestTCPSymptoms(t *testing.T) {
	ctx := context.Background()
	h := host(t, open("all"))
	l := listen(t, h)
	addr := must(l.LocalAddress(ctx))
	n := must(h.network.InstanceNetwork(ctx))

	// dial is a connection of the guest whose peer is a Go program.
	dial := func(t *testing.T) (s tcp.TCPSocket, in *inputStream, out *outputStream, peer *net.TCPConn) {
		t.Helper()
		peer = must(net.Dial("tcp", addressIn(addr).String())).(*net.TCPConn)
		s, i, o := accept(t, l)
		t.Cleanup(func() {
			peer.Close()
			closeAll(t, i, o, s)
		})
		return s, i.(*inputStream), o.(*outputStream), peer
	}
	ready := func(t *testing.T, s interface {
		Subscribe(context.Context) (poll.Pollable, error)
	}) bool {
		t.Helper()
		return must(must(s.Subscribe(ctx)).Ready(ctx))
	}

	t.Run("pollable ready, then read of 0 bytes", func(t *testing.T) {
		_, in, _, peer := dial(t)
		for range 50 {
			peer.Write([]byte("x"))
			within(t, func() { check(t, must(in.Subscribe(ctx)).Block(ctx)) })
			equal(t, "read", string(must(in.Read(ctx, 100))), "x")
		}
	})
	t.Run("empty read taken for EOF", func(t *testing.T) {
		_, in, _, peer := dial(t)
		equal(t, "idle", len(must(in.Read(ctx, 100))), 0)
		peer.Write([]byte("late"))
		within(t, func() { equal(t, "read", string(must(in.BlockingRead(ctx, 100))), "late") })
	})
	t.Run("once readable, always readable", func(t *testing.T) {
		_, in, _, peer := dial(t)
		peer.Write([]byte("x"))
		within(t, func() { must(in.BlockingRead(ctx, 100)) })
		equal(t, "ready after everything was read", ready(t, in), false)
	})
	t.Run("closed seen only after an extra poll and read", func(t *testing.T) {
		_, in, _, peer := dial(t)
		peer.Write([]byte("last"))
		peer.Close()
		within(t, func() { equal(t, "read", string(must(in.BlockingRead(ctx, 100))), "last") })
		within(t, func() { check(t, must(in.Subscribe(ctx)).Block(ctx)) })
		_, err := in.Read(ctx, 100)
		wantError(t, "the next read", err, closed)
	})
	t.Run("blocking-read hanging at end of stream", func(t *testing.T) {
		_, in, _, peer := dial(t)
		peer.Close()
		within(t, func() {
			_, err := in.BlockingRead(ctx, 100)
			wantError(t, "blocking-read", err, closed)
		})
	})
	t.Run("shutdown leaving streams open", func(t *testing.T) {
		s, in, out, peer := dial(t)
		check(t, s.Shutdown(ctx, tcp.ShutdownTypeBoth))
		_, err := in.Read(ctx, 100)
		wantError(t, "read", err, closed)
		_, err = out.CheckWrite(ctx)
		wantError(t, "check-write", err, closed)
		equal(t, "what the peer reads", len(must(io.ReadAll(peer))), 0)
	})
	t.Run("connect after bind refused", func(t *testing.T) {
		s := must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4))
		check(t, s.StartBind(ctx, n, loopback))
		check(t, s.FinishBind(ctx))
		bound := must(s.LocalAddress(ctx))
		check(t, s.StartConnect(ctx, n, addr))
		within(t, func() { check(t, must(s.Subscribe(ctx)).Block(ctx)) })
		in, out, err := s.FinishConnect(ctx)
		check(t, err)
		equal(t, "local address", must(s.LocalAddress(ctx)), bound)
		p, pin, pout := accept(t, l)
		closeAll(t, in, out, s, pin, pout, p)
	})
	t.Run("wildcard bind refused", func(t *testing.T) {
		for _, family := range []network.IPAddressFamily{network.IPAddressFamilyIPv4, network.IPAddressFamilyIPv6} {
			var any network.IPSocketAddress = network.IPSocketAddressIPv4{}
			if family == network.IPAddressFamilyIPv6 {
				any = network.IPSocketAddressIPv6{}
			}
			s := must(h.network.CreateTCPSocket(ctx, family))
			check(t, s.StartBind(ctx, n, any))
			check(t, s.FinishBind(ctx))
			check(t, s.StartListen(ctx))
			check(t, s.FinishListen(ctx))
			closeAll(t, s)
		}
	})
	t.Run("a just-connected socket readable", func(t *testing.T) {
		s, in, out := connect(t, h, addr)
		equal(t, "ready", ready(t, in), false)
		p, pin, pout := accept(t, l)
		equal(t, "the other end", ready(t, pin.(*inputStream)), false)
		closeAll(t, in, out, s, pin, pout, p)
	})
	t.Run("poll of an unconnected socket ready for ever", func(t *testing.T) {
		// A listener whose queue is full lets nobody in.
		full := must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4))
		check(t, full.SetListenBacklogSize(ctx, 1))
		check(t, full.StartBind(ctx, n, loopback))
		check(t, full.FinishBind(ctx))
		check(t, full.StartListen(ctx))
		check(t, full.FinishListen(ctx))
		to := must(full.LocalAddress(ctx))
		var waiting []closer
		for pending := 0; pending == 0; {
			s := must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4))
			waiting = append(waiting, s)
			check(t, s.StartConnect(ctx, n, to))
			time.Sleep(soon)
			if !ready(t, s) { // the call that is not finished is what is waited for
				pending++
				_, _, err := s.FinishConnect(ctx)
				wantError(t, "finish-connect", err, network.ErrorCodeWouldBlock)
				equal(t, "ready again", ready(t, s), false)
			}
			if len(waiting) > 20 {
				t.Fatal("the queue does not fill")
			}
		}
		closeAll(t, waiting...)
		closeAll(t, full)
	})
	t.Run("nonblocking connect completing synchronously", func(t *testing.T) {
		s := must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4))
		check(t, s.StartConnect(ctx, n, addr))
		wantError(t, "start-connect again", s.StartConnect(ctx, n, addr), network.ErrorCodeConcurrencyConflict)
		_, err := s.RemoteAddress(ctx)
		wantError(t, "remote-address before finish-connect", err, network.ErrorCodeInvalidState)
		within(t, func() { check(t, must(s.Subscribe(ctx)).Block(ctx)) })
		in, out, err := s.FinishConnect(ctx)
		check(t, err)
		p, pin, pout := accept(t, l)
		closeAll(t, in, out, s, pin, pout, p)
	})
	t.Run("ECONNABORTED in accept ending the listener", func(t *testing.T) {
		c := must(net.Dial("tcp", addressIn(addr).String())).(*net.TCPConn)
		check(t, c.SetLinger(0))
		c.Close()
		// Linux hands out a connection that was reset in the queue; others abort it.
		within(t, func() { check(t, must(l.Subscribe(ctx)).Block(ctx)) })
		s, in, out, err := l.Accept(ctx)
		if err == nil {
			closeAll(t, in, out, s)
		} else {
			wantError(t, "accept", err, network.ErrorCodeConnectionAborted)
		}
		equal(t, "listening", must(l.IsListening(ctx)), true)
		dial(t)
	})
	t.Run("EPIPE against ECONNABORTED", func(t *testing.T) {
		_, _, out, peer := dial(t)
		check(t, peer.SetLinger(0))
		peer.Close()
		// Whether the reset comes before the write or after it: one failure with the code
		// of a reset at most, and closed from then on.
		var ended error
		within(t, func() {
			for ended == nil {
				ended = out.BlockingWriteAndFlush(ctx, []byte("x"))
			}
		})
		if ended != error(closed) {
			code := must(networkErrors{}.NetworkErrorCode(ctx, lastFailure(t, ended)))
			equal(t, "code", *code, network.ErrorCodeConnectionReset)
		}
		_, err := out.CheckWrite(ctx)
		wantError(t, "afterwards", err, closed)
	})
	t.Run("zero-timeout poll loop starving sockets", func(t *testing.T) {
		_, in, _, peer := dial(t)
		now, p := must(h.clock.SubscribeDuration(ctx, 0)), must(in.Subscribe(ctx))
		time.AfterFunc(soon, func() { peer.Write([]byte("x")) })
		within(t, func() {
			for len(must(testPoller.Poll(ctx, []poll.Pollable{now, p}))) < 2 {
			}
		})
	})
	t.Run("IPv6 words byte-swapped", func(t *testing.T) {
		s := must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv6))
		one := network.IPSocketAddressIPv6{Value: network.IPv6SocketAddress{Address: [8]uint16{0, 0, 0, 0, 0, 0, 0, 1}}}
		check(t, s.StartBind(ctx, n, one))
		check(t, s.FinishBind(ctx))
		got := must(s.LocalAddress(ctx)).(network.IPSocketAddressIPv6).Value
		equal(t, "address", got.Address, one.Value.Address)
		closeAll(t, s)
	})
	t.Run("response one byte over the buffer limit freezing", func(t *testing.T) {
		for _, limit := range []int{maxRead, len(readBuffer{}), maxPermit, maxBlockingWrite} {
			_, in, out, peer := dial(t)
			text := bytes.Repeat([]byte("r"), limit+1)
			peer.Write(text)
			within(t, func() {
				for left := len(text); left > 0; {
					check(t, must(in.Subscribe(ctx)).Block(ctx))
					left -= len(must(in.Read(ctx, 1<<20)))
				}
			})
			equal(t, "ready after it", ready(t, in), false)
			within(t, func() {
				for b := text; len(b) > 0; {
					n := min(must(out.permit(ctx)), uint64(len(b)))
					check(t, out.Write(ctx, b[:n]))
					b = b[n:]
				}
				check(t, out.BlockingFlush(ctx))
			})
			got := make([]byte, len(text))
			must(io.ReadFull(peer, got))
			equal(t, "arrived", bytes.Equal(got, text), true)
		}
	})
	t.Run("64 KiB echo failing in both directions", func(t *testing.T) {
		_, in, out, peer := dial(t)
		text := bytes.Repeat([]byte("0123456789abcdef"), 4<<10)
		for range 20 {
			go peer.Write(text)
			within(t, func() {
				for left := len(text); left > 0; {
					b := must(in.BlockingRead(ctx, 1<<20))
					left -= len(b)
					for len(b) > 0 {
						n := must(out.permit(ctx))
						n = min(n, uint64(len(b)))
						check(t, out.Write(ctx, b[:n]))
						b = b[n:]
					}
				}
			})
			got := make([]byte, len(text))
			must(io.ReadFull(peer, got))
			equal(t, "echoed", bytes.Equal(got, text), true)
		}
	})
	t.Run("TCP echo at 64 KiB stalling 44 ms a round trip (delayed acknowledgement)", func(t *testing.T) {
		_, in, out, peer := dial(t)
		text := bytes.Repeat([]byte("0123456789abcdef"), 4<<10)
		var took []time.Duration
		for range 31 {
			start := time.Now()
			go peer.Write(text)
			back := make(chan error, 1)
			go func() { _, err := io.ReadFull(peer, make([]byte, len(text))); back <- err }()
			within(t, func() {
				// As a guest does that knows nothing but the call that waits: each write is far from a full segment.
				for left := len(text); left > 0; {
					b := must(in.BlockingRead(ctx, maxBlockingWrite))
					left -= len(b)
					check(t, out.BlockingWriteAndFlush(ctx, b))
				}
				check(t, <-back)
			})
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		if half := took[len(took)/2]; half > 30*time.Millisecond {
			t.Errorf("half of the rounds take %v or more", half)
		}
	})
	t.Run("a small write waiting for the acknowledgement of the one before", func(t *testing.T) {
		_, in, out, peer := dial(t)
		// With Nagle's algorithm against delayed acknowledgement each round takes 40 ms or
		// more: two writes, and the peer answers to both together.
		go func() {
			buf := make([]byte, 2)
			for {
				if _, err := io.ReadFull(peer, buf); err != nil {
					return
				}
				peer.Write(buf[:1])
			}
		}()
		const rounds = 50
		start := time.Now()
		within(t, func() {
			for range rounds {
				check(t, out.BlockingWriteAndFlush(ctx, []byte("a")))
				check(t, out.BlockingWriteAndFlush(ctx, []byte("b")))
				must(in.BlockingRead(ctx, 1))
			}
		})
		if each := time.Since(start) / rounds; each > 35*time.Millisecond {
			t.Errorf("a round takes %v", each)
		}
	})
	closeAll(t, l)
}
