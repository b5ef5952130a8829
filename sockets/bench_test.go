package sockets

import (
	"fmt"
	"io"
	"net"
	"testing"
	"time"
)

// BenchmarkEcho compares an echo server on this package with one on Go's net. The client is the same, Go's.
func BenchmarkEcho(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"64KiB", 64 << 10}, {"64B", 64}} {
		b.Run(size.name, func(b *testing.B) {
			b.Run("go", func(b *testing.B) { benchEcho(b, size.bytes, goEcho) })
			b.Run("sockets", func(b *testing.B) { benchEcho(b, size.bytes, socketsEcho(blockingRead)) })
			b.Run("sockets-wait", func(b *testing.B) { benchEcho(b, size.bytes, socketsEcho(waitThenRead)) })
			b.Run("sockets-notify", func(b *testing.B) { benchEcho(b, size.bytes, socketsEcho(readSome)) })
		})
	}
}

func benchEcho(b *testing.B, size int, serve func(b *testing.B, size int) (addr string, done chan struct{})) {
	addr, done := serve(b, size)
	c, err := net.Dial("tcp", addr)
	check(b, err)
	out, in := make([]byte, size), make([]byte, size)
	b.SetBytes(int64(size))
	for b.Loop() {
		if _, err := c.Write(out); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(c, in); err != nil {
			b.Fatal(err)
		}
	}
	c.Close()
	<-done
}

func goEcho(b *testing.B, size int) (string, chan struct{}) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(b, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		l.Close()
		if err != nil {
			b.Error(err)
			return
		}
		defer c.Close()
		buf := make([]byte, size)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			if _, err := c.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	return l.Addr().String(), done
}

// socketsEcho serves with one of the ways to read: a blocking read, a wait for one thing, a wait for several.
func socketsEcho(read func(*Input, []byte) (int, error)) func(b *testing.B, size int) (string, chan struct{}) {
	return func(b *testing.B, size int) (string, chan struct{}) {
		l := listen(b, network(b), IPv4)
		done := make(chan struct{})
		go func() {
			defer close(done)
			l.Wait(ctx, time.Time{})
			c, in, out, err := l.Accept()
			l.Close()
			if err != nil {
				b.Error(err)
				return
			}
			defer peer{c, in, out}.closeAll()
			buf := make([]byte, size)
			for {
				n, err := read(in, buf)
				if err != nil {
					return
				}
				if writeAll(out, buf[:n]) != nil {
					return
				}
			}
		}()
		return must(l.LocalAddress()).String(), done
	}
}

func blockingRead(in *Input, p []byte) (int, error) { return in.BlockingRead(ctx, p) }

// waitThenRead is what a guest does that tries, blocks on the pollable, and tries again.
func waitThenRead(in *Input, p []byte) (int, error) {
	for {
		if n, err := in.Read(p); n > 0 || err != nil {
			return n, err
		}
		in.Wait(ctx, time.Time{})
	}
}

// BenchmarkDatagramEcho compares an echo server of datagrams on this package with one on Go's net. The client is the
// same, Go's.
func BenchmarkDatagramEcho(b *testing.B) {
	for _, size := range []int{64, 1400} {
		b.Run(fmt.Sprint(size, "B"), func(b *testing.B) {
			b.Run("go", func(b *testing.B) {
				c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
				check(b, err)
				done := make(chan struct{})
				go func() {
					defer close(done)
					buf := make([]byte, 64<<10)
					for {
						n, from, err := c.ReadFromUDPAddrPort(buf)
						if err != nil {
							return
						}
						c.WriteToUDPAddrPort(buf[:n], from)
					}
				}()
				benchDatagrams(b, size, c.LocalAddr().String())
				c.Close()
				<-done
			})
			b.Run("sockets-wait", func(b *testing.B) {
				benchSocketsDatagrams(b, size, func(in *Incoming) { in.Wait(ctx, time.Time{}) })
			})
			b.Run("sockets-notify", func(b *testing.B) {
				benchSocketsDatagrams(b, size, func(in *Incoming) { await(in, time.Hour) })
			})
		})
	}
}

func benchDatagrams(b *testing.B, size int, addr string) {
	c, err := net.Dial("udp", addr)
	check(b, err)
	defer c.Close()
	out, in := make([]byte, size), make([]byte, size)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Write(out); err != nil {
			b.Fatal(err)
		}
		if _, err := c.Read(in); err != nil {
			b.Fatal(err)
		}
	}
}

func benchSocketsDatagrams(b *testing.B, size int, wait func(in *Incoming)) {
	s := openUDP(b, network(b), IPv4, Address{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			got, err := s.in.Receive(MaxDatagrams)
			if err != nil {
				return
			}
			if len(got) == 0 {
				wait(s.in)
				continue
			}
			s.out.CheckSend()
			s.out.Send(got)
		}
	}()
	benchDatagrams(b, size, s.here().String())
	s.Close()
	<-done
}

// BenchmarkAcceptToFirstByte opens a connection, sends one byte each way and closes it.
func BenchmarkAcceptToFirstByte(b *testing.B) {
	b.Run("go", func(b *testing.B) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		check(b, err)
		defer l.Close()
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					c.Write([]byte{1})
					c.Close()
				}()
			}
		}()
		benchFirstByte(b, l.Addr().String())
	})
	b.Run("sockets", func(b *testing.B) {
		n := network(b)
		l := listen(b, n, IPv4)
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				l.Wait(ctx, time.Time{})
				c, in, out, err := l.Accept()
				if err != nil {
					return
				}
				writeAll(out, []byte{1})
				peer{c, in, out}.closeAll()
			}
		}()
		benchFirstByte(b, must(l.LocalAddress()).String())
		l.Close()
		<-stopped
	})
}

func benchFirstByte(b *testing.B, addr string) {
	one := make([]byte, 1)
	for b.Loop() {
		c, err := net.Dial("tcp", addr)
		check(b, err)
		_, err = io.ReadFull(c, one)
		check(b, err)
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	}
}

// BenchmarkReadyOfIdleInputs is what looking at a long poll list costs, per entry.
func BenchmarkReadyOfIdleInputs(b *testing.B) {
	client, _ := pair(b, network(b), IPv4)
	b.Run("polled once", func(b *testing.B) {
		for b.Loop() {
			client.in.Ready()
		}
	})
	b.Run("while waited for", func(b *testing.B) {
		defer client.in.Notify(make(chan struct{}, 1))()
		for b.Loop() {
			client.in.Ready()
		}
	})
}
