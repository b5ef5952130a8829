package sockets

import (
	"context"
	"io"
	"sync"
	"time"
)

// Input is the receiving half of a connection: a wasi:io/streams.input-stream. Nothing here blocks. It may be used
// by several goroutines.
type Input struct {
	c    *conn
	bell bell

	mu     sync.Mutex
	ended  bool  // says io.EOF for ever
	err    error // to be told once before that
	closed bool
}

// Read takes up to len(p) bytes straight into p. (0, nil) means that there is nothing now, io.EOF that there will be
// nothing more. A failure is an ErrorCode, told once; io.EOF follows. An empty p takes nothing and answers io.EOF
// once the end has been seen.
func (in *Input) Read(p []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.err != nil {
		return 0, in.failed()
	}
	if in.ended {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	return in.got(in.c.d.read(p))
}

// got is what there is to say of n bytes, which were more than none wanted. It assumes in.mu.
func (in *Input) got(n int, err error) (int, error) {
	switch {
	case n > 0:
		return n, nil
	case err == nil:
		in.ended = true
		return 0, in.endOf()
	case isAgain(err):
		if in.bell.heard() {
			in.c.d.await(readable)
		}
		return 0, nil
	}
	in.fail(err)
	return 0, in.failed()
}

// Pending is how many bytes Read would give at once to who has room for them. Zero may also mean that this is not known,
// or that there will be nothing more: then Read tells.
func (in *Input) Pending() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ended {
		return 0
	}
	n, err := in.c.d.pending()
	if err != nil {
		return 0
	}
	return n
}

// endOf is io.EOF, unless the output has met the failure of the connection first.
func (in *Input) endOf() error {
	if code := in.c.lost.Load(); code != nil {
		return *code
	}
	return io.EOF
}

// fail and failed assume in.mu.
func (in *Input) fail(err error) {
	in.ended = true
	if err == errGone {
		return
	}
	code := codeOf(err)
	in.err = code
	in.c.lost.Store(&code)
}

func (in *Input) failed() error {
	err := in.err
	in.err = nil
	if err == nil {
		return io.EOF
	}
	return err
}

// BlockingRead is Read that waits: it gives at least one byte or an error. It ends with io.EOF when the Input or its
// Network is closed meanwhile, and with the cause of ctx when that ends before there is something to give; the Input
// is as good as before then. An empty p does not wait.
func (in *Input) BlockingRead(ctx context.Context, p []byte) (n int, err error) {
	if len(p) == 0 {
		return in.Read(p)
	}
	if !in.WaitFor(ctx, time.Time{}, func() bool {
		n, err = in.Read(p)
		return n > 0 || err != nil
	}) {
		err = context.Cause(ctx)
	}
	return n, err
}

// Wait blocks until the Input is ready, the deadline (zero: none) has passed, or ctx has ended, and reports whether
// the Input is ready. Closing the Input or its Network makes it ready.
func (in *Input) Wait(ctx context.Context, deadline time.Time) bool {
	return in.WaitFor(ctx, deadline, in.look)
}

// WaitFor is Wait for whoever has something to do as soon as the Input is ready, such as to read: it blocks until try
// has been true, and reports whether it was. It calls try at once, and again whenever the Input may have become
// ready; try must be true whenever the Input is, and use the Input as anybody else would.
func (in *Input) WaitFor(ctx context.Context, deadline time.Time, try func() bool) bool {
	return waitReady(ctx, in, in.c.d, readable, deadline, try)
}

// Ready reports whether a Read of at least one byte would give data, an error or io.EOF.
func (in *Input) Ready() bool {
	if in.bell.heard() && in.c.d.awaited(readable) {
		// The kernel has not reported since it was asked to.
		in.mu.Lock()
		defer in.mu.Unlock()
		return in.ended
	}
	return in.look()
}

func (in *Input) look() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ended {
		return true
	}
	// Looking at the queue does not consume, but it does take a pending error, which is kept.
	err := in.c.d.use(system.peek)
	switch {
	case err == nil:
		return true
	case isAgain(err):
		if in.bell.heard() {
			in.c.d.await(readable)
		}
		return false
	}
	in.fail(err)
	return true
}

// Notify sends on ch, without blocking, whenever the Input may have become ready, until stop is called. Once woken,
// call Ready or Read: either asks for the next wake-up when there is nothing.
func (in *Input) Notify(ch chan<- struct{}) (stop func()) { return in.NotifyFunc(poker(ch)) }

// NotifyFunc is Notify for a function instead of a channel. It is called under a lock: it must not block, and must
// not call this package.
func (in *Input) NotifyFunc(wake func()) (stop func()) {
	stop = in.bell.add(wake)
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ended || !in.c.d.await(readable) {
		wake()
	}
	return stop
}

// Close lets go of the Input. The connection stays while its socket or Output is open. Close may be called again.
func (in *Input) Close() {
	in.mu.Lock()
	first := !in.closed
	in.closed = true
	in.end()
	in.mu.Unlock()
	if first {
		in.wake()
		in.c.leave()
	}
}

// shutdown ends the Input at once. The flag is what discards: Linux hands out queued data after SHUT_RD.
func (in *Input) shutdown() {
	in.mu.Lock()
	in.end()
	in.mu.Unlock()
	in.c.d.use(system.shutdownRead)
	in.wake()
}

func (in *Input) end() { in.ended, in.err = true, nil }

// abandon ends the Input because its Network closes.
func (in *Input) abandon() {
	in.mu.Lock()
	in.end()
	in.mu.Unlock()
	in.wake()
}

func (in *Input) wake() {
	in.bell.ring()
	in.c.d.unpark(readable)
}
