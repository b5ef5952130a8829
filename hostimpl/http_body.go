package hostimpl

import (
	"context"

	"github.com/tenon-wasm/tenon/component/cabi"
	http "github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
)

// outgoingBody is the resource outgoing-body: the writing end of a pipe. It belongs to
// nothing, since a request is given away before its body is written.
type outgoingBody struct {
	pipe *bodyPipe

	taken, open bool // the stream
}

// openBody is the body of a message with these fields, or nil if there can be none: they
// contradict themselves, or too many wait to be sent.
func (w *webHost) openBody(head *fieldList, lengthError func(*uint64) http.ErrorCode) *bodyPipe {
	promised, ok := head.contentLength()
	if !ok {
		return nil
	}
	if w.bodies.Add(1) > int64(w.limits.HTTPBodies) {
		w.bodies.Add(-1)
		return nil
	}
	return &bodyPipe{
		lengthError: lengthError,
		promised:    promised,
		closed:      func() { w.bodies.Add(-1) },
	}
}

func (b *outgoingBody) Write(context.Context) (streams.OutputStream, error) {
	if b.taken {
		return nil, cabi.ErrUnit
	}
	b.taken, b.open = true, true
	s := newOutputStream(bodySink{b.pipe, func() { b.open = false }}, b)
	s.through = true
	return s, nil
}

// Close drops a body that was not finished: who reads it must not take it for whole.
func (b *outgoingBody) Close(context.Context) error {
	b.pipe.fail(http.ErrorCodeHTTPProtocolError{})
	return nil
}

// OutgoingBodyFinish succeeds whether or not anybody is left to send the body.
func (w *webHost) OutgoingBodyFinish(ctx context.Context, this http.OutgoingBody, trailers http.Fields) error {
	b, ok := this.(*outgoingBody)
	if !ok {
		return stranger(this)
	}
	var list *fieldList
	if trailers != nil {
		var err error
		if list, err = w.take(trailers); err != nil {
			return err
		}
	}
	if b.open {
		if list != nil {
			list.drop()
		}
		b.Close(ctx)
		return contractError("an outgoing-body is finished while its stream is alive")
	}
	return b.pipe.end(list)
}

// incomingBody is the resource incoming-body: the reading end of a pipe. It belongs to
// nothing: guests drop a request or response whose body they still read.
type incomingBody struct {
	pipe *bodyPipe

	taken, open bool // the stream
}

func (b *incomingBody) Stream(context.Context) (streams.InputStream, error) {
	if b.taken {
		return nil, cabi.ErrUnit
	}
	b.taken, b.open = true, true
	return newInputStream(bodySource{b.pipe, func() { b.open = false }}, b), nil
}

func (b *incomingBody) Close(context.Context) error {
	b.pipe.leave()
	return nil
}

// IncomingBodyFinish lets the rest of the body come and go, so that the trailers can come.
func (w *webHost) IncomingBodyFinish(ctx context.Context, this http.IncomingBody) (http.FutureTrailers, error) {
	b, ok := this.(*incomingBody)
	if !ok {
		return nil, stranger(this)
	}
	if b.open {
		b.Close(ctx)
		return nil, contractError("an incoming-body is finished while its stream is alive")
	}
	b.pipe.discard()
	return &futureTrailers{pipe: b.pipe, on: subject{Waitable: bodyEnd{b.pipe}}}, nil
}

// bodyEnd is ready when the pipe has come to its end.
type bodyEnd struct{ *bodyPipe }

func (e bodyEnd) Ready() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.ended
}

func (e bodyEnd) Notify(ch chan<- struct{}) (stop func()) { return notified(&e.changed, ch, e.Ready) }

// futureTrailers is the resource future-trailers.
type futureTrailers struct {
	pipe  *bodyPipe
	on    subject
	taken bool
}

func (f *futureTrailers) Subscribe(context.Context) (poll.Pollable, error) {
	return &pollable{on: &f.on, parent: f}, nil
}

type (
	trailersOrError = cabi.ResultOf[http.Fields, http.ErrorCode]
	trailersOnce    = cabi.ResultOf[trailersOrError, struct{}]
)

// Get gives the trailers, or the error, once.
func (f *futureTrailers) Get(context.Context) (*trailersOnce, error) {
	if !f.on.Ready() {
		return nil, nil
	}
	if f.taken {
		return &trailersOnce{IsErr: true}, nil
	}
	f.taken = true
	list, err, _ := f.pipe.outcome()
	switch {
	case err != nil:
		return &trailersOnce{OK: trailersOrError{Err: err, IsErr: true}}, nil
	case list == nil:
		return &trailersOnce{}, nil
	}
	return &trailersOnce{OK: trailersOrError{OK: &fields{list: list, fixed: true, parent: f}}}, nil
}

func (f *futureTrailers) Close(context.Context) error {
	f.pipe.leave()
	return nil
}

var (
	_ http.OutgoingBody   = (*outgoingBody)(nil)
	_ http.IncomingBody   = (*incomingBody)(nil)
	_ http.FutureTrailers = (*futureTrailers)(nil)
)
