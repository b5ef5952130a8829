package hostimpl

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl/bind/io/ioerror"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
	"github.com/tenon-wasm/tenon/internal/leaks"
	"github.com/tenon-wasm/tenon/sockets"
)

// patience bounds every wait of these tests; soon is long enough for what should
// not happen.
const (
	patience = 10 * time.Second
	soon     = 20 * time.Millisecond
)

var closed = streams.StreamErrorClosed{}

func TestMain(m *testing.M) { leaks.Main(m) }

// host is a Host that ends with the test, which must leave nothing behind.
func host(t testing.TB, c Config) *Host {
	t.Helper()
	leaks.None(t)
	h := must(New(c))
	t.Cleanup(func() { h.Close() })
	return h
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func wantError(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// lastFailure is the payload of last-operation-failed.
func lastFailure(t testing.TB, err error) ioerror.Error {
	t.Helper()
	f, ok := err.(streams.StreamErrorLastOperationFailed)
	if !ok {
		t.Fatalf("got %v, want last-operation-failed", err)
	}
	return f.Value
}

// within runs f, which must end in time.
func within(t testing.TB, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(patience):
		stacks := make([]byte, 1<<16)
		t.Fatalf("still waiting\n%s", stacks[:runtime.Stack(stacks, true)])
	}
}

// eventually waits, without a goroutine, until done.
func eventually(t testing.TB, done func() bool) {
	t.Helper()
	for start := time.Now(); !done(); time.Sleep(time.Millisecond) {
		if time.Since(start) > patience {
			t.Fatal("not in time")
		}
	}
}

// cancelled checks that f waits, and that it ends with ctx and says so.
func cancelled(t *testing.T, f func(ctx context.Context) error) {
	t.Helper()
	why := errors.New("no longer wanted")
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	ended := make(chan error, 1)
	go func() { ended <- f(ctx) }()
	select {
	case err := <-ended:
		t.Fatalf("did not wait: %v", err)
	case <-time.After(soon):
	}
	start := time.Now()
	cancel(why)
	select {
	case err := <-ended:
		wantError(t, "the cancelled call", err, why)
		if d := time.Since(start); d > time.Second {
			t.Errorf("it took %v to cancel", d)
		}
	case <-time.After(patience):
		t.Fatal("not cancelled")
	}
}

// tube is a source and a sink of the tests: what is put into it is read, and what
// is written takes the place of what may.
type tube struct {
	bell bell

	mu     sync.Mutex
	data   []byte
	err    error // told once behind data; io.EOF for ever
	room   uint64
	permit uint64
	wrote  []byte
	failed error // of the sink, told once; io.ErrClosedPipe for ever
	closes int
	reads  int

	flushes int
}

func (u *tube) set(f func()) {
	u.mu.Lock()
	f()
	u.mu.Unlock()
	u.bell.ring()
}

func (u *tube) Notify(ch chan<- struct{}) func() {
	stop := u.bell.add(ch)
	poke(ch)
	return stop
}

func (u *tube) Close() { u.closes++ }

type tubeSource struct{ *tube }

func (u tubeSource) Ready() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.data) > 0 || u.err != nil
}

func (u tubeSource) Read(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.reads++
	switch {
	case len(u.data) > 0:
		n := copy(p, u.data)
		u.data = u.data[n:]
		return n, nil
	case u.err != nil:
		err := u.err
		u.err = io.EOF
		return 0, err
	}
	return 0, nil
}

type tubeSink struct{ *tube }

func (u tubeSink) Ready() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.room > 0 || u.failed != nil
}

func (u tubeSink) trouble() error {
	err := u.failed
	if err != nil {
		u.failed = io.ErrClosedPipe
	}
	return err
}

func (u tubeSink) CheckWrite() (uint64, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.permit = u.room
	return u.room, u.trouble()
}

func (u tubeSink) Write(p []byte) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err := u.trouble(); err != nil {
		return err
	}
	n := uint64(len(p))
	if n > u.permit {
		return &sockets.PermitError{Size: n, Permit: u.permit}
	}
	u.permit -= n
	u.room -= n
	u.wrote = append(u.wrote, p...)
	return nil
}

func (u tubeSink) Flush() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.flushes++
	return u.trouble()
}

func inputOf(u *tube) *inputStream   { return newInputStream(tubeSource{u}, nil) }
func outputOf(u *tube) *outputStream { return newOutputStream(tubeSink{u}, nil) }

func pollableOf(u *tube) poll.Pollable { return NewPollable(tubeSource{u}, nil) }
