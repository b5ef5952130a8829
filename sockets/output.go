package sockets

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// MaxPermit is the most that [Output.CheckWrite] permits, in bytes, and the most that an Output keeps in memory.
const MaxPermit = 64 << 10

// PermitError says that a write was larger than what the last CheckWrite permitted, in bytes, or a send than what the
// last CheckSend did, in datagrams. It is the caller's mistake, and traps a guest.
type PermitError struct {
	Size, Permit uint64
	Datagrams    bool
}

func (e *PermitError) Error() string {
	if e.Datagrams {
		return fmt.Sprintf("send of %d datagrams, but %d are permitted", e.Size, e.Permit)
	}
	return fmt.Sprintf("write of %d bytes, but %d are permitted", e.Size, e.Permit)
}

// Output is the sending half of a connection: a wasi:io/streams.output-stream. Nothing here blocks. It may be used
// by several goroutines.
//
// A write goes to the kernel at once. What the kernel does not take is kept, and sent by the poller when there is
// room; until it is gone, nothing more is permitted. So a guest is never further ahead of the kernel than MaxPermit.
type Output struct {
	c    *conn
	bell bell

	mu     sync.Mutex
	phase  phase
	permit uint64
	err    error   // to be told once
	buf    *buffer // nil while nothing is under way
	unsent []byte  // the rest of buf
	closed bool
	timer  *time.Timer // bounds sending when nobody holds the connection any more
	last   bool        // nobody holds it: the connection closes with the last byte
}

// phase tells how far an Output is on its way to its end.
type phase uint8

const (
	flowing   phase = iota // takes bytes
	finishing              // shut down; what is under way is still sent, then FIN
	finished               // says io.ErrClosedPipe
)

type buffer [MaxPermit]byte

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// CheckWrite says how many bytes may be written now: 0 while earlier ones are under way, else MaxPermit. A failure
// of earlier bytes is an ErrorCode, told once; io.ErrClosedPipe follows, or stands for a regular end.
func (o *Output) CheckWrite() (uint64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.trouble(); err != nil {
		return 0, err
	}
	if o.phase == finishing || len(o.unsent) > 0 {
		return 0, nil
	}
	o.permit = MaxPermit
	return MaxPermit, nil
}

// Write takes all of p, which may be used again afterwards. The sum of the writes since the last CheckWrite must be
// within its permit, else the answer is a *PermitError and nothing is taken. After a shutdown the answer is
// io.ErrClosedPipe whatever was permitted.
func (o *Output) Write(p []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.mayWrite(len(p)); err != nil {
		return err
	}
	if len(o.unsent) == 0 {
		n, err := o.send(p)
		if err != nil {
			o.fail(err)
			return o.trouble()
		}
		p = p[n:]
	}
	if len(p) > 0 {
		o.keep(p)
		o.c.d.await(writable)
	}
	return nil
}

// Flush begins to send what was written, which happens anyway: when CheckWrite permits again, it has been done.
func (o *Output) Flush() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.trouble()
}

// Ready reports whether CheckWrite would permit something or fail.
func (o *Output) Ready() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ready()
}

func (o *Output) ready() bool {
	return o.closed || o.phase == finished || o.phase == flowing && len(o.unsent) == 0
}

// Notify sends on ch, without blocking, whenever the Output may have become ready, until stop is called.
func (o *Output) Notify(ch chan<- struct{}) (stop func()) { return o.NotifyFunc(poker(ch)) }

// NotifyFunc is Notify for a function instead of a channel. It is called under a lock: it must not block, and must
// not call this package.
func (o *Output) NotifyFunc(wake func()) (stop func()) {
	stop = o.bell.add(wake)
	if o.Ready() {
		wake()
	}
	return stop
}

// Wait blocks until the Output is ready, the deadline (zero: none) has passed, or ctx has ended, and reports whether
// the Output is ready. Closing the Output or its Network makes it ready.
func (o *Output) Wait(ctx context.Context, deadline time.Time) bool {
	return o.Ready() || waitReady(ctx, o, o.c.d, writable, deadline, func() bool {
		if o.push() {
			o.bell.ring()
		}
		return o.Ready()
	})
}

// Close lets go of the Output. What is under way is still sent. The connection stays while its socket or Input is
// open. Close may be called again.
func (o *Output) Close() {
	o.mu.Lock()
	first := !o.closed
	o.closed = true
	o.mu.Unlock()
	if first {
		o.wake()
		o.c.leave()
	}
}

// shutdown sends FIN behind the last byte.
func (o *Output) shutdown() {
	o.mu.Lock()
	switch {
	case len(o.unsent) > 0:
		o.phase = finishing
	default:
		o.phase = finished
		o.c.d.use(system.shutdownWrite)
	}
	o.mu.Unlock()
	o.wake()
}

// drain sends what is under way. The poller calls it when the kernel may have room.
func (o *Output) drain() {
	if o.push() {
		o.wake()
	}
}

// push sends what the kernel takes, and reports whether it was the last.
func (o *Output) push() bool {
	o.mu.Lock()
	if len(o.unsent) == 0 {
		o.mu.Unlock()
		return false
	}
	n, err := o.send(o.unsent)
	if err != nil {
		o.fail(err)
	} else if o.unsent = o.unsent[n:]; len(o.unsent) > 0 {
		o.c.d.await(writable)
		o.mu.Unlock()
		return false
	}
	o.release()
	if o.phase == finishing {
		o.phase = finished
		o.c.d.use(system.shutdownWrite)
	}
	if o.timer != nil {
		o.timer.Stop()
	}
	last := o.last
	o.mu.Unlock()
	if last {
		o.c.d.close()
	}
	return true
}

func (o *Output) wake() {
	o.bell.ring()
	o.c.d.unpark(writable)
}

// linger reports whether bytes are still under way, and if so closes the connection behind them, or resets it when
// the time is up.
func (o *Output) linger(limit time.Duration) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.unsent) == 0 {
		return false
	}
	o.last = true
	o.timer = time.AfterFunc(limit, o.c.teardown)
	return true
}

// abandon ends the Output at once and reports whether bytes were lost.
func (o *Output) abandon() (unsent bool) {
	o.mu.Lock()
	unsent = len(o.unsent) > 0
	o.phase, o.err = finished, nil
	o.release()
	if o.timer != nil {
		o.timer.Stop()
	}
	o.mu.Unlock()
	o.wake()
	return unsent
}

// The rest assumes o.mu.

// trouble is what there is to say instead of success.
func (o *Output) trouble() error {
	if err := o.err; err != nil {
		o.err = nil
		return err
	}
	if o.phase == finished || o.closed {
		return io.ErrClosedPipe
	}
	return nil
}

// mayWrite takes n bytes off the permit.
func (o *Output) mayWrite(n int) error {
	if o.phase == finishing {
		return io.ErrClosedPipe
	}
	if err := o.trouble(); err != nil {
		return err
	}
	if uint64(n) > o.permit {
		return &PermitError{Size: uint64(n), Permit: o.permit}
	}
	o.permit -= uint64(n)
	return nil
}

// send writes until the kernel is full.
func (o *Output) send(p []byte) (n int, err error) {
	for n < len(p) {
		m, err := o.c.d.write(p[n:])
		if isAgain(err) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		n += m
	}
	return n, nil
}

// keep stores what the kernel did not take. It fits: the permits given since the buffer was last empty are at most
// its size.
func (o *Output) keep(p []byte) {
	if o.buf == nil {
		o.buf = buffers.Get().(*buffer)
		o.unsent = o.buf[:0]
	}
	start := cap(o.buf[:]) - cap(o.unsent)
	if start+len(o.unsent)+len(p) > len(o.buf) {
		o.unsent = o.buf[:copy(o.buf[:], o.unsent)]
	}
	o.unsent = append(o.unsent, p...)
}

func (o *Output) release() {
	if o.buf != nil {
		buffers.Put(o.buf)
	}
	o.buf, o.unsent = nil, nil
}

// fail ends the Output. EPIPE says only that the connection is gone, which is what closed means, also where the peer has
// reset it; but not where the input has met another failure, such as a peer that does not answer. Everything else is told
// once.
func (o *Output) fail(err error) {
	o.release()
	o.phase = finished
	switch {
	case err == errGone:
	case isBrokenPipe(err):
		if code := o.c.lost.Load(); code != nil && *code != ConnectionReset {
			o.err = *code
		}
	default:
		code := codeOf(err)
		o.err = code
		o.c.lost.Store(&code)
	}
}
