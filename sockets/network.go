package sockets

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Config says what a Network may do. The zero value denies everything.
type Config struct {
	Policy Policy

	// MaxSockets bounds the sockets that are open at once; connections that wait to be accepted are not counted.
	// Zero means DefaultMaxSockets. Beyond it a socket answers NewSocketLimit.
	MaxSockets int

	// MaxConnecting bounds the connects that are in progress at once: begun, and not finished or closed by the guest.
	// Zero means DefaultMaxConnecting. Beyond it StartConnect answers OutOfMemory, and the socket stays as it was.
	MaxConnecting int

	// MaxLookups bounds the look-ups that are under way at once, each of which has a goroutine. Zero means
	// DefaultMaxLookups. More wait for their turn, up to 16384 of them; beyond that a look-up answers
	// TemporaryResolverFailure.
	MaxLookups int

	// LookupTimeout is how long a look-up may take, with the time that it waits for its turn. Zero means
	// DefaultLookupTimeout. Then it answers TemporaryResolverFailure.
	LookupTimeout time.Duration

	// Resolver finds the addresses of names; nil means the system's. On Linux and BSD that is Go's own resolver, which
	// reads what the system's would: /etc/hosts, /etc/resolv.conf, /etc/nsswitch.conf.
	Resolver Resolver

	// Decide, where it is set, has the last word on everything that the policy is asked about. Its answer counts,
	// whatever the rules say; see Question. It is called without locks held, by the goroutine whose call it is about.
	Decide func(Question) bool

	// Logger is told of every decision: at level Warn of what is denied, at Debug of what is allowed. The attributes
	// are operation, address and name as far as there are such, and rule: the one that allowed it, or the one that
	// would have. nil logs nothing.
	Logger *slog.Logger

	// Linger bounds how long bytes that were written but not yet taken by the kernel are still sent after the last
	// of a connection's socket and streams was closed. Zero means DefaultLinger. When it has passed, the connection
	// is reset, so that the peer does not take what it got for everything.
	Linger time.Duration

	// OnDenied hears of everything that was denied. It is called without locks held, by the goroutine whose
	// call was refused.
	OnDenied func(Denial)

	// OnChange hears of every change of a socket's state, for a trace. It is called with the socket locked, so it must
	// not use it, and must not wait.
	OnChange func(Change)
}

// Defaults of Config.
const (
	DefaultMaxSockets    = 4096
	DefaultMaxConnecting = 1024
	DefaultMaxLookups    = 64
	DefaultLookupTimeout = 30 * time.Second
	DefaultLinger        = 5 * time.Second
)

// Network is where sockets come from: a policy, limits, and what is open. It may be used by several goroutines.
// It corresponds to what wasi:sockets/instance-network gives a guest.
type Network struct {
	config     Config
	sys        system // the kernel, but for tests
	lookups    *lookups
	learned    *learned
	decisions  decisions
	connecting atomic.Int64
	made       atomic.Uint64 // sockets, where somebody hears of their changes

	mu     sync.Mutex
	used   int                  // places taken: open descriptors, and those about to be opened
	open   map[*descriptor]bool // whether it has taken a place
	idle   chan struct{}        // closed when nothing is open; nil where nobody drains
	closed bool

	pipes    []pipe // empty, for the next splice
	pipeless bool   // the system has none, or they are of no use

	dropped atomic.Uint64 // datagrams
}

// NewNetwork makes a Network. Close it when done.
func NewNetwork(c Config) *Network {
	if c.MaxSockets == 0 {
		c.MaxSockets = DefaultMaxSockets
	}
	if c.MaxConnecting == 0 {
		c.MaxConnecting = DefaultMaxConnecting
	}
	if c.MaxLookups == 0 {
		c.MaxLookups = DefaultMaxLookups
	}
	if c.LookupTimeout == 0 {
		c.LookupTimeout = DefaultLookupTimeout
	}
	if c.Linger == 0 {
		c.Linger = DefaultLinger
	}
	c.Resolver = resolverOf(c.Resolver)
	return &Network{
		config:  c,
		sys:     kernel{},
		lookups: newLookups(c.MaxLookups, c.LookupTimeout),
		learned: newLearned(c.Policy),
		open:    map[*descriptor]bool{},
	}
}

// Stats are a Network's counters.
type Stats struct {
	Open       int // sockets open now
	Connecting int // of them, with a connect in progress
	Lookups    int // look-ups without an answer, under way or waiting for their turn

	// Dropped are the datagrams of peers that the policy does not let in; see Rule.
	Dropped uint64

	// What was decided so far.
	Allowed, Denied Counts
}

// Stats reads the counters.
func (n *Network) Stats() Stats {
	n.mu.Lock()
	open := n.used
	n.mu.Unlock()
	return Stats{
		Open:       open,
		Connecting: int(n.connecting.Load()),
		Lookups:    n.lookups.count(),
		Dropped:    n.dropped.Load(),
		Allowed:    n.decisions.allowed.read(),
		Denied:     n.decisions.denied.read(),
	}
}

// Close ends everything that is open at once, bytes under way and look-ups included, and wakes everybody who waits.
// Nothing can be opened or resolved afterwards.
func (n *Network) Close() {
	n.mu.Lock()
	n.closed = true // from here on, what is adopted is closed by adopt
	all := slices.Collect(maps.Keys(n.open))
	n.mu.Unlock()
	n.closePipes()
	n.lookups.close()
	for _, d := range all {
		d.shut()
	}
	// Somebody else may have been closing one of them.
	n.Drain(context.Background())
}

// Drain waits until nothing is open: what was closed with bytes still under way sends them first, for as long as
// Config.Linger. It ends early, with the cause, when ctx does. Call it when nobody uses the sockets any more and the
// bytes matter; Close ends what is left.
func (n *Network) Drain(ctx context.Context) error {
	for {
		n.mu.Lock()
		if len(n.open) == 0 {
			n.mu.Unlock()
			return nil
		}
		if n.idle == nil {
			n.idle = make(chan struct{})
		}
		idle := n.idle
		n.mu.Unlock()
		select {
		case <-idle:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// reserve takes a place for a socket that is about to be made; adopt or unreserve follows.
func (n *Network) reserve() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.closed:
		return InvalidState
	case n.used >= n.config.MaxSockets:
		return NewSocketLimit
	}
	n.used++
	return nil
}

func (n *Network) unreserve() {
	n.mu.Lock()
	n.used--
	n.mu.Unlock()
}

// adopt makes the descriptor known, with or without a place of its own. It answers false when the network was closed
// in the meantime; the descriptor is closed then.
func (n *Network) adopt(d *descriptor, reserved bool) bool {
	n.mu.Lock()
	closed := n.closed
	n.open[d] = reserved
	n.mu.Unlock()
	if closed {
		d.close()
	}
	return !closed
}

// count takes a place for a descriptor that has none yet.
func (n *Network) count(d *descriptor) error {
	if err := n.reserve(); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.open[d]; !ok {
		n.used--
		return InvalidState
	}
	n.open[d] = true
	return nil
}

func (n *Network) forget(d *descriptor) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.open[d] {
		n.used--
	}
	delete(n.open, d)
	if len(n.open) == 0 && n.idle != nil {
		close(n.idle)
		n.idle = nil
	}
}
