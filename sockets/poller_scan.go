//go:build windows || (linux && tenon_scan)

package sockets

import (
	"sync"
	"time"
)

// poller waits for all descriptors of the process with one goroutine in the system's poll call, which is given a list
// each time. It is for Windows, where nothing better works without overlapped I/O; the build tag tenon_scan takes it
// on Linux too, so that its logic is tested. It begins with the first descriptor that is waited for and ends with the
// last one that is closed.
type poller struct {
	waker waker

	mu      sync.Mutex
	members map[*descriptor]mode // what is yet to be reported
}

var pollers struct {
	sync.Mutex
	current *poller // nil while nobody is a member
}

// entry is a descriptor's membership of a poller; the zero value is no membership. The descriptor's watch lock
// guards it.
type entry struct{ p *poller }

const armRetry = 10 * time.Millisecond

// arm asks for one report of the modes. Without a poller (too many open files, say) it falls back to a clock, so that
// nobody waits for ever.
func (e *entry) arm(d *descriptor, m mode) {
	if e.p == nil {
		p, err := joinPoller(d)
		if err != nil {
			time.AfterFunc(armRetry, func() { d.fire(m) })
			return
		}
		e.p = p
	}
	e.p.mu.Lock()
	e.p.members[d] = m
	e.p.mu.Unlock()
	e.p.waker.wake()
}

func (e *entry) leave(d *descriptor) {
	if e.p == nil {
		return
	}
	pollers.Lock()
	defer pollers.Unlock()
	e.p.mu.Lock()
	delete(e.p.members, d)
	last := len(e.p.members) == 0
	e.p.mu.Unlock()
	if last {
		pollers.current = nil
	}
	// The poll call may hold the number that is about to be closed.
	e.p.waker.wake()
	e.p = nil
}

func joinPoller(d *descriptor) (*poller, error) {
	pollers.Lock()
	defer pollers.Unlock()
	if pollers.current == nil {
		w, err := newWaker()
		if err != nil {
			return nil, err
		}
		pollers.current = &poller{waker: w, members: map[*descriptor]mode{}}
		defer func(p *poller) { go p.run() }(pollers.current)
	}
	p := pollers.current
	p.mu.Lock()
	p.members[d] = 0
	p.mu.Unlock()
	return p, nil
}

// run reports until no member is left. Only leave empties the members, and nobody joins after that, because the
// poller is no longer the current one.
func (p *poller) run() {
	for {
		fds := []pollFd{newPollFd(p.waker.handle(), pollIn)}
		asked := []*descriptor{nil}
		p.mu.Lock()
		left := len(p.members)
		for d, m := range p.members {
			if events := pollEvents(m); events != 0 {
				fds = append(fds, newPollFd(d.fd, events))
				asked = append(asked, d)
			}
		}
		p.mu.Unlock()
		if left == 0 {
			pollers.Lock()
			p.waker.close()
			pollers.Unlock()
			return
		}
		if err := sysPoll(fds); err != nil {
			time.Sleep(armRetry)
			continue
		}
		p.waker.quiet()
		for i, d := range asked {
			if d != nil && fds[i].revents != 0 {
				p.report(d, fds[i])
			}
		}
	}
}

func (p *poller) report(d *descriptor, f pollFd) {
	var m mode
	if f.revents&^pollOut != 0 {
		m |= readable
	}
	if f.revents&^pollIn != 0 {
		m |= writable
	}
	p.mu.Lock()
	if asked, ok := p.members[d]; ok {
		m &= asked
		p.members[d] = asked &^ m
	}
	p.mu.Unlock()
	d.fire(m)
}

func pollEvents(m mode) (events int16) {
	if m&readable != 0 {
		events |= pollIn
	}
	if m&writable != 0 {
		events |= pollOut
	}
	return events
}
