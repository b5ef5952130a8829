//go:build unix

package hostimpl

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// interruptibleFile makes the reads of f end on demand. The runtime's poller does
// it for the pipes and sockets that it knows; a terminal, or a pipe that was
// inherited, is waited for with poll(2).
func interruptibleFile(f *os.File) (io.Reader, interruptible) {
	if f.SetReadDeadline(time.Time{}) == nil {
		return f, &deadline{f}
	}
	p := &polledFile{f: f}
	return p, p
}

// polledFile reads when there is something to read.
type polledFile struct {
	f *os.File

	mu    sync.Mutex
	woken bool
	bell  *os.File // write end of the pipe that ends a poll under way, or nil
}

func (p *polledFile) Read(b []byte) (int, error) {
	if err := p.await(); err != nil {
		return 0, err
	}
	return p.f.Read(b)
}

// await waits until a Read would not block. The pipe exists only while it waits.
func (p *polledFile) await() error {
	conn, err := p.f.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	if err := conn.Control(func(fd uintptr) { result = p.awaitOn(int32(fd)) }); err != nil {
		return err
	}
	return result
}

func (p *polledFile) awaitOn(fd int32) error {
	if ready, err := pollIn(0, fd); ready[0] || err != nil {
		return err
	}
	heard, err := p.hang()
	if err != nil {
		return err
	}
	defer p.unhang(heard)
	ready, err := pollIn(-1, fd, int32(heard.Fd()))
	if err == nil && ready[1] {
		return errInterrupted
	}
	return err
}

// hang puts up the bell, unless it should have rung already.
func (p *polledFile) hang() (heard *os.File, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.woken {
		return nil, errInterrupted
	}
	heard, p.bell, err = os.Pipe()
	return heard, err
}

func (p *polledFile) unhang(heard *os.File) {
	p.mu.Lock()
	defer p.mu.Unlock()
	heard.Close()
	p.bell.Close()
	p.bell = nil
}

func (p *polledFile) interrupt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.woken = true
	if p.bell != nil {
		p.bell.Write([]byte{0})
	}
}

func (p *polledFile) resume() {
	p.mu.Lock()
	p.woken = false
	p.mu.Unlock()
}

// pollIn says which of the descriptors can be read. One with an error can: the read
// tells it.
func pollIn(timeout int, fds ...int32) (ready [2]bool, err error) {
	var set [2]unix.PollFd
	for i, fd := range fds {
		set[i] = unix.PollFd{Fd: fd, Events: unix.POLLIN}
	}
	for {
		_, err := unix.Poll(set[:len(fds)], timeout)
		if err == unix.EINTR {
			continue
		}
		for i := range fds {
			ready[i] = set[i].Revents != 0
		}
		return ready, err
	}
}

func isBrokenPipe(err error) bool { return errors.Is(err, unix.EPIPE) }
