package preview1

import (
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
)

// What a subscription asks for, and an event tells.
const (
	eventClock = 0
	eventRead  = 1
	eventWrite = 2
)

const (
	eventSize = 32

	// maxSubscriptions is the most that one call may wait for.
	maxSubscriptions = 16 << 10

	clockAbsolute = 1 // the flag of a clock's subscription
	readHangup    = 1 // the flag of an event: there is nothing more to read
)

// A subscription is what a guest waits for. Preview 0 gives each clock an identifier of
// its own, before all else.
type subscription struct {
	userdata uint64
	kind     uint8
	clock    uint32
	timeout  uint64
	absolute bool
	fd       uint32
}

func (p *process) subscriptionSize() uint32 {
	if p.old {
		return 56
	}
	return 48
}

func (p *process) subscription(b []byte) (s subscription) {
	s.userdata, s.kind = le.Uint64(b), b[8]
	s.fd = le.Uint32(b[16:])
	b = b[16:]
	if p.old {
		b = b[8:]
	}
	s.clock, s.timeout = le.Uint32(b), le.Uint64(b[8:])
	s.absolute = le.Uint16(b[24:])&clockAbsolute != 0
	return s
}

// An event is a subscription, and how it stands.
type event struct {
	subscription
	ready bool
	wait  int // which of the pollables it waits for, -1 for none
	bytes uint64
	flags uint16
}

// pollOneoff waits until one of the subscriptions is ready, and tells of all that are, in
// the order in which they stand. A number that is not open fails the whole call.
func (p *process) pollOneoff() error {
	n := p.u32(2)
	if n == 0 || n > maxSubscriptions {
		return eINVAL
	}
	list, err := p.at(p.u32(0), n*p.subscriptionSize())
	if err != nil {
		return err
	}
	out, err := p.at(p.u32(1), n*eventSize)
	if err != nil {
		return err
	}
	count, err := p.out(3, 4)
	if err != nil {
		return err
	}
	defer p.endWait()
	for ; len(list) > 0; list = list[p.subscriptionSize():] {
		e := event{subscription: p.subscription(list), wait: -1}
		if err := p.subscribe(&e); err != nil {
			return err
		}
		p.events = append(p.events, e)
	}
	if err := p.await(); err != nil {
		return err
	}
	k := 0
	for i := range p.events {
		e := &p.events[i]
		if !e.ready {
			continue
		}
		b := out[k*eventSize:][:eventSize]
		clear(b)
		le.PutUint64(b, e.userdata)
		b[10] = e.kind
		le.PutUint64(b[16:], e.bytes)
		le.PutUint16(b[24:], e.flags)
		k++
	}
	le.PutUint32(count, uint32(k))
	return nil
}

// endWait lets go of what a wait has made. The memory of a long list is not kept.
func (p *process) endWait() {
	for _, w := range p.waits {
		_ = w.Close(p.ctx)
	}
	clear(p.waits)
	p.waits, p.events = p.waits[:0], p.events[:0]
	if cap(p.events) > 64 {
		p.waits, p.events = nil, nil
	}
}

// subscribe finds out whether a subscription is ready already, and otherwise what to wait
// for.
func (p *process) subscribe(e *event) error {
	switch e.kind {
	case eventClock:
		return p.subscribeClock(e)
	case eventRead, eventWrite:
		return p.subscribeFd(e)
	}
	return eINVAL
}

func (p *process) waitFor(e *event, w poll.Pollable, err error) error {
	if err != nil {
		return err
	}
	e.wait = len(p.waits)
	p.waits = append(p.waits, w)
	return nil
}

func (p *process) subscribeClock(e *event) error {
	clock := p.faces.MonotonicClock
	switch e.clock {
	case clockMonotonic:
		if e.absolute {
			w, err := clock.SubscribeInstant(p.ctx, e.timeout)
			return p.waitFor(e, w, err)
		}
	case clockRealtime:
		// A point of time is waited for by how far it is away now.
		if e.absolute {
			t, err := p.faces.WallClock.Now(p.ctx)
			if err != nil {
				return err
			}
			now, err := nanoseconds(t)
			if err != nil {
				return err
			}
			e.timeout -= min(now, e.timeout)
		}
	default:
		return eINVAL
	}
	w, err := clock.SubscribeDuration(p.ctx, e.timeout)
	return p.waitFor(e, w, err)
}

func (p *process) subscribeFd(e *event) error {
	if uint64(e.fd) >= uint64(len(p.table)) || p.table[e.fd] == nil {
		return eBADF
	}
	d := p.table[e.fd]
	e.bytes = 1
	reads := e.kind == eventRead
	switch {
	case d.socket != nil:
		return p.subscribeSocket(e, d)
	case reads && d.in != nil:
		w, err := d.in.Subscribe(p.ctx)
		return p.waitFor(e, w, err)
	case !reads && d.out != nil:
		w, err := d.out.Subscribe(p.ctx)
		return p.waitFor(e, w, err)
	case d.node == nil || d.filetype == typeDirectory:
		return eBADF
	case reads:
		return p.fileReady(e, d)
	}
	e.ready = true
	return nil
}

// fileReady tells how much is left to read.
func (p *process) fileReady(e *event, d *descriptor) error {
	stat, err := d.node.Stat(p.ctx)
	if err != nil {
		return err
	}
	e.ready, e.bytes = true, stat.Size-min(stat.Size, d.position)
	if e.bytes == 0 {
		e.flags = readHangup
	}
	return nil
}

// await waits for the pollables, unless something is ready already, and marks what is.
func (p *process) await() error {
	some := false
	for i := range p.events {
		some = some || p.events[i].ready
	}
	if some {
		return p.look()
	}
	ready, err := p.faces.Poll.Poll(p.ctx, p.waits)
	if err != nil {
		return err
	}
	next := 0 // Both are in order.
	for _, n := range ready {
		for next < len(p.events) && p.events[next].wait != int(n) {
			next++
		}
		if next < len(p.events) {
			p.events[next].ready = true
		}
	}
	return nil
}

// look marks what is ready, and waits for nothing.
func (p *process) look() error {
	for i := range p.events {
		e := &p.events[i]
		if e.wait < 0 {
			continue
		}
		ready, err := p.waits[e.wait].Ready(p.ctx)
		if err != nil {
			return err
		}
		e.ready = ready
	}
	return nil
}
