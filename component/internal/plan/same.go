package plan

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
	types map[wit.Type]int
	forms map[string]int
}

func (p *planner) sameFunc(a, b *funcType) bool {
	if a == b {
		return true
	}
	if a.async != b.async || len(a.params) != len(b.params) || p.same.of(a.result) != p.same.of(b.result) {
		return false
	}
	for i, param := range a.params {
		if param.Name != b.params[i].Name || p.same.of(param.Type) != p.same.of(b.params[i].Type) {
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
		s.types, s.forms = map[wit.Type]int{}, map[string]int{}
	}
	var n int
	if def, ok := t.(*wit.TypeDef); ok && !def.IsResource() {
		n = s.of(wit.Structure(t))
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
	write := func(args ...any) { fmt.Fprintln(&b, args...) }
	switch t := t.(type) {
	case *wit.TypeDef: // a resource
		return fmt.Sprintf("resource %p", t.Root())
	case *wit.List:
		write("list", s.of(t.Elem))
	case *wit.FixedList:
		write("list", s.of(t.Elem), t.Len)
	case *wit.Option:
		write("option", s.of(t.Elem))
	case *wit.Result:
		write("result", s.of(t.OK), s.of(t.Err))
	case *wit.Stream:
		write("stream", s.of(t.Elem))
	case *wit.Future:
		write("future", s.of(t.Elem))
	case *wit.Own:
		write("own", s.of(t.Resource))
	case *wit.Borrow:
		write("borrow", s.of(t.Resource))
	case *wit.Tuple:
		b.WriteString("tuple")
		for _, e := range t.Elems {
			fmt.Fprintf(&b, " %d", s.of(e))
		}
	case *wit.Record:
		b.WriteString("record")
		for _, f := range t.Fields {
			fmt.Fprintf(&b, " %q %d", f.Name, s.of(f.Type))
		}
	case *wit.Variant:
		b.WriteString("variant")
		for _, c := range t.Cases {
			fmt.Fprintf(&b, " %q %d", c.Name, s.of(c.Type))
		}
	case *wit.Enum:
		fmt.Fprintf(&b, "enum %q", t.Labels)
	case *wit.Flags:
		fmt.Fprintf(&b, "flags %q", t.Labels)
	default:
		write(t.String())
	}
	return b.String()
}
