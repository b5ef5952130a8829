package wrap

import (
	"encoding/binary"
	"slices"

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
	sectionInstance     = 5
	sectionAlias        = 6
	sectionType         = 7
	sectionCanon        = 8
	sectionImport       = 10
	sectionExport       = 11
)

// Sorts, as they are written.
const (
	sortCore     = 0x00 // a core sort follows
	sortFunc     = 0x01
	sortInstance = 0x05

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
	types, funcs, instances                             int
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

func (e *encoder) module(bytes []byte) int {
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

func (e *encoder) funcType(f *wit.Func) int {
	e.one(sectionType, appendFuncType(nil, f))
	return next(&e.types)
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

// lower is canon lower with the memory, or with none where it is negative.
func (e *encoder) lower(f, memory int) int {
	d := appendIndex([]byte{0x01, 0x00}, f)
	if memory < 0 {
		d = append(d, 0x00)
	} else {
		d = appendIndex(append(d, 0x01, 0x03), memory)
	}
	e.one(sectionCanon, d)
	return next(&e.coreFuncs)
}

func (e *encoder) lift(f, typ int) int {
	d := append(appendIndex([]byte{0x00, 0x00}, f), 0x00)
	e.one(sectionCanon, appendIndex(d, typ))
	return next(&e.funcs)
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
