package wit

// FuncKind tells how a function belongs to a resource.
type FuncKind uint8

const (
	Freestanding FuncKind = iota // interface or world function
	Constructor                  // `constructor(...)`, returns own<r> or result<own<r>, _>
	Method                       // `name: func(...)`, first parameter self: borrow<r>
	Static                       // `name: static func(...)`
)

// Func is a function.
type Func struct {
	// Name is the name in the binary: `now`, `[constructor]r`, `[method]r.m`,
	// `[static]r.m`.
	Name string
	Kind FuncKind

	// Resource is the resource that a constructor, method or static belongs to.
	Resource *TypeDef

	// Params holds all parameters in ABI order; the first one of a method is
	// `self`, a *Borrow.
	Params []Param

	// Result is nil where the function returns nothing.
	Result Type

	// Async marks an `async func` of WASI 0.3.
	Async bool

	Docs string
	Gate Gate
}

// Param is a parameter of a function.
type Param struct {
	Name string
	Type Type
	Docs string
}

// BaseName is the name within the resource or interface: `m` for
// `[method]r.m`, `r` for `[constructor]r`, the whole name for a freestanding
// function.
func (f *Func) BaseName() string {
	if f.Kind == Freestanding {
		return f.Name
	}
	name := f.Name
	for i := 0; i < len(name); i++ {
		if name[i] == ']' {
			name = name[i+1:]
			break
		}
	}
	if f.Kind == Constructor {
		return name
	}
	for i := 0; i < len(name); i++ {
		if name[i] == '.' {
			return name[i+1:]
		}
	}
	return name
}

// Interface is a set of types and functions, in declaration order.
type Interface struct {
	// Name is the full name with package and version; the zero Name for an
	// interface that is declared inline in a world.
	Name  Name
	Types []*TypeDef
	Funcs []*Func

	// Package is the package that declares the interface; nil where the
	// interface was read from a component binary.
	Package *Package

	Docs string
	Gate Gate
}

// Type returns the type of that name, or nil.
func (i *Interface) Type(name string) *TypeDef {
	for _, t := range i.Types {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Func returns the function of that name in the binary, or nil.
func (i *Interface) Func(name string) *Func {
	for _, f := range i.Funcs {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// World is what a component imports and exports, in declaration order.
type World struct {
	Name    Name // the world's name stands in Name.Interface
	Imports []WorldItem
	Exports []WorldItem
	Package *Package
	Docs    string
	Gate    Gate
}

// WorldItem is one import or export of a world: exactly one of Interface, Func
// and Type is set.
type WorldItem struct {
	// Name is the extern name: `wasi:io/poll@0.2.12` for an interface by its
	// full name, or the plain name given in the world.
	Name      string
	Interface *Interface
	Func      *Func
	Type      *TypeDef
	Gate      Gate
	Docs      string
}

// Package is one WIT package, its interfaces and worlds in declaration order.
type Package struct {
	Name       Name // without Interface
	Interfaces []*Interface
	Worlds     []*World
	Docs       string
}

// Interface returns the interface of that name, or nil.
func (p *Package) Interface(name string) *Interface {
	for _, i := range p.Interfaces {
		if i.Name.Interface == name {
			return i
		}
	}
	return nil
}

// World returns the world of that name, or nil.
func (p *Package) World(name string) *World {
	for _, w := range p.Worlds {
		if w.Name.Interface == name {
			return w
		}
	}
	return nil
}

// Gate holds the feature-gate annotations of an item. The zero Gate means no
// annotation: the item is always there.
type Gate struct {
	Since      Version // @since(version = ...)
	Unstable   string  // @unstable(feature = ...)
	Deprecated Version // @deprecated(version = ...)
}

// IsZero reports whether there is no annotation.
func (g Gate) IsZero() bool { return g == Gate{} }
