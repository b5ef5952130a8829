package hostimpl_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/leaks"
	"github.com/tenon-wasm/tenon/sockets"
)

// compileFor is compile for a runtime of its own configuration.
func compileFor(t testing.TB, name string, c component.Config) *program {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "guests", name+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	r, err := component.NewRuntime(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(ctx) })
	compiled, err := r.Compile(ctx, data)
	if err != nil {
		t.Fatal(err)
	}
	return &program{r, compiled}
}

// attack runs an attack of attack.wasm to its end, and answers what it said.
func (p *program) attack(t *testing.T, c hostimpl.Config, args ...string) (said string, err error) {
	t.Helper()
	var out bytes.Buffer
	c.Args, c.Stdout, c.Stderr = append([]string{"attack"}, args...), &out, &out
	leaks.By(t, func() { err = p.run(t, c) })
	return out.String(), err
}

// mustTrap runs an attack that must trap.
func (p *program) mustTrap(t *testing.T, code cabi.Code, c hostimpl.Config, args ...string) *component.Trap {
	t.Helper()
	said, err := p.attack(t, c, args...)
	var trap *component.Trap
	if !errors.As(err, &trap) || trap.Code != code {
		t.Fatalf("%v, it said %q, want a trap: %v", err, said, code)
	}
	return trap
}

// hold runs an attack until it blocks, calls look with the answers that it got, and ends it from outside.
func (p *program) hold(t *testing.T, c hostimpl.Config, look func(said string, h *hostimpl.Host), args ...string) {
	t.Helper()
	out := newLineWriter()
	c.Args, c.Stdout, c.Stderr = append([]string{"attack"}, args...), out, os.Stderr
	leaks.By(t, func() {
		h, err := hostimpl.New(c)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		l := component.NewLinker(p.runtime)
		if err := h.Link(l); err != nil {
			t.Fatal(err)
		}
		in, err := l.Instantiate(context.Background(), p.component)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		ended := make(chan error, 1)
		go func() { ended <- command(ctx, in) }()
		var said []string
		for deadline := time.After(60 * time.Second); ; {
			select {
			case line := <-out.lines:
				if line == "blocking" {
					look(strings.Join(said, ", "), h)
					begin := time.Now()
					if err := in.Close(context.Background()); err != nil {
						t.Errorf("close: %v", err)
					}
					<-ended
					if d := time.Since(begin); d > 2*time.Second {
						t.Errorf("its end took %v", d)
					}
					if s := h.NetworkStats(); s.Open+s.Connecting+s.Lookups > 0 {
						t.Errorf("left behind by the instance: %+v", s)
					}
					return
				}
				said = append(said, line)
			case err := <-ended:
				t.Fatalf("it ended: %v, after %q", err, said)
			case <-deadline:
				t.Fatalf("it does not block, after %q", said)
			}
		}
	})
}

// heap is how many bytes are in use.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// serveOne accepts one connection, and gives it to f.
func serveOne(t *testing.T, f func(c *net.TCPConn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-ended })
	go func() {
		defer close(ended)
		c, err := l.Accept()
		if err != nil {
			return
		}
		f(c.(*net.TCPConn))
		c.Close()
	}()
	return l.Addr().String()
}

// slack is for goroutines that wait for the guest, and those of the runtime.
const slack = 12

// TestExhaustionAttacks has what a guest may try to use up, in the words of the list of attacks.
func TestExhaustionAttacks(t *testing.T) {
	p := compile(t, "attack")
	few := compileFor(t, "attack", component.Config{HandleLimit: 1000})

	t.Run("pollables without end: table limit error", func(t *testing.T) {
		for name, p := range map[string]*program{"with few handles": few, "with the default": p} {
			for _, what := range []string{"pollables", "socket-pollables"} {
				trap := p.mustTrap(t, cabi.TableFull, hostimpl.Config{Network: policy(t, "all")}, what)
				if !strings.Contains(trap.Error(), "handles") {
					t.Errorf("%s, %s: %v", name, what, trap)
				}
			}
		}
	})
	t.Run("sockets without end: table limit error", func(t *testing.T) {
		c := hostimpl.Config{Network: policy(t, "all"), Limits: hostimpl.Limits{Sockets: 2000}}
		few.mustTrap(t, cabi.TableFull, c, "sockets")
	})
	t.Run("sockets without end: new-socket-limit", func(t *testing.T) {
		c := hostimpl.Config{Network: policy(t, "all"), Limits: hostimpl.Limits{Sockets: 100}}
		p.hold(t, c, func(said string, h *hostimpl.Host) {
			if said != "100 ok, 10 new-socket-limit" || h.NetworkStats().Open != 100 {
				t.Errorf("it said %q, open: %d", said, h.NetworkStats().Open)
			}
		}, "sockets")
	})
	t.Run("get-random-bytes(u64::MAX) traps", func(t *testing.T) {
		trap := p.mustTrap(t, cabi.HostFailed, hostimpl.Config{}, "random-bytes")
		if !strings.Contains(trap.Error(), "Limits.RandomBytes") {
			t.Errorf("%v", trap)
		}
	})
	t.Run("poll list of 5000", func(t *testing.T) {
		begin := time.Now()
		said, err := p.attack(t, hostimpl.Config{}, "poll-5000")
		if err != nil || said != "7 is ready\n2500 is ready\n4999 is ready\n" {
			t.Errorf("%v, it said %q", err, said)
		}
		t.Logf("all of it took %v", time.Since(begin))
		c := hostimpl.Config{Limits: hostimpl.Limits{PollList: 4999}}
		if trap := p.mustTrap(t, cabi.HostFailed, c, "poll-5000"); !strings.Contains(trap.Error(), "Limits.PollList") {
			t.Errorf("beyond the limit: %v", trap)
		}
	})
	t.Run("read(u64::MAX) is short", func(t *testing.T) {
		addr := serveOne(t, func(c *net.TCPConn) { c.Write(make([]byte, 1<<20)) })
		said, err := p.attack(t, hostimpl.Config{Network: loopback(t)}, "read-everything", addr)
		var total, most int
		if n, _ := fmt.Sscanf(said, "%d read\n%d at most\n", &total, &most); n != 2 || err != nil || total != 1<<20 || most > 64<<10 {
			t.Errorf("%v, it said %q", err, said)
		}
	})
	t.Run("write-zeroes(u64::MAX) traps", func(t *testing.T) {
		addr := serveOne(t, func(c *net.TCPConn) { io.Copy(io.Discard, c) })
		p.mustTrap(t, cabi.ContractBroken, hostimpl.Config{Network: loopback(t)}, "zeroes", addr)
	})
	t.Run("slow peer, fast guest: check-write goes to 0, memory bounded", func(t *testing.T) {
		out := newLineWriter()
		served := make(chan int64, 1)
		read := make(chan struct{})
		addr := serveOne(t, func(c *net.TCPConn) {
			<-read
			n, _ := io.Copy(io.Discard, c)
			served <- n
		})
		before := heap()
		ended := make(chan error, 1)
		go func() {
			ended <- p.run(t, hostimpl.Config{
				Args: []string{"attack", "flood", addr}, Stdout: out, Stderr: os.Stderr, Network: loopback(t),
			})
		}()
		var written int64
		line := <-out.lines
		if n, _ := fmt.Sscanf(line, "%d written", &written); n != 1 || written == 0 {
			t.Fatalf("it said %q", line)
		}
		if grown := heap() - before; grown > 4<<20 {
			t.Errorf("the host has %d bytes more, after %d were written", grown, written)
		}
		select {
		case line := <-out.lines:
			t.Errorf("nobody reads, and it said %q", line)
		case <-time.After(50 * time.Millisecond):
		}
		close(read)
		if line := <-out.lines; line != "1 permitted again" {
			t.Errorf("it said %q", line)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if n := <-served; n != written {
			t.Errorf("%d bytes of %d arrived", n, written)
		}
	})
	t.Run("100,000 pending connects: goroutines bounded, all gone with the instance", func(t *testing.T) {
		to, closeQueue := fullQueue(t)
		defer closeQueue()
		before := runtime.NumGoroutine()
		p.hold(t, hostimpl.Config{Network: loopback(t)}, func(said string, h *hostimpl.Host) {
			if said != "1024 ok, 98976 out-of-memory" {
				t.Errorf("it said %q", said)
			}
			if got := h.NetworkStats().Connecting; got != sockets.DefaultMaxConnecting {
				t.Errorf("connecting: %d", got)
			}
			if now := runtime.NumGoroutine(); now > before+slack {
				t.Errorf("%d goroutines, %d before", now, before)
			}
		}, "connects", to)
	})
	t.Run("100,000 pending look-ups: goroutines bounded, all gone with the instance", func(t *testing.T) {
		silent := lookup(func(ctx context.Context, _ string) ([]netip.Addr, error) { <-ctx.Done(); return nil, ctx.Err() })
		before := runtime.NumGoroutine()
		p.hold(t, hostimpl.Config{Network: policy(t, "name=*"), Resolver: silent}, func(said string, h *hostimpl.Host) {
			if said != "16448 ok, 83552 temporary-resolver-failure" {
				t.Errorf("it said %q", said)
			}
			if got := h.NetworkStats().Lookups; got != 16448 {
				t.Errorf("look-ups: %d", got)
			}
			if now := runtime.NumGoroutine(); now > before+sockets.DefaultMaxLookups+slack {
				t.Errorf("%d goroutines, %d before", now, before)
			}
		}, "lookups")
	})
}

// fullQueue is a listener that lets hardly anybody in, since nobody accepts.
func fullQueue(t *testing.T) (addr string, end func()) {
	t.Helper()
	n := sockets.NewNetwork(sockets.Config{Policy: loopback(t)})
	l, err := n.NewTCP(sockets.IPv4)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		l.SetListenBacklogSize(1), l.StartBind(sockets.AddressFrom(netip.MustParseAddrPort("127.0.0.1:0"))), l.FinishBind(),
		l.StartListen(), l.FinishListen(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	at, err := l.LocalAddress()
	if err != nil {
		t.Fatal(err)
	}
	return at.String(), n.Close
}

// TestHandleAttacks has what a guest may try with the handles of WASI, in the words of the list of attacks. Those with
// resources of any interface are TestHandleAttacks of package component.
func TestHandleAttacks(t *testing.T) {
	p := compile(t, "attack")
	for what, attack := range map[string]string{
		"index 0: trap":                          "handle-zero",
		"out of range: trap":                     "handle-out-of-range",
		"the largest index: trap":                "handle-largest",
		"out of range, in a list: trap":          "handle-in-a-list",
		"freed: trap":                            "handle-freed",
		"of another type: trap":                  "handle-of-another-type",
		"double drop: trap":                      "drop-twice",
		"drop of a handle of another type: trap": "drop-as-another-type",
	} {
		t.Run(what, func(t *testing.T) { p.mustTrap(t, cabi.BadHandle, hostimpl.Config{}, attack) })
	}
	t.Run("handle of another instance: trap", func(t *testing.T) {
		// The other, of the same component, has a pollable at this index.
		p.hold(t, hostimpl.Config{}, func(string, *hostimpl.Host) {
			p.mustTrap(t, cabi.BadHandle, hostimpl.Config{}, "handle-in-a-list")
		}, "handles")
	})
	t.Run("poll([]) traps", func(t *testing.T) {
		trap := p.mustTrap(t, cabi.ContractBroken, hostimpl.Config{}, "poll-nothing")
		if !strings.Contains(trap.Error(), "empty poll list") {
			t.Errorf("%v", trap)
		}
	})
	t.Run("parent with live child: trap", func(t *testing.T) {
		asserts := compile(t, "tcp-asserts")
		for _, mistake := range []string{"drop-socket-with-pollable", "drop-socket-with-streams", "drop-input-with-pollable"} {
			leaks.By(t, func() {
				err := asserts.run(t, hostimpl.Config{Args: []string{"tcp-asserts", "mistake", mistake}, Network: loopback(t)})
				var trap *component.Trap
				if !errors.As(err, &trap) || trap.Code != cabi.HasChildren {
					t.Errorf("%s: %v", mistake, err)
				}
			})
		}
	})
	// "the same pollable twice: both indices" is in "poll list of 5000", three times.
}
