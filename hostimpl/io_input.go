package hostimpl

import (
	"context"
	"sync"

	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
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

// maxRead is the most that one read gives, however much is asked for.
const maxRead = 64 << 10

type readBuffer [maxRead]byte

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
}

func newInputStream(src source, parent any) *inputStream {
	return &inputStream{src: src, on: subject{Waitable: src}, parent: parent}
}

func (s *inputStream) Parent() any { return s.parent }

// Read implements streams.InputStream. What it returns is good until the next call.
func (s *inputStream) Read(_ context.Context, n uint64) ([]byte, error) {
	if n > 0 && s.buf == nil {
		s.buf = readBuffers.Get().(*readBuffer)
	}
	var p []byte
	if n > 0 {
		p = s.buf[:min(n, maxRead)]
	}
	k, err := s.src.Read(p)
	if k == 0 {
		s.release()
	}
	if err != nil {
		return nil, streamError(err)
	}
	return p[:k], nil
}

// BlockingRead gives at least one byte, or fails. Asked for none, it has nothing to
// wait for.
func (s *inputStream) BlockingRead(ctx context.Context, n uint64) ([]byte, error) {
	for {
		b, err := s.Read(ctx, n)
		if err != nil || len(b) > 0 || n == 0 {
			return b, err
		}
		if err := await(ctx, s.on.Waitable); err != nil {
			return nil, err
		}
	}
}

func (s *inputStream) Skip(ctx context.Context, n uint64) (uint64, error) {
	b, err := s.Read(ctx, n)
	return uint64(len(b)), err
}

func (s *inputStream) BlockingSkip(ctx context.Context, n uint64) (uint64, error) {
	b, err := s.BlockingRead(ctx, n)
	return uint64(len(b)), err
}

func (s *inputStream) Subscribe(context.Context) (poll.Pollable, error) {
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
