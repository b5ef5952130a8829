package core

import "encoding/binary"

// Glue is a core module that the host makes to stand between others: it imports
// functions, and exports functions of its own that call them.
type Glue struct {
	Imports []GlueImport
	Flags   []string // exported mutable globals of type i32, at first zero
	Funcs   []GlueFunc
}

// GlueImport is a function that a Glue imports.
type GlueImport struct {
	From ImportName
	Type FuncType
}

// GlueFunc is a function that a Glue exports. Its results are locals, too, after the
// parameters. Functions are numbered imports first.
type GlueFunc struct {
	Export string
	Type   FuncType
	Body   Code
}

// Encode writes the module. Value types must have a code of one byte.
func (g *Glue) Encode() []byte {
	n, imported := uint64(len(g.Funcs)), uint64(len(g.Imports))
	types := binary.AppendUvarint(nil, imported+n)
	imports := binary.AppendUvarint(nil, imported)
	defined := binary.AppendUvarint(nil, n)
	globals := binary.AppendUvarint(nil, uint64(len(g.Flags)))
	exports := binary.AppendUvarint(nil, n+uint64(len(g.Flags)))
	code := binary.AppendUvarint(nil, n)
	for i, im := range g.Imports {
		types = appendFuncType(types, im.Type)
		imports = appendName(appendName(imports, im.From.Module), im.From.Name)
		imports = binary.AppendUvarint(append(imports, byte(Func)), uint64(i))
	}
	for i, f := range g.Funcs {
		types = appendFuncType(types, f.Type)
		defined = binary.AppendUvarint(defined, imported+uint64(i))
		exports = appendName(exports, f.Export)
		exports = binary.AppendUvarint(append(exports, byte(Func)), imported+uint64(i))
		body := binary.AppendUvarint(nil, uint64(len(f.Type.Results)))
		for _, t := range f.Type.Results {
			body = append(body, 1, t)
		}
		code = appendName(code, append(append(body, f.Body...), opEnd))
	}
	for i, name := range g.Flags {
		globals = append(globals, I32, 1, opI32Const, 0, opEnd)
		exports = appendName(exports, name)
		exports = binary.AppendUvarint(append(exports, byte(Global)), uint64(i))
	}
	out := append([]byte(nil), magic...)
	out = appendSection(out, 1, types)
	out = appendSection(out, 2, imports)
	out = appendSection(out, 3, defined)
	out = appendSection(out, 6, globals)
	out = appendSection(out, 7, exports)
	return appendSection(out, 10, code)
}

func appendFuncType(out []byte, t FuncType) []byte {
	return appendName(appendName(append(out, 0x60), t.Params), t.Results)
}

// Code is a sequence of instructions.
type Code []byte

// Instructions without operands.
const (
	OpUnreachable byte = 0x00
	OpEnd         byte = 0x0b
	OpI32Eq       byte = 0x46
	OpI32Ne       byte = 0x47
	OpI32GeU      byte = 0x4f
	OpI32And      byte = 0x71
	OpI32Or       byte = 0x72
	OpI32Xor      byte = 0x73
	OpI32Sub      byte = 0x6b
	OpI32LtU      byte = 0x49
	OpWrap        byte = 0xa7 // i32.wrap_i64
	OpExtend      byte = 0xad // i64.extend_i32_u
	OpExtend8     byte = 0xc0 // i32.extend8_s
	OpExtend16    byte = 0xc1 // i32.extend16_s
)

// Op appends instructions without operands.
func (c *Code) Op(ops ...byte) { *c = append(*c, ops...) }

// LocalGet, LocalSet, GlobalGet and Call append the instructions of those names.
func (c *Code) LocalGet(n int)  { c.indexed(0x20, n) }
func (c *Code) LocalSet(n int)  { c.indexed(0x21, n) }
func (c *Code) GlobalGet(n int) { c.indexed(0x23, n) }
func (c *Code) Call(n int)      { c.indexed(0x10, n) }

func (c *Code) indexed(op byte, n int) { *c = binary.AppendUvarint(append(*c, op), uint64(n)) }

// If begins a block that is entered where the top of the stack is not zero; OpEnd
// ends it.
func (c *Code) If() { *c = append(*c, 0x04, 0x40) }

// Const appends i32.const.
func (c *Code) Const(v uint32) { *c = appendSigned(append(*c, opI32Const), int64(int32(v))) }

// Zero appends the constant zero of a number type.
func (c *Code) Zero(valType byte) {
	switch valType {
	case I32:
		*c = append(*c, opI32Const, 0)
	case I64:
		*c = append(*c, 0x42, 0)
	case F32:
		*c = append(*c, 0x43, 0, 0, 0, 0)
	case F64:
		*c = append(*c, 0x44, 0, 0, 0, 0, 0, 0, 0, 0)
	}
}

func appendSigned(out []byte, v int64) []byte {
	for {
		b := byte(v & 0x7f)
		v >>= 7
		if v == 0 && b&0x40 == 0 || v == -1 && b&0x40 != 0 {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}
