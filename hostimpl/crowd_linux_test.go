package hostimpl

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/tcp"
)

// crowdAddress asks the test binary to be the other end of many connections: a process
// of its own, since both ends together are more descriptors than a process may have.
const crowdAddress = "TENON_TEST_CROWD"

func init() {
	addr := os.Getenv(crowdAddress)
	if addr == "" {
		return
	}
	if err := beCrowd(addr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// beCrowd reads commands: a number of connections to open, then the numbers of those on
// which to send a byte.
func beCrowd(addr string) error {
	in := bufio.NewReader(os.Stdin)
	var n int
	if _, err := fmt.Fscanln(in, &n); err != nil {
		return err
	}
	all := make([]net.Conn, n)
	for i := range all {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		all[i] = c
	}
	for {
		var i int
		if _, err := fmt.Fscanln(in, &i); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if _, err := all[i].Write([]byte("x")); err != nil {
			return err
		}
	}
}

// A crowd is many connections of one guest, and a pollable of each.
type crowd struct {
	commands io.WriteCloser
	in       []streams.InputStream
	idle     []poll.Pollable
	drop     []closer
	grown    int // bytes for each
}

// gather has a guest accept n connections; disperse ends them.
func gather(t testing.TB, n int) (c *crowd, disperse func()) {
	t.Helper()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < uint64(n)+100 {
		t.Skipf("%d descriptors allowed, %v", limit.Cur, err)
	}
	ctx := context.Background()
	config := open("loopback")
	config.Limits.Sockets = n + 1
	h := host(t, config)
	l := listen(t, h)
	cmd := exec.Command(must(os.Executable()))
	cmd.Env = append(os.Environ(), crowdAddress+"="+addressIn(must(l.LocalAddress(ctx))).String())
	cmd.Stderr = os.Stderr
	c = &crowd{commands: must(cmd.StdinPipe())}
	check(t, cmd.Start())
	goroutines := runtime.NumGoroutine()
	before := heapInUse()
	fmt.Fprintln(c.commands, n)
	p := must(l.Subscribe(ctx))
	for len(c.in) < n {
		within(t, func() { check(t, p.Block(ctx)) })
		var s tcp.TCPSocket
		s, in, out, err := l.Accept(ctx)
		check(t, err)
		ready := must(in.Subscribe(ctx))
		c.in = append(c.in, in)
		c.idle = append(c.idle, ready)
		c.drop = append(c.drop, ready, in, out, s)
	}
	if more := runtime.NumGoroutine() - goroutines; more > 2 {
		t.Errorf("%d more goroutines for %d connections", more, n)
	}
	c.grown = (heapInUse() - before) / n
	return c, func() {
		c.commands.Close()
		check(t, cmd.Wait())
		closeAll(t, append(c.drop, p, l)...)
	}
}

func heapInUse() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapInuse + m.StackInuse)
}

func TestTenThousandIdleConnectionsOfOneGuest(t *testing.T) {
	const many = 10_000
	c, disperse := gather(t, many)
	defer disperse()
	t.Logf("%d bytes for each connection with its streams and a pollable", c.grown)
	if c.grown > 12<<10 {
		t.Errorf("%d bytes for each connection", c.grown)
	}
	ctx := context.Background()
	goroutines := runtime.NumGoroutine()
	for _, i := range []int{0, many / 2, many - 1} {
		fmt.Fprintln(c.commands, i)
		var got []uint32
		within(t, func() { got = must(testPoller.Poll(ctx, c.idle)) })
		if len(got) != 1 || got[0] != uint32(i) {
			t.Fatalf("poll answered %v, want %d", got, i)
		}
		equal(t, "read", string(must(c.in[i].Read(ctx, 10))), "x")
	}
	if more := runtime.NumGoroutine() - goroutines; more > 2 {
		t.Errorf("%d more goroutines after polls", more)
	}
}

// BenchmarkPollIdle polls idle connections with a timer that is due: it looks at each
// once.
func BenchmarkPollIdle(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			c, disperse := gather(b, n)
			defer disperse()
			ctx := context.Background()
			due := must(newClock(nil).SubscribeDuration(ctx, 0))
			list := append(c.idle, due)
			b.ReportAllocs()
			for b.Loop() {
				must(testPoller.Poll(ctx, list))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/connection")
		})
	}
}
