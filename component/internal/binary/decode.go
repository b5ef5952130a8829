package binary

import (
	"bytes"

	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
)

// DecodeError says where a component is malformed, and how.
type DecodeError = cursor.Error

// maxNesting is how deep components and types may nest in one another. Real
// components stay below ten.
const maxNesting = 100

// Decode reads a component. The error is a *[DecodeError]; the tree then holds
// what comes before it, and is nil if that is not even a preamble. The tree
// aliases data.
//
// A truncated component is an error, except where it happens to end with a
// section: the format has no mark for the end.
func Decode(data []byte) (root *Component, err error) {
	defer cursor.Catch(&err)
	var d decoder
	d.component(cursor.New(data), func(c *Component) { root = c })
	return root, nil
}

// decoder reads the grammar of Binary.md, a method for a production. The cursor is
// a parameter because every section has its own.
type decoder struct{ depth int }

// nest guards a production that can contain itself.
func (d *decoder) nest(c *cursor.Cursor) (leave func()) {
	if d.depth++; d.depth > maxNesting {
		c.Fail("components and types nest more than %d deep", maxNesting)
	}
	return func() { d.depth-- }
}

// Sections that are not vectors of definitions.
const (
	sectionCustom     = 0
	sectionCoreModule = 1
	sectionComponent  = 4
	sectionStart      = 9
)

// sections names the sections by id; those that are vectors of definitions say how
// one is read.
var sections = [...]struct {
	name string
	read func(*decoder, *cursor.Cursor, *Component)
}{
	sectionCustom:     {"custom section", nil},
	sectionCoreModule: {"core module section", nil},
	2:                 {"core instance section", one((*decoder).coreInstance)},
	3:                 {"core type section", (*decoder).coreTypeDefs},
	sectionComponent:  {"component section", nil},
	5:                 {"instance section", one((*decoder).instance)},
	6:                 {"alias section", one((*decoder).alias)},
	7:                 {"type section", one((*decoder).typeDef)},
	8:                 {"canon section", one((*decoder).canon)},
	sectionStart:      {"start section", nil},
	10:                {"import section", one((*decoder).importDef)},
	11:                {"export section", one((*decoder).exportDef)},
	12:                {"value section", one((*decoder).value)},
}

// one adapts the reader of one definition.
func one[D Def](read func(*decoder, *cursor.Cursor) D) func(*decoder, *cursor.Cursor, *Component) {
	return func(d *decoder, c *cursor.Cursor, comp *Component) {
		comp.Defs = append(comp.Defs, read(d, c))
	}
}

// component reads a component. It is handed on as soon as it is known to be one, so
// that what was read is there when reading fails.
func (d *decoder) component(c *cursor.Cursor, begun func(*Component)) {
	defer d.nest(c)()
	comp := &Component{Offset: c.Offset(), Size: c.Len()}
	preamble(c)
	begun(comp)
	nested := 0
	for c.Len() > 0 {
		at := c.Offset()
		id := c.Byte()
		if int(id) >= len(sections) {
			c.FailAt(at, "%d is not the id of a section", id)
		}
		c.Enter(sections[id].name, -1)
		body := c.Sub()
		switch id {
		case sectionCustom:
			comp.Custom = append(comp.Custom, custom(body))
		case sectionCoreModule:
			comp.Defs = append(comp.Defs, coreModule(body))
		case sectionComponent:
			body.Enter("component", nested)
			at := here(body)
			d.component(body, func(c *Component) { comp.Defs = append(comp.Defs, &Nested{at, c}) })
			nested++
			body.Leave()
		case sectionStart:
			comp.Defs = append(comp.Defs, start(body))
		default:
			for i := range body.Count() {
				body.Enter("definition", i)
				sections[id].read(d, body, comp)
				body.Leave()
			}
		}
		body.Done()
		c.Leave()
	}
}

// here is the position of the definition that begins here.
func here(c *cursor.Cursor) Pos { return Pos(c.Offset()) }

func custom(c *cursor.Cursor) Custom {
	return Custom{Name: c.Name(), Offset: c.Offset(), Data: c.Bytes(uint32(c.Len()))}
}

// coreModule keeps a core module as bytes: package core reads it. Only its
// preamble is looked at, because a component may stand there by mistake.
func coreModule(c *cursor.Cursor) *CoreModule {
	at := here(c)
	if !bytes.HasPrefix(c.Rest(), []byte("\x00asm\x01\x00\x00\x00")) {
		c.Fail("not a core module of version 1")
	}
	return &CoreModule{Pos: at, Bytes: c.Bytes(uint32(c.Len()))}
}

// maxStartResults is how many results a start definition may announce, as in other
// tools. No function has more than one, but that is for validation to say.
const maxStartResults = 1000

func start(c *cursor.Cursor) *Start {
	s := &Start{Pos: here(c), Func: c.U32(), Args: cursor.Vec(c, "argument", c.U32)}
	at := c.Offset()
	if s.Results = c.U32(); s.Results > maxStartResults {
		c.FailAt(at, "%d results of a start function: more than %d", s.Results, maxStartResults)
	}
	return s
}

// value keeps the extent of a value, whose encoding depends on its type.
func (d *decoder) value(c *cursor.Cursor) *Value {
	v := &Value{Pos: here(c), Type: valType(c)}
	v.Data = c.Bytes(c.U32())
	return v
}
