package component_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// playFile plays a script of testdata/wast.
func playFile(t *testing.T, name string, expect *expectations) []outcome {
	t.Helper()
	ctx := context.Background()
	s, err := convert(ctx, wasmTools(t), filepath.Join("testdata", "wast", name), name, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	all, err := play(ctx, s, expect)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestThePlayerFindsOutWhatIsNotSo plays a script that says what is not so, so that
// what passes elsewhere has been looked at.
func TestThePlayerFindsOutWhatIsNotSo(t *testing.T) {
	steady(t)
	var b strings.Builder
	for _, o := range playFile(t, "false.wast", &expectations{}) {
		reason, _, _ := strings.Cut(o.reason, "\n")
		fmt.Fprintf(&b, "%d %s: %s: %s\n", o.line, o.directive, o.verdict, reason)
	}
	golden := filepath.Join("testdata", "wast", "false.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("%s\n%s", firstDifference(string(want), b.String()), b.String())
	}
}

func TestAnExpectationIsMetOrToldOf(t *testing.T) {
	expect, err := readExpectations(filepath.Join("testdata", "wast", "listed.txt"))
	if err != nil {
		t.Fatal(err)
	}
	at := map[int]outcome{}
	for _, o := range playFile(t, "false.wast", expect) {
		at[o.line] = o
	}
	for line, want := range map[int]verdict{16: notApplicable, 18: failed, 25: passed, 33: notApplicable, 34: notApplicable} {
		if o := at[line]; o.verdict != want || o.listed != (want != passed) {
			t.Errorf("line %d: %s, listed: %v; want %s", line, o.verdict, o.listed, want)
		}
	}
	if o := at[17]; o.verdict != failed || o.listed {
		t.Errorf("line 17 is not listed, and is %s, listed: %v", o.verdict, o.listed)
	}
	if o := at[34]; o.follows != 33 {
		t.Errorf("line 34 follows line %d", o.follows)
	}
	var unmet []string
	for _, x := range expect.unmet() {
		unmet = append(unmet, x.where)
	}
	if want := []string{"false.wast:25", "false.wast:99"}; !slices.Equal(unmet, want) {
		t.Errorf("not met: %v, want %v", unmet, want)
	}
}

func TestExpectationsHaveAVerdictAndAReason(t *testing.T) {
	for _, text := range []string{"skip a.wast:1 because", "n/a a.wast:1", "n/a a.wast:1 because\nfails a.wast:1 because"} {
		file := filepath.Join(t.TempDir(), "expect.txt")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readExpectations(file); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestValuesOfScriptsBecomeGo(t *testing.T) {
	tuple := &wit.Tuple{Elems: []wit.Type{wit.U8, wit.String}}
	option := &wit.Option{Elem: wit.U8}
	for _, try := range []struct {
		typ, json string
		as        wit.Type
		want      any
	}{
		{"bool", `true`, wit.Bool, true},
		{"s8", `"-128"`, wit.S8, int8(-128)},
		{"u64", `"18446744073709551615"`, wit.U64, uint64(math.MaxUint64)},
		{"s64", `"-1"`, wit.S64, int64(-1)},
		{"f32", `"1084227584"`, wit.F32, float32(5)},
		{"f64", `"nan:canonical"`, wit.F64, anyNaN{}},
		{"char", `"⛳"`, wit.Char, '⛳'},
		{"list", `[{"type":"u8","value":"7"}]`, &wit.List{Elem: wit.U8}, []byte{7}},
		{"list", `[]`, &wit.List{Elem: wit.String}, []any{}},
		{"tuple", `[{"type":"u8","value":"7"},{"type":"string","value":"x"}]`, tuple, []any{uint8(7), "x"}},
		{"record", `[["a",{"type":"u8","value":"7"}]]`, &wit.Record{Fields: []wit.Field{{Name: "a", Type: wit.U8}}}, map[string]any{"a": uint8(7)}},
		{"variant", `{"case":"a"}`, &wit.Variant{Cases: []wit.Case{{Name: "a"}}}, cabi.Variant{Case: "a"}},
		{"variant", `{"case":"a","payload":{"type":"u8","value":"7"}}`, &wit.Variant{Cases: []wit.Case{{Name: "a", Type: wit.U8}}}, cabi.Variant{Case: "a", Value: uint8(7)}},
		{"flags", `["b","a"]`, &wit.Flags{}, []string{"a", "b"}},
		{"option", `null`, option, nil},
		{"option", `{"type":"u8","value":"7"}`, option, uint8(7)},
		{"option", `{"type":"option","value":null}`, &wit.Option{Elem: option}, cabi.Some{}},
		{"result", `{"Ok":null}`, &wit.Result{Err: wit.U8}, cabi.Result{}},
		{"result", `{"Err":{"type":"u8","value":"7"}}`, &wit.Result{Err: wit.U8}, cabi.Result{IsErr: true, Value: uint8(7)}},
	} {
		got, err := value{try.typ, []byte(try.json)}.as(try.as)
		if err != nil {
			t.Errorf("%s %s: %v", try.typ, try.json, err)
			continue
		}
		if fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", try.want) {
			t.Errorf("%s %s: %#v, want %#v", try.typ, try.json, got, try.want)
		}
	}
	for _, try := range []struct {
		typ, json string
		as        wit.Type
	}{
		{"u8", `"256"`, wit.U8},
		{"u8", `"1"`, wit.U16},
		{"char", `"ab"`, wit.Char},
		{"tuple", `[]`, tuple},
		{"variant", `{"case":"b"}`, &wit.Variant{Cases: []wit.Case{{Name: "a"}}}},
		{"result", `{"Ok":null}`, &wit.Result{OK: wit.U8}},
		{"result", `{"Err":{"type":"u8","value":"7"}}`, &wit.Result{}},
	} {
		if got, err := (value{try.typ, []byte(try.json)}).as(try.as); err == nil {
			t.Errorf("%s %s is taken for %s, as %#v", try.typ, try.json, try.as, got)
		}
	}
}

func TestSameComparesByKind(t *testing.T) {
	nan, zero := math.NaN(), math.Copysign(0, -1)
	for _, pair := range []struct {
		want, got any
		same      bool
	}{
		{anyNaN{}, nan, true},
		{anyNaN{}, float32(nan), true},
		{anyNaN{}, 1.0, false},
		{nan, nan, true},
		{0.0, zero, false},
		{float32(1), 1.0, false},
		{uint8(1), uint16(1), false},
		{[]any{nan}, []any{nan}, true},
		{[]any{uint8(1)}, []any{}, false},
		{[]byte(nil), []byte{}, true},
		{[]string{"a", "b"}, []string{"b", "a"}, true},
		{map[string]any{"a": nan}, map[string]any{"a": nan}, true},
		{map[string]any{"a": nil}, map[string]any{"a": nil, "b": nil}, false},
		{cabi.Variant{Case: "a", Value: nan}, cabi.Variant{Case: "a", Value: nan}, true},
		{cabi.Variant{Case: "a"}, cabi.Variant{Case: "b"}, false},
		{cabi.Result{}, cabi.Result{IsErr: true}, false},
		{cabi.Some{}, nil, false},
		{nil, nil, true},
		{nil, uint8(0), false},
	} {
		if same(pair.want, pair.got) != pair.same {
			t.Errorf("%#v and %#v: %v", pair.want, pair.got, !pair.same)
		}
	}
}
