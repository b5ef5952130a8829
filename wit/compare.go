package wit

import (
	"fmt"
	"strings"
)

// Mismatch says where two types part.
type Mismatch struct {
	// Path leads to the place, from the outside in: `param "addr".ipv4.port`.
	// It is empty where the types differ as a whole.
	Path string

	// Want and Have tell what stands at that place on either side.
	Want, Have string
}

func (m *Mismatch) String() string {
	if m.Path == "" {
		return fmt.Sprintf("%s, host has %s", m.Want, m.Have)
	}
	return fmt.Sprintf("%s: %s, host has %s", m.Path, m.Want, m.Have)
}

func (m *Mismatch) Error() string { return m.String() }

// Compare reports where have is not the same type as want to a component that
// was built against want, or nil if it is. Names of types do not count; names of
// fields, cases and labels do, and so does their order. Two resources are the
// same if sameResource says so of their declarations; where it is nil they must
// be the same declaration.
//
// A pair of types is compared once, however often it is mentioned.
func Compare(want, have Type, sameResource func(want, have *TypeDef) bool) *Mismatch {
	m := newComparison(sameResource).types("", want, have)
	if m != nil {
		m.Path = strings.TrimPrefix(m.Path, ".")
	}
	return m
}

// CompareFunc is [Compare] for functions: kind of call, names and types of the
// parameters, and the result. The names of the functions themselves do not
// count.
func CompareFunc(want, have *Func, sameResource func(want, have *TypeDef) bool) *Mismatch {
	return newComparison(sameResource).funcs(want, have)
}

func (c *comparison) funcs(want, have *Func) *Mismatch {
	if want.Async != have.Async {
		return &Mismatch{Want: funcWord(want), Have: funcWord(have)}
	}
	for i, w := range want.Params {
		path := fmt.Sprintf("param %q", w.Name)
		if i >= len(have.Params) {
			return &Mismatch{path, Brief(w.Type), "no such parameter"}
		}
		h := have.Params[i]
		if w.Name != h.Name {
			return &Mismatch{fmt.Sprintf("param %d", i+1), fmt.Sprintf("%q", w.Name), fmt.Sprintf("%q", h.Name)}
		}
		if m := c.types(path, w.Type, h.Type); c.ends(m) {
			return m
		}
	}
	if len(have.Params) > len(want.Params) {
		h := have.Params[len(want.Params)]
		return &Mismatch{fmt.Sprintf("param %q", h.Name), "no such parameter", Brief(h.Type)}
	}
	return c.optional("result", want.Result, have.Result)
}

func funcWord(f *Func) string {
	if f.Async {
		return "async func"
	}
	return "func"
}

type comparison struct {
	same func(want, have *TypeDef) bool
	// equal holds pairs that were found equal, or are being compared further
	// out. The first difference ends the comparison, so no pair is ever taken
	// out again.
	equal map[[2]Type]bool

	// added holds what came to equal, so that who compares on after a difference can
	// take it out.
	added [][2]Type

	// unequal holds what was found of types with names, with the path from there; nil
	// where it is not wanted.
	unequal map[[2]Type]*Mismatch

	// all, where it is set, takes every difference, and the comparison goes on behind each.
	all *[]*Mismatch

	// known holds pairs that are compared on their own, unless they are the whole.
	known map[[2]Type]bool
}

func newComparison(same func(want, have *TypeDef) bool) *comparison {
	if same == nil {
		same = func(want, have *TypeDef) bool { return want == have }
	}
	return &comparison{same: same, equal: map[[2]Type]bool{}}
}

func (c *comparison) types(path string, want, have Type) *Mismatch {
	pair := [2]Type{want, have}
	if c.equal[pair] || path != "" && c.known[pair] {
		return nil
	}
	if _, primitive := want.(Prim); !primitive {
		c.equal[pair] = true
		c.added = append(c.added, pair)
	}
	if c.unequal == nil {
		return c.structures(path, want, have)
	}
	if m := c.unequal[pair]; m != nil {
		return &Mismatch{path + m.Path, m.Want, m.Have}
	}
	m := c.structures(path, want, have)
	if _, named := want.(*TypeDef); named && m != nil {
		c.unequal[pair] = &Mismatch{strings.TrimPrefix(m.Path, path), m.Want, m.Have}
	}
	return m
}

func (c *comparison) structures(path string, want, have Type) *Mismatch {
	if w, h := resourceOf(want), resourceOf(have); w != nil && h != nil {
		return c.resources(path, "resource ", w, h)
	}
	switch w := Structure(want).(type) {
	case Prim:
		if h, ok := Structure(have).(Prim); ok && w == h {
			return nil
		}
	case *List:
		if h, ok := Structure(have).(*List); ok {
			return c.types(path+"[]", w.Elem, h.Elem)
		}
	case *FixedList:
		if h, ok := Structure(have).(*FixedList); ok && w.Len == h.Len {
			return c.types(path+"[]", w.Elem, h.Elem)
		}
	case *Option:
		if h, ok := Structure(have).(*Option); ok {
			return c.types(path+".some", w.Elem, h.Elem)
		}
	case *Result:
		if h, ok := Structure(have).(*Result); ok {
			if m := c.optional(path+".ok", w.OK, h.OK); c.ends(m) {
				return m
			}
			return c.optional(path+".err", w.Err, h.Err)
		}
	case *Tuple:
		if h, ok := Structure(have).(*Tuple); ok {
			return c.tuples(path, w, h)
		}
	case *Record:
		if h, ok := Structure(have).(*Record); ok {
			return c.records(path, w, h)
		}
	case *Variant:
		if h, ok := Structure(have).(*Variant); ok {
			return c.variants(path, w, h)
		}
	case *Enum:
		if h, ok := Structure(have).(*Enum); ok {
			return labels(path, "case", w.Labels, h.Labels)
		}
	case *Flags:
		if h, ok := Structure(have).(*Flags); ok {
			return labels(path, "flag", w.Labels, h.Labels)
		}
	case *Own:
		if h, ok := Structure(have).(*Own); ok {
			return c.resources(path, "own ", w.Resource, h.Resource)
		}
	case *Borrow:
		if h, ok := Structure(have).(*Borrow); ok {
			return c.resources(path, "borrow ", w.Resource, h.Resource)
		}
	case *Stream:
		if h, ok := Structure(have).(*Stream); ok {
			return c.optional(path+"[]", w.Elem, h.Elem)
		}
	case *Future:
		if h, ok := Structure(have).(*Future); ok {
			return c.optional(path+".value", w.Elem, h.Elem)
		}
	case *Map:
		if h, ok := Structure(have).(*Map); ok {
			if m := c.types(path+".key", w.Key, h.Key); c.ends(m) {
				return m
			}
			return c.types(path+".value", w.Value, h.Value)
		}
	case nil:
		return c.optional(path, nil, have)
	}
	return &Mismatch{path, describe(want), describe(have)}
}

// resourceOf is t where it names a resource, else nil.
func resourceOf(t Type) *TypeDef {
	if def, ok := t.(*TypeDef); ok && def.IsResource() {
		return def
	}
	return nil
}

func (c *comparison) resources(path, word string, want, have *TypeDef) *Mismatch {
	want, have = want.Root(), have.Root()
	if c.same(want, have) {
		return nil
	}
	return &Mismatch{path, word + fullName(want), word + fullName(have) + " (another resource)"}
}

// fullName tells resources apart that have the same name.
func fullName(t *TypeDef) string {
	if t.Interface != nil && !t.Interface.Name.IsZero() {
		return t.Interface.Name.String() + "." + t.Name
	}
	return t.Name
}

// optional compares what may be absent, which is nil.
func (c *comparison) optional(path string, want, have Type) *Mismatch {
	switch {
	case want == nil && have == nil:
		return nil
	case want == nil || have == nil:
		return &Mismatch{path, describe(want), describe(have)}
	}
	return c.types(path, want, have)
}

func (c *comparison) tuples(path string, want, have *Tuple) *Mismatch {
	if len(want.Elems) != len(have.Elems) {
		return &Mismatch{path, describe(want), describe(have)}
	}
	for i, w := range want.Elems {
		if m := c.types(fmt.Sprintf("%s.%d", path, i), w, have.Elems[i]); c.ends(m) {
			return m
		}
	}
	return nil
}

func (c *comparison) records(path string, want, have *Record) *Mismatch {
	if m := labels(path, "field", fieldNames(want), fieldNames(have)); m != nil {
		return m
	}
	for i, w := range want.Fields {
		if m := c.types(path+"."+w.Name, w.Type, have.Fields[i].Type); c.ends(m) {
			return m
		}
	}
	return nil
}

func (c *comparison) variants(path string, want, have *Variant) *Mismatch {
	if m := labels(path, "case", caseNames(want), caseNames(have)); m != nil {
		return m
	}
	for i, w := range want.Cases {
		if m := c.optional(path+"."+w.Name, w.Type, have.Cases[i].Type); c.ends(m) {
			return m
		}
	}
	return nil
}

// labels compares names in order; the first that is not where it should be is
// the place.
func labels(path, word string, want, have []string) *Mismatch {
	for i := range max(len(want), len(have)) {
		switch {
		case i >= len(want):
			return &Mismatch{path, "no further " + word, fmt.Sprintf("%s `%s`", word, have[i])}
		case i >= len(have):
			return &Mismatch{path, fmt.Sprintf("%s `%s`", word, want[i]), "no further " + word}
		case want[i] != have[i]:
			return &Mismatch{path, fmt.Sprintf("%s %d is `%s`", word, i+1, want[i]), fmt.Sprintf("`%s`", have[i])}
		}
	}
	return nil
}

func fieldNames(r *Record) []string {
	names := make([]string, len(r.Fields))
	for i, f := range r.Fields {
		names[i] = f.Name
	}
	return names
}

func caseNames(v *Variant) []string {
	names := make([]string, len(v.Cases))
	for i, c := range v.Cases {
		names[i] = c.Name
	}
	return names
}

// describe is a type in few words: in WIT, but the long ones by kind and name.
func describe(t Type) string {
	if def, ok := t.(*TypeDef); ok {
		switch Structure(def).(type) {
		case *Record:
			return "record " + def.Name
		case *Variant:
			return "variant " + def.Name
		case *Enum:
			return "enum " + def.Name
		case *Flags:
			return "flags " + def.Name
		case *Resource:
			return "resource " + def.Name
		}
		t = Structure(def)
	}
	if t == nil {
		return "nothing"
	}
	return Brief(t)
}

// Brief is t in WIT as its String method has it, but cut where it is long: a type of a
// binary may share its parts so that its text has no end.
func Brief(t Type) string {
	var b strings.Builder
	spell(&b, t)
	return clip(b.String())
}

// longest bounds the text of a type in a message.
const longest = 80

// spell writes t in WIT, and stops soon after it is too long to be shown: a type
// of a binary may share its parts so that its text has no end.
func spell(b *strings.Builder, t Type) {
	list := func(word string, args ...Type) {
		b.WriteString(word)
		for i, a := range args {
			if b.Len() > longest {
				return
			}
			b.WriteString([]string{"<", ", "}[min(i, 1)])
			spell(b, a)
		}
		if len(args) > 0 {
			b.WriteByte('>')
		}
	}
	switch t := t.(type) {
	case nil:
		b.WriteByte('_')
	case *List:
		list("list", t.Elem)
	case *FixedList:
		list("list", t.Elem, length(t.Len))
	case *Option:
		list("option", t.Elem)
	case *Tuple:
		list("tuple", t.Elems...)
	case *Result:
		switch {
		case t.Err != nil:
			list("result", t.OK, t.Err)
		case t.OK != nil:
			list("result", t.OK)
		default:
			b.WriteString("result")
		}
	case *Stream:
		list("stream", present(t.Elem)...)
	case *Future:
		list("future", present(t.Elem)...)
	case *Map:
		list("map", t.Key, t.Value)
	case *Record:
		b.WriteString("record{" + clip(strings.Join(fieldNames(t), ", ")) + "}")
	case *Variant:
		b.WriteString("variant{" + clip(strings.Join(caseNames(t), ", ")) + "}")
	default:
		b.WriteString(clip(t.String()))
	}
}

// length stands in an argument list where a fixed length does.
type length uint32

func (n length) String() string { return fmt.Sprint(uint32(n)) }
func (length) isType()          {}

func present(t Type) []Type {
	if t == nil {
		return nil
	}
	return []Type{t}
}

func clip(s string) string {
	if len(s) <= longest {
		return s
	}
	return s[:longest] + "..."
}
