package wit

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ParseValue reads a value of type t in WAVE, the text encoding of values of the
// component model:
//
//	bool, integers         true, 42, -9
//	floats                 1, 3.14, 6.02e23, nan, inf, -inf
//	char                   'x', '\n', '\'', '\u{1f30a}'
//	string                 "a \"b\"", or lines between lines of """
//	list, tuple            [1, 2, 3], ("a", 1)
//	record                 {field: 1, other: "b"}; fields that are none may be left out, {:} has no others
//	variant, enum          days(30), forever; %none where the case is a keyword
//	option                 some(1), none; also 1, where it holds no option or result
//	result                 ok(1), err("why"), ok; also 1, where it holds no option or result
//	flags                  {read, write}, {}
//
// A comma may stand behind the last of many, and // begins a comment. The value is a
// plain Go value:
//
//	bool, u8 ... s64, f32, f64    bool, uint8 ... int64, float32, float64
//	char, string                  rune, string
//	list<u8>, list<T>, tuple      []byte, []any, []any
//	record                        map[string]any
//	variant                       VariantValue
//	enum, flags                   string, []string
//	option                        nil, or the value; SomeValue where that is an option, too
//	result                        ResultValue
//
// These are the values that exports are called with. A list of fixed length is like
// a list, a map like a list of tuples. Handles, streams, futures and error contexts
// have no text.
//
// The error is a *[WaveError].
func ParseValue(t Type, text string) (any, error) {
	p := newWaveParser(text)
	n := p.value()
	p.finish("the value")
	if p.err != nil {
		return nil, p.err
	}
	r := &waveReader{text: p.text}
	v := r.value(t, &n)
	if r.err != nil {
		return nil, r.err
	}
	return v, nil
}

// waveReader makes plain values of what was written. After an error it gives nil.
type waveReader struct {
	text  string
	root  string      // what the path begins with
	path  []wavePlace // from there to the value at hand
	err   *WaveError
	spent int // bytes that the values take, about
	waveIndex
}

// A wavePlace is one step of a path: a name, or a number in a list.
type wavePlace struct {
	name   string
	number int
}

// maxWaveSpent bounds what the values of one text take: a record takes more than
// {:} where its fields are left out.
const maxWaveSpent = 128 << 20

func (r *waveReader) fail(n *waveNode, format string, args ...any) any {
	if r.err == nil {
		r.err = newWaveError(r.text, int(n.off), int(n.end), format, args...)
		r.err.Path = wavePath(r.root, r.path)
	}
	return nil
}

func wavePath(root string, path []wavePlace) string {
	var b strings.Builder
	b.WriteString(root)
	for _, p := range path {
		if p.name == "" {
			fmt.Fprintf(&b, "[%d]", p.number)
		} else {
			b.WriteString("." + p.name)
		}
	}
	return strings.TrimPrefix(b.String(), ".")
}

func (r *waveReader) spend(n *waveNode, bytes int) {
	r.spent += bytes
	if r.spent > maxWaveSpent {
		r.fail(n, "the value takes more than %d bytes", maxWaveSpent)
	}
}

// within reads a part of the value at hand.
func (r *waveReader) within(p wavePlace, t Type, n *waveNode) any {
	r.path = append(r.path, p)
	v := r.value(t, n)
	if r.err == nil {
		r.path = r.path[:len(r.path)-1]
	}
	return v
}

// written is how n was written, for a message.
func (r *waveReader) written(n *waveNode) string {
	s, _, more := strings.Cut(r.text[n.off:n.end], "\n")
	if short := 40; len(s) > short {
		for !utf8.RuneStart(s[short]) {
			short--
		}
		s, more = s[:short], true
	}
	if more {
		s = strings.TrimRight(s, " \r") + "..."
	}
	return s
}

func (r *waveReader) expected(t Type, n *waveNode) any {
	return r.fail(n, "expected %s, got %s", describe(t), r.written(n))
}

func (r *waveReader) value(t Type, n *waveNode) any {
	if r.err != nil {
		return nil
	}
	r.spend(n, 32)
	switch s := Structure(t).(type) {
	case Prim:
		return r.prim(t, s, n)
	case *List:
		if n.shape != shapeList {
			return r.expected(t, n)
		}
		return r.list(s.Elem, n)
	case *FixedList:
		if n.shape != shapeList {
			return r.expected(t, n)
		}
		if uint64(len(n.kids)) != uint64(s.Len) {
			return r.fail(n, "expected %d elements, got %d", s.Len, len(n.kids))
		}
		return r.list(s.Elem, n)
	case *Map:
		if n.shape != shapeList {
			return r.expected(t, n)
		}
		return r.list(&Tuple{Elems: []Type{s.Key, s.Value}}, n)
	case *Tuple:
		return r.tuple(t, s, n)
	case *Record:
		return r.record(t, s, n)
	case *Variant:
		return r.variant(t, s, n)
	case *Enum:
		return r.enum(t, s, n)
	case *Flags:
		return r.flags(t, s, n)
	case *Option:
		return r.option(t, s, n)
	case *Result:
		return r.result(t, s, n)
	case *Own, *Borrow:
		return r.fail(n, "%s is a handle, which has no text", describe(t))
	}
	return r.fail(n, "%s has no text", describe(t))
}

func (r *waveReader) prim(t Type, p Prim, n *waveNode) any {
	switch p {
	case Bool:
		if n.shape == shapeWord && n.keyword && n.kids == nil && (n.text == "true" || n.text == "false") {
			return n.text == "true"
		}
	case Char:
		if n.shape == shapeChar {
			c, _ := utf8.DecodeRuneInString(n.text)
			return c
		}
	case String:
		if n.shape == shapeString {
			r.spend(n, len(n.text))
			return n.text
		}
	case F32, F64:
		if v, ok := waveFloat(p, n); ok {
			return v
		}
	case ErrorContext:
		return r.fail(n, "%s has no text", p)
	default:
		if v, ok := waveInteger(p, n); ok {
			return v
		}
	}
	return r.expected(t, n)
}

func waveInteger(p Prim, n *waveNode) (any, bool) {
	if n.shape != shapeNumber {
		return nil, false
	}
	switch p {
	case S8, S16, S32, S64:
		bits := map[Prim]int{S8: 8, S16: 16, S32: 32, S64: 64}[p]
		i, err := strconv.ParseInt(n.text, 10, bits)
		switch p {
		case S8:
			return int8(i), err == nil
		case S16:
			return int16(i), err == nil
		case S32:
			return int32(i), err == nil
		}
		return i, err == nil
	}
	bits := map[Prim]int{U8: 8, U16: 16, U32: 32, U64: 64}[p]
	u, err := strconv.ParseUint(n.text, 10, bits)
	switch p {
	case U8:
		return uint8(u), err == nil
	case U16:
		return uint16(u), err == nil
	case U32:
		return uint32(u), err == nil
	}
	return u, err == nil
}

// waveFloat rounds to the nearest value, which may be an infinity.
func waveFloat(p Prim, n *waveNode) (any, bool) {
	var f float64
	switch {
	case n.shape == shapeNumber:
		f, _ = strconv.ParseFloat(n.text, map[Prim]int{F32: 32, F64: 64}[p])
	case n.shape == shapeWord && n.keyword && n.kids == nil && n.text == "nan":
		f = math.NaN()
	case n.shape == shapeWord && n.keyword && n.kids == nil && n.text == "inf":
		f = math.Inf(1)
	default:
		return nil, false
	}
	if p == F64 {
		return f, true
	}
	return float32(f), true
}

// list reads []any, or []byte where the elements are u8.
func (r *waveReader) list(elem Type, n *waveNode) any {
	if Structure(elem) == U8 {
		list := make([]byte, len(n.kids))
		for i := range n.kids {
			b, _ := r.within(wavePlace{number: i}, elem, &n.kids[i]).(uint8)
			if r.err != nil {
				return nil
			}
			list[i] = b
		}
		return list
	}
	list := make([]any, len(n.kids))
	for i := range n.kids {
		list[i] = r.within(wavePlace{number: i}, elem, &n.kids[i])
		if r.err != nil {
			return nil
		}
	}
	return list
}

func (r *waveReader) tuple(t Type, s *Tuple, n *waveNode) any {
	if n.shape != shapeTuple {
		return r.expected(t, n)
	}
	if len(n.kids) != len(s.Elems) {
		return r.fail(n, "expected %d elements, got %d", len(s.Elems), len(n.kids))
	}
	list := make([]any, len(n.kids))
	for i, e := range s.Elems {
		list[i] = r.within(wavePlace{name: strconv.Itoa(i)}, e, &n.kids[i])
	}
	return list
}

func (r *waveReader) record(t Type, s *Record, n *waveNode) any {
	if n.shape == shapeFlags && len(n.kids) == 0 {
		return r.fail(n, "expected %s, got {}, which is no flags; a record without fields is {:}", describe(t))
	}
	if n.shape != shapeRecord {
		return r.expected(t, n)
	}
	r.spend(n, 312+80*len(s.Fields))
	if r.err != nil {
		return nil
	}
	m := make(map[string]any, len(s.Fields))
	for i := 0; i < len(n.kids); i += 2 {
		label := &n.kids[i]
		k := r.find(s, func() []string { return fieldNames(s) }, label.text)
		if k < 0 {
			return r.fail(label, "%s has no field `%s`%s", describe(t), clip(label.text), instead(label.text, fieldNames(s)))
		}
		if _, twice := m[label.text]; twice {
			return r.fail(label, "the field `%s` is given twice", label.text)
		}
		m[label.text] = r.within(wavePlace{name: label.text}, s.Fields[k].Type, &n.kids[i+1])
		if r.err != nil {
			return nil
		}
	}
	for _, f := range s.Fields {
		if _, given := m[f.Name]; given {
			continue
		}
		if _, option := Structure(f.Type).(*Option); !option {
			return r.fail(n, "the field `%s` of %s is missing", f.Name, describe(t))
		}
		m[f.Name] = nil
	}
	return m
}

func (r *waveReader) variant(t Type, s *Variant, n *waveNode) any {
	if !r.isCase(t, n, func() []string { return caseNames(s) }) {
		return nil
	}
	k := r.find(s, func() []string { return caseNames(s) }, n.text)
	if k < 0 {
		return r.fail(r.word(n), "%s has no case `%s`%s", describe(t), clip(n.text), instead(n.text, caseNames(s)))
	}
	v := VariantValue{Case: n.text}
	v.Value = r.payload(n, n.text, s.Cases[k].Type)
	return v
}

// isCase makes sure that n is a label that may be a case.
func (r *waveReader) isCase(t Type, n *waveNode, cases func() []string) bool {
	switch {
	case n.shape != shapeWord:
		r.expected(t, n)
		return false
	case n.keyword && slices.Contains(cases(), n.text):
		r.fail(r.word(n), "expected %s, got the keyword %s; the case of that name is written %%%s", describe(t), n.text, n.text)
		return false
	case n.keyword:
		r.expected(t, n)
		return false
	}
	return true
}

// word is n without its payload.
func (r *waveReader) word(n *waveNode) *waveNode {
	end := n.off + int32(len(n.text))
	if r.text[n.off] == '%' {
		end++
	}
	return &waveNode{off: n.off, end: end}
}

// payload reads what a case carries, if it does.
func (r *waveReader) payload(n *waveNode, word string, t Type) any {
	switch {
	case t == nil && n.kids != nil:
		return r.fail(&n.kids[0], "`%s` carries nothing", word)
	case t == nil:
		return nil
	case n.kids == nil:
		return r.fail(n, "`%s` carries a value: want %s(...) with %s", word, word, describe(t))
	}
	return r.within(wavePlace{name: word}, t, &n.kids[0])
}

func (r *waveReader) enum(t Type, s *Enum, n *waveNode) any {
	if !r.isCase(t, n, func() []string { return s.Labels }) {
		return nil
	}
	if r.find(s, func() []string { return s.Labels }, n.text) < 0 {
		return r.fail(r.word(n), "%s has no case `%s`%s", describe(t), clip(n.text), instead(n.text, s.Labels))
	}
	r.payload(n, n.text, nil)
	return n.text
}

// flags gives the labels in the order of the type.
func (r *waveReader) flags(t Type, s *Flags, n *waveNode) any {
	if n.shape != shapeFlags {
		return r.expected(t, n)
	}
	set := make([]int, 0, len(n.kids))
	seen := map[int]bool{}
	for i := range n.kids {
		label := &n.kids[i]
		k := r.find(s, func() []string { return s.Labels }, label.text)
		if k < 0 {
			return r.fail(label, "%s has no flag `%s`%s", describe(t), clip(label.text), instead(label.text, s.Labels))
		}
		if seen[k] {
			return r.fail(label, "the flag `%s` is given twice", label.text)
		}
		seen[k] = true
		set = append(set, k)
	}
	r.spend(n, 24+16*len(set))
	slices.Sort(set)
	labels := make([]string, len(set))
	for i, k := range set {
		labels[i] = s.Labels[k]
	}
	return labels
}

// flat reports whether a value of t can stand for an option or result that holds it:
// no option and no result, which would be mistaken for it.
func flat(t Type) bool {
	switch Structure(t).(type) {
	case nil, *Option, *Result:
		return false
	}
	return true
}

func (r *waveReader) option(t Type, s *Option, n *waveNode) any {
	var v any
	switch {
	case n.shape == shapeWord && n.keyword && n.text == "none":
		return r.payload(n, "none", nil)
	case n.shape == shapeWord && n.keyword && n.text == "some":
		v = r.payload(n, "some", s.Elem)
	case flat(s.Elem):
		return r.value(s.Elem, n)
	default:
		return r.fail(n, "expected %s, got %s; it is written some(...) or none", describe(t), r.written(n))
	}
	if _, option := Structure(s.Elem).(*Option); option {
		return SomeValue{v}
	}
	return v
}

func (r *waveReader) result(t Type, s *Result, n *waveNode) any {
	switch {
	case n.shape == shapeWord && n.keyword && n.text == "ok":
		return ResultValue{Value: r.payload(n, "ok", s.OK)}
	case n.shape == shapeWord && n.keyword && n.text == "err":
		return ResultValue{IsErr: true, Value: r.payload(n, "err", s.Err)}
	case flat(s.OK):
		return ResultValue{Value: r.value(s.OK, n)}
	}
	return r.fail(n, "expected %s, got %s; it is written ok or err", describe(t), r.written(n))
}
