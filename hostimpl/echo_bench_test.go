package hostimpl_test

import (
	"context"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl"
)

// BenchmarkEcho sends chunks to an echo server and waits for each to come back:
// the same client, to the same server written in Go and as a guest.
func BenchmarkEcho(b *testing.B) {
	for _, size := range echoSizes {
		b.Run(size.name+"/native", func(b *testing.B) {
			e := dialEcho(b, startNativeEcho(b, nativeEcho), size.bytes)
			defer e.Close()
			e.loop(b)
		})
		b.Run(size.name+"/guest", func(b *testing.B) { guestEcho(b, size.bytes) })
		b.Run(size.name+"/guest-splice", func(b *testing.B) { guestEcho(b, size.bytes, "--splice") })
	}
}

var echoSizes = []struct {
	name  string
	bytes int
}{{"64KiB", 64 << 10}, {"64B", 64}}

// BenchmarkEchoRatio takes turns between the two servers, a few milliseconds each,
// so that what else the machine does disturbs both alike. It reports how much of
// the native server's throughput the guest has: the median of the turns, and the
// quartiles. Both splice or neither does.
func BenchmarkEchoRatio(b *testing.B) {
	for _, size := range echoSizes {
		for _, kind := range []struct {
			name  string
			idle  int // connections beside the one that is measured
			flags []string
		}{{"guest", 0, nil}, {"guest-splice", 0, []string{"--splice"}},
			{"blocking", 0, []string{"--blocking"}}, {"blocking-splice", 0, []string{"--splice", "--blocking"}},
			{"guest+1", 1, nil}, {"guest+15", 15, nil}} {
			b.Run(size.name+"/"+kind.name, func(b *testing.B) {
				echo := nativeEcho
				if slices.Contains(kind.flags, "--splice") {
					echo = nativeSplice
				}
				native := dialEcho(b, startNativeEcho(b, echo), size.bytes)
				defer native.Close()
				addr, wait := startGuestEcho(b, 1+kind.idle, kind.flags...)
				var idle []*echoClient
				for range kind.idle {
					idle = append(idle, dialEcho(b, addr, 1))
				}
				guest := dialEcho(b, addr, size.bytes)
				ratios := takeTurns(b, func() { native.roundTrip(b) }, func() { guest.roundTrip(b) })
				for _, c := range append(idle, guest) {
					c.Close()
				}
				wait()
				reportQuartiles(b, ratios, "/native")
			})
		}
	}
}

// BenchmarkAcceptRatio takes turns between the two servers with connections that send one
// byte, get it back and end: from connect to the first byte, and the end.
func BenchmarkAcceptRatio(b *testing.B) {
	native := startNativeEcho(b, nativeEcho)
	p := compile(b, "tcp-echo")
	out := newLineWriter()
	in, stop := p.start(b, hostimpl.Config{
		Args: []string{"tcp-echo", "127.0.0.1:0"}, Stdout: out, Stderr: os.Stderr, Network: loopback(b),
	})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		command(context.Background(), in)
	}()
	guest := out.next(b, "listening on ")
	visit := func(addr string) func() {
		return func() {
			e := dialEcho(b, addr, 1)
			e.roundTrip(b)
			e.Close()
		}
	}
	ratios := takeTurns(b, visit(native), visit(guest))
	stop()
	<-ended
	reportQuartiles(b, ratios, "/native")
}

// takeTurns lets one go after the other, and answers how long each turn of the first
// took as a part of the second's.
func takeTurns(b *testing.B, first, second func()) (ratios []float64) {
	turn := func(once func()) float64 {
		start := time.Now()
		for range 100 {
			once()
		}
		return float64(time.Since(start))
	}
	turn(first)
	turn(second)
	for b.Loop() {
		ratios = append(ratios, turn(first)/turn(second))
	}
	return ratios
}

func reportQuartiles(b *testing.B, all []float64, unit string) {
	slices.Sort(all)
	for _, q := range []struct {
		name string
		at   float64
	}{{"q1", 0.25}, {"median", 0.5}, {"q3", 0.75}} {
		b.ReportMetric(all[int(q.at*float64(len(all)-1))], q.name+unit)
	}
}

func startNativeEcho(b *testing.B, echo func(net.Conn)) (addr string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go echo(c)
		}
	}()
	return l.Addr().String()
}

// nativeEcho reads and writes as a Go program would that looks at the bytes.
func nativeEcho(c net.Conn) {
	defer c.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		if _, err := c.Write(buf[:n]); err != nil {
			return
		}
	}
}

// nativeSplice is for a program that does not: io.Copy splices in the kernel.
func nativeSplice(c net.Conn) {
	defer c.Close()
	io.Copy(c, c)
}

func guestEcho(b *testing.B, size int, flags ...string) {
	addr, wait := startGuestEcho(b, 1, flags...)
	e := dialEcho(b, addr, size)
	e.loop(b)
	e.Close()
	wait()
}

// startGuestEcho serves so many connections; wait waits for its end.
func startGuestEcho(b *testing.B, connections int, flags ...string) (addr string, wait func()) {
	p := compile(b, "tcp-echo")
	out := newLineWriter()
	served := make(chan error, 1)
	go func() {
		served <- p.run(b, hostimpl.Config{
			Args: append([]string{"tcp-echo", "127.0.0.1:0", strconv.Itoa(connections)}, flags...), Stdout: out, Stderr: os.Stderr, Network: loopback(b),
		})
	}()
	return out.next(b, "listening on "), func() {
		if err := <-served; err != nil {
			b.Error(err)
		}
	}
}

// An echoClient sends a chunk and waits for it to come back.
type echoClient struct {
	net.Conn
	chunk, back []byte
}

func dialEcho(b *testing.B, addr string, size int) *echoClient {
	return dialEchoOver(b, "tcp", addr, size)
}

func dialEchoOver(b *testing.B, network, addr string, size int) *echoClient {
	c, err := net.Dial(network, addr)
	if err != nil {
		b.Fatal(err)
	}
	return &echoClient{c, make([]byte, size), make([]byte, size)}
}

func (e *echoClient) roundTrip(b *testing.B) {
	if _, err := e.Write(e.chunk); err != nil {
		b.Fatal(err)
	}
	if _, err := io.ReadFull(e, e.back); err != nil {
		b.Fatal(err)
	}
}

func (e *echoClient) loop(b *testing.B) {
	b.SetBytes(int64(len(e.chunk)))
	for b.Loop() {
		e.roundTrip(b)
	}
}
