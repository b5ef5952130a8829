package hostimpl

import (
	"bytes"
	"context"
	"io"
	"math"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component/cabi"
	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/sockets"
)

func TestInputStream(t *testing.T) {
	ctx := context.Background()
	t.Run("read of an open stream with no data is an empty list", func(t *testing.T) {
		b, err := inputOf(&tube{}).Read(ctx, 10)
		equal(t, "bytes", len(b), 0)
		check(t, err)
	})
	t.Run("the end is closed and never an empty list", func(t *testing.T) {
		s := inputOf(&tube{data: []byte("ab"), err: io.EOF})
		equal(t, "read", string(must(s.Read(ctx, 10))), "ab")
		for _, n := range []uint64{10, 0, 1} {
			_, err := s.Read(ctx, n)
			wantError(t, "read at the end", err, closed)
			_, err = s.BlockingRead(ctx, n)
			wantError(t, "blocking read at the end", err, closed)
			_, err = s.Skip(ctx, n)
			wantError(t, "skip at the end", err, closed)
		}
	})
	t.Run("read of nothing on an open stream is an empty list", func(t *testing.T) {
		s := inputOf(&tube{data: []byte("ab")})
		equal(t, "read", len(must(s.Read(ctx, 0))), 0)
		equal(t, "blocking read", len(must(inputOf(&tube{}).BlockingRead(ctx, 0))), 0)
		equal(t, "the data is still there", string(must(s.Read(ctx, 2))), "ab")
	})
	t.Run("read of everything there can be is short", func(t *testing.T) {
		s := inputOf(&tube{data: make([]byte, 1<<20)})
		equal(t, "read", len(must(s.Read(ctx, math.MaxUint64))), maxRead)
		equal(t, "skip", must(s.Skip(ctx, math.MaxUint64)), maxRead)
		equal(t, "read of few", len(must(s.Read(ctx, 3))), 3)
	})
	t.Run("blocking read gives at least one byte", func(t *testing.T) {
		u := &tube{}
		time.AfterFunc(soon, func() { u.bell.ring() }) // a wake-up for nothing
		time.AfterFunc(2*soon, func() { u.set(func() { u.data = []byte("x") }) })
		equal(t, "read", string(must(inputOf(u).BlockingRead(ctx, 5))), "x")
	})
	t.Run("skip counts what it drops", func(t *testing.T) {
		s := inputOf(&tube{data: []byte("abc")})
		equal(t, "skip", must(s.Skip(ctx, 2)), 2)
		equal(t, "blocking skip", must(s.BlockingSkip(ctx, 2)), 1)
		equal(t, "skip of nothing", must(s.Skip(ctx, 2)), 0)
	})
	t.Run("a failure is told once, and closed follows", func(t *testing.T) {
		s := inputOf(&tube{err: syscall.EISDIR})
		_, err := s.Read(ctx, 1)
		lastFailure(t, err)
		for range 2 {
			_, err = s.Read(ctx, 1)
			wantError(t, "after it", err, closed)
		}
	})
	t.Run("a blocking read or skip ends with its context", func(t *testing.T) {
		s := inputOf(&tube{})
		cancelled(t, func(ctx context.Context) error { _, err := s.BlockingRead(ctx, 1); return err })
		cancelled(t, func(ctx context.Context) error { _, err := s.BlockingSkip(ctx, 1); return err })
	})
	t.Run("a stream with nothing to read holds no buffer", func(t *testing.T) {
		s := inputOf(&tube{data: []byte("ab")})
		s.Read(ctx, 1)
		equal(t, "buffer while there may be more", s.buf != nil, true)
		s.Read(ctx, 1)
		s.Read(ctx, 1)
		equal(t, "buffer", s.buf != nil, false)
	})
	t.Run("drop closes the source", func(t *testing.T) {
		u := &tube{data: []byte("ab")}
		s := inputOf(u)
		s.Read(ctx, 1)
		check(t, s.Close(ctx))
		equal(t, "closed", u.closes, 1)
	})
}

func TestOutputStream(t *testing.T) {
	ctx := context.Background()
	t.Run("check-write gives the permit of the sink, below 2^32", func(t *testing.T) {
		equal(t, "no room", must(outputOf(&tube{}).CheckWrite(ctx)), 0)
		equal(t, "room", must(outputOf(&tube{room: 9}).CheckWrite(ctx)), 9)
		equal(t, "endless room", must(outputOf(&tube{room: 1 << 40}).CheckWrite(ctx)), math.MaxUint32)
	})
	t.Run("write beyond the permit traps", func(t *testing.T) {
		s := outputOf(&tube{room: 4})
		wantError(t, "without a permit", s.Write(ctx, []byte("a")), cabi.ErrContract)
		must(s.CheckWrite(ctx))
		wantError(t, "one more", s.Write(ctx, []byte("abcde")), cabi.ErrContract)
		check(t, s.Write(ctx, nil))
		check(t, s.Write(ctx, []byte("ab")))
		check(t, s.Write(ctx, []byte("cd")))
		wantError(t, "used up", s.Write(ctx, []byte("e")), cabi.ErrContract)
	})
	t.Run("write-zeroes beyond the permit traps", func(t *testing.T) {
		for _, n := range []uint64{5, maxPermit + 1, math.MaxUint64} {
			s := outputOf(&tube{room: 4})
			must(s.CheckWrite(ctx))
			wantError(t, "write-zeroes", s.WriteZeroes(ctx, n), cabi.ErrContract)
		}
		u := &tube{room: 4}
		s := outputOf(u)
		must(s.CheckWrite(ctx))
		check(t, s.WriteZeroes(ctx, 3))
		equal(t, "written", string(u.wrote), "\x00\x00\x00")
	})
	t.Run("a closed stream says closed and does not trap", func(t *testing.T) {
		u := &tube{room: 4}
		s := outputOf(u)
		must(s.CheckWrite(ctx))
		u.set(func() { u.failed = io.ErrClosedPipe })
		_, err := s.CheckWrite(ctx)
		wantError(t, "check-write", err, closed)
		wantError(t, "write", s.Write(ctx, make([]byte, 100)), closed)
		wantError(t, "write-zeroes", s.WriteZeroes(ctx, math.MaxUint64), closed)
		wantError(t, "flush", s.Flush(ctx), closed)
		wantError(t, "blocking-flush", s.BlockingFlush(ctx), closed)
		wantError(t, "blocking-write-and-flush", s.BlockingWriteAndFlush(ctx, []byte("x")), closed)
		wantError(t, "blocking-write-and-flush of nothing", s.BlockingWriteAndFlush(ctx, nil), closed)
		_, err = s.Splice(ctx, inputOf(&tube{data: []byte("x")}), 1)
		wantError(t, "splice", err, closed)
		equal(t, "ready", must(must(s.Subscribe(ctx)).Ready(ctx)), true)
	})
	t.Run("a failure is told once, and closed follows", func(t *testing.T) {
		s := outputOf(&tube{failed: syscall.ENOSPC})
		_, err := s.CheckWrite(ctx)
		lastFailure(t, err)
		wantError(t, "after it", s.Write(ctx, nil), closed)
	})
	t.Run("a blocking write waits for room and needs no permit", func(t *testing.T) {
		u := &tube{}
		s := outputOf(u)
		time.AfterFunc(soon, func() { u.set(func() { u.room = 3 }) })
		time.AfterFunc(2*soon, func() { u.set(func() { u.room = 100 }) })
		check(t, s.BlockingWriteAndFlush(ctx, []byte("abcdef")))
		equal(t, "written", string(u.wrote), "abcdef")
		check(t, s.BlockingWriteZeroesAndFlush(ctx, 2))
		equal(t, "written", string(u.wrote), "abcdef\x00\x00")
	})
	t.Run("a blocking write of more than 4096 bytes traps, of 4096 does not", func(t *testing.T) {
		u := &tube{room: 1 << 20}
		s := outputOf(u)
		check(t, s.BlockingWriteAndFlush(ctx, make([]byte, 4096)))
		check(t, s.BlockingWriteZeroesAndFlush(ctx, 4096))
		wantError(t, "write", s.BlockingWriteAndFlush(ctx, make([]byte, 4097)), cabi.ErrContract)
		wantError(t, "zeroes", s.BlockingWriteZeroesAndFlush(ctx, math.MaxUint64), cabi.ErrContract)
		equal(t, "written", len(u.wrote), 8192)
	})
	t.Run("a stream that closes behind a complete blocking write was no failure", func(t *testing.T) {
		u := &tube{room: 3}
		time.AfterFunc(soon, func() { u.set(func() { u.failed = io.ErrClosedPipe }) })
		check(t, outputOf(u).BlockingWriteAndFlush(ctx, []byte("abc")))
	})
	t.Run("a stream that fails behind a complete blocking write was one", func(t *testing.T) {
		u := &tube{room: 3}
		time.AfterFunc(soon, func() { u.set(func() { u.failed = syscall.EIO }) })
		lastFailure(t, outputOf(u).BlockingWriteAndFlush(ctx, []byte("abc")))
	})
	t.Run("a blocking write whose stream closes in the middle says closed", func(t *testing.T) {
		u := &tube{room: 3}
		time.AfterFunc(soon, func() { u.set(func() { u.failed = io.ErrClosedPipe }) })
		wantError(t, "write", outputOf(u).BlockingWriteAndFlush(ctx, []byte("abcd")), closed)
	})
	t.Run("blocking-flush whose stream closes meanwhile says closed", func(t *testing.T) {
		u := &tube{}
		time.AfterFunc(soon, func() { u.set(func() { u.failed = io.ErrClosedPipe }) })
		wantError(t, "flush", outputOf(u).BlockingFlush(ctx), closed)
	})
	t.Run("blocking calls end with their context", func(t *testing.T) {
		s := outputOf(&tube{})
		cancelled(t, s.BlockingFlush)
		cancelled(t, func(ctx context.Context) error { return s.BlockingWriteAndFlush(ctx, []byte("x")) })
		cancelled(t, func(ctx context.Context) error { return s.BlockingWriteZeroesAndFlush(ctx, 1) })
		cancelled(t, func(ctx context.Context) error { _, err := s.BlockingSplice(ctx, inputOf(&tube{}), 1); return err })
		s = outputOf(&tube{room: 10})
		cancelled(t, func(ctx context.Context) error { _, err := s.BlockingSplice(ctx, inputOf(&tube{}), 1); return err })
	})
}

// TestCheckWriteNeverAnswers2To32OrMore has every stream that a guest can write to. The adapter of preview 1 cuts the
// answer to 32 bits, and Go guests wrote nothing.
func TestCheckWriteNeverAnswers2To32OrMore(t *testing.T) {
	ctx := context.Background()
	h := host(t, Config{Stdout: io.Discard, Network: open("all").Network})
	l := listen(t, h)
	s, in, connection := connect(t, h, must(l.LocalAddress(ctx)))
	none, discard := must(h.cli.GetStderr(ctx)), must(h.cli.GetStdout(ctx))
	for what, s := range map[string]streams.OutputStream{
		"no writer": none, "a writer": discard, "a connection": connection, "endless room": outputOf(&tube{room: math.MaxUint64}),
	} {
		if n := must(s.CheckWrite(ctx)); n == 0 || n >= 1<<32 {
			t.Errorf("%s: %d", what, n)
		}
	}
	closeAll(t, none, discard, in, connection, s, l)
}

func TestSplice(t *testing.T) {
	ctx := context.Background()
	t.Run("it moves what both sides allow", func(t *testing.T) {
		in, out := &tube{data: []byte("abcdef")}, &tube{room: 4}
		equal(t, "by the length", must(outputOf(out).Splice(ctx, inputOf(in), 2)), 2)
		equal(t, "by the permit", must(outputOf(out).Splice(ctx, inputOf(in), math.MaxUint64)), 2)
		out.room = 100
		equal(t, "by the source", must(outputOf(out).Splice(ctx, inputOf(in), 100)), 2)
		equal(t, "by an empty source", must(outputOf(out).Splice(ctx, inputOf(in), 100)), 0)
		equal(t, "moved", string(out.wrote), "abcdef")
	})
	t.Run("without a permit or a length the source is not touched", func(t *testing.T) {
		in := &tube{data: []byte("ab")}
		equal(t, "no permit", must(outputOf(&tube{}).Splice(ctx, inputOf(in), 2)), 0)
		equal(t, "no length", must(outputOf(&tube{room: 2}).Splice(ctx, inputOf(in), 0)), 0)
		equal(t, "blocking, no length", must(outputOf(&tube{room: 2}).BlockingSplice(ctx, inputOf(in), 0)), 0)
		equal(t, "reads", in.reads, 0)
	})
	t.Run("the errors of either side are returned", func(t *testing.T) {
		_, err := outputOf(&tube{room: 2}).Splice(ctx, inputOf(&tube{err: io.EOF}), 2)
		wantError(t, "end of the source", err, closed)
		_, err = outputOf(&tube{room: 2}).Splice(ctx, inputOf(&tube{err: sockets.ConnectionReset}), 2)
		lastFailure(t, err)
		_, err = outputOf(&tube{failed: syscall.EIO}).BlockingSplice(ctx, inputOf(&tube{}), 2)
		lastFailure(t, err)
	})
	t.Run("blocking splice waits for the sink and for the source", func(t *testing.T) {
		in, out := &tube{}, &tube{}
		time.AfterFunc(soon, func() { out.set(func() { out.room = 4 }) })
		time.AfterFunc(2*soon, func() { in.set(func() { in.data = []byte("abcdef") }) })
		equal(t, "moved", must(outputOf(out).BlockingSplice(ctx, inputOf(in), 10)), 4)
	})
}

func TestErrorPayloads(t *testing.T) {
	ctx := context.Background()
	payload := func(err error) *failure {
		_, got := inputOf(&tube{err: err}).Read(ctx, 1)
		return lastFailure(t, got).(*failure)
	}
	t.Run("a socket's error has a network code only", func(t *testing.T) {
		f := payload(sockets.ConnectionReset)
		equal(t, "network", *must(networkErrors{}.NetworkErrorCode(ctx, f)), network.ErrorCodeConnectionReset)
		equal(t, "filesystem", must(fileErrors{}.FilesystemErrorCode(ctx, f)), nil)
	})
	t.Run("a file's error has a filesystem code only", func(t *testing.T) {
		f := payload(syscall.EISDIR)
		equal(t, "filesystem", *must(fileErrors{}.FilesystemErrorCode(ctx, f)), filesystem.ErrorCodeIsDirectory)
		equal(t, "network", must(networkErrors{}.NetworkErrorCode(ctx, f)), nil)
	})
	t.Run("an error without a number is io", func(t *testing.T) {
		f := payload(io.ErrShortWrite)
		equal(t, "filesystem", *must(fileErrors{}.FilesystemErrorCode(ctx, f)), filesystem.ErrorCodeIO)
	})
	t.Run("an error from elsewhere has no code and does not trap", func(t *testing.T) {
		equal(t, "network", must(networkErrors{}.NetworkErrorCode(ctx, nil)), nil)
		equal(t, "filesystem", must(fileErrors{}.FilesystemErrorCode(ctx, nil)), nil)
	})
	t.Run("the text names the cause", func(t *testing.T) {
		if s := must(payload(syscall.EISDIR).ToDebugString(ctx)); !strings.Contains(s, "is-directory") {
			t.Errorf("got %q", s)
		}
	})
	t.Run("the codes are the numbers of the interface", func(t *testing.T) {
		for c := sockets.Unknown; c <= sockets.PermanentResolverFailure; c++ {
			equal(t, "name", network.ErrorCode(c).Error(), c.Error())
		}
	})
}

// A read costs no allocation however large it is.
func TestReadsDoNotAllocate(t *testing.T) {
	ctx := context.Background()
	u := &tube{}
	s := inputOf(u)
	chunk := bytes.Repeat([]byte("x"), maxRead)
	got := testing.AllocsPerRun(100, func() {
		u.data = chunk
		s.Read(ctx, maxRead)
		s.Read(ctx, maxRead)
	})
	equal(t, "allocations", int(got), 0)
}
