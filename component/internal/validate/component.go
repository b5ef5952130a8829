package validate

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// component validates the definitions of a component, in order, and answers its type.
func (v *checker) component(parent *scope, c *binary.Component) *ComponentType {
	s := newScope(componentScope, parent)
	for _, d := range c.Defs {
		v.at = d.At()
		v.spend(cost(d))
		v.definition(s, d)
	}
	s.refs.done(v, len(s.coreTypes))
	v.at = c.Offset
	return v.componentType(s)
}

func (v *checker) definition(s *scope, d binary.Def) {
	switch d := d.(type) {
	case *binary.CoreModule:
		s.coreModules = append(s.coreModules, v.readModule(d))
	case *binary.CoreInstance:
		s.coreInstances = append(s.coreInstances, v.coreInstance(s, d))
	case *binary.CoreType:
		v.defineCoreType(s, d)
	case *binary.Nested:
		s.components = append(s.components, v.component(s, d.Component))
	case *binary.Instance:
		s.instances = append(s.instances, v.instance(s, d))
	case *binary.Alias:
		v.alias(s, d)
	case *binary.TypeDef:
		s.types = append(s.types, v.define(s, d.Type))
	case *binary.Canon:
		v.canon(s, d)
	case *binary.Import:
		v.importDecl(s, d.Name, d.Type)
	case *binary.Export:
		v.export(s, d)
	default:
		v.unsupported("a start or value definition")
	}
}

// define evaluates a type definition.
func (v *checker) define(s *scope, t binary.Type) any {
	switch t := t.(type) {
	case *binary.ComponentType:
		return v.componentTypeOf(s, t)
	case *binary.InstanceType:
		return v.instanceTypeOf(s, t)
	case *binary.Resource:
		return v.defineResource(s, t)
	}
	d, err := v.values.Define(t, v.lookup(s))
	if err != nil {
		v.invalid("%v", err)
	}
	return d
}

// defineResource makes the resource that a component defines for itself.
func (v *checker) defineResource(s *scope, t *binary.Resource) *wit.TypeDef {
	if s.kind != componentScope {
		v.invalid("a resource cannot be defined inside of a type")
	}
	if t.Rep != core.I32 && t.Rep != core.I64 {
		v.invalid("a resource is represented by an i32 or i64, not by %s", core.ValTypeName(t.Rep))
	}
	if t.Dtor != nil {
		want := core.FuncType{Params: []byte{t.Rep}}
		if have := v.coreFuncAt(s, *t.Dtor); !have.Equal(want) {
			v.invalid("a destructor has type %s, want %s", have, want)
		}
	}
	def := newResource("")
	s.define(def)
	if s.local == nil {
		s.local = map[*wit.TypeDef]byte{}
	}
	s.local[def] = t.Rep
	return def
}

// export checks an export definition. What is exported gets an index of its own, and
// the type that it is exported with.
func (v *checker) export(s *scope, d *binary.Export) {
	t := v.pick(s, d.Sort, d.Index)
	if d.Type == nil {
		t = rename(d.Name.Name, t)
	} else {
		t = v.ascribe(s, d, t)
	}
	v.exportAs(s, d.Name, t)
}

// rename gives an imported or exported type its name.
func rename(name string, t ExternType) ExternType {
	if typ, ok := t.Type.(wit.Type); ok {
		t.Type = named(name, typ)
	}
	return t
}

// ascribe checks that an item fits the type that it is exported with, and makes the
// latter its type: its abstract resources are new to everyone.
func (v *checker) ascribe(s *scope, d *binary.Export, have ExternType) ExternType {
	want := v.externType(s, d.Name.Name, *d.Type)
	if d.Sort == binary.SortType {
		have = rename(d.Name.Name, have)
	}
	m := &matcher{v: v, sub: v.substituting(introduced(want))}
	if why := m.extern(have, want); why != "" {
		v.invalid("export %q does not fit the type that it is ascribed: %s", d.Name.Name, why)
	}
	return v.fresh(s, want, &s.defined)
}

// exportAs adds an export to a scope.
func (v *checker) exportAs(s *scope, name binary.ExternName, t ExternType) {
	v.checkName(&s.exportNames, name, t)
	v.exportResources(s, t)
	if !v.visible(s, &s.exportable, t) {
		v.invalid("export %q refers to a type that is neither imported nor exported: outside it would have no name", name.Name)
	}
	s.exports.add(name.Name, t)
	s.push(t)
}

// importDecl adds an import to a scope.
func (v *checker) importDecl(s *scope, name binary.ExternName, typ binary.ExternType) {
	v.spend(2)
	t := v.fresh(s, v.externType(s, name.Name, typ), &s.imported)
	v.checkName(&s.importNames, name, t)
	if !v.visible(s, &s.importable, t) {
		v.invalid("import %q refers to a type that is not imported: outside it would have no name", name.Name)
	}
	s.imports.add(name.Name, t)
	s.push(t)
}

// exportDecl adds a declared export to a component or instance type.
func (v *checker) exportDecl(s *scope, name binary.ExternName, typ binary.ExternType) {
	v.spend(2)
	v.exportAs(s, name, v.fresh(s, v.externType(s, name.Name, typ), &s.defined))
}

// fresh makes of a declared type that of an import or export: the abstract resources
// that it introduces are new ones, which belong to the scope.
func (v *checker) fresh(s *scope, t ExternType, owned *[]*wit.TypeDef) ExternType {
	resources := introduced(t)
	if t.Sort == binary.SortInstance {
		t.Instance, resources = v.opened(t.Instance)
	}
	if owned == &s.defined {
		s.define(resources...)
	} else {
		*owned = append(*owned, resources...)
	}
	return t
}

// externType evaluates the type that an import or export is declared with.
func (v *checker) externType(s *scope, name string, t binary.ExternType) ExternType {
	out := ExternType{Sort: t.Sort}
	switch t.Sort {
	case binary.SortFunc:
		out.Func = v.funcTypeAt(s, t.Index)
	case binary.SortType:
		if t.SubResource {
			out.Type = newResource(name)
			return out
		}
		out.Type = v.typeAt(s, t.Index)
		return rename(name, out)
	case binary.SortInstance:
		out.Instance = defTypeAt[*InstanceType](v, s, t.Index, "an instance type")
	case binary.SortComponent:
		out.Component = defTypeAt[*ComponentType](v, s, t.Index, "a component type")
	case binary.SortCoreModule:
		out.Module = v.coreTypeAt(s, t.Index).module
		if out.Module == nil {
			v.invalid("core type %d is not a module type", t.Index)
		}
	default:
		v.unsupported("a value import or export")
	}
	return out
}

// componentType makes the type of what a scope imports and exports.
func (v *checker) componentType(s *scope) *ComponentType {
	v.closed(s, s.imports.List, "an import")
	v.closed(s, s.exports.List, "an export")
	t := &ComponentType{
		Imports: s.imports, Exports: s.exports,
		ImportResources: s.imported,
		depth:           v.deepest(s.imports.List, s.exports.List),
	}
	for _, r := range s.defined {
		if s.exported[r] {
			t.ExportResources = append(t.ExportResources, r)
		}
	}
	return t
}

// closed checks that no resource shows in imports or exports that has come into being
// inside and is not exported.
func (v *checker) closed(s *scope, list []Extern, what string) {
	w := v.free()
	for _, e := range list {
		w.extern(e.ExternType)
	}
	for _, r := range w.found {
		if s.isDefined[r] && (!s.exported[r] || what == "an import") {
			v.invalid("%s refers to a resource that is defined inside and has no name outside", what)
		}
	}
}
