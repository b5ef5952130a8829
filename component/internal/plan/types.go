package plan

import (
	"slices"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// valType resolves a value type reference.
func (p *planner) valType(s *scope, at int, v binary.ValType) wit.Type {
	if v.Prim != 0 {
		return v.Prim
	}
	d := p.typeAt(s, at, v.Index)
	t, ok := d.(wit.Type)
	if !ok {
		p.invalid(at, "type %d is not a value type", v.Index)
	}
	if def, ok := t.(*wit.TypeDef); ok && def.IsResource() {
		p.invalid(at, "type %d is a resource; a value is own or borrow of it", v.Index)
	}
	return t
}

func (p *planner) optValType(s *scope, at int, v *binary.ValType) wit.Type {
	if v == nil {
		return nil
	}
	return p.valType(s, at, *v)
}

func (p *planner) typeAt(s *scope, at int, i uint32) defined {
	return p.pick(s, at, binary.SortType, i).typ
}

func (p *planner) resourceAt(s *scope, at int, i uint32) *wit.TypeDef {
	def, ok := p.typeAt(s, at, i).(*wit.TypeDef)
	if !ok || !def.IsResource() {
		p.invalid(at, "type %d is not a resource", i)
	}
	return def
}

func (p *planner) funcTypeAt(s *scope, at int, i uint32) *funcType {
	ft, ok := p.typeAt(s, at, i).(*funcType)
	if !ok {
		p.invalid(at, "type %d is not a function type", i)
	}
	return ft
}

// define evaluates the body of a type definition.
func (p *planner) define(s *scope, at int, t binary.Type) defined {
	d := p.body(s, at, t)
	if v, ok := d.(wit.Type); ok {
		p.check(at, v)
	}
	return d
}

func (p *planner) body(s *scope, at int, t binary.Type) defined {
	switch t := t.(type) {
	case *binary.Prim:
		return t.Prim
	case *binary.Record:
		p.spend(at, len(t.Fields))
		r := &wit.Record{Fields: make([]wit.Field, len(t.Fields))}
		for i, f := range t.Fields {
			r.Fields[i] = wit.Field{Name: f.Label, Type: p.optValType(s, at, f.Type)}
		}
		return r
	case *binary.Variant:
		p.spend(at, len(t.Cases))
		v := &wit.Variant{Cases: make([]wit.Case, len(t.Cases))}
		for i, c := range t.Cases {
			v.Cases[i] = wit.Case{Name: c.Label, Type: p.optValType(s, at, c.Type)}
		}
		return v
	case *binary.List:
		elem := p.valType(s, at, t.Elem)
		if t.Len != nil {
			return &wit.FixedList{Elem: elem, Len: *t.Len}
		}
		return &wit.List{Elem: elem}
	case *binary.Tuple:
		p.spend(at, len(t.Elems))
		tup := &wit.Tuple{Elems: make([]wit.Type, len(t.Elems))}
		for i, e := range t.Elems {
			tup.Elems[i] = p.valType(s, at, e)
		}
		return tup
	case *binary.Flags:
		return &wit.Flags{Labels: t.Labels}
	case *binary.Enum:
		return &wit.Enum{Labels: t.Labels}
	case *binary.Option:
		return &wit.Option{Elem: p.valType(s, at, t.Elem)}
	case *binary.Result:
		return &wit.Result{OK: p.optValType(s, at, t.OK), Err: p.optValType(s, at, t.Err)}
	case *binary.Own:
		return &wit.Own{Resource: p.resourceAt(s, at, t.Resource)}
	case *binary.Borrow:
		return &wit.Borrow{Resource: p.resourceAt(s, at, t.Resource)}
	case *binary.Stream:
		return &wit.Stream{Elem: p.optValType(s, at, t.Elem)}
	case *binary.Future:
		return &wit.Future{Elem: p.optValType(s, at, t.Elem)}
	case *binary.Func:
		return p.defineFunc(s, at, t)
	case *binary.InstanceType:
		return &instanceType{decls: t.Decls, parent: s.view(), at: at}
	case *binary.ComponentType:
		return &componentType{decls: t.Decls, parent: s.view(), at: at}
	case *binary.Resource:
		return p.defineResource(s, at, t)
	case *binary.Map:
		p.fail(&UnsupportedError{at, "the type map"})
	}
	p.fail(&UnsupportedError{at, "this type"})
	return nil
}

func (p *planner) defineFunc(s *scope, at int, t *binary.Func) *funcType {
	p.spend(at, len(t.Params))
	ft := &funcType{async: t.Async, params: make([]wit.Param, len(t.Params))}
	for i, param := range t.Params {
		ft.params[i] = wit.Param{Name: param.Label, Type: p.optValType(s, at, param.Type)}
	}
	ft.result = p.optValType(s, at, t.Result)
	p.checkFunc(at, ft)
	return ft
}

// defineResource makes the resource that a component defines for itself: a type
// of its own for every instance of the component.
func (p *planner) defineResource(s *scope, at int, t *binary.Resource) *wit.TypeDef {
	if s.inType {
		p.invalid(at, "a resource cannot be defined inside a type")
	}
	if t.Rep != 0x7f {
		p.invalid(at, "a resource is represented by an i32")
	}
	def := &wit.TypeDef{Type: &wit.Resource{}}
	r := Resource{Def: def, From: nowhere, Component: s.component}
	if t.Dtor != nil {
		f := p.coreItemAt(s, at, binary.SortCoreFunc, *t.Dtor)
		if !f.sig.Equal(core.FuncType{Params: i32}) && !f.unknown {
			p.invalid(at, "a destructor takes one i32 and returns nothing")
		}
		p.settle(at, f)
		r.Dtor = &f.ref
	}
	slot := p.addResource(r)
	p.plan.Steps = append(p.plan.Steps, &DefineResource{slot})
	return def
}

func (p *planner) addResource(r Resource) int {
	slot := len(p.plan.Resources)
	p.plan.Resources = append(p.plan.Resources, r)
	p.resources[r.Def] = slot
	return slot
}

// evaluate makes an instance of an instance type, as the root imports it.
func (p *planner) evaluate(t *instanceType, from ImportPath, args map[string]item) *instance {
	p.enter(t.at)
	defer p.leave()
	s := &scope{parent: t.parent, inType: true, component: t.parent.scope.component}
	inst := newInstance()
	for _, d := range t.decls {
		p.spend(d.At(), 4+len(from.Names)/4)
		switch d := d.(type) {
		case *binary.CoreType:
			s.coreTypes = append(s.coreTypes, d)
		case *binary.TypeDef:
			s.types = append(s.types, p.define(s, d.At(), d.Type))
		case *binary.Alias:
			p.alias(s, d)
		case *binary.ExportDecl:
			it := p.declared(s, d.At(), d.Name.Name, d.Type, from.to(d.Name.Name))
			if !inst.add(d.Name.Name, it) {
				p.invalid(d.At(), "duplicate export %q in an instance type", d.Name.Name)
			}
			p.push(s, it)
		case *binary.ImportDecl:
			it, ok := args[d.Name.Name]
			if !ok || it.sort != d.Type.Sort {
				p.invalid(d.At(), "import %q is not among the arguments of the instantiation", d.Name.Name)
			}
			p.push(s, it)
		default:
			p.invalid(d.At(), "a type cannot hold this declaration")
		}
	}
	return inst
}

// promised makes an instance of a component of which only the type is known. It
// tells types; the plan is open, and nothing of it is run.
func (p *planner) promised(t *componentType, args map[string]item) *instance {
	if t == nil {
		return newInstance()
	}
	return p.evaluate((*instanceType)(t), nowhere, args)
}

// to is the path one name further in.
func (i ImportPath) to(name string) ImportPath {
	return ImportPath{i.Import, append(slices.Clip(i.Names), name)}
}

// declared makes the item that an import or export declaration of a type
// promises.
func (p *planner) declared(s *scope, at int, name string, t binary.ExternType, from ImportPath) item {
	it := item{sort: t.Sort}
	switch t.Sort {
	case binary.SortFunc:
		it.fn = &function{typ: p.funcTypeAt(s, at, t.Index), from: from, lift: -1}
	case binary.SortType:
		if t.SubResource {
			def := &wit.TypeDef{Name: name, Type: &wit.Resource{}}
			if from.Import != ascribed.Import {
				p.addResource(Resource{Def: def, From: from, Component: -1})
			}
			it.typ = def
			break
		}
		it.typ = p.named(at, name, p.typeAt(s, at, t.Index))
	case binary.SortInstance:
		switch d := p.typeAt(s, at, t.Index).(type) {
		case *instanceType:
			it.instance = p.evaluate(d, from, nil)
		default:
			p.invalid(at, "type %d is not an instance type", t.Index)
		}
	case binary.SortComponent:
		ct, ok := p.typeAt(s, at, t.Index).(*componentType)
		if !ok {
			p.invalid(at, "type %d is not a component type", t.Index)
		}
		it.component = p.givenComponent(at, from, ct)
	case binary.SortCoreModule:
		it.module = p.givenModule(at, from)
	default:
		p.fail(&UnsupportedError{at, "a value import"})
	}
	return it
}

// named gives a value type the name that it is imported or exported under; the
// new definition is an alias of the old one.
func (p *planner) named(at int, name string, d defined) defined {
	t, ok := d.(wit.Type)
	if !ok {
		return d
	}
	def := &wit.TypeDef{Name: name, Type: t}
	if old, ok := t.(*wit.TypeDef); ok {
		// Whoever asks what a type is follows all of its names.
		p.names[def] = p.names[old] + 1
		if p.names[def] > maxNames {
			p.invalid(at, "a type is named anew more than %d times", maxNames)
		}
		if root := old.Root(); root.Name == "" {
			root.Name = name
		}
	}
	return def
}
