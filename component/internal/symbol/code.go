package symbol

import (
	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

// forwardsAll reports whether every function of a module consists of its arguments and one
// call, direct or through a table.
func forwardsAll(m *core.Module) bool {
	n := m.ImportedFuncs
	ok := eachBody(m.Bytes(), func(body []byte) bool {
		typ, ok := m.FuncType(uint32(n))
		n++
		return ok && forwards(body, len(typ.Params))
	})
	return ok && n > m.ImportedFuncs
}

// eachBody hands the bodies of the functions that a module defines to do, until it answers
// false.
func eachBody(module []byte, do func(body []byte) bool) (all bool) {
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
		for i := section.Count(); i > 0; i-- {
			if !do(section.Bytes(section.U32())) {
				return false
			}
		}
	}
	return true
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
