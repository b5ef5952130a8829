package wrap

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// Section is the content of a custom section that tells the world, for a core module: what
// package embed reads. The error is an *[Error].
func Section(w *wit.World, encoding cabi.Encoding) (out []byte, err error) {
	defer catch(&err)
	t := &worldType{instances: map[*wit.Interface]int{}, named: map[*wit.TypeDef]int{}}
	t.reset()
	for _, it := range w.Imports {
		t.item(it, 0x03)
	}
	// The exports have types of their own.
	t.reset()
	for _, it := range w.Exports {
		t.item(it, 0x04)
	}
	world := append(appendIndex([]byte{0x01, 0x41}, t.n), t.decls...)
	name := w.Name
	if name.Namespace == "" || name.Package == "" {
		return nil, &Error{fmt.Sprintf("the world %s is in no package", w.Name)}
	}
	// A component type that exports the world, as the only declaration but for the type.
	pkg := append([]byte{0x41, 0x02}, world...)
	pkg = append(appendName(append(pkg, 0x04, 0x00), name.String()), sortComponent, 0x00)

	e := newEncoder(len(pkg))
	e.out = appendSection(e.out, 0, append(appendName(nil, "wit-component-encoding"), 0x04, byte(encoding)))
	e.one(sectionType, pkg)
	e.types++
	e.export(name.Interface, sortType, 0, &e.types)
	return e.out, nil
}

// worldType is the component type of a world while it is written.
type worldType struct {
	space
	decls     []byte
	n         int // declarations
	types     int
	instances map[*wit.Interface]int
	made      int // instances
	named     map[*wit.TypeDef]int
}

func (t *worldType) reset() {
	t.space = space{define: t.add, name: t.find, seen: map[wit.Type]int{}}
}

func (t *worldType) add(body []byte) int {
	t.decls = append(append(t.decls, 0x01), body...)
	t.n++
	return next(&t.types)
}

// find is a type of the world itself, or of an interface that it imports or exports.
func (t *worldType) find(def *wit.TypeDef) int {
	if i, ok := t.named[def]; ok {
		return i
	}
	i, ok := t.instances[def.Interface]
	if !ok {
		refuse("the world uses the type %s of an interface that it neither imports nor exports before", def.Name)
	}
	t.decls = appendName(appendIndex(append(t.decls, 0x02, sortType, 0x00), i), def.Name)
	t.n++
	return next(&t.types)
}

// item declares an import or an export, as the code says.
func (t *worldType) item(it wit.WorldItem, code byte) {
	var typ []byte
	switch {
	case it.Interface != nil:
		i := newInstanceType(it.Interface, func(def *wit.TypeDef) int { return t.index(def) }, func(int) {})
		for _, def := range it.Interface.Types {
			i.index(def)
		}
		for _, f := range it.Interface.Funcs {
			i.exportFunc(f)
		}
		typ = appendIndex([]byte{sortInstance}, t.add(i.bytes()))
	case it.Func != nil:
		typ = appendIndex([]byte{sortFunc}, t.fn(it.Func))
	case declares(it.Type):
		typ = []byte{sortType, 0x01}
	default:
		typ = appendIndex([]byte{sortType, 0x00}, t.index(it.Type.Type))
	}
	t.decls = append(appendName(append(t.decls, code, 0x00), it.Name), typ...)
	t.n++
	switch {
	case it.Interface != nil:
		t.instances[it.Interface] = next(&t.made)
	case it.Type != nil:
		t.named[it.Type] = next(&t.types)
	}
}
