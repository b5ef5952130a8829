package hostimpl

import (
	"context"
	"sync"

	"github.com/tenon-wasm/tenon/component/cabi"
	http "github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
)

// outgoingResponse is the resource outgoing-response. Its headers belong to it; its body
// does not.
type outgoingResponse struct {
	of      *webHost
	headers *fieldList
	status  uint16
	body    *bodyPipe // once the guest has asked for it
}

// NewOutgoingResponse implements the constructor.
func (w *webHost) NewOutgoingResponse(_ context.Context, headers http.Fields) (http.OutgoingResponse, error) {
	list, err := w.take(headers)
	if err != nil {
		return nil, err
	}
	return &outgoingResponse{of: w, headers: list, status: 200}, nil
}

func (r *outgoingResponse) StatusCode(context.Context) (uint16, error) { return r.status, nil }

func (r *outgoingResponse) SetStatusCode(_ context.Context, code uint16) error {
	if !validStatus(code) {
		return cabi.ErrUnit
	}
	r.status = code
	return nil
}

func (r *outgoingResponse) Headers(context.Context) (http.Fields, error) {
	return r.headers.show(r), nil
}

func (r *outgoingResponse) Body(context.Context) (http.OutgoingBody, error) {
	if r.body != nil {
		return nil, cabi.ErrUnit
	}
	if r.body = r.of.openBody(r.headers, responseLength); r.body == nil {
		return nil, cabi.ErrUnit
	}
	return &outgoingBody{pipe: r.body}, nil
}

// Close is for who has the response last: the guest, or the server that has sent it.
func (r *outgoingResponse) Close(context.Context) error {
	r.headers.drop()
	if r.body != nil {
		r.body.leave()
	}
	return nil
}

// responseOutparam is the resource response-outparam: where the answer to an
// incoming-request goes. It is given one answer, if need be when it is dropped.
type responseOutparam struct {
	// answer takes the response, or the error if that is not nil.
	answer func(*outgoingResponse, http.ErrorCode)

	// inform sends an informational response; nil if nobody can. It takes the headers.
	inform func(status uint16, headers *fieldList) http.ErrorCode
}

// ResponseOutparamSet implements wasi:http/types.
func (w *webHost) ResponseOutparamSet(_ context.Context, param http.ResponseOutparam, v cabi.ResultOf[http.OutgoingResponse, http.ErrorCode]) error {
	p, ok := param.(*responseOutparam)
	if !ok {
		return stranger(param)
	}
	if v.IsErr {
		p.answer(nil, v.Err)
		return nil
	}
	r, ok := v.OK.(*outgoingResponse)
	if !ok {
		return stranger(v.OK)
	}
	p.answer(r, nil)
	return nil
}

func (p *responseOutparam) SendInformational(_ context.Context, status uint16, headers http.Fields) error {
	f, ok := headers.(*fields)
	if !ok {
		return stranger(headers)
	}
	switch {
	case status < 100 || 199 < status:
		f.list.drop()
		return http.ErrorCodeHTTPProtocolError{}
	case p.inform == nil:
		f.list.drop()
		why := "informational responses are not supported"
		return http.ErrorCodeInternalError{Value: &why}
	}
	if err := p.inform(status, f.list); err != nil {
		return err
	}
	return nil
}

// Close answers for a guest that did not.
func (p *responseOutparam) Close(context.Context) error {
	why := "the guest set no response"
	p.answer(nil, http.ErrorCodeInternalError{Value: &why})
	return nil
}

// incomingResponse is the resource incoming-response. Its headers belong to it.
type incomingResponse struct {
	status uint16
	message
}

func (r *incomingResponse) Status(context.Context) (uint16, error) { return r.status, nil }
func (r *incomingResponse) Headers(context.Context) (http.Fields, error) {
	return r.headers.show(r), nil
}
func (r *incomingResponse) Consume(context.Context) (http.IncomingBody, error) { return r.consume() }
func (r *incomingResponse) Close(context.Context) error                        { return r.close() }

// futureResponse is the resource future-incoming-response.
type futureResponse struct {
	changed bell
	on      subject
	cancel  func() // for a guest that waits no longer

	mu             sync.Mutex
	response       *incomingResponse
	err            http.ErrorCode
	settled, taken bool
}

func newFutureResponse(cancel func()) *futureResponse {
	f := &futureResponse{cancel: cancel}
	f.on.Waitable = f
	return f
}

// settle is the answer. Nobody takes it any more if the guest has dropped the future.
func (f *futureResponse) settle(r *incomingResponse, err http.ErrorCode) {
	f.mu.Lock()
	late := f.taken
	f.response, f.err, f.settled = r, err, true
	f.mu.Unlock()
	if late && r != nil {
		r.close()
	}
	f.changed.ring()
}

func (f *futureResponse) Ready() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.settled
}

func (f *futureResponse) Notify(ch chan<- struct{}) (stop func()) {
	return notified(&f.changed, ch, f.Ready)
}

func (f *futureResponse) Subscribe(context.Context) (poll.Pollable, error) {
	return &pollable{on: &f.on, parent: f}, nil
}

type (
	responseOrError = cabi.ResultOf[http.IncomingResponse, http.ErrorCode]
	responseOnce    = cabi.ResultOf[responseOrError, struct{}]
)

// Get gives the response, or the error, once.
func (f *futureResponse) Get(context.Context) (*responseOnce, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case !f.settled:
		return nil, nil
	case f.taken:
		return &responseOnce{IsErr: true}, nil
	}
	f.taken = true
	if f.err != nil {
		return &responseOnce{OK: responseOrError{Err: f.err, IsErr: true}}, nil
	}
	return &responseOnce{OK: responseOrError{OK: f.response}}, nil
}

func (f *futureResponse) Close(context.Context) error {
	f.mu.Lock()
	unwanted := !f.taken && f.settled
	pending := !f.settled
	f.taken = true
	f.mu.Unlock()
	switch {
	case pending:
		f.cancel()
	case unwanted && f.response != nil:
		f.response.close()
	}
	return nil
}

var (
	_ http.OutgoingResponse       = (*outgoingResponse)(nil)
	_ http.ResponseOutparam       = (*responseOutparam)(nil)
	_ http.IncomingResponse       = (*incomingResponse)(nil)
	_ http.FutureIncomingResponse = (*futureResponse)(nil)
)
