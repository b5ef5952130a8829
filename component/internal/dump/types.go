package dump

import (
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

func (p *printer) typeDef(s *spaces, d *binary.TypeDef) {
	what := s.next(binary.SortType)
	switch t := d.Type.(type) {
	case *binary.ComponentType:
		p.line(d.At(), what, "component type")
		p.inside(func() { p.decls(t.Decls) })
	case *binary.InstanceType:
		p.line(d.At(), what, "instance type")
		p.inside(func() { p.decls(t.Decls) })
	default:
		p.line(d.At(), what, typ(t))
	}
}

// decls prints the declarations of a type, which have index spaces of their own.
func (p *printer) decls(decls []binary.Decl) {
	var s spaces
	for _, d := range decls {
		switch d := d.(type) {
		case *binary.ImportDecl:
			p.line(d.At(), s.next(d.Type.Sort), "import "+externName(d.Name)+" "+externType(d.Type))
		case *binary.ExportDecl:
			p.line(d.At(), s.next(d.Type.Sort), "export "+externName(d.Name)+" "+externType(d.Type))
		case binary.Def:
			p.def(&s, d)
		}
	}
}

// valType prints a value type as WIT does; a type index stands for its name.
func valType(t binary.ValType) string {
	if t.Prim != 0 {
		return t.Prim.String()
	}
	return ref(binary.SortType, t.Index)
}

func typ(t binary.Type) string {
	switch t := t.(type) {
	case *binary.Prim:
		return t.Prim.String()
	case *binary.Record:
		return "record" + braces(labelTypes(t.Fields, ": ", ""))
	case *binary.Variant:
		return "variant" + braces(labelTypes(t.Cases, "(", ")"))
	case *binary.List:
		if t.Len != nil {
			return fmt.Sprintf("list<%s, %d>", valType(t.Elem), *t.Len)
		}
		return "list<" + valType(t.Elem) + ">"
	case *binary.Tuple:
		elems := make([]string, len(t.Elems))
		for i, e := range t.Elems {
			elems[i] = valType(e)
		}
		return "tuple<" + strings.Join(elems, ", ") + ">"
	case *binary.Flags:
		return "flags" + braces(labels(t.Labels))
	case *binary.Enum:
		return "enum" + braces(labels(t.Labels))
	case *binary.Option:
		return "option<" + valType(t.Elem) + ">"
	case *binary.Result:
		return result(t)
	case *binary.Own:
		return fmt.Sprintf("own<type %d>", t.Resource)
	case *binary.Borrow:
		return fmt.Sprintf("borrow<type %d>", t.Resource)
	case *binary.Stream:
		return "stream" + angles(t.Elem)
	case *binary.Future:
		return "future" + angles(t.Elem)
	case *binary.Map:
		return fmt.Sprintf("map<%s, %s>", valType(t.Key), valType(t.Value))
	case *binary.Func:
		return function(t)
	case *binary.Resource:
		text := "resource represented by " + core.ValTypeName(t.Rep)
		if t.Dtor != nil {
			text += fmt.Sprintf(", destructor core func %d", *t.Dtor)
		}
		return text
	}
	return fmt.Sprintf("%T", t)
}

func function(t *binary.Func) string {
	text := "func(" + strings.Join(labelTypes(t.Params, ": ", ""), ", ") + ")"
	if t.Async {
		text = "async " + text
	}
	if t.Result != nil {
		text += " -> " + valType(*t.Result)
	}
	return text
}

func result(t *binary.Result) string {
	switch {
	case t.OK == nil && t.Err == nil:
		return "result"
	case t.Err == nil:
		return "result<" + valType(*t.OK) + ">"
	case t.OK == nil:
		return "result<_, " + valType(*t.Err) + ">"
	}
	return fmt.Sprintf("result<%s, %s>", valType(*t.OK), valType(*t.Err))
}

func angles(elem *binary.ValType) string {
	if elem == nil {
		return ""
	}
	return "<" + valType(*elem) + ">"
}

func braces(parts []string) string { return " { " + strings.Join(parts, ", ") + " }" }

// labelTypes prints labels with their types between open and end.
func labelTypes(ls []binary.LabelType, open, end string) []string {
	parts := make([]string, len(ls))
	for i, l := range ls {
		parts[i] = label(l.Label)
		if l.Type != nil {
			parts[i] += open + valType(*l.Type) + end
		}
	}
	return parts
}

func labels(ls []string) []string {
	parts := make([]string, len(ls))
	for i, l := range ls {
		parts[i] = label(l)
	}
	return parts
}

// label prints a label, quoted if it holds anything that no label may: a dump is
// of what is not valid, too, and goes to terminals.
func label(l string) string {
	plain := func(r rune) bool {
		return r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if l == "" || strings.ContainsFunc(l, func(r rune) bool { return !plain(r) }) {
		return fmt.Sprintf("%q", l)
	}
	return l
}
