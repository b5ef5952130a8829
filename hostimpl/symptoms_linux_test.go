package hostimpl

import (
	"context"
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
)

// TestEMFILEUnmapped is about the first of "EMFILE, EHOSTUNREACH, EMSGSIZE unmapped". The others are in
// TestEHOSTUNREACHUnmapped and TestUDPSymptoms.
func TestEMFILEUnmapped(t *testing.T) {
	ctx := context.Background()
	h := host(t, open("all"))
	l := listen(t, h)
	c := must(net.Dial("tcp", addressIn(must(l.LocalAddress(ctx))).String()))
	defer c.Close()
	var limit unix.Rlimit
	check(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	few := limit
	few.Cur = 3 // fewer than are open
	check(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &few))
	_, tcp := h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4)
	_, udp := h.network.CreateUDPSocket(ctx, network.IPAddressFamilyIPv6)
	_, _, _, accepted := l.Accept(ctx)
	check(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))

	wantError(t, "create-tcp-socket", tcp, network.ErrorCodeNewSocketLimit)
	wantError(t, "create-udp-socket", udp, network.ErrorCodeNewSocketLimit)
	wantError(t, "accept", accepted, network.ErrorCodeNewSocketLimit)
	s, in, out := accept(t, l) // it was left waiting
	closeAll(t, in, out, s, l)
}
