package hostimpl

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/sockets"
)

// What hosts commonly get wrong of wasi:io, for streams of every kind.

// wantReadyBeforeReads reads a stream to its end, and never is a stream that its
// pollable calls ready empty.
func wantReadyBeforeReads(t *testing.T, h *Host, want string) {
	t.Helper()
	ctx := context.Background()
	s := must(h.GetStdin(ctx))
	defer s.Close(ctx)
	p := must(s.Subscribe(ctx))
	var got strings.Builder
	for size := uint64(1); ; size = size%7 + 1 {
		within(t, func() { must(testPoller.Poll(ctx, []poll.Pollable{p, p})) })
		b, err := s.Read(ctx, size)
		if err != nil {
			wantError(t, "at the end", err, closed)
			break
		}
		if len(b) == 0 || uint64(len(b)) > size {
			t.Fatalf("a ready stream gave %d bytes of %d", len(b), size)
		}
		got.Write(b)
	}
	equal(t, "all of it", got.String(), want)
	equal(t, "ready at the end", must(p.Ready(ctx)), true)
}

func TestAReadyStreamIsNeverEmpty(t *testing.T) {
	const text = "what is read piece by piece"
	pieces := func(w io.WriteCloser) {
		for part := range strings.SplitAfterSeq(text, " ") {
			io.WriteString(w, part)
			time.Sleep(time.Millisecond)
		}
		w.Close()
	}
	t.Run("reader", func(t *testing.T) {
		wantReadyBeforeReads(t, host(t, Config{Stdin: strings.NewReader(text)}), text)
	})
	t.Run("file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "in")
		check(t, os.WriteFile(path, []byte(text), 0o600))
		f, err := os.Open(path)
		check(t, err)
		defer f.Close()
		wantReadyBeforeReads(t, host(t, Config{Stdin: f}), text)
	})
	t.Run("the null device", func(t *testing.T) {
		f, err := os.Open(os.DevNull)
		check(t, err)
		defer f.Close()
		wantReadyBeforeReads(t, host(t, Config{Stdin: f}), "")
	})
	t.Run("pipe", func(t *testing.T) {
		r, w, err := os.Pipe()
		check(t, err)
		defer r.Close()
		go pieces(w)
		wantReadyBeforeReads(t, host(t, Config{Stdin: r}), text)
	})
	t.Run("connection", func(t *testing.T) {
		r, w := net.Pipe()
		defer r.Close()
		go pieces(w)
		wantReadyBeforeReads(t, host(t, Config{Stdin: r}), text)
	})
}

// A pollable that is ready while check-write permits nothing makes guests spin; one
// that is not while it permits something makes them wait for nothing.
func TestAnOutputIsReadyExactlyWhenItPermits(t *testing.T) {
	ctx := context.Background()
	r, w, err := os.Pipe()
	check(t, err)
	defer r.Close()
	defer w.Close()
	var stopped gate
	stopped.mu.Lock()
	for name, c := range map[string]struct {
		out    *output
		fill   int // writes that it takes
		refill func()
	}{
		"none":             {newOutput(nil), -1, nil},
		"writer":           {newOutput(&bytes.Buffer{}), -1, nil},
		"pipe":             {newOutput(w), 1 << 20, func() { io.CopyN(io.Discard, r, roomyWrite) }},
		"terminal stopped": {gated(&stopped), 1, stopped.mu.Unlock},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.out.open()
			p := must(s.Subscribe(ctx))
			for writes := 0; writes < 100; writes++ {
				ready := must(p.Ready(ctx))
				permit := must(s.CheckWrite(ctx))
				equal(t, "ready", ready, permit > 0)
				if permit == 0 {
					if c.refill == nil || writes > c.fill {
						t.Fatalf("no permit after %d writes", writes)
					}
					c.refill()
					within(t, func() { check(t, p.Block(ctx)) })
					if must(s.CheckWrite(ctx)) == 0 {
						t.Fatal("ready without a permit")
					}
					return
				}
				check(t, s.Write(ctx, make([]byte, permit)))
			}
			equal(t, "fills up", c.refill != nil, false)
		})
	}
}

func TestWritesToTheLetter(t *testing.T) {
	ctx := context.Background()
	t.Run("a blocking write of nothing flushes all the same", func(t *testing.T) {
		u := &tube{room: 9}
		s := outputOf(u)
		check(t, s.BlockingWriteAndFlush(ctx, nil))
		check(t, s.BlockingWriteZeroesAndFlush(ctx, 0))
		check(t, s.BlockingFlush(ctx))
		equal(t, "flushes", u.flushes, 3)
	})
	t.Run("wake-ups for nothing end no blocking call", func(t *testing.T) {
		u, in := &tube{}, &tube{}
		stop := make(chan struct{})
		go func() {
			for range 200 {
				u.bell.ring()
				in.bell.ring()
				time.Sleep(100 * time.Microsecond)
			}
			u.set(func() { u.room = 100 })
			time.Sleep(soon)
			in.set(func() { in.data = []byte("x") })
			close(stop)
		}()
		within(t, func() { check(t, outputOf(u).BlockingWriteAndFlush(ctx, []byte("abc"))) })
		within(t, func() { equal(t, "read", string(must(inputOf(in).BlockingRead(ctx, 1))), "x") })
		<-stop
	})
	t.Run("a sink that fails in the middle of a splice tells why, and what was read is lost", func(t *testing.T) {
		in := &tube{data: []byte("abcdef")}
		for _, failed := range []error{syscall.EIO, io.ErrClosedPipe} {
			out := &tube{room: 2}
			sink := &failsAfterPermit{tubeSink{out}, failed}
			_, err := newOutputStream(sink, nil).Splice(ctx, inputOf(in), 2)
			if failed == io.ErrClosedPipe {
				wantError(t, "splice", err, closed)
			} else {
				lastFailure(t, err)
			}
		}
		equal(t, "what is left", string(in.data), "ef")
	})
}

type failsAfterPermit struct {
	tubeSink
	err error
}

func (s *failsAfterPermit) Write([]byte) error { return s.err }

func TestWhatBelongsToNothing(t *testing.T) {
	ctx := context.Background()
	type child interface{ Parent() any }
	t.Run("an error outlives its stream and tells its code again and again", func(t *testing.T) {
		s := inputOf(&tube{err: syscall.EISDIR})
		_, err := s.Read(ctx, 1)
		f := lastFailure(t, err)
		check(t, s.Close(ctx))
		for range 2 {
			equal(t, "code", *must(fileErrors{}.FilesystemErrorCode(ctx, f)), filesystem.ErrorCodeIsDirectory)
			equal(t, "network code", must(networkErrors{}.NetworkErrorCode(ctx, f)), nil)
			if text := must(f.ToDebugString(ctx)); text == "" {
				t.Error("it says nothing")
			}
		}
		_, is := f.(child)
		equal(t, "a child", is, false)
	})
	t.Run("a timer", func(t *testing.T) {
		_, is := must(newClock(nil).SubscribeDuration(ctx, 1)).(child)
		equal(t, "a child", is, false)
	})
	t.Run("standard streams", func(t *testing.T) {
		h := host(t, Config{})
		in := must(h.GetStdin(ctx)).(child)
		equal(t, "parent", in.Parent(), nil)
		equal(t, "parent", must(h.cli.GetStdout(ctx)).(child).Parent(), nil)
	})
	t.Run("every error is of one kind", func(t *testing.T) {
		for _, err := range []error{syscall.EPIPE, sockets.ConnectionReset, io.ErrUnexpectedEOF, context.DeadlineExceeded} {
			_, got := inputOf(&tube{err: err}).Read(ctx, 1)
			f := lastFailure(t, got)
			file := must(fileErrors{}.FilesystemErrorCode(ctx, f)) != nil
			network := must(networkErrors{}.NetworkErrorCode(ctx, f)) != nil
			equal(t, "one of the two", file != network, true)
		}
	})
}
