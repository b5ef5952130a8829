package wit

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/internal/bounds"
)

const waveFile = "../testdata/wit/wave.txt"

// A waveCase is a pair of sections of the golden file: a type and a text, and what
// comes of it.
type waveCase struct {
	name, expr, text string
	typ              Type
	want             *section
}

// waveCases reads the golden file: types in WIT, then the cases.
func waveCases(t testing.TB) (head string, sections []section, cases []waveCase) {
	t.Helper()
	file, err := os.ReadFile(waveFile)
	if err != nil {
		t.Fatal(err)
	}
	head, sections = split(string(file))
	for i := 0; i+1 < len(sections); i += 2 {
		expr, text, ok := strings.Cut(strings.TrimSuffix(sections[i].body, "\n"), " <- ")
		if !ok {
			t.Fatalf("%s: want type <- text", sections[i].name)
		}
		text = strings.NewReplacer("<cr>", "\r", "<tab>", "\t", "<ff>", "\xff").Replace(text)
		cases = append(cases, waveCase{name: sections[i].name, expr: expr, text: text, want: &sections[i+1]})
	}
	pkgs, err := Parse(File{Name: waveFile, Text: waveWIT(head, cases)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		cases[i].typ = pkgs[0].Interface("types").Type(fmt.Sprintf("t%d", i)).Type
	}
	return head, sections, cases
}

// waveWIT is the types of the file's head, and t0, t1, ... for those of the cases.
func waveWIT(head string, cases []waveCase) string {
	var b strings.Builder
	b.WriteString("package wave:test;\ninterface types {\n")
	for _, line := range strings.SplitAfter(head, "\n") {
		if !strings.HasPrefix(line, "#") {
			b.WriteString(line)
		}
	}
	for i, c := range cases {
		fmt.Fprintf(&b, "type t%d = %s;\n", i, c.expr)
	}
	b.WriteString("}\n")
	return b.String()
}

func TestWaveIsReadAsTheTableSays(t *testing.T) {
	head, sections, cases := waveCases(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := waveOutcome(t, c.typ, c.text)
			if *update {
				c.want.body = got
				return
			}
			if got != c.want.body {
				t.Errorf("got\n%swant\n%s", got, c.want.body)
			}
		})
	}
	if *update {
		for _, s := range sections {
			head += "-- " + s.name + " --\n" + s.body
		}
		if err := os.WriteFile(waveFile, []byte(head), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// waveOutcome is what a text is read as, written again, or the error with its caret.
func waveOutcome(t testing.TB, typ Type, text string) string {
	t.Helper()
	v, err := ParseValue(typ, text)
	if err == nil {
		return rewritten(t, typ, v) + "\n"
	}
	var we *WaveError
	if !errors.As(err, &we) {
		t.Fatalf("%v is not a WaveError", err)
	}
	line, caret := we.Caret()
	return we.Error() + "\n  " + strings.TrimRight(line, " ") + "\n  " + caret + "\n"
}

// rewritten is v in text, which must be read back as v.
func rewritten(t testing.TB, typ Type, v any) string {
	t.Helper()
	text, err := PrintValue(typ, v)
	if err != nil {
		t.Fatalf("%#v: %v", v, err)
	}
	back, err := ParseValue(typ, text)
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	again, err := PrintValue(typ, back)
	if err != nil || again != text {
		t.Fatalf("%s is written again as %s, %v", text, again, err)
	}
	// A NaN is not equal to itself; there are no other values of which that holds.
	if !strings.Contains(text, "nan") && !reflect.DeepEqual(v, back) {
		t.Fatalf("%s: %#v is read back as %#v", text, v, back)
	}
	return text
}

// waveTypes makes types and values of them.
type waveTypes struct{ *rand.Rand }

func newWaveTypes(seed uint64) waveTypes { return waveTypes{rand.New(rand.NewPCG(seed, 7))} }

var waveLabels = []string{"a", "b", "some-field", "HTTP3", "x2-Y", "true", "false", "none", "some", "ok", "err", "nan", "inf", "record", "list"}

// labels are one to four different names.
func (g waveTypes) labels() []string {
	names := slices.Clone(waveLabels)
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names[:1+g.IntN(4)]
}

func (g waveTypes) typ(depth int) Type {
	n := 22
	if depth <= 0 {
		n = 13
	}
	switch k := g.IntN(n); k {
	default:
		return Prim(k + 1) // bool to string
	case 13:
		return &List{g.typ(depth - 1)}
	case 14:
		return &FixedList{g.typ(depth - 1), uint32(1 + g.IntN(3))}
	case 15:
		return &Option{g.typ(depth - 1)}
	case 16:
		return &Result{g.maybe(depth - 1), g.maybe(depth - 1)}
	case 17:
		t := &Tuple{}
		for range 1 + g.IntN(3) {
			t.Elems = append(t.Elems, g.typ(depth-1))
		}
		return t
	case 18:
		t := &Record{}
		for _, l := range g.labels() {
			t.Fields = append(t.Fields, Field{Name: l, Type: g.typ(depth - 1)})
		}
		return t
	case 19:
		t := &Variant{}
		for _, l := range g.labels() {
			t.Cases = append(t.Cases, Case{Name: l, Type: g.maybe(depth - 1)})
		}
		return &TypeDef{Name: "v", Type: t}
	case 20:
		return &Enum{Labels: g.labels()}
	case 21:
		return &Flags{Labels: g.labels()}
	}
}

func (g waveTypes) maybe(depth int) Type {
	if g.IntN(3) == 0 {
		return nil
	}
	return g.typ(depth)
}

func (g waveTypes) text() string {
	chars := []rune("ab \"'\\\n\r\t\x00\x1b\u2603\U0001f30a\u0301\u202e\ufeff\U0010ffff{}//")
	s := make([]rune, g.IntN(8))
	for i := range s {
		s[i] = chars[g.IntN(len(chars))]
	}
	return string(s)
}

func (g waveTypes) float() float64 {
	switch g.IntN(4) {
	case 0:
		return []float64{0, math.Copysign(0, -1), 1, -1.5, math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat64, math.SmallestNonzeroFloat64, 1e21, 1e-7}[g.IntN(11)]
	case 1:
		return float64(g.IntN(2000)-1000) / 8
	}
	return math.Float64frombits(g.Uint64())
}

// value is any value of t.
func (g waveTypes) value(t Type) any {
	switch t := Structure(t).(type) {
	case Prim:
		u := g.Uint64() >> g.IntN(64)
		switch t {
		case Bool:
			return u&1 == 1
		case S8:
			return int8(u)
		case U8:
			return uint8(u)
		case S16:
			return int16(u)
		case U16:
			return uint16(u)
		case S32:
			return int32(u)
		case U32:
			return uint32(u)
		case S64:
			return int64(u)
		case U64:
			return u
		case F32:
			return float32(g.float())
		case F64:
			return g.float()
		case Char:
			return []rune(g.text() + "x")[0]
		default:
			return g.text()
		}
	case *List:
		return g.list(t.Elem, g.IntN(4))
	case *FixedList:
		return g.list(t.Elem, int(t.Len))
	case *Tuple:
		list := []any{}
		for _, e := range t.Elems {
			list = append(list, g.value(e))
		}
		return list
	case *Record:
		m := map[string]any{}
		for _, f := range t.Fields {
			m[f.Name] = g.value(f.Type)
		}
		return m
	case *Variant:
		c := t.Cases[g.IntN(len(t.Cases))]
		return VariantValue{c.Name, g.value(c.Type)}
	case *Enum:
		return t.Labels[g.IntN(len(t.Labels))]
	case *Flags:
		set := []string{}
		for _, l := range t.Labels {
			if g.IntN(2) == 0 {
				set = append(set, l)
			}
		}
		return set
	case *Option:
		if g.IntN(3) == 0 {
			return nil
		}
		v := g.value(t.Elem)
		if _, option := Structure(t.Elem).(*Option); option {
			return SomeValue{v}
		}
		return v
	case *Result:
		if g.IntN(2) == 0 {
			return ResultValue{Value: g.value(t.OK)}
		}
		return ResultValue{IsErr: true, Value: g.value(t.Err)}
	}
	return nil
}

func (g waveTypes) list(elem Type, n int) any {
	if Structure(elem) == U8 {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(g.Uint32())
		}
		return b
	}
	list := make([]any, n)
	for i := range list {
		list[i] = g.value(elem)
	}
	return list
}

func TestEveryValueOfEveryTypeIsReadBack(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(3000) {
		g := newWaveTypes(seed)
		typ := g.typ(4)
		for range 4 {
			rewritten(t, typ, g.value(typ))
		}
		seen[fmt.Sprintf("%T", Structure(typ))] = true
		if p, ok := typ.(Prim); ok {
			seen[p.String()] = true
		}
	}
	if want := 9 + 1 + 13; len(seen) != want {
		t.Errorf("%d kinds of types seen, want %d: %v", len(seen), want, seen)
	}
}

func TestAnOptionOrResultOfAPlainValueMayBeWrittenWithoutItsWord(t *testing.T) {
	tested := 0
	for seed := range uint64(2000) {
		g := newWaveTypes(seed)
		elem := g.typ(2)
		v := g.value(elem)
		text, err := PrintValue(elem, v)
		if err != nil {
			t.Fatal(err)
		}
		for _, typ := range []Type{&Option{elem}, &Result{OK: elem}} {
			got, err := ParseValue(typ, text)
			if !flat(elem) {
				continue // It is another value, or none: the table has these.
			}
			if err != nil {
				t.Fatalf("%s: %s: %v", typ, text, err)
			}
			word := map[bool]string{true: "ok(", false: "some("}[reflect.TypeOf(typ) == reflect.TypeOf(&Result{})]
			if long, err := PrintValue(typ, got); err != nil || long != word+text+")" {
				t.Fatalf("%s: %s is read as %s, %v", typ, text, long, err)
			}
			tested++
		}
	}
	if tested < 2000 {
		t.Errorf("only %d values tested", tested)
	}
}

func TestValuesThatAreNotOfTheirTypeAreRefusedWithTheirPlace(t *testing.T) {
	point := &Record{Fields: []Field{{Name: "x", Type: U8}, {Name: "y", Type: &Option{Elem: String}}}}
	enum := &Enum{Labels: []string{"a"}}
	res := &TypeDef{Name: "r", Type: &Resource{}}
	for _, test := range []struct {
		name string
		typ  Type
		v    any
		want string
	}{
		{"another type", U8, "a", "wit: want uint8, have string"},
		{"nothing", String, nil, "wit: want string, have nil"},
		{"a list of another type", &List{U16}, []uint16{1}, "wit: want []any, have []uint16"},
		{"an element", &List{U16}, []any{uint16(1), 2}, "wit: [1]: want uint16, have int"},
		{"a field within", &List{point}, []any{map[string]any{"x": uint8(1), "y": 5}}, "wit: [0].y.some: want string, have int"},
		{"a missing field", point, map[string]any{"x": uint8(1)}, `wit: the field "y" is missing`},
		{"a field too many", point, map[string]any{"x": uint8(1), "y": nil, "z": nil}, "wit: there are 3 fields, want 2"},
		{"a tuple that is short", &Tuple{[]Type{U8, U8}}, []any{uint8(1)}, "wit: there are 1 elements, want 2"},
		{"a fixed list that is long", &FixedList{U8, 1}, []byte{1, 2}, "wit: there are 2 elements, want 1"},
		{"an unknown case", enum, "b", `wit: there is no case "b"`},
		{"an unknown flag", &Flags{Labels: []string{"a"}}, []string{"a", "b"}, `wit: there is no flag "b"`},
		{"a payload that is none", &Result{}, ResultValue{Value: 1}, "wit: `ok` carries nothing, have int"},
		{"an option of an option without its word", &Option{&Option{U8}}, uint8(1), "wit: want wit.SomeValue, have uint8"},
		{"a surrogate", Char, rune(0xd800), "wit: 0xd800 is not a Unicode scalar value"},
		{"text that is no UTF-8", String, "\xff", "wit: the string is not UTF-8"},
		{"a handle", &Own{res}, 1, "wit: own<r> is a handle, which has no text"},
		{"a stream", &Stream{U8}, 1, "wit: stream<u8> has no text"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := PrintValue(test.typ, test.v)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %s, %v\nwant %s", s, err, test.want)
			}
		})
	}
}

func TestALongValueIsCutWhereItIsEnough(t *testing.T) {
	long := make([]any, 1<<20)
	for i := range long {
		long[i] = "☃"
	}
	got, err := ValuePrinter{Limit: 9}.Print(&List{String}, long)
	if want := `["☃", "...`; err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	got, err = ValuePrinter{Limit: 4}.Print(&List{String}, long)
	if want := `["...`; err != nil || got != want {
		t.Errorf("a character is not cut: got %s, %v; want %s", got, err, want)
	}
	got, err = ValuePrinter{Limit: 4}.Print(U32, uint32(1234))
	if err != nil || got != "1234" {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestAMebibyteOfAHostileCallIsBounded(t *testing.T) {
	for _, test := range []struct{ name, text, err string }{
		{"a long name", strings.Repeat("a", mebibyte) + "()", ""},
		{"a long name alone", strings.Repeat("a", mebibyte), "expected `(`"},
		{"many calls", strings.Repeat("a().", mebibyte/4) + "a()", ""},
		{"many calls that do not end", strings.Repeat("a().", mebibyte/4), "expected the name of a method"},
		{"many arguments", "a(" + strings.Repeat("1,", mebibyte/2) + ")", ""},
		{"arguments that do not end", "a(" + strings.Repeat("[", mebibyte), "nested more than"},
		{"a text that is too long", strings.Repeat("a", 5*mebibyte), "the text has more than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bounds.Check(t, "ParseCall", func() error {
				c, err := ParseCall(test.text)
				if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
					t.Errorf("%.300v, want %q", err, test.err)
				}
				if err == nil {
					err = c.Errorf("no function `%s`%s", c.Name, Instead(c.Name, []string{"abc"}))
				}
				if len(err.Error()) > 1100 {
					t.Errorf("the message has %d bytes", len(err.Error()))
				}
				return err
			})
		})
	}
}

func TestAMebibyteOfHostileValuesIsBounded(t *testing.T) {
	if raced {
		t.Skip("the race detector takes many times the time and memory; .ci/run measures without it")
	}
	wide := &Record{}
	var every strings.Builder
	for i := range 5000 {
		name := fmt.Sprintf("f%d", i)
		wide.Fields = append(wide.Fields, Field{Name: name, Type: &Option{U8}})
		every.WriteString(name + ":1,")
	}
	labels := &Flags{Labels: fieldNames(wide)}
	deep := Type(U8)
	for range 5000 {
		deep = &List{deep}
	}
	shared := Type(U8)
	for range 200 {
		shared = &Tuple{[]Type{shared, shared}}
	}
	fill := func(before, s, after string) string {
		return before + strings.Repeat(s, (mebibyte-len(before)-len(after))/len(s)) + after
	}
	for _, test := range []struct {
		name string
		typ  Type
		text string
		err  string
	}{
		{"many numbers", &List{U64}, fill("[", "1,", "]"), ""},
		{"many bytes", &List{U8}, fill("[", "1,", "]"), ""},
		{"many empty lists", &List{&List{U8}}, fill("[", "[],", "]"), ""},
		{"many records that leave out their fields", &List{wide}, fill("[", "{:},", "]"), "takes more than"},
		{"many small records that leave out their fields", &List{&Record{Fields: wide.Fields[:1]}}, fill("[", "{:},", "]"), ""},
		{"many records of many fields", &List{wide}, fill("[", "{"+every.String()+"},", "]"), ""},
		{"many flags of many", &List{labels}, fill("[", "{"+strings.ReplaceAll(every.String(), ":1", "")+"},", "]"), ""},
		{"many cases of many", &List{&Enum{Labels: fieldNames(wide)}}, fill("[", strings.ReplaceAll(every.String(), ":1", ""), "]"), ""},
		{"an unknown field of many", wide, fill("{", "g: 1,", "}"), "no field `g`"},
		{"lists that begin", deep, fill("", "[", ""), "nested more than 1024 deep"},
		{"a list of a type that is deep", deep, strings.Repeat("[", 1024) + strings.Repeat("]", 1024), ""},
		{"cases that begin", deep, fill("", "a(", ""), "nested more than 1024 deep"},
		{"a type whose text has no end", shared, "1", "expected tuple<"},
		{"a number of many digits", F64, fill("", "9", ""), ""},
		{"an integer of many digits", U8, fill("", "9", ""), "expected u8, got 99999"},
		{"a string that does not end", String, fill(`"`, "a", ""), "does not end"},
		{"many escapes", String, fill(`"`, `\u{1f30a}`, `"`), ""},
		{"a multi-line string of many lines", String, fill("\"\"\"\n", "\n", `"""`), ""},
		{"a multi-line string with a wide indent", String, fill("\"\"\"\n", "\n", "\n"+strings.Repeat(" ", 1<<19)+`"""`), "expected 524288 spaces"},
		{"one long comment", U8, fill("//", "/", ""), "got the end of the text"},
		{"many comments", U8, fill("", "//\n", "1"), ""},
		{"a long label", &Enum{Labels: []string{"a"}}, fill("", "a", ""), "has no case `aaa"},
		{"a long word that is no label", U8, fill("", "a-", ""), "is no label"},
		{"a text that is too long", U8, strings.Repeat(" ", 4<<20) + "1", "the text has more than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var v any
			bounds.Check(t, "ParseValue", func() (err error) {
				v, err = ParseValue(test.typ, test.text)
				if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
					t.Errorf("%.300v, want %q", err, test.err)
				}
				if err != nil && len(err.Error()) > 1000 {
					t.Errorf("the message has %d bytes", len(err.Error()))
				}
				return err
			})
			if v != nil {
				bounds.Check(t, "PrintValue", func() error {
					_, err := PrintValue(test.typ, v)
					return err
				})
			}
		})
	}
}
