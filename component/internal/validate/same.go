package validate

import (
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/wit"
)

// Identities number types so that two are the same type if and only if they have
// the same number. Names of types do not count; a resource is its declaration.
// Each type is looked at once, so that comparing costs nothing, however large and
// however often.
type identities struct {
	types     map[wit.Type]int
	forms     map[string]int
	resources map[*wit.TypeDef]int
}

// Same reports whether two value types are equal; nil, for no type, is equal to itself.
func (w *Values) Same(a, b wit.Type) bool { return a == b || w.same.of(a) == w.same.of(b) }

// SameFunc reports whether two function types are equal.
func (w *Values) SameFunc(a, b *FuncType) bool {
	if a == b {
		return true
	}
	if a.Async != b.Async || len(a.Params) != len(b.Params) || !w.Same(a.Result, b.Result) {
		return false
	}
	w.pay(len(a.Params))
	for i, p := range a.Params {
		if p.Name != b.Params[i].Name || !w.Same(p.Type, b.Params[i].Type) {
			return false
		}
	}
	return true
}

// of is the number of t; that of no type is 0.
func (s *identities) of(t wit.Type) int {
	if t == nil {
		return 0
	}
	if n, ok := s.types[t]; ok {
		return n
	}
	if s.types == nil {
		s.types, s.forms, s.resources = map[wit.Type]int{}, map[string]int{}, map[*wit.TypeDef]int{}
	}
	var n int
	if def, ok := t.(*wit.TypeDef); ok && !def.IsResource() {
		n = s.of(def.Type)
	} else {
		n = s.intern(s.form(t))
	}
	s.types[t] = n
	return n
}

func (s *identities) intern(form string) int {
	n, ok := s.forms[form]
	if !ok {
		n = len(s.forms) + 1
		s.forms[form] = n
	}
	return n
}

// form spells a type with the numbers of its parts.
func (s *identities) form(t wit.Type) string {
	var b strings.Builder
	write := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	switch t := t.(type) {
	case *wit.TypeDef:
		root := t.Root()
		n, ok := s.resources[root]
		if !ok {
			n = len(s.resources)
			s.resources[root] = n
		}
		write("resource %d", n)
	case *wit.List:
		write("list %d", s.of(t.Elem))
	case *wit.FixedList:
		write("list %d %d", s.of(t.Elem), t.Len)
	case *wit.Map:
		write("map %d %d", s.of(t.Key), s.of(t.Value))
	case *wit.Option:
		write("option %d", s.of(t.Elem))
	case *wit.Result:
		write("result %d %d", s.of(t.OK), s.of(t.Err))
	case *wit.Stream:
		write("stream %d", s.of(t.Elem))
	case *wit.Future:
		write("future %d", s.of(t.Elem))
	case *wit.Own:
		write("own %d", s.of(t.Resource))
	case *wit.Borrow:
		write("borrow %d", s.of(t.Resource))
	case *wit.Tuple:
		write("tuple")
		for _, e := range t.Elems {
			write(" %d", s.of(e))
		}
	case *wit.Record:
		write("record")
		for _, f := range t.Fields {
			write(" %s %d", f.Name, s.of(f.Type))
		}
	case *wit.Variant:
		write("variant")
		for _, c := range t.Cases {
			write(" %s %d", c.Name, s.of(c.Type))
		}
	case *wit.Enum:
		write("enum")
		for _, l := range t.Labels {
			write(" %s", l)
		}
	case *wit.Flags:
		write("flags")
		for _, l := range t.Labels {
			write(" %s", l)
		}
	default:
		write("%s", t)
	}
	return b.String()
}
