package wit

import (
	"strings"
	"testing"
)

// typeOf resolves the types of an interface and returns the one called t.
func typeOf(t *testing.T, decls string) *TypeDef {
	t.Helper()
	pkgs, err := Parse(File{Name: "t.wit", Text: "package a:b;\ninterface i {" + decls + "}"})
	if err != nil {
		t.Fatal(err)
	}
	return pkgs[0].Interface("i").Type("t")
}

func byName(want, have *TypeDef) bool { return want.Name == have.Name }

func TestCompareNamesThePlaceWhereTypesPart(t *testing.T) {
	for _, test := range []struct{ name, want, have, diff string }{
		{"a type is equal to itself", "type t = u8;", "type t = u8;", ""},
		{"the name of a type does not count", "type t = x; record x { a: u8 }", "record t { a: u8 }", ""},
		{"primitive types differ by name", "type t = u8;", "type t = s8;", "u8, host has s8"},
		{"a field differs deep inside", "record t { a: list<option<u16>> }", "record t { a: list<option<u32>> }",
			"a[].some: u16, host has u32"},
		{"a missing field is named", "record t { a: u8, b: u8 }", "record t { a: u8 }", "field `b`, host has no further field"},
		{"an additional case is named", "variant t { a }", "variant t { a, b(u8) }", "no further case, host has case `b`"},
		{"labels count with their order", "enum t { a, b }", "enum t { b, a }", "case 1 is `a`, host has `b`"},
		{"flags count with their order", "flags t { a, b }", "flags t { a, c }", "flag 2 is `b`, host has `c`"},
		{"payloads of a case may be missing", "variant t { a(u8) }", "variant t { a }", "a: u8, host has nothing"},
		{"results have sides", "type t = result<u8, string>;", "type t = result<u8>;", "err: string, host has nothing"},
		{"tuples have places", "type t = tuple<u8, u8>;", "type t = tuple<u8, u16>;", "1: u8, host has u16"},
		{"tuples have a length", "type t = tuple<u8, u8>;", "type t = tuple<u8>;", "tuple<u8, u8>, host has tuple<u8>"},
		{"fixed lists have a length", "type t = list<u8, 4>;", "type t = list<u8, 6>;", "list<u8, 4>, host has list<u8, 6>"},
		{"an enum is not a variant", "enum t { a }", "variant t { a }", "enum t, host has variant t"},
		{"streams have elements", "type t = stream<u8>;", "type t = stream;", "[]: u8, host has nothing"},
		{"own is not borrow", "resource r; type t = list<own<r>>;", "resource r; type t = list<borrow<r>>;", "[]: own<r>, host has borrow<r>"},
		{"resources are told apart", "resource r; type t = list<r>;", "resource s; type t = list<s>;",
			"[]: own a:b/i.r, host has own a:b/i.s (another resource)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := Compare(typeOf(t, test.want), typeOf(t, test.have), byName)
			got := ""
			if m != nil {
				got = m.Error()
			}
			if got != test.diff {
				t.Errorf("got  %q\nwant %q", got, test.diff)
			}
		})
	}
}

func funcOf(t *testing.T, decl string) *Func {
	t.Helper()
	pkgs, err := Parse(File{Name: "t.wit", Text: `package a:b; interface i {
		record address { port: u16, host: string }
		record wide { port: u32, host: string }
		variant any { ipv4(address) }
		variant many { ipv4(wide) }
		f: ` + decl + `; }`})
	if err != nil {
		t.Fatal(err)
	}
	return pkgs[0].Interface("i").Func("f")
}

func TestCompareFuncNamesThePlaceWhereFunctionsPart(t *testing.T) {
	for _, test := range []struct{ name, want, have, diff string }{
		{"equal functions", "func(a: any) -> u8", "func(a: any) -> u8", ""},
		{"a field in a case of a parameter", "func(addr: any)", "func(addr: many)", `param "addr".ipv4.port: u16, host has u32`},
		{"the name of a parameter", "func(a: u8, b: u8)", "func(a: u8, c: u8)", `param 2: "b", host has "c"`},
		{"a missing parameter", "func(a: u8, b: u8)", "func(a: u8)", `param "b": u8, host has no such parameter`},
		{"an additional parameter", "func()", "func(a: u8)", `param "a": no such parameter, host has u8`},
		{"the result", "func() -> result<u8>", "func() -> result<u16>", `result.ok: u8, host has u16`},
		{"a missing result", "func() -> u8", "func()", `result: u8, host has nothing`},
		{"async", "async func()", "func()", `async func, host has func`},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := CompareFunc(funcOf(t, test.want), funcOf(t, test.have), byName)
			got := ""
			if m != nil {
				got = m.Error()
			}
			if got != test.diff {
				t.Errorf("got  %q\nwant %q", got, test.diff)
			}
		})
	}
}

func TestCompareOfTypesThatShareTheirPartsEnds(t *testing.T) {
	deep := func(leaf Type) Type {
		for range 200 {
			leaf = &Tuple{Elems: []Type{leaf, leaf}}
		}
		return leaf
	}
	if m := Compare(deep(U8), deep(U8), nil); m != nil {
		t.Error(m)
	}
	if m := Compare(deep(U8), deep(U16), nil); m == nil || m.Want != "u8" {
		t.Error(m)
	}
	m := Compare(deep(U8), &List{Elem: deep(U8)}, nil)
	if m == nil || !strings.HasSuffix(m.Want, "...") {
		t.Error(m)
	}
}

func TestMapsAreComparedByKeyAndValue(t *testing.T) {
	m := &Map{Key: String, Value: &List{Elem: U8}}
	if d := Compare(m, &Map{Key: String, Value: &List{Elem: U8}}, nil); d != nil {
		t.Error(d)
	}
	for _, other := range []Type{&Map{Key: U8, Value: &List{Elem: U8}}, &Map{Key: String, Value: U8}, &List{Elem: &Tuple{Elems: []Type{String, m.Value}}}} {
		if d := Compare(m, other, nil); d == nil {
			t.Errorf("%s is the same as %s", other, m)
		}
	}
	if got := m.String(); got != "map<string, list<u8>>" {
		t.Error(got)
	}
}
