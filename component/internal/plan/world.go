package plan

import (
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/wit"
)

// named makes a function of a function type.
func (t *funcType) named(name string) *wit.Func {
	return &wit.Func{Name: name, Params: t.params, Result: t.result, Async: t.async}
}

// importItem is the type of a root import.
func importItem(name string, it item) wit.WorldItem {
	w := wit.WorldItem{Name: name}
	switch it.sort {
	case binary.SortFunc:
		w.Func = it.fn.typ.named(name)
	case binary.SortType:
		if def, ok := it.typ.(*wit.TypeDef); ok {
			w.Type = def
		}
	case binary.SortInstance:
		w.Interface = interfaceOf(name, it.instance)
		for _, t := range w.Interface.Types {
			if t.Interface == nil {
				t.Interface = w.Interface
			}
		}
	}
	return w
}

// interfaceOf lists the types and functions of an instance as an interface.
func interfaceOf(name string, inst *instance) *wit.Interface {
	iface := &wit.Interface{}
	if n, err := wit.ParseName(name); err == nil {
		iface.Name = n
	}
	for _, name := range inst.names {
		switch it := inst.items[name]; it.sort {
		case binary.SortType:
			if def, ok := it.typ.(*wit.TypeDef); ok {
				iface.Types = append(iface.Types, def)
			}
		case binary.SortFunc:
			iface.Funcs = append(iface.Funcs, member(iface, it.fn.typ.named(name)))
		}
	}
	return iface
}

// member reads how a function belongs to a resource from its name.
func member(iface *wit.Interface, f *wit.Func) *wit.Func {
	kind, rest, ok := strings.Cut(strings.TrimPrefix(f.Name, "["), "]")
	if !ok || !strings.HasPrefix(f.Name, "[") {
		return f
	}
	resource, _, _ := strings.Cut(rest, ".")
	switch kind {
	case "constructor":
		f.Kind = wit.Constructor
	case "method":
		f.Kind = wit.Method
	case "static":
		f.Kind = wit.Static
	}
	f.Resource = iface.Type(resource)
	return f
}

// finish records what the root exports and describes its world.
func (p *planner) finish(exports *instance) {
	w := &wit.World{Name: wit.Name{Namespace: "root", Package: "component", Interface: "root"}}
	for _, im := range p.plan.Imports {
		w.Imports = append(w.Imports, im.Item)
	}
	for _, name := range exports.names {
		it := exports.items[name]
		switch it.sort {
		case binary.SortFunc:
			f := ExportFunc{Type: it.fn.typ.named(name), Lift: it.fn.lift}
			p.plan.Exports = append(p.plan.Exports, Export{Name: name, Func: &f})
			w.Exports = append(w.Exports, wit.WorldItem{Name: name, Func: f.Type})
		case binary.SortInstance:
			ex := Export{Name: name}
			for _, n := range it.instance.names {
				if i := it.instance.items[n]; i.sort == binary.SortFunc {
					ex.Funcs = append(ex.Funcs, ExportFunc{Type: i.fn.typ.named(n), Lift: i.fn.lift})
				}
			}
			p.plan.Exports = append(p.plan.Exports, ex)
			w.Exports = append(w.Exports, wit.WorldItem{Name: name, Interface: exportedInterface(name, it.instance)})
		case binary.SortType:
			if def, ok := it.typ.(*wit.TypeDef); ok {
				w.Exports = append(w.Exports, wit.WorldItem{Name: name, Type: def})
			}
		}
	}
	p.plan.World = w
}

// exportedInterface describes an exported instance. Its types went through
// several names on their way out (the component's own definition, the import of
// the nested component that wraps it); the interface declares each once, unless
// another interface declares it, and then it is an alias of that one.
func exportedInterface(name string, inst *instance) *wit.Interface {
	iface := interfaceOf(name, inst)
	sub := substitution{}
	for i, def := range iface.Types {
		decl := &wit.TypeDef{Name: def.Name, Interface: iface}
		d := def
		for {
			if d.Interface != nil {
				decl.Type = d
				break
			}
			sub[d] = decl
			next, ok := d.Type.(*wit.TypeDef)
			if !ok {
				decl.Type = sub.structure(d.Type)
				break
			}
			if declared, ok := sub[next].(*wit.TypeDef); ok && declared != decl {
				decl.Type = declared
				break
			}
			d = next
		}
		iface.Types[i] = decl
	}
	for _, f := range iface.Funcs {
		params := make([]wit.Param, len(f.Params))
		for i, p := range f.Params {
			params[i] = wit.Param{Name: p.Name, Type: sub.typ(p.Type)}
		}
		f.Params, f.Result = params, sub.typ(f.Result)
		member(iface, f)
	}
	return iface
}

// A substitution replaces types by others throughout a type. It is keyed by
// identity and remembers what it has rewritten, so that shared types stay shared.
type substitution map[wit.Type]wit.Type

func (s substitution) typ(t wit.Type) wit.Type {
	if t == nil {
		return nil
	}
	if r, ok := s[t]; ok {
		return r
	}
	if _, ok := t.(*wit.TypeDef); ok {
		return t
	}
	r := s.structure(t)
	s[t] = r
	return r
}

func (s substitution) resource(def *wit.TypeDef) *wit.TypeDef {
	for d := def; ; {
		if r, ok := s[d].(*wit.TypeDef); ok {
			return r
		}
		next, ok := d.Type.(*wit.TypeDef)
		if !ok {
			return def
		}
		d = next
	}
}

func (s substitution) structure(t wit.Type) wit.Type {
	switch t := t.(type) {
	case *wit.List:
		return &wit.List{Elem: s.typ(t.Elem)}
	case *wit.FixedList:
		return &wit.FixedList{Elem: s.typ(t.Elem), Len: t.Len}
	case *wit.Option:
		return &wit.Option{Elem: s.typ(t.Elem)}
	case *wit.Result:
		return &wit.Result{OK: s.typ(t.OK), Err: s.typ(t.Err)}
	case *wit.Tuple:
		r := &wit.Tuple{Elems: make([]wit.Type, len(t.Elems))}
		for i, e := range t.Elems {
			r.Elems[i] = s.typ(e)
		}
		return r
	case *wit.Record:
		r := &wit.Record{Fields: make([]wit.Field, len(t.Fields))}
		for i, f := range t.Fields {
			r.Fields[i] = wit.Field{Name: f.Name, Type: s.typ(f.Type)}
		}
		return r
	case *wit.Variant:
		r := &wit.Variant{Cases: make([]wit.Case, len(t.Cases))}
		for i, c := range t.Cases {
			r.Cases[i] = wit.Case{Name: c.Name, Type: s.typ(c.Type)}
		}
		return r
	case *wit.Own:
		return &wit.Own{Resource: s.resource(t.Resource)}
	case *wit.Borrow:
		return &wit.Borrow{Resource: s.resource(t.Resource)}
	case *wit.Stream:
		return &wit.Stream{Elem: s.typ(t.Elem)}
	case *wit.Future:
		return &wit.Future{Elem: s.typ(t.Elem)}
	}
	return t
}
