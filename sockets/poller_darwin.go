package sockets

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// poller waits for all descriptors of the process with one goroutine in kevent. It begins with the first descriptor
// that is waited for and ends with the last one that is closed.
type poller struct {
	fd int

	mu      sync.Mutex
	members map[uint64]*descriptor // by descriptor number: closing it takes its events out of the queue
}

var pollers struct {
	sync.Mutex
	current *poller // nil while nobody is a member
}

// entry is a descriptor's membership of a poller; the zero value is no membership. The descriptor's watch lock
// guards it.
type entry struct{ p *poller }

const armRetry = 10 * time.Millisecond

// arm asks for one report of each mode. Without a poller (too many open files, say) it falls back to a clock, so that
// nobody waits for ever.
func (e *entry) arm(d *descriptor, m mode) {
	err := e.join(d)
	if err == nil {
		changes := make([]unix.Kevent_t, 0, 2)
		for _, f := range []struct {
			m      mode
			filter int
		}{{readable, unix.EVFILT_READ}, {writable, unix.EVFILT_WRITE}} {
			if m&f.m != 0 {
				var k unix.Kevent_t
				unix.SetKevent(&k, d.fd, f.filter, unix.EV_ADD|unix.EV_ONESHOT)
				changes = append(changes, k)
			}
		}
		_, err = unix.Kevent(e.p.fd, changes, nil, nil)
	}
	if err != nil {
		time.AfterFunc(armRetry, func() { d.fire(m) })
	}
}

func (e *entry) join(d *descriptor) error {
	if e.p != nil {
		return nil
	}
	pollers.Lock()
	defer pollers.Unlock()
	if pollers.current == nil {
		fd, err := unix.Kqueue()
		if err != nil {
			return err
		}
		unix.CloseOnExec(fd)
		pollers.current = &poller{fd: fd, members: map[uint64]*descriptor{}}
		defer func(p *poller) { go p.run() }(pollers.current)
	}
	e.p = pollers.current
	e.p.mu.Lock()
	e.p.members[uint64(d.fd)] = d
	e.p.mu.Unlock()
	return nil
}

func (e *entry) leave(d *descriptor) {
	if e.p == nil {
		return
	}
	pollers.Lock()
	defer pollers.Unlock()
	e.p.mu.Lock()
	delete(e.p.members, uint64(d.fd))
	last := len(e.p.members) == 0
	e.p.mu.Unlock()
	if last {
		pollers.current = nil
		stop := unix.Kevent_t{Ident: 1, Filter: unix.EVFILT_USER, Flags: unix.EV_ADD | unix.EV_ONESHOT, Fflags: unix.NOTE_TRIGGER}
		unix.Kevent(e.p.fd, []unix.Kevent_t{stop}, nil, nil)
	}
	e.p = nil
}

// run reports until leave says stop.
func (p *poller) run() {
	defer unix.Close(p.fd)
	events := make([]unix.Kevent_t, 128)
	for {
		n, err := unix.Kevent(p.fd, nil, events, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return
		}
		for i := range n {
			if events[i].Filter == unix.EVFILT_USER {
				return
			}
			p.report(&events[i])
		}
	}
}

func (p *poller) report(k *unix.Kevent_t) {
	p.mu.Lock()
	d := p.members[k.Ident]
	p.mu.Unlock()
	if d == nil {
		return
	}
	m := readable
	if k.Filter == unix.EVFILT_WRITE {
		m = writable
	}
	d.fire(m)
}
