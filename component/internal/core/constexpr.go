package core

import (
	"math"

	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
)

// ConstExpr is a constant expression as encoded, its end included.
type ConstExpr []byte

// Eval computes an expression of integers. The value of an immutable global is
// asked of global. It answers false where the expression holds anything else.
func (e ConstExpr) Eval(global func(index uint32) (uint64, bool)) (v uint64, ok bool) {
	var err error
	v, ok = e.eval(global, &err)
	return v, ok && err == nil
}

func (e ConstExpr) eval(global func(uint32) (uint64, bool), err *error) (uint64, bool) {
	defer cursor.Catch(err)
	c := cursor.New(e)
	var stack []uint64
	for {
		op := c.Byte()
		switch op {
		case opI32Const:
			stack = append(stack, uint64(uint32(c.S32())))
		case opI64Const:
			stack = append(stack, uint64(c.S64()))
		case opGlobalGet:
			v, ok := global(c.U32())
			if !ok {
				return 0, false
			}
			stack = append(stack, v)
		case opI32Add, opI32Sub, opI32Mul, opI64Add, opI64Sub, opI64Mul:
			n := len(stack)
			if n < 2 {
				return 0, false
			}
			v := arithmetic(op, stack[n-2], stack[n-1])
			stack = append(stack[:n-2], v)
		case opEnd:
			if len(stack) != 1 {
				return 0, false
			}
			return stack[0], true
		default:
			return 0, false
		}
	}
}

func arithmetic(op byte, a, b uint64) uint64 {
	switch op {
	case opI32Add:
		return (a + b) & math.MaxUint32
	case opI32Sub:
		return (a - b) & math.MaxUint32
	case opI32Mul:
		return (a * b) & math.MaxUint32
	case opI64Add:
		return a + b
	case opI64Sub:
		return a - b
	default:
		return a * b
	}
}

// Opcodes of constant expressions.
const (
	opEnd       = 0x0b
	opGlobalGet = 0x23
	opI32Const  = 0x41
	opI64Const  = 0x42
	opF32Const  = 0x43
	opF64Const  = 0x44
	opI32Add    = 0x6a
	opI32Sub    = 0x6b
	opI32Mul    = 0x6c
	opI64Add    = 0x7c
	opI64Sub    = 0x7d
	opI64Mul    = 0x7e
	opRefNull   = 0xd0
	opRefFunc   = 0xd2
	opGC        = 0xfb
	opVector    = 0xfd
)

// readConstExpr passes over a constant expression. Nothing nests in one, so it
// ends at the first end.
func readConstExpr(c *cursor.Cursor) ConstExpr {
	at := c.Offset()
	for {
		op := c.Byte()
		switch op {
		case opEnd:
			return c.Since(at)
		case opI32Const:
			c.S32()
		case opI64Const:
			c.S64()
		case opF32Const:
			c.Bytes(4)
		case opF64Const:
			c.Bytes(8)
		case opGlobalGet, opRefFunc:
			c.U32()
		case opRefNull:
			readHeapType(c)
		case opI32Add, opI32Sub, opI32Mul, opI64Add, opI64Sub, opI64Mul:
		case opVector:
			readVectorConst(c)
		case opGC:
			readGCConst(c)
		default:
			c.FailAt(c.Offset()-1, "opcode %#02x is not constant", op)
		}
	}
}

func readVectorConst(c *cursor.Cursor) {
	if op := c.U32(); op != 0x0c {
		c.Fail("vector opcode %#02x is not constant", op)
	}
	c.Bytes(16)
}

// readGCConst passes over the allocations of structs and arrays that constant
// expressions may do.
func readGCConst(c *cursor.Cursor) {
	switch op := c.U32(); op {
	case 0, 1, 6, 7: // struct.new, array.new and their defaults
		c.U32()
	case 8: // array.new_fixed
		c.U32()
		c.U32()
	case 0x1a, 0x1b, 0x1c: // conversions, ref.i31
	default:
		c.Fail("opcode 0xfb %#02x is not constant", op)
	}
}
