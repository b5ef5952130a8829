package wit

import (
	"fmt"
	"slices"
)

// packagesDiffer compares everything that packages hold: names, order, docs,
// gates, and which declaration each reference leads to. It returns where they
// part, or the empty string. References are compared by the place of what they
// lead to, so cycles and sharing cost nothing.
func packagesDiffer(a, b []*Package) string {
	d := &differ{}
	d.equal("packages", len(a), len(b))
	for i := range min(len(a), len(b)) {
		d.pkg(a[i], b[i])
	}
	return d.first
}

type differ struct{ first string }

func (d *differ) equal(where string, a, b any) bool {
	if a != b && d.first == "" {
		d.first = fmt.Sprintf("%s: %v, not %v", where, a, b)
	}
	return d.first == ""
}

func (d *differ) pkg(a, b *Package) {
	at := a.Name.String()
	d.equal(at+" name", a.Name, b.Name)
	d.equal(at+" docs", a.Docs, b.Docs)
	if !d.equal(at+" interfaces", len(a.Interfaces), len(b.Interfaces)) || !d.equal(at+" worlds", len(a.Worlds), len(b.Worlds)) {
		return
	}
	for i := range a.Interfaces {
		d.iface(a.Interfaces[i].Name.String(), a.Interfaces[i], b.Interfaces[i])
	}
	for i := range a.Worlds {
		d.world(a.Worlds[i], b.Worlds[i])
	}
}

func (d *differ) iface(at string, a, b *Interface) {
	d.equal(at+" name", a.Name, b.Name)
	d.equal(at+" docs", a.Docs, b.Docs)
	d.equal(at+" gate", a.Gate, b.Gate)
	d.equal(at+" package", a.Package.Name, b.Package.Name)
	if !d.equal(at+" types", len(a.Types), len(b.Types)) || !d.equal(at+" functions", len(a.Funcs), len(b.Funcs)) {
		return
	}
	for i := range a.Types {
		d.equal(at+" owner of type", b.Types[i].Interface == b, a.Types[i].Interface == a)
		d.typeDef(at, a.Types[i], b.Types[i])
	}
	for i := range a.Funcs {
		d.function(at, a.Funcs[i], b.Funcs[i])
	}
}

func (d *differ) world(a, b *World) {
	at := a.Name.String()
	d.equal(at+" name", a.Name, b.Name)
	d.equal(at+" docs", a.Docs, b.Docs)
	d.equal(at+" gate", a.Gate, b.Gate)
	d.equal(at+" package", a.Package.Name, b.Package.Name)
	d.items(at+" imports", a.Imports, b.Imports)
	d.items(at+" exports", a.Exports, b.Exports)
	for _, it := range slices.Concat(a.Imports, b.Imports) {
		if it.Type != nil {
			d.equal(at+" owner of "+it.Name, true, it.Type.World == a || it.Type.World == b)
		}
	}
}

func (d *differ) items(at string, a, b []WorldItem) {
	if !d.equal(at, len(a), len(b)) {
		return
	}
	for i := range a {
		x, y, at := a[i], b[i], at+" "+a[i].Name
		d.equal(at, x.Name, y.Name)
		d.equal(at+" docs", x.Docs, y.Docs)
		d.equal(at+" gate", x.Gate, y.Gate)
		if !d.equal(at+" kind", [3]bool{x.Interface != nil, x.Func != nil, x.Type != nil}, [3]bool{y.Interface != nil, y.Func != nil, y.Type != nil}) {
			return
		}
		switch {
		case x.Interface != nil && x.Interface.Name.IsZero():
			d.iface(at, x.Interface, y.Interface)
		case x.Interface != nil:
			d.equal(at+" interface", x.Interface.Name, y.Interface.Name)
		case x.Func != nil:
			d.function(at, x.Func, y.Func)
		default:
			d.typeDef(at, x.Type, y.Type)
		}
	}
}

func (d *differ) function(at string, a, b *Func) {
	at += " " + a.Name
	d.equal(at, a.Name, b.Name)
	d.equal(at+" kind", a.Kind, b.Kind)
	d.equal(at+" async", a.Async, b.Async)
	d.equal(at+" docs", a.Docs, b.Docs)
	d.equal(at+" gate", a.Gate, b.Gate)
	d.equal(at+" resource", place(a.Resource), place(b.Resource))
	if !d.equal(at+" parameters", len(a.Params), len(b.Params)) {
		return
	}
	for i, p := range a.Params {
		d.equal(at, p.Name, b.Params[i].Name)
		d.equal(at+" docs of "+p.Name, p.Docs, b.Params[i].Docs)
		d.equal(at+" "+p.Name, shape(p.Type), shape(b.Params[i].Type))
	}
	d.equal(at+" result", shape(a.Result), shape(b.Result))
}

func (d *differ) typeDef(at string, a, b *TypeDef) {
	at += " " + a.Name
	d.equal(at, place(a), place(b))
	d.equal(at+" docs", a.Docs, b.Docs)
	d.equal(at+" gate", a.Gate, b.Gate)
	d.equal(at, shape(a.Type), shape(b.Type))
}

// place tells one declaration from all others.
func place(t *TypeDef) string {
	switch {
	case t == nil:
		return "nowhere"
	case t.Interface != nil:
		return "interface " + t.Interface.Name.String() + " " + t.Name
	case t.World != nil:
		return "world " + t.World.Name.String() + " " + t.Name
	}
	return "nowhere " + t.Name
}

// shape spells a type in full, docs included, down to names.
func shape(t Type) string {
	switch t := t.(type) {
	case nil:
		return "_"
	case *TypeDef:
		return place(t)
	case *Own:
		return "own " + place(t.Resource)
	case *Borrow:
		return "borrow " + place(t.Resource)
	case *List:
		return "list<" + shape(t.Elem) + ">"
	case *FixedList:
		return fmt.Sprintf("list<%s, %d>", shape(t.Elem), t.Len)
	case *Option:
		return "option<" + shape(t.Elem) + ">"
	case *Result:
		return "result<" + shape(t.OK) + ", " + shape(t.Err) + ">"
	case *Stream:
		return "stream<" + shape(t.Elem) + ">"
	case *Future:
		return "future<" + shape(t.Elem) + ">"
	case *Tuple:
		s := "tuple"
		for _, e := range t.Elems {
			s += " " + shape(e)
		}
		return s
	case *Record:
		s := "record"
		for _, f := range t.Fields {
			s += fmt.Sprintf(" %s %q %s", f.Name, f.Docs, shape(f.Type))
		}
		return s
	case *Variant:
		s := "variant"
		for _, c := range t.Cases {
			s += fmt.Sprintf(" %s %q %s", c.Name, c.Docs, shape(c.Type))
		}
		return s
	case *Enum:
		return fmt.Sprintf("enum %v %q", t.Labels, t.LabelDocs)
	case *Flags:
		return fmt.Sprintf("flags %v %q", t.Labels, t.LabelDocs)
	}
	return t.String()
}
