package hostimpl_test

import (
	"bytes"
	"errors"
	"io"
	"net"
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

// inputs are standard inputs of every kind, at whose end the guest comes after text.
var inputs = []struct {
	name string
	make func(t *testing.T, text string) io.Reader
}{
	{"reader", func(t *testing.T, text string) io.Reader { return strings.NewReader(text) }},
	{"file", func(t *testing.T, text string) io.Reader {
		path := filepath.Join(t.TempDir(), "in")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}},
	{"pipe", func(t *testing.T, text string) io.Reader {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		go pour(w, text)
		return r
	}},
	{"connection", func(t *testing.T, text string) io.Reader {
		r, w := net.Pipe()
		t.Cleanup(func() { r.Close() })
		go pour(w, text)
		return r
	}},
}

func pour(w io.WriteCloser, text string) {
	io.WriteString(w, text)
	w.Close()
}

func TestAGuestMayCountOnStreamsTimersAndRandomness(t *testing.T) {
	p := compile(t, "io-asserts")
	for _, in := range inputs {
		for name, clock := range map[string]*hostimpl.VirtualClock{
			"time": nil, "virtual time": hostimpl.NewVirtualClock(time.Unix(1e9, 0)),
		} {
			t.Run(in.name+", "+name, func(t *testing.T) {
				var out, errs bytes.Buffer
				err := p.run(t, hostimpl.Config{
					Args: []string{"io-asserts", "asserts"}, Clock: clock,
					Stdin: in.make(t, "abc"), Stdout: &out, Stderr: &errs,
				})
				if err != nil || out.String() != "line\nline\nok\n" || errs.Len() > 0 {
					t.Errorf("%v\n%s%s", err, &out, &errs)
				}
			})
		}
	}
}

func TestAGuestThatMisusesStreamsTraps(t *testing.T) {
	p := compile(t, "io-asserts")
	for mistake, code := range map[string]cabi.Code{
		"poll-nothing":              cabi.ContractBroken,
		"drop-input-with-pollable":  cabi.HasChildren,
		"drop-output-with-pollable": cabi.HasChildren,
		"write-without-permit":      cabi.ContractBroken,
		"write-beyond-permit":       cabi.ContractBroken,
		"zeroes-beyond-permit":      cabi.ContractBroken,
		"zeroes-without-end":        cabi.ContractBroken,
		"blocking-write-too-much":   cabi.ContractBroken,
		"blocking-zeroes-too-much":  cabi.ContractBroken,
		"use-dropped-pollable":      cabi.BadHandle,
		"drop-pollable-twice":       cabi.BadHandle,
		"pollable-for-stream":       cabi.BadHandle,
		"random-without-end":        cabi.HostFailed,
		"pollables-without-end":     cabi.TableFull,
	} {
		t.Run(mistake, func(t *testing.T) {
			leaks.By(t, func() {
				var out bytes.Buffer
				err := p.run(t, hostimpl.Config{Args: []string{"io-asserts", "mistake", mistake}, Stdout: &out, Stderr: os.Stderr})
				var trap *component.Trap
				if !errors.As(err, &trap) || trap.Code != code {
					t.Errorf("got %v, want a trap: %v", err, code)
				}
				if out.Len() > 0 {
					t.Errorf("%d bytes were written all the same", out.Len())
				}
			})
		})
	}
}

func TestAGuestCopiesItsInputWhateverItIs(t *testing.T) {
	p := compile(t, "io-asserts")
	text := strings.Repeat("the bytes of a line that is copied\n", 20_000)
	for _, in := range inputs {
		for _, how := range []string{"poll", "splice", "blocking-splice"} {
			t.Run(in.name+", "+how, func(t *testing.T) {
				src := in.make(t, text)
				leaks.By(t, func() {
					r, w, err := os.Pipe()
					if err != nil {
						t.Fatal(err)
					}
					arrived := make(chan string)
					go func() {
						b, _ := io.ReadAll(r)
						r.Close()
						arrived <- string(b)
					}()
					err = p.run(t, hostimpl.Config{
						Args: []string{"io-asserts", "copy", how}, Stdin: src, Stdout: w, Stderr: os.Stderr,
					})
					w.Close()
					if got := <-arrived; err != nil || got != text {
						t.Errorf("%v, %d bytes of %d arrived", err, len(got), len(text))
					}
				})
			})
		}
	}
}

func TestAGuestIsToldWhyAStandardStreamFails(t *testing.T) {
	p := compile(t, "io-asserts")
	copying := func(c hostimpl.Config, how string) (string, error) {
		var errs bytes.Buffer
		c.Args, c.Stderr = []string{"io-asserts", "copy", how}, &errs
		err := p.run(t, c)
		return errs.String(), err
	}
	t.Run("input that is a directory has the code of it", func(t *testing.T) {
		dir, err := os.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer dir.Close()
		for _, how := range []string{"poll", "splice", "blocking-splice"} {
			said, err := copying(hostimpl.Config{Stdin: dir}, how)
			if err == nil || !strings.HasSuffix(said, "filesystem code 14\n") { // is-directory
				t.Errorf("%s: %v, it said %q", how, err, said)
			}
		}
	})
	t.Run("output without a reader is closed", func(t *testing.T) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		defer w.Close()
		said, err := copying(hostimpl.Config{Stdin: strings.NewReader("text"), Stdout: w}, "poll")
		if err == nil || said != "write: closed\n" {
			t.Errorf("%v, it said %q", err, said)
		}
	})
}

// recorded is what a guest prints of its clocks and random numbers.
func recorded(t *testing.T, p *program, c hostimpl.Config) string {
	t.Helper()
	var out, errs bytes.Buffer
	c.Args, c.Stdout, c.Stderr = []string{"io-asserts", "record"}, &out, &errs
	begin := time.Now()
	if err := p.run(t, c); err != nil {
		t.Fatalf("%v: %s", err, &errs)
	}
	if d := time.Since(begin); d > time.Minute {
		t.Errorf("it took %v", d)
	}
	return out.String()
}

func TestTwoRunsWithOneClockAndSeedAreTheSame(t *testing.T) {
	p := compile(t, "io-asserts")
	start := time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC)
	record := func(start time.Time, seed uint64) string {
		return recorded(t, p, hostimpl.Config{Clock: hostimpl.NewVirtualClock(start), Random: hostimpl.Seeded(seed)})
	}
	want := strings.Join([]string{
		"at first: wall 1767323045 s 1000 ns, monotonic 2000 ns",
		"after 90 minutes: wall 1767328445 s 3000 ns, monotonic 5400000004000 ns",
		"a timer: wall 1767328505 s 6000 ns, monotonic 5460000007000 ns",
		"a timer: wall 1767328565 s 5000 ns, monotonic 5520000006000 ns",
		"a timer: wall 1767328625 s 5000 ns, monotonic 5580000006000 ns",
	}, "\n")
	first := record(start, 42)
	if !strings.HasPrefix(first, want) {
		t.Errorf("got\n%swant\n%s", first, want)
	}
	if again := record(start, 42); again != first {
		t.Errorf("the first run said\n%sthe second\n%s", first, again)
	}
	later := record(start.Add(time.Hour), 42)
	if head, tail := cut(first, "random:"); later[len(later)-len(tail):] != tail || strings.HasPrefix(later, head) {
		t.Errorf("with another start it said\n%s", later)
	}
	other := record(start, 43)
	if head, tail := cut(first, "random:"); !strings.HasPrefix(other, head) || strings.HasSuffix(other, tail) {
		t.Errorf("with another seed it said\n%s", other)
	}
}

// cut splits s before sep.
func cut(s, sep string) (before, after string) {
	i := strings.Index(s, sep)
	return s[:i], s[i:]
}

// A time limit beside input must not pass at once, only because time can.
func TestATimeLimitBesideInputIsRealWithAVirtualClock(t *testing.T) {
	p := compile(t, "io-asserts")
	limited := func(in io.Reader, ms string) string {
		var out bytes.Buffer
		err := p.run(t, hostimpl.Config{
			Args: []string{"io-asserts", "limited", ms}, Stdin: in, Stdout: &out, Stderr: os.Stderr,
			Clock: hostimpl.NewVirtualClock(time.Unix(1e9, 0)),
		})
		if err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if got := limited(r, "50"); got != "no input after the limit\n" {
		t.Errorf("without input: %s", got)
	}
	time.AfterFunc(50*time.Millisecond, func() { io.WriteString(w, "x") })
	if got := limited(r, "20000"); got != "input before the limit\n" {
		t.Errorf("with input that comes late: %s", got)
	}
}

func TestTheZeroConfigGrantsAGuestNothing(t *testing.T) {
	for _, c := range []struct {
		guest string
		args  []string
		want  string
	}{
		{"hello", []string{"hello", "--show"}, "hello from C\narg hello\narg --show\n"}, // no variables
		{"hello", []string{"hello", "files"}, "hello from C\n0 preopened\n"},
		{"hello", []string{"hello", "cat"}, ""},
		{"io-asserts", []string{"io-asserts", "copy"}, ""},
		{"io-asserts", []string{"io-asserts", "terminals"}, "stdin: no terminal\nstdout: no terminal\nstderr: no terminal\n"},
		{"tcp-client", []string{"tcp-client", "127.0.0.1:9", "10"}, "create-tcp-socket: access-denied\n"},
		{"udp-echo", []string{"udp-echo", "127.0.0.1:0"}, "create-udp-socket: access-denied\n"},
		{"lookup-selftest", []string{"lookup-selftest", "localhost"}, "resolve: permanent-resolver-failure\n"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			p := compile(t, c.guest)
			leaks.By(t, func() {
				// What the guest is asked to do, and what it says, is all that is not zero.
				var said bytes.Buffer
				p.run(t, hostimpl.Config{Args: c.args, Stdout: &said, Stderr: &said})
				if said.String() != c.want {
					t.Errorf("it said %q, want %q", &said, c.want)
				}
			})
		})
	}
	t.Run("no arguments either", func(t *testing.T) {
		p := compile(t, "hello")
		var exit *component.ExitError
		if err := p.run(t, hostimpl.Config{}); errors.As(err, &exit) || err != nil {
			t.Errorf("hello without arguments: %v", err)
		}
	})
}

func TestSocketsWorkWithAVirtualClock(t *testing.T) {
	for _, guest := range []string{"tcp-asserts", "udp-selftest", "tcp-selftest"} {
		t.Run(guest, func(t *testing.T) {
			p := compile(t, guest)
			leaks.By(t, func() {
				var said bytes.Buffer
				err := p.run(t, hostimpl.Config{
					Args: []string{guest}, Stdout: &said, Stderr: &said, Network: policy(t, "all"),
					Clock: hostimpl.NewVirtualClock(time.Unix(1e9, 0)),
				})
				if err != nil {
					t.Errorf("%v\n%s", err, &said)
				}
			})
		})
	}
}
