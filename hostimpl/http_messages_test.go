package hostimpl

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component/cabi"
	http "github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
)

func request(t *testing.T, w *webHost, lines ...string) *outgoingRequest {
	t.Helper()
	return must(w.NewOutgoingRequest(context.Background(), fieldsOf(t, w, lines...))).(*outgoingRequest)
}

func text(s string) *string { return &s }

func TestAnOutgoingRequest(t *testing.T) {
	ctx := context.Background()
	t.Run("begins as a GET of nothing", func(t *testing.T) {
		r := request(t, web(t, Config{}), "a: 1")
		defer r.Close(ctx)
		equal(t, "method", must(r.Method(ctx)), http.Method(http.MethodGet{}))
		equal(t, "path", must(r.PathWithQuery(ctx)), nil)
		equal(t, "scheme", must(r.Scheme(ctx)), nil)
		equal(t, "authority", must(r.Authority(ctx)), nil)
	})
	t.Run("keeps what was set, and none again", func(t *testing.T) {
		w := web(t, Config{})
		r := request(t, w)
		defer r.Close(ctx)
		check(t, r.SetMethod(ctx, http.MethodOther{Value: "PURGE"}))
		check(t, r.SetScheme(ctx, http.SchemeOther{Value: "wss"}))
		check(t, r.SetAuthority(ctx, text("example.com:8080")))
		check(t, r.SetPathWithQuery(ctx, text("/a?b=c")))
		equal(t, "method", must(r.Method(ctx)), http.Method(http.MethodOther{Value: "PURGE"}))
		equal(t, "scheme", must(r.Scheme(ctx)), http.Scheme(http.SchemeOther{Value: "wss"}))
		equal(t, "authority", *must(r.Authority(ctx)), "example.com:8080")
		equal(t, "path", *must(r.PathWithQuery(ctx)), "/a?b=c")
		equal(t, "held", w.held.Load(), int64(len("PURGEwssexample.com:8080/a?b=c")))
		check(t, r.SetMethod(ctx, http.MethodPost{}))
		check(t, r.SetScheme(ctx, nil))
		check(t, r.SetAuthority(ctx, nil))
		check(t, r.SetPathWithQuery(ctx, nil))
		equal(t, "scheme", must(r.Scheme(ctx)), nil)
		equal(t, "authority", must(r.Authority(ctx)), nil)
		equal(t, "path", must(r.PathWithQuery(ctx)), nil)
		equal(t, "held", w.held.Load(), 0)
	})
	t.Run("keeps what it had when it refuses something", func(t *testing.T) {
		r := request(t, web(t, Config{}))
		defer r.Close(ctx)
		check(t, r.SetAuthority(ctx, text("example.com")))
		wantError(t, "set", r.SetAuthority(ctx, text("exa mple.com")), cabi.ErrUnit)
		equal(t, "authority", *must(r.Authority(ctx)), "example.com")
	})
	t.Run("counts its text, which is bounded", func(t *testing.T) {
		r := request(t, web(t, Config{Limits: Limits{HTTPBytes: 10}}))
		defer r.Close(ctx)
		wantError(t, "11 bytes", r.SetPathWithQuery(ctx, text("/2345678901")), cabi.ErrUnit)
		check(t, r.SetPathWithQuery(ctx, text("/234567890")))
		wantError(t, "one more", r.SetAuthority(ctx, text("a")), cabi.ErrUnit)
		wantError(t, "one more", r.SetMethod(ctx, http.MethodOther{Value: "A"}), cabi.ErrUnit)
		wantError(t, "one more", r.SetScheme(ctx, http.SchemeOther{Value: "a"}), cabi.ErrUnit)
	})
	t.Run("has one body", func(t *testing.T) {
		r := request(t, web(t, Config{}))
		defer r.Close(ctx)
		b := must(r.Body(ctx))
		_, err := r.Body(ctx)
		wantError(t, "a second", err, cabi.ErrUnit)
		check(t, b.Close(ctx))
		_, err = r.Body(ctx)
		wantError(t, "a second, after the first is gone", err, cabi.ErrUnit)
	})
	t.Run("has no body if its fields promise two lengths", func(t *testing.T) {
		w := web(t, Config{})
		r := request(t, w, "Content-Length: 5", "content-length: 6")
		defer r.Close(ctx)
		_, err := r.Body(ctx)
		wantError(t, "body", err, cabi.ErrUnit)
		same := request(t, w, "Content-Length: 5", "content-length: 05")
		defer same.Close(ctx)
		must(same.Body(ctx))
	})
}

func TestWhatTheHeadOfARequestMayHave(t *testing.T) {
	ctx := context.Background()
	long := strings.Repeat("a", maxURI)
	for _, c := range []struct {
		part string
		set  func(r *outgoingRequest, v string) error
		good []string
		bad  []string
	}{
		{"method", func(r *outgoingRequest, v string) error { return r.SetMethod(ctx, http.MethodOther{Value: v}) },
			[]string{"GET", "purge", "M-SEARCH", "!#$%&'*+-.^_`|~", long},
			[]string{"", "bad\nmethod", "invalid method", "a\x00", "ä", "(", "GET / HTTP/1.1\r\nHost:", long + "a"}},
		{"scheme", func(r *outgoingRequest, v string) error { return r.SetScheme(ctx, http.SchemeOther{Value: v}) },
			[]string{"ws", "WSS", "a+b-c.d1"},
			[]string{"", "1a", "+a", "bad\nscheme", "a:", "a/", "ä", "a b", long + "a"}},
		{"authority", func(r *outgoingRequest, v string) error { return r.SetAuthority(ctx, &v) },
			[]string{
				"example.com", "example.com:443", "localhost:0", "127.0.0.1:80", "[::]", "[::]:443", "[2001:db8::1]:65535",
				"user@example.com", "user:pass%20word@[::1]:80", "a_b", "xn--bcher-kva.example", "1.2.3",
			},
			[]string{
				"", ":80", "bad-\nhost", "exa mple", "example.com:", "example.com:abc", "example.com:65536", "example.com:99999",
				"example.com:+1", "example.com:-1", "example.com: 1", "a:b:80", "::1", "[::1", "::1]", "[]", "[::1]x", "[::1]:", "[::1]:x", "[1.2.3.4]",
				"[fe80::1%eth0]", "a/b", "a?b", "a#b", "a\\b", "a\x00b", "ä.example", "a@b@c", "a/b@c", "example.com\r\nX: y", "user@", "<a>", long + "a",
			}},
		{"path", func(r *outgoingRequest, v string) error { return r.SetPathWithQuery(ctx, &v) },
			[]string{"", "/", "*", "?a=b", "/a/b%20c?d=e&f", "/a?b?c/d", "/{a}|\"b\"^`?[x]=<y>\\", "/%zz", "/" + long[1:]},
			[]string{"a", "//a b", "/bad\npath", "/a\r\nX: y", "/a\x00", "/a#b", "/ä", "/\x7f", "**", "a?b", "/" + long},
		},
	} {
		for i, list := range [][]string{c.good, c.bad} {
			for _, v := range list {
				want, word := error(nil), "takes"
				if i == 1 {
					want, word = cabi.ErrUnit, "refuses"
				}
				t.Run(fmt.Sprintf("%s %s %.30q", c.part, word, v), func(t *testing.T) {
					r := request(t, web(t, Config{}))
					defer r.Close(ctx)
					wantError(t, "set", c.set(r, v), want)
				})
			}
		}
	}
}

func TestRequestOptionsKeepWhatTheyAreGiven(t *testing.T) {
	ctx := context.Background()
	o := must(web(t, Config{}).NewRequestOptions(ctx))
	for i, c := range []struct {
		get func(context.Context) (*uint64, error)
		set func(context.Context, *uint64) error
	}{
		{o.ConnectTimeout, o.SetConnectTimeout},
		{o.FirstByteTimeout, o.SetFirstByteTimeout},
		{o.BetweenBytesTimeout, o.SetBetweenBytesTimeout},
	} {
		equal(t, "at first", must(c.get(ctx)), nil)
		n := uint64(i)
		check(t, c.set(ctx, &n))
		equal(t, "after set", *must(c.get(ctx)), n)
	}
	equal(t, "the first is its own", *must(o.ConnectTimeout(ctx)), 0)
	check(t, o.SetConnectTimeout(ctx, nil))
	equal(t, "none again", must(o.ConnectTimeout(ctx)), nil)
}

func TestAnOutgoingResponse(t *testing.T) {
	ctx := context.Background()
	w := web(t, Config{})
	r := must(w.NewOutgoingResponse(ctx, fieldsOf(t, w, "content-length: 2")))
	defer r.Close(ctx)
	t.Run("begins with 200", func(t *testing.T) { equal(t, "status", must(r.StatusCode(ctx)), 200) })
	for _, code := range []uint16{100, 404, 599, 999} {
		t.Run(fmt.Sprintf("%d is a status", code), func(t *testing.T) {
			check(t, r.SetStatusCode(ctx, code))
			equal(t, "status", must(r.StatusCode(ctx)), code)
		})
	}
	for _, code := range []uint16{0, 99, 1000, 65535} {
		t.Run(fmt.Sprintf("%d is no status", code), func(t *testing.T) {
			wantError(t, "set", r.SetStatusCode(ctx, code), cabi.ErrUnit)
			equal(t, "status", must(r.StatusCode(ctx)), 999)
		})
	}
	t.Run("has one body, whose length it knows by its own word", func(t *testing.T) {
		b := must(r.Body(ctx))
		_, err := r.Body(ctx)
		wantError(t, "a second", err, cabi.ErrUnit)
		code, ok := w.OutgoingBodyFinish(ctx, b, nil).(http.ErrorCodeHTTPResponseBodySize)
		if !ok || *code.Value != 0 {
			t.Errorf("got %v", code)
		}
	})
}

// bodyOf is the body of a request that the test closes.
func bodyOf(t *testing.T, w *webHost, lines ...string) (*outgoingRequest, *outgoingBody) {
	t.Helper()
	r := request(t, w, lines...)
	t.Cleanup(func() { r.Close(context.Background()) })
	return r, must(r.Body(context.Background())).(*outgoingBody)
}

func requestLengthOf(err error) int {
	code, ok := err.(http.ErrorCodeHTTPRequestBodySize)
	if !ok || code.Value == nil {
		return -1
	}
	return int(*code.Value)
}

func TestAnOutgoingBody(t *testing.T) {
	ctx := context.Background()
	t.Run("has one stream, which is its child", func(t *testing.T) {
		_, b := bodyOf(t, web(t, Config{}))
		s := must(b.Write(ctx))
		equal(t, "parent", s.(*outputStream).Parent(), any(b))
		_, err := b.Write(ctx)
		wantError(t, "a second", err, cabi.ErrUnit)
		check(t, s.Close(ctx))
		_, err = b.Write(ctx)
		wantError(t, "a second, after the first is gone", err, cabi.ErrUnit)
	})
	t.Run("traps if it is finished while its stream is alive", func(t *testing.T) {
		w := web(t, Config{})
		_, b := bodyOf(t, w)
		s := must(b.Write(ctx))
		wantError(t, "finish", w.OutgoingBodyFinish(ctx, b, fieldsOf(t, w, "a: 1")), cabi.ErrContract)
		check(t, s.Close(ctx))
	})
	t.Run("takes 64 KiB before anybody reads, and then waits", func(t *testing.T) {
		r, b := bodyOf(t, web(t, Config{}))
		s := must(b.Write(ctx))
		equal(t, "permit", must(s.CheckWrite(ctx)), bodyRoom)
		check(t, s.Write(ctx, make([]byte, bodyRoom)))
		equal(t, "permit", must(s.CheckWrite(ctx)), 0)
		check(t, s.BlockingFlush(ctx))
		cancelled(t, func(ctx context.Context) error { return s.BlockingWriteAndFlush(ctx, []byte("x")) })
		p := must(s.Subscribe(ctx))
		equal(t, "ready", must(p.Ready(ctx)), false)
		wantError(t, "without a permit", s.Write(ctx, []byte("x")), cabi.ErrContract)
		time.AfterFunc(soon, func() { bodySource{bodyPipe: r.body}.Read(make([]byte, 10)) })
		within(t, func() { check(t, p.Block(ctx)) })
		equal(t, "permit", must(s.CheckWrite(ctx)), 10)
	})
	t.Run("with the length that was promised is finished", func(t *testing.T) {
		w := web(t, Config{})
		_, b := bodyOf(t, w, "Content-Length: 11")
		s := must(b.Write(ctx))
		check(t, s.BlockingWriteAndFlush(ctx, []byte("long ")))
		check(t, s.BlockingWriteAndFlush(ctx, []byte("enough")))
		check(t, s.Close(ctx))
		check(t, w.OutgoingBodyFinish(ctx, b, nil))
	})
	t.Run("that is shorter than promised says how long it is", func(t *testing.T) {
		w := web(t, Config{})
		r, b := bodyOf(t, w, "Content-Length: 11")
		s := must(b.Write(ctx))
		check(t, s.BlockingWriteAndFlush(ctx, []byte("msg")))
		check(t, s.Close(ctx))
		equal(t, "length", requestLengthOf(w.OutgoingBodyFinish(ctx, b, fieldsOf(t, w, "a: 1"))), 3)
		_, err, ended := r.body.outcome()
		equal(t, "the reader's end", ended, true)
		equal(t, "the reader's length", requestLengthOf(err), 3)
	})
	t.Run("that is longer than promised says so at once and at the end", func(t *testing.T) {
		w := web(t, Config{})
		_, b := bodyOf(t, w, "Content-Length: 11")
		s := must(b.Write(ctx))
		e := lastFailure(t, s.BlockingWriteAndFlush(ctx, []byte("more than 11 bytes")))
		equal(t, "length", requestLengthOf(must(w.HTTPErrorCode(ctx, e))), 18)
		equal(t, "as a file's", must(fileErrors{}.FilesystemErrorCode(ctx, e)), nil)
		wantError(t, "after it", s.Flush(ctx), closed)
		check(t, s.Close(ctx))
		equal(t, "length", requestLengthOf(w.OutgoingBodyFinish(ctx, b, nil)), 18)
	})
	t.Run("that is dropped is not whole for who reads it", func(t *testing.T) {
		r, b := bodyOf(t, web(t, Config{}))
		s := must(b.Write(ctx))
		check(t, s.BlockingWriteAndFlush(ctx, []byte("half")))
		check(t, s.Close(ctx))
		check(t, b.Close(ctx))
		from := bodySource{bodyPipe: r.body}
		p := make([]byte, 10)
		n, err := from.Read(p)
		equal(t, "read", string(p[:n]), "half")
		check(t, err)
		_, err = from.Read(p)
		wantError(t, "then", err, http.ErrorCodeHTTPProtocolError{})
		_, err = from.Read(p)
		wantError(t, "and then", err, io.EOF)
	})
	t.Run("whose request is gone is closed, and can be finished", func(t *testing.T) {
		w := web(t, Config{})
		r := request(t, w)
		b := must(r.Body(ctx))
		s := must(b.Write(ctx))
		must(s.CheckWrite(ctx))
		p := must(s.Subscribe(ctx))
		check(t, r.Close(ctx))
		equal(t, "ready", must(p.Ready(ctx)), true)
		wantError(t, "write", s.Write(ctx, []byte("x")), closed)
		wantError(t, "flush", s.Flush(ctx), closed)
		check(t, s.Close(ctx))
		check(t, w.OutgoingBodyFinish(ctx, b, fieldsOf(t, w, "a: 1")))
	})
	t.Run("beyond the limit of bodies there is none, until one is gone", func(t *testing.T) {
		w := web(t, Config{Limits: Limits{HTTPBodies: 2}})
		first := request(t, w)
		must(first.Body(ctx))
		bodyOf(t, w)
		third := request(t, w)
		defer third.Close(ctx)
		_, err := third.Body(ctx)
		wantError(t, "a third", err, cabi.ErrUnit)
		check(t, first.Close(ctx))
		must(third.Body(ctx))
	})
}
