package adapter_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/leaks"
)

func guest(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "guests", "modules", name+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// assertedDirs are what p1-asserts wants.
func assertedDirs(t testing.TB) (dirs []hostimpl.Dir) {
	t.Helper()
	for _, name := range []string{"/a", "/b", "/c", "/d", "/e"} {
		dirs = append(dirs, hostimpl.Dir{Host: t.TempDir(), Guest: name})
	}
	ro := t.TempDir()
	if err := os.WriteFile(filepath.Join(ro, "file"), []byte("fixed\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return append(dirs, hostimpl.Dir{Host: ro, Guest: "/ro", ReadOnly: true})
}

// What a guest may count on, and what it must not get out of a host: the attacks on preview
// 1 among them, which are named after what they try.
func TestAModuleMayCountOn(t *testing.T) {
	for _, module := range []string{"p1-asserts", "p0-asserts"} {
		p := compile(t, guest(t, module))
		for _, program := range []string{
			"aliases", "appending", "clocks", "directories", "flags", "levels", "lists", "numbers", "paths", "places", "pointers",
			"polls", "random", "renumbering", "rights", "signals", "sockets", "streams",
		} {
			t.Run(module+"/"+program, func(t *testing.T) {
				leaks.None(t)
				out, errs, err := assertion(t, p, program)
				if err != nil || !strings.HasPrefix(out, "ok "+program+", ") {
					t.Errorf("%v\n%s%s", err, out, errs)
				}
			})
		}
	}
}

func assertion(t *testing.T, p *program, what string) (out, errs string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	var in io.Reader = strings.NewReader("ab")
	if what == "levels" {
		r, w := io.Pipe()
		defer w.Close()
		in = r
	}
	code, err := p.run(t.Context(), t, hostimpl.Config{
		Args: []string{"asserts", what}, Env: []string{"A=1"}, Stdin: in, Stdout: &o, Stderr: &e, Dirs: assertedDirs(t),
	})
	if err == nil && code != 0 {
		err = &component.ExitError{Code: uint8(code)}
	}
	return o.String(), e.String(), err
}

func TestTheStatusOfAnExitIsItsLowestByte(t *testing.T) {
	p := compile(t, guest(t, "p1-asserts"))
	for status, want := range map[string]int{
		"0": 0, "1": 1, "42": 42, "125": 125, "126": 126, "255": 255, "259": 3, "256": 255, "4294967295": 255,
	} {
		code, err := p.run(t.Context(), t, hostimpl.Config{Args: []string{"asserts", "exit", status}})
		if err != nil || code != want {
			t.Errorf("exit %s gives %d, want %d; %v", status, code, want, err)
		}
	}
}

func TestATrapOfAModuleHasANameAndABacktrace(t *testing.T) {
	p := compile(t, guest(t, "p1-asserts"))
	_, err := p.run(t.Context(), t, hostimpl.Config{Args: []string{"asserts", "trap"}})
	var trap *component.Trap
	if !errors.As(err, &trap) || trap.Func != "wasi:cli/run@0.2.12#run" || !strings.Contains(trap.Backtrace.String(), "_start") {
		t.Errorf("%v, in %q, %q", err, trap.Func, trap.Backtrace)
	}
}

// Whatever a module waits for, it is interrupted at once: by its context, and by Close.
func TestAModuleThatWaitsIsInterrupted(t *testing.T) {
	p := compile(t, guest(t, "p1-asserts"))
	for _, how := range []string{"read", "sleep", "poll", "loop", "accept"} {
		for _, way := range []string{"cancel", "close"} {
			t.Run(how+"/"+way, func(t *testing.T) { interrupt(t, p, way, "wait", how) })
		}
	}
}

func interrupt(t *testing.T, p *program, way string, args ...string) {
	t.Helper()
	r, w := io.Pipe()
	defer w.Close()
	said := make(chan struct{}, 1)
	cfg := hostimpl.Config{Args: append([]string{"asserts"}, args...), Stdin: r, Stdout: knock(said), Network: loopback(t)}
	in, stop, err := p.start(t, cfg, listening(args))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- command(ctx, in) }()
	select {
	case <-said:
	case err := <-done:
		t.Fatalf("it ended: %v", err)
	case <-time.After(10 * time.Second):
		t.Fatal("it says nothing")
	}
	time.Sleep(20 * time.Millisecond) // until it waits
	begin := time.Now()
	if way == "cancel" {
		cancel()
	} else {
		go in.Close(t.Context())
	}
	var trap *component.Trap
	select {
	case err := <-done:
		if !errors.As(err, &trap) || trap.Code != cabi.Interrupted {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it is not interrupted")
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	stop()
}

// knock is a Writer that tells that something was written.
type knock chan struct{}

func (k knock) Write(p []byte) (int, error) {
	select {
	case k <- struct{}{}:
	default:
	}
	return len(p), nil
}
