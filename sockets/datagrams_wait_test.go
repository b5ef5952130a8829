package sockets

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestClosingFromElsewhereWakesWhoeverWaitsForDatagrams(t *testing.T) {
	for name, end := range map[string]func(*Network, datagrams){
		"stream":  func(_ *Network, s datagrams) { s.in.Close() },
		"again":   func(_ *Network, s datagrams) { s.Stream(Address{}) },
		"socket":  func(_ *Network, s datagrams) { s.Close() },
		"network": func(n *Network, _ datagrams) { n.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			n := network(t)
			s := openUDP(t, n, IPv4, Address{})
			var waiting sync.WaitGroup
			waiting.Go(func() {
				if err := await(s.in, patience); err != nil {
					t.Error(err)
				}
			})
			for range 2 { // one parks, the other cannot
				waiting.Go(func() {
					if !s.in.Wait(ctx, time.Now().Add(patience)) {
						t.Error("not woken from Wait")
					}
				})
			}
			time.Sleep(5 * time.Millisecond)
			end(n, s)
			waiting.Wait()
			_, err := s.in.Receive(1)
			expect(t, "receive", err, InvalidState)
			expect(t, "ready", s.in.Ready(), true)
		})
	}
}

func TestUDPIsClosedInAnyOrder(t *testing.T) {
	n := network(t)
	for _, order := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		s := openUDP(t, n, IPv4, addr("127.0.0.1:4321"))
		for _, what := range order {
			for range 2 {
				[]func(){s.UDP.Close, s.in.Close, s.out.Close}[what]()
			}
		}
		expect(t, "open", n.Stats().Open, 0)
		expect(t, "state", s.State(), "closed")
	}
}

// One stream less is no reason for the other to end.
func TestEachDatagramStreamIsClosedForItself(t *testing.T) {
	n := network(t)
	a, b := openUDP(t, n, IPv4, Address{}), openUDP(t, n, IPv4, Address{})
	a.in.Close()
	b.out.Close()
	sendOne(t, a.out, "x", b.here())
	data, _ := receiveOne(t, b.in)
	expect(t, "received", data, "x")
}

func TestClosingTheNetworkEndsUDPAndNothingOpensAfterwards(t *testing.T) {
	n := network(t)
	s := openUDP(t, n, IPv4, Address{})
	n.Close()
	_, err := n.NewUDP(IPv4)
	expect(t, "create", err, InvalidState)
	_, err = s.LocalAddress()
	expect(t, "local-address", err, InvalidState)
	_, err = s.out.CheckSend()
	expect(t, "check-send", err, InvalidState)
	expect(t, "open", n.Stats().Open, 0)
}

func TestAWaitForDatagramsEndsWithItsDeadlineOrContextAndTheNextOneHasItsOwn(t *testing.T) {
	n := network(t)
	s := openUDP(t, n, IPv4, Address{})
	for range 2 {
		expect(t, "ready at the deadline", s.in.Wait(ctx, time.Now().Add(2*time.Millisecond)), false)
		over, cancel := context.WithCancel(ctx)
		var waiting sync.WaitGroup
		for range 2 { // one parks, the other cannot
			waiting.Go(func() { expect(t, "ready, cancelled meanwhile", s.in.Wait(over, noDeadline), false) })
		}
		time.Sleep(2 * time.Millisecond)
		cancel()
		waiting.Wait()
	}
	time.AfterFunc(2*time.Millisecond, func() { sendOne(t, s.out, "x", s.here()) })
	expect(t, "ready in the end", s.in.Wait(ctx, noDeadline), true)
	data, _ := receiveOne(t, s.in)
	expect(t, "received", data, "x")
}

func TestSeveralWaitersForDatagramsAreAllWokenAndAfterStopNobody(t *testing.T) {
	n := network(t)
	s := openUDP(t, n, IPv4, Address{})
	woken := make(chan struct{}, 1)
	stop := s.in.Notify(woken)
	stop()
	stop()
	var waiting sync.WaitGroup
	for range 5 {
		waiting.Go(func() {
			if err := await(s.in, patience); err != nil {
				t.Error(err)
			}
		})
	}
	sendOne(t, s.out, "x", s.here())
	waiting.Wait()
	select {
	case <-woken:
		t.Error("woken after stop")
	default:
	}
}

func TestAThousandIdleUDPSocketsCostNoGoroutineEach(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("counts what the Linux poller costs")
	}
	const many = 1000
	n := network(t)
	before := runtime.NumGoroutine()
	woken := make(chan struct{}, 1)
	all := make([]datagrams, many)
	for i := range all {
		all[i] = openUDP(t, n, IPv4, Address{})
		defer all[i].in.Notify(woken)()
	}
	if grown := runtime.NumGoroutine() - before; grown > 1 {
		t.Errorf("%d more goroutines for %d waits", grown, many)
	}
	for i := range 10 {
		s := all[i*97]
		sendOne(t, all[0].out, "x", s.here())
		for !s.in.Ready() {
			<-woken
		}
		expect(t, "received", len(must(s.in.Receive(1))), 1)
	}
}

// Everything at once from everywhere. The race detector and the ends of the test are the judges.
func TestUDPMayBeUsedByManyAtOnce(t *testing.T) {
	n := network(t)
	s := openUDP(t, n, IPv4, Address{})
	here := s.here()
	var latest atomic.Pointer[datagrams]
	latest.Store(&s)
	var stop atomic.Bool
	var all sync.WaitGroup
	forever := func(f func(s *datagrams)) {
		all.Go(func() {
			for !stop.Load() {
				f(latest.Load())
				runtime.Gosched()
			}
		})
	}
	forever(func(s *datagrams) { s.out.CheckSend(); s.out.Send([]Datagram{{[]byte("x"), here}}) })
	forever(func(s *datagrams) { s.in.Receive(16) })
	forever(func(s *datagrams) { s.in.Wait(ctx, time.Now().Add(time.Millisecond)) })
	forever(func(s *datagrams) { s.in.Notify(make(chan struct{}, 1))(); s.in.Ready(); s.out.Ready() })
	forever(func(s *datagrams) { s.LocalAddress(); s.RemoteAddress(); s.State() })
	for i := range 20 {
		to := Address{}
		if i%2 == 0 {
			to = here
		}
		in, out, err := s.Stream(to)
		if err == AddressInUse { // by another test of this machine, in the one moment
			break
		}
		check(t, err)
		latest.Store(&datagrams{s.UDP, in, out})
		time.Sleep(time.Millisecond)
	}
	s.Close()
	stop.Store(true)
	all.Wait()
}

func TestADatagramCostsNoAllocation(t *testing.T) {
	if runtime.GOOS != "linux" || raceEnabled {
		t.Skip("on other systems golang.org/x/sys allocates addresses, and the race detector lets pools forget")
	}
	for _, c := range []struct {
		name string
		peer bool
	}{{"any peer", false}, {"one peer", true}} {
		n := network(t)
		a := openUDP(t, n, IPv6, Address{})
		b := openUDP(t, n, IPv6, a.here())
		msg := []Datagram{{Data: make([]byte, 64)}}
		back := []Datagram{{Data: make([]byte, 64), Remote: b.here()}}
		if c.peer {
			a = streamUDP(t, a.UDP, b.here())
		}
		trip := func() {
			must(b.out.CheckSend())
			must(b.out.Send(msg))
			if !a.in.Wait(ctx, noDeadline) || len(must(a.in.Receive(16))) != 1 {
				t.Fatal("no datagram")
			}
			must(a.out.CheckSend())
			must(a.out.Send(back))
			if !b.in.Ready() || len(must(b.in.Receive(16))) != 1 {
				t.Fatal("no answer")
			}
		}
		trip()
		if allocs := testing.AllocsPerRun(200, trip); allocs > 0 {
			t.Errorf("%s: %v allocations", c.name, allocs)
		}
	}
}
