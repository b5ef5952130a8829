package validate

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// scopeKind tells what a scope is that of.
type scopeKind uint8

const (
	componentScope scopeKind = iota
	componentTypeScope
	instanceTypeScope
)

// A scope holds the index spaces of a component, or of a component or instance type,
// as far as they have grown, and what its imports and exports have made known.
type scope struct {
	kind scopeKind
	// parent is the scope that it is written in, which outer aliases count.
	parent *scope

	coreItems     [core.Tag + 1][]CoreItem
	coreTypes     []coreType
	refs          coreRefs
	coreModules   []*ModuleType
	coreInstances []*coreInstance

	funcs      []*FuncType
	types      []any // a wit.Type, *FuncType, *InstanceType or *ComponentType
	components []*ComponentType
	instances  []*InstanceType

	imports, exports Externs
	importNames      nameContext
	exportNames      nameContext

	// local are the resources that the component itself defines, with the core type
	// that represents them.
	local map[*wit.TypeDef]byte
	// imported and defined are the abstract resources that imports introduce, and
	// those that come into being here; the latter must be exported to be seen.
	imported, defined []*wit.TypeDef
	isDefined         map[*wit.TypeDef]bool
	exported          map[*wit.TypeDef]bool
	exportedInstances map[*InstanceType]bool

	importable, exportable visibility

	// context is the type of the slots of thread-local storage, once one was named.
	context byte
}

// A coreType is a core type that components can name: a function type or a module
// type, or neither.
type coreType struct {
	fn     *core.FuncType
	module *ModuleType
}

func newScope(kind scopeKind, parent *scope) *scope {
	return &scope{
		kind: kind, parent: parent,
		importNames: nameContext{what: "import"}, exportNames: nameContext{what: "export"},
		isDefined: map[*wit.TypeDef]bool{}, exported: map[*wit.TypeDef]bool{},
	}
}

// define notes resources that come into being in the scope.
func (s *scope) define(resources ...*wit.TypeDef) {
	s.defined = append(s.defined, resources...)
	for _, r := range resources {
		s.isDefined[r] = true
	}
}

// within checks an index against an index space.
func (v *checker) within(sort binary.Sort, i uint32, n int) {
	if uint64(i) >= uint64(n) {
		v.invalid("%s index %d out of range, %d so far", sort, i, n)
	}
}

// pick takes an item out of the index space of a sort.
func (v *checker) pick(s *scope, sort binary.Sort, i uint32) ExternType {
	t := ExternType{Sort: sort}
	switch sort {
	case binary.SortFunc:
		v.within(sort, i, len(s.funcs))
		t.Func = s.funcs[i]
	case binary.SortType:
		t.Type = v.typeAt(s, i)
	case binary.SortInstance:
		v.within(sort, i, len(s.instances))
		t.Instance = s.instances[i]
	case binary.SortComponent:
		v.within(sort, i, len(s.components))
		t.Component = s.components[i]
	case binary.SortCoreModule:
		v.within(sort, i, len(s.coreModules))
		t.Module = s.coreModules[i]
	case binary.SortValue:
		v.unsupported("a value")
	default:
		v.invalid("%s cannot stand here", sort.WithArticle())
	}
	return t
}

// push adds an item to the index space of its sort.
func (s *scope) push(t ExternType) {
	switch t.Sort {
	case binary.SortFunc:
		s.funcs = append(s.funcs, t.Func)
	case binary.SortType:
		s.types = append(s.types, t.Type)
	case binary.SortInstance:
		s.instances = append(s.instances, t.Instance)
	case binary.SortComponent:
		s.components = append(s.components, t.Component)
	case binary.SortCoreModule:
		s.coreModules = append(s.coreModules, t.Module)
	}
}

func (v *checker) typeAt(s *scope, i uint32) any {
	v.within(binary.SortType, i, len(s.types))
	return s.types[i]
}

func (v *checker) resourceAt(s *scope, i uint32) *wit.TypeDef {
	def, ok := v.typeAt(s, i).(*wit.TypeDef)
	if !ok || !def.IsResource() {
		v.invalid("type %d is not a resource", i)
	}
	return def
}

// defTypeAt is a type that is not a value type; what says which.
func defTypeAt[T any](v *checker, s *scope, i uint32, what string) T {
	t, ok := v.typeAt(s, i).(T)
	if !ok {
		v.invalid("type %d is not %s", i, what)
	}
	return t
}

func (v *checker) funcTypeAt(s *scope, i uint32) *FuncType {
	return defTypeAt[*FuncType](v, s, i, "a function type")
}

// lookup is typeAt as the evaluation of types asks for it.
func (v *checker) lookup(s *scope) func(uint32) (any, error) {
	return func(i uint32) (any, error) {
		if uint64(i) >= uint64(len(s.types)) {
			return nil, fmt.Errorf("type index %d out of range, %d so far", i, len(s.types))
		}
		return s.types[i], nil
	}
}

func (v *checker) coreItemAt(s *scope, sort binary.Sort, i uint32) CoreItem {
	kind, ok := sort.CoreKind()
	if !ok {
		v.invalid("%s cannot stand here", sort.WithArticle())
	}
	v.within(sort, i, len(s.coreItems[kind]))
	return s.coreItems[kind][i]
}

func (v *checker) coreFuncAt(s *scope, i uint32) core.FuncType {
	return v.coreItemAt(s, binary.SortCoreFunc, i).Sig
}

func (v *checker) coreInstanceAt(s *scope, i uint32) *coreInstance {
	v.within(binary.SortCoreInstance, i, len(s.coreInstances))
	return s.coreInstances[i]
}

func (v *checker) coreTypeAt(s *scope, i uint32) coreType {
	v.within(binary.SortCoreType, i, len(s.coreTypes))
	return s.coreTypes[i]
}

// alias adds what an alias definition or declaration points at.
func (v *checker) alias(s *scope, d *binary.Alias) {
	switch d.Target {
	case binary.AliasExport:
		v.aliasExport(s, d)
	case binary.AliasCoreExport:
		v.aliasCore(s, d)
	default:
		v.aliasOuter(s, d)
	}
}

func (v *checker) aliasExport(s *scope, d *binary.Alias) {
	if s.kind != componentScope && d.Sort != binary.SortType && d.Sort != binary.SortInstance {
		v.invalid("inside of a type only types and instances can be aliased, not %s", d.Sort.WithArticle())
	}
	v.within(binary.SortInstance, d.Instance, len(s.instances))
	e := s.instances[d.Instance].Exports.Lookup(d.Name)
	switch {
	case e == nil:
		v.invalid("instance %d has no export %q", d.Instance, d.Name)
	case d.Sort == binary.SortValue:
		v.unsupported("a value")
	case e.Sort != d.Sort:
		v.invalid("export %q of instance %d is %s, not %s", d.Name, d.Instance, e.Sort.WithArticle(), d.Sort.WithArticle())
	}
	s.push(e.ExternType)
}

func (v *checker) aliasCore(s *scope, d *binary.Alias) {
	if s.kind != componentScope {
		v.invalid("inside of a type no core export can be aliased")
	}
	kind, ok := d.Sort.CoreKind()
	if !ok {
		v.invalid("a core instance exports no %s", d.Sort)
	}
	item, ok := v.coreInstanceAt(s, d.Instance).lookup(d.Name)
	switch {
	case !ok:
		v.invalid("core instance %d has no export %q", d.Instance, d.Name)
	case item.Kind != kind:
		v.invalid("export %q of core instance %d is a %s, not a %s", d.Name, d.Instance, item.Kind, kind)
	}
	s.coreItems[kind] = append(s.coreItems[kind], item)
}

// aliasOuter adds what an enclosing scope holds so far. Inside of another component
// that is only what could be written there again, which no resource can.
func (v *checker) aliasOuter(s *scope, d *binary.Alias) {
	if s.kind != componentScope && d.Sort != binary.SortType && d.Sort != binary.SortCoreType {
		v.invalid("inside of a type only types and core types of the outside can be aliased, not %s", d.Sort.WithArticle())
	}
	from, crossed := v.outer(s, d.Outer)
	if d.Sort == binary.SortCoreType {
		s.coreTypes = append(s.coreTypes, v.coreTypeAt(from, d.Index))
		return
	}
	t := v.pick(from, d.Sort, d.Index)
	if crossed && d.Sort == binary.SortType && v.refersToResource(t.Type) {
		v.invalid("type %d refers to a resource, which another component cannot alias", d.Index)
	}
	s.push(t)
}

// outer is the scope n levels out; crossed tells whether it is that of another
// component.
func (v *checker) outer(s *scope, n uint32) (from *scope, crossed bool) {
	from = s
	for i := n; i > 0; i-- {
		crossed = crossed || from.kind == componentScope
		if from = from.parent; from == nil {
			v.invalid("an outer alias counts %d scopes out, there are fewer", n)
		}
	}
	return from, crossed
}
