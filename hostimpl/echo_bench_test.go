package hostimpl_test

import (
	"io"
	"net"
	"os"
	"testing"

	"github.com/tenon-wasm/tenon/hostimpl"
)

// BenchmarkEcho sends chunks to an echo server and waits for each to come back:
// the same client, to the same server written in Go and as a guest.
func BenchmarkEcho(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"64KiB", 64 << 10}, {"64B", 64}} {
		b.Run(size.name+"/native", func(b *testing.B) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					go nativeEcho(c)
				}
			}()
			roundTrips(b, l.Addr().String(), size.bytes)
		})
		b.Run(size.name+"/guest", func(b *testing.B) { guestEcho(b, size.bytes) })
		b.Run(size.name+"/guest-splice", func(b *testing.B) { guestEcho(b, size.bytes, "--splice") })
	}
}

// nativeEcho reads and writes as a Go program would, not through io.Copy, which
// splices in the kernel.
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

func guestEcho(b *testing.B, size int, flags ...string) {
	p := compile(b, "tcp-echo")
	out := newLineWriter()
	served := make(chan error, 1)
	go func() {
		served <- p.run(b, hostimpl.Config{
			Args: append([]string{"tcp-echo", "127.0.0.1:0", "1"}, flags...), Stdout: out, Stderr: os.Stderr, Network: loopback(b),
		})
	}()
	roundTrips(b, out.next(b, "listening on "), size)
	if err := <-served; err != nil {
		b.Error(err)
	}
}

func roundTrips(b *testing.B, addr string, size int) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	chunk, back := make([]byte, size), make([]byte, size)
	b.SetBytes(int64(size))
	for b.Loop() {
		if _, err := c.Write(chunk); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(c, back); err != nil {
			b.Fatal(err)
		}
	}
}
