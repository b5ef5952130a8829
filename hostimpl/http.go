package hostimpl

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	http "github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/ioerror"
)

// webHost is wasi:http/types and outgoing-handler. Who sends the requests of guests is
// an httpClient; the messages are the same whoever it is.
type webHost struct {
	client    httpClient
	forbidden map[string]bool // names of fields that guests may not set, in lower case
	limits    Limits

	held   atomic.Int64 // bytes of fields and heads that guests keep
	bodies atomic.Int64 // that wait to be sent
}

// An httpClient sends requests. What it is given has been checked, and it closes it when
// it is done: the request's body, which the guest may still be writing, ends with it.
type httpClient interface {
	// send begins to send. An error is an http.ErrorCode, and means that nothing was sent
	// and that r is the caller's to close.
	send(ctx context.Context, r *outgoingRequest, o timeouts) (*futureResponse, error)
}

// noHTTP is the client of a guest to which no HTTP is granted.
type noHTTP struct{}

func (noHTTP) send(context.Context, *outgoingRequest, timeouts) (*futureResponse, error) {
	return nil, http.ErrorCodeHTTPRequestDenied{}
}

// hopByHop are the fields that are between two neighbours of a connection, and the one
// that the authority of a request stands for. The host alone sets them.
var hopByHop = []string{
	"connection", "host", "http2-settings", "keep-alive", "proxy-authenticate",
	"proxy-authorization", "proxy-connection", "transfer-encoding", "upgrade",
}

func newWebHost(c Config, limits Limits) *webHost {
	w := &webHost{client: noHTTP{}, limits: limits, forbidden: map[string]bool{}}
	for _, names := range [][]string{hopByHop, c.ForbiddenFields} {
		for _, name := range names {
			w.forbidden[strings.ToLower(name)] = true
		}
	}
	return w
}

// hold counts n more bytes that a guest makes the host keep, and reports whether there
// is room for them.
func (w *webHost) hold(n int) bool {
	if w.held.Add(int64(n)) <= int64(w.limits.HTTPBytes) || n <= 0 {
		return true
	}
	w.held.Add(-int64(n))
	return false
}

func (w *webHost) release(n int) { w.held.Add(-int64(n)) }

// tooMuch traps, where a function has no other way to say it.
func (w *webHost) tooMuch(what string) error {
	return fmt.Errorf("%s: messages hold more than %d bytes (Limits.HTTPBytes)", what, w.limits.HTTPBytes)
}

// Handle implements wasi:http/outgoing-handler. The request is judged before the policy,
// as arguments are everywhere.
func (w *webHost) Handle(ctx context.Context, request http.OutgoingRequest, options http.RequestOptions) (http.FutureIncomingResponse, error) {
	var limits timeouts
	if options != nil {
		o, ok := options.(*requestOptions)
		if !ok {
			return nil, stranger(options)
		}
		limits = o.timeouts
	}
	r, ok := request.(*outgoingRequest)
	if !ok {
		return nil, stranger(request)
	}
	response, err := w.sendChecked(ctx, r, limits)
	if err != nil {
		return nil, errors.Join(err, r.Close(ctx))
	}
	return response, nil
}

func (w *webHost) sendChecked(ctx context.Context, r *outgoingRequest, limits timeouts) (*futureResponse, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	return w.client.send(ctx, r, limits)
}

// HTTPErrorCode implements wasi:http/types.
func (w *webHost) HTTPErrorCode(_ context.Context, err ioerror.Error) (http.ErrorCode, error) {
	f, ok := err.(*failure)
	if !ok {
		return nil, nil
	}
	code, _ := f.code.(http.ErrorCode)
	return code, nil
}

// stranger is the error for a resource that another implementation made: it traps.
func stranger(v any) error { return fmt.Errorf("a %T is not of this implementation of wasi:http", v) }

var _ http.Host = (*webHost)(nil)
