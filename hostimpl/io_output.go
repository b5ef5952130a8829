package hostimpl

import (
	"context"
	"fmt"
	"math"

	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
	"github.com/tenon-wasm/tenon/sockets"
)

// sink is where an output-stream leaves its bytes. It never blocks on a peer.
type sink interface {
	// Waitable is ready when CheckWrite would permit something or fail.
	Waitable

	// CheckWrite permits so many bytes to be written, 0 while earlier ones are under
	// way, at most maxPermit. A failure is told once by whichever call is next, and
	// io.ErrClosedPipe follows or stands for a regular end.
	CheckWrite() (uint64, error)

	// Write takes all of p, which it does not keep. The sum of the writes since the
	// last CheckWrite must be within its permit, else it takes nothing and answers a
	// *sockets.PermitError. Once closed, io.ErrClosedPipe comes first.
	Write(p []byte) error

	// Flush begins to flush: when CheckWrite permits again, it has been done.
	Flush() error

	Close()
}

const maxPermit = sockets.MaxPermit

var zeroes [maxPermit]byte

// maxBlockingWrite is what the text of the interface lets a guest write at once and
// wait for. More traps, as it does in other hosts, so that a guest that runs here
// runs there.
const maxBlockingWrite = 4096

// outputStream is the resource output-stream.
type outputStream struct {
	sink   sink
	on     subject
	parent any

	// through says that what was written has arrived when Write returns, so that
	// nobody waits for a flush, even where there is no room for the next write.
	through bool

	lull *lull
}

func newOutputStream(to sink, parent any) *outputStream {
	return &outputStream{sink: to, on: subject{Waitable: to}, parent: parent}
}

func (s *outputStream) Parent() any { return s.parent }

// CheckWrite stays below 2^32 whatever the sink permits: the adapter of preview 1
// cuts the answer to 32 bits.
func (s *outputStream) CheckWrite(ctx context.Context) (uint64, error) {
	s.lull.goesOn(ctx)
	n, err := s.sink.CheckWrite()
	if err != nil {
		return 0, streamError(err)
	}
	return min(n, math.MaxUint32), nil
}

func (s *outputStream) Write(ctx context.Context, p []byte) error {
	s.lull.goesOn(ctx)
	return orStreamError(s.sink.Write(p))
}

func (s *outputStream) WriteZeroes(ctx context.Context, n uint64) error {
	if n <= maxPermit {
		return s.Write(ctx, zeroes[:n])
	}
	// No permit is as large, but a stream that has closed says so and does not trap.
	if _, err := s.CheckWrite(ctx); err != nil {
		return err
	}
	return streamError(&sockets.PermitError{Size: n, Permit: maxPermit})
}

func (s *outputStream) Flush(context.Context) error { return orStreamError(s.sink.Flush()) }

// BlockingFlush waits until everything that was written is on its way.
func (s *outputStream) BlockingFlush(ctx context.Context) error {
	if err := s.Flush(ctx); err != nil || s.through {
		return err
	}
	_, err := s.permit(ctx)
	return err
}

func (s *outputStream) BlockingWriteAndFlush(ctx context.Context, p []byte) error {
	if len(p) > maxBlockingWrite {
		return contractError(fmt.Sprintf("blocking write of %d bytes, but %d are permitted", len(p), maxBlockingWrite))
	}
	return s.writeAndFlush(ctx, p)
}

func (s *outputStream) BlockingWriteZeroesAndFlush(ctx context.Context, n uint64) error {
	if n > maxBlockingWrite {
		return contractError(fmt.Sprintf("blocking write of %d bytes, but %d are permitted", n, maxBlockingWrite))
	}
	return s.writeAndFlush(ctx, zeroes[:n])
}

// writeAndFlush needs no permit from before. That the stream closes behind the last
// byte, or because of it, is no failure of the write.
func (s *outputStream) writeAndFlush(ctx context.Context, p []byte) error {
	for first := true; first || len(p) > 0; first = false {
		n, err := s.permit(ctx)
		if err != nil {
			return err
		}
		n = min(n, uint64(len(p)))
		if err := s.Write(ctx, p[:n]); err != nil {
			return err
		}
		p = p[n:]
	}
	err := s.BlockingFlush(ctx)
	if err == (streams.StreamErrorClosed{}) {
		return nil
	}
	return err
}

// permit waits until something may be written, and asks for it.
func (s *outputStream) permit(ctx context.Context) (uint64, error) {
	for {
		n, err := s.CheckWrite(ctx)
		if err != nil || n > 0 {
			return n, err
		}
		if err := await(ctx, s.on.Waitable); err != nil {
			return 0, err
		}
	}
}

func (s *outputStream) Subscribe(context.Context) (poll.Pollable, error) {
	return &pollable{on: &s.on, parent: s}, nil
}

// Splice takes no lock across its two halves: both may be of one connection.
func (s *outputStream) Splice(ctx context.Context, src streams.InputStream, n uint64) (uint64, error) {
	permit, err := s.CheckWrite(ctx)
	if err != nil {
		return 0, err
	}
	from, ours := src.(*inputStream)
	if !ours {
		return s.splice(ctx, src.Read, min(n, permit))
	}
	return s.spliceFrom(ctx, from, min(n, permit))
}

// BlockingSplice waits for both sides, the sink first, so that nothing is taken
// from the source before there is room for it.
func (s *outputStream) BlockingSplice(ctx context.Context, src streams.InputStream, n uint64) (uint64, error) {
	permit, err := s.permit(ctx)
	if err != nil {
		return 0, err
	}
	from, ours := src.(*inputStream)
	if !ours {
		return s.splice(ctx, src.BlockingRead, min(n, permit))
	}
	for n = min(n, permit); n > 0; {
		if to, ok := s.sink.(*sockets.Output); ok {
			if k, moved, err := from.moveNext(ctx, to, n); moved {
				return k, err
			}
		}
		if err := await(ctx, from.on.Waitable); err != nil {
			return 0, err
		}
		if k, err := s.spliceFrom(ctx, from, n); k > 0 || err != nil {
			return k, err
		}
	}
	return 0, nil
}

// spliceFrom is one splice from a stream of this package. Where both sides are sockets
// and there is much to move, the system does it.
func (s *outputStream) spliceFrom(ctx context.Context, from *inputStream, n uint64) (uint64, error) {
	if to, ok := s.sink.(*sockets.Output); ok {
		if k, moved, err := from.moveTo(ctx, to, n); moved {
			s.lull.goesOn(ctx)
			return k, orStreamError(err)
		}
	}
	k, err := s.splice(ctx, from.take, n)
	from.sized(int(k))
	return k, err
}

func (s *outputStream) splice(ctx context.Context, read func(context.Context, uint64) ([]byte, error), n uint64) (uint64, error) {
	if n == 0 {
		return 0, nil
	}
	b, err := read(ctx, n)
	if err != nil || len(b) == 0 {
		return 0, err
	}
	if err := s.Write(ctx, b); err != nil {
		return 0, err
	}
	return uint64(len(b)), nil
}

func (s *outputStream) Close(context.Context) error {
	s.sink.Close()
	return nil
}

func orStreamError(err error) error {
	if err == nil {
		return nil
	}
	return streamError(err)
}

var (
	_ streams.OutputStream = (*outputStream)(nil)
	_ source               = (*sockets.Input)(nil)
	_ sink                 = (*sockets.Output)(nil)
)
