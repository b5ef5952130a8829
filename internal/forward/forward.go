// Package forward makes components that import interfaces and do nothing but pass calls on
// to them, for tests of linking: whatever WIT can say of an import, there is a guest that
// has it. It collects what is imported (this file), encodes types (types.go), and writes
// the core modules that forward (core.go).
package forward

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/cabi"
	p "github.com/tenon-wasm/tenon/internal/pieces"
	"github.com/tenon-wasm/tenon/wit"
)

// A Guest is a component.
type Guest struct {
	Bytes []byte

	// Exports names the export that forwards to a function, by
	// "wasi:io/poll@0.2.3#[method]pollable.ready".
	Exports map[string]string

	// Handed are the exports among them that are the imported function itself: core
	// code cannot drop a borrow that it would have to find in a list.
	Handed map[string]bool
}

// Component makes a guest that imports all functions and types of interfaces, by their
// names, and those types of other interfaces that they use. An interface without
// functions is imported for its types.
func Component(interfaces ...*wit.Interface) (g *Guest, err error) {
	b := newBuilder()
	defer recovered(&err)
	for _, i := range interfaces {
		b.wanted[i] = true
	}
	for _, i := range interfaces {
		b.importInterface(i)
	}
	b.allocator()
	for _, i := range interfaces {
		for _, f := range i.Funcs {
			b.lower(i, f)
		}
	}
	b.forward()
	b.guest.Bytes = []byte(p.Component(b.sections...))
	return b.guest, nil
}

func newBuilder() *builder {
	b := &builder{
		guest:     &Guest{Exports: map[string]string{}, Handed: map[string]bool{}},
		wanted:    map[*wit.Interface]bool{},
		instances: map[*wit.Interface]int{},
		aliases:   map[*wit.TypeDef]int{},
		drops:     map[*wit.TypeDef]int{},
	}
	b.scope = &scope{named: b.alias, define: b.define, done: map[wit.Type]int{}}
	return b
}

// recovered makes an error of the panic of what cannot be encoded.
func recovered(err *error) {
	switch e := recover().(type) {
	case nil:
	case unable:
		*err = fmt.Errorf("forward: %s", string(e))
	default:
		panic(e)
	}
}

// unable is the panic of what cannot be encoded.
type unable string

// Codes of sections, sorts and the like, as Binary.md has them.
const (
	coreModules, coreInstances, instances = 1, 2, 5
	aliases, types                        = 6, 7
	canons, imports, exports              = 8, 10, 11

	sortFunc, sortType         = "\x01", "\x03"
	coreFunc, coreMemory       = "\x00\x00", "\x00\x02"
	ofInstance, ofCoreInstance = "\x00", "\x01"
)

type builder struct {
	guest    *Guest
	sections []string
	scope    *scope // of the component

	wanted    map[*wit.Interface]bool
	instances map[*wit.Interface]int
	aliases   map[*wit.TypeDef]int // types of imported instances
	drops     map[*wit.TypeDef]int // core functions that drop a resource, by root

	types, funcs, coreFuncs, modules int
	calls                            []call
}

// A call is a function that core code forwards to.
type call struct {
	name  string // wasi:io/poll@0.2.3#poll
	typ   *wit.Func
	core  int   // the lowered function
	drops []int // core functions, by flat parameter; -1 for none
}

// section adds a section with one definition.
func (b *builder) section(id byte, body string) {
	b.sections = append(b.sections, p.Section(id, p.Vec(body)))
}

func (b *builder) define(t string) int {
	b.section(types, t)
	b.types++
	return b.types - 1
}

// importInterface imports an interface after those whose types it uses.
func (b *builder) importInterface(i *wit.Interface) int {
	if n, ok := b.instances[i]; ok {
		return n
	}
	for _, def := range i.Types {
		if from, ok := def.Type.(*wit.TypeDef); ok && from.Interface != i {
			b.alias(from)
		}
	}
	t := b.define(b.instanceType(i))
	b.section(imports, "\x00"+p.Name(i.Name.String())+"\x05"+p.Uint(t))
	b.instances[i] = len(b.instances)
	return b.instances[i]
}

// alias is the index of a type that an imported instance exports.
func (b *builder) alias(def *wit.TypeDef) int {
	if n, ok := b.aliases[def]; ok {
		return n
	}
	instance := b.importInterface(def.Interface)
	b.section(aliases, sortType+ofInstance+p.Uint(instance)+p.Name(def.Name))
	b.aliases[def] = b.types
	b.types++
	return b.aliases[def]
}

// lower lowers an imported function for the core code that forwards to it.
func (b *builder) lower(i *wit.Interface, f *wit.Func) {
	b.section(aliases, sortFunc+ofInstance+p.Uint(b.instances[i])+p.Name(f.Name))
	imported := b.funcs
	b.funcs++
	c := call{name: i.Name.String() + "#" + f.Name, typ: f}
	var ok bool
	if c.drops, ok = b.dropsOf(f); !ok {
		b.guest.Handed[c.name] = true
		b.export(c.name, imported)
		return
	}
	b.section(canons, "\x01\x00"+p.Uint(imported)+options)
	c.core = b.coreFuncs
	b.coreFuncs++
	b.calls = append(b.calls, c)
}

// dropsOf tells which flat parameters of f are borrows, and how they are dropped. It
// answers false where borrows are within others.
func (b *builder) dropsOf(f *wit.Func) ([]int, bool) {
	var drops []int
	for _, param := range f.Params {
		borrow, plain := wit.Structure(param.Type).(*wit.Borrow)
		if plain {
			drops = append(drops, b.drop(borrow.Resource))
			continue
		}
		if holdsBorrow(param.Type) {
			return nil, false
		}
		for range flat(param.Type) {
			drops = append(drops, -1)
		}
	}
	if len(drops) > cabi.MaxFlatParams {
		for _, d := range drops {
			if d >= 0 {
				return nil, false
			}
		}
		drops = nil
	}
	return drops, true
}

// drop is the core function that drops a resource.
func (b *builder) drop(def *wit.TypeDef) int {
	root := def.Root()
	if n, ok := b.drops[root]; ok {
		return n
	}
	b.section(canons, "\x03"+p.Uint(b.alias(root)))
	b.drops[root] = b.coreFuncs
	b.coreFuncs++
	return b.drops[root]
}

func (b *builder) export(name string, function int) {
	short := fmt.Sprintf("f%d", len(b.guest.Exports))
	b.guest.Exports[name] = short
	b.section(exports, "\x00"+p.Name(short)+sortFunc+p.Uint(function)+"\x00")
	b.funcs++ // An export is a new function.
}
