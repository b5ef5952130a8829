package hostimpl

import (
	"context"
	"sync"
	"time"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
	"github.com/tenon-wasm/tenon/sockets"
)

// source is where an input-stream has its bytes from. It never blocks.
type source interface {
	// Waitable is ready when a Read of at least one byte would give data, an error
	// or the end. It stays ready once the end has been told.
	Waitable

	// Read takes up to len(p) bytes. (0, nil) means that there are none now, io.EOF
	// that there will be no more. A failure is told once, and io.EOF follows. An
	// empty p takes nothing, and is told the end if it is known.
	Read(p []byte) (int, error)

	Close()
}

// A measuredSource knows what it could give, so that room for it can be made in the guest
// before it is read, and nothing is copied.
type measuredSource interface {
	source

	// Pending is how many bytes a Read with room for them would give; 0 also where that
	// is not known.
	Pending() int
}

// bulk is from how many bytes on a read goes straight into the guest. To ask how many
// there are costs as much as to copy a few thousand.
const bulk = 16 << 10

// maxRead is the most that one read gives, however much is asked for.
const maxRead = 64 << 10

// A timelySource can be read in the moment when it becomes ready.
type timelySource interface {
	source

	// WaitFor blocks until try has been true, the deadline (zero: none) has passed,
	// or ctx has ended, and reports whether try was true. It calls try whenever the
	// source may have become ready.
	WaitFor(ctx context.Context, deadline time.Time, try func() bool) bool
	caller
}

// readBuffer has room for more than a read gives: a wait that fills all of the rest but
// not this knows that nothing is left, even of a message as long as a read.
type readBuffer [maxRead + 4<<10]byte

var readBuffers = sync.Pool{New: func() any { return new(readBuffer) }}

// inputStream is the resource input-stream.
type inputStream struct {
	src    source
	on     subject
	parent any

	// buf is what the last read answered with: the guest gets its copy before it can
	// call again. A stream with nothing to read has none, so that idle streams cost
	// no memory.
	buf *readBuffer

	ahead  []byte // the part of buf that a wait has read for the reads to come,
	failed error  // or the error that it met

	// inBulk says that the last read was large enough to go straight into the guest: what
	// the next wait finds is not read ahead.
	inBulk bool
	tried  bool // the wait under way has found nothing at first
	have   int  // what the last wait knows to be there, all of it unread

	// dry says that all that had come since the wait with which the lull began is read.
	dry  bool
	lull *lull
}

func newInputStream(src source, parent any) *inputStream {
	s := &inputStream{src: src, on: subject{Waitable: src}, parent: parent}
	if src, ok := src.(timelySource); ok {
		s.on.Waitable = &readAhead{src, s, s.fetch}
	}
	return s
}

// readAhead is the Waitable of a stream with a timely source: when a wait for it
// succeeds, it has read what has come, and the guest's read costs no system call.
// Otherwise the wait would only look, which costs nearly as much.
type readAhead struct {
	src   timelySource
	s     *inputStream
	fetch func() bool
}

func (a *readAhead) Ready() bool { return a.s.fetched() || a.src.Ready() }

func (a *readAhead) Notify(ch chan<- struct{}) (stop func()) {
	stop = a.src.Notify(ch)
	if a.s.fetched() {
		poke(ch)
	}
	return stop
}

// NotifyFunc implements caller.
func (a *readAhead) NotifyFunc(wake func()) (stop func()) {
	stop = a.src.NotifyFunc(wake)
	if a.s.fetched() {
		wake()
	}
	return stop
}

// Wait implements parker.
func (a *readAhead) Wait(ctx context.Context, deadline time.Time) bool {
	if a.s.fetched() {
		return true
	}
	a.s.tried = false
	if !a.src.WaitFor(ctx, deadline, a.fetch) {
		return false
	}
	a.s.dry = 0 < len(a.s.ahead) && len(a.s.ahead) < len(readBuffer{})
	a.s.lull.begin(ctx)
	return true
}

func (s *inputStream) fetched() bool { return len(s.ahead) > 0 || s.failed != nil }

// fetch reads ahead, when nothing is, unless it would have to be copied.
func (s *inputStream) fetch() bool {
	if s.inBulk && s.tried {
		if s.have = s.pending(); s.have >= bulk {
			return true
		}
	}
	s.tried = true
	s.ahead, s.failed = s.fill(uint64(len(readBuffer{})))
	return s.fetched()
}

// takeAhead answers a read with what has been fetched, unless the source has come to
// its end since then, by a shutdown: that discards what has not been read.
func (s *inputStream) takeAhead(n uint64) ([]byte, error) {
	b, err := s.ahead, s.failed
	if err == nil {
		_, err = s.src.Read(nil)
	}
	if err != nil {
		s.ahead, s.failed = nil, nil
		s.release()
		return nil, err
	}
	b = b[:min(n, maxRead, uint64(len(b)))]
	s.ahead = s.ahead[len(b):]
	return b, nil
}

// fill reads at most n bytes into buf, which has room for them; it is let go if there
// are none.
func (s *inputStream) fill(n uint64) ([]byte, error) {
	if n == 0 {
		_, err := s.src.Read(nil)
		return nil, err
	}
	if s.buf == nil {
		s.buf = readBuffers.Get().(*readBuffer)
	}
	k, err := s.src.Read(s.buf[:n])
	if k == 0 {
		s.release()
		return nil, err
	}
	return s.buf[:k], err
}

// pending is how much of a read could go straight into the guest.
func (s *inputStream) pending() int {
	if src, ok := s.src.(measuredSource); ok {
		return src.Pending()
	}
	return 0
}

// fillRoom reads at most n bytes into the guest, if there are so many that it pays.
func (s *inputStream) fillRoom(ctx context.Context, n uint64) (b []byte, ok bool, err error) {
	have := s.known()
	if n = min(n, maxRead, uint64(have)); n < bulk {
		return nil, false, nil
	}
	room := component.Room(ctx, int(n))
	if room == nil {
		return nil, false, nil
	}
	k, err := s.src.Read(room)
	s.dry = k == have
	return room[:k], true, err
}

func (s *inputStream) Parent() any { return s.parent }

// Read implements streams.InputStream. What it returns is good until the next call.
func (s *inputStream) Read(ctx context.Context, n uint64) ([]byte, error) {
	quiet := s.lull.goesOn(ctx)
	if s.inBulk && !s.fetched() && !(quiet && s.dry) {
		if b, ok, err := s.fillRoom(ctx, n); ok {
			return b, orStreamError(err)
		}
	}
	b, err := s.take(ctx, n)
	s.sized(len(b))
	return b, err
}

// sized remembers how much the last read was that gave something.
func (s *inputStream) sized(n int) {
	if n > 0 {
		s.inBulk = n >= bulk
	}
}

// moveTo has the system move at most n bytes to a socket, if this is one, and there are so
// many that it pays.
func (s *inputStream) moveTo(ctx context.Context, to *sockets.Output, n uint64) (k uint64, moved bool, err error) {
	from, ok := s.src.(*sockets.Input)
	quiet := s.lull.goesOn(ctx)
	if !ok || !s.inBulk || s.fetched() || quiet && s.dry {
		return 0, false, nil
	}
	have := s.known()
	if n = min(n, uint64(have)); n < bulk {
		return 0, false, nil
	}
	done, moved, err := to.Splice(from, int(n))
	s.dry = moved && done == have
	return uint64(done), moved, err
}

// moveNext is moveTo that waits: each look for what has come moves it.
func (s *inputStream) moveNext(ctx context.Context, to *sockets.Output, n uint64) (k uint64, moved bool, err error) {
	from, ok := s.src.(*sockets.Input)
	s.lull.end()
	if !ok || !s.inBulk || s.fetched() {
		return 0, false, nil
	}
	s.have = 0
	move := func() bool {
		var done int
		done, moved, err = to.Splice(from, int(n))
		k = uint64(done)
		return done > 0 || err != nil || !moved
	}
	for !from.WaitFor(ctx, time.Time{}, move) {
		if ctx.Err() != nil {
			return 0, true, interrupted(ctx)
		}
	}
	s.sized(int(k))
	return k, moved, orStreamError(err)
}

// known is how much there is to read, once: as the last wait has it, or as the source
// does.
func (s *inputStream) known() int {
	have := s.have
	if have == 0 {
		have = s.pending()
	}
	s.have = 0
	return max(have, 0)
}

// take is Read for whoever is not going to answer the guest with what it returns.
func (s *inputStream) take(ctx context.Context, n uint64) ([]byte, error) {
	var b []byte
	var err error
	s.have = 0
	quiet := s.lull.goesOn(ctx)
	switch {
	case s.fetched():
		b, err = s.takeAhead(n)
	case quiet && s.dry:
		s.dry = false
		_, err = s.src.Read(nil)
	default:
		b, err = s.fill(min(n, maxRead))
	}
	if err != nil {
		return nil, streamError(err)
	}
	return b, nil
}

// BlockingRead gives at least one byte, or fails. Asked for none, it has nothing to
// wait for.
func (s *inputStream) BlockingRead(ctx context.Context, n uint64) ([]byte, error) {
	return s.waitAnd(ctx, s.Read, n)
}

// waitAnd is BlockingRead by one of the two ways to read.
func (s *inputStream) waitAnd(ctx context.Context, read func(context.Context, uint64) ([]byte, error), n uint64) ([]byte, error) {
	if w, ok := s.on.Waitable.(*readAhead); ok && n > 0 {
		if err := await(ctx, w); err != nil { // which reads, too
			return nil, err
		}
	}
	for {
		b, err := read(ctx, n)
		if err != nil || len(b) > 0 || n == 0 {
			return b, err
		}
		if err := await(ctx, s.on.Waitable); err != nil {
			return nil, err
		}
	}
}

func (s *inputStream) Skip(ctx context.Context, n uint64) (uint64, error) {
	b, err := s.take(ctx, n)
	return uint64(len(b)), err
}

func (s *inputStream) BlockingSkip(ctx context.Context, n uint64) (uint64, error) {
	b, err := s.waitAnd(ctx, s.take, n)
	return uint64(len(b)), err
}

func (s *inputStream) Subscribe(ctx context.Context) (poll.Pollable, error) {
	s.lull.goesOn(ctx)
	return &pollable{on: &s.on, parent: s}, nil
}

func (s *inputStream) Close(context.Context) error {
	s.src.Close()
	s.release()
	return nil
}

func (s *inputStream) release() {
	if s.buf != nil {
		readBuffers.Put(s.buf)
		s.buf = nil
	}
}

var _ streams.InputStream = (*inputStream)(nil)
