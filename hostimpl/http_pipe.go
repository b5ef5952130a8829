package hostimpl

import (
	"bytes"
	"io"
	"sync"

	http "github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
	"github.com/tenon-wasm/tenon/sockets"
)

// bodyPipe carries a body from who writes it to who reads it, one of which is a guest:
// the pipe is the sink of an outgoing-body and the source of an incoming-body. What has
// not been read yet is bounded by bodyRoom. It ends once: with trailers, or with an error
// that tells that the body is not whole.
type bodyPipe struct {
	changed bell // whatever may be waited for

	// lengthError is how a body that does not have the length that was promised is
	// called: requests and responses have words of their own.
	lengthError func(length *uint64) http.ErrorCode
	promised    *uint64
	closed      func() // is called once, when nothing more is kept

	mu        sync.Mutex
	buf       bytes.Buffer
	permit    uint64
	written   uint64
	ended     bool
	err       http.ErrorCode // why it is not whole, once it has ended
	trailers  *fieldList     // nil: none
	told      bool           // the reader has been told err
	discarded bool           // nobody wants the bytes any more, but perhaps the trailers
	gone      bool           // nor those
}

// bodyRoom is how far a writer may be ahead of the reader.
const bodyRoom = 64 << 10

func requestLength(n *uint64) http.ErrorCode  { return http.ErrorCodeHTTPRequestBodySize{Value: n} }
func responseLength(n *uint64) http.ErrorCode { return http.ErrorCodeHTTPResponseBodySize{Value: n} }

// end is the regular end. It fails if the length is not what was promised.
func (p *bodyPipe) end(trailers *fieldList) error {
	p.mu.Lock()
	if p.promised != nil && *p.promised != p.written {
		n := p.written
		p.mu.Unlock()
		if trailers != nil {
			trailers.drop()
		}
		err := p.lengthError(&n)
		p.fail(err)
		return err
	}
	p.become(nil, trailers)
	p.mu.Unlock()
	p.changed.ring()
	return nil
}

// fail ends a body that is not whole.
func (p *bodyPipe) fail(err http.ErrorCode) {
	p.mu.Lock()
	p.become(err, nil)
	p.mu.Unlock()
	p.changed.ring()
}

// become ends the pipe; later ends do not count. It assumes the lock.
func (p *bodyPipe) become(err http.ErrorCode, trailers *fieldList) {
	if !p.ended && !p.gone {
		p.ended, p.err, p.trailers = true, err, trailers
	} else if trailers != nil {
		trailers.drop()
	}
}

// discard is the reader's: it wants no more bytes, but still the trailers.
func (p *bodyPipe) discard() {
	p.mu.Lock()
	p.discarded, p.buf = true, bytes.Buffer{}
	p.mu.Unlock()
	p.changed.ring()
}

// leave is the reader's last call.
func (p *bodyPipe) leave() {
	p.mu.Lock()
	first, trailers := !p.gone, p.trailers
	p.discarded, p.gone, p.buf, p.trailers = true, true, bytes.Buffer{}, nil
	p.mu.Unlock()
	if trailers != nil {
		trailers.drop()
	}
	if first && p.closed != nil {
		p.closed()
	}
	p.changed.ring()
}

// outcome is how the body has ended, if it has. The trailers are the caller's from then
// on.
func (p *bodyPipe) outcome() (trailers *fieldList, err http.ErrorCode, ended bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	trailers, p.trailers = p.trailers, nil
	return trailers, p.err, p.ended
}

// bodySink is the face for a guest that writes. What it has written has arrived: it need
// not wait for anybody to read it.
type bodySink struct {
	*bodyPipe
	shut func() // runs when the stream is dropped
}

func (s bodySink) Ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over() || s.room() > 0
}

func (s bodySink) Notify(ch chan<- struct{}) (stop func()) { return notified(&s.changed, ch, s.Ready) }

// over reports whether nothing can be written any more. It assumes the lock.
func (p *bodyPipe) over() bool { return p.gone || p.ended }

// room assumes the lock.
func (p *bodyPipe) room() uint64 { return uint64(bodyRoom - p.buf.Len()) }

func (s bodySink) CheckWrite() (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over() {
		return 0, io.ErrClosedPipe
	}
	s.permit = s.room()
	return s.permit, nil
}

// Write takes nothing of what goes beyond the promised length, and counts it: how long
// the body would have been is told here and at its end.
func (s bodySink) Write(b []byte) error {
	s.mu.Lock()
	defer s.changed.ring()
	defer s.mu.Unlock()
	n := uint64(len(b))
	switch {
	case s.over():
		return io.ErrClosedPipe
	case n > s.permit:
		return &sockets.PermitError{Size: n, Permit: s.permit}
	}
	s.permit -= n
	s.written += n
	if s.promised != nil && s.written > *s.promised {
		total := s.written
		s.become(s.lengthError(&total), nil)
		return s.err
	}
	if !s.discarded {
		s.buf.Write(b)
	}
	return nil
}

func (s bodySink) Flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over() {
		return io.ErrClosedPipe
	}
	return nil
}

func (s bodySink) Close() { s.shut() }

// bodySource is the face for a guest that reads.
type bodySource struct {
	*bodyPipe
	shut func() // runs when the stream is dropped
}

func (s bodySource) Ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Len() > 0 || s.ended
}

func (s bodySource) Notify(ch chan<- struct{}) (stop func()) {
	return notified(&s.changed, ch, s.Ready)
}

func (s bodySource) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.changed.ring()
	defer s.mu.Unlock()
	switch {
	case s.buf.Len() > 0:
		n, _ := s.buf.Read(b)
		if s.buf.Len() == 0 {
			s.buf = bytes.Buffer{} // a pipe with nothing in it keeps no memory
		}
		return n, nil
	case s.ended && s.err != nil && !s.told:
		s.told = true
		return 0, s.err
	case s.ended:
		return 0, io.EOF
	}
	return 0, nil
}

func (s bodySource) Close() { s.shut() }

// notified is Notify for what a bell tells of.
func notified(b *bell, ch chan<- struct{}, ready func() bool) (stop func()) {
	stop = b.add(ch)
	if ready() {
		poke(ch)
	}
	return stop
}

var (
	_ sink   = bodySink{}
	_ source = bodySource{}
)
