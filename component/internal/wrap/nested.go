package wrap

import (
	"fmt"

	"github.com/tenon-wasm/tenon/wit"
)

// A nesting is the component that gives an exported interface its names. The functions
// that the module lifts have types without names, for an interface's types get their names
// when it is exported. So the interface is an instance of a component that imports the
// functions, and all types that they take, and exports them as the interface has them.
type nesting struct {
	*encoder
	space
	of *wit.Interface
	c  *composer

	// foreign are types of other interfaces, and resources those of its own, as they are
	// imported.
	foreign, resources map[*wit.TypeDef]int
	args               []namedIndex
	exporting          bool
}

// nest writes the component that exports the interface, and instantiates it with the
// functions.
func (c *composer) nest(of *wit.Interface, funcs []int) int {
	n := &nesting{encoder: newEncoder(0), of: of, c: c, foreign: map[*wit.TypeDef]int{}, resources: map[*wit.TypeDef]int{}}
	n.space = space{define: n.add, name: n.named, seen: map[wit.Type]int{}}
	for _, def := range of.Types {
		if declares(def) {
			n.index(def)
		}
	}
	for i, f := range of.Funcs {
		name := fmt.Sprintf("f%d", i)
		n.importAs(name, appendIndex([]byte{sortFunc}, n.fn(f)), &n.encoder.funcs)
		n.args = append(n.args, namedIndex{name, sortFunc, funcs[i]})
	}
	n.exporting, n.seen = true, map[wit.Type]int{}
	for _, def := range of.Types {
		n.index(def)
	}
	for i, f := range of.Funcs {
		d := appendIndex(append(appendName([]byte{0x00}, f.Name), sortFunc), i)
		n.one(sectionExport, appendIndex(append(d, 0x01, sortFunc), n.fn(f)))
	}
	return c.instance(c.component(n.out), n.args)
}

func (n *nesting) add(body []byte) int {
	n.c.pay(len(body))
	n.one(sectionType, body)
	return next(&n.encoder.types)
}

func (n *nesting) named(def *wit.TypeDef) int {
	if def.Interface != n.of {
		i, ok := n.foreign[def]
		if !ok {
			i = n.importType(def)
			n.foreign[def] = i
		}
		return i
	}
	if !n.exporting {
		i := n.importType(def)
		if declares(def) {
			n.resources[def] = i
		}
		return i
	}
	i, ok := n.resources[def]
	if !ok {
		i = n.index(def.Type)
	}
	n.export(def.Name, sortType, i, &n.encoder.types)
	return n.encoder.types - 1
}

// importType imports a type, for which the component around gives its own.
func (n *nesting) importType(def *wit.TypeDef) int {
	typ := []byte{sortType, 0x01}
	if !declares(def) {
		typ = appendIndex([]byte{sortType, 0x00}, n.index(def.Type))
	}
	name := fmt.Sprintf("t%d", len(n.args))
	n.args = append(n.args, namedIndex{name, sortType, n.c.root.index(def)})
	return n.importAs(name, typ, &n.encoder.types)
}

// exportInterface lifts the functions of an interface and exports it. Its types are then
// those of the export: what has been made of them before is forgotten.
func (c *composer) exportInterface(it *wit.WorldItem) {
	c.begin(it.Interface)
	mark := len(c.root.log)
	var funcs []int
	for _, f := range it.Interface.Funcs {
		funcs = append(funcs, c.lifted(f))
	}
	i := c.nest(it.Interface, funcs)
	c.export(it.Name, sortInstance, i, &c.instances)
	c.root.forget(mark)
	c.places[it.Interface].instance = c.instances - 1
}
