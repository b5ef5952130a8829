package sockets

import (
	"context"
	"io"
	"net/netip"
	"sync"
	"time"
)

// Lookup is a question for the addresses of a name, and its answer: a
// wasi:sockets/ip-name-lookup.resolve-address-stream. Nothing here blocks but Wait. It may be used by several
// goroutines.
type Lookup struct {
	net  *Network
	host host
	bell bell

	mu      sync.Mutex
	settled bool
	left    []netip.Addr
	err     error
	cancel  context.CancelFunc // of the resolver, while it is at work
	expiry  *time.Timer
}

// Resolve begins to look up the addresses of a host: ip-name-lookup.resolve-addresses. An internationalised name is
// encoded. An IP address, in any spelling that URLs have, with or without the brackets of IPv6, answers itself: nothing
// is looked up, and no rule is needed.
//
// InvalidArgument means that the text is neither. PermanentResolverFailure means that the policy denies the name, or
// that the Network is closed; TemporaryResolverFailure that too many look-ups wait already, see Config.MaxLookups.
func (n *Network) Resolve(text string) (*Lookup, error) {
	h, err := parseHost(text)
	switch {
	case err != nil:
		return nil, InvalidArgument
	case h.ip.IsValid():
		return &Lookup{net: n, settled: true, left: []netip.Addr{h.ip}}, nil
	case n.ask(NameLookup, netip.AddrPort{}, h.name) != nil:
		return nil, PermanentResolverFailure
	}
	l := &Lookup{net: n, host: h}
	if err := n.lookups.add(l); err != nil {
		return nil, err
	}
	return l, nil
}

// Next is the next address, in the order in which they should be tried: resolve-next-address. WouldBlock means that
// there is no answer yet, io.EOF that there are no more addresses. NameUnresolvable, TemporaryResolverFailure and
// PermanentResolverFailure say why there is none. The answer does not change when it is asked for again.
func (l *Lookup) Next() (netip.Addr, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !l.settled:
		return netip.Addr{}, WouldBlock
	case l.err != nil:
		return netip.Addr{}, l.err
	case len(l.left) == 0:
		return netip.Addr{}, io.EOF
	}
	ip := l.left[0]
	l.left = l.left[1:]
	return ip, nil
}

// Ready reports whether Next has an answer other than WouldBlock.
func (l *Lookup) Ready() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.settled
}

// Notify sends on ch, without blocking, when the look-up may have become ready, until stop is called.
func (l *Lookup) Notify(ch chan<- struct{}) (stop func()) { return l.NotifyFunc(poker(ch)) }

// NotifyFunc is Notify for a function instead of a channel. It is called under a lock: it must not block, and must
// not call this package.
func (l *Lookup) NotifyFunc(wake func()) (stop func()) {
	stop = l.bell.add(wake)
	if l.Ready() {
		wake()
	}
	return stop
}

// Wait blocks until the look-up is ready, the deadline (zero: none) has passed, or ctx has ended, and reports whether
// it is ready. Closing the look-up or its Network makes it ready.
func (l *Lookup) Wait(ctx context.Context, deadline time.Time) bool {
	return l.Ready() || waitNotified(ctx, l, deadline)
}

// Close cancels the look-up if it is under way, and forgets the answer; Next then says PermanentResolverFailure.
// Whoever waits is woken. Close may be called again.
func (l *Lookup) Close() {
	l.settle(nil, PermanentResolverFailure)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left, l.err = nil, PermanentResolverFailure
}

// settle gives the look-up its answer, unless it has one. Nobody sees it before the Network has learned the addresses,
// and counts the look-up no more.
func (l *Lookup) settle(ips []netip.Addr, err error) {
	l.mu.Lock()
	if l.settled {
		l.mu.Unlock()
		return
	}
	l.net.learned.add(l.host.name, ips)
	l.net.lookups.forget(l)
	l.settled, l.left, l.err = true, ips, err
	cancel, expiry := l.cancel, l.expiry
	l.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	expiry.Stop()
	l.bell.ring()
}

// begin is false for a look-up that nobody waits for any more.
func (l *Lookup) begin() (context.Context, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.settled {
		return nil, false
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	return ctx, true
}

// resolve asks the resolver.
func (l *Lookup) resolve() {
	ctx, ok := l.begin()
	if !ok {
		return
	}
	query := l.host.name
	if l.host.absolute {
		query += "."
	}
	ips, err := l.net.config.Resolver.LookupNetIP(ctx, "ip", query)
	ips = answers(ips)
	switch {
	case err != nil:
		l.settle(nil, resolverCode(err))
	case len(ips) == 0:
		l.settle(nil, NameUnresolvable)
	default:
		l.settle(ips, nil)
	}
}
