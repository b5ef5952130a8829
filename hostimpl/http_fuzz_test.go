package hostimpl

import (
	"bufio"
	"context"
	"io"
	nethttp "net/http"
	"net/textproto"
	"strings"
	"testing"

	http "github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
)

// FuzzTheHeadOfARequest writes what was accepted as HTTP/1.1 and reads it back: each part
// is where it was put, and nothing is there that was not.
func FuzzTheHeadOfARequest(f *testing.F) {
	for _, s := range [][5]string{
		{"GET", "example.com", "/", "accept", "*/*"},
		{"M-SEARCH", "user:pw@[::1]:80", "*", "x", ""},
		{"get\r\n", "a\nb", "/ HTTP/1.1\r\nx: y", "a: b\r\nc", "d\r\n\r\nGET"},
		{"a", "a:1", "?{|}", "content-length", "5"},
		{"\x85", "\u2028", "/\u00a0", "\u212a", "\x0b"},
	} {
		f.Add(s[0], s[1], s[2], s[3], []byte(s[4]))
	}
	f.Fuzz(func(t *testing.T, method, authority, path, name string, value []byte) {
		ctx := context.Background()
		w := newWebHost(Config{}, Limits{}.withDefaults())
		list := must(w.NewFields(ctx))
		if list.Append(ctx, name, value) != nil {
			return
		}
		r := must(w.NewOutgoingRequest(ctx, list)).(*outgoingRequest)
		if r.SetMethod(ctx, http.MethodOther{Value: method}) != nil || r.SetAuthority(ctx, &authority) != nil ||
			r.SetPathWithQuery(ctx, &path) != nil {
			return
		}
		target := path
		if target != "*" && !strings.HasPrefix(target, "/") {
			target = "/" + target
		}
		head := method + " " + target + " HTTP/1.1\r\nHost: " + authority + "\r\n" + name + ": " + string(value) + "\r\n\r\n"

		in := textproto.NewReader(bufio.NewReader(strings.NewReader(head)))
		line := must(in.ReadLine())
		parts := strings.Split(line, " ")
		if len(parts) != 3 || parts[0] != method || parts[1] != target {
			t.Errorf("%q, want %q, %q", line, method, target)
		}
		header, err := in.ReadMIMEHeader()
		if err != nil {
			t.Fatal(err)
		}
		if got := nethttp.Header(header).Get("Host"); got != authority {
			t.Errorf("host %q, want %q", got, authority)
		}
		if got := header[textproto.CanonicalMIMEHeaderKey(name)]; len(got) != 1 || got[0] != strings.Trim(string(value), " \t") {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
		if len(header) != 2 {
			t.Errorf("%d fields: %q", len(header), header)
		}
		if rest := must(io.ReadAll(in.R)); len(rest) > 0 {
			t.Errorf("and then %q", rest)
		}
		check(t, r.Close(ctx))
		equal(t, "held", w.held.Load(), 0)
	})
}
