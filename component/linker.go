package component

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// Linker holds what is offered to components, by a host or by other components,
// and matches it with what they import: by the exact name first, else by the
// highest version on the same track (`0.2`, `1`), in either direction. What is not
// matched so may be met by an alias ([Linker.Alias]), a shim ([Linker.Shim]) or stubs
// ([Linker.StubMissing]). Define everything, then instantiate; after that it may be used
// by several goroutines.
//
// What is defined under a name replaces what was defined under it before. An
// import of an instance that asks for nothing but types need not be defined.
type Linker struct {
	runtime   *Runtime
	offers    map[string]supply // by import name
	names     []wit.Name        // of the offers that have one with a version
	resources map[*wit.TypeDef]*cabi.ResourceType
	aliases   map[wit.Name]wit.Name // from and to, see Alias
	shims     []*shim
	stubs     StubMode
	standIn   StandIn
	tracer    Tracer

	// answers spare instances of a component the type check again; mu guards them.
	mu      sync.Mutex
	answers map[*Component]*answer
}

// NewLinker makes a linker that offers nothing.
func NewLinker(r *Runtime) *Linker {
	return &Linker{
		runtime:   r,
		offers:    map[string]supply{},
		answers:   map[*Component]*answer{},
		resources: map[*wit.TypeDef]*cabi.ResourceType{},
		aliases:   map[wit.Name]wit.Name{},
	}
}

// offer defines what meets imports of a name.
func (l *Linker) offer(name string, s supply) {
	l.forget()
	if _, again := l.offers[name]; !again {
		if n, err := wit.ParseName(name); err == nil {
			l.names = append(l.names, n)
		}
	}
	l.offers[name] = s
}

// Define offers an interface under its own name. It fails if a function of the
// interface has no code, or a resource that it declares no run-time type.
func (l *Linker) Define(i *Interface) error { return l.DefineAs(i.Type.Name.String(), i) }

// DefineAs offers an interface under another name: one that a world spells out in
// place, `import store: interface { ... }`, has only the plain name.
func (l *Linker) DefineAs(name string, i *Interface) error {
	if err := l.resourcesOf(name, i); err != nil {
		return err
	}
	l.offer(name, hostInstance{hostSupply{linker: l}, name, i})
	return nil
}

// resourcesOf checks an interface and notes its resources, and those of the
// instances that it holds.
func (l *Linker) resourcesOf(name string, i *Interface) error {
	for _, f := range i.Type.Funcs {
		if i.Funcs[f.Name] == nil {
			return fmt.Errorf("component: %s offers no code for its function %s", name, f.Name)
		}
	}
	for _, def := range i.Type.Types {
		if _, declared := def.Type.(*wit.Resource); declared && i.Resources[def.Name] == nil {
			return fmt.Errorf("component: %s offers no run-time type for its resource %s", name, def.Name)
		}
	}
	for n, t := range i.Resources {
		def := i.Type.Type(n)
		if def == nil || !def.IsResource() {
			return fmt.Errorf("component: %s declares no resource %s", name, n)
		}
		l.resources[def.Root()] = t
	}
	for n, m := range i.Modules {
		if m.unfit != nil {
			return fmt.Errorf("component: %s offers a core module %s: %w", name, n, m.unfit)
		}
	}
	for n, inner := range i.Instances {
		if err := l.resourcesOf(name+"#"+n, inner); err != nil {
			return err
		}
	}
	return nil
}

// DefineFunc offers a function that components import by itself, outside of any
// interface.
func (l *Linker) DefineFunc(f *wit.Func, code HostFunc) {
	l.offer(f.Name, hostFunc{hostSupply{linker: l}, f, code, nil})
}

// DefineResource offers a resource that components import by itself, outside of any
// interface; def is how the types of functions refer to it.
func (l *Linker) DefineResource(def *wit.TypeDef, t *cabi.ResourceType) error {
	if !def.IsResource() {
		return fmt.Errorf("component: %s is no resource", def.Name)
	}
	if t == nil {
		return fmt.Errorf("component: resource %s is offered no run-time type", def.Name)
	}
	l.resources[def.Root()] = t
	l.offer(def.Name, hostType{hostSupply{linker: l}, def})
	return nil
}

// DefineModule offers a core module to components that import one under the name.
// The error is a *[DecodeError].
func (l *Linker) DefineModule(name string, data []byte) error {
	m, err := ReadModule(data)
	if err != nil {
		return err
	}
	if m.unfit != nil {
		return m.unfit
	}
	l.offer(name, module{info: m})
	return nil
}

// DefineComponent offers a component. Where a component is imported under the name,
// it is given c itself. Where an instance is imported, each instantiation makes an
// instance of c, linked with what this linker offers, that belongs to the importer
// and is closed with it: the import is met by the instance that c exports under the
// name, if there is one, and otherwise by all that c exports. The component must be
// of the linker's runtime, and stays the caller's to close.
func (l *Linker) DefineComponent(name string, c *Component) {
	l.offer(name, dependency{component: c})
}

// DefineInstance offers what a running instance exports, to every component that is
// instantiated from here on: the instance that it exports under the name, if there is
// one, and otherwise everything. Resources are the same ones on both sides. The
// instance is not closed with those that use it; what they call after it is closed
// or has trapped traps, and so does a call while another goroutine runs it.
func (l *Linker) DefineInstance(name string, in *Instance) error {
	if in.component.runtime != l.runtime {
		return errors.New("component: the instance is of another runtime")
	}
	if err := in.share(); err != nil {
		return err
	}
	l.offer(name, in.guest().export(name))
	return nil
}

// Match tells, for every import of c in order, by what it would be met.
func (l *Linker) Match(c *Component) []Match {
	return slices.Clone(l.linked(c).matches)
}
