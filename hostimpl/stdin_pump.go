package hostimpl

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// pump is standard input from any io.Reader. It blocks, so that it is read in a
// goroutine, but only when a guest reads, polls or waits, and one piece at a time.
// There is no goroutine while nobody has asked.
type pump struct {
	bell bell
	r    io.Reader
	wake deadliner // of r; nil if it has none

	mu      sync.Mutex
	handles int
	reading bool
	woken   bool        // the read under way has been interrupted
	buf     *readBuffer // where data is
	data    []byte      // what the guest has not taken yet
	ended   bool        // r has no more than data
	err     error       // to be told once, behind data
}

// deadliner is what connections and many files have. A deadline that has passed
// ends a Read under way, and takes nothing from it that the next would miss.
type deadliner interface {
	SetReadDeadline(time.Time) error
}

func newPump(r io.Reader) *pump {
	p := &pump{r: r, ended: r == nil}
	p.wake, _ = r.(deadliner)
	return p
}

func (p *pump) open() {
	p.mu.Lock()
	p.handles++
	p.mu.Unlock()
}

// Close implements source: the last handle takes a read that still waits with it.
func (p *pump) Close() {
	p.mu.Lock()
	p.handles--
	last := p.handles == 0
	p.mu.Unlock()
	if last {
		p.interrupt()
	}
}

// interrupt ends a read under way. What has been read stays for the next handle.
func (p *pump) interrupt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reading && !p.woken && p.wake != nil {
		p.woken = true
		p.wake.SetReadDeadline(time.Unix(1, 0))
	}
}

// Ready asks for input if there is none.
func (p *pump) Ready() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.data) > 0 || p.ended {
		return true
	}
	p.ask()
	return false
}

func (p *pump) Notify(ch chan<- struct{}) (stop func()) {
	stop = p.bell.add(ch)
	if p.Ready() {
		poke(ch)
	}
	return stop
}

// Read implements source.
func (p *pump) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case len(p.data) > 0:
		n := copy(b, p.data)
		p.data = p.data[n:]
		if len(p.data) == 0 {
			p.release()
		}
		return n, nil
	case p.err != nil:
		err := p.err
		p.err = nil
		return 0, err
	case p.ended:
		return 0, io.EOF
	case len(b) > 0:
		p.ask()
	}
	return 0, nil
}

// ask assumes the lock.
func (p *pump) ask() {
	if !p.reading {
		p.reading = true
		go p.fetch()
	}
}

// fetch reads one piece.
func (p *pump) fetch() {
	buf := readBuffers.Get().(*readBuffer)
	n, err := readSome(p.r, buf[:])

	p.mu.Lock()
	p.reading = false
	if p.woken {
		p.woken = false
		p.wake.SetReadDeadline(time.Time{})
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = nil
		}
	}
	p.buf, p.data = buf, buf[:n]
	if n == 0 {
		p.release()
	}
	if err != nil {
		p.ended = true
		if err != io.EOF && !errors.Is(err, os.ErrClosed) {
			p.err = err
		}
	}
	p.mu.Unlock()
	p.bell.ring()
}

// release assumes the lock.
func (p *pump) release() {
	readBuffers.Put(p.buf)
	p.buf, p.data = nil, nil
}

// readSome makes up for readers that return nothing at all, as bufio does.
func readSome(r io.Reader, p []byte) (n int, err error) {
	for range 100 {
		if n, err = r.Read(p); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}
