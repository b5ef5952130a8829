package sockets

import (
	"math"
	"time"
)

// The settings are those of the operating system's socket: written to it and read back from it, in every state but
// closed. What is out of range is clamped; 0 is an InvalidArgument.

// KeepAliveEnabled tells whether an idle connection is probed: tcp-socket.keep-alive-enabled.
func (t *TCP) KeepAliveEnabled() (bool, error) {
	v, err := t.get(optKeepAlive)
	return v != 0, err
}

// SetKeepAliveEnabled turns probing of an idle connection on or off.
func (t *TCP) SetKeepAliveEnabled(on bool) error {
	v := 0
	if on {
		v = 1
	}
	return t.set(optKeepAlive, v)
}

// KeepAliveIdleTime is how long a connection is idle before it is probed, in nanoseconds.
func (t *TCP) KeepAliveIdleTime() (uint64, error) { return t.getSeconds(optKeepIdle) }

// SetKeepAliveIdleTime takes nanoseconds, rounded up to whole seconds.
func (t *TCP) SetKeepAliveIdleTime(nanoseconds uint64) error {
	return t.setSeconds(optKeepIdle, nanoseconds)
}

// KeepAliveInterval is the time between probes, in nanoseconds.
func (t *TCP) KeepAliveInterval() (uint64, error) { return t.getSeconds(optKeepInterval) }

// SetKeepAliveInterval takes nanoseconds, rounded up to whole seconds.
func (t *TCP) SetKeepAliveInterval(nanoseconds uint64) error {
	return t.setSeconds(optKeepInterval, nanoseconds)
}

// KeepAliveCount is how many probes go unanswered before the connection is given up.
func (t *TCP) KeepAliveCount() (uint32, error) {
	v, err := t.get(optKeepCount)
	return uint32(v), err
}

// SetKeepAliveCount is clamped to 127, the most that Linux takes.
func (t *TCP) SetKeepAliveCount(count uint32) error {
	if count == 0 {
		return InvalidArgument
	}
	return t.set(optKeepCount, int(min(count, 127)))
}

// HopLimit is how many routers a packet may pass: IP_TTL, or IPV6_UNICAST_HOPS.
func (t *TCP) HopLimit() (uint8, error) { return t.hopLimit() }

// SetHopLimit differs from the other settings in that the state is looked at before the argument.
func (t *TCP) SetHopLimit(hops uint8) error { return t.setHopLimit(hops) }

// UnicastHopLimit is how many routers a datagram to one peer may pass: IP_TTL, or IPV6_UNICAST_HOPS.
func (u *UDP) UnicastHopLimit() (uint8, error) { return u.hopLimit() }

// SetUnicastHopLimit differs from the other settings in that the state is looked at before the argument.
func (u *UDP) SetUnicastHopLimit(hops uint8) error { return u.setHopLimit(hops) }

// ReceiveBufferSize is the space that the kernel keeps for data that came, in bytes.
func (s *socket) ReceiveBufferSize() (uint64, error) { return s.getSize(optReceiveBuffer) }

// SetReceiveBufferSize is a hint; the system has its own bounds.
func (s *socket) SetReceiveBufferSize(bytes uint64) error { return s.setSize(optReceiveBuffer, bytes) }

// SendBufferSize is the space that the kernel keeps for data on its way out, in bytes.
func (s *socket) SendBufferSize() (uint64, error) { return s.getSize(optSendBuffer) }

// SetSendBufferSize is a hint; the system has its own bounds.
func (s *socket) SetSendBufferSize(bytes uint64) error { return s.setSize(optSendBuffer, bytes) }

// maxKeepSeconds is the most that Linux takes.
const maxKeepSeconds = math.MaxInt16

func (t *TCP) getSeconds(o option) (uint64, error) {
	v, err := t.get(o)
	return uint64(v) * uint64(time.Second), err
}

func (t *TCP) setSeconds(o option, nanoseconds uint64) error {
	if nanoseconds == 0 {
		return InvalidArgument
	}
	seconds := (nanoseconds-1)/uint64(time.Second) + 1
	return t.set(o, int(min(seconds, maxKeepSeconds)))
}

func (s *socket) hopLimit() (uint8, error) {
	v, err := s.get(hopLimitOption(s.family))
	return uint8(v), err
}

func (s *socket) setHopLimit(hops uint8) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.state.descriptor()
	switch {
	case d == nil:
		return InvalidState
	case hops == 0:
		return InvalidArgument
	}
	return d.set(hopLimitOption(s.family), int(hops))
}

func (s *socket) getSize(o option) (uint64, error) {
	v, err := s.get(o)
	return uint64(v), err
}

// setSize overlooks that a BSD kernel has no room for what was asked: the size is a hint.
func (s *socket) setSize(o option, bytes uint64) error {
	if bytes == 0 {
		return InvalidArgument
	}
	err := s.set(o, int(min(bytes, math.MaxInt32)))
	if err == OutOfMemory {
		return nil
	}
	return err
}

func (s *socket) get(o option) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.state.descriptor()
	if d == nil {
		return 0, InvalidState
	}
	return d.get(o)
}

func (s *socket) set(o option, v int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.state.descriptor()
	if d == nil {
		return InvalidState
	}
	return d.set(o, v)
}

func (d *descriptor) get(o option) (v int, err error) {
	err = d.use(func(sys system, fd handle) error {
		v, err = sys.get(fd, o)
		return err
	})
	if err != nil {
		return 0, codeOf(err)
	}
	if o == optReceiveBuffer || o == optSendBuffer {
		v /= bufferScale
	}
	return v, nil
}

func (d *descriptor) set(o option, v int) error {
	if err := d.use(func(sys system, fd handle) error { return sys.set(fd, o, v) }); err != nil {
		return codeOf(err)
	}
	return nil
}

// inherit gives an accepted connection the listener's settings where the kernel does not.
func (t *TCP) inherit(from, to *descriptor) {
	if acceptLosesOptions {
		to.apply(from.settings(optKeepAlive, optKeepIdle, optKeepInterval, optKeepCount, hopLimitOption(t.family),
			optReceiveBuffer, optSendBuffer))
	}
}

// settings are the values of those options that the kernel tells.
func (d *descriptor) settings(all ...option) map[option]int {
	values := make(map[option]int, len(all))
	for _, o := range all {
		if v, err := d.get(o); err == nil {
			values[o] = v
		}
	}
	return values
}

func (d *descriptor) apply(values map[option]int) {
	for o, v := range values {
		d.set(o, v)
	}
}
