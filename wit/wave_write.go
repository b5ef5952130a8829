package wit

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// PrintValue writes v, a plain Go value of type t as [ParseValue] gives it, in WAVE on
// one line. ParseValue reads it back as the same value, but for the bits of a NaN.
//
// Options and results are written in full, fields that are none are left out, and
// what is not printable is escaped. The error says where v is no value of t.
func PrintValue(t Type, v any) (string, error) { return ValuePrinter{}.Print(t, v) }

// A ValuePrinter writes values as [PrintValue] does, for people to read: with the
// options it has, what it writes cannot always be read back. The zero ValuePrinter is
// that of PrintValue.
type ValuePrinter struct {
	// Handle writes a value of type own<def> or borrow<def>. Where it is nil, such a
	// value is an error.
	Handle func(def *TypeDef, v any) string

	// Limit is how many bytes are enough: what is longer is cut and ends with "...".
	// Zero means all.
	Limit int

	// Elems is how many elements of a list and characters of a string are enough: what has
	// more goes on with "...". Zero means all.
	Elems int

	// Bytes writes a list<u8> as a string with a b before it: b"GET /\r\n\x00".
	Bytes bool
}

// Print writes v; see [PrintValue].
func (p ValuePrinter) Print(t Type, v any) (string, error) {
	b, err := p.Append(nil, t, v)
	return string(b), err
}

// Append is Print for those who collect bytes: it appends to dst. After an error dst is as
// it was.
func (p ValuePrinter) Append(dst []byte, t Type, v any) ([]byte, error) {
	w := &waveWriter{ValuePrinter: p, waveText: waveText{dst}, from: len(dst)}
	w.value(t, v)
	switch b := w.b; {
	case w.err != nil:
		return dst, w.err
	case p.Limit <= 0 || w.Len() <= p.Limit:
		return b, nil
	default:
		n := w.from + p.Limit
		for n > w.from && !utf8.RuneStart(b[n]) {
			n--
		}
		return append(b[:n], "..."...), nil
	}
}

type waveWriter struct {
	ValuePrinter
	waveText
	from int // where the value begins
	waveIndex
	path []wavePlace
	err  error
}

// waveText is what was written so far.
type waveText struct{ b []byte }

func (t *waveText) Write(b []byte) (int, error) { t.b = append(t.b, b...); return len(b), nil }
func (t *waveText) WriteString(s string)        { t.b = append(t.b, s...) }
func (t *waveText) WriteByte(c byte) error      { t.b = append(t.b, c); return nil }
func (t *waveText) WriteRune(r rune)            { t.b = utf8.AppendRune(t.b, r) }

func (w *waveWriter) Len() int { return len(w.b) - w.from }

// done reports whether there is no use in writing more.
func (w *waveWriter) done() bool { return w.err != nil || w.Limit > 0 && w.Len() > w.Limit }

func (w *waveWriter) fail(format string, args ...any) {
	if w.err != nil {
		return
	}
	msg := fmt.Sprintf(format, args...)
	if path := wavePath("", w.path); path != "" {
		msg = path + ": " + msg
	}
	w.err = fmt.Errorf("wit: %s", msg)
}

// plain is v as a T.
func plain[T any](w *waveWriter, v any) (t T, ok bool) {
	t, ok = v.(T)
	if !ok {
		w.fail("want %s, have %s", goType(t), goType(v))
	}
	return t, ok
}

func goType(v any) string {
	if v == nil {
		return "nil"
	}
	return strings.ReplaceAll(fmt.Sprintf("%T", v), "interface {}", "any")
}

func (w *waveWriter) within(p wavePlace, t Type, v any) {
	w.path = append(w.path, p)
	w.value(t, v)
	w.path = w.path[:len(w.path)-1]
}

func (w *waveWriter) value(t Type, v any) {
	if w.done() {
		return
	}
	switch s := Structure(t).(type) {
	case Prim:
		w.prim(s, v)
	case *List:
		w.list(s.Elem, v)
	case *FixedList:
		w.fixed(s, v)
	case *Map:
		w.list(&Tuple{Elems: []Type{s.Key, s.Value}}, v)
	case *Tuple:
		w.tuple(s, v)
	case *Record:
		w.record(s, v)
	case *Variant:
		w.variant(s, v)
	case *Enum:
		w.enum(s, v)
	case *Flags:
		w.flags(s, v)
	case *Option:
		w.option(s, v)
	case *Result:
		w.result(s, v)
	case *Own:
		w.handle(t, s.Resource, v)
	case *Borrow:
		w.handle(t, s.Resource, v)
	default:
		w.fail("%s has no text", describe(t))
	}
}

func (w *waveWriter) handle(t Type, def *TypeDef, v any) {
	if w.Handle == nil {
		w.fail("%s is a handle, which has no text", describe(t))
		return
	}
	w.WriteString(w.Handle(def, v))
}

func (w *waveWriter) prim(p Prim, v any) {
	switch p {
	case Bool:
		formatted(w, v, strconv.AppendBool)
	case U8:
		formatted(w, v, func(b []byte, u uint8) []byte { return strconv.AppendUint(b, uint64(u), 10) })
	case U16:
		formatted(w, v, func(b []byte, u uint16) []byte { return strconv.AppendUint(b, uint64(u), 10) })
	case U32:
		formatted(w, v, func(b []byte, u uint32) []byte { return strconv.AppendUint(b, uint64(u), 10) })
	case U64:
		formatted(w, v, func(b []byte, u uint64) []byte { return strconv.AppendUint(b, u, 10) })
	case S8:
		formatted(w, v, func(b []byte, i int8) []byte { return strconv.AppendInt(b, int64(i), 10) })
	case S16:
		formatted(w, v, func(b []byte, i int16) []byte { return strconv.AppendInt(b, int64(i), 10) })
	case S32:
		formatted(w, v, func(b []byte, i int32) []byte { return strconv.AppendInt(b, int64(i), 10) })
	case S64:
		formatted(w, v, func(b []byte, i int64) []byte { return strconv.AppendInt(b, i, 10) })
	case F32:
		formatted(w, v, func(b []byte, f float32) []byte { return append(b, formatFloat(float64(f), 32)...) })
	case F64:
		formatted(w, v, func(b []byte, f float64) []byte { return append(b, formatFloat(f, 64)...) })
	case Char:
		if c, ok := plain[rune](w, v); ok {
			w.char(c)
		}
	case String:
		if s, ok := plain[string](w, v); ok {
			w.string(s)
		}
	default:
		w.fail("%s has no text", p)
	}
}

// formatted writes v as the text of a T.
func formatted[T any](w *waveWriter, v any, format func([]byte, T) []byte) {
	if t, ok := plain[T](w, v); ok {
		w.b = format(w.b, t)
	}
}

// formatFloat is the shortest text that is read back as f, with an exponent where
// many zeros would stand otherwise.
func formatFloat(f float64, bits int) string {
	a := math.Abs(f)
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case a == 0 || 1e-6 <= a && a < 1e21:
		return strconv.FormatFloat(f, 'f', -1, bits)
	}
	// The grammar has no zero at the beginning of an exponent.
	s := strconv.FormatFloat(f, 'e', -1, bits)
	return strings.NewReplacer("e-0", "e-", "e+0", "e+").Replace(s)
}

func (w *waveWriter) char(c rune) {
	if !utf8.ValidRune(c) {
		w.fail("%#x is not a Unicode scalar value", uint32(c))
		return
	}
	w.WriteByte('\'')
	w.escaped(c, '\'')
	w.WriteByte('\'')
}

func (w *waveWriter) string(s string) {
	if !utf8.ValidString(s) {
		w.fail("the string is not UTF-8")
		return
	}
	w.WriteByte('"')
	n := 0
	for _, c := range s {
		if w.done() {
			return
		}
		if n++; w.enough(n) {
			w.WriteString(`"...`)
			return
		}
		w.escaped(c, '"')
	}
	w.WriteByte('"')
}

func (w *waveWriter) escaped(c, quote rune) {
	switch {
	case c == quote || c == '\\':
		w.WriteByte('\\')
		w.WriteRune(c)
	case c == '\t':
		w.WriteString(`\t`)
	case c == '\n':
		w.WriteString(`\n`)
	case c == '\r':
		w.WriteString(`\r`)
	case !unicode.IsPrint(c):
		fmt.Fprintf(w, `\u{%x}`, c)
	default:
		w.WriteRune(c)
	}
}

func (w *waveWriter) list(elem Type, v any) {
	w.elements(elem, v, -1)
}

func (w *waveWriter) fixed(s *FixedList, v any) {
	w.elements(s.Elem, v, int64(s.Len))
}

// elements writes a list, which has so many elements where want is not negative.
func (w *waveWriter) elements(elem Type, v any, want int64) {
	var list []any
	bytes, isBytes := []byte(nil), Structure(elem) == U8
	n := 0
	if isBytes {
		b, ok := plain[[]byte](w, v)
		if !ok {
			return
		}
		bytes, n = b, len(b)
	} else {
		l, ok := plain[[]any](w, v)
		if !ok {
			return
		}
		list, n = l, len(l)
	}
	if want >= 0 && int64(n) != want {
		w.fail("there are %d elements, want %d", n, want)
		return
	}
	if isBytes && w.Bytes {
		w.bytes(bytes)
		return
	}
	w.WriteByte('[')
	for i := 0; i < n && !w.done(); i++ {
		w.comma(i)
		if w.enough(i + 1) {
			w.WriteString("...")
			break
		}
		if isBytes {
			w.b = strconv.AppendUint(w.b, uint64(bytes[i]), 10)
		} else {
			w.within(wavePlace{number: i}, elem, list[i])
		}
	}
	w.WriteByte(']')
}

// enough reports whether the n-th part of a list or string, from 1, is one too many.
func (w *waveWriter) enough(n int) bool { return w.Elems > 0 && n > w.Elems }

// bytes writes bytes as text, with escapes for what is none.
func (w *waveWriter) bytes(b []byte) {
	w.WriteString(`b"`)
	for i := 0; i < len(b) && !w.done(); i++ {
		if w.enough(i + 1) {
			w.WriteString(`"...`)
			return
		}
		switch c := b[i]; {
		case c < ' ' && c != '\n' && c != '\r' && c != '\t', c >= 0x7f:
			w.WriteString(`\x`)
			w.WriteByte(hexDigits[c>>4])
			w.WriteByte(hexDigits[c&15])
		default:
			w.escaped(rune(c), '"')
		}
	}
	w.WriteByte('"')
}

const hexDigits = "0123456789abcdef"

func (w *waveWriter) comma(i int) {
	if i > 0 {
		w.WriteString(", ")
	}
}

func (w *waveWriter) tuple(s *Tuple, v any) {
	list, ok := plain[[]any](w, v)
	if !ok {
		return
	}
	if len(list) != len(s.Elems) {
		w.fail("there are %d elements, want %d", len(list), len(s.Elems))
		return
	}
	w.WriteByte('(')
	for i, e := range s.Elems {
		w.comma(i)
		w.within(wavePlace{name: strconv.Itoa(i)}, e, list[i])
	}
	w.WriteByte(')')
}

func (w *waveWriter) record(s *Record, v any) {
	m, ok := plain[map[string]any](w, v)
	if !ok {
		return
	}
	w.WriteByte('{')
	written := 0
	for _, f := range s.Fields {
		field, ok := m[f.Name]
		if !ok {
			w.fail("the field %q is missing", f.Name)
			return
		}
		if _, option := Structure(f.Type).(*Option); option && field == nil {
			continue
		}
		w.comma(written)
		written++
		w.WriteString(f.Name + ": ")
		w.within(wavePlace{name: f.Name}, f.Type, field)
	}
	if len(m) > len(s.Fields) {
		w.fail("there are %d fields, want %d", len(m), len(s.Fields))
	}
	if written == 0 {
		w.WriteByte(':')
	}
	w.WriteByte('}')
}

// label writes a case so that it is not taken for a keyword.
func (w *waveWriter) label(s string) {
	if waveKeywords[s] {
		w.WriteByte('%')
	}
	w.WriteString(s)
}

// payload writes what a case carries, which t is nil for where it carries nothing.
func (w *waveWriter) payload(word string, t Type, v any) {
	if t == nil {
		if v != nil {
			w.fail("`%s` carries nothing, have %T", word, v)
		}
		return
	}
	w.WriteByte('(')
	w.within(wavePlace{name: word}, t, v)
	w.WriteByte(')')
}

func (w *waveWriter) variant(s *Variant, v any) {
	x, ok := plain[VariantValue](w, v)
	if !ok {
		return
	}
	i := w.find(s, func() []string { return caseNames(s) }, x.Case)
	if i < 0 {
		w.fail("there is no case %q", x.Case)
		return
	}
	w.label(x.Case)
	w.payload(x.Case, s.Cases[i].Type, x.Value)
}

func (w *waveWriter) enum(s *Enum, v any) {
	x, ok := plain[string](w, v)
	if !ok {
		return
	}
	if w.find(s, func() []string { return s.Labels }, x) < 0 {
		w.fail("there is no case %q", x)
		return
	}
	w.label(x)
}

// flags writes labels in the order of the type.
func (w *waveWriter) flags(s *Flags, v any) {
	x, ok := plain[[]string](w, v)
	if !ok {
		return
	}
	set := make([]int, 0, len(x))
	for _, l := range x {
		i := w.find(s, func() []string { return s.Labels }, l)
		if i < 0 {
			w.fail("there is no flag %q", l)
			return
		}
		set = append(set, i)
	}
	slices.Sort(set)
	w.WriteByte('{')
	for n, i := range slices.Compact(set) {
		w.comma(n)
		w.WriteString(s.Labels[i])
	}
	w.WriteByte('}')
}

func (w *waveWriter) option(s *Option, v any) {
	switch x := v.(type) {
	case nil:
		w.WriteString("none")
		return
	case SomeValue:
		v = x.Value
	default:
		if _, option := Structure(s.Elem).(*Option); option {
			w.fail("want wit.SomeValue, have %T", v)
			return
		}
	}
	w.WriteString("some")
	w.payload("some", s.Elem, v)
}

func (w *waveWriter) result(s *Result, v any) {
	x, ok := plain[ResultValue](w, v)
	if !ok {
		return
	}
	word, t := "ok", s.OK
	if x.IsErr {
		word, t = "err", s.Err
	}
	w.WriteString(word)
	w.payload(word, t, x.Value)
}
