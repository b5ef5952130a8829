package sockets

import (
	"net/netip"
	"slices"
	"sync"
	"testing"
)

// fake is a system in memory: a machine with nothing but the loopback addresses of both families, which behaves as
// Linux does as far as this package can tell. It does nothing by itself, so what happens does not depend on time: a
// connect is settled when it returns unless the queue of the listener is full, and what is sent has arrived.
//
// Any of its calls can be told to fail. It panics when a socket is used that was closed.
type fake struct {
	mu      sync.Mutex
	sockets map[handle]*fakeSocket
	made    handle
	port    uint16 // the ephemeral one that was chosen last
	fails   map[string][]error
	pipes   int // that are open

	watched []*fakeSocket
	events  []fakeEvent
	firing  bool
}

// fakeSocket is what TCP and UDP have in common; fake_stream_test.go and fake_datagrams_test.go have the rest.
type fakeSocket struct {
	family    Family
	transport transport
	options   map[option]int
	local     Address // port 0: not bound
	chosen    bool    // the port, by the system
	anywhere  bool    // bound to no particular address
	pending   error

	watcher *descriptor
	asked   mode

	fakeStream
	fakeDatagrams
}

type fakeEvent struct {
	d *descriptor
	m mode
}

func newFake() *fake {
	return &fake{sockets: map[handle]*fakeSocket{}, port: 49151, fails: map[string][]error{}}
}

// fakeNetwork is network on a system in memory, in which it must leave nothing and count right whatever failed.
func fakeNetwork(t testing.TB, rules ...string) (*Network, *fake) {
	t.Helper()
	f := newFake()
	var n *Network
	t.Cleanup(func() { // when n has been closed
		f.mu.Lock()
		defer f.mu.Unlock()
		expect(t, "sockets left in the system", len(f.sockets), 0)
		expect(t, "pipes left in the system", f.pipes, 0)
		expect(t, "counted as open", n.Stats().Open, 0)
		expect(t, "counted as connecting", n.Stats().Connecting, 0)
		for call := range f.fails {
			t.Errorf("%s was to fail and has not been called", call)
		}
	})
	n = network(t, rules...)
	n.sys = f
	return n, f
}

// fail makes the next call of that name fail, behind those that are to fail already.
func (f *fake) fail(call string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fails[call] = append(f.fails[call], err)
}

// call runs do for a socket unless the call is to fail.
func (f *fake) call(name string, fd handle, do func(s *fakeSocket) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.sockets[fd]
	if s == nil {
		panic("fake: " + name + " of a socket that is closed")
	}
	defer f.report()
	if err := f.failure(name); err != nil {
		return err
	}
	return do(s)
}

// The rest assumes f.mu, but for the methods of system.

func (f *fake) failure(call string) error {
	all := f.fails[call]
	if len(all) == 0 {
		return nil
	}
	if f.fails[call] = all[1:]; len(all) == 1 {
		delete(f.fails, call)
	}
	return all[0]
}

// number gives the socket a number, negative as system has it, and never the same one twice.
func (f *fake) number(s *fakeSocket) handle {
	f.made++
	f.sockets[^f.made] = s
	return ^f.made
}

func (f *fake) socket(family Family, t transport) (handle, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.failure("socket"); err != nil {
		return ^handle(0), err
	}
	s := &fakeSocket{family: family, transport: t}
	s.local = AddressFrom(netip.AddrPortFrom(unspecifiedOf(family), 0))
	// What Linux has by default. A TTL is one for both families; only its option has two names.
	s.options = map[option]int{hopLimitOption(family): 64, optReceiveBuffer: 212992, optSendBuffer: 212992}
	if t == transportTCP {
		s.options[optKeepAlive], s.options[optKeepIdle] = 0, 7200
		s.options[optKeepInterval], s.options[optKeepCount] = 75, 9
		s.options[optReceiveBuffer], s.options[optSendBuffer] = 131072, 16384
	}
	return f.number(s), nil
}

func (f *fake) close(fd handle) {
	f.call("close", fd, func(s *fakeSocket) error {
		delete(f.sockets, fd)
		f.hangUp(s)
		return nil
	})
}

func (f *fake) prepareBind(fd handle) error {
	return f.call("prepareBind", fd, func(s *fakeSocket) error {
		s.reuse = true
		return nil
	})
}

func (f *fake) bind(fd handle, a Address) error {
	return f.call("bind", fd, func(s *fakeSocket) error {
		ip := a.Addr()
		switch {
		case s.local.Port() != 0:
			return errnos["EINVAL"]
		case a.Family() != s.family:
			return errnos["EAFNOSUPPORT"]
		case !ip.IsLoopback() && !ip.IsUnspecified() && !(ip.IsMulticast() && s.transport == transportUDP):
			return errnos["EADDRNOTAVAIL"]
		case a.Port() == 0:
			f.bindAnywhere(s, ip)
			return nil
		case f.taken(s, a):
			return errnos["EADDRINUSE"]
		}
		s.local, s.chosen, s.anywhere = a, false, ip.IsUnspecified()
		return nil
	})
}

// bindAnywhere binds to an ephemeral port that nobody has.
func (f *fake) bindAnywhere(s *fakeSocket, ip netip.Addr) {
	inUse := true
	for inUse {
		if f.port++; f.port == 0 {
			f.port = 49152
		}
		inUse = false
		for _, o := range f.sockets {
			inUse = inUse || o.transport == s.transport && o.local.Port() == f.port
		}
	}
	s.local = AddressFrom(netip.AddrPortFrom(ip, f.port))
	s.chosen, s.anywhere = true, ip.IsUnspecified()
}

// taken reports whether another socket keeps s from an address. TCP sockets that all allow it may share one as long
// as none listens there.
func (f *fake) taken(s *fakeSocket, a Address) bool {
	for _, o := range f.sockets {
		if o != s && o.transport == s.transport && o.has(a) && !(o.reuse && s.reuse && !o.listening) {
			return true
		}
	}
	return false
}

// has reports whether the socket's address and another have something in common. There is no dual stack.
func (s *fakeSocket) has(a Address) bool {
	mine, other := s.local.Addr(), a.Addr()
	return s.family == a.Family() && s.local.Port() == a.Port() &&
		(mine == other || mine.IsUnspecified() || other.IsUnspecified())
}

// leaveFrom gives the socket an address on the way to the peer, if it has no better one.
func (f *fake) leaveFrom(s *fakeSocket, to Address) error {
	if !to.Addr().IsLoopback() {
		return errnos["ENETUNREACH"]
	}
	if s.local.Port() == 0 {
		f.bindAnywhere(s, s.local.Addr())
	}
	if s.local.Addr().IsUnspecified() {
		s.local.AddrPort = netip.AddrPortFrom(loopbackOf(s.family).Addr(), s.local.Port())
	}
	return nil
}

func (f *fake) local(fd handle) (a Address, err error) {
	err = f.call("local", fd, func(s *fakeSocket) error {
		a = AddressFrom(s.local.AddrPort)
		return nil
	})
	return a, err
}

func (f *fake) get(fd handle, o option) (v int, err error) {
	err = f.call("get", fd, func(s *fakeSocket) (err error) {
		var ok bool
		if v, ok = s.options[o]; !ok {
			err = errnos["ENOPROTOOPT"]
		}
		return err
	})
	return v, err
}

// set has the bounds of Linux, which takes any size of a buffer and makes of it what it likes.
func (f *fake) set(fd handle, o option, v int) error {
	return f.call("set", fd, func(s *fakeSocket) error {
		within := func(least, most int) error {
			if v < least || v > most {
				return errnos["EINVAL"]
			}
			s.options[o] = v
			return nil
		}
		switch _, ok := s.options[o]; {
		case !ok:
			return errnos["ENOPROTOOPT"]
		case o == optReceiveBuffer:
			v = max(min(v, 4<<20)*bufferScale, 2304)
		case o == optSendBuffer:
			v = max(min(v, 4<<20)*bufferScale, 4608)
		case o == optKeepIdle, o == optKeepInterval:
			return within(1, 32767)
		case o == optKeepCount:
			return within(1, 127)
		case o == hopLimitOption(s.family):
			return within(1, 255)
		}
		s.options[o] = v
		return nil
	})
}

// watch is called under the lock of a descriptor, whose fire must not be called from here.
func (f *fake) watch(d *descriptor, m mode) {
	f.call("watch", d.fd, func(s *fakeSocket) error {
		s.watcher, s.asked = d, m
		if !slices.Contains(f.watched, s) {
			f.watched = append(f.watched, s)
		}
		return nil
	})
}

func (f *fake) unwatch(d *descriptor) {
	f.call("unwatch", d.fd, func(s *fakeSocket) error {
		s.asked = 0
		return nil
	})
}

// report fires what has become usable, each once, as a kernel does: all that was asked for is forgotten with it.
func (f *fake) report() {
	waiting := f.watched[:0]
	for _, s := range f.watched {
		m := s.usable() & s.asked
		if m != 0 {
			f.events = append(f.events, fakeEvent{s.watcher, m})
			s.asked = 0
		}
		if s.asked != 0 {
			waiting = append(waiting, s)
		}
	}
	clear(f.watched[len(waiting):])
	f.watched = waiting
	if len(f.events) > 0 && !f.firing {
		f.firing = true
		go f.fire()
	}
}

// fire is the goroutine of the poller, which must hold no lock. It ends when there is nothing to fire.
func (f *fake) fire() {
	for {
		f.mu.Lock()
		if len(f.events) == 0 {
			f.firing = false
			f.mu.Unlock()
			return
		}
		e := f.events[0]
		f.events = f.events[1:]
		f.mu.Unlock()
		e.d.fire(e.m)
	}
}

func (s *fakeSocket) usable() mode {
	if s.transport == transportUDP {
		return s.usableDatagrams()
	}
	return s.usableStream()
}

// failed takes the pending error, which is told once.
func (s *fakeSocket) failed() error {
	err := s.pending
	s.pending = nil
	return err
}

func unspecifiedOf(f Family) netip.Addr {
	if f == IPv6 {
		return netip.IPv6Unspecified()
	}
	return netip.IPv4Unspecified()
}
