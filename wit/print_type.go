package wit

import (
	"strconv"
	"strings"
)

// typeDef prints a declaration other than a `use`, which [writer.use] prints.
func (w *writer) typeDef(t *TypeDef, methods []*Func) {
	if w.scope.usedFrom(t) != nil {
		w.use([]*TypeDef{t})
		return
	}
	w.note(t.Docs, t.Gate)
	name := escape(t.Name)
	switch s := w.scope.declared(t).(type) {
	case *Resource:
		w.resource(name, methods)
	case *Record:
		end := w.open("record %s", name)
		for _, f := range s.Fields {
			w.docs(f.Docs)
			w.line("%s: %s,", escape(f.Name), w.typ(f.Type))
		}
		end()
	case *Variant:
		end := w.open("variant %s", name)
		for _, c := range s.Cases {
			w.docs(c.Docs)
			if c.Type == nil {
				w.line("%s,", escape(c.Name))
				continue
			}
			w.line("%s(%s),", escape(c.Name), w.typ(c.Type))
		}
		end()
	case *Enum:
		w.labels("enum "+name, s.Labels, s.LabelDocs)
	case *Flags:
		w.labels("flags "+name, s.Labels, s.LabelDocs)
	case *Own:
		w.line("type %s = own<%s>;", name, w.scope.name(s.Resource))
	default:
		w.line("type %s = %s;", name, w.typ(s))
	}
}

func (w *writer) labels(head string, labels, docs []string) {
	end := w.open("%s", head)
	for i, l := range labels {
		if i < len(docs) {
			w.docs(docs[i])
		}
		w.line("%s,", escape(l))
	}
	end()
}

func (w *writer) resource(name string, methods []*Func) {
	if len(methods) == 0 {
		w.line("resource %s;", name)
		return
	}
	end := w.open("resource %s", name)
	for i, f := range methods {
		if i > 0 && (f.Docs != "" || !f.Gate.IsZero()) {
			w.blank()
		}
		w.function(f)
	}
	end()
}

// function prints a function as it stands in an interface or a resource.
func (w *writer) function(f *Func) {
	w.note(f.Docs, f.Gate)
	if f.Kind == Constructor {
		w.line("constructor%s;", w.signature(f))
		return
	}
	static := ""
	if f.Kind == Static {
		static = "static "
	}
	w.line("%s: %s%s;", escape(f.BaseName()), static, w.funcType(f))
}

func (w *writer) funcType(f *Func) string {
	if f.Async {
		return "async func" + w.signature(f)
	}
	return "func" + w.signature(f)
}

// signature is the parameters and the result. A parameter with docs puts each on
// a line of its own.
func (w *writer) signature(f *Func) string {
	params := f.Params
	if f.Kind == Method && len(params) > 0 {
		params = params[1:]
	}
	documented := false
	parts := make([]string, len(params))
	for i, p := range params {
		documented = documented || p.Docs != "" && !w.NoDocs
		parts[i] = escape(p.Name) + ": " + w.typ(p.Type)
	}
	s := "(" + strings.Join(parts, ", ") + ")"
	if documented {
		inner := &writer{Printer: w.Printer, depth: w.depth + 1}
		for i, p := range params {
			inner.docs(p.Docs)
			inner.line("%s,", parts[i])
		}
		s = "(\n" + inner.String() + strings.Repeat("  ", w.depth) + ")"
	}
	_, fallible := f.Result.(*Result)
	if f.Result == nil || f.Kind == Constructor && !fallible {
		return s
	}
	return s + " -> " + w.typ(f.Result)
}

// typ prints a type as it stands where values have it.
func (w *writer) typ(t Type) string {
	var b strings.Builder
	w.writeType(&b, t)
	return b.String()
}

func (w *writer) writeType(b *strings.Builder, t Type) {
	list := func(word string, args ...Type) {
		b.WriteString(word)
		for i, a := range args {
			b.WriteString([]string{"<", ", "}[min(i, 1)])
			w.writeType(b, a)
		}
		b.WriteByte('>')
	}
	switch t := t.(type) {
	case nil:
		b.WriteByte('_')
	case *TypeDef:
		b.WriteString(w.scope.name(t))
	case *Own:
		b.WriteString(w.scope.name(t.Resource))
	case *Borrow:
		b.WriteString("borrow<" + w.scope.name(t.Resource) + ">")
	case *List:
		list("list", t.Elem)
	case *FixedList:
		b.WriteString("list<")
		w.writeType(b, t.Elem)
		b.WriteString(", " + strconv.FormatUint(uint64(t.Len), 10) + ">")
	case *Option:
		list("option", t.Elem)
	case *Tuple:
		if len(t.Elems) == 0 {
			b.WriteString("tuple<>")
			return
		}
		list("tuple", t.Elems...)
	case *Result:
		switch {
		case t.OK == nil && t.Err == nil:
			b.WriteString("result")
		case t.Err == nil:
			list("result", t.OK)
		default:
			list("result", t.OK, t.Err)
		}
	case *Stream:
		if t.Elem == nil {
			b.WriteString("stream")
			return
		}
		list("stream", t.Elem)
	case *Future:
		if t.Elem == nil {
			b.WriteString("future")
			return
		}
		list("future", t.Elem)
	case *Map:
		list("map", t.Key, t.Value)
	default:
		b.WriteString(t.String())
	}
}
