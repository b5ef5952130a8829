package sockets

import (
	"net"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRunningOutOfDescriptorsIsTheSocketLimitAndPasses(t *testing.T) {
	n := network(t)
	l := listen(t, n, IPv4)
	at := must(l.LocalAddress()).String()
	c := must(net.Dial("tcp", at))
	defer c.Close()

	var create, accepted error
	var ready bool
	withFewDescriptors(t, func() {
		_, create = n.NewTCP(IPv4)
		ready = l.Ready()
		_, _, _, accepted = l.Accept()
	})

	expect(t, "create", create, NewSocketLimit)
	expect(t, "ready", ready, true)
	expect(t, "accept", accepted, NewSocketLimit)
	expect(t, "the connection is still there", must(accept(t, l).RemoteAddress()).String(), c.LocalAddr().String())
}

// withFewDescriptors runs f while none can be opened.
func withFewDescriptors(t *testing.T, f func()) {
	t.Helper()
	var limit unix.Rlimit
	check(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	few := limit
	few.Cur = 3 // fewer than are open
	check(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &few))
	f()
	check(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
}

func TestAnIdleConnectionTakesLittleMemory(t *testing.T) {
	const many = 500
	n := network(t)
	l := listen(t, n, IPv4)
	at := must(l.LocalAddress())
	woken := make(chan struct{}, 1)
	all := make([]peer, 0, 2*many)
	before := heap()
	for range many {
		for _, p := range []peer{dial(t, n, at), accept(t, l)} {
			check(t, writeAll(p.out, []byte("x")))
			defer p.in.Notify(woken)()
			all = append(all, p)
		}
	}
	each := (heap() - before) / (2 * many)
	runtime.KeepAlive(all)
	t.Logf("%d bytes for each connection that is waited for", each)
	if each > 4<<10 {
		t.Errorf("%d bytes for each connection", each)
	}
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
