package sockets

import (
	"io"
	"testing"
)

// TestBothHalvesTellWhyAConnectionWasLost: the kernel tells it to whichever asks first, and to the other that the
// connection has ended.
func TestBothHalvesTellWhyAConnectionWasLost(t *testing.T) {
	type told [2]error // the answer to a first call and to the next
	for _, tt := range []struct {
		name     string
		met      string // by the half that asks first
		input    bool   // it is the input
		in, outs told
	}{
		{"the input has met that nobody answers", "ETIMEDOUT", true, told{Timeout, io.EOF}, told{Timeout, io.ErrClosedPipe}},
		{"the output has", "ETIMEDOUT", false, told{Timeout, io.EOF}, told{Timeout, io.ErrClosedPipe}},
		{"the input has met that there is no way", "EHOSTUNREACH", true, told{RemoteUnreachable, io.EOF}, told{RemoteUnreachable, io.ErrClosedPipe}},
		{"the input has met a reset, and what is written behind it is closed", "ECONNRESET", true, told{ConnectionReset, io.EOF}, told{io.ErrClosedPipe, io.ErrClosedPipe}},
		{"the output has", "ECONNRESET", false, told{ConnectionReset, io.EOF}, told{ConnectionReset, io.ErrClosedPipe}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := fakeStage(t, IPv4)
			tcp, f := s.subject("tcp").(*tcpSubject), s.fake
			tcp.reach("connected")
			read := func() error {
				_, err := tcp.in.Read(make([]byte, 1))
				return err
			}
			write := func() error { return tcp.out.Write([]byte("x")) }
			must(tcp.out.CheckWrite())
			var in, out told
			if tt.input {
				f.fail("read", errnos[tt.met])
				in[0] = read()
				f.fail("write", errnos["EPIPE"])
				out[0] = write()
			} else {
				f.fail("write", errnos[tt.met])
				out[0] = write()
				f.mu.Lock()
				f.sockets[tcp.in.c.d.fd].torn = true // then a read finds the end
				f.mu.Unlock()
				in[0] = read()
			}
			in[1], out[1] = read(), write()
			expect(t, "the input", in, tt.in)
			expect(t, "the output", out, tt.outs)
		})
	}
}
