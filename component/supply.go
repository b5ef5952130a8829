package component

import (
	"slices"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// A supply is what can meet an import or a part of one: a function, a type, an
// instance, a core module or a component, of the host or of another guest.
type supply interface {
	sort() binary.Sort

	// item finds an export of an instance, or nil.
	item(name string) supply

	// fn is a function's type and code.
	fn() (*wit.Func, HostFunc)

	// typ is a type; nil for a type of functions, instances or components.
	typ() *wit.TypeDef

	// resource is the run-time type of a resource in the types that fn and typ give.
	resource(*wit.TypeDef) *cabi.ResourceType

	// static is what a plan needs of a core module or component, nil for all else.
	static() *plan.Extern

	// valid is the type of a core module or component as validation has it.
	valid() validate.ExternType

	// String says in messages what it is.
	String() string
}

// none has the answers of a supply to all but what it is.
type none struct{}

func (none) item(string) supply                       { return nil }
func (none) fn() (*wit.Func, HostFunc)                { return nil, nil }
func (none) typ() *wit.TypeDef                        { return nil }
func (none) resource(*wit.TypeDef) *cabi.ResourceType { return nil }
func (none) static() *plan.Extern                     { return nil }
func (none) valid() validate.ExternType               { return validate.ExternType{} }

// hostSupply finds resources among those that the host offers.
type hostSupply struct {
	none
	linker *Linker
}

func (h hostSupply) resource(def *wit.TypeDef) *cabi.ResourceType {
	return h.linker.resources[def.Root()]
}

// hostFunc is a function that the host offers.
type hostFunc struct {
	hostSupply
	f       *wit.Func
	code    HostFunc
	reading Reading // nil where the type tells all
}

func (hostFunc) sort() binary.Sort           { return binary.SortFunc }
func (h hostFunc) fn() (*wit.Func, HostFunc) { return h.f, h.code }
func (h hostFunc) String() string            { return h.f.Name }

// hostType is a type that the host offers.
type hostType struct {
	hostSupply
	def *wit.TypeDef
}

func (hostType) sort() binary.Sort   { return binary.SortType }
func (h hostType) typ() *wit.TypeDef { return h.def }
func (h hostType) String() string    { return h.def.Name }

// hostInstance is an interface that the host offers.
type hostInstance struct {
	hostSupply
	name string
	*Interface
}

func (hostInstance) sort() binary.Sort { return binary.SortInstance }
func (h hostInstance) String() string  { return h.name }

func (h hostInstance) item(name string) supply {
	if f := h.Type.Func(name); f != nil {
		return hostFunc{h.hostSupply, f, h.Funcs[name], h.Readings[name]}
	}
	if def := h.Type.Type(name); def != nil {
		return hostType{h.hostSupply, def}
	}
	if i := h.Instances[name]; i != nil {
		return hostInstance{h.hostSupply, h.name + "#" + name, i}
	}
	if m := h.Modules[name]; m != nil {
		return module{info: m}
	}
	return nil
}

// module is a core module.
type module struct {
	none
	info *ModuleInfo
}

func (module) sort() binary.Sort            { return binary.SortCoreModule }
func (m module) static() *plan.Extern       { return m.info.extern }
func (m module) valid() validate.ExternType { return m.info.typ }
func (module) String() string               { return "a core module" }

// dependency is a component. The linker makes an instance of it where one is asked
// for.
type dependency struct {
	none
	component *Component
}

func (dependency) sort() binary.Sort      { return binary.SortComponent }
func (d dependency) static() *plan.Extern { return plan.GivenComponent(d.component.syntax) }
func (dependency) String() string         { return "a component" }
func (d dependency) valid() validate.ExternType {
	return validate.ExternType{Sort: binary.SortComponent, Component: d.component.typ}
}

// A guest is a component as the others that are linked with it see it. Before there
// is an instance, it tells types alone.
type guest struct {
	linkage  *linkage // of its own imports
	instance *Instance

	// resources are the run-time types of the plan's resources.
	resources []*cabi.ResourceType
}

// guestOf is a component that is linked and has no instance yet. The resources that
// it defines are stood for by types of the same names.
func guestOf(l *linkage) *guest {
	g := &guest{linkage: l, resources: append([]*cabi.ResourceType(nil), l.resources...)}
	for i, r := range l.plan.Resources {
		if r.From.Import < 0 {
			g.resources[i] = &cabi.ResourceType{Name: r.Def.Name}
		}
	}
	return g
}

// guest is a running instance.
func (in *Instance) guest() *guest { return &guest{in.linkage, in, in.resources} }

// export is the instance that a guest exports under a name, or one of all exports.
func (g *guest) export(name string) supply {
	if e := findExtern(g.linkage.plan.Exports, name); e != nil && e.Sort == binary.SortInstance {
		return guestItem{guest: g, e: e, path: []string{e.Name}}
	}
	return guestItem{guest: g, e: &plan.Extern{Name: name, Sort: binary.SortInstance, Items: g.linkage.plan.Exports}}
}

// guestItem is something that a guest exports; path are the names of exports that
// lead to it.
type guestItem struct {
	*guest
	e    *plan.Extern
	path []string
}

func (g guestItem) sort() binary.Sort { return g.e.Sort }
func (g guestItem) typ() *wit.TypeDef { return g.e.Type }
func (g guestItem) String() string    { return g.e.Name }

func (g guestItem) item(name string) supply {
	if e := g.e.Item(name); e != nil {
		return guestItem{guest: g.guest, e: e, path: append(slices.Clip(g.path), name)}
	}
	return nil
}

func (g guestItem) valid() validate.ExternType { return g.linkage.component.exported(g.path) }

func (g guestItem) static() *plan.Extern {
	switch g.e.Sort {
	case binary.SortCoreModule, binary.SortComponent:
		return g.e
	}
	return nil
}

func (g guestItem) resource(def *wit.TypeDef) *cabi.ResourceType {
	slot, ok := g.linkage.slots[def.Root()]
	if !ok {
		return nil
	}
	return g.resources[slot]
}

// fn is a function with the type that the guest gives it. One that the guest has
// itself from elsewhere has its code from there.
func (g guestItem) fn() (*wit.Func, HostFunc) {
	if g.e.Lift >= 0 {
		return g.e.Func, g.call(g.e.Lift)
	}
	if from := g.linkage.find(g.e.From); from != nil {
		_, code := from.fn()
		return g.e.Func, code
	}
	return g.e.Func, nil
}
