//go:build linux && !tenon_scan

package sockets

import (
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// poller waits for all descriptors of the process with one epoll instance and one goroutine. An epoll descriptor can
// itself be polled, so the goroutine parks in Go's own poller and holds no thread. It begins with the first
// descriptor that is waited for and ends with the last one that is closed.
type poller struct {
	fd   int
	file *os.File // owns fd; a deadline ends the goroutine

	mu      sync.Mutex
	members map[uint64]*descriptor
}

var pollers struct {
	sync.Mutex
	current *poller // nil while nobody is a member
	lastID  uint64
}

// entry is a descriptor's membership of a poller; the zero value is no membership. The descriptor's watch lock
// guards it.
type entry struct {
	p  *poller
	id uint64 // not the descriptor's number, which is used again
}

// arm asks for one report of the modes. Without a poller (too many open files, say) it falls back to a clock, so that
// nobody waits for ever.
func (e *entry) arm(d *descriptor, m mode) {
	op := unix.EPOLL_CTL_MOD
	if e.p == nil {
		p, id, err := joinPoller(d)
		if err != nil {
			time.AfterFunc(armRetry, func() { d.fire(m) })
			return
		}
		e.p, e.id = p, id
		op = unix.EPOLL_CTL_ADD
	}
	e.control(d, op, m)
}

const armRetry = 10 * time.Millisecond

func (e *entry) control(d *descriptor, op int, m mode) {
	ev := unix.EpollEvent{Events: unix.EPOLLONESHOT}
	if m&readable != 0 {
		ev.Events |= unix.EPOLLIN | unix.EPOLLRDHUP
	}
	if m&writable != 0 {
		ev.Events |= unix.EPOLLOUT
	}
	ev.Fd, ev.Pad = int32(e.id), int32(e.id>>32)
	if err := unix.EpollCtl(e.p.fd, op, d.fd, &ev); err != nil {
		time.AfterFunc(armRetry, func() { d.fire(m) })
	}
}

// leave ends the membership; the kernel forgets the descriptor when it is closed, which follows.
func (e *entry) leave(d *descriptor) {
	if e.p == nil {
		return
	}
	pollers.Lock()
	defer pollers.Unlock()
	e.p.mu.Lock()
	delete(e.p.members, e.id)
	last := len(e.p.members) == 0
	e.p.mu.Unlock()
	if last {
		pollers.current = nil
		// Close would wait for the goroutine, which may be the caller; a deadline makes it end by itself.
		e.p.file.SetReadDeadline(time.Unix(1, 0))
	}
	e.p = nil
}

func joinPoller(d *descriptor) (*poller, uint64, error) {
	pollers.Lock()
	defer pollers.Unlock()
	if pollers.current == nil {
		p, err := newPoller()
		if err != nil {
			return nil, 0, err
		}
		pollers.current = p
	}
	p := pollers.current
	pollers.lastID++
	id := pollers.lastID
	p.mu.Lock()
	p.members[id] = d
	p.mu.Unlock()
	return p, id, nil
}

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	// os.NewFile enters only a non-blocking descriptor into Go's poller.
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, err
	}
	p := &poller{fd: fd, file: os.NewFile(uintptr(fd), "epoll"), members: map[uint64]*descriptor{}}
	raw, err := p.file.SyscallConn()
	if err != nil {
		p.file.Close()
		return nil, err
	}
	go p.run(raw)
	return p, nil
}

// run reports until the deadline is set.
func (p *poller) run(raw syscall.RawConn) {
	defer p.file.Close()
	events := make([]unix.EpollEvent, 128)
	raw.Read(func(fd uintptr) bool {
		for {
			n, err := unix.EpollWait(int(fd), events, 0)
			if err == unix.EINTR {
				continue
			}
			for i := range max(n, 0) {
				p.report(&events[i])
			}
			// Less than a full batch is all there was; whatever comes later wakes the goroutine anew.
			if n < len(events) {
				return false
			}
		}
	})
}

func (p *poller) report(ev *unix.EpollEvent) {
	p.mu.Lock()
	d := p.members[uint64(uint32(ev.Fd))|uint64(uint32(ev.Pad))<<32]
	p.mu.Unlock()
	if d == nil {
		return
	}
	var m mode
	if ev.Events&(unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		m |= readable
	}
	if ev.Events&(unix.EPOLLOUT|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		m |= writable
	}
	d.fire(m)
}
