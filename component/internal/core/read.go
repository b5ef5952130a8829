package core

import (
	"bytes"

	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
)

// Preamble begins a core module: the magic bytes, version 1, layer 0. It is the smallest one.
const Preamble = "\x00asm\x01\x00\x00\x00"

var magic = []byte(Preamble)

// Read reads the outside of a core module. Function bodies and the bytes of data
// segments are passed over. The error is a *[cursor.Error] with an offset in data;
// the module aliases data.
func Read(data []byte) (m *Module, err error) {
	defer cursor.Catch(&err)
	if !bytes.HasPrefix(data, magic) {
		cursor.New(data).Fail("not a core module of version 1")
	}
	r := &reader{m: &Module{bytes: data}}
	r.sections(data)
	return r.m, nil
}

// reader fills in a module.
type reader struct {
	m    *Module
	last int // the rank of the last section
}

// sections names the sections by id and ranks them: except for custom sections,
// each comes at most once and in the order of its rank.
var sections = [...]struct {
	name string
	rank int
	read func(*reader, *cursor.Cursor)
}{
	0:  {"custom section", 0, (*reader).custom},
	1:  {"type section", 1, (*reader).types},
	2:  {"import section", 2, (*reader).imports},
	3:  {"function section", 3, (*reader).funcs},
	4:  {"table section", 4, (*reader).tables},
	5:  {"memory section", 5, (*reader).memories},
	6:  {"global section", 7, (*reader).globals},
	7:  {"export section", 8, (*reader).exports},
	8:  {"start section", 9, (*reader).start},
	9:  {"element section", 10, (*reader).elems},
	10: {"code section", 12, (*reader).skip},
	11: {"data section", 13, (*reader).data},
	12: {"data count section", 11, (*reader).dataCount},
	13: {"tag section", 6, (*reader).tags},
}

func (r *reader) sections(data []byte) {
	c := cursor.New(data)
	c.Bytes(uint32(len(magic)))
	for c.Len() > 0 {
		at := c.Offset()
		id := c.Byte()
		if int(id) >= len(sections) {
			c.FailAt(at, "%d is not the id of a section", id)
		}
		s := sections[id]
		c.Enter(s.name, -1)
		body := c.Sub()
		if s.rank > 0 {
			if s.rank <= r.last {
				c.FailAt(at, "out of order, or there twice")
			}
			r.last = s.rank
		}
		switch whole := (span{at, c.Offset()}); id {
		case 2:
			r.m.importSection = whole
		case 7:
			r.m.exportSection = whole
		case 8:
			r.m.startSection = whole
		}
		s.read(r, body)
		body.Done()
		c.Leave()
	}
}

// skip passes over a section that is not looked into.
func (r *reader) skip(c *cursor.Cursor) { c.Bytes(uint32(c.Len())) }

// each reads a vector for its effect.
func each(c *cursor.Cursor, what string, read func()) int {
	n := c.Count()
	for i := range n {
		c.Enter(what, i)
		read()
		c.Leave()
	}
	return n
}

func (r *reader) custom(c *cursor.Cursor) {
	name := c.Name()
	s := Custom{Name: name, Offset: c.Offset(), Data: c.Bytes(uint32(c.Len()))}
	r.m.customs = append(r.m.customs, s)
	if name == "name" {
		r.m.HasNames = true
		r.m.ModuleName = moduleName(s.Data)
	}
}

// moduleName looks for the name of the module at the beginning of a name section.
// A name section may be malformed without harm; then the module has no name.
func moduleName(data []byte) string {
	var name string
	read := func() (err error) {
		defer cursor.Catch(&err)
		c := cursor.New(data)
		c.Expect(0, "the first subsection")
		body := c.Sub()
		n := body.Name()
		body.Done()
		name = n
		return nil
	}
	if read() != nil {
		return ""
	}
	return name
}

func (r *reader) types(c *cursor.Cursor) {
	each(c, "type", func() {
		ReadDefTypes(c, func(t DefType) {
			if !t.IsFunc {
				r.m.OtherTypes = true
				t.Func = FuncType{}
			}
			r.m.Types = append(r.m.Types, t.Func)
		})
	})
}

// room is for how many entries there is room in what is left, if each has that many bytes
// at least: no more than are announced.
func room(c *cursor.Cursor, least int) int {
	ahead := *c
	return min(ahead.Count(), c.Len()/least)
}

func (r *reader) imports(c *cursor.Cursor) {
	m := r.m
	n := room(c, 4)
	m.Imports, m.importTypes = make([]Import, 0, n), make([]span, 0, n)
	each(c, "import", func() {
		imp := Import{Module: c.Name(), Name: c.Name()}
		at := c.Offset()
		imp.ExternType = ReadExternType(c)
		m.Imports = append(m.Imports, imp)
		m.importTypes = append(m.importTypes, span{at, c.Offset()})
		switch imp.Kind {
		case Func:
			m.Funcs = append(m.Funcs, imp.Type)
		case Table:
			m.Tables = append(m.Tables, imp.ExternType)
		case Memory:
			m.Memories = append(m.Memories, imp.ExternType)
		case Global:
			m.Globals = append(m.Globals, imp.ExternType)
		case Tag:
			m.Tags = append(m.Tags, imp.Type)
		}
	})
	m.ImportedFuncs, m.ImportedTables, m.ImportedMemories = len(m.Funcs), len(m.Tables), len(m.Memories)
	m.ImportedGlobals, m.ImportedTags = len(m.Globals), len(m.Tags)
}

func (r *reader) funcs(c *cursor.Cursor) {
	each(c, "function", func() { r.m.Funcs = append(r.m.Funcs, c.U32()) })
}

func (r *reader) tables(c *cursor.Cursor) {
	each(c, "table", func() {
		initialised := c.Peek() == 0x40
		if initialised {
			c.Byte()
			c.Expect(0, "the byte after 0x40")
		}
		r.m.Tables = append(r.m.Tables, readTableType(c))
		if initialised {
			readConstExpr(c)
		}
	})
}

func (r *reader) memories(c *cursor.Cursor) {
	each(c, "memory", func() { r.m.Memories = append(r.m.Memories, readMemoryType(c)) })
}

func (r *reader) tags(c *cursor.Cursor) {
	each(c, "tag", func() { r.m.Tags = append(r.m.Tags, readTagType(c).Type) })
}

func (r *reader) globals(c *cursor.Cursor) {
	each(c, "global", func() {
		r.m.Globals = append(r.m.Globals, readGlobalType(c))
		readConstExpr(c)
	})
}

func (r *reader) exports(c *cursor.Cursor) {
	first := 0
	defer func() { r.m.exportEntries = span{first, c.Offset()} }()
	r.m.Exports = make([]Export, 0, room(c, 3))
	each(c, "export", func() {
		if first == 0 {
			first = c.Offset()
		}
		e := Export{Name: c.Name(), Kind: Kind(c.Byte())}
		if e.Kind > Tag {
			c.FailAt(c.Offset()-1, "%#02x is not a kind of import or export", byte(e.Kind))
		}
		e.Index = c.U32()
		r.m.Exports = append(r.m.Exports, e)
	})
}

func (r *reader) start(c *cursor.Cursor) {
	r.m.HasStart, r.m.Start = true, c.U32()
}

func (r *reader) dataCount(c *cursor.Cursor) { c.U32() }

// data counts the segments and leaves them alone.
func (r *reader) data(c *cursor.Cursor) {
	r.m.DataSegments = c.Count()
	r.skip(c)
}

// elems reads element segments. The lowest bits of the flags tell whether a
// segment is not active, whether it then is declarative or else names its table,
// and whether it lists expressions instead of function indices.
func (r *reader) elems(c *cursor.Cursor) {
	r.m.ElemSegments = each(c, "segment", func() {
		at := c.Offset()
		flags := c.U32()
		if flags > 7 {
			c.FailAt(at, "%d are not the flags of an element segment", flags)
		}
		active, explicit, exprs := flags&1 == 0, flags&2 != 0, flags&4 != 0
		var s ElemSegment
		if active {
			if explicit {
				s.Table = c.U32()
			}
			s.Offset = readConstExpr(c)
		}
		switch typed := !active || explicit; {
		case typed && exprs:
			ReadValType(c)
		case typed:
			c.Expect(0, "the kind of the elements")
		}
		s.Len = uint32(each(c, "element", func() {
			if exprs {
				readConstExpr(c)
			} else {
				c.U32()
			}
		}))
		if active {
			r.m.active = append(r.m.active, s)
		}
	})
}
