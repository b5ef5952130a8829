package hostimpl

import (
	"context"
	"errors"
	"io"
	"os"
	"reflect"
	"sync"

	"github.com/tenon-wasm/tenon/sockets"
)

// output is standard output or standard error: an io.Writer, and whether it is
// still there.
type output struct {
	w io.Writer

	// room tells whether a Write would wait for a reader; nil if that cannot be known
	// or does not happen. A guest is then made to wait before it writes, where it can
	// be interrupted.
	room   Waitable
	permit uint64

	// aside does the writing where room is not to be relied on; else nil.
	aside *aside

	mu     sync.Mutex
	ended  bool
	failed error // of a write aside, to be told once
}

func newOutput(w io.Writer) *output {
	if w == nil {
		w = io.Discard
	}
	if f, ok := w.(*os.File); ok {
		if room := newFileRoom(f); room != nil {
			o := &output{w: w, room: room, permit: roomyWrite}
			if isTerminal(f) {
				o.aside = &aside{write: o.writeAside}
			}
			return o
		}
	}
	return &output{w: w, permit: maxPermit}
}

// roomyWrite is what a pipe that says that it has room takes without waiting: PIPE_BUF
// of Linux, the page of others.
const roomyWrite = 4096

// open makes a stream with a permit of its own: what one handle may write does not
// depend on the others.
func (o *output) open() *outputStream { return o.openHeard(nil) }

// openHeard is open for what somebody listens to, unless that is nil.
func (o *output) openHeard(listener *said) *outputStream {
	s := newOutputStream(&outputHandle{to: o, listener: listener}, nil)
	s.through = o.aside == nil
	return s
}

// same reports whether two writers are one, which then has one lock.
func same(a, b io.Writer) bool {
	return a == nil && b == nil ||
		a != nil && b != nil && reflect.TypeOf(a).Comparable() && reflect.TypeOf(b).Comparable() && a == b
}

// write hands p to the writer at once. It holds the lock meanwhile: several
// instances may write, and a Writer takes one Write at a time.
func (o *output) write(p []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return io.ErrClosedPipe
	}
	if len(p) == 0 {
		return nil
	}
	err := writeAll(o.w, p)
	o.ended = err != nil
	return err
}

// writeAll is a Write whose failure is io.ErrClosedPipe if nobody reads any more.
func writeAll(w io.Writer, p []byte) error {
	n, err := w.Write(p)
	switch {
	case err == nil && n < len(p):
		return io.ErrShortWrite
	case err != nil && readerGone(err):
		return io.ErrClosedPipe
	}
	return err
}

// writeAside is write for aside: nobody else writes, and nobody is there to be told.
func (o *output) writeAside(p []byte) error {
	err := writeAll(o.w, p)
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.ended, o.failed = true, err
	}
	return err
}

func (o *output) check() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.failed; err != nil {
		o.failed = nil
		return err
	}
	if o.ended {
		return io.ErrClosedPipe
	}
	return nil
}

func (o *output) isEnded() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ended
}

// readerGone reports whether err says only that nobody reads any more, which is
// what a guest knows as closed.
func readerGone(err error) bool {
	return errors.Is(err, io.ErrClosedPipe) || errors.Is(err, os.ErrClosed) || isBrokenPipe(err)
}

// full reports whether a Write would wait.
func (o *output) full() bool {
	if o.aside != nil && o.aside.busy() != nil {
		return true
	}
	return o.room != nil && !o.room.Ready()
}

// drain waits until nothing is under way.
func (o *output) drain(ctx context.Context) error {
	if o.aside == nil {
		return nil
	}
	for {
		busy := o.aside.busy()
		if busy == nil {
			return nil
		}
		select {
		case <-busy:
		case <-ctx.Done():
			return interrupted(ctx)
		}
	}
}

// outputHandle is the sink of one handle on an output. It has nothing to flush: a
// Write has been done when it returns, or when CheckWrite permits the next.
type outputHandle struct {
	to       *output
	permit   uint64
	listener *said
}

func (h *outputHandle) Ready() bool { return h.to.isEnded() || !h.to.full() }

func (h *outputHandle) Notify(ch chan<- struct{}) (stop func()) {
	switch {
	case h.to.aside != nil:
		stopWriting, stopRoom := h.to.aside.bell.add(ch), h.to.room.Notify(ch)
		return func() {
			stopWriting()
			stopRoom()
		}
	case h.to.room != nil:
		return h.to.room.Notify(ch)
	}
	poke(ch)
	return func() {}
}

func (h *outputHandle) CheckWrite() (uint64, error) {
	if err := h.to.check(); err != nil {
		return 0, err
	}
	if h.to.full() {
		return 0, nil
	}
	h.permit = h.to.permit
	return h.permit, nil
}

func (h *outputHandle) Write(p []byte) error {
	if err := h.to.check(); err != nil {
		return err
	}
	n := uint64(len(p))
	if n > h.permit {
		return &sockets.PermitError{Size: n, Permit: h.permit}
	}
	h.permit -= n
	if h.listener != nil {
		h.listener.hear(p)
	}
	if h.to.aside == nil || n == 0 {
		return h.to.write(p)
	}
	h.to.aside.take(p)
	return h.to.check()
}

func (h *outputHandle) Flush() error { return h.to.check() }

func (h *outputHandle) Close() {}
