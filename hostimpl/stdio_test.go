package hostimpl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tenon-wasm/tenon/component/cabi"
	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
	"github.com/tenon-wasm/tenon/internal/leaks"
)

// counted counts the reads that reach it.
type counted struct {
	mu    sync.Mutex
	reads int
	from  io.Reader
}

func (c *counted) Read(p []byte) (int, error) {
	c.mu.Lock()
	c.reads++
	c.mu.Unlock()
	return c.from.Read(p)
}

func (c *counted) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reads
}

func stdinOf(t *testing.T, r io.Reader) streams.InputStream {
	t.Helper()
	s := must(host(t, Config{Stdin: r}).GetStdin(context.Background()))
	t.Cleanup(func() { s.Close(context.Background()) })
	return s
}

// eachStdin runs a test with every kind of standard input that can be written to:
// what a file, a connection and any other Reader are read with differs.
func eachStdin(t *testing.T, test func(t *testing.T, in io.Reader, w io.WriteCloser)) {
	t.Run("pipe", func(t *testing.T) {
		leaks.None(t)
		r, w, err := os.Pipe()
		check(t, err)
		t.Cleanup(func() { r.Close(); w.Close() })
		test(t, r, w)
	})
	t.Run("connection", func(t *testing.T) {
		leaks.None(t)
		r, w := net.Pipe()
		t.Cleanup(func() { r.Close(); w.Close() })
		test(t, r, w)
	})
	t.Run("reader", func(t *testing.T) {
		leaks.None(t)
		r, w := io.Pipe()
		t.Cleanup(func() { r.Close(); w.Close() })
		test(t, r, w)
	})
}

func TestStdin(t *testing.T) {
	ctx := context.Background()
	t.Run("none is at its end", func(t *testing.T) {
		s := stdinOf(t, nil)
		equal(t, "ready", must(must(s.Subscribe(ctx)).Ready(ctx)), true)
		_, err := s.BlockingRead(ctx, 1)
		wantError(t, "read", err, closed)
	})
	t.Run("it is not read before the guest asks", func(t *testing.T) {
		c := &counted{from: strings.NewReader("ab")}
		s := stdinOf(t, c)
		must(s.Subscribe(ctx))
		s.Read(ctx, 0)
		time.Sleep(soon)
		equal(t, "reads", c.count(), 0)
		equal(t, "read", string(must(s.BlockingRead(ctx, 1))), "a")
		equal(t, "read", string(must(s.Read(ctx, 1))), "b")
		time.Sleep(soon)
		equal(t, "reads", c.count(), 1)
		_, err := s.BlockingRead(ctx, 1)
		wantError(t, "read", err, closed)
	})
	t.Run("of a file no more is taken than the guest asks for", func(t *testing.T) {
		leaks.None(t)
		r, w, err := os.Pipe()
		check(t, err)
		defer r.Close()
		defer w.Close()
		w.WriteString("abcdef")
		s := stdinOf(t, r)
		must(must(s.Subscribe(ctx)).Ready(ctx))
		equal(t, "read", string(must(s.Read(ctx, 2))), "ab")
		rest := make([]byte, 10)
		equal(t, "what is left to others", string(rest[:must(r.Read(rest))]), "cdef")
	})
	eachStdin(t, func(t *testing.T, in io.Reader, w io.WriteCloser) {
		s := stdinOf(t, in)
		p := must(s.Subscribe(ctx))
		equal(t, "read before there is anything", len(must(s.Read(ctx, 9))), 0)
		equal(t, "ready", must(p.Ready(ctx)), false)
		go w.Write([]byte("abc"))
		within(t, func() { check(t, p.Block(ctx)) })
		equal(t, "read", string(must(s.Read(ctx, 2))), "ab")
		equal(t, "read", string(must(s.BlockingRead(ctx, 2))), "c")
		cancelled(t, func(ctx context.Context) error { _, err := s.BlockingRead(ctx, 1); return err })
		cancelled(t, p.Block)
		go w.Write([]byte("d"))
		within(t, func() { equal(t, "read after a cancelled one", string(must(s.BlockingRead(ctx, 9))), "d") })
		go w.Close()
		within(t, func() {
			_, err := s.BlockingRead(ctx, 1)
			wantError(t, "at the end", err, closed)
		})
		equal(t, "ready at the end", must(p.Ready(ctx)), true)
		within(t, func() {
			must(testPoller.Poll(ctx, []poll.Pollable{p}))
		})
	})
	t.Run("a failure is told once with its code", func(t *testing.T) {
		dir, err := os.Open(t.TempDir())
		check(t, err)
		defer dir.Close()
		s := stdinOf(t, dir)
		_, err = s.BlockingRead(ctx, 1)
		code := must(fileErrors{}.FilesystemErrorCode(ctx, lastFailure(t, err)))
		equal(t, "code", *code, filesystem.ErrorCodeIsDirectory)
		_, err = s.BlockingRead(ctx, 1)
		wantError(t, "after it", err, closed)
	})
	t.Run("data comes before the failure behind it", func(t *testing.T) {
		s := stdinOf(t, io.MultiReader(strings.NewReader("ab"), brokenReader{}))
		equal(t, "read", string(must(s.BlockingRead(ctx, 9))), "ab")
		_, err := s.BlockingRead(ctx, 9)
		lastFailure(t, err)
		_, err = s.BlockingRead(ctx, 9)
		wantError(t, "after it", err, closed)
	})
	t.Run("a reader that never gives anything fails", func(t *testing.T) {
		_, err := stdinOf(t, emptyReader{}).BlockingRead(ctx, 9)
		lastFailure(t, err)
	})
	t.Run("a read that waits ends with the last handle, and loses nothing", func(t *testing.T) {
		leaks.None(t)
		r, w := net.Pipe()
		defer r.Close()
		defer w.Close()
		h := host(t, Config{Stdin: r})
		reading := func() bool {
			p := h.stdin.(*pump)
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.reading
		}
		a, b := must(h.GetStdin(ctx)), must(h.GetStdin(ctx))
		must(a.Read(ctx, 9))
		a.Close(ctx)
		time.Sleep(soon)
		equal(t, "reads while a handle is left", reading(), true)
		b.Close(ctx)
		eventually(t, func() bool { return !reading() })
		go w.Write([]byte("abc"))
		c := must(h.GetStdin(ctx))
		within(t, func() { equal(t, "read", string(must(c.BlockingRead(ctx, 9))), "abc") })
		c.Close(ctx)
	})
	t.Run("nobody waiting, no goroutine and no descriptor is kept for a file", func(t *testing.T) {
		leaks.None(t)
		r, w, err := os.Pipe()
		check(t, err)
		defer r.Close()
		defer w.Close()
		s := stdinOf(t, r)
		goroutines, files := runtime.NumGoroutine(), leaks.Descriptors()
		cancelled(t, func(ctx context.Context) error { _, err := s.BlockingRead(ctx, 1); return err })
		eventually(t, func() bool { return runtime.NumGoroutine() <= goroutines && leaks.Descriptors() <= files })
	})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, syscall.EIO }

type emptyReader struct{}

func (emptyReader) Read([]byte) (int, error) { return 0, nil }

type writer func(p []byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

func stdoutOf(t *testing.T, w io.Writer) streams.OutputStream {
	t.Helper()
	return must(host(t, Config{Stdout: w}).cli.GetStdout(context.Background()))
}

func TestStdout(t *testing.T) {
	ctx := context.Background()
	t.Run("what is written has arrived when the call returns", func(t *testing.T) {
		var b bytes.Buffer
		s := stdoutOf(t, &b)
		equal(t, "permit", must(s.CheckWrite(ctx)), maxPermit)
		check(t, s.Write(ctx, []byte("ab")))
		equal(t, "written", b.String(), "ab")
		check(t, s.BlockingWriteAndFlush(ctx, []byte("cd")))
		check(t, s.Flush(ctx))
		check(t, s.BlockingFlush(ctx))
		equal(t, "written", b.String(), "abcd")
	})
	t.Run("none takes everything", func(t *testing.T) {
		check(t, stdoutOf(t, nil).BlockingWriteAndFlush(ctx, []byte("ab")))
	})
	t.Run("each handle has its own permit", func(t *testing.T) {
		var b bytes.Buffer
		h := host(t, Config{Stdout: &b, Stderr: &b})
		one, two := must(h.cli.GetStdout(ctx)), must(h.cli.GetStderr(ctx))
		must(one.CheckWrite(ctx))
		must(two.CheckWrite(ctx))
		check(t, one.Write(ctx, make([]byte, maxPermit)))
		check(t, two.Write(ctx, make([]byte, maxPermit)))
		wantError(t, "beyond", one.Write(ctx, []byte("x")), cabi.ErrContract)
	})
	t.Run("a pipe without a reader is closed", func(t *testing.T) {
		r, w, err := os.Pipe()
		check(t, err)
		defer w.Close()
		s := stdoutOf(t, w)
		must(s.CheckWrite(ctx))
		r.Close()
		wantError(t, "write", s.Write(ctx, []byte("x")), closed)
		_, err = s.CheckWrite(ctx)
		wantError(t, "check-write", err, closed)
		wantError(t, "flush", s.BlockingFlush(ctx), closed)
	})
	t.Run("another failure is told once with its code", func(t *testing.T) {
		s := stdoutOf(t, writer(func([]byte) (int, error) {
			return 0, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
		}))
		err := s.BlockingWriteAndFlush(ctx, []byte("x"))
		code := must(fileErrors{}.FilesystemErrorCode(ctx, lastFailure(t, err)))
		equal(t, "code", *code, filesystem.ErrorCodeInsufficientSpace)
		wantError(t, "after it", s.BlockingWriteAndFlush(ctx, []byte("x")), closed)
	})
	t.Run("what is told of a failure is text, and names no file of the host", func(t *testing.T) {
		for _, cause := range []error{
			&os.PathError{Op: "write", Path: "/home/me/out.log", Err: syscall.ENOSPC}, errors.New("not text: \xff"),
		} {
			s := stdoutOf(t, writer(func([]byte) (int, error) { return 0, cause }))
			text := must(lastFailure(t, s.BlockingWriteAndFlush(ctx, []byte("x"))).ToDebugString(ctx))
			if text == "" || strings.Contains(text, "out.log") || !utf8.ValidString(text) {
				t.Errorf("it is told %q", text)
			}
		}
	})
	t.Run("a writer that takes less and says nothing has failed", func(t *testing.T) {
		s := stdoutOf(t, writer(func(p []byte) (int, error) { return len(p) - 1, nil }))
		lastFailure(t, s.BlockingWriteAndFlush(ctx, []byte("xy")))
	})
	t.Run("a full pipe makes the guest wait where it can be interrupted", func(t *testing.T) {
		leaks.None(t)
		r, w, err := os.Pipe()
		check(t, err)
		defer r.Close()
		defer w.Close()
		s := stdoutOf(t, w)
		p := must(s.Subscribe(ctx))
		total := 0
		for {
			n := must(s.CheckWrite(ctx))
			if n == 0 {
				break
			}
			check(t, s.Write(ctx, make([]byte, n)))
			total += int(n)
		}
		check(t, s.BlockingFlush(ctx)) // everything that was written is in the pipe
		equal(t, "ready while full", must(p.Ready(ctx)), false)
		cancelled(t, func(ctx context.Context) error { return s.BlockingWriteAndFlush(ctx, []byte("x")) })
		cancelled(t, p.Block)
		drained := make(chan struct{})
		time.AfterFunc(soon, func() {
			io.CopyN(io.Discard, r, int64(total))
			close(drained)
		})
		within(t, func() { check(t, s.BlockingWriteAndFlush(ctx, []byte("x"))) })
		within(t, func() {
			<-drained
			b := make([]byte, 1)
			must(io.ReadFull(r, b))
			equal(t, "behind it", string(b), "x")
		})
	})
	t.Run("instances that share a writer do not write at the same time", func(t *testing.T) {
		var b bytes.Buffer
		h := host(t, Config{Stdout: &b, Stderr: &b})
		var all sync.WaitGroup
		for i := range 4 {
			s := must(h.cli.GetStdout(ctx))
			if i%2 == 1 {
				s = must(h.cli.GetStderr(ctx))
			}
			all.Go(func() {
				for range 100 {
					s.BlockingWriteAndFlush(ctx, []byte("line\n"))
				}
			})
		}
		all.Wait()
		equal(t, "lines", strings.Count(b.String(), "line\n"), 400)
	})
	t.Run("standard input spliced to standard output arrives whole", func(t *testing.T) {
		var out bytes.Buffer
		text := strings.Repeat("0123456789", 100_000)
		h := host(t, Config{Stdin: strings.NewReader(text), Stdout: &out})
		from, to := must(h.GetStdin(ctx)), must(h.cli.GetStdout(ctx))
		defer from.Close(ctx)
		var err error
		within(t, func() {
			for err == nil {
				_, err = to.BlockingSplice(ctx, from, 1<<20)
			}
		})
		wantError(t, "at the end", err, closed)
		equal(t, "the same", out.String() == text, true)
	})
}

func TestTerminals(t *testing.T) {
	ctx := context.Background()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	check(t, err)
	defer null.Close()
	h := host(t, Config{Stdin: null, Stdout: null, Stderr: &bytes.Buffer{}})
	equal(t, "the null device is a terminal", must(h.cli.GetTerminalStdin(ctx)) != nil, false)
	equal(t, "the null device is a terminal", must(h.cli.GetTerminalStdout(ctx)) != nil, false)
	equal(t, "a buffer is a terminal", must(h.cli.GetTerminalStderr(ctx)) != nil, false)

	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		t.Skip("this machine gives no terminals")
	}
	check(t, err)
	defer terminal.Close()
	h = host(t, Config{Stdin: terminal, Stdout: terminal, Stderr: terminal})
	equal(t, "a terminal is one", must(h.cli.GetTerminalStdin(ctx)) != nil, true)
	equal(t, "a terminal is one", must(h.cli.GetTerminalStdout(ctx)) != nil, true)
	equal(t, "a terminal is one", must(h.cli.GetTerminalStderr(ctx)) != nil, true)
}
