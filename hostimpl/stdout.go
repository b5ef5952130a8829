package hostimpl

import (
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

	mu    sync.Mutex
	ended bool
}

func newOutput(w io.Writer) *output {
	if w == nil {
		w = io.Discard
	}
	return &output{w: w}
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
	n, err := o.w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err == nil {
		return nil
	}
	o.ended = true
	if readerGone(err) {
		return io.ErrClosedPipe
	}
	return err
}

func (o *output) check() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return io.ErrClosedPipe
	}
	return nil
}

// readerGone reports whether err says only that nobody reads any more, which is
// what a guest knows as closed.
func readerGone(err error) bool {
	return errors.Is(err, io.ErrClosedPipe) || errors.Is(err, os.ErrClosed) || isBrokenPipe(err)
}

// outputHandle is the sink of one handle on an output. It is always ready, and has
// nothing to flush: a Write has been done when it returns.
type outputHandle struct {
	to     *output
	permit uint64
}

func (h *outputHandle) Ready() bool { return true }

func (h *outputHandle) Notify(ch chan<- struct{}) (stop func()) {
	poke(ch)
	return func() {}
}

func (h *outputHandle) CheckWrite() (uint64, error) {
	if err := h.to.check(); err != nil {
		return 0, err
	}
	h.permit = maxPermit
	return maxPermit, nil
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
	return h.to.write(p)
}

func (h *outputHandle) Flush() error { return h.to.check() }

func (h *outputHandle) Close() {}
