package sockets

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"
)

func noise(n int) []byte {
	p := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	r.Read(p)
	return p
}

func TestSeveralMiBGoBothWaysAndComeOutWhole(t *testing.T) {
	eachFamily(t, func(t *testing.T, f Family) {
		client, server := pair(t, network(t), f)
		data := noise(4 << 20)
		var ends sync.WaitGroup
		send := func(from peer) {
			if err := writeAll(from.out, data); err != nil {
				t.Error("write:", err)
			}
			if err := from.Shutdown(ShutdownSend); err != nil {
				t.Error("shutdown:", err)
			}
		}
		receive := func(at peer) {
			got, err := readAll(at.in)
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("got %d bytes of %d, %v", len(got), len(data), err)
			}
		}
		ends.Go(func() { send(client) })
		ends.Go(func() { send(server) })
		ends.Go(func() { receive(client) })
		ends.Go(func() { receive(server) })
		ends.Wait()
		client.closeAll()
		server.closeAll()
	})
}

func TestAnEchoOfASlowReaderKeepsEveryByteAndBoundsWhatIsUnderWay(t *testing.T) {
	client, server := pair(t, network(t), IPv4)
	data, sent := noise(MaxPermit), 0
	for {
		permit, err := client.out.CheckWrite()
		check(t, err)
		if permit == 0 {
			break
		}
		check(t, client.out.Write(data[:permit]))
		if sent += int(permit); sent > 64<<20 {
			t.Fatal("a peer that reads nothing never stopped the writer")
		}
	}
	expect(t, "a full output is ready", client.out.Ready(), false)
	got := make([]byte, sent)
	check(t, readFull(server.in, got))
	for i := range sent / len(data) {
		if !bytes.Equal(got[i*len(data):][:len(data)], data) {
			t.Fatalf("chunk %d differs", i)
		}
	}
	wait(t, client.out)
}

func TestAWriteBeyondThePermitIsATypedErrorAndTakesNothing(t *testing.T) {
	client, server := pair(t, network(t), IPv4)
	var unpermitted *PermitError
	err := client.out.Write([]byte("x"))
	if !errors.As(err, &unpermitted) || unpermitted.Size != 1 || unpermitted.Permit != 0 {
		t.Fatal("without a permit:", err)
	}
	check(t, client.out.Write(nil))
	permit := must(client.out.CheckWrite())
	if err := client.out.Write(make([]byte, permit+1)); !errors.As(err, &unpermitted) {
		t.Fatal("beyond the permit:", err)
	}
	check(t, client.out.Write([]byte("first ")))
	check(t, client.out.Write([]byte("second")))
	if err := client.out.Write(make([]byte, permit)); !errors.As(err, &unpermitted) {
		t.Fatal("beyond the rest of the permit:", err)
	}
	check(t, client.Shutdown(ShutdownSend))
	expect(t, "what arrived", string(must(readAll(server.in))), "first second")
}

func TestThePermitIsLargerThanASmallSendBuffer(t *testing.T) {
	client, _ := pair(t, network(t), IPv4)
	check(t, client.SetSendBufferSize(1024))
	size := must(client.SendBufferSize())
	if permit := must(client.out.CheckWrite()); permit <= size {
		t.Errorf("permit %d, send buffer %d", permit, size)
	}
}

func TestAnIdleInputReadsNothingAndIsNotReady(t *testing.T) {
	client, _ := pair(t, network(t), IPv4)
	expect(t, "ready", client.in.Ready(), false)
	for _, size := range []int{0, 10} {
		n, err := client.in.Read(make([]byte, size))
		expect(t, "bytes", n, 0)
		expect(t, "error", err, nil)
	}
}

func TestAReadyInputGivesBytesAndThenIsNotReadyAgain(t *testing.T) {
	client, server := pair(t, network(t), IPv4)
	check(t, writeAll(server.out, []byte("abc")))
	for range 3 {
		wait(t, client.in)
		expect(t, "ready twice", client.in.Ready(), true)
		n, err := client.in.Read(make([]byte, 1))
		expect(t, "bytes", n, 1)
		expect(t, "error", err, nil)
	}
	expect(t, "ready when empty", client.in.Ready(), false)
}

func TestTheEndOfTheStreamIsReadyAndClosedNeverEmpty(t *testing.T) {
	client, server := pair(t, network(t), IPv4)
	server.closeAll()
	wait(t, client.in)
	for _, size := range []int{1, 0, 1} {
		n, err := client.in.Read(make([]byte, size))
		expect(t, "bytes", n, 0)
		expect(t, "error", err, io.EOF)
		expect(t, "ready", client.in.Ready(), true)
	}
	expect(t, "state", client.State(), "connected")
}

func TestShutdownReceiveClosesTheInputWithDataQueued(t *testing.T) {
	client, server := pair(t, network(t), IPv4)
	check(t, writeAll(server.out, []byte("queued")))
	wait(t, client.in)
	check(t, client.Shutdown(ShutdownReceive))
	_, err := client.in.Read(make([]byte, 10))
	expect(t, "read", err, io.EOF)
	check(t, client.Shutdown(ShutdownReceive))
	check(t, writeAll(client.out, []byte("still")))
	got := make([]byte, 5)
	check(t, readFull(server.in, got))
	expect(t, "other direction", string(got), "still")
}

func TestShutdownSendClosesTheOutputThoughAPermitWasHeld(t *testing.T) {
	client, server := pair(t, network(t), IPv4)
	must(client.out.CheckWrite())
	check(t, client.Shutdown(ShutdownSend))
	expect(t, "write", client.out.Write([]byte("x")), io.ErrClosedPipe)
	_, err := client.out.CheckWrite()
	expect(t, "check-write", err, io.ErrClosedPipe)
	expect(t, "flush", client.out.Flush(), io.ErrClosedPipe)
	expect(t, "ready", client.out.Ready(), true)
	check(t, client.Shutdown(ShutdownBoth))
	if got := must(readAll(server.in)); len(got) != 0 {
		t.Error("bytes out of nowhere:", got)
	}
	check(t, writeAll(server.out, []byte("half open")))
	_, err = client.in.Read(make([]byte, 10))
	expect(t, "read after shutdown of both", err, io.EOF)
}

// fill writes until nothing more is permitted.
func fill(t *testing.T, o *Output) (sent int) {
	t.Helper()
	data := noise(MaxPermit)
	for {
		permit, err := o.CheckWrite()
		check(t, err)
		if permit == 0 {
			return sent
		}
		check(t, o.Write(data[:permit]))
		sent += int(permit)
	}
}

// whileFull runs a test that wants the output to have no room. The kernel may pass on what it has while the test runs,
// so it may be run again: it answers whether there was no room.
func whileFull(t *testing.T, o *Output, test func() bool) {
	t.Helper()
	for range 100 {
		fill(t, o)
		if test() {
			return
		}
	}
	t.Error("the output has room, again and again")
}

func TestShutdownDoesNotLoseDataUnderWay(t *testing.T) {
	client, server := pair(t, network(t), IPv4)
	sent := fill(t, client.out)
	check(t, client.Shutdown(ShutdownSend))
	permit, err := client.out.CheckWrite()
	if permit != 0 || err != nil {
		t.Error("while finishing:", permit, err)
	}
	expect(t, "write while finishing", client.out.Write([]byte("x")), io.ErrClosedPipe)
	expect(t, "received", len(must(readAll(server.in))), sent)
	wait(t, client.out)
	_, err = client.out.CheckWrite()
	expect(t, "check-write at the end", err, io.ErrClosedPipe)
}

func TestClosingEverythingStillSendsWhatIsUnderWay(t *testing.T) {
	client, server := pair(t, network(t), IPv4)
	sent := fill(t, client.out)
	client.closeAll()
	got, err := readAll(server.in)
	check(t, err)
	expect(t, "received", len(got), sent)
}

func TestDrainWaitsForWhatIsUnderWayAndCloseDoesNot(t *testing.T) {
	n, other := network(t), network(t)
	listener := bind(t, other, loopbackOf(IPv4))
	check(t, listener.StartListen())
	check(t, listener.FinishListen())
	client := must(n.NewTCP(IPv4))
	check(t, client.StartConnect(must(listener.LocalAddress())))
	wait(t, client)
	in, out, err := client.FinishConnect()
	check(t, err)
	wait(t, listener)
	_, received, answer, err := listener.Accept()
	check(t, err)
	defer answer.Close()

	sent := fill(t, out)
	in.Close()
	out.Close()
	client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := n.Drain(ctx); err != context.DeadlineExceeded {
		t.Fatalf("drained while nobody reads: %v", err)
	}
	drained := make(chan error)
	go func() { drained <- n.Drain(context.Background()) }()
	got, err := readAll(received)
	check(t, err)
	expect(t, "received", len(got), sent)
	check(t, <-drained)
	check(t, n.Drain(context.Background()))
}

func TestWhatLingersTooLongIsResetNotPassedOffAsWhole(t *testing.T) {
	n := networkOf(t, Config{Policy: must(ParsePolicy("all")), Linger: 50 * time.Millisecond})
	client, server := pair(t, n, IPv4)
	fill(t, client.out)
	client.closeAll()
	time.Sleep(100 * time.Millisecond)
	_, err := readAll(server.in)
	expect(t, "reader", err, ConnectionReset)
	server.closeAll()
	eventually(t, func() bool { return n.Stats().Open == 0 })
}

func TestDroppingTheOutputAloneSendsNoFin(t *testing.T) {
	client, server := pair(t, network(t), IPv4)
	client.out.Close()
	if await(server.in, 20*time.Millisecond) == nil {
		t.Fatal("the end came with the output")
	}
	client.in.Close()
	if await(server.in, 20*time.Millisecond) == nil {
		t.Fatal("the end came with the streams")
	}
	client.TCP.Close()
	wait(t, server.in)
	_, err := server.in.Read(make([]byte, 1))
	expect(t, "read", err, io.EOF)
}

func TestAnyOrderOfClosingIsSafeAndSendsFinWithTheLast(t *testing.T) {
	orders := [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	n := network(t)
	for _, order := range orders {
		client, server := pair(t, n, IPv4)
		for _, what := range order {
			expect(t, "ended early", server.in.Ready(), false)
			for range 2 {
				[]func(){client.TCP.Close, client.in.Close, client.out.Close}[what]()
			}
		}
		wait(t, server.in)
		_, err := server.in.Read(make([]byte, 1))
		expect(t, "read", err, io.EOF)
		server.closeAll()
	}
	expect(t, "open", n.Stats().Open, 0)
}

// tcpPeer is a connection whose other end is Go's, to be torn down at will.
func tcpPeer(t *testing.T, n *Network) (peer, *net.TCPConn) {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	p := dial(t, n, addr(l.Addr().String()))
	c := must(l.Accept()).(*net.TCPConn)
	t.Cleanup(func() { c.Close() })
	return p, c
}

func reset(c *net.TCPConn) {
	c.SetLinger(0)
	c.Close()
}

func TestAResetIsToldOnceToTheReaderAndThenClosed(t *testing.T) {
	p, c := tcpPeer(t, network(t))
	reset(c)
	wait(t, p.in)
	expect(t, "ready takes nothing", p.in.Ready(), true)
	_, err := p.in.Read(make([]byte, 1))
	expect(t, "first read", err, ConnectionReset)
	for range 2 {
		_, err = p.in.Read(make([]byte, 1))
		expect(t, "later read", err, io.EOF)
	}
}

func TestAResetIsToldOnceToTheWriterAndThenClosed(t *testing.T) {
	p, c := tcpPeer(t, network(t))
	woken := make(chan struct{}, 1)
	stop := p.in.Notify(woken)
	defer stop()
	reset(c)
	<-woken
	must(p.out.CheckWrite())
	expect(t, "write", p.out.Write([]byte("x")), ConnectionReset)
	for range 2 {
		_, err := p.out.CheckWrite()
		expect(t, "later check-write", err, io.ErrClosedPipe)
	}
	_, err := p.in.Read(make([]byte, 1))
	expect(t, "the reader hears of it too", err, ConnectionReset)
	_, err = p.in.Read(make([]byte, 1))
	expect(t, "then it is closed", err, io.EOF)
}

func TestAResetUnderWayFailsTheOutputOnce(t *testing.T) {
	p, c := tcpPeer(t, network(t))
	fill(t, p.out)
	reset(c)
	wait(t, p.out)
	_, err := p.out.CheckWrite()
	expect(t, "check-write", err, ConnectionReset)
	_, err = p.out.CheckWrite()
	expect(t, "later", err, io.ErrClosedPipe)
}

func TestAWriteToAPeerThatIsGoneIsClosed(t *testing.T) {
	p, c := tcpPeer(t, network(t))
	reset(c)
	wait(t, p.in)
	_, err := p.in.Read(make([]byte, 1))
	expect(t, "read", err, ConnectionReset)
	must(p.out.CheckWrite())
	expect(t, "write", p.out.Write([]byte("x")), io.ErrClosedPipe)
}

func TestClosingFromElsewhereWakesWhoeverWaits(t *testing.T) {
	for name, end := range map[string]func(*Network, *TCP, peer){
		"close":    func(_ *Network, l *TCP, p peer) { l.Close(); p.closeAll() },
		"network":  func(n *Network, _ *TCP, _ peer) { n.Close() },
		"shutdown": func(_ *Network, l *TCP, p peer) { l.Close(); p.Shutdown(ShutdownBoth); p.out.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			n := network(t)
			l := listen(t, n, IPv4)
			client, _ := pair(t, n, IPv4)
			fill(t, client.out)
			var waiting sync.WaitGroup
			for _, w := range []blocker{l, client.in, client.out} {
				waiting.Go(func() {
					if err := await(w, patience); err != nil {
						t.Errorf("%T: %v", w, err)
					}
				})
				for range 2 { // one parks, the other cannot
					waiting.Go(func() {
						if !w.Wait(ctx, time.Now().Add(patience)) {
							t.Errorf("%T: not woken from Wait", w)
						}
					})
				}
			}
			time.Sleep(5 * time.Millisecond)
			end(n, l, client)
			waiting.Wait()
		})
	}
}

func TestClosingTheNetworkEndsEverythingAtOnceAndNothingOpensAfterwards(t *testing.T) {
	n := network(t)
	l := listen(t, n, IPv4)
	client, server := pair(t, n, IPv4)
	fill(t, client.out)
	waitingClient := dial(t, n, must(l.LocalAddress()))
	wait(t, l) // keeps an arrival
	n.Close()
	expect(t, "open", n.Stats().Open, 0)
	_, err := n.NewTCP(IPv4)
	expect(t, "new socket", err, InvalidState)
	_, err = server.in.Read(make([]byte, 1))
	expect(t, "read", err, io.EOF)
	expect(t, "ready", waitingClient.in.Ready(), true)
	_, err = client.out.CheckWrite()
	expect(t, "check-write", err, io.ErrClosedPipe)
	_, err = client.LocalAddress()
	expect(t, "local-address", err, InvalidState)
	n.Close()
}

func TestAThousandIdleConnectionsCostNoGoroutineEach(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("counts what the Linux poller costs")
	}
	const many = 1000
	n := networkOf(t, Config{Policy: must(ParsePolicy("all")), MaxSockets: 2*many + 1})
	l := listen(t, n, IPv4)
	at := must(l.LocalAddress())
	before := runtime.NumGoroutine()
	woken := make(chan struct{}, 1)
	clients := make([]peer, many)
	var servers [many]peer
	for i := range clients {
		clients[i] = dial(t, n, at)
		servers[i] = accept(t, l)
		defer clients[i].in.Notify(woken)()
	}
	if grown := runtime.NumGoroutine() - before; grown > 1 {
		t.Errorf("%d more goroutines for %d waits", grown, many)
	}
	for i := range 10 {
		check(t, writeAll(servers[i*97].out, []byte{1}))
		<-woken
		for !clients[i*97].in.Ready() {
			<-woken
		}
		_, err := clients[i*97].in.Read(make([]byte, 1))
		check(t, err)
	}
}

func TestNotifyAfterStopSendsNothing(t *testing.T) {
	client, server := pair(t, network(t), IPv4)
	woken := make(chan struct{}, 1)
	stop := client.in.Notify(woken)
	stop()
	stop()
	check(t, writeAll(server.out, []byte("x")))
	wait(t, client.in)
	select {
	case <-woken:
		t.Error("woken after stop")
	default:
	}
}

func TestSeveralWaitersOfOneInputAreAllWoken(t *testing.T) {
	client, server := pair(t, network(t), IPv4)
	var waiting sync.WaitGroup
	for range 5 {
		waiting.Go(func() {
			if err := await(client.in, patience); err != nil {
				t.Error(err)
			}
		})
	}
	check(t, writeAll(server.out, []byte("x")))
	waiting.Wait()
}

func TestAWaitEndsAtItsDeadlineAndTheNextOneHasItsOwn(t *testing.T) {
	n := network(t)
	l := listen(t, n, IPv4)
	client, server := pair(t, n, IPv4)
	ends := func(w blocker) bool {
		first := w.Wait(ctx, time.Now().Add(2*time.Millisecond))
		return !w.Wait(ctx, time.Now().Add(2*time.Millisecond)) && !first
	}
	expect(t, "the listener's waits end at the deadline", ends(l), true)
	expect(t, "the input's waits end at the deadline", ends(client.in), true)
	whileFull(t, client.out, func() bool { return ends(client.out) })
	time.AfterFunc(2*time.Millisecond, func() {
		dial(t, n, must(l.LocalAddress()))
		writeAll(server.out, []byte("x"))
		readFull(server.in, make([]byte, 8<<20)) // ends with the network
	})
	for _, w := range []blocker{l, client.in, client.out} {
		expect(t, "ready without a deadline", w.Wait(ctx, time.Time{}), true)
	}
}

func TestTheEndOfAContextEndsOneWaitAndNothingElse(t *testing.T) {
	n := network(t)
	l := listen(t, n, IPv4)
	client, server := pair(t, n, IPv4)
	ends := func(w blocker) bool {
		over, cancel := context.WithCancel(ctx)
		cancel()
		before := w.Wait(over, time.Time{})

		over, cancel = context.WithCancel(ctx)
		var waiting sync.WaitGroup
		var meanwhile [2]bool // one parks, the other cannot
		for i := range meanwhile {
			waiting.Go(func() { meanwhile[i] = w.Wait(over, time.Time{}) })
		}
		time.Sleep(2 * time.Millisecond)
		cancel()
		waiting.Wait()
		next := w.Wait(ctx, time.Now().Add(time.Millisecond))
		return !before && !meanwhile[0] && !meanwhile[1] && !next
	}
	expect(t, "the listener's waits end with their context", ends(l), true)
	expect(t, "the input's waits end with their context", ends(client.in), true)
	whileFull(t, client.out, func() bool { return ends(client.out) })
	why := errors.New("why")
	over, cancel := context.WithCancelCause(ctx)
	time.AfterFunc(2*time.Millisecond, func() { cancel(why) })
	p := make([]byte, 10)
	_, err := client.in.BlockingRead(over, p)
	expect(t, "the end of a blocking read", err, why)
	time.AfterFunc(2*time.Millisecond, func() { writeAll(server.out, []byte("x")) })
	expect(t, "and of the next", must(client.in.BlockingRead(ctx, p)), 1)
}

// Cancelling races with the wake-up that it is not to disturb: whatever comes first, no byte is lost and no wait
// misses one.
func TestCancelledWaitsLoseNothing(t *testing.T) {
	client, server := pair(t, network(t), IPv4)
	const rounds = 300
	go func() {
		for i := range rounds {
			time.Sleep(time.Duration(i%7) * 10 * time.Microsecond)
			writeAll(server.out, []byte{byte(i)})
			readFull(server.in, make([]byte, 1))
		}
	}()
	p := make([]byte, 10)
	for i := range rounds {
		for {
			over, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Duration(i%5)*10*time.Microsecond, cancel)
			client.in.Wait(over, time.Time{})
			if got, err := client.in.BlockingRead(over, p); err == nil {
				expect(t, "bytes", got, 1)
				expect(t, "byte", p[0], byte(i))
				cancel()
				break
			}
			cancel()
		}
		writeAll(client.out, p[:1])
	}
}

func TestABlockingReadGivesBytesOrTheEndNeverNothing(t *testing.T) {
	client, server := pair(t, network(t), IPv4)
	n, err := client.in.BlockingRead(ctx, nil)
	if n != 0 || err != nil {
		t.Error("of nothing:", n, err)
	}
	time.AfterFunc(2*time.Millisecond, func() { writeAll(server.out, []byte("late")) })
	p := make([]byte, 10)
	n, err = client.in.BlockingRead(ctx, p)
	check(t, err)
	expect(t, "read", string(p[:n]), "late")
	time.AfterFunc(2*time.Millisecond, client.in.Close)
	n, err = client.in.BlockingRead(ctx, p)
	if n != 0 || err != io.EOF {
		t.Error("at the end:", n, err)
	}
}
