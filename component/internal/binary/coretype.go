package binary

import (
	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

// coreTypeDefs reads one entry of a core type section.
func (d *decoder) coreTypeDefs(c *cursor.Cursor, comp *Component) {
	d.coreTypes(c, func(t *CoreType) { comp.Defs = append(comp.Defs, t) })
}

// coreTypes reads a module type, or the types of a rec group.
func (d *decoder) coreTypes(c *cursor.Cursor, yield func(*CoreType)) {
	at := here(c)
	if c.Peek() == moduleType {
		c.Byte()
		yield(&CoreType{Pos: at, Module: coreModuleType(c)})
		return
	}
	var types []*CoreType
	coreRecTypes(c, func(f *CoreFuncType) { types = append(types, &CoreType{Pos: at, Func: f}) })
	for i, t := range types {
		if i == 0 {
			t.Raw = c.Since(at.At())
		}
		yield(t)
	}
}

// moduleType is the code of a module type. An open sub type has the same code: as
// a type of a component it is told apart by a zero before it.
const moduleType = 0x50

// coreRecTypes reads one type, or those of a rec group; what is not a plain
// function type is nil.
func coreRecTypes(c *cursor.Cursor, yield func(*CoreFuncType)) {
	if c.Peek() == 0x00 {
		c.Byte()
		if c.Peek() != moduleType {
			c.Fail("a sub type must follow 0x00, not %#02x", c.Peek())
		}
	}
	core.ReadDefTypes(c, func(t core.DefType) {
		if !t.IsFunc {
			yield(nil)
			return
		}
		yield(&CoreFuncType{Params: t.Func.Params, Results: t.Func.Results, Raw: t.Raw})
	})
}

func coreModuleType(c *cursor.Cursor) *CoreModuleType {
	m := &CoreModuleType{}
	for i := range c.Count() {
		c.Enter("declaration", i)
		coreModuleDecl(c, func(decl CoreModuleDecl) { m.Decls = append(m.Decls, decl) })
		c.Leave()
	}
	return m
}

func coreModuleDecl(c *cursor.Cursor, yield func(CoreModuleDecl)) {
	at := here(c)
	switch b := c.Byte(); b {
	case 0x00:
		yield(CoreModuleDecl{Pos: at, Kind: CoreDeclImport, Module: c.Name(), Name: c.Name(), Type: coreExternType(c)})
	case 0x01:
		// A module type cannot stand here, so the code that it shares with an open
		// sub type is always that one.
		begin := c.Offset()
		var decls []CoreModuleDecl
		coreRecTypes(c, func(f *CoreFuncType) {
			decls = append(decls, CoreModuleDecl{Pos: at, Kind: CoreDeclType, Def: f})
		})
		for i, decl := range decls {
			if i == 0 {
				decl.Raw = c.Since(begin)
			}
			yield(decl)
		}
	case 0x02:
		c.Expect(0x10, "the sort of an alias in a module type")
		c.Expect(0x01, "the target of an alias in a module type")
		yield(CoreModuleDecl{Pos: at, Kind: CoreDeclAlias, Outer: c.U32(), Index: c.U32()})
	case 0x03:
		yield(CoreModuleDecl{Pos: at, Kind: CoreDeclExport, Name: c.Name(), Type: coreExternType(c)})
	default:
		c.FailAt(at.At(), "%#02x is not a declaration of a module type", b)
	}
}

func coreExternType(c *cursor.Cursor) CoreExternType {
	at := c.Offset()
	t := core.ReadExternType(c)
	out := CoreExternType{Kind: byte(t.Kind), Func: t.Type, Extern: t}
	switch t.Kind {
	case core.Table, core.Memory, core.Global:
		out.Type = c.Since(at)[1:] // without the kind
	}
	return out
}
