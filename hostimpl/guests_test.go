package hostimpl_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl"
	"github.com/tenon-wasm/tenon/internal/leaks"
	"github.com/tenon-wasm/tenon/sockets"
)

// A program is a compiled guest of testdata/guests, ready to run as a command.
type program struct {
	runtime   *component.Runtime
	component *component.Component
}

func compile(t testing.TB, name string) *program {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "guests", name+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	p := compileBytes(t, data)
	t.Cleanup(func() { p.runtime.Close(context.Background()) })
	return p
}

// compileBytes leaves it to its caller to close the runtime.
func compileBytes(t testing.TB, data []byte) *program {
	t.Helper()
	ctx := context.Background()
	r, err := component.NewRuntime(ctx, component.Config{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Compile(ctx, data)
	if err != nil {
		t.Fatal(err)
	}
	return &program{r, c}
}

// start makes an instance; stop closes it and everything that the host has open.
func (p *program) start(t testing.TB, cfg hostimpl.Config) (in *component.Instance, stop func()) {
	t.Helper()
	host, err := hostimpl.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l := component.NewLinker(p.runtime)
	if err := host.Link(l); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	in, err = l.Instantiate(ctx, p.component)
	if err != nil {
		t.Fatal(err)
	}
	return in, func() {
		if err := errors.Join(in.Close(ctx), host.Close()); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

// run runs the command to its end.
func (p *program) run(t testing.TB, cfg hostimpl.Config) error {
	in, stop := p.start(t, cfg)
	defer stop()
	return command(context.Background(), in)
}

func command(ctx context.Context, in *component.Instance) error {
	result, err := in.Call(ctx, "wasi:cli/run", "run")
	if err == nil && result.(cabi.Result).IsErr {
		return errors.New("run answered its error")
	}
	return err
}

func loopback(t testing.TB) sockets.Policy {
	t.Helper()
	p, err := sockets.ParsePolicy("loopback")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A lineWriter keeps the lines that a guest writes until the test asks for them.
type lineWriter struct {
	lines chan string
	rest  string
}

func newLineWriter() *lineWriter { return &lineWriter{lines: make(chan string, 1000)} }

func (w *lineWriter) Write(b []byte) (int, error) {
	w.rest += string(b)
	for {
		line, rest, ok := strings.Cut(w.rest, "\n")
		if !ok {
			return len(b), nil
		}
		w.lines <- line
		w.rest = rest
	}
}

// next waits for a line that begins with prefix and returns the rest of it.
func (w *lineWriter) next(t testing.TB, prefix string) string {
	t.Helper()
	for deadline := time.After(10 * time.Second); ; {
		select {
		case line := <-w.lines:
			if rest, ok := strings.CutPrefix(line, prefix); ok {
				return rest
			}
		case <-deadline:
			t.Fatalf("the guest did not say %q", prefix)
		}
	}
}

func TestTheSelfTestGuestMovesAMebibyteEachWay(t *testing.T) {
	p := compile(t, "tcp-selftest")
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(addr, func(t *testing.T) {
			leaks.By(t, func() {
				var out, errs bytes.Buffer
				err := p.run(t, hostimpl.Config{
					Args: []string{"tcp-selftest", addr}, Stdout: &out, Stderr: &errs, Network: loopback(t),
				})
				if err != nil || !strings.HasSuffix(out.String(), "ok\n") {
					t.Errorf("%v\n%s%s", err, &out, &errs)
				}
			})
		})
	}
}

func TestAnEchoServerGuestServesAClientGuest(t *testing.T) {
	server, client := compile(t, "tcp-echo"), compile(t, "tcp-client")
	for _, flags := range [][]string{nil, {"--splice"}, {"--blocking"}, {"--splice", "--blocking"}} {
		t.Run(strings.Join(flags, ","), func(t *testing.T) {
			leaks.By(t, func() {
				out := newLineWriter()
				args := append([]string{"tcp-echo", "127.0.0.1:0", "2"}, flags...)
				served := make(chan error, 1)
				go func() {
					served <- server.run(t, hostimpl.Config{Args: args, Stdout: out, Stderr: os.Stderr, Network: loopback(t)})
				}()
				addr := out.next(t, "listening on ")
				for range 2 {
					var got bytes.Buffer
					err := client.run(t, hostimpl.Config{
						Args: []string{"tcp-client", addr, "3000000"}, Stdout: &got, Stderr: os.Stderr, Network: loopback(t),
					})
					if err != nil || !strings.Contains(got.String(), "3000000") {
						t.Errorf("client: %v, it said %q", err, &got)
					}
				}
				if err := <-served; err != nil {
					t.Errorf("server: %v", err)
				}
			})
		})
	}
}

// TestEveryLengthOfMessageComesBackWhole: short ones are read ahead, long ones go straight
// into the guest, and each length is behind each other once.
func TestEveryLengthOfMessageComesBackWhole(t *testing.T) {
	lengths := []int{1, 64, 16<<10 - 1, 16 << 10, 64<<10 - 1, 64 << 10, 64<<10 + 1, 68 << 10, 68<<10 + 1, 200_000}
	p := compile(t, "tcp-echo")
	for _, flags := range [][]string{nil, {"--splice"}, {"--blocking"}, {"--splice", "--blocking"}} {
		t.Run(strings.Join(flags, ","), func(t *testing.T) {
			leaks.By(t, func() {
				out := newLineWriter()
				args := append([]string{"tcp-echo", "127.0.0.1:0", "1"}, flags...)
				served := make(chan error, 1)
				go func() {
					served <- p.run(t, hostimpl.Config{Args: args, Stdout: out, Stderr: os.Stderr, Network: loopback(t)})
				}()
				c, err := net.Dial("tcp", out.next(t, "listening on "))
				if err != nil {
					t.Fatal(err)
				}
				c.SetDeadline(time.Now().Add(20 * time.Second))
				random := rand.NewChaCha8([32]byte{})
				for _, first := range lengths {
					for _, second := range lengths {
						for _, n := range []int{first, second} {
							chunk, back := make([]byte, n), make([]byte, n)
							random.Read(chunk)
							go c.Write(chunk)
							if _, err := io.ReadFull(c, back); err != nil || !bytes.Equal(back, chunk) {
								t.Fatalf("%d bytes after %d: %v, as sent: %v", second, first, err, bytes.Equal(back, chunk))
							}
						}
					}
				}
				c.Close()
				if err := <-served; err != nil {
					t.Errorf("server: %v", err)
				}
			})
		})
	}
}

// TestAnEchoServerGuestServesManyAtOnce makes the guest poll a list in which every
// socket in turn is the one that wakes it.
func TestAnEchoServerGuestServesManyAtOnce(t *testing.T) {
	const clients, rounds = 12, 40
	p := compile(t, "tcp-echo")
	leaks.By(t, func() {
		out := newLineWriter()
		served := make(chan error, 1)
		go func() {
			served <- p.run(t, hostimpl.Config{
				Args: []string{"tcp-echo", "127.0.0.1:0", fmt.Sprint(clients)}, Stdout: out, Stderr: os.Stderr, Network: loopback(t),
			})
		}()
		addr := out.next(t, "listening on ")
		var all sync.WaitGroup
		for i := range clients {
			all.Go(func() {
				c, err := net.Dial("tcp", addr)
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				c.SetDeadline(time.Now().Add(20 * time.Second))
				for round := range rounds {
					chunk := bytes.Repeat([]byte{byte(i), byte(round)}, 1+(i*977+round*331)%9000)
					back := make([]byte, len(chunk))
					if _, err := c.Write(chunk); err != nil {
						t.Errorf("client %d, round %d: %v", i, round, err)
						return
					}
					if _, err := io.ReadFull(c, back); err != nil || !bytes.Equal(back, chunk) {
						t.Errorf("client %d, round %d: %v, as sent: %v", i, round, err, bytes.Equal(back, chunk))
						return
					}
				}
			})
		}
		all.Wait()
		if err := <-served; err != nil {
			t.Errorf("server: %v", err)
		}
	})
}

// TestABlockedGuestIsReleasedAtOnce blocks a guest in every place where a guest
// can wait, and ends the wait from outside in every way.
func TestABlockedGuestIsReleasedAtOnce(t *testing.T) {
	p := compile(t, "blocked")
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	var peers sync.WaitGroup
	defer peers.Wait()
	for _, how := range []string{"poll", "sleep", "accept", "read", "write", "stdin"} {
		for _, way := range []string{"cancel", "close", "deadline"} {
			t.Run(how+", "+way, func(t *testing.T) {
				leaks.By(t, func() { blockAndRelease(t, p, how, way, silent) })
			})
		}
	}
}

func blockAndRelease(t *testing.T, p *program, how, way string, silent net.Listener) {
	out := newLineWriter()
	stdin, keep, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	defer keep.Close()
	args := []string{"blocked", how}
	if how == "read" || how == "write" {
		args = append(args, silent.Addr().String())
	}
	in, stop := p.start(t, hostimpl.Config{
		Args: args, Stdin: stdin, Stdout: out, Stderr: os.Stderr, Network: loopback(t),
	})
	defer stop()
	if how == "read" || how == "write" {
		accepted := make(chan net.Conn, 1)
		go func() {
			c, err := silent.Accept()
			if err != nil {
				t.Error(err)
			}
			accepted <- c
		}()
		defer func() { (<-accepted).Close() }()
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if way == "deadline" {
		var stop func()
		ctx, stop = context.WithTimeout(ctx, 200*time.Millisecond)
		defer stop()
	}
	ended := make(chan error, 1)
	go func() { ended <- command(ctx, in) }()
	out.next(t, "blocking in ")
	// Let it arrive in the host; being early must be right as well, only less of a test.
	time.Sleep(30 * time.Millisecond)
	select {
	case err := <-ended:
		t.Fatalf("the guest did not block: %v", err)
	default:
	}
	begin := time.Now()
	switch way {
	case "cancel":
		cancel()
	case "close":
		if err := in.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	select {
	case err := <-ended:
		var trap *component.Trap
		if !errors.As(err, &trap) || trap.Code != cabi.Interrupted {
			t.Errorf("the call ended with %v, want a trap with code Interrupted", err)
		}
		if want := map[string]error{
			"cancel": context.Canceled, "close": component.ErrClosed, "deadline": context.DeadlineExceeded,
		}[way]; !errors.Is(err, want) {
			t.Errorf("the call ended with %v, want one that wraps %v", err, want)
		}
		t.Logf("released after %v", time.Since(begin))
	case <-time.After(5 * time.Second):
		t.Fatal("the guest is still blocked after 5 s")
	}
}
