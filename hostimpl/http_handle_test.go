package hostimpl

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component/cabi"
	http "github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
)

// mirror is a client of the tests: what is sent to it comes back as the response, as soon
// as the test says go.
type mirror struct {
	w        *webHost
	begin    chan struct{}
	given    timeouts
	canceled chan struct{}
}

func newMirror(w *webHost) *mirror {
	m := &mirror{w: w, begin: make(chan struct{}), canceled: make(chan struct{})}
	w.client = m
	return m
}

func (m *mirror) send(_ context.Context, r *outgoingRequest, o timeouts) (*futureResponse, error) {
	m.given = o
	f := newFutureResponse(func() { close(m.canceled) })
	go func() {
		select {
		case <-m.begin:
		case <-m.canceled:
			r.Close(context.Background())
			return
		}
		if r.path != nil && *r.path == "/refuse" {
			r.Close(context.Background())
			f.settle(nil, http.ErrorCodeConnectionRefused{})
			return
		}
		body := r.body
		if body == nil {
			body = &bodyPipe{ended: true}
		}
		r.body = nil // from here it belongs to the response
		f.settle(&incomingResponse{status: 201, message: message{headers: m.w.received(r.headers.lines), body: body}}, nil)
		r.Close(context.Background())
	}()
	return f, nil
}

// ready is a request that may be sent.
func ready(t *testing.T, w *webHost, lines ...string) *outgoingRequest {
	t.Helper()
	r := request(t, w, lines...)
	check(t, r.SetAuthority(context.Background(), text("example.com")))
	check(t, r.SetPathWithQuery(context.Background(), text("/")))
	return r
}

func TestHandle(t *testing.T) {
	ctx := context.Background()
	t.Run("denies every request, and closes it", func(t *testing.T) {
		w := web(t, Config{})
		r := ready(t, w, "a: 1")
		b := must(r.Body(ctx))
		s := must(b.Write(ctx))
		_, err := w.Handle(ctx, r, must(w.NewRequestOptions(ctx)))
		wantError(t, "handle", err, http.ErrorCodeHTTPRequestDenied{})
		if _, ok := cabi.AsError[http.ErrorCode](err); !ok {
			t.Errorf("%v is nothing that a guest is told", err)
		}
		_, err = s.CheckWrite(ctx)
		wantError(t, "the body's stream", err, closed)
		check(t, s.Close(ctx))
		check(t, w.OutgoingBodyFinish(ctx, b, nil))
	})
	t.Run("needs no path: none stands for an empty one", func(t *testing.T) {
		w := web(t, Config{})
		r := ready(t, w)
		check(t, r.SetPathWithQuery(ctx, nil))
		_, err := w.Handle(ctx, r, nil)
		wantError(t, "handle", err, http.ErrorCodeHTTPRequestDenied{})
	})
	t.Run("judges the request before the policy", func(t *testing.T) {
		w := web(t, Config{})
		r := ready(t, w)
		check(t, r.SetScheme(ctx, http.SchemeOther{Value: "ws"}))
		_, err := w.Handle(ctx, r, nil)
		wantError(t, "another scheme", err, http.ErrorCodeHTTPProtocolError{})
		r = ready(t, w)
		check(t, r.SetAuthority(ctx, nil))
		_, err = w.Handle(ctx, r, nil)
		wantError(t, "no authority", err, http.ErrorCodeHTTPRequestURIInvalid{})
	})
	t.Run("hands the timeouts on", func(t *testing.T) {
		w := web(t, Config{})
		m := newMirror(w)
		close(m.begin)
		o := must(w.NewRequestOptions(ctx))
		d := uint64(time.Second)
		check(t, o.SetFirstByteTimeout(ctx, &d))
		f := must(w.Handle(ctx, ready(t, w), o))
		within(t, func() { must(f.Subscribe(ctx)).Block(ctx) })
		equal(t, "first byte", *m.given.firstByte, d)
		equal(t, "connect", m.given.connect, nil)
		check(t, f.Close(ctx))
	})
	t.Run("of what another implementation made traps", func(t *testing.T) {
		w := web(t, Config{})
		_, err := w.Handle(ctx, struct{ http.OutgoingRequest }{}, nil)
		if _, ok := cabi.AsError[http.ErrorCode](err); ok || err == nil {
			t.Errorf("got %v", err)
		}
	})
}

func TestAFutureResponse(t *testing.T) {
	ctx := context.Background()
	t.Run("is none before it is ready, and is given once", func(t *testing.T) {
		w := web(t, Config{})
		m := newMirror(w)
		f := must(w.Handle(ctx, ready(t, w, "X-A: 1"), nil))
		p := must(f.Subscribe(ctx))
		equal(t, "parent", p.(*pollable).Parent(), any(f))
		equal(t, "ready", must(p.Ready(ctx)), false)
		equal(t, "too early", must(f.Get(ctx)), nil)
		close(m.begin)
		within(t, func() { check(t, p.Block(ctx)) })
		r := must(f.Get(ctx)).OK.OK
		equal(t, "status", must(r.Status(ctx)), 201)
		h := must(r.Headers(ctx))
		equal(t, "headers", linesOf(h), "X-A: 1")
		equal(t, "parent of the headers", h.(*fields).Parent(), any(r))
		equal(t, "a second time", must(f.Get(ctx)).IsErr, true)
		equal(t, "still ready", must(p.Ready(ctx)), true)
		check(t, f.Close(ctx))
		check(t, h.Close(ctx))
		check(t, r.Close(ctx))
	})
	t.Run("may be an error", func(t *testing.T) {
		w := web(t, Config{})
		m := newMirror(w)
		close(m.begin)
		r := ready(t, w)
		check(t, r.SetPathWithQuery(ctx, text("/refuse")))
		f := must(w.Handle(ctx, r, nil))
		within(t, func() { must(f.Subscribe(ctx)).Block(ctx) })
		got := must(f.Get(ctx))
		equal(t, "outer", got.IsErr, false)
		equal(t, "error", got.OK.Err, http.ErrorCode(http.ErrorCodeConnectionRefused{}))
		equal(t, "a second time", must(f.Get(ctx)).IsErr, true)
		check(t, f.Close(ctx))
	})
	t.Run("that is dropped too early ends the request", func(t *testing.T) {
		w := web(t, Config{})
		m := newMirror(w)
		r := ready(t, w)
		b := must(r.Body(ctx))
		f := must(w.Handle(ctx, r, nil))
		check(t, f.Close(ctx))
		within(t, func() { <-m.canceled })
		eventually(t, func() bool { return w.bodies.Load() == 0 })
		check(t, b.Close(ctx))
	})
	t.Run("that is dropped with its response drops that", func(t *testing.T) {
		w := web(t, Config{})
		m := newMirror(w)
		close(m.begin)
		r := ready(t, w, "a: 1")
		must(r.Body(ctx))
		f := must(w.Handle(ctx, r, nil))
		within(t, func() { must(f.Subscribe(ctx)).Block(ctx) })
		check(t, f.Close(ctx))
		eventually(t, func() bool { return w.held.Load() == 0 && w.bodies.Load() == 0 })
	})
	t.Run("that was dropped drops a response that comes late", func(t *testing.T) {
		w := web(t, Config{})
		f := newFutureResponse(func() {})
		check(t, f.Close(ctx))
		f.settle(&incomingResponse{message: message{headers: w.received([]field{{"a", nil}}), body: new(bodyPipe)}}, nil)
	})
}

// exchange sends a body to a mirror; the guest has both ends of it then.
func exchange(t *testing.T, w *webHost, lines ...string) (http.OutgoingBody, http.IncomingBody) {
	t.Helper()
	ctx := context.Background()
	m := newMirror(w)
	close(m.begin)
	r := ready(t, w, lines...)
	out := must(r.Body(ctx))
	f := must(w.Handle(ctx, r, nil))
	within(t, func() { must(f.Subscribe(ctx)).Block(ctx) })
	response := must(f.Get(ctx)).OK.OK
	in := must(response.Consume(ctx))
	_, err := response.Consume(ctx)
	wantError(t, "a second consume", err, cabi.ErrUnit)
	check(t, f.Close(ctx))
	check(t, response.Close(ctx)) // the body is read all the same
	return out, in
}

func TestAnIncomingBody(t *testing.T) {
	ctx := context.Background()
	t.Run("has one stream, which is its child", func(t *testing.T) {
		out, in := exchange(t, web(t, Config{}))
		s := must(in.Stream(ctx))
		equal(t, "parent", s.(*inputStream).Parent(), any(in))
		_, err := in.Stream(ctx)
		wantError(t, "a second", err, cabi.ErrUnit)
		check(t, s.Close(ctx))
		check(t, in.Close(ctx))
		check(t, out.Close(ctx))
	})
	t.Run("is read to its end, and then has trailers, once", func(t *testing.T) {
		w := web(t, Config{})
		out, in := exchange(t, w)
		to, from := must(out.Write(ctx)), must(in.Stream(ctx))
		p := must(from.Subscribe(ctx))
		equal(t, "ready", must(p.Ready(ctx)), false)
		equal(t, "nothing yet", len(must(from.Read(ctx, 10))), 0)
		check(t, to.BlockingWriteAndFlush(ctx, []byte("hello")))
		equal(t, "ready", must(p.Ready(ctx)), true)
		equal(t, "read", string(must(from.BlockingRead(ctx, 3))), "hel")
		check(t, to.Close(ctx))
		check(t, w.OutgoingBodyFinish(ctx, out, fieldsOf(t, w, "X-Sum: 5")))
		equal(t, "read", string(must(from.BlockingRead(ctx, 10))), "lo")
		_, err := from.BlockingRead(ctx, 10)
		wantError(t, "the end", err, closed)
		check(t, from.Close(ctx))
		f := must(w.IncomingBodyFinish(ctx, in))
		equal(t, "ready", must(must(f.Subscribe(ctx)).Ready(ctx)), true)
		trailers := must(f.Get(ctx)).OK.OK
		equal(t, "trailers", linesOf(trailers), "X-Sum: 5")
		equal(t, "parent", trailers.(*fields).Parent(), any(f))
		wantError(t, "append", trailers.Append(ctx, "a", nil), immutable)
		equal(t, "a second time", must(f.Get(ctx)).IsErr, true)
		check(t, trailers.Close(ctx))
		check(t, f.Close(ctx))
	})
	t.Run("that is finished early lets the rest go by", func(t *testing.T) {
		w := web(t, Config{})
		out, in := exchange(t, w)
		f := must(w.IncomingBodyFinish(ctx, in))
		p := must(f.Subscribe(ctx))
		equal(t, "parent", p.(*pollable).Parent(), any(f))
		equal(t, "too early", must(f.Get(ctx)), nil)
		s := must(out.Write(ctx))
		for range 100 { // more than there is room for
			check(t, s.BlockingWriteAndFlush(ctx, make([]byte, 4096)))
		}
		equal(t, "ready", must(p.Ready(ctx)), false)
		check(t, s.Close(ctx))
		time.AfterFunc(soon, func() { w.OutgoingBodyFinish(ctx, out, nil) })
		within(t, func() { check(t, p.Block(ctx)) })
		got := must(f.Get(ctx))
		equal(t, "outer", got.IsErr, false)
		equal(t, "inner", got.OK.IsErr, false)
		equal(t, "trailers", got.OK.OK, nil)
		check(t, f.Close(ctx))
	})
	t.Run("that is not whole says so in its stream and in its trailers", func(t *testing.T) {
		w := web(t, Config{})
		out, in := exchange(t, w)
		to, from := must(out.Write(ctx)), must(in.Stream(ctx))
		check(t, to.BlockingWriteAndFlush(ctx, []byte("half")))
		check(t, to.Close(ctx))
		check(t, out.Close(ctx))
		equal(t, "read", string(must(from.BlockingRead(ctx, 10))), "half")
		_, err := from.Read(ctx, 10)
		code := must(w.HTTPErrorCode(ctx, lastFailure(t, err)))
		equal(t, "code", code, http.ErrorCode(http.ErrorCodeHTTPProtocolError{}))
		_, err = from.Read(ctx, 10)
		wantError(t, "and then", err, closed)
		check(t, from.Close(ctx))
		f := must(w.IncomingBodyFinish(ctx, in))
		got := must(f.Get(ctx)).OK
		equal(t, "trailers", got.Err, http.ErrorCode(http.ErrorCodeHTTPProtocolError{}))
		check(t, f.Close(ctx))
	})
	t.Run("traps if it is finished while its stream is alive", func(t *testing.T) {
		w := web(t, Config{})
		out, in := exchange(t, w)
		s := must(in.Stream(ctx))
		_, err := w.IncomingBodyFinish(ctx, in)
		wantError(t, "finish", err, cabi.ErrContract)
		check(t, s.Close(ctx))
		check(t, out.Close(ctx))
	})
	t.Run("that is dropped closes the writer's end, and drops trailers", func(t *testing.T) {
		w := web(t, Config{})
		out, in := exchange(t, w)
		s := must(out.Write(ctx))
		check(t, in.Close(ctx))
		_, err := s.CheckWrite(ctx)
		wantError(t, "check-write", err, closed)
		check(t, s.Close(ctx))
		check(t, w.OutgoingBodyFinish(ctx, out, fieldsOf(t, w, "a: 1")))
	})
	t.Run("can be spliced into the body that it comes from", func(t *testing.T) {
		out, in := exchange(t, web(t, Config{}))
		to, from := must(out.Write(ctx)), must(in.Stream(ctx))
		check(t, to.BlockingWriteAndFlush(ctx, []byte("round")))
		within(t, func() { equal(t, "moved", must(to.BlockingSplice(ctx, from, 100)), 5) })
		equal(t, "read", string(must(from.Read(ctx, 100))), "round")
		check(t, from.Close(ctx))
		check(t, in.Close(ctx))
		check(t, to.Close(ctx))
		check(t, out.Close(ctx))
	})
	t.Run("of a message without one is at its end", func(t *testing.T) {
		in := &incomingBody{pipe: &bodyPipe{ended: true}}
		s := must(in.Stream(ctx))
		_, err := s.Read(ctx, 1)
		wantError(t, "read", err, closed)
		_, err = s.Read(ctx, 0)
		wantError(t, "read of nothing", err, closed)
	})
}

func TestAnIncomingRequestTellsWhatWasAsked(t *testing.T) {
	ctx := context.Background()
	w := web(t, Config{})
	r := &incomingRequest{
		method: http.MethodPut{}, scheme: http.SchemeHTTPS{}, authority: text("example.com"), path: text("/a"),
		message: message{headers: w.received([]field{{"Accept", []byte("*/*")}, {"Connection", []byte("close")}}), body: new(bodyPipe)},
	}
	equal(t, "method", must(r.Method(ctx)), http.Method(http.MethodPut{}))
	equal(t, "scheme", must(r.Scheme(ctx)), http.Scheme(http.SchemeHTTPS{}))
	equal(t, "authority", *must(r.Authority(ctx)), "example.com")
	equal(t, "path", *must(r.PathWithQuery(ctx)), "/a")
	h := must(r.Headers(ctx))
	equal(t, "headers", linesOf(h), "Accept: */*")
	check(t, h.Close(ctx))
	b := must(r.Consume(ctx))
	_, err := r.Consume(ctx)
	wantError(t, "a second consume", err, cabi.ErrUnit)
	check(t, r.Close(ctx))
	check(t, b.Close(ctx))
	equal(t, "left", r.body.gone, true)
}

func TestAResponseOutparam(t *testing.T) {
	ctx := context.Background()
	type answer struct {
		r   *outgoingResponse
		err http.ErrorCode
	}
	outparam := func() (*responseOutparam, *[]answer) {
		var got []answer
		return &responseOutparam{answer: func(r *outgoingResponse, err http.ErrorCode) {
			got = append(got, answer{r, err})
			if r != nil {
				r.Close(ctx)
			}
		}}, &got
	}
	type response = cabi.ResultOf[http.OutgoingResponse, http.ErrorCode]

	t.Run("answers with a response", func(t *testing.T) {
		w := web(t, Config{})
		p, got := outparam()
		r := must(w.NewOutgoingResponse(ctx, fieldsOf(t, w, "a: 1")))
		check(t, w.ResponseOutparamSet(ctx, p, response{OK: r}))
		equal(t, "answers", len(*got), 1)
		equal(t, "response", http.OutgoingResponse((*got)[0].r), r)
	})
	t.Run("answers with an error", func(t *testing.T) {
		w := web(t, Config{})
		p, got := outparam()
		check(t, w.ResponseOutparamSet(ctx, p, response{IsErr: true, Err: http.ErrorCodeLoopDetected{}}))
		equal(t, "answer", (*got)[0], answer{nil, http.ErrorCodeLoopDetected{}})
	})
	t.Run("answers with an error when it is dropped", func(t *testing.T) {
		p, got := outparam()
		check(t, p.Close(ctx))
		equal(t, "answer", (*got)[0].err.Error(), "internal-error: the guest set no response")
	})
	t.Run("informs where that is supported, of 100 to 199", func(t *testing.T) {
		w := web(t, Config{})
		p, _ := outparam()
		err := p.SendInformational(ctx, 103, fieldsOf(t, w, "a: 1"))
		equal(t, "unsupported", err.Error(), "internal-error: informational responses are not supported")
		var told []uint16
		p.inform = func(status uint16, headers *fieldList) http.ErrorCode {
			told = append(told, status)
			headers.drop()
			if status == 101 {
				return http.ErrorCodeConnectionTerminated{}
			}
			return nil
		}
		check(t, p.SendInformational(ctx, 103, fieldsOf(t, w, "a: 1")))
		wantError(t, "101", p.SendInformational(ctx, 101, fieldsOf(t, w)), http.ErrorCodeConnectionTerminated{})
		for _, status := range []uint16{0, 99, 200} {
			wantError(t, "another status", p.SendInformational(ctx, status, fieldsOf(t, w, "a: 1")), http.ErrorCodeHTTPProtocolError{})
		}
		equal(t, "told", len(told), 2)
	})
}

func TestHTTPErrorCodeKnowsNoOtherErrors(t *testing.T) {
	ctx := context.Background()
	w := web(t, Config{})
	_, err := inputOf(&tube{err: io.ErrUnexpectedEOF}).Read(ctx, 1)
	equal(t, "of a file", must(w.HTTPErrorCode(ctx, lastFailure(t, err))), nil)
	equal(t, "from elsewhere", must(w.HTTPErrorCode(ctx, nil)), nil)
}
