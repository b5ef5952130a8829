package binary

import (
	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

func (d *decoder) coreInstance(c *cursor.Cursor) *CoreInstance {
	inst := &CoreInstance{Pos: here(c)}
	switch b := c.Byte(); b {
	case 0x00:
		inst.Module = c.U32()
		inst.Args = cursor.Vec(c, "argument", func() CoreArg { return coreArg(c) })
	case 0x01:
		inst.Inline = true
		inst.Exports = cursor.Vec(c, "export", func() CoreExport {
			return CoreExport{Name: c.Name(), Sort: coreSort(c), Index: c.U32()}
		})
	default:
		c.FailAt(c.Offset()-1, "%#02x is not a core instance expression", b)
	}
	return inst
}

func coreArg(c *cursor.Cursor) CoreArg {
	name := c.Name()
	c.Expect(0x12, "the sort of a core instantiation argument")
	return CoreArg{Name: name, Instance: c.U32()}
}

func (d *decoder) instance(c *cursor.Cursor) *Instance {
	inst := &Instance{Pos: here(c)}
	switch b := c.Byte(); b {
	case 0x00:
		inst.Component = c.U32()
		inst.Args = cursor.Vec(c, "argument", func() Arg {
			return Arg{Name: c.Name(), Sort: sort(c), Index: c.U32()}
		})
	case 0x01:
		inst.Inline = true
		inst.Exports = cursor.Vec(c, "export", func() InlineExport {
			return InlineExport{Name: externName(c), Sort: sort(c), Index: c.U32()}
		})
	default:
		c.FailAt(c.Offset()-1, "%#02x is not an instance expression", b)
	}
	return inst
}

func (d *decoder) alias(c *cursor.Cursor) *Alias {
	a := &Alias{Pos: here(c), Sort: sort(c)}
	switch b := c.Byte(); b {
	case 0x00:
		a.Target = AliasExport
		a.Instance, a.Name = c.U32(), c.Name()
	case 0x01:
		a.Target = AliasCoreExport
		a.Instance, a.Name = c.U32(), c.Name()
	case 0x02:
		a.Target = AliasOuter
		switch a.Sort {
		case SortCoreModule, SortCoreType, SortType, SortComponent:
		default:
			c.FailAt(a.At(), "an outer alias of %s: only types, modules and components can be aliased so", a.Sort.WithArticle())
		}
		a.Outer, a.Index = c.U32(), c.U32()
	default:
		c.FailAt(c.Offset()-1, "%#02x is not an alias target", b)
	}
	return a
}

// String is the name of the sort in the text format.
func (s Sort) String() string {
	if int(s) < len(sortNames) {
		return sortNames[s]
	}
	return "unknown sort"
}

// WithArticle is the name after its indefinite article: "an instance".
func (s Sort) WithArticle() string {
	if s == SortInstance || int(s) >= len(sortNames) {
		return "an " + s.String()
	}
	return "a " + s.String()
}

// CoreKind is the kind of core item that is of the sort; most sorts are of none.
func (s Sort) CoreKind() (kind core.Kind, ok bool) {
	return core.Kind(s - SortCoreFunc), s <= SortCoreTag
}

var sortNames = [...]string{
	SortCoreFunc:     "core func",
	SortCoreTable:    "core table",
	SortCoreMemory:   "core memory",
	SortCoreGlobal:   "core global",
	SortCoreTag:      "core tag",
	SortCoreType:     "core type",
	SortCoreModule:   "core module",
	SortCoreInstance: "core instance",
	SortFunc:         "func",
	SortValue:        "value",
	SortType:         "type",
	SortComponent:    "component",
	SortInstance:     "instance",
}

func sort(c *cursor.Cursor) Sort {
	b := c.Byte()
	if b == 0x00 {
		return coreSort(c)
	}
	if b > 0x05 {
		c.FailAt(c.Offset()-1, "%#02x is not a sort", b)
	}
	return SortFunc + Sort(b-0x01)
}

func coreSort(c *cursor.Cursor) Sort {
	b := c.Byte()
	switch {
	case b <= 0x04:
		return SortCoreFunc + Sort(b)
	case 0x10 <= b && b <= 0x12:
		return SortCoreType + Sort(b-0x10)
	}
	c.FailAt(c.Offset()-1, "%#02x is not a core sort", b)
	return 0
}
