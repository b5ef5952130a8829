package hostimpl

import (
	"context"

	"github.com/tenon-wasm/tenon/component/cabi"
	http "github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
)

// outgoingRequest is the resource outgoing-request. Its headers belong to it, so that
// they must be dropped before it; its body does not.
type outgoingRequest struct {
	of      *webHost
	headers *fieldList

	method          http.Method
	scheme          http.Scheme
	authority, path *string

	text int       // bytes of those, held with of
	body *bodyPipe // once the guest has asked for it
}

// NewOutgoingRequest implements the constructor.
func (w *webHost) NewOutgoingRequest(_ context.Context, headers http.Fields) (http.OutgoingRequest, error) {
	list, err := w.take(headers)
	if err != nil {
		return nil, err
	}
	return &outgoingRequest{of: w, headers: list, method: http.MethodGet{}}, nil
}

// check finds what keeps a request from being sent by anybody. That the path is none is
// no reason: it stands for an empty one.
func (r *outgoingRequest) check() error {
	if _, other := r.scheme.(http.SchemeOther); other {
		return http.ErrorCodeHTTPProtocolError{}
	}
	if r.authority == nil {
		return http.ErrorCodeHTTPRequestURIInvalid{}
	}
	return nil
}

func (r *outgoingRequest) Body(context.Context) (http.OutgoingBody, error) {
	if r.body != nil {
		return nil, cabi.ErrUnit
	}
	if r.body = r.of.openBody(r.headers, requestLength); r.body == nil {
		return nil, cabi.ErrUnit
	}
	return &outgoingBody{pipe: r.body}, nil
}

// swap counts text that comes in place of other text, if it is valid and there is room.
func (r *outgoingRequest) swap(old, text int, valid bool) error {
	if !valid || !r.of.hold(text-old) {
		return cabi.ErrUnit
	}
	r.text += text - old
	return nil
}

func (r *outgoingRequest) Method(context.Context) (http.Method, error) { return r.method, nil }

func (r *outgoingRequest) SetMethod(_ context.Context, m http.Method) error {
	if err := r.swap(methodText(r.method), methodText(m), validMethod(m)); err != nil {
		return err
	}
	r.method = m
	return nil
}

func methodText(m http.Method) int {
	other, _ := m.(http.MethodOther)
	return len(other.Value)
}

func (r *outgoingRequest) Scheme(context.Context) (http.Scheme, error) { return r.scheme, nil }

func (r *outgoingRequest) SetScheme(_ context.Context, s http.Scheme) error {
	if err := r.swap(schemeText(r.scheme), schemeText(s), validScheme(s)); err != nil {
		return err
	}
	r.scheme = s
	return nil
}

func schemeText(s http.Scheme) int {
	other, _ := s.(http.SchemeOther)
	return len(other.Value)
}

func (r *outgoingRequest) Authority(context.Context) (*string, error) { return r.authority, nil }

func (r *outgoingRequest) SetAuthority(_ context.Context, v *string) error {
	return r.setText(&r.authority, v, validAuthority)
}

func (r *outgoingRequest) PathWithQuery(context.Context) (*string, error) { return r.path, nil }

func (r *outgoingRequest) SetPathWithQuery(_ context.Context, v *string) error {
	return r.setText(&r.path, v, validPath)
}

func (r *outgoingRequest) setText(at **string, v *string, valid func(string) bool) error {
	if err := r.swap(textOf(*at), textOf(v), v == nil || valid(*v)); err != nil {
		return err
	}
	*at = v
	return nil
}

func textOf(s *string) int {
	if s == nil {
		return 0
	}
	return len(*s)
}

func (r *outgoingRequest) Headers(context.Context) (http.Fields, error) {
	return r.headers.show(r), nil
}

// Close is for who has the request last: the guest, or the client that has sent it.
func (r *outgoingRequest) Close(context.Context) error {
	r.headers.drop()
	r.of.release(r.text)
	if r.body != nil {
		r.body.leave()
	}
	return nil
}

// timeouts are in nanoseconds; nil is no limit.
type timeouts struct{ connect, firstByte, betweenBytes *uint64 }

// requestOptions is the resource request-options.
type requestOptions struct{ timeouts }

// NewRequestOptions implements the constructor.
func (w *webHost) NewRequestOptions(context.Context) (http.RequestOptions, error) {
	return new(requestOptions), nil
}

func (o *requestOptions) ConnectTimeout(context.Context) (*uint64, error)   { return o.connect, nil }
func (o *requestOptions) FirstByteTimeout(context.Context) (*uint64, error) { return o.firstByte, nil }
func (o *requestOptions) BetweenBytesTimeout(context.Context) (*uint64, error) {
	return o.betweenBytes, nil
}

func (o *requestOptions) SetConnectTimeout(_ context.Context, d *uint64) error {
	o.connect = d
	return nil
}

func (o *requestOptions) SetFirstByteTimeout(_ context.Context, d *uint64) error {
	o.firstByte = d
	return nil
}

func (o *requestOptions) SetBetweenBytesTimeout(_ context.Context, d *uint64) error {
	o.betweenBytes = d
	return nil
}

func (o *requestOptions) Close(context.Context) error { return nil }

// incomingRequest is the resource incoming-request: what a guest is asked. Its headers
// belong to it.
type incomingRequest struct {
	method          http.Method
	scheme          http.Scheme
	authority, path *string
	message
}

func (r *incomingRequest) Method(context.Context) (http.Method, error)    { return r.method, nil }
func (r *incomingRequest) Scheme(context.Context) (http.Scheme, error)    { return r.scheme, nil }
func (r *incomingRequest) Authority(context.Context) (*string, error)     { return r.authority, nil }
func (r *incomingRequest) PathWithQuery(context.Context) (*string, error) { return r.path, nil }
func (r *incomingRequest) Headers(context.Context) (http.Fields, error) {
	return r.headers.show(r), nil
}
func (r *incomingRequest) Consume(context.Context) (http.IncomingBody, error) { return r.consume() }
func (r *incomingRequest) Close(context.Context) error                        { return r.close() }

// message is what was received: headers, and a body that is read once.
type message struct {
	headers  *fieldList
	body     *bodyPipe
	consumed bool
}

func (m *message) consume() (http.IncomingBody, error) {
	if m.consumed {
		return nil, cabi.ErrUnit
	}
	m.consumed = true
	return &incomingBody{pipe: m.body}, nil
}

func (m *message) close() error {
	m.headers.drop()
	if !m.consumed {
		m.body.leave()
	}
	return nil
}

// received are the fields of a message from outside, without those that are the host's
// business. They count, but they are no guest's doing and always have room.
func (w *webHost) received(lines []field) *fieldList {
	list := w.newFieldList()
	for _, l := range lines {
		if (&fields{list: list}).may(l.name) == nil {
			list.lines, list.size = append(list.lines, l), list.size+l.size()
		}
	}
	w.held.Add(int64(list.size))
	return list
}

var (
	_ http.OutgoingRequest = (*outgoingRequest)(nil)
	_ http.RequestOptions  = (*requestOptions)(nil)
	_ http.IncomingRequest = (*incomingRequest)(nil)
)
