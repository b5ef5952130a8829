package wrap

import (
	"fmt"
	"strconv"

	"github.com/tenon-wasm/tenon/wit"
)

// maxTypeBytes bounds the types of a component: an interface names anew what it takes
// from others, so that many can be made of few.
const maxTypeBytes = 1 << 20

// A composer writes the component of a shape. What the component imports and exports is
// written when it is first referred to.
type composer struct {
	*encoder
	*shape
	root   space
	live   *live
	places map[*wit.Interface]*place

	hosts     map[string]int       // instances that the host serves
	rootFuncs map[*wit.Func]int    // imported
	resources map[*wit.TypeDef]int // those that the module exports, before they are
	typeBytes int

	shimInstance, main int
	memoryIndex        int
	aliased            map[string]int // functions of the main module
}

// A place is where an interface of the world has come to.
type place struct {
	item     *wit.WorldItem
	imported bool
	begun    bool
	instance int // or -1
}

// encode writes the component around the bytes of a module, and answers the index of that.
func (s *shape) encode(module []byte) (out []byte, index int) {
	c := &composer{
		encoder: newEncoder(len(module)), shape: s, live: s.alive(), places: map[*wit.Interface]*place{},
		hosts: map[string]int{}, rootFuncs: map[*wit.Func]int{}, resources: map[*wit.TypeDef]int{}, shimInstance: -1, main: -1, memoryIndex: -1, aliased: map[string]int{},
	}
	c.root = space{define: c.define, name: c.named, seen: map[wit.Type]int{}}
	c.importAll()
	args := c.shimAndArgs()
	index = c.coreModule(module)
	c.main = c.instantiate(index, args)
	if s.abi.memory != "" {
		c.memoryIndex = c.aliasCore(coreMemory, c.main, s.abi.memory)
	}
	c.fix()
	c.exportAll()
	return c.out, index
}

func (c *composer) pay(n int) {
	if c.typeBytes += n + 8; c.typeBytes > maxTypeBytes {
		refuse("the world that it carries is too large: its types take more than %d bytes", maxTypeBytes)
	}
}

func (c *composer) define(body []byte) int {
	c.pay(len(body))
	c.one(sectionType, body)
	return next(&c.types)
}

// importAll imports what the host serves, and what the world does that is alive.
func (c *composer) importAll() {
	for _, module := range c.served {
		var funcs []*wit.Func
		for _, l := range c.links {
			if h, ok := l.meets.(hostFunc); ok && h.module == module {
				funcs = append(funcs, h.f)
			}
		}
		c.hosts[module] = c.importInstance(ImportName(module), funcs)
	}
	if c.guest == nil {
		return
	}
	for i, it := range c.guest.Imports {
		if it.Interface != nil {
			c.places[it.Interface] = &place{item: &c.guest.Imports[i], imported: true, instance: -1}
		}
	}
	for i, it := range c.guest.Exports {
		if it.Interface != nil {
			c.places[it.Interface] = &place{item: &c.guest.Exports[i], instance: -1}
		}
	}
	for _, it := range c.guest.Imports {
		switch {
		case it.Interface != nil:
			c.importInterface(c.places[it.Interface])
		case it.Type != nil:
			c.root.index(it.Type)
		}
	}
}

// begin notes that an interface is being written; one that needs itself cannot be.
func (c *composer) begin(i *wit.Interface) {
	p := c.places[i]
	if p.begun {
		refuse("the world that it carries has interfaces that need each other; one is %s", p.item.Name)
	}
	p.begun = true
}

// importInterface imports what of an interface is alive, and answers its instance.
func (c *composer) importInterface(p *place) int {
	if p.instance >= 0 {
		return p.instance
	}
	i := p.item.Interface
	if !c.isAlive(i) {
		return -1
	}
	c.begin(i)
	t := newInstanceType(i, func(def *wit.TypeDef) int { return c.root.index(def) }, c.pay)
	for _, def := range c.live.order[i] {
		t.index(def)
	}
	for _, f := range i.Funcs {
		if c.live.funcs[f] {
			t.exportFunc(f)
		}
	}
	typ := c.define(t.bytes())
	p.instance = c.importAs(p.item.Name, appendIndex([]byte{sortInstance}, typ), &c.instances)
	return p.instance
}

func (c *composer) isAlive(i *wit.Interface) bool {
	if len(c.live.order[i]) > 0 {
		return true
	}
	for _, f := range i.Funcs {
		if c.live.funcs[f] {
			return true
		}
	}
	return false
}

// named finds a type of the world where it has come to.
func (c *composer) named(def *wit.TypeDef) int {
	if def.World != nil {
		typ := []byte{sortType, 0x01}
		if !declares(def) {
			typ = appendIndex([]byte{sortType, 0x00}, c.root.index(def.Type))
		}
		return c.importAs(def.Name, typ, &c.types)
	}
	p := c.places[def.Interface]
	switch {
	case p.imported:
		return c.aliasType(c.importInterface(p), def.Name)
	case !p.begun:
		c.exportInterface(p.item)
	case p.instance >= 0:
	case declares(def):
		return c.ownResource(def)
	default:
		return c.root.index(def.Type)
	}
	return c.aliasType(p.instance, def.Name)
}

// ownResource is a resource that the module exports, as long as it is not exported.
func (c *composer) ownResource(def *wit.TypeDef) int {
	i, ok := c.resources[def]
	if !ok {
		dtor := -1
		if l := c.dtors[def]; l != nil {
			dtor = c.throughShim(l)
		}
		i = c.resource(dtor)
		c.resources[def] = i
	}
	return i
}

// throughShim is the function of the shim that stands for a link.
func (c *composer) throughShim(l *link) int {
	return c.aliasCore(coreFunc, c.shimInstance, strconv.Itoa(l.slot))
}

// shimAndArgs instantiates the shim, and makes the instances that the module imports.
func (c *composer) shimAndArgs() []namedIndex {
	if len(c.shim) > 0 {
		names := make([]string, len(c.shim))
		for i, l := range c.shim {
			names[i] = l.name
		}
		c.shimInstance = c.instantiate(c.coreModule(shimModule(c.fixup.types, names)), nil)
	}
	var order []string
	items := map[string][]namedIndex{}
	for _, l := range c.links {
		if items[l.module] == nil {
			order = append(order, l.module)
		}
		var f int
		if l.slot >= 0 {
			f = c.throughShim(l)
		} else {
			f = l.meets.core(c)
		}
		items[l.module] = append(items[l.module], namedIndex{l.name, coreFunc, f})
	}
	var args []namedIndex
	for _, module := range order {
		args = append(args, namedIndex{name: module, index: c.bundle(items[module])})
	}
	return args
}

// fix fills the table of the shim, and calls what has to be called first.
func (c *composer) fix() {
	var fixed []namedIndex
	if len(c.shim) > 0 {
		fill := []namedIndex{{tableName, coreTable, c.aliasCore(coreTable, c.shimInstance, tableName)}}
		for i, l := range c.shim {
			fill = append(fill, namedIndex{strconv.Itoa(i), coreFunc, l.meets.core(c)})
		}
		fixed = append(fixed, namedIndex{name: fromShim, index: c.bundle(fill)})
	}
	fixed = append(fixed, namedIndex{name: fromMain, index: c.main})
	last := c.instantiate(c.coreModule(c.fixup.module()), fixed)
	if c.fixup.run == "" {
		return
	}
	f := c.lift(c.aliasCore(coreFunc, last, runName), c.funcTypeGiving(c.resultType()), withMemory(-1))
	name := c.world.Command
	if c.startAs != "" {
		name = c.startAs
	}
	c.export(name, sortInstance, c.inlineInstance(runName, f), &c.instances)
}

// exportAll exports what the module does, and its world.
func (c *composer) exportAll() {
	for _, x := range c.exports {
		f := c.lift(c.mainFunc(x.export), c.define(appendFuncType(nil, x.typ)), withMemory(-1))
		c.export(x.typ.Name, sortFunc, f, &c.funcs)
	}
	if c.guest == nil {
		return
	}
	for i := range c.guest.Exports {
		it := &c.guest.Exports[i]
		switch {
		case it.Func != nil:
			c.export(it.Name, sortFunc, c.lifted(it.Func), &c.funcs)
		case it.Interface != nil && it.Name != c.startAs && !c.places[it.Interface].begun:
			c.exportInterface(it)
		}
	}
}

// mainFunc is a function that the module exports.
func (c *composer) mainFunc(name string) int {
	i, ok := c.aliased[name]
	if !ok {
		i = c.aliasCore(coreFunc, c.main, name)
		c.aliased[name] = i
	}
	return i
}

// lifted lifts a function of the world.
func (c *composer) lifted(f *wit.Func) int {
	l := c.lifts[f]
	o := c.options(l.needs, f, l.realloc)
	if l.post != "" {
		o.postRet = c.mainFunc(l.post)
	}
	return c.lift(c.mainFunc(l.export), c.root.fn(f), o)
}

// options are those that a function of the world needs.
func (c *composer) options(n needs, f *wit.Func, realloc string) canonOptions {
	o := withMemory(-1)
	if n.memory {
		if c.memoryIndex < 0 {
			refuse("the function %q of the world that it carries needs a memory, and it exports none named %q", f.Name, legacy.memory)
		}
		o.memory = c.memoryIndex
	}
	if n.realloc {
		o.realloc = c.mainFunc(realloc)
	}
	if n.encoding {
		o.encoded, o.encoding = true, c.guest.Encodings[f]
	}
	return o
}

func (h hostFunc) core(c *composer) int {
	return c.lower(c.aliasFunc(c.hosts[h.module], h.f.Name), withMemory(c.memoryIndex))
}

func (i importedFunc) core(c *composer) int {
	var f int
	if i.item.Interface != nil {
		f = c.aliasFunc(c.places[i.item.Interface].instance, i.f.Name)
	} else {
		f = c.rootFunc(i.item)
	}
	realloc := ""
	if i.needs.realloc {
		realloc = c.allocator(false, fmt.Sprintf("the function %q, which it imports,", i.f.Name))
	}
	return c.lower(f, c.options(i.needs, i.f, realloc))
}

func (r resourceFunc) core(c *composer) int {
	if r.own {
		return c.resourceBuiltin(r.builtin, c.ownResource(r.def))
	}
	return c.resourceBuiltin(r.builtin, c.root.index(r.def))
}

func (d destructor) core(c *composer) int { return c.mainFunc(d.export) }

// rootFunc imports a function of the world itself, if that has not been done.
func (c *composer) rootFunc(it *wit.WorldItem) int {
	i, ok := c.rootFuncs[it.Func]
	if !ok {
		i = c.importAs(it.Name, appendIndex([]byte{sortFunc}, c.root.fn(it.Func)), &c.encoder.funcs)
		c.rootFuncs[it.Func] = i
	}
	return i
}
