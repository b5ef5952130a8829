package binary

import (
	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

func (d *decoder) typeDef(c *cursor.Cursor) *TypeDef {
	return &TypeDef{Pos: here(c), Type: d.defType(c)}
}

func (d *decoder) defType(c *cursor.Cursor) Type {
	at := c.Offset()
	b := c.Byte()
	if p := prim(b); p != 0 {
		return &Prim{p}
	}
	switch b {
	case 0x72:
		return &Record{cursor.Vec(c, "field", func() LabelType { return labelType(c) })}
	case 0x71:
		return &Variant{cursor.Vec(c, "case", func() LabelType { return variantCase(c) })}
	case 0x70:
		return &List{Elem: valType(c)}
	case 0x67:
		l := &List{Elem: valType(c)}
		n := c.U32()
		l.Len = &n
		return l
	case 0x6f:
		return &Tuple{cursor.Vec(c, "element", func() ValType { return valType(c) })}
	case 0x6e:
		return &Flags{cursor.Vec(c, "label", c.Name)}
	case 0x6d:
		return &Enum{cursor.Vec(c, "label", c.Name)}
	case 0x6b:
		return &Option{valType(c)}
	case 0x6a:
		return &Result{OK: optValType(c), Err: optValType(c)}
	case 0x69:
		return &Own{c.U32()}
	case 0x68:
		return &Borrow{c.U32()}
	case 0x66:
		return &Stream{optValType(c)}
	case 0x65:
		return &Future{optValType(c)}
	case 0x63:
		return &Map{Key: valType(c), Value: valType(c)}
	case 0x40, 0x43:
		return funcType(c, b == 0x43)
	case 0x41:
		return &ComponentType{d.decls(c, true)}
	case 0x42:
		return &InstanceType{d.decls(c, false)}
	case 0x3f:
		return resource(c)
	}
	c.FailAt(at, "%#02x is not a type", b)
	return nil
}

// prim answers the primitive type of a code, or zero. The codes count down from
// 0x7f in the order of the primitives of package wit.
func prim(b byte) wit.Prim {
	switch {
	case 0x73 <= b && b <= 0x7f:
		return wit.Bool + wit.Prim(0x7f-b)
	case b == 0x64:
		return wit.ErrorContext
	}
	return 0
}

// valType reads a primitive or a type index; an index is a signed number so that it
// shares its space with the codes, which are negative.
func valType(c *cursor.Cursor) ValType {
	if p := prim(c.Peek()); p != 0 {
		c.Byte()
		return ValType{Prim: p}
	}
	at, b := c.Offset(), c.Peek()
	index := c.S33()
	if index < 0 {
		c.FailAt(at, "%#02x is not a value type", b)
	}
	return ValType{Index: uint32(index)}
}

func optValType(c *cursor.Cursor) *ValType {
	if !c.Flag("the presence of a type") {
		return nil
	}
	t := valType(c)
	return &t
}

func labelType(c *cursor.Cursor) LabelType {
	label := c.Name()
	t := valType(c)
	return LabelType{label, &t}
}

func variantCase(c *cursor.Cursor) LabelType {
	l := LabelType{Label: c.Name(), Type: optValType(c)}
	c.Expect(0x00, "the end of a case")
	return l
}

func funcType(c *cursor.Cursor, async bool) *Func {
	params := cursor.Vec(c, "parameter", func() LabelType { return labelType(c) })
	return &Func{Async: async, Params: params, Result: resultList(c)}
}

// resultList reads one result, or none: the encoding dates from named results, of
// which an empty list remains.
func resultList(c *cursor.Cursor) *ValType {
	if c.Flag("the form of a result list") {
		c.Expect(0x00, "the count of named results")
		return nil
	}
	t := valType(c)
	return &t
}

func resource(c *cursor.Cursor) *Resource {
	r := &Resource{Rep: core.ReadValType(c)}
	if c.Flag("the presence of a destructor") {
		dtor := c.U32()
		r.Dtor = &dtor
	}
	return r
}

// decls reads the declarations of a component type, or of an instance type, which
// has no imports.
func (d *decoder) decls(c *cursor.Cursor, imports bool) []Decl {
	defer d.nest(c)()
	var decls []Decl
	for i := range c.Count() {
		c.Enter("declaration", i)
		at := here(c)
		switch b := c.Byte(); {
		case b == 0x00:
			d.coreTypes(c, func(t *CoreType) { decls = append(decls, t) })
		case b == 0x01:
			decls = append(decls, d.typeDef(c))
		case b == 0x02:
			decls = append(decls, d.alias(c))
		case b == 0x03 && imports:
			decls = append(decls, &ImportDecl{Pos: at, Name: externName(c), Type: externType(c)})
		case b == 0x04:
			decls = append(decls, &ExportDecl{Pos: at, Name: externName(c), Type: externType(c)})
		default:
			c.FailAt(at.At(), "%#02x is not a declaration of this type", b)
		}
		c.Leave()
	}
	return decls
}
