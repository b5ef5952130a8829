package symbol

import "github.com/tenon-wasm/tenon/component/internal/binary/cursor"

// forwards reports whether a function consists of its arguments and one call, direct or
// through a table.
func (t *Table) forwards(index uint32) bool {
	typ, ok := t.module.FuncType(index)
	if !ok || int64(index) < int64(t.module.ImportedFuncs) {
		return false
	}
	body := bodyIn(t.module.Bytes(), index-uint32(t.module.ImportedFuncs))
	return body != nil && forwards(body, len(typ.Params))
}

// bodyIn finds the body of the n-th function that a module defines.
func bodyIn(module []byte, n uint32) (body []byte) {
	var err error
	defer cursor.Catch(&err)
	c := cursor.New(module)
	c.Bytes(8)
	for c.Len() > 0 {
		id := c.Byte()
		section := c.Sub()
		if id != 10 {
			continue
		}
		for i := uint32(section.Count()); i > 0; i-- {
			code := section.Bytes(section.U32())
			if n == 0 {
				return code
			}
			n--
		}
	}
	return nil
}

func forwards(body []byte, params int) (yes bool) {
	var err error
	defer cursor.Catch(&err)
	c := cursor.New(body)
	if c.Count() != 0 { // locals
		return false
	}
	for i := range params {
		if c.Byte() != 0x20 || c.U32() != uint32(i) { // local.get
			return false
		}
	}
	op := c.Byte()
	if op == 0x41 { // i32.const, the index in a table
		c.S32()
		op = c.Byte()
	}
	switch op {
	case 0x10, 0x12: // call, return_call
		c.U32()
	case 0x11, 0x13: // call_indirect, return_call_indirect
		c.U32()
		c.U32()
	default:
		return false
	}
	return c.Byte() == 0x0b && c.Len() == 0
}
