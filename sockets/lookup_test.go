package sockets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// answer is what a resolver of the tests says.
type answer struct {
	ips []string
	err error
}

// resolverFunc is a Resolver that answers at once.
type resolverFunc func(name string) answer

func (f resolverFunc) LookupNetIP(_ context.Context, network, name string) ([]netip.Addr, error) {
	if network != "ip" {
		panic("network " + network)
	}
	a := f(name)
	var ips []netip.Addr
	for _, s := range a.ips {
		ips = append(ips, netip.MustParseAddr(s))
	}
	return ips, a.err
}

// zone is a Resolver that knows these names and no others.
type zone map[string]string // name to addresses

func (z zone) LookupNetIP(ctx context.Context, network, name string) ([]netip.Addr, error) {
	return resolverFunc(func(name string) answer {
		ips, ok := z[strings.TrimSuffix(name, ".")]
		if !ok {
			return answer{err: &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}}
		}
		return answer{ips: strings.Fields(ips)}
	}).LookupNetIP(ctx, network, name)
}

// silence is a Resolver that answers nothing before its look-up ends.
type silence struct{ asked, ended atomic.Int64 }

func (s *silence) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	s.asked.Add(1)
	<-ctx.Done()
	s.ended.Add(1)
	return nil, ctx.Err()
}

// resolve is the whole answer.
func resolve(t testing.TB, n *Network, name string) ([]string, error) {
	t.Helper()
	l, err := n.Resolve(name)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	wait(t, l)
	var ips []string
	for {
		ip, err := l.Next()
		if err == io.EOF {
			_, again := l.Next()
			expect(t, "after the end", again, io.EOF)
			return ips, nil
		}
		if err != nil {
			_, again := l.Next()
			expect(t, "asked again", again, err)
			return ips, err
		}
		ips = append(ips, ip.String())
	}
}

func TestAnswersAreTidied(t *testing.T) {
	var many []string
	for i := range 1000 {
		many = append(many, fmt.Sprintf("10.0.%d.%d", i/256, i%256))
	}
	for what, c := range map[string]struct{ given, want []string }{
		"order is kept":                   {[]string{"2001:db8::2", "192.0.2.1", "2001:db8::1"}, []string{"2001:db8::2", "192.0.2.1", "2001:db8::1"}},
		"IPv4-mapped comes out as IPv4":   {[]string{"::ffff:192.0.2.1"}, []string{"192.0.2.1"}},
		"each address comes once":         {[]string{"192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2", "192.0.2.1"}, []string{"192.0.2.1", "192.0.2.2"}},
		"zones are left out":              {[]string{"fe80::1%eth0", "fe80::1"}, []string{"fe80::1"}},
		"there are not too many of them":  {many, many[:maxAnswers]},
		"special addresses are told, too": {[]string{"127.0.0.1", "0.0.0.0"}, []string{"127.0.0.1", "0.0.0.0"}},
	} {
		t.Run(what, func(t *testing.T) {
			n := networkOf(t, Config{Policy: must(ParsePolicy("name=*")), Resolver: resolverFunc(func(string) answer { return answer{ips: c.given} })})
			got, err := resolve(t, n, "example.com")
			check(t, err)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestWhatAResolverFailsWithIsToldByItsKind(t *testing.T) {
	for _, c := range []struct {
		what string
		err  error
		want ErrorCode
	}{
		{"no such name", &net.DNSError{Err: "no such host", IsNotFound: true}, NameUnresolvable},
		{"no addresses and no error", nil, NameUnresolvable},
		{"a timeout", &net.DNSError{Err: "i/o timeout", IsTimeout: true}, TemporaryResolverFailure},
		{"a temporary failure", &net.DNSError{Err: "server misbehaving", IsTemporary: true}, TemporaryResolverFailure},
		{"a deadline", fmt.Errorf("look-up: %w", context.DeadlineExceeded), TemporaryResolverFailure},
		{"a permanent failure", &net.DNSError{Err: "server misbehaving"}, PermanentResolverFailure},
		{"any other failure", errors.New("out of order"), PermanentResolverFailure},
		{"a code", fmt.Errorf("no: %w", AccessDenied), AccessDenied},
		{"a code that is no answer", WouldBlock, PermanentResolverFailure},
	} {
		t.Run(c.what, func(t *testing.T) {
			n := networkOf(t, Config{Policy: must(ParsePolicy("name=*")), Resolver: resolverFunc(func(string) answer { return answer{err: c.err} })})
			_, err := resolve(t, n, "example.com")
			expect(t, "error", err, c.want)
		})
	}
}

func TestALookupIsReadyWhenItHasItsAnswerAndNotBefore(t *testing.T) {
	release := make(chan struct{})
	n := networkOf(t, Config{Policy: must(ParsePolicy("name=*")), Resolver: resolverFunc(func(string) answer {
		<-release
		return answer{ips: []string{"192.0.2.1"}}
	})})
	l := must(n.Resolve("example.com"))
	defer l.Close()
	woken := make(chan struct{}, 1)
	defer l.Notify(woken)()
	for range 2 {
		expect(t, "ready", l.Ready(), false)
		_, err := l.Next()
		expect(t, "next", err, WouldBlock)
	}
	expect(t, "under way", n.Stats().Lookups, 1)
	expect(t, "a wait with a deadline", l.Wait(ctx, time.Now().Add(time.Millisecond)), false)
	short, cancel := context.WithCancel(ctx)
	time.AfterFunc(time.Millisecond, cancel)
	expect(t, "a wait that is cancelled", l.Wait(short, time.Time{}), false)
	select {
	case <-woken:
		t.Error("woken without an answer")
	default:
	}
	close(release)
	expect(t, "wait", l.Wait(ctx, time.Time{}), true)
	<-woken
	expect(t, "under way", n.Stats().Lookups, 0)
	expect(t, "address", must(l.Next()).String(), "192.0.2.1")
	for range 2 {
		_, err := l.Next()
		expect(t, "the end", err, io.EOF)
		expect(t, "ready", l.Ready(), true)
	}
	late := make(chan struct{}, 1)
	defer l.Notify(late)()
	<-late
}

// each ends a look-up that has no answer, for whoever waits at once.
func TestALookupThatEndsEarlyReleasesWhoWaits(t *testing.T) {
	for what, end := range map[string]func(*Network, *Lookup){
		"closing the look-up": func(_ *Network, l *Lookup) { l.Close() },
		"closing the network": func(n *Network, _ *Lookup) { n.Close() },
	} {
		t.Run(what, func(t *testing.T) {
			s := new(silence)
			n := networkOf(t, Config{Policy: must(ParsePolicy("name=*")), MaxLookups: 1, Resolver: s})
			first, waiting := must(n.Resolve("example.com")), must(n.Resolve("example.org"))
			for _, l := range []*Lookup{waiting, first} {
				released := make(chan bool, 1)
				go func() { released <- l.Wait(ctx, time.Time{}) }()
				time.Sleep(5 * time.Millisecond)
				start := time.Now()
				end(n, l)
				expect(t, "released", <-released, true)
				if d := time.Since(start); d > time.Second {
					t.Errorf("released after %v", d)
				}
				_, err := l.Next()
				expect(t, "next", err, PermanentResolverFailure)
				l.Close()
			}
			expect(t, "left", n.Stats().Lookups, 0)
			if s.asked.Load() != 1 {
				t.Errorf("the resolver was asked %d times; nobody waits for the second name", s.asked.Load())
			}
		})
	}
	t.Run("a closed network resolves nothing", func(t *testing.T) {
		n := networkOf(t, Config{Policy: must(ParsePolicy("name=*")), Resolver: zone{"example.com": "192.0.2.1"}})
		l := must(n.Resolve("example.com"))
		wait(t, l)
		n.Close()
		expect(t, "an answer that was there", must(l.Next()).String(), "192.0.2.1")
		_, err := n.Resolve("example.com")
		expect(t, "after close", err, PermanentResolverFailure)
		l.Close()
		_, err = l.Next()
		expect(t, "a closed look-up", err, PermanentResolverFailure)
	})
}

func TestALookupThatTakesTooLongIsATemporaryFailure(t *testing.T) {
	s := new(silence)
	n := networkOf(t, Config{Policy: must(ParsePolicy("name=*")), MaxLookups: 1, LookupTimeout: 20 * time.Millisecond, Resolver: s})
	first, waiting := must(n.Resolve("example.com")), must(n.Resolve("example.org"))
	for _, l := range []*Lookup{first, waiting} {
		wait(t, l)
		_, err := l.Next()
		expect(t, "next", err, TemporaryResolverFailure)
	}
}

// slack is for goroutines of the runtime, such as those that timers begin.
const slack = 8

func TestAHundredThousandLookupsHaveFewGoroutinesAndAllEndWithTheNetwork(t *testing.T) {
	s := new(silence)
	n := networkOf(t, Config{Policy: must(ParsePolicy("name=*")), Resolver: s})
	before := runtime.NumGoroutine()
	var all []*Lookup
	refused := 0
	for i := range 100_000 {
		l, err := n.Resolve(fmt.Sprintf("n%d.example", i))
		if err != nil {
			expect(t, "beyond the queue", err, TemporaryResolverFailure)
			refused++
			continue
		}
		all = append(all, l)
	}
	expect(t, "accepted", len(all), DefaultMaxLookups+maxWaiting)
	expect(t, "counted", n.Stats().Lookups, len(all))
	if now := runtime.NumGoroutine(); now > before+DefaultMaxLookups+slack {
		t.Errorf("%d goroutines, %d before", now, before)
	}
	// Those whose turn comes when others are dropped have been waiting in order.
	for _, l := range all[:1000] {
		l.Close()
	}
	n.Close()
	for _, l := range all {
		if !l.Ready() {
			t.Fatal("not released")
		}
	}
	expect(t, "left", n.Stats().Lookups, 0)
}

func TestAResolverThatHangsHoldsItsPlaceAndNothingElse(t *testing.T) {
	hang := make(chan struct{})
	n := networkOf(t, Config{
		Policy: must(ParsePolicy("name=*")), MaxLookups: 2, LookupTimeout: 50 * time.Millisecond,
		Resolver: resolverFunc(func(string) answer { <-hang; return answer{ips: []string{"192.0.2.66"}} }),
	})
	before := runtime.NumGoroutine()
	for range 100 {
		l := must(n.Resolve("example.com"))
		l.Close()
	}
	waiting := must(n.Resolve("example.org"))
	if now := runtime.NumGoroutine(); now > before+2+slack {
		t.Errorf("%d goroutines, %d before", now, before)
	}
	wait(t, waiting)
	_, err := waiting.Next()
	expect(t, "who waits behind them", err, TemporaryResolverFailure)
	n.Close()
	close(hang)
	// What nobody was told is not learned.
	expect(t, "entries", len(n.learned.at), 0)
}

func TestLookupsOfManyGoroutines(t *testing.T) {
	n := networkOf(t, Config{Policy: must(ParsePolicy("name=*")), MaxLookups: 3, Resolver: zone{"example.com": "192.0.2.1"}})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 200 {
				l := must(n.Resolve("example.com"))
				switch (i + j) % 3 {
				case 0:
					l.Wait(ctx, time.Time{})
					expect(t, "address", must(l.Next()).String(), "192.0.2.1")
				case 1:
					stop := l.NotifyFunc(func() {})
					l.Ready()
					stop()
				}
				l.Close()
			}
		})
	}
	all.Wait()
	expect(t, "left", n.Stats().Lookups, 0)
	expect(t, "allowed", n.Stats().Allowed, Counts{NameLookup: 1600})
}
