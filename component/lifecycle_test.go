package component_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// waiter instantiates values-utf8 with a host whose ping does what the test wants;
// the other functions echo.
func waiter(t testing.TB, ping func(ctx context.Context) error) *component.Instance {
	t.Helper()
	r, c := guest(t, "values-utf8.wasm")
	return instantiate(t, r, c, echoing(t, c, ping))
}

func echoing(t testing.TB, c *component.Component, ping func(ctx context.Context) error) *component.Interface {
	return offer(t, importOf(t, c, values), nil, func(f *wit.Func) func(context.Context, []any) (any, error) {
		return func(ctx context.Context, args []any) (any, error) {
			if f.Name == "ping" {
				return nil, ping(ctx)
			}
			return echo(f, args), nil
		}
	})
}

// steady checks that the number of goroutines comes back to what it was.
func steady(t testing.TB) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for range 100 {
			if runtime.NumGoroutine() <= before {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
	})
}

func trapOf(t testing.TB, err error, code cabi.Code) *component.Trap {
	t.Helper()
	trap, ok := err.(*component.Trap)
	if !ok || trap.Code != code {
		t.Fatalf("%T %v, want a trap: %v", err, err, code)
	}
	return trap
}

func TestCloseReleasesAGuestThatIsBlockedInTheHost(t *testing.T) {
	steady(t)
	blocked := make(chan struct{})
	in := waiter(t, func(ctx context.Context) error {
		close(blocked)
		<-ctx.Done()
		return context.Cause(ctx)
	})
	ended := make(chan error)
	go func() {
		_, err := in.Call(context.Background(), values, "ping")
		ended <- err
	}()
	<-blocked
	if _, err := in.Call(context.Background(), values, "ping"); !errors.Is(err, component.ErrBusy) {
		t.Errorf("a second call: %v, want ErrBusy", err)
	}
	start := time.Now()
	if err := in.Close(context.Background()); err != nil {
		t.Error(err)
	}
	err := <-ended
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v", took)
	}
	if trapOf(t, err, cabi.Interrupted); !errors.Is(err, component.ErrClosed) {
		t.Errorf("the call ended with %v, want ErrClosed in it", err)
	}
	if _, err := in.Call(context.Background(), values, "ping"); !errors.Is(err, component.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if err := in.Close(context.Background()); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

func TestCancellingTheCallReleasesTheGuest(t *testing.T) {
	steady(t)
	for _, waits := range []string{"on Done", "in a derived context", "with AfterFunc"} {
		t.Run(waits, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			in := waiter(t, func(host context.Context) error {
				time.AfterFunc(time.Millisecond, cancel)
				switch waits {
				case "on Done":
					<-host.Done()
				case "in a derived context":
					sub, stop := context.WithTimeout(host, time.Minute)
					defer stop()
					<-sub.Done()
				default:
					fired := make(chan struct{})
					defer context.AfterFunc(host, func() { close(fired) })()
					<-fired
				}
				if host.Err() == nil {
					t.Error("done, without an error")
				}
				return host.Err()
			})
			_, err := in.Call(ctx, values, "ping")
			if trapOf(t, err, cabi.Interrupted); !errors.Is(err, context.Canceled) {
				t.Errorf("%v, want context.Canceled in it", err)
			}
			_, err = in.Call(context.Background(), values, "echo-u8", uint8(1))
			trapOf(t, err, cabi.Dead)
		})
	}
}

func TestAContextThatHasEndedLeavesTheInstanceAlive(t *testing.T) {
	in := waiter(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := in.Call(ctx, values, "echo-u8", uint8(1))
	if trapOf(t, err, cabi.Interrupted); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := in.Call(context.Background(), values, "echo-u8", uint8(1)); err != nil {
		t.Error(err)
	}
}

// TestAKeptContextEndsWithItsCall: a host function may have started work with it.
func TestAKeptContextEndsWithItsCall(t *testing.T) {
	steady(t)
	var kept []context.Context
	in := waiter(t, func(ctx context.Context) error {
		if len(kept) > 0 {
			ctx.Done() // The other one is joined only afterwards.
		}
		kept = append(kept, ctx)
		return nil
	})
	call(t, in, values, "ping")
	call(t, in, values, "ping")
	for i, ctx := range kept {
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
			t.Errorf("context %d goes on after its call", i)
		}
		if ctx.Err() != context.Canceled {
			t.Errorf("context %d: %v", i, ctx.Err())
		}
	}
}

func TestHowAHostFunctionEndsACall(t *testing.T) {
	broken := errors.New("broken")
	for _, try := range []struct {
		name  string
		host  func(context.Context) error
		check func(t *testing.T, err error)
	}{
		{"an error traps", func(context.Context) error { return broken }, func(t *testing.T, err error) {
			trap := trapOf(t, err, cabi.HostFailed)
			if trap.Func != values+"#ping" || !errors.Is(err, broken) {
				t.Errorf("%v", err)
			}
			if !strings.Contains(trap.Backtrace.String(), "ping") || strings.Contains(trap.Backtrace.String(), "recovered") {
				t.Errorf("the backtrace is %q", trap.Backtrace)
			}
		}},
		{"a broken contract traps", func(context.Context) error { return fmt.Errorf("empty list: %w", cabi.ErrContract) }, func(t *testing.T, err error) {
			trapOf(t, err, cabi.ContractBroken)
		}},
		{"an exit passes through", func(context.Context) error { return &component.ExitError{Code: 7} }, func(t *testing.T, err error) {
			if exit, ok := err.(*component.ExitError); !ok || exit.Code != 7 {
				t.Errorf("%T %v", err, err)
			}
		}},
		{"a panic is the host's", func(context.Context) error { panic("oops") }, func(t *testing.T, err error) {
			var p *component.HostPanic
			if trapOf(t, err, cabi.HostFailed); !errors.As(err, &p) || p.Value != "oops" || !strings.Contains(string(p.Stack), "lifecycle_test") {
				t.Errorf("%v", err)
			}
		}},
		{"a nil dereference is the host's", func(context.Context) error { var t *token; _ = t.label; return nil }, func(t *testing.T, err error) {
			if trapOf(t, err, cabi.HostFailed); !errors.As(err, new(*component.HostPanic)) {
				t.Errorf("%v", err)
			}
		}},
	} {
		t.Run(try.name, func(t *testing.T) {
			in := waiter(t, try.host)
			_, err := in.Call(context.Background(), values, "ping")
			try.check(t, err)
			_, err = in.Call(context.Background(), values, "ping")
			trapOf(t, err, cabi.Dead)
			if errors.As(err, new(*component.ExitError)) {
				t.Error("a call of a dead instance looks like an exit")
			}
		})
	}
}

// TestTheTrapOfAnotherInstanceStaysItsOwn: a host function that calls B for A and
// fails because B is dead.
func TestTheTrapOfAnotherInstanceStaysItsOwn(t *testing.T) {
	b := waiter(t, func(context.Context) error { return &component.ExitError{Code: 3} })
	if _, err := b.Call(context.Background(), values, "ping"); err == nil {
		t.Fatal("no exit")
	}
	a := waiter(t, func(ctx context.Context) error {
		_, err := b.Call(ctx, values, "ping")
		return err
	})
	_, err := a.Call(context.Background(), values, "ping")
	if errors.As(err, new(*component.ExitError)) || err == nil {
		t.Errorf("A ended with %T %v", err, err)
	}
}

// TestAnInstanceCallsAnother through the host, each with a context of its own.
func TestAnInstanceCallsAnother(t *testing.T) {
	b := waiter(t, func(ctx context.Context) error { return ctx.Err() })
	a := waiter(t, func(ctx context.Context) error {
		_, err := b.Call(ctx, values, "ping")
		return err
	})
	for range 3 {
		call(t, a, values, "ping")
	}
}

func TestAnInstanceThatIsRunningCannotBeEnteredAgain(t *testing.T) {
	var in *component.Instance
	var inner error
	in = waiter(t, func(ctx context.Context) error {
		_, inner = in.Call(ctx, values, "ping")
		return nil
	})
	call(t, in, values, "ping")
	if !errors.Is(inner, component.ErrBusy) {
		t.Errorf("%v, want ErrBusy", inner)
	}
}

func TestCloseGivesUpWhenItsContextEnds(t *testing.T) {
	steady(t)
	release, blocked := make(chan struct{}), make(chan struct{})
	in := waiter(t, func(context.Context) error { close(blocked); <-release; return nil })
	ended := make(chan error)
	go func() {
		_, err := in.Call(context.Background(), values, "ping")
		ended <- err
	}()
	<-blocked
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := in.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: %v", err)
	}
	close(release)
	<-ended
	if err := in.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestRuntimeCloseClosesItsInstances(t *testing.T) {
	steady(t)
	ctx := context.Background()
	r, c := guest(t, "values-utf8.wasm")
	l := component.NewLinker(r)
	blocked := make(chan struct{})
	if err := l.Define(echoing(t, c, func(ctx context.Context) error {
		close(blocked)
		<-ctx.Done()
		return ctx.Err()
	})); err != nil {
		t.Fatal(err)
	}
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := in.Call(ctx, values, "ping")
		ended <- err
	}()
	<-blocked
	if err := r.Close(ctx); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, component.ErrClosed) {
		t.Errorf("the call ended with %v", err)
	}
	if _, err := l.Instantiate(ctx, c); err == nil {
		t.Error("a closed runtime instantiates")
	}
	if _, err := r.Compile(ctx, []byte("\x00asm\x0d\x00\x01\x00")); err == nil {
		t.Error("a closed runtime compiles")
	}
	if err := r.Close(ctx); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	if err := in.Close(ctx); err != nil {
		t.Errorf("instance closed after that: %v", err)
	}
}

// TestAComponentOutlivesItsClose while an instance needs its code.
func TestAComponentOutlivesItsClose(t *testing.T) {
	ctx := context.Background()
	r, c := guest(t, "values-utf8.wasm")
	l := component.NewLinker(r)
	if err := l.Define(echoing(t, c, func(context.Context) error { return errors.New("trap, please") })); err != nil {
		t.Fatal(err)
	}
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(ctx); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	call(t, in, values, "echo-string", "still here")
	if _, err := in.Call(ctx, values, "ping"); err == nil {
		t.Error("no trap")
	}
	if _, err := l.Instantiate(ctx, c); err == nil {
		t.Error("a closed component is instantiated")
	}
	if err := in.Close(ctx); err != nil {
		t.Error(err)
	}
}

// TestAThousandInstancesLeaveNothing: neither goroutines nor memory.
func TestAThousandInstancesLeaveNothing(t *testing.T) {
	steady(t)
	r, c := guest(t, "values-utf8.wasm")
	l := component.NewLinker(r)
	if err := l.Define(echoing(t, c, func(context.Context) error { return nil })); err != nil {
		t.Fatal(err)
	}
	cycle := func(n int) uint64 {
		for range n {
			in, err := l.Instantiate(context.Background(), c)
			if err != nil {
				t.Fatal(err)
			}
			call(t, in, values, "ping")
			if err := in.Close(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := cycle(50)
	if after := cycle(1000); after > before+1<<20 {
		t.Errorf("%d bytes in use after 50, %d after 1000 more", before, after)
	}
}

// TestInstantiateLeavesNothingWhenItFails half-way, or before.
func TestInstantiateLeavesNothingWhenItFails(t *testing.T) {
	steady(t)
	r, c := guest(t, "hello.wasm")
	values, _ := os.ReadFile("../testdata/guests/composed.wasm")
	composed, err := r.Compile(context.Background(), values)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l := component.NewLinker(r)
	_, err = l.Instantiate(ctx, composed)
	if trapOf(t, err, cabi.Interrupted); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := l.Instantiate(ctx, c); !errors.As(err, new(*component.LinkError)) {
		t.Error(err)
	}
	if err := composed.Close(context.Background()); err != nil {
		t.Error(err)
	}
}
