package hostimpl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/cabi"
	http "github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
)

// web is wasi:http of a host that ends with the test. Nothing may be held at the end.
func web(t *testing.T, c Config) *webHost {
	t.Helper()
	w := host(t, c).web
	t.Cleanup(func() {
		equal(t, "bytes held at the end", w.held.Load(), 0)
		equal(t, "bodies open at the end", w.bodies.Load(), 0)
	})
	return w
}

type pair = cabi.Tuple2[string, []byte]

func pairs(lines ...string) (list []pair) {
	for _, l := range lines {
		name, value, _ := strings.Cut(l, ": ")
		list = append(list, pair{F0: name, F1: []byte(value)})
	}
	return list
}

// fieldsOf makes fields that the test closes, unless it gives them away.
func fieldsOf(t *testing.T, w *webHost, lines ...string) *fields {
	t.Helper()
	f, err := w.FieldsFromList(context.Background(), pairs(lines...))
	if err != nil {
		t.Fatal(err)
	}
	return f.(*fields)
}

func linesOf(f http.Fields) string {
	var lines []string
	for _, e := range must(f.Entries(context.Background())) {
		lines = append(lines, e.F0+": "+string(e.F1))
	}
	return strings.Join(lines, "\n")
}

var (
	invalid   = http.HeaderErrorInvalidSyntax{}
	forbidden = http.HeaderErrorForbidden{}
	immutable = http.HeaderErrorImmutable{}
)

func TestFields(t *testing.T) {
	ctx := context.Background()

	t.Run("names keep their case and order, and are found in any case", func(t *testing.T) {
		f := fieldsOf(t, web(t, Config{}), "X-One: 1", "ACCEPT: a", "x-one: 2", "accept: b")
		defer f.Close(ctx)
		equal(t, "entries", linesOf(f), "X-One: 1\nACCEPT: a\nx-one: 2\naccept: b")
		equal(t, "values", string(bytes.Join(must(f.Get(ctx, "x-ONE")), []byte(","))), "1,2")
		equal(t, "has", must(f.Has(ctx, "Accept")), true)
		equal(t, "has not", must(f.Has(ctx, "accept-charset")), false)
	})
	t.Run("a name that is there without a value is there", func(t *testing.T) {
		f := fieldsOf(t, web(t, Config{}), "empty: ")
		defer f.Close(ctx)
		equal(t, "values", len(must(f.Get(ctx, "empty"))), 1)
		equal(t, "has", must(f.Has(ctx, "empty")), true)
	})
	t.Run("what is no name is not found, even if its case folds to one", func(t *testing.T) {
		f := fieldsOf(t, web(t, Config{}), "k: 1", "s: 2")
		defer f.Close(ctx)
		for _, name := range []string{"", "a b", "\u212a", "\u017f", "k\x00", "k:"} {
			equal(t, "values of "+name, len(must(f.Get(ctx, name))), 0)
			equal(t, "has "+name, must(f.Has(ctx, name)), false)
		}
	})
	t.Run("set puts all values where the name stood first", func(t *testing.T) {
		f := fieldsOf(t, web(t, Config{}), "a: 1", "b: 2", "A: 3", "c: 4")
		defer f.Close(ctx)
		check(t, f.Set(ctx, "a", [][]byte{[]byte("x"), []byte("y")}))
		equal(t, "entries", linesOf(f), "a: x\na: y\nb: 2\nc: 4")
		check(t, f.Set(ctx, "new", [][]byte{[]byte("z")}))
		equal(t, "entries", linesOf(f), "a: x\na: y\nb: 2\nc: 4\nnew: z")
	})
	t.Run("set without values, and delete, remove the name", func(t *testing.T) {
		f := fieldsOf(t, web(t, Config{}), "a: 1", "b: 2", "A: 3")
		defer f.Close(ctx)
		check(t, f.Set(ctx, "a", nil))
		equal(t, "entries", linesOf(f), "b: 2")
		check(t, f.Delete(ctx, "B"))
		check(t, f.Delete(ctx, "not-there"))
		equal(t, "entries", linesOf(f), "")
	})
	t.Run("a clone is a copy of its own that may be changed", func(t *testing.T) {
		w := web(t, Config{})
		f := fieldsOf(t, w, "a: 1")
		r := must(w.NewOutgoingRequest(ctx, f))
		h := must(r.Headers(ctx))
		c := must(h.Clone(ctx))
		check(t, c.Append(ctx, "b", []byte("2")))
		equal(t, "the clone", linesOf(c), "a: 1\nb: 2")
		equal(t, "the original", linesOf(h), "a: 1")
		for _, closer := range []interface{ Close(context.Context) error }{h, r, c} {
			check(t, closer.Close(ctx))
		}
	})
	t.Run("a value that the guest changes later does not change", func(t *testing.T) {
		f := fieldsOf(t, web(t, Config{}))
		defer f.Close(ctx)
		view := []byte("before")
		check(t, f.Append(ctx, "a", view))
		check(t, f.Set(ctx, "b", [][]byte{view}))
		copy(view, "after!")
		equal(t, "entries", linesOf(f), "a: before\nb: before")
	})
}

func TestFieldsThatHTTPDoesNotAllow(t *testing.T) {
	ctx := context.Background()
	all := func(t *testing.T, name string, value []byte, want error) {
		t.Helper()
		w := web(t, Config{ForbiddenFields: []string{"X-Secret"}})
		f := fieldsOf(t, w)
		defer f.Close(ctx)
		wantError(t, "append", f.Append(ctx, name, value), want)
		wantError(t, "set", f.Set(ctx, name, [][]byte{[]byte("1"), value}), want)
		_, err := w.FieldsFromList(ctx, []pair{{F0: "a", F1: []byte("b")}, {F0: name, F1: value}})
		wantError(t, "from-list", err, want)
		equal(t, "entries", linesOf(f), "")
	}
	for _, name := range []string{"", " ", "a b", "a:", "a\r\nb", "a\x00", "\x7f", "ä", "a\t", "(a)", "a/b", "\"a\""} {
		t.Run(fmt.Sprintf("a field %q is invalid-syntax", name), func(t *testing.T) {
			all(t, name, []byte("v"), invalid)
			f := fieldsOf(t, web(t, Config{}))
			defer f.Close(ctx)
			wantError(t, "delete", f.Delete(ctx, name), invalid)
		})
	}
	for _, value := range []string{"a\r\nb: c", "a\nb", "a\rb", "a\x00b", "\x7f", "\x1b[2J"} {
		t.Run(fmt.Sprintf("the value %q is invalid-syntax", value), func(t *testing.T) {
			all(t, "a", []byte(value), invalid)
		})
	}
	for _, value := range []string{"", "a\tb", " a ", "\x80\xff", "ä"} {
		t.Run(fmt.Sprintf("the value %q is a value", value), func(t *testing.T) {
			f := fieldsOf(t, web(t, Config{}))
			defer f.Close(ctx)
			check(t, f.Append(ctx, "a", []byte(value)))
			equal(t, "entries", linesOf(f), "a: "+value)
		})
	}
	for _, value := range []string{"+5", "-5", " 5", "", "5a", "0x5", "18446744073709551616"} {
		t.Run(fmt.Sprintf("a content-length of %q is invalid-syntax", value), func(t *testing.T) {
			f := fieldsOf(t, web(t, Config{}))
			defer f.Close(ctx)
			wantError(t, "append", f.Append(ctx, "Content-Length", []byte(value)), invalid)
		})
	}
	for _, name := range append([]string{"x-secret", "X-SECRET", "Host", "Transfer-Encoding"}, hopByHop...) {
		t.Run("a field "+name+" is forbidden", func(t *testing.T) {
			all(t, name, []byte("v"), forbidden)
			f := fieldsOf(t, web(t, Config{ForbiddenFields: []string{"x-secret"}}))
			defer f.Close(ctx)
			wantError(t, "delete", f.Delete(ctx, name), forbidden)
		})
	}
}

func TestFieldsOfAMessageAreImmutable(t *testing.T) {
	ctx := context.Background()
	w := web(t, Config{})
	request := must(w.NewOutgoingRequest(ctx, fieldsOf(t, w, "a: 1")))
	response := must(w.NewOutgoingResponse(ctx, fieldsOf(t, w, "a: 1")))
	incoming := &incomingRequest{message: message{headers: w.received([]field{{"a", []byte("1")}, {"Host", []byte("x")}}), body: new(bodyPipe)}}
	for name, m := range map[string]interface {
		Headers(context.Context) (http.Fields, error)
		Close(context.Context) error
	}{"outgoing-request": request, "outgoing-response": response, "incoming-request": incoming} {
		t.Run("those of an "+name, func(t *testing.T) {
			h := must(m.Headers(ctx))
			for _, name := range []string{"a", "b", "host", "not a name"} {
				wantError(t, "append", h.Append(ctx, name, nil), immutable)
				wantError(t, "set", h.Set(ctx, name, nil), immutable)
				wantError(t, "delete", h.Delete(ctx, name), immutable)
			}
			equal(t, "entries", linesOf(h), "a: 1")
			equal(t, "parent", h.(*fields).Parent(), any(m))
			check(t, h.Close(ctx))
			check(t, m.Close(ctx))
		})
	}
}

func TestFieldsAreBounded(t *testing.T) {
	ctx := context.Background()
	t.Run("32,769 fields are a header error, by every way to make them", func(t *testing.T) {
		w := web(t, Config{})
		f := fieldsOf(t, w)
		defer f.Close(ctx)
		var err error
		n := 0
		for ; err == nil && n < 32769; n++ {
			err = f.Append(ctx, "a", nil)
		}
		wantError(t, "append", err, forbidden)
		equal(t, "fields", n-1, DefaultHTTPFieldBytes/(1+fieldCost))
		wantError(t, "set", f.Set(ctx, "b", make([][]byte, 32769)), forbidden)
		_, err = w.FieldsFromList(ctx, make32769())
		wantError(t, "from-list", err, forbidden)
	})
	t.Run("the bytes of one message are bounded, and what is removed makes room", func(t *testing.T) {
		w := web(t, Config{Limits: Limits{HTTPFieldBytes: 100}})
		f := fieldsOf(t, w)
		defer f.Close(ctx)
		check(t, f.Append(ctx, "a", make67()))
		wantError(t, "no room", f.Append(ctx, "b", nil), forbidden)
		wantError(t, "one byte more", f.Set(ctx, "a", [][]byte{append(make67(), 'x')}), forbidden)
		equal(t, "the old value", len(must(f.Get(ctx, "a"))[0]), 67)
		check(t, f.Set(ctx, "a", [][]byte{nil, nil}))
		check(t, f.Append(ctx, "b", []byte("x")))
		check(t, f.Delete(ctx, "a"))
		equal(t, "held", w.held.Load(), 34)
	})
	t.Run("a value that is larger than all of it is not copied", func(t *testing.T) {
		f := fieldsOf(t, web(t, Config{}))
		defer f.Close(ctx)
		huge := make([]byte, 64<<20)
		allocated := testing.AllocsPerRun(1, func() {
			wantError(t, "append", f.Append(ctx, "a", huge), forbidden)
		})
		equal(t, "allocations", allocated, 0)
	})
	t.Run("all that is held is bounded, and what is dropped makes room", func(t *testing.T) {
		w := web(t, Config{Limits: Limits{HTTPBytes: 250}})
		f := fieldsOf(t, w, "a: "+string(make67()))
		g := must(f.Clone(ctx))
		_, err := f.Clone(ctx)
		if err == nil || errors.Is(err, forbidden) || !strings.Contains(err.Error(), "Limits.HTTPBytes") {
			t.Errorf("a third clone: %v, want a trap that names the limit", err)
		}
		_, err = w.FieldsFromList(ctx, pairs("a: "+string(make67())))
		wantError(t, "from-list", err, forbidden)
		check(t, g.Close(ctx))
		g = must(f.Clone(ctx))
		check(t, g.Close(ctx))
		check(t, f.Close(ctx))
	})
	t.Run("fields are held as long as any handle shows them", func(t *testing.T) {
		w := web(t, Config{})
		r := must(w.NewOutgoingRequest(ctx, fieldsOf(t, w, "a: 1")))
		h, i := must(r.Headers(ctx)), must(r.Headers(ctx))
		check(t, r.Close(ctx))
		check(t, h.Close(ctx))
		equal(t, "held", w.held.Load(), 34)
		equal(t, "entries", linesOf(i), "a: 1")
		check(t, i.Close(ctx))
		equal(t, "held", w.held.Load(), 0)
	})
	t.Run("received fields have room, and their copies count", func(t *testing.T) {
		w := web(t, Config{Limits: Limits{HTTPBytes: 40}})
		l := w.received([]field{{"a", make67()}})
		f := l.show(nil)
		if _, err := f.Clone(ctx); err == nil {
			t.Error("there was room for a copy")
		}
		f.Close(ctx)
		l.drop()
	})
}

func make67() []byte { return bytes.Repeat([]byte("v"), 67) }

func make32769() []pair {
	list := make([]pair, 32769)
	for i := range list {
		list[i] = pair{F0: "a"}
	}
	return list
}
