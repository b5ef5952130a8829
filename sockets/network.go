package sockets

import (
	"context"
	"net/netip"
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

	// Linger bounds how long bytes that were written but not yet taken by the kernel are still sent after the last
	// of a connection's socket and streams was closed. Zero means DefaultLinger. When it has passed, the connection
	// is reset, so that the peer does not take what it got for everything.
	Linger time.Duration

	// OnDenied hears of everything that the policy refused. It is called without locks held, by the goroutine whose
	// call was refused.
	OnDenied func(Denial)
}

// Defaults of Config.
const (
	DefaultMaxSockets = 4096
	DefaultLinger     = 5 * time.Second
)

// Network is where sockets come from: a policy, limits, and what is open. It may be used by several goroutines.
// It corresponds to what wasi:sockets/instance-network gives a guest.
type Network struct {
	config Config

	mu     sync.Mutex
	used   int                  // places taken: open descriptors, and those about to be opened
	open   map[*descriptor]bool // whether it has taken a place
	idle   chan struct{}        // closed when nothing is open; nil where nobody drains
	closed bool
	denied uint64

	dropped atomic.Uint64 // datagrams
}

// NewNetwork makes a Network. Close it when done.
func NewNetwork(c Config) *Network {
	if c.MaxSockets == 0 {
		c.MaxSockets = DefaultMaxSockets
	}
	if c.Linger == 0 {
		c.Linger = DefaultLinger
	}
	return &Network{config: c, open: map[*descriptor]bool{}}
}

// Stats are a Network's counters.
type Stats struct {
	Open    int    // sockets open now
	Denied  uint64 // calls refused by the policy so far
	Dropped uint64 // datagrams of peers that the policy does not let in; see Rule
}

// Stats reads the counters.
func (n *Network) Stats() Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	return Stats{Open: n.used, Denied: n.denied, Dropped: n.dropped.Load()}
}

// Close ends everything that is open at once, bytes under way included, and wakes everybody who waits.
// Nothing can be opened afterwards.
func (n *Network) Close() {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	// A socket may become a connection while its end is on the way; then it is found here once more.
	for d := n.any(); d != nil; d = n.any() {
		d.owner().teardown()
	}
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

// any is one of the open descriptors, or nil.
func (n *Network) any() *descriptor {
	n.mu.Lock()
	defer n.mu.Unlock()
	for d := range n.open {
		return d
	}
	return nil
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

// ask asks the policy: AccessDenied or nil. The address is the local one for bind, the remote one for send. No lock may
// be held, for a refusal is reported; what was true before must be looked at again after.
func (n *Network) ask(o Operation, ap netip.AddrPort, name string) error {
	if n.config.Policy.Allows(o, ap) {
		return nil
	}
	n.tell([]Denial{{Operation: o, Address: ap, Name: name}})
	return AccessDenied
}

// tell counts refusals and reports them. No lock may be held.
func (n *Network) tell(denials []Denial) {
	if len(denials) == 0 {
		return
	}
	n.mu.Lock()
	n.denied += uint64(len(denials))
	n.mu.Unlock()
	if n.config.OnDenied == nil {
		return
	}
	for _, d := range denials {
		n.config.OnDenied(d)
	}
}
