package wit_test

import (
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/wit"
)

// TestMismatchesTellEveryPlace, and those that Compare tells first.
func TestMismatchesTellEveryPlace(t *testing.T) {
	parse := func(text string) *wit.Interface {
		t.Helper()
		pkgs, err := wit.Parse(wit.File{Name: "a.wit", Text: "package a:b; interface i { " + text + "; }"})
		if err != nil {
			t.Fatal(err)
		}
		return pkgs[0].Interfaces[0]
	}
	for _, c := range []struct{ want, have, places string }{
		{"f: func(a: u8, b: u16) -> u32", "f: func(a: u8, b: u16) -> u32", ""},
		{"f: func(a: u8, b: u16) -> u32", "f: func(a: s8, b: s16) -> s32",
			`param "a": u8, host has s8; param "b": u16, host has s16; result: u32, host has s32`},
		{"record r { x: u8, y: list<u8>, z: u8 } f: func(r: r)", "record r { x: u8, y: list<u16>, z: u16 } f: func(r: r)",
			`param "r".y[]: u8, host has u16; param "r".z: u8, host has u16`},
		{"record r { x: u8 } f: func(a: r, b: r) -> r", "record r { x: u16 } f: func(a: r, b: r) -> r", `param "a".x: u8, host has u16`},
		{"variant v { a(u8), b(tuple<u8, u8>) } f: func(v: v) -> result<u8, u8>", "variant v { a(u16), b(tuple<u16, u16>) } f: func(v: v) -> result<u16, u16>",
			`param "v".a: u8, host has u16; param "v".b.0: u8, host has u16; param "v".b.1: u8, host has u16; result.ok: u8, host has u16; result.err: u8, host has u16`},
		{"f: func(a: u8, b: u8)", "f: func(a: u16, c: u8)", `param "a": u8, host has u16; param 2: "b", host has "c"`},
		{"f: func(a: u8)", "f: func(a: u16, b: u8)", `param "a": u8, host has u16; param "b": no such parameter, host has u8`},
	} {
		want, have := parse(c.want).Funcs[0], parse(c.have).Funcs[0]
		var places []string
		all := wit.Mismatches(want, have, nil)
		for _, m := range all {
			places = append(places, m.String())
		}
		if got := strings.Join(places, "; "); got != c.places {
			t.Errorf("%s, %s:\ngot  %s\nwant %s", c.want, c.have, got, c.places)
		}
		first := wit.CompareFunc(want, have, nil)
		if (first == nil) != (len(all) == 0) || first != nil && *first != *all[0] {
			t.Errorf("%s: the first one is %v", c.want, first)
		}
	}
}

// TestManyMismatchesHaveABound.
func TestManyMismatchesHaveABound(t *testing.T) {
	record := func(t wit.Type) *wit.Record {
		r := &wit.Record{}
		for i := range 10_000 {
			r.Fields = append(r.Fields, wit.Field{Name: "f" + strings.Repeat("x", i%7), Type: t})
		}
		return r
	}
	all := wit.TypeMismatches(record(wit.U8), record(wit.U16), nil)
	if len(all) != 50 || all[0].Path != "f" {
		t.Errorf("%d, the first %v", len(all), all[0])
	}
	var shared wit.Type = &wit.Tuple{Elems: []wit.Type{wit.U8, wit.U8}}
	var other wit.Type = &wit.Tuple{Elems: []wit.Type{wit.U8, wit.U16}}
	for range 60 {
		shared, other = &wit.Tuple{Elems: []wit.Type{shared, shared}}, &wit.Tuple{Elems: []wit.Type{other, other}}
	}
	if got := wit.TypeMismatches(shared, other, nil); len(got) != 1 {
		t.Errorf("a type that is shared is told %d times", len(got))
	}
}
