package sockets

import (
	"bytes"
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// questions collects what a hook is asked; it answers by the operation, and by the rules for those not named.
type questions struct {
	sync.Mutex
	answers map[Operation]bool
	list    []string
}

func (q *questions) decide(x Question) bool {
	q.Lock()
	defer q.Unlock()
	text := x.String()
	if x.Allowed {
		text += " by " + x.Rule.String()
	}
	q.list = append(q.list, text)
	if yes, ok := q.answers[x.Operation]; ok {
		return yes
	}
	return x.Allowed
}

func (q *questions) expect(t *testing.T, want ...string) {
	t.Helper()
	q.Lock()
	defer q.Unlock()
	if !slices.Equal(q.list, want) {
		t.Errorf("asked: got %q, want %q", q.list, want)
	}
	q.list = nil
}

func TestTheHookHasTheLastWordOnEverything(t *testing.T) {
	q := &questions{answers: map[Operation]bool{}}
	var seen denials
	n := networkOf(t, Config{
		Policy:   must(ParsePolicy("tcp:connect=example.com:80", "tcp:listen=127.0.0.1:*")),
		Resolver: zone{"example.com": "192.0.2.1"},
		Decide:   q.decide,
		OnDenied: seen.add,
	})
	s := must(n.NewTCP(IPv4))
	q.expect(t, "tcp create by tcp:connect=example.com:80")

	q.answers[NameLookup] = false
	_, err := n.Resolve("example.com")
	expect(t, "a look-up that the rules allow", err, PermanentResolverFailure)
	q.expect(t, "name lookup example.com by tcp:connect=example.com:80")
	seen.expect(t, "name lookup example.com")
	q.answers[NameLookup] = true
	must(resolve(t, n, "EXAMPLE.com"))
	_, err = resolve(t, n, "nowhere.example")
	expect(t, "a look-up that the rules deny", err, NameUnresolvable)
	q.expect(t, "name lookup example.com by tcp:connect=example.com:80", "name lookup nowhere.example")

	q.answers[TCPConnect] = false
	expect(t, "connect", must(n.NewTCP(IPv4)).StartConnect(addr("192.0.2.1:80")), AccessDenied)
	q.expect(t, "tcp create by tcp:connect=example.com:80", "tcp connect 192.0.2.1:80 (example.com) by tcp:connect=example.com:80")
	expect(t, "the port is not covered", must(n.NewTCP(IPv4)).StartConnect(addr("192.0.2.1:81")), AccessDenied)
	q.expect(t, "tcp create by tcp:connect=example.com:80", "tcp connect 192.0.2.1:81 (example.com)")
	seen.expect(t, "tcp connect 192.0.2.1:80 (example.com)", "tcp connect 192.0.2.1:81 (example.com)")

	q.answers[TCPBind], q.answers[TCPListen] = true, true
	check(t, s.StartBind(addr("0.0.0.0:0")))
	check(t, s.FinishBind())
	check(t, s.StartListen())
	check(t, s.FinishListen())
	q.expect(t, "tcp bind 0.0.0.0:0", "tcp listen 0.0.0.0:0")

	must(n.Resolve("127.0.0.1")).Close()
	expect(t, "an argument that is wrong", must(n.NewTCP(IPv4)).StartBind(addr("[::1]:0")), InvalidArgument)
	q.expect(t, "tcp create by tcp:connect=example.com:80")
	expect(t, "denied", n.Stats().Denied, Counts{NameLookup: 1, TCPConnect: 2})
}

func TestADenialByTheHookSuggestsNoRule(t *testing.T) {
	var got Denial
	n := networkOf(t, Config{
		Policy: must(ParsePolicy("tcp:create")), Decide: func(Question) bool { return false }, OnDenied: func(d Denial) { got = d },
	})
	_, err := n.NewTCP(IPv4)
	expect(t, "create", err, AccessDenied)
	expect(t, "denial", got, Denial{Operation: TCPCreate, Overruled: true})
	expect(t, "rule", got.Rule(), Rule{})
	expect(t, "a name", n.ask(NameLookup, netip.AddrPort{}, "example.com"), AccessDenied)
	expect(t, "its rule", got.Rule().String(), "name=example.com")
}

// TestForeignCodeRunsWithoutLocks has a hook, a logger and OnDenied that use the socket that they are asked about.
func TestForeignCodeRunsWithoutLocks(t *testing.T) {
	n, other := (*Network)(nil), network(t)
	var socket *TCP
	touch := func() {
		n.Stats()
		if socket != nil {
			socket.State()
			socket.Ready()
			socket.LocalAddress()
			socket.Notify(make(chan struct{}, 1))()
		}
	}
	n = networkOf(t, Config{
		Policy:   must(ParsePolicy("all")),
		Decide:   func(q Question) bool { touch(); return q.Address.Addr() != netip.MustParseAddr("127.0.0.9") },
		OnDenied: func(Denial) { touch() },
		Logger:   slog.New(slog.NewTextHandler(writerFunc(touch), &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	socket = must(n.NewTCP(IPv4))
	expect(t, "bind", socket.StartBind(addr("127.0.0.9:0")), AccessDenied)
	check(t, socket.StartBind(addr("127.0.0.1:0")))
	check(t, socket.FinishBind())
	check(t, socket.StartListen())
	check(t, socket.FinishListen())
	at := must(socket.LocalAddress())
	enter := map[string]func() bool{
		"Ready":  socket.Ready,
		"Wait":   func() bool { return socket.Wait(ctx, time.Now().Add(patience)) },
		"Notify": func() bool { wait(t, socket); return true },
		"Accept": func() bool { return false },
	}
	for what, look := range enter {
		stranger := bind(t, other, addr("127.0.0.9:0"))
		check(t, stranger.StartConnect(at))
		wait(t, stranger)
		friend := dial(t, other, at)
		for {
			look()
			s, in, out, err := socket.Accept()
			if err == WouldBlock {
				continue
			}
			check(t, err)
			expect(t, what+": peer", must(s.RemoteAddress()), must(friend.LocalAddress()))
			peer{s, in, out}.closeAll()
			break
		}
		stranger.Close()
		friend.closeAll()
	}
	socket = must(n.NewTCP(IPv4))
	expect(t, "connect", socket.StartConnect(addr("127.0.0.9:80")), AccessDenied)
}

type writerFunc func()

func (f writerFunc) Write(p []byte) (int, error) { f(); return len(p), nil }

func TestWhatChangesWhileTheHookDecidesIsLookedAtAgain(t *testing.T) {
	var socket *TCP
	during := func() {}
	n := networkOf(t, Config{Policy: must(ParsePolicy("all")), Decide: func(Question) bool { during(); return true }})
	ready := func() *TCP {
		during = func() {}
		socket = bind(t, n, addr("127.0.0.1:0"))
		return socket
	}
	l := listen(t, n, IPv4)
	at := must(l.LocalAddress())

	s := must(n.NewTCP(IPv4))
	socket, during = s, s.Close
	expect(t, "bind of a socket closed meanwhile", s.StartBind(addr("127.0.0.1:0")), InvalidState)
	s = ready()
	during = s.Close
	expect(t, "connect of a socket closed meanwhile", s.StartConnect(at), InvalidState)
	s = ready()
	during = s.Close
	expect(t, "listen of a socket closed meanwhile", s.StartListen(), InvalidState)
	s = ready()
	during = func() { during = func() {}; check(t, s.StartListen()) }
	expect(t, "connect of a socket that listens meanwhile", s.StartConnect(at), ConcurrencyConflict)
	expect(t, "state", s.State(), "listen-in-progress")

	during = func() {}
	c := dial(t, n, at)
	during = l.Close
	for l.State() == "listening" {
		l.Ready()
	}
	_, _, _, err := l.Accept()
	expect(t, "accept of a listener closed meanwhile", err, InvalidState)
	during = func() {}
	wait(t, c.in)
	if _, err := c.in.Read(make([]byte, 1)); err == nil {
		t.Error("the connection of the listener is alive")
	}
	expect(t, "in progress", n.Stats().Connecting, 0)
}

func TestTwoWhoWaitForAListenerAreBothTold(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	var once sync.Once
	n := networkOf(t, Config{Policy: must(ParsePolicy("all")), Decide: func(q Question) bool {
		if q.Operation == TCPAccept {
			once.Do(func() { close(asked); <-answer })
		}
		return true
	}})
	l := listen(t, n, IPv4)
	c := dial(t, network(t), must(l.LocalAddress()))
	defer c.closeAll()
	first := make(chan bool, 1)
	go func() { first <- l.Wait(ctx, time.Time{}) }()
	<-asked
	// The policy is being asked about the peer: nobody else may have it yet.
	expect(t, "ready", l.Ready(), false)
	_, _, _, err := l.Accept()
	expect(t, "accept", err, WouldBlock)
	others := make(chan bool, 2)
	go func() { others <- l.Wait(ctx, time.Time{}) }()
	go func() { others <- await(l, patience) == nil }()
	time.Sleep(10 * time.Millisecond)
	close(answer)
	for range 2 {
		expect(t, "another", <-others, true)
	}
	expect(t, "the first", <-first, true)
	s, in, out, err := l.Accept()
	check(t, err)
	peer{s, in, out}.closeAll()
}

func TestAListenerTurnsAwayAnyNumberOfStrangersBeforeAFriend(t *testing.T) {
	for _, how := range []string{"Wait", "Notify"} {
		t.Run(how, func(t *testing.T) {
			n := network(t, "tcp:listen=127.0.0.1:*", "tcp:accept=127.0.0.2:*")
			other := network(t)
			l := bind(t, n, addr("127.0.0.1:0"))
			defer l.Close()
			check(t, l.SetListenBacklogSize(500))
			check(t, l.StartListen())
			check(t, l.FinishListen())
			at := must(l.LocalAddress())
			const strangers = 3*maxRefusals + 5
			for range strangers {
				c := dial(t, other, at)
				defer c.closeAll()
			}
			friend := bind(t, other, addr("127.0.0.2:0"))
			defer friend.Close()
			check(t, friend.StartConnect(at))
			if how == "Wait" {
				expect(t, "wait", l.Wait(ctx, time.Now().Add(patience)), true)
			} else {
				wait(t, l)
			}
			s, in, out, err := l.Accept()
			check(t, err)
			peer{s, in, out}.closeAll()
			expect(t, "denied", n.Stats().Denied, Counts{TCPAccept: strangers})
		})
	}
	t.Run("a wait ends in time though only strangers come", func(t *testing.T) {
		n := network(t, "tcp:listen=127.0.0.1:*", "tcp:accept=127.0.0.2:*")
		other := network(t)
		l := listen(t, n, IPv4)
		defer l.Close()
		for range 10 {
			c := dial(t, other, must(l.LocalAddress()))
			defer c.closeAll()
		}
		expect(t, "deadline", l.Wait(ctx, time.Now().Add(10*time.Millisecond)), false)
		short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		defer cancel()
		expect(t, "context", l.Wait(short, time.Time{}), false)
	})
}

func TestConnectsInProgressAreBounded(t *testing.T) {
	n := networkOf(t, Config{Policy: must(ParsePolicy("loopback")), MaxConnecting: 2})
	l := listen(t, n, IPv4)
	at := must(l.LocalAddress())
	begin := func() *TCP {
		s := must(n.NewTCP(IPv4))
		check(t, s.StartConnect(at))
		return s
	}
	first, second := begin(), begin()
	expect(t, "in progress", n.Stats().Connecting, 2)
	third := must(n.NewTCP(IPv4))
	expect(t, "one more", third.StartConnect(at), OutOfMemory)
	expect(t, "its state", third.State(), "unbound")

	first.Close()
	check(t, third.StartConnect(at))
	expect(t, "in progress", n.Stats().Connecting, 2)
	wait(t, second)
	_, _, err := second.FinishConnect()
	check(t, err)
	expect(t, "one finished", n.Stats().Connecting, 1)
	expect(t, "denied", must(n.NewTCP(IPv4)).StartConnect(addr("192.0.2.1:80")), AccessDenied)
	expect(t, "a denied one", n.Stats().Connecting, 1)
	n.Close()
	expect(t, "after close", n.Stats().Connecting, 0)
}

func TestDecisionsAreLogged(t *testing.T) {
	run := func(level slog.Level) string {
		var out bytes.Buffer
		n := networkOf(t, Config{
			Policy:   must(ParsePolicy("tcp:connect=example.com:80", "tcp:listen=loopback:*")),
			Resolver: zone{"example.com": "192.0.2.1"},
			Logger: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			}})),
		})
		must(resolve(t, n, "Example.com"))
		n.Resolve("example.org")
		must(n.NewTCP(IPv4)).StartConnect(addr("192.0.2.1:81"))
		must(n.NewTCP(IPv4)).StartBind(addr("127.0.0.1:0"))
		n.ask(TCPConnect, netip.MustParseAddrPort("192.0.2.1:80"), "")
		return strings.TrimSpace(out.String())
	}
	expect(t, "warnings", run(slog.LevelWarn), strings.Join([]string{
		`level=WARN msg="network: denied" operation="name lookup" name=example.org rule="name=example.org"`,
		`level=WARN msg="network: denied" operation="tcp connect" address=192.0.2.1:81 name=example.com rule="tcp:connect=example.com:81"`,
	}, "\n"))
	expect(t, "everything", run(slog.LevelDebug), strings.Join([]string{
		`level=DEBUG msg="network: allowed" operation="name lookup" name=example.com rule="tcp:connect=example.com:80"`,
		`level=WARN msg="network: denied" operation="name lookup" name=example.org rule="name=example.org"`,
		`level=DEBUG msg="network: allowed" operation="tcp create" rule="tcp:connect=example.com:80"`,
		`level=WARN msg="network: denied" operation="tcp connect" address=192.0.2.1:81 name=example.com rule="tcp:connect=example.com:81"`,
		`level=DEBUG msg="network: allowed" operation="tcp create" rule="tcp:connect=example.com:80"`,
		`level=DEBUG msg="network: allowed" operation="tcp bind" address=127.0.0.1:0 rule="tcp:listen=loopback:*"`,
		`level=DEBUG msg="network: allowed" operation="tcp connect" address=192.0.2.1:80 name=example.com rule="tcp:connect=example.com:80"`,
	}, "\n"))
}

func TestAskingCostsNoMemoryWithoutAHookOrLogger(t *testing.T) {
	n := networkOf(t, Config{Policy: must(ParsePolicy("udp:send=a.example:53", "tcp:connect=192.0.2.1:80")), Resolver: zone{"a.example": "192.0.2.53"}})
	must(resolve(t, n, "a.example"))
	for _, c := range []struct {
		op Operation
		to string
	}{{TCPConnect, "192.0.2.1:80"}, {UDPSend, "192.0.2.53:53"}, {UDPSend, "192.0.2.54:53"}} {
		to := netip.MustParseAddrPort(c.to)
		if got := testing.AllocsPerRun(100, func() { n.ask(c.op, to, "") }); got != 0 {
			t.Errorf("%s %s: %v allocations", c.op, c.to, got)
		}
	}
}
