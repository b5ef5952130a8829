package hostimpl

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/ipnamelookup"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/sockets"
)

// names is a Resolver that knows these names. It answers for "slow" when released,
// and for "silent" never.
type names struct {
	known    map[string]string
	released chan struct{}
	asked    chan struct{} // closed when silent was asked for,
	ended    chan struct{} // and cancelled
}

func newNames(known map[string]string) *names {
	return &names{known: known, released: make(chan struct{}), asked: make(chan struct{}), ended: make(chan struct{})}
}

func (r *names) LookupNetIP(ctx context.Context, _, name string) ([]netip.Addr, error) {
	switch name {
	case "silent":
		close(r.asked)
		<-ctx.Done()
		close(r.ended)
		return nil, ctx.Err()
	case "slow":
		select {
		case <-r.released:
		case <-ctx.Done():
		}
		name = "fast"
	}
	var ips []netip.Addr
	for _, s := range strings.Fields(r.known[name]) {
		ips = append(ips, netip.MustParseAddr(s))
	}
	if ips == nil {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return ips, nil
}

// resolving is a Host with a Resolver.
func resolving(t *testing.T, r sockets.Resolver, rules ...string) *Host {
	t.Helper()
	c := open(rules...)
	c.Resolver = r
	return host(t, c)
}

// resolve is what a guest does: it waits with the pollable that it had from the start.
func resolve(t *testing.T, h *Host, name string) ([]network.IPAddress, error) {
	t.Helper()
	ctx := context.Background()
	s, err := h.network.ResolveAddresses(ctx, must(h.network.InstanceNetwork(ctx)), name)
	if err != nil {
		return nil, err
	}
	p := must(s.Subscribe(ctx))
	defer closeAll(t, p, s)
	var all []network.IPAddress
	for {
		ip, err := s.ResolveNextAddress(ctx)
		switch {
		case err == network.ErrorCodeWouldBlock:
			within(t, func() { check(t, p.Block(ctx)) })
		case err != nil || ip == nil:
			return all, err
		default:
			all = append(all, ip)
		}
	}
}

func v4(a, b, c, d uint8) network.IPAddress {
	return network.IPAddressIPv4{Value: network.IPv4Address{a, b, c, d}}
}

func TestNameLookup(t *testing.T) {
	ctx := context.Background()
	t.Run("addresses come in order, then none, for ever", func(t *testing.T) {
		h := resolving(t, newNames(map[string]string{"example.com": "2001:db8::102:304 192.0.2.1"}), "name=example.com")
		got := must(resolve(t, h, "example.com"))
		want := []network.IPAddress{
			network.IPAddressIPv6{Value: network.IPv6Address{0x2001, 0xdb8, 0, 0, 0, 0, 0x102, 0x304}}, v4(192, 0, 2, 1),
		}
		equal(t, "addresses", slices.Equal(got, want), true)
		s := must(h.network.ResolveAddresses(ctx, grant{h.network}, "[::1]"))
		equal(t, "literal", must(s.ResolveNextAddress(ctx)), network.IPAddress(network.IPAddressIPv6{Value: network.IPv6Address{7: 1}}))
		for range 3 {
			equal(t, "the end", must(s.ResolveNextAddress(ctx)), nil)
		}
		closeAll(t, s)
	})
	t.Run("errors", func(t *testing.T) {
		h := resolving(t, newNames(nil), "name=*.example")
		for name, want := range map[string]network.ErrorCode{
			"":                  network.ErrorCodeInvalidArgument,
			"a.b<&>":            network.ErrorCodeInvalidArgument,
			"127.0.0.1:80":      network.ErrorCodeInvalidArgument,
			"example.com":       network.ErrorCodePermanentResolverFailure,
			"nowhere.example":   network.ErrorCodeNameUnresolvable,
			"http://a.example/": network.ErrorCodeInvalidArgument,
		} {
			_, err := resolve(t, h, name)
			wantError(t, name, err, want)
		}
		_, err := h.network.ResolveAddresses(ctx, grant{new(instanceNetwork)}, "127.0.0.1")
		wantError(t, "the network of another host", err, network.ErrorCodeInvalidArgument)
	})
	t.Run("a pollable is a child of the stream, the stream of nothing", func(t *testing.T) {
		h := resolving(t, newNames(nil))
		s := must(h.network.ResolveAddresses(ctx, grant{h.network}, "127.1"))
		p := must(s.Subscribe(ctx))
		equal(t, "parent", p.(*pollable).Parent(), any(s))
		if _, ok := s.(interface{ Parent() any }); ok {
			t.Error("a stream has a parent")
		}
		equal(t, "ready", must(p.Ready(ctx)), true)
		closeAll(t, p, s)
	})
	t.Run("poll waits for it beside clocks and sockets", func(t *testing.T) {
		r := newNames(map[string]string{"fast": "192.0.2.1"})
		h := resolving(t, r, "all")
		l := listen(t, h)
		s := must(h.network.ResolveAddresses(ctx, grant{h.network}, "slow"))
		lookup, again, accepting := must(s.Subscribe(ctx)), must(s.Subscribe(ctx)), must(l.Subscribe(ctx))
		far, near := must(h.clock.SubscribeDuration(ctx, uint64(time.Hour))), must(h.clock.SubscribeDuration(ctx, uint64(soon)))
		for _, list := range [][]poll.Pollable{{near, lookup}, {near, lookup, accepting}, {near, accepting, far, lookup, again}} {
			got := must(testPoller.Poll(ctx, list))
			equal(t, "by the clock", slices.Equal(got, []uint32{0}), true)
		}
		time.AfterFunc(soon, func() { close(r.released) })
		within(t, func() {
			got := must(testPoller.Poll(ctx, []poll.Pollable{accepting, lookup, far, again}))
			equal(t, "by the look-up", slices.Equal(got, []uint32{1, 3}), true)
		})
		equal(t, "alone", slices.Equal(must(testPoller.Poll(ctx, []poll.Pollable{lookup})), []uint32{0}), true)
		equal(t, "address", must(s.ResolveNextAddress(ctx)), v4(192, 0, 2, 1))
		closeAll(t, accepting, again, lookup, s, l)
	})
	t.Run("waiting for it ends with its context", func(t *testing.T) {
		h := resolving(t, newNames(nil), "all")
		s := must(h.network.ResolveAddresses(ctx, grant{h.network}, "silent"))
		p := must(s.Subscribe(ctx))
		cancelled(t, p.Block)
		cancelled(t, func(ctx context.Context) error { _, err := testPoller.Poll(ctx, []poll.Pollable{p, p}); return err })
		closeAll(t, p, s)
	})
	t.Run("dropping it cancels the look-up", func(t *testing.T) {
		r := newNames(nil)
		h := resolving(t, r, "all")
		s := must(h.network.ResolveAddresses(ctx, grant{h.network}, "silent"))
		<-r.asked
		equal(t, "under way", h.NetworkStats().Lookups, 1)
		closeAll(t, s)
		equal(t, "under way", h.NetworkStats().Lookups, 0)
		within(t, func() { <-r.ended })
	})
	t.Run("closing the host releases whoever waits", func(t *testing.T) {
		h := resolving(t, newNames(nil), "all")
		var s ipnamelookup.ResolveAddressStream = must(h.network.ResolveAddresses(ctx, grant{h.network}, "silent"))
		p := must(s.Subscribe(ctx))
		ended := make(chan error, 1)
		go func() { ended <- p.Block(ctx) }()
		time.Sleep(soon)
		check(t, h.Close())
		within(t, func() { check(t, <-ended) })
		_, err := s.ResolveNextAddress(ctx)
		wantError(t, "next", err, network.ErrorCodePermanentResolverFailure)
		closeAll(t, p, s)
	})
}

// TestLookupSymptoms has what users of other hosts reported, by the words in which they
// did. Here is what must happen instead.
func TestLookupSymptoms(t *testing.T) {
	ctx := context.Background()
	var denied []string
	var log bytes.Buffer
	h := host(t, Config{
		OnDenied:   func(d sockets.Denial) { denied = append(denied, d.String()+": "+d.Rule().String()) },
		NetworkLog: slog.New(slog.NewTextHandler(&log, nil)),
	})
	t.Run("look-up not enabled reported opaquely", func(t *testing.T) {
		_, err := resolve(t, h, "Example.COM")
		wantError(t, "resolve", err, network.ErrorCodePermanentResolverFailure)
		equal(t, "denied", strings.Join(denied, ", "), "name lookup example.com: name=example.com")
		if !strings.Contains(log.String(), `level=WARN msg="network: denied" operation="name lookup" name=example.com rule="name=example.com"`) {
			t.Errorf("log: %s", &log)
		}
		equal(t, "counted", h.NetworkStats().Denied, sockets.Counts{sockets.NameLookup: 1})
	})
	t.Run("\"Permission denied\" with no hint that the network is off", func(t *testing.T) {
		denied = nil
		_, err := h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4)
		wantError(t, "create", err, network.ErrorCodeAccessDenied)
		equal(t, "denied", strings.Join(denied, ", "), "tcp create: tcp:create")
		if !strings.Contains(log.String(), `msg="network: denied" operation="tcp create" rule=tcp:create`) {
			t.Errorf("log: %s", &log)
		}
	})
}

func TestAGuestConnectsByNameToWhatWasResolved(t *testing.T) {
	ctx := context.Background()
	server := host(t, open("loopback"))
	l := listen(t, server)
	at := must(l.LocalAddress(ctx))
	t.Run("localhost", func(t *testing.T) {
		h := resolving(t, newNames(map[string]string{"localhost": "127.0.0.1"}), "tcp:connect=localhost:*")
		s := must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4))
		wantError(t, "before it is resolved", s.StartConnect(ctx, grant{h.network}, at), network.ErrorCodeAccessDenied)
		closeAll(t, s)
		must(resolve(t, h, "localhost"))
		c, in, out := connect(t, h, at)
		closeAll(t, in, out, c)
	})
	t.Run("a name that a stranger answers for", func(t *testing.T) {
		h := resolving(t, newNames(map[string]string{"evil.example": "127.0.0.1"}), "tcp:connect=evil.example:*")
		equal(t, "told", must(resolve(t, h, "evil.example"))[0], v4(127, 0, 0, 1))
		s := must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4))
		wantError(t, "connect", s.StartConnect(ctx, grant{h.network}, at), network.ErrorCodeAccessDenied)
		closeAll(t, s)
	})
	t.Run("unless the embedder decides so", func(t *testing.T) {
		c := open("tcp:connect=evil.example:*")
		c.Resolver = newNames(map[string]string{"evil.example": "127.0.0.1"})
		var asked []string
		c.Decide = func(q sockets.Question) bool {
			asked = append(asked, q.Operation.String()+" "+q.Name)
			return true
		}
		h := host(t, c)
		must(resolve(t, h, "evil.example"))
		s, in, out := connect(t, h, at)
		equal(t, "asked", strings.Join(asked, ", "), "name lookup evil.example, tcp create , tcp connect evil.example")
		closeAll(t, in, out, s)
	})
	closeAll(t, l)
}

func TestLimitsOfTheNetworkAreThoseOfTheConfig(t *testing.T) {
	ctx := context.Background()
	c := open("all")
	c.Limits.Connecting, c.Limits.Lookups, c.Resolver = 1, 1, newNames(map[string]string{"fast": "192.0.2.1"})
	h := host(t, c)
	l := listen(t, h)
	at := must(l.LocalAddress(ctx))
	first, second := must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4)), must(h.network.CreateTCPSocket(ctx, network.IPAddressFamilyIPv4))
	check(t, first.StartConnect(ctx, grant{h.network}, at))
	wantError(t, "connect", second.StartConnect(ctx, grant{h.network}, at), network.ErrorCodeOutOfMemory)
	slow := must(h.network.ResolveAddresses(ctx, grant{h.network}, "slow"))
	fast := must(h.network.ResolveAddresses(ctx, grant{h.network}, "fast"))
	_, err := fast.ResolveNextAddress(ctx)
	wantError(t, "behind another", err, network.ErrorCodeWouldBlock)
	closeAll(t, slow)
	p := must(fast.Subscribe(ctx))
	within(t, func() { check(t, p.Block(ctx)) })
	closeAll(t, p, fast, first, second, l)
	for _, l := range []Limits{{Sockets: -1}, {Connecting: -1}, {Lookups: -1}, {PollList: -1}} {
		if _, err := New(Config{Limits: l}); err == nil {
			t.Errorf("%+v is taken", l)
		}
	}
}
