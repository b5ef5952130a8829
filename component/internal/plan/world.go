package plan

import (
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// funcOf makes a function of a function type.
func funcOf(t *validate.FuncType, name string) *wit.Func {
	return &wit.Func{Name: name, Params: t.Params, Result: t.Result, Async: t.Async}
}

// importItem is the type of a root import. It is empty for what WIT cannot say.
func (p *planner) importItem(at int, e *Extern, it item) wit.WorldItem {
	w := wit.WorldItem{Name: e.Name}
	switch it.sort {
	case binary.SortFunc:
		p.show(at, int(p.funcTraits(it.fn.typ).weight))
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
			p.show(at, int(p.funcTraits(it.fn.typ).weight))
			f := funcOf(it.fn.typ, name)
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
	types := map[string]*wit.TypeDef{}
	for _, im := range p.plan.Imports {
		it := im.Item
		if it.Type != nil {
			types[it.Name] = it.Type
		}
		if it.Func != nil || it.Interface != nil || it.Type != nil {
			w.Imports = append(w.Imports, it)
		}
	}
	for _, it := range w.Imports {
		if it.Func != nil {
			member(it.Func, types)
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
			fmt.Fprintf(&b, "%s %s, %s, for which WIT has no word\n", verb, it.Sort.WithArticle(), name)
		}
		for _, inner := range it.Items {
			if inner.Sort == binary.SortInstance {
				fmt.Fprintf(&b, "%s %s with an instance in it, %s, for which WIT has no word\n", verb, name, inner.Name)
			}
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
		p.show(0, int(p.funcTraits(it.fn.typ).weight))
		w.Exports = append(w.Exports, wit.WorldItem{Name: name, Func: funcOf(it.fn.typ, name)})
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
// another interface declares it, and then it is an alias of that one: an imported
// one, or one that was exported before.
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
			if declared := p.homes[d]; declared != nil && declared.Interface != iface {
				decl.Type = declared
				break
			}
			sub[d] = decl
			if p.homes[d] == nil && !iface.Name.IsZero() {
				p.homes[d] = decl
			}
			next, ok := d.Type.(*wit.TypeDef)
			if !ok {
				decl.Type = validate.Rebuild(d.Type, sub.typ)
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
	if r, ok := s[t]; ok {
		return r
	}
	switch t := t.(type) {
	case nil:
		return nil
	case *wit.TypeDef:
		return s.name(t)
	}
	r := validate.Rebuild(t, s.typ)
	s[t] = r
	return r
}

// name looks behind the names of a resource, of which any can have been replaced.
func (s substitution) name(def *wit.TypeDef) wit.Type {
	for d, ok := def, def.IsResource(); ok; d, ok = d.Type.(*wit.TypeDef) {
		if r, ok := s[d]; ok {
			return r
		}
	}
	return def
}
