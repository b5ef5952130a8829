package cabi

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/wit"
)

func codecOf(t testing.TB, typ string) *Codec {
	t.Helper()
	c, err := CodecOf(parseType(typ))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestValuesComeBackAsTheyWent(t *testing.T) {
	for _, tt := range []struct {
		typ string
		v   any
	}{
		{"option<option<u8>>", nil},
		{"option<option<u8>>", Some{Value: nil}},
		{"option<option<u8>>", Some{Value: uint8(1)}},
		{"option<u8>", uint8(1)},
		{"list<u8>", []byte{1, 2}},
		{"list<u8>", []byte{}},
		{"list<option<string>>", []any{"a", nil, "c"}},
		{"tuple<s8, s64, char>", []any{int8(-1), int64(-1), 'x'}},
		{"record{a: f32, b: result<_, enum{no, never}>}", map[string]any{"a": float32(1.5), "b": Result{IsErr: true, Value: "never"}}},
		{"variant{none, some(tuple<u16, f64>)}", Variant{Case: "some", Value: []any{uint16(9), 2.5}}},
		{"variant{none, some(tuple<u16, f64>)}", Variant{Case: "none"}},
		{"flags{a, b, c, d, e, f, g, h, i}", []string{"a", "i"}},
		{"flags{a}", []string{}},
		{"result", Result{IsErr: true}},
	} {
		codec := codecOf(t, tt.typ)
		c, _ := newCall(UTF8)
		flat := make([]uint64, 20)
		if err := codec.LowerFlat(c, tt.v, flat); err != nil {
			t.Errorf("%s: %v", tt.typ, err)
		} else if got := codec.LiftFlat(c, flat); !reflect.DeepEqual(got, tt.v) {
			t.Errorf("%s: %#v came back flat as %#v", tt.typ, tt.v, got)
		}
		p := c.Alloc(codec.align, codec.size)
		if err := codec.Store(c, tt.v, p); err != nil {
			t.Errorf("%s: %v", tt.typ, err)
		} else if got := codec.Load(c, p); !reflect.DeepEqual(got, tt.v) {
			t.Errorf("%s: %#v was loaded as %#v", tt.typ, tt.v, got)
		}
	}
}

func TestSomeIsTakenWhereItIsNotNeeded(t *testing.T) {
	c, _ := newCall(UTF8)
	codec := codecOf(t, "option<u8>")
	flat := make([]uint64, 2)
	if err := codec.LowerFlat(c, Some{Value: uint8(7)}, flat); err != nil || flat[0] != 1 || flat[1] != 7 {
		t.Errorf("%v, %v", flat, err)
	}
}

const addrType = "variant{ipv4(record{port: u16, address: tuple<u8, u8>}), ipv6(list<option<string>>), any}"

// addrFunc takes a u8 and an address, more than 16 flat values where wide.
func addrFunc(t *testing.T, wide bool) *FuncCodec {
	f := &wit.Func{Name: "f", Params: []wit.Param{{Name: "n", Type: wit.U8}, {Name: "addr", Type: parseType(addrType)}}, Result: parseType("result<list<char>, u8>")}
	if wide {
		f.Params = append(f.Params, wit.Param{Name: "rest", Type: parseType("tuple<" + strings.TrimSuffix(strings.Repeat("u8, ", 16), ", ") + ">")})
	}
	fc, err := FuncCodecOf(f)
	if err != nil {
		t.Fatal(err)
	}
	return fc
}

func TestWrongGoValuesAreErrorsWithAPath(t *testing.T) {
	rec := func(port any, address ...any) Variant {
		return Variant{Case: "ipv4", Value: map[string]any{"port": port, "address": address}}
	}
	for _, tt := range []struct {
		want   string
		values []any
	}{
		{`there are 1 parameters, want 2`, []any{uint8(1)}},
		{`param "n": want uint8, have int`, []any{1, nil}},
		{`param "addr": want cabi.Variant, have nil`, []any{uint8(1), nil}},
		{`param "addr": there is no case or label "ipv5"`, []any{uint8(1), Variant{Case: "ipv5"}}},
		{`param "addr": the case "any" carries nothing, have int`, []any{uint8(1), Variant{Case: "any", Value: 3}}},
		{`param "addr".ipv4: want map[string]any, have nil`, []any{uint8(1), Variant{Case: "ipv4"}}},
		{`param "addr".ipv4: the field "address" is missing`, []any{uint8(1), Variant{Case: "ipv4", Value: map[string]any{"port": uint16(1), "adress": nil}}}},
		{`param "addr".ipv4: there are 3 fields, want 2`, []any{uint8(1), Variant{Case: "ipv4", Value: map[string]any{"port": uint16(1), "address": nil, "x": 1}}}},
		{`param "addr".ipv4.port: want uint16, have string`, []any{uint8(1), rec("80")}},
		{`param "addr".ipv4.address: there are 1 elements, want 2`, []any{uint8(1), rec(uint16(80), uint8(1))}},
		{`param "addr".ipv4.address.1: want uint8, have int`, []any{uint8(1), rec(uint16(80), uint8(1), 1)}},
		{`param "addr".ipv6[1].some: want string, have int`, []any{uint8(1), Variant{Case: "ipv6", Value: []any{nil, 4}}}},
		{`param "addr".ipv6[0].some: the string is not UTF-8`, []any{uint8(1), Variant{Case: "ipv6", Value: []any{"\xff"}}}},
	} {
		for _, wide := range []bool{false, true} {
			fc, values := addrFunc(t, wide), tt.values
			if wide && len(values) == 2 {
				values = append(values, make([]any, 16))
			}
			want := tt.want
			if wide {
				want = strings.Replace(want, "want 2", "want 3", strings.Count(want, "parameters"))
			}
			c, _ := newCall(UTF8)
			err := fc.LowerParams(c, values, make([]uint64, 17))
			var e *ValueError
			if !errors.As(err, &e) || err.Error() != want {
				t.Errorf("error %v, want %s", err, want)
			}
			if len(c.trail) != 0 {
				t.Errorf("a trail is left: %q", c.trail)
			}
		}
	}
	fc := addrFunc(t, false)
	c, _ := newCall(UTF8)
	err := fc.LowerResult(c, Result{Value: []any{'a', rune(0xd800)}}, make([]uint64, 17))
	if want := `result.ok[1]: 0xd800 is not a Unicode scalar value`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestTrapsHaveAPath(t *testing.T) {
	fc := addrFunc(t, false)
	c, _ := newCall(UTF8)
	stack := make([]uint64, 17)
	if err := fc.LowerParams(c, []any{uint8(1), Variant{Case: "ipv6", Value: []any{nil, "abc"}}}, stack); err != nil {
		t.Fatal(err)
	}
	if v := fc.LiftParams(c, stack, nil); !reflect.DeepEqual(v[1], Variant{Case: "ipv6", Value: []any{nil, "abc"}}) {
		t.Errorf("lifted %v", v)
	}
	c.SetU32(uint32(stack[2])+12+4, page) // the address of "abc"
	trap := wantTrap(t, OutOfBounds, func() { fc.LiftParams(c, stack, nil) })
	if want := `param "addr".ipv6[1].some`; trap.Path != want {
		t.Errorf("path %s, want %s", trap.Path, want)
	}
	stack[1] = 3
	trap = wantTrap(t, BadDiscriminant, func() { fc.LiftParams(c, stack, nil) })
	if want := `param "addr"`; trap.Path != want {
		t.Errorf("path %s, want %s", trap.Path, want)
	}
	c.SetU8(16, 0)
	c.SetPair(20, 32, 1)
	c.SetU32(32, 0x110000)
	trap = wantTrap(t, BadChar, func() { fc.LiftResult(c, []uint64{16}) })
	if want := `result.ok[0]`; trap.Path != want {
		t.Errorf("path %s, want %s", trap.Path, want)
	}
	trap = wantTrap(t, Unaligned, func() { fc.LiftResult(c, []uint64{17}) })
	if trap.Path != "result" {
		t.Errorf("path %s, want result", trap.Path)
	}
	// A guest whose realloc misbehaves traps while the host lowers.
	g := newGuest(page, 0, allocator{Mode: "fixed", Result: page - 4})
	trap = wantTrap(t, OutOfBounds, func() {
		fc.LowerParams(g.call(UTF8), []any{uint8(1), Variant{Case: "ipv6", Value: []any{"x"}}}, stack)
	})
	if want := `param "addr".ipv6`; trap.Path != want {
		t.Errorf("path %s, want %s", trap.Path, want)
	}
}

func TestTypesThatShareCostWhatTheyShare(t *testing.T) {
	var variant, record wit.Type = wit.U8, wit.U8
	for range 60 {
		variant = &wit.Variant{Cases: []wit.Case{{Name: "a", Type: variant}, {Name: "b", Type: variant}}}
	}
	start := time.Now()
	if _, err := CodecOf(variant); err != nil {
		t.Error(err)
	}
	if n := len(new(Layouts).of(variant).Flat); n != MaxFlatParams+1 {
		t.Errorf("%d flat types, want %d", n, MaxFlatParams+1)
	}
	for range 60 {
		record = &wit.Tuple{Elems: []wit.Type{record, record}}
	}
	if _, err := CodecOf(record); err == nil {
		t.Error("2^60 bytes are a type")
	}
	new(Layouts).of(record)
	if d := time.Since(start); d > time.Second {
		t.Errorf("took %v", d)
	}
}

func TestInvalidTypesHaveNoCodec(t *testing.T) {
	deep := func(n int) (t wit.Type) {
		t = wit.U8
		for range n {
			t = &wit.List{Elem: t}
		}
		return t
	}
	loop := &wit.List{}
	loop.Elem = loop
	for _, tt := range []struct {
		typ  wit.Type
		want string
	}{
		{&wit.Record{}, "no fields"},
		{&wit.Tuple{}, "no fields"},
		{&wit.Variant{}, "no cases"},
		{&wit.Enum{}, "no cases"},
		{&wit.Flags{}, "0 labels"},
		{&wit.Flags{Labels: make([]string, 33)}, "33 labels"},
		{&wit.Resource{}, "no type of a value"},
		{nil, "no type of a value"},
		{wit.Prim(0), "no type"},
		{&wit.List{Elem: &wit.Tuple{}}, "no fields"},
		{&wit.Stream{}, "not part of WASI 0.2"},
		{&wit.Future{}, "not part of WASI 0.2"},
		{wit.ErrorContext, "not part of WASI 0.2"},
		{&wit.FixedList{Elem: wit.U8, Len: 4}, "not part of WASI 0.2"},
		{&wit.FixedList{Elem: wit.U64, Len: 1 << 25}, "larger than"},
		{deep(MaxDepth + 1), "deeper than 1000"},
		{loop, "contains itself"},
	} {
		if _, err := CodecOf(tt.typ); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
	if _, err := CodecOf(deep(MaxDepth)); err != nil {
		t.Error(err)
	}
	// Depth counts through what was laid out before.
	var l Layouts
	half := deep(MaxDepth / 2)
	if _, err := l.Of(half); err != nil {
		t.Fatal(err)
	}
	typ := half
	for range MaxDepth/2 + 1 {
		typ = &wit.List{Elem: typ}
	}
	if _, err := l.Of(typ); err == nil {
		t.Error("a deep type hides behind a part that was laid out before")
	}
}

func TestFunctionsShareTheirTypes(t *testing.T) {
	shared := parseType("record{a: u8}")
	f := &wit.Func{Params: []wit.Param{{Name: "x", Type: shared}, {Name: "y", Type: shared}}, Result: shared}
	var s Codecs
	fc, err := s.OfFunc(f)
	if err != nil {
		t.Fatal(err)
	}
	if fc.params.fields[0].codec != fc.params.fields[1].codec || fc.result != fc.params.fields[0].codec {
		t.Error("one type has several codecs")
	}
	none, err := s.OfFunc(&wit.Func{})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := newCall(UTF8)
	if v := none.LiftParams(c, nil, nil); len(v) != 0 || none.LiftResult(c, nil) != nil {
		t.Error("a function of nothing has values")
	}
	if err := none.LowerResult(c, 1, nil); err == nil {
		t.Error("a function of nothing takes a result")
	}
}

func TestResourcesCrossByTheirTable(t *testing.T) {
	res := &wit.TypeDef{Name: "stream", Type: &wit.Resource{}}
	alias := &wit.TypeDef{Name: "input", Type: res}
	f := &wit.Func{
		Params: []wit.Param{{Name: "self", Type: &wit.Borrow{Resource: res}}, {Name: "other", Type: &wit.Own{Resource: alias}}},
		Result: &wit.List{Elem: &wit.Own{Resource: alias}},
	}
	fc, err := FuncCodecOf(f)
	if err != nil {
		t.Fatal(err)
	}
	g := newGuest(page, 0, bump)
	var tab Table
	c := new(Call)
	begin := func() {
		c.Begin(context.Background(), &Options{Memory: g, Realloc: g.realloc, Resources: func(d *wit.TypeDef) *ResourceType {
			if d == res {
				return streamType
			}
			return nil
		}}, &tab)
	}
	begin()
	a, b := &node{name: "a"}, &node{name: "b"}
	stack := []uint64{uint64(tab.NewOwn(streamType, a)), uint64(tab.NewOwn(streamType, b)), 512}
	v := fc.LiftParams(c, stack, nil)
	if v[0] != any(a) || v[1] != any(b) || tab.Len() != 1 {
		t.Fatalf("lifted %v, %d handles left", v, tab.Len())
	}
	wantTrap(t, BadHandle, func() { tab.Drop(context.Background(), uint32(stack[0]), streamType) })
	if err := fc.LowerResult(c, []any{b, a}, stack); err != nil {
		t.Fatal(err)
	}
	c.End()
	begin()
	if got := fc.LiftResult(c, []uint64{512}); !reflect.DeepEqual(got, []any{b, a}) {
		t.Errorf("lifted %v", got)
	}
	if err := fc.LowerResult(c, []any{nil}, stack); err == nil || err.Error() != "result[0]: want a wasi:io/streams#input-stream, have nil" {
		t.Errorf("error %v", err)
	}
	trap := wantTrap(t, BadHandle, func() { fc.LiftParams(c, []uint64{1, 99}, nil) })
	if want := `param "other"`; trap.Path != want {
		t.Errorf("path %s, want %s", trap.Path, want)
	}
	c.opts.Resources = nil
	wantTrap(t, HostFailed, func() { fc.LiftParams(c, stack, nil) })
}

func TestNestedListsThatAliasAreBounded(t *testing.T) {
	codec := codecOf(t, "list<list<list<list<bool>>>>")
	g := newGuest(page, 0, allocator{})
	c := new(Call)
	c.Begin(context.Background(), &Options{Memory: g, HostBytes: 8 << 20}, nil)
	const n = page / 8
	for i := uint32(0); i < n; i++ {
		c.SetPair(8*i, 0, n) // every entry is the whole list again
	}
	start := time.Now()
	trap := wantTrap(t, TooLong, func() { codec.LiftFlat(c, []uint64{0, n}) })
	if d := time.Since(start); d > time.Second {
		t.Errorf("took %v", d)
	}
	if !strings.HasPrefix(trap.Path, "[0]") {
		t.Errorf("path %q", trap.Path)
	}
}

func ExampleCodec() {
	t := &wit.Record{Fields: []wit.Field{{Name: "name", Type: wit.String}, {Name: "count", Type: wit.U32}}}
	codec, err := CodecOf(t)
	if err != nil {
		panic(err)
	}
	g := newGuest(page, 0, bump) // stands for a guest's memory and realloc
	var c Call
	c.Begin(context.Background(), &Options{Memory: g, Realloc: g.realloc}, nil)
	defer c.End()
	flat := make([]uint64, 3)
	fmt.Println(codec.LowerFlat(&c, map[string]any{"name": "plank", "count": 4}, flat))
	fmt.Println(codec.LowerFlat(&c, map[string]any{"name": "plank", "count": uint32(4)}, flat))
	fmt.Println(flat, codec.LiftFlat(&c, flat))
	// Output:
	// count: want uint32, have int
	// <nil>
	// [1029 5 4] map[count:4 name:plank]
}
