package wrap

import (
	"encoding/binary"
	"slices"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// appendName writes a length and that many bytes: a name, or a vector of value types.
func appendName[S string | []byte](out []byte, s S) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

func appendIndex(out []byte, n int) []byte { return binary.AppendUvarint(out, uint64(n)) }

func appendSection(out []byte, id byte, body []byte) []byte { return appendName(append(out, id), body) }

// Sections of a component, by their ids.
const (
	sectionCoreModule   = 1
	sectionCoreInstance = 2
	sectionComponent    = 4
	sectionInstance     = 5
	sectionAlias        = 6
	sectionType         = 7
	sectionCanon        = 8
	sectionImport       = 10
	sectionExport       = 11
)

// Sorts, as they are written.
const (
	sortCore      = 0x00 // a core sort follows
	sortFunc      = 0x01
	sortType      = 0x03
	sortComponent = 0x04
	sortInstance  = 0x05

	coreFunc     = 0x00
	coreTable    = 0x01
	coreMemory   = 0x02
	coreInstance = 0x12
)

// An encoder writes the definitions of a component, each in a section of its own, and
// counts the index spaces. What it answers are indices.
type encoder struct {
	out []byte

	modules, coreInstances, coreFuncs, memories, tables int
	types, funcs, instances, components                 int
}

var componentPreamble = []byte("\x00asm\x0d\x00\x01\x00")

func newEncoder(size int) *encoder {
	return &encoder{out: append(make([]byte, 0, size+1<<12), componentPreamble...)}
}

// one writes a section that holds one definition.
func (e *encoder) one(id byte, definition []byte) {
	e.out = appendSection(e.out, id, append([]byte{1}, definition...))
}

func next(counter *int) int {
	*counter++
	return *counter - 1
}

func (e *encoder) coreModule(bytes []byte) int {
	e.out = appendSection(e.out, sectionCoreModule, bytes)
	return next(&e.modules)
}

// A namedIndex is an argument, or an inline export, of a core instance.
type namedIndex struct {
	name  string
	sort  byte // of an export
	index int
}

func (e *encoder) instantiate(module int, args []namedIndex) int {
	d := appendIndex(appendIndex([]byte{0x00}, module), len(args))
	for _, a := range args {
		d = appendIndex(append(appendName(d, a.name), coreInstance), a.index)
	}
	e.one(sectionCoreInstance, d)
	return next(&e.coreInstances)
}

func (e *encoder) bundle(exports []namedIndex) int {
	d := appendIndex([]byte{0x01}, len(exports))
	for _, x := range exports {
		d = appendIndex(append(appendName(d, x.name), x.sort), x.index)
	}
	e.one(sectionCoreInstance, d)
	return next(&e.coreInstances)
}

func (e *encoder) aliasCore(sort byte, instance int, name string) int {
	d := appendName(appendIndex([]byte{sortCore, sort, 0x01}, instance), name)
	e.one(sectionAlias, d)
	switch sort {
	case coreFunc:
		return next(&e.coreFuncs)
	case coreTable:
		return next(&e.tables)
	}
	return next(&e.memories)
}

func (e *encoder) aliasFunc(instance int, name string) int {
	e.one(sectionAlias, appendName(appendIndex([]byte{sortFunc, 0x00}, instance), name))
	return next(&e.funcs)
}

// importInstance imports functions, as an instance, under a plain name.
func (e *encoder) importInstance(name string, funcs []*wit.Func) int {
	funcs = distinct(funcs)
	d := appendIndex([]byte{0x42}, 2*len(funcs))
	for i, f := range funcs {
		d = appendFuncType(append(d, 0x01), f)
		d = appendName(append(d, 0x04, 0x00), f.Name)
		d = appendIndex(append(d, sortFunc), i)
	}
	e.one(sectionType, d)
	t := next(&e.types)
	e.one(sectionImport, appendIndex(append(appendName([]byte{0x00}, name), sortInstance), t))
	return next(&e.instances)
}

func distinct(funcs []*wit.Func) (once []*wit.Func) {
	for _, f := range funcs {
		if !slices.Contains(once, f) {
			once = append(once, f)
		}
	}
	return once
}

// resultType is result, which says only whether something went well.
func (e *encoder) resultType() int {
	e.one(sectionType, []byte{0x6a, 0x00, 0x00})
	return next(&e.types)
}

// funcTypeGiving is the type of a function without parameters that gives a defined type.
func (e *encoder) funcTypeGiving(result int) int {
	e.one(sectionType, appendIndex([]byte{0x40, 0x00, 0x00}, result))
	return next(&e.types)
}

// canonOptions are the options of canon lift and canon lower; what is negative is not there.
type canonOptions struct {
	encoding                 cabi.Encoding
	encoded                  bool // the encoding matters
	memory, realloc, postRet int
}

// withMemory are options that name the memory alone.
func withMemory(memory int) canonOptions {
	return canonOptions{memory: memory, realloc: -1, postRet: -1}
}

func (o canonOptions) append(out []byte) []byte {
	var n int
	var list []byte
	if o.encoded {
		n, list = n+1, append(list, byte(o.encoding))
	}
	for _, x := range []struct {
		code  byte
		index int
	}{{0x03, o.memory}, {0x04, o.realloc}, {0x05, o.postRet}} {
		if x.index >= 0 {
			n, list = n+1, appendIndex(append(list, x.code), x.index)
		}
	}
	return append(appendIndex(out, n), list...)
}

// lower is canon lower.
func (e *encoder) lower(f int, o canonOptions) int {
	e.one(sectionCanon, o.append(appendIndex([]byte{0x01, 0x00}, f)))
	return next(&e.coreFuncs)
}

// lift is canon lift.
func (e *encoder) lift(f, typ int, o canonOptions) int {
	e.one(sectionCanon, appendIndex(o.append(appendIndex([]byte{0x00, 0x00}, f)), typ))
	return next(&e.funcs)
}

// resourceBuiltin is one of the built-ins of a resource.
func (e *encoder) resourceBuiltin(b builtin, resource int) int {
	code := map[builtin]byte{resourceNew: 0x02, resourceDrop: 0x03, resourceRep: 0x04}[b]
	e.one(sectionCanon, appendIndex([]byte{code}, resource))
	return next(&e.coreFuncs)
}

// resource defines a resource, with a destructor unless that is negative.
func (e *encoder) resource(dtor int) int {
	d := []byte{0x3f, core.I32, 0x00}
	if dtor >= 0 {
		d = appendIndex([]byte{0x3f, core.I32, 0x01}, dtor)
	}
	e.one(sectionType, d)
	return next(&e.types)
}

func (e *encoder) component(bytes []byte) int {
	e.out = appendSection(e.out, sectionComponent, bytes)
	return next(&e.components)
}

// instance instantiates a component.
func (e *encoder) instance(component int, args []namedIndex) int {
	d := appendIndex(appendIndex([]byte{0x00}, component), len(args))
	for _, a := range args {
		d = appendIndex(append(appendName(d, a.name), a.sort), a.index)
	}
	e.one(sectionInstance, d)
	return next(&e.instances)
}

func (e *encoder) aliasType(instance int, name string) int {
	e.one(sectionAlias, appendName(appendIndex([]byte{sortType, 0x00}, instance), name))
	return next(&e.types)
}

// importAs imports an item of a type that is written out, and counts it.
func (e *encoder) importAs(name string, typ []byte, counter *int) int {
	e.one(sectionImport, append(appendName([]byte{0x00}, name), typ...))
	return next(counter)
}

func (e *encoder) inlineInstance(name string, f int) int {
	d := appendName([]byte{0x01, 0x01, 0x00}, name)
	e.one(sectionInstance, appendIndex(append(d, sortFunc), f))
	return next(&e.instances)
}

// export exports an item, which becomes the next in the space that the counter counts.
func (e *encoder) export(name string, sort byte, index int, counter *int) {
	d := appendIndex(append(appendName([]byte{0x00}, name), sort), index)
	e.one(sectionExport, append(d, 0x00))
	next(counter)
}

func appendFuncType(out []byte, f *wit.Func) []byte {
	out = appendIndex(append(out, 0x40), len(f.Params))
	for _, p := range f.Params {
		out = append(appendName(out, p.Name), scalars[p.Type.(wit.Prim)].code)
	}
	if f.Result == nil {
		return append(out, 0x01, 0x00)
	}
	return append(out, 0x00, scalars[f.Result.(wit.Prim)].code)
}
