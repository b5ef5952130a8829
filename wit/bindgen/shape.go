package bindgen

import (
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// The layout is the canonical ABI's own, from component/cabi, which stands on
// the same floor as this package: it is written down once.

// prims says how Go spells a primitive type, and the word for it in the names of
// functions and of the verbs of cabi.Call.
var prims = map[wit.Prim]struct{ goType, word string }{
	wit.Bool: {"bool", "Bool"},
	wit.S8:   {"int8", "S8"}, wit.U8: {"uint8", "U8"},
	wit.S16: {"int16", "S16"}, wit.U16: {"uint16", "U16"},
	wit.S32: {"int32", "S32"}, wit.U32: {"uint32", "U32"},
	wit.S64: {"int64", "S64"}, wit.U64: {"uint64", "U64"},
	wit.F32: {"float32", "F32"}, wit.F64: {"float64", "F64"},
	wit.Char: {"rune", "Char"}, wit.String: {"string", "String"},
}

// builder decides shapes as package p sees them; item names what is under
// decision, for errors.
type builder struct {
	*model
	p    *Package
	item string
}

func (b *builder) fail(format string, args ...any) {
	panic(unsupported{b.p.WIT + "#" + b.item, fmt.Sprintf(format, args...)})
}

// layout asks the canonical ABI where things stand.
func (b *builder) layout(t wit.Type) *cabi.Layout {
	l, err := b.layouts.Of(t)
	if err != nil {
		b.fail("%v", err)
	}
	return l
}

func newType(t wit.Type, l *cabi.Layout) *Type {
	return &Type{
		WIT: t, Size: l.Size, Align: l.Align, Flat: int(l.Slots), Disc: l.DiscSize, Payload: l.PayloadOffset,
	}
}

// shape decides how p sees a value of type t.
func (b *builder) shape(t wit.Type) *Type {
	if def, ok := t.(*wit.TypeDef); ok {
		return b.named(def)
	}
	key := b.key(t)
	if s, ok := b.p.shapes[key]; ok {
		return s
	}
	layout := b.layout(t)
	s := newType(t, layout)
	s.Display = t.String()
	switch t := t.(type) {
	case wit.Prim:
		prim, ok := prims[t]
		if !ok {
			b.fail("not supported yet: %s", t)
		}
		s.Kind, s.Go, s.Name = Prim, prim.goType, prim.word
		if t == wit.String {
			s.Kind = Str
		}
	case *wit.List:
		b.list(s, t)
	case *wit.Option:
		b.option(s, t)
	case *wit.Result:
		b.result(s, t)
	case *wit.Tuple:
		b.tuple(s, t, layout)
	case *wit.Own:
		b.handle(s, Own, "Own", t.Resource)
	case *wit.Borrow:
		b.handle(s, Borrow, "Borrow", t.Resource)
	case *wit.Stream, *wit.Future, *wit.FixedList:
		b.fail("not supported yet: %s", t)
	default:
		b.fail("%s stands without a name", t)
	}
	if s.Anonymous {
		s.Needs = &Needs{}
		s.Name = b.p.names.pickWith(s.Name, "load", "store", "lift", "lower")
		b.p.Helpers = append(b.p.Helpers, s)
	}
	b.p.shapes[key] = s
	return s
}

func (b *builder) list(s *Type, t *wit.List) {
	if wit.Structure(t.Elem) == wit.U8 {
		s.Kind, s.Go, s.Name = Bytes, "[]byte", "Bytes"
		return
	}
	s.Elem = b.shape(t.Elem)
	s.Kind, s.Anonymous = List, true
	s.Go, s.Name = "[]"+s.Elem.Go, "List"+s.Elem.Name
}

func (b *builder) option(s *Type, t *wit.Option) {
	s.Elem = b.shape(t.Elem)
	s.Kind, s.Anonymous = Pointer, true
	s.Go, s.Name = "*"+s.Elem.Go, "Option"+s.Elem.Name
	switch s.Elem.Kind {
	case Own, Borrow, Variant:
		s.Kind, s.Go = Nilable, s.Elem.Go
	}
}

func (b *builder) result(s *Type, t *wit.Result) {
	s.Kind, s.Anonymous, s.Name = Result, true, "Result"
	args := make([]string, 2)
	for i, side := range []wit.Type{t.OK, t.Err} {
		part := Part{WIT: []string{"ok", "err"}[i], Go: []string{"OK", "Err"}[i], Offset: s.Payload, At: 1}
		args[i] = "struct{}"
		name := "Unit"
		if side != nil {
			part.Type = b.shape(side)
			args[i], name = part.Type.Go, part.Type.Name
		}
		s.Name += name
		s.Parts = append(s.Parts, part)
	}
	s.Go = "cabi.ResultOf[" + strings.Join(args, ", ") + "]"
}

func (b *builder) tuple(s *Type, t *wit.Tuple, layout *cabi.Layout) {
	s.Anonymous, s.Name = true, "Tuple"
	at := 0
	same := true
	args := make([]string, len(t.Elems))
	for i, elem := range t.Elems {
		e := b.shape(elem)
		s.Parts = append(s.Parts, Part{WIT: fmt.Sprint(i), Go: fmt.Sprintf("F%d", i), Type: e, Offset: layout.Offsets[i], At: at})
		at += e.Flat
		s.Name += e.Name
		args[i] = e.Go
		same = same && b.key(elem) == b.key(t.Elems[0])
	}
	if same {
		s.Kind, s.Elem, s.Elements = Array, s.Parts[0].Type, len(s.Parts)
		s.Go = fmt.Sprintf("[%d]%s", len(s.Parts), s.Elem.Go)
		s.Name = fmt.Sprintf("Tuple%dx%s", len(s.Parts), s.Elem.Name)
		return
	}
	s.Kind = Tuple
	if len(t.Elems) > cabi.MaxTuple {
		// Without a name it is the same type in every package that spells it.
		for i := range args {
			args[i] = s.Parts[i].Go + " " + args[i]
		}
		s.Go = "struct{ " + strings.Join(args, "; ") + " }"
		return
	}
	s.Go = fmt.Sprintf("cabi.Tuple%d[%s]", len(args), strings.Join(args, ", "))
}

func (b *builder) handle(s *Type, kind Kind, word string, resource *wit.TypeDef) {
	d := b.spelled(resource)
	root := b.spelled(resource.Root())
	s.Kind = kind
	s.Go = b.p.qualifier(d.pkg) + d.Go
	s.Handle = b.p.qualifier(root.pkg) + root.Runtime
	s.Lift = b.p.qualifier(root.pkg) + root.Take
	if kind == Borrow {
		s.Lift = b.p.qualifier(root.pkg) + root.Lend
	}
	s.Name = word + root.Go
	s.Display = resource.Name
}

// named decides how p sees a type by its name.
func (b *builder) named(def *wit.TypeDef) *Type {
	d := b.spelled(def)
	root := b.spelled(def.Root())
	switch root.Kind {
	case Resource:
		b.fail("the resource %s stands without own or borrow", def.Name)
	case 0:
		// The name of a structure: the same shape, spelled by its name.
		s := *b.shape(root.Def.Type)
		s.Go = b.p.qualifier(d.pkg) + d.Go
		return &s
	}
	key := b.key(def)
	s, ok := b.p.shapes[key]
	if !ok {
		s = b.declared(root)
		b.p.shapes[key] = s
	}
	if d != root {
		alias := *s
		alias.Go = b.p.qualifier(d.pkg) + d.Go
		return &alias
	}
	return s
}

// declared decides the shape of a record, variant, enum or flags. What is within
// concerns the declaring package alone.
func (b *builder) declared(d *Decl) *Type {
	t := d.Def.Type
	layout := b.layout(t)
	s := newType(t, layout)
	s.Kind, s.Name, s.Qualifier, s.Display = d.Kind, d.ABI, b.p.qualifier(d.pkg), d.Def.Name
	s.Go = s.Qualifier + d.Go
	if s.Name == "" {
		s.Name = d.Go
	}
	switch t := t.(type) {
	case *wit.Enum:
		s.Elements = len(t.Labels)
	case *wit.Flags:
		s.Disc = s.Size
		s.Elements = len(t.Labels)
	}
	if b.p != d.pkg {
		return s
	}
	switch t := t.(type) {
	case *wit.Record:
		at := 0
		for i, f := range t.Fields {
			e := b.shape(f.Type)
			s.Parts = append(s.Parts, Part{WIT: f.Name, Go: d.Names[i], Type: e, Offset: layout.Offsets[i], At: at, Docs: f.Docs})
			at += e.Flat
		}
	case *wit.Variant:
		for i, c := range t.Cases {
			part := Part{WIT: c.Name, Go: d.Names[i], Offset: layout.PayloadOffset, At: 1, Docs: c.Docs}
			if c.Type != nil {
				part.Type = b.shape(c.Type)
			}
			s.Parts = append(s.Parts, part)
		}
	}
	return s
}

// key tells types apart by what loads and stores them: structure, and names of
// what has a declaration.
func (b *builder) key(t wit.Type) string {
	switch t := t.(type) {
	case nil:
		return "_"
	case *wit.TypeDef:
		root := b.spelled(t.Root())
		if root.Kind == 0 {
			return b.key(root.Def.Type)
		}
		return root.pkg.Path + "#" + root.Def.Name
	case *wit.List:
		return "list<" + b.key(t.Elem) + ">"
	case *wit.Option:
		return "option<" + b.key(t.Elem) + ">"
	case *wit.Result:
		return "result<" + b.key(t.OK) + "," + b.key(t.Err) + ">"
	case *wit.Tuple:
		keys := make([]string, len(t.Elems))
		for i, e := range t.Elems {
			keys[i] = b.key(e)
		}
		return "tuple<" + strings.Join(keys, ",") + ">"
	case *wit.Own:
		return "own<" + b.key(t.Resource) + ">"
	case *wit.Borrow:
		return "borrow<" + b.key(t.Resource) + ">"
	}
	return t.String()
}
