package sockets

import (
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// UDP over loopback never fills the kernel. A UNIX socket whose other end does not read does, and takes the place of
// the descriptor here.
func TestAFullKernelPermitsNothingUntilItHasRoom(t *testing.T) {
	n := network(t)
	s := openUDP(t, n, IPv4, addr("127.0.0.1:4321"))
	ends := must(unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0))
	peer := ends[1]
	defer unix.Close(peer)
	check(t, s.in.p.d.use(func(_ system, fd handle) error { return unix.Dup3(ends[0], fd, unix.O_CLOEXEC) }))
	check(t, unix.Close(ends[0]))

	batch := make([]Datagram, MaxDatagrams)
	for i := range batch {
		batch[i].Data = make([]byte, 1000)
	}
	fill := func() (sent int) {
		for {
			permit := must(s.out.CheckSend())
			if permit == 0 {
				return sent
			}
			n, err := s.out.Send(batch[:permit])
			check(t, err)
			sent += int(n)
			if n < permit {
				expect(t, "permit when full", must(s.out.CheckSend()), uint64(0))
			}
		}
	}
	drain := func() (received int) {
		p := make([]byte, 2000)
		for {
			if _, err := unix.Read(peer, p); err != nil {
				return received
			}
			received++
		}
	}
	for name, look := range map[string]func(){
		"wait":   func() { expect(t, "wait", s.out.Wait(ctx, time.Now().Add(patience)), true) },
		"notify": func() { check(t, await(s.out, patience)) },
		"check-send": func() {
			for must(s.out.CheckSend()) == 0 {
				time.Sleep(time.Millisecond)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			sent := fill()
			expect(t, "ready when full", s.out.Ready(), false)
			expect(t, "wait when full", s.out.Wait(ctx, time.Now().Add(time.Millisecond)), false)
			var waiting sync.WaitGroup
			waiting.Go(look)
			time.Sleep(2 * time.Millisecond)
			expect(t, "received", drain(), sent)
			waiting.Wait()
			expect(t, "permit", must(s.out.CheckSend()), uint64(MaxDatagrams))
		})
	}
	fill()
	var waiting sync.WaitGroup
	waiting.Go(func() { s.out.Wait(ctx, noDeadline) })
	waiting.Go(func() { await(s.out, patience) })
	time.Sleep(2 * time.Millisecond)
	s.Close()
	waiting.Wait()
}

func TestRunningOutOfDescriptorsIsTheLimitOfUDPSockets(t *testing.T) {
	n := network(t)
	var create error
	withFewDescriptors(t, func() { _, create = n.NewUDP(IPv4) })
	expect(t, "create", create, NewSocketLimit)
	expect(t, "open", n.Stats().Open, 0)
}

func TestAnIdleUDPSocketTakesLittleMemory(t *testing.T) {
	const many = 500
	n := network(t)
	woken := make(chan struct{}, 1)
	all := make([]datagrams, 0, many)
	before := heap()
	for range many {
		s := openUDP(t, n, IPv4, Address{})
		sendOne(t, s.out, "x", s.here())
		receiveOne(t, s.in)
		defer s.in.Notify(woken)()
		all = append(all, s)
	}
	each := (heap() - before) / many
	t.Logf("%d bytes for each socket that has received and is waited for", each)
	if each > 6<<10 {
		t.Errorf("%d bytes for each socket", each)
	}
	for _, s := range all {
		s.Close()
	}
}

// Symptom: EMFILE, EHOSTUNREACH, EMSGSIZE unmapped.
func TestWhatTheKernelSaysOfADatagramHasACode(t *testing.T) {
	for _, c := range []struct {
		errno                 unix.Errno
		stream, send, receive ErrorCode
	}{
		{unix.EHOSTUNREACH, RemoteUnreachable, RemoteUnreachable, RemoteUnreachable},
		{unix.EHOSTDOWN, RemoteUnreachable, RemoteUnreachable, RemoteUnreachable},
		{unix.ENETUNREACH, RemoteUnreachable, RemoteUnreachable, RemoteUnreachable},
		{unix.ENETDOWN, RemoteUnreachable, RemoteUnreachable, RemoteUnreachable},
		{unix.ENONET, RemoteUnreachable, RemoteUnreachable, RemoteUnreachable},
		{unix.ECONNREFUSED, ConnectionRefused, ConnectionRefused, ConnectionRefused},
		{unix.EMSGSIZE, DatagramTooLarge, DatagramTooLarge, DatagramTooLarge},
		{unix.EADDRNOTAVAIL, AddressInUse, AddressNotBindable, AddressNotBindable},
		{unix.EACCES, AccessDenied, AccessDenied, AccessDenied},
		{unix.EPERM, AccessDenied, AccessDenied, AccessDenied},
		{unix.ENOBUFS, OutOfMemory, OutOfMemory, OutOfMemory},
		{unix.EINVAL, InvalidArgument, InvalidArgument, InvalidArgument},
		{unix.EAGAIN, AddressInUse, WouldBlock, WouldBlock},
		{unix.EPROTO, Unknown, Unknown, Unknown},
	} {
		expect(t, c.errno.Error()+" of stream", peerCode(c.errno), c.stream)
		expect(t, c.errno.Error()+" of send", sendCode(c.errno), c.send)
		expect(t, c.errno.Error()+" of receive", receiveCode(c.errno), c.receive)
	}
}
