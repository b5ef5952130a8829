//go:build unix

package sockets

import (
	"context"
	"os"
	"sync"
	"syscall"
	"time"
)

// parking lets one goroutine for each direction of a descriptor wait in Go's own poller, as Go's net does. A
// goroutine that has only one thing to wait for is woken there directly; by way of the poller of this package it
// would be woken by another goroutine, which makes a round trip of 64 bytes half as long again.
//
// The descriptor enters Go's poller with the first such wait. From then on the os.File owns it.
type parking struct {
	mu     sync.Mutex
	file   *os.File
	raw    syscall.RawConn
	failed bool // Go's poller does not take it
	over   bool // the descriptor is closed; the last to leave closes the file
	parked mode // directions in which somebody waits
	timed  mode // directions that have a deadline, or had one

	reader, writer *waiter // made with the first wait of the direction, to be used by one who is parked
}

// waiter is what one wait needs. It is kept for the next one, so that waiting allocates nothing.
type waiter struct {
	ctx  context.Context
	try  func() bool
	done bool               // what try has said
	end  func()             // ends the wait from outside
	stop func() bool        // takes that back, once ctx is watched,
	room waitingRoom        // or this does
	call func(uintptr) bool // attempt, for a RawConn
}

func (p *parking) waiter(d *descriptor, m mode) *waiter {
	w := &p.reader
	if m == writable {
		w = &p.writer
	}
	if *w == nil {
		*w = &waiter{end: func() { d.unpark(m) }}
		(*w).call = (*w).attempt
	}
	return *w
}

// attempt is called before every wait for the direction.
//
// Only who really has to wait needs to hear of the end of ctx. When it comes between here and the wait, the deadline
// that unpark sets ends the wait at once; when it comes late, it ends another wait in this direction, and whoever that
// is looks and waits again.
func (w *waiter) attempt(uintptr) bool {
	w.done = w.try()
	if !w.done && w.stop == nil && w.room == nil {
		w.watch()
	}
	return w.done
}

// A waitingRoom is a context that serves one who waits at less cost than an AfterFunc: a guest waits once for every
// message.
type waitingRoom interface {
	// Waiting has f called, in its own goroutine, when the context ends, until Awake. It answers false if it cannot.
	Waiting(f *func()) bool
	Awake()
}

func (w *waiter) watch() {
	if room, ok := w.ctx.(waitingRoom); ok && room.Waiting(&w.end) {
		w.room = room
		return
	}
	w.stop = whenOver(w.ctx, w.end)
}

func (w *waiter) unwatch() {
	switch {
	case w.room != nil:
		w.room.Awake()
	case w.stop != nil:
		w.stop()
	}
	w.room, w.stop = nil, nil
}

// park calls try until it is true, and waits before every further time until the direction may be usable. It ends
// early at the deadline (zero: none), with ctx, by unpark, and sometimes for no reason. Parked is false when nothing was
// tried: somebody waits already, or waiting here is not possible.
func (d *descriptor) park(ctx context.Context, m mode, deadline time.Time, try func() bool) (parked, done bool) {
	p := &d.parking
	p.mu.Lock()
	if p.over || p.failed || p.parked&m != 0 || !d.enter() {
		p.mu.Unlock()
		return false, false
	}
	if p.timed&m != 0 || !deadline.IsZero() {
		p.timed &^= m
		if !deadline.IsZero() {
			p.timed |= m
		}
		p.setDeadline(m, deadline)
	}
	p.parked |= m
	w := p.waiter(d, m)
	p.mu.Unlock()

	w.ctx, w.try, w.done = ctx, try, false
	if m == readable {
		p.raw.Read(w.call)
	} else {
		p.raw.Write(w.call)
	}
	w.unwatch()
	done = w.done
	w.ctx, w.try = nil, nil

	p.mu.Lock()
	defer p.mu.Unlock()
	p.parked &^= m
	if p.over && p.parked == 0 {
		p.file.Close()
	}
	return true, done
}

// enter assumes p.mu. The use of the descriptor's number is safe because close takes p.mu too. For the number of a fake,
// which is negative, there is no file, and whoever waits is woken as if somebody waited already.
func (d *descriptor) enter() bool {
	p := &d.parking
	if p.file != nil {
		return true
	}
	file := os.NewFile(uintptr(d.fd), "socket")
	raw, err := file.SyscallConn()
	if err == nil {
		// Only what is in Go's poller can have a deadline.
		err = file.SetDeadline(time.Time{})
	}
	p.file, p.raw, p.failed = file, raw, err != nil
	return err == nil
}

func (p *parking) setDeadline(m mode, at time.Time) {
	if m&readable != 0 {
		p.file.SetReadDeadline(at)
	}
	if m&writable != 0 {
		p.file.SetWriteDeadline(at)
	}
}

// unpark ends the waits in the directions.
func (d *descriptor) unpark(m mode) {
	p := &d.parking
	p.mu.Lock()
	defer p.mu.Unlock()
	if m &= p.parked; m != 0 {
		p.timed |= m
		p.setDeadline(m, time.Unix(1, 0))
	}
}

// closeHandle closes the descriptor, or leaves that to the last who waits.
func (d *descriptor) closeHandle() {
	p := &d.parking
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	switch {
	case p.file == nil:
		d.net.sys.close(d.fd)
	case p.parked == 0:
		p.file.Close()
	default:
		p.setDeadline(p.parked, time.Unix(1, 0))
	}
}
