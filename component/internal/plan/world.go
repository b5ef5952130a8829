package plan

import (
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/wit"
)

// named makes a function of a function type.
func (t *funcType) named(name string) *wit.Func {
	return &wit.Func{Name: name, Params: t.params, Result: t.result, Async: t.async}
}

// importItem is the type of a root import. It is empty for what WIT cannot say.
func (p *planner) importItem(at int, e *Extern, it item) wit.WorldItem {
	w := wit.WorldItem{Name: e.Name}
	switch it.sort {
	case binary.SortFunc:
		p.show(at, p.weightOf(it.fn.typ))
		w.Func = e.Func
	case binary.SortType:
		if e.Type != nil {
			p.show(at, p.declarationWeight(e.Type))
			w.Type = e.Type
		}
	case binary.SortInstance:
		w.Interface = p.interfaceOf(at, e.Name, it.instance)
		for _, t := range w.Interface.Types {
			if t.Interface == nil {
				t.Interface = w.Interface
			}
		}
	}
	return w
}

// show pays for a part of the world, which is printed in full.
func (p *planner) show(at, weight int) {
	if p.shown += weight; p.shown > maxWeight {
		p.invalid(at, "the world has more than %d parts", maxWeight)
	}
}

func (p *planner) declarationWeight(def *wit.TypeDef) int {
	if def.IsResource() {
		return 1
	}
	return 1 + int(p.traitsOf(def.Type).weight)
}

// interfaceOf lists the types and functions of an instance as an interface.
func (p *planner) interfaceOf(at int, name string, inst *instance) *wit.Interface {
	iface := &wit.Interface{}
	if n, err := wit.ParseName(name); err == nil {
		iface.Name = n
	}
	p.spend(at, len(inst.names))
	types := map[string]*wit.TypeDef{}
	for _, name := range inst.names {
		switch it := inst.items[name]; it.sort {
		case binary.SortType:
			if def, ok := it.typ.(*wit.TypeDef); ok {
				p.show(at, p.declarationWeight(def))
				types[name] = def
				iface.Types = append(iface.Types, def)
			}
		case binary.SortFunc:
			p.show(at, p.weightOf(it.fn.typ))
			f := it.fn.typ.named(name)
			member(f, types)
			iface.Funcs = append(iface.Funcs, f)
		}
	}
	return iface
}

// member reads how a function belongs to a resource from its name.
func member(f *wit.Func, types map[string]*wit.TypeDef) {
	kind, rest, ok := strings.Cut(strings.TrimPrefix(f.Name, "["), "]")
	if !ok || !strings.HasPrefix(f.Name, "[") {
		return
	}
	resource, _, _ := strings.Cut(rest, ".")
	def := types[resource]
	if def == nil || !def.IsResource() {
		return
	}
	switch kind {
	case "constructor":
		f.Kind = wit.Constructor
	case "method":
		f.Kind = wit.Method
	case "static":
		f.Kind = wit.Static
	default:
		return
	}
	f.Resource = def
}

// finish records what the root exports, describes its world, and names what got
// its name only later.
func (p *planner) finish(exports *instance) {
	w := &wit.World{Name: wit.Name{Namespace: "root", Package: "component", Interface: "root"}}
	for _, im := range p.plan.Imports {
		if it := im.Item; it.Func != nil || it.Interface != nil || it.Type != nil {
			w.Imports = append(w.Imports, it)
		}
	}
	for _, name := range exports.names {
		p.exportItem(w, name, exports.items[name])
		p.plan.Exports = append(p.plan.Exports, p.externOf(0, name, exports.items[name]))
	}
	w.Docs = p.unsaid()
	p.plan.World = w
	p.unused(p.root)
	for i := range p.plan.Trampolines {
		t := &p.plan.Trampolines[i]
		switch t.Kind {
		case LowerLift, RaiseHeld, RaiseChar, RaiseCase:
			t.Name = p.plan.Lifts[t.Lift].Name
		case ResourceNew:
			t.Name = "resource.new " + p.plan.Resources[t.Resource].Def.Name
		case ResourceDrop:
			t.Name = "resource.drop " + p.plan.Resources[t.Resource].Def.Name
		case ResourceRep:
			t.Name = "resource.rep " + p.plan.Resources[t.Resource].Def.Name
		}
	}
}

// unsaid tells what the root imports and exports that WIT has no words for, as a
// comment of the world.
func (p *planner) unsaid() string {
	var b strings.Builder
	note := func(verb, name string, it *Extern) {
		if it.Sort == binary.SortCoreModule || it.Sort == binary.SortComponent {
			fmt.Fprintf(&b, "%s a %s, %s, for which WIT has no word\n", verb, it.Sort, name)
		}
	}
	for _, im := range p.plan.Imports {
		note("imports", im.Name, im.Extern)
	}
	for _, e := range p.plan.Exports {
		note("exports", e.Name, e)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (p *planner) exportItem(w *wit.World, name string, it item) {
	switch it.sort {
	case binary.SortFunc:
		p.show(0, p.weightOf(it.fn.typ))
		w.Exports = append(w.Exports, wit.WorldItem{Name: name, Func: it.fn.typ.named(name)})
	case binary.SortInstance:
		iface := p.exportedInterface(name, it.instance)
		w.Exports = append(w.Exports, wit.WorldItem{Name: name, Interface: iface})
	case binary.SortType:
		if def, ok := it.typ.(*wit.TypeDef); ok {
			p.show(0, p.declarationWeight(def))
			w.Exports = append(w.Exports, wit.WorldItem{Name: name, Type: def})
		}
	}
}

// nameLifts names lifted functions that are exported, for messages. The outermost
// name is the last.
func (p *planner) nameLifts(at int, name string, it item) {
	switch it.sort {
	case binary.SortFunc:
		if it.fn.lift >= 0 {
			p.plan.Lifts[it.fn.lift].Name = name
		}
	case binary.SortInstance:
		p.spend(at, len(it.instance.names))
		for _, n := range it.instance.names {
			if inner := it.instance.items[n]; inner.sort == binary.SortFunc {
				p.nameLifts(at, name+"#"+n, inner)
			}
		}
	}
}

// exportedInterface describes an exported instance. Its types went through
// several names on their way out (the component's own definition, the import of
// the nested component that wraps it); the interface declares each once, unless
// another interface declares it, and then it is an alias of that one.
func (p *planner) exportedInterface(name string, inst *instance) *wit.Interface {
	iface := p.interfaceOf(0, name, inst)
	types := map[string]*wit.TypeDef{}
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
		types[decl.Name] = decl
	}
	for _, f := range iface.Funcs {
		params := make([]wit.Param, len(f.Params))
		for i, p := range f.Params {
			params[i] = wit.Param{Name: p.Name, Type: sub.typ(p.Type)}
		}
		f.Params, f.Result = params, sub.typ(f.Result)
		member(f, types)
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
