package binary

import (
	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

// coreTypeDefs reads one entry of a core type section.
func (d *decoder) coreTypeDefs(c *cursor.Cursor, comp *Component) {
	for _, t := range d.coreTypes(c) {
		comp.Defs = append(comp.Defs, t)
	}
}

// coreTypes reads a module type, or the types of a rec group.
func (d *decoder) coreTypes(c *cursor.Cursor) []*CoreType {
	at := here(c)
	if c.Peek() == moduleType {
		c.Byte()
		return []*CoreType{{Pos: at, Module: d.coreModuleType(c)}}
	}
	var types []*CoreType
	for _, f := range coreRecTypes(c) {
		types = append(types, &CoreType{Pos: at, Func: f})
	}
	return types
}

// moduleType is the code of a module type. An open sub type has the same code and
// is told apart by a zero before it.
const moduleType = 0x50

// coreRecTypes reads one type, or those of a rec group; what is not a plain
// function type is nil.
func coreRecTypes(c *cursor.Cursor) []*CoreFuncType {
	if c.Peek() == 0x00 {
		c.Byte()
		if c.Peek() != moduleType {
			c.Fail("a sub type must follow 0x00, not %#02x", c.Peek())
		}
	}
	types := core.ReadDefTypes(c)
	funcs := make([]*CoreFuncType, len(types))
	for i, t := range types {
		if t.IsFunc {
			funcs[i] = &CoreFuncType{Params: t.Func.Params, Results: t.Func.Results, Raw: t.Raw}
		}
	}
	return funcs
}

func (d *decoder) coreModuleType(c *cursor.Cursor) *CoreModuleType {
	m := &CoreModuleType{}
	for i := range c.Count() {
		c.Enter("declaration", i)
		decl := CoreModuleDecl{Pos: here(c)}
		switch b := c.Byte(); b {
		case 0x00:
			decl.Kind = CoreDeclImport
			decl.Module, decl.Name, decl.Type = c.Name(), c.Name(), coreExternType(c)
		case 0x01:
			m.Decls = append(m.Decls, coreTypeDecls(c, decl)...)
			c.Leave()
			continue
		case 0x02:
			decl.Kind = CoreDeclAlias
			c.Expect(0x10, "the sort of an alias in a module type")
			c.Expect(0x01, "the target of an alias in a module type")
			decl.Outer, decl.Index = c.U32(), c.U32()
		case 0x03:
			decl.Kind = CoreDeclExport
			decl.Name, decl.Type = c.Name(), coreExternType(c)
		default:
			c.FailAt(decl.At(), "%#02x is not a declaration of a module type", b)
		}
		m.Decls = append(m.Decls, decl)
		c.Leave()
	}
	return m
}

// coreTypeDecls reads a type that a module type declares for itself.
func coreTypeDecls(c *cursor.Cursor, decl CoreModuleDecl) []CoreModuleDecl {
	if c.Peek() == moduleType {
		c.Fail("a module type inside of a module type")
	}
	decl.Kind = CoreDeclType
	var decls []CoreModuleDecl
	for _, f := range coreRecTypes(c) {
		decl.Def = f
		decls = append(decls, decl)
	}
	return decls
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
