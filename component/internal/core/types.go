package core

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
)

// Codes of value types that this package has to know; all others pass through.
const (
	I32       byte = 0x7f
	I64       byte = 0x7e
	F32       byte = 0x7d
	F64       byte = 0x7c
	V128      byte = 0x7b
	FuncRef   byte = 0x70
	ExternRef byte = 0x6f
	// RefNull and Ref stand for a reference whose heap type has no code of one
	// byte; the heap type itself is not kept.
	RefNull byte = 0x63
	Ref     byte = 0x64
)

// FuncType is a core function type; value types are their binary codes.
type FuncType struct{ Params, Results []byte }

// Equal reports whether two function types are the same.
func (t FuncType) Equal(u FuncType) bool {
	return bytes.Equal(t.Params, u.Params) && bytes.Equal(t.Results, u.Results)
}

// String prints the type as in "(i32, i64) -> (f32)".
func (t FuncType) String() string {
	return tuple(t.Params) + " -> " + tuple(t.Results)
}

func tuple(types []byte) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = ValTypeName(t)
	}
	return "(" + strings.Join(names, ", ") + ")"
}

// ValTypeName is the name of a value type in the text format.
func ValTypeName(code byte) string {
	switch code {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	case V128:
		return "v128"
	case FuncRef:
		return "funcref"
	case ExternRef:
		return "externref"
	case RefNull:
		return "(ref null ...)"
	case Ref:
		return "(ref ...)"
	}
	return fmt.Sprintf("type %#02x", code)
}

// Limits bound a memory, in pages, or a table, in elements.
type Limits struct {
	Min, Max       uint64 // Max counts only with HasMax
	HasMax         bool
	Shared, Addr64 bool
	// PageLog is the binary logarithm of a memory's page size.
	PageLog uint8
}

// ExternType is the type of a core import or export. Which fields count depends
// on the kind.
type ExternType struct {
	Kind Kind
	// Type is the type index of a function or tag.
	Type uint32
	// Val is the type of a global or of a table's elements.
	Val     byte
	Mutable bool
	Limits  Limits
}

// DefType is a defined type: a function, or something that components cannot
// take part in (a struct, an array, an open sub type).
type DefType struct {
	IsFunc bool
	Func   FuncType
	Raw    []byte // as encoded, without the rec group around it
}

// ReadDefTypes reads one entry of a type section and hands on one type, or as many
// as a rec group has.
func ReadDefTypes(c *cursor.Cursor, yield func(DefType)) {
	if c.Peek() == 0x4e {
		c.Byte()
		each(c, "type", func() { yield(readSubType(c)) })
		return
	}
	yield(readSubType(c))
}

func readSubType(c *cursor.Cursor) DefType {
	at := c.Offset()
	open := false
	if b := c.Peek(); b == 0x50 || b == 0x4f {
		c.Byte()
		supers := cursor.Vec(c, "super type", c.U32)
		open = b == 0x50 || len(supers) > 0
	}
	if c.Peek() == shared {
		c.Byte()
		open = true // threads: no component can take part in such a function
	}
	t := DefType{}
	switch b := c.Byte(); b {
	case 0x60:
		t.IsFunc = !open
		t.Func = readFuncBody(c)
	case 0x5f:
		each(c, "field", func() { readField(c) })
	case 0x5e:
		readField(c)
	case 0x5d:
		readHeapType(c)
	default:
		c.FailAt(c.Offset()-1, "%#02x is not a core type that is supported", b)
	}
	t.Raw = c.Since(at)
	return t
}

// maxArity bounds the parameters, and the results, of a function. All engines have this
// limit from the JavaScript interface of WebAssembly; ours has none, and takes the
// square of the number.
const maxArity = 1000

func readFuncBody(c *cursor.Cursor) FuncType {
	valTypes := func(what string) []byte {
		at := c.Offset()
		list := cursor.Vec(c, what, func() byte { return ReadValType(c) })
		if len(list) > maxArity {
			c.FailAt(at, "a function type has %d %ss; the limit is %d", len(list), what, maxArity)
		}
		return list
	}
	return FuncType{Params: valTypes("parameter"), Results: valTypes("result")}
}

func readField(c *cursor.Cursor) {
	if b := c.Peek(); b == 0x78 || b == 0x77 { // i8, i16
		c.Byte()
	} else {
		ReadValType(c)
	}
	c.Flag("mutability")
}

// ReadValType reads a value type and answers its code of one byte, or Ref or
// RefNull where it has none.
func ReadValType(c *cursor.Cursor) byte {
	b := c.Byte()
	switch {
	case b == RefNull:
		if heap := readHeapType(c); heap < 0 {
			return byte(heap & 0x7f) // (ref null func) is another spelling of funcref
		}
		return RefNull
	case b == Ref:
		readHeapType(c)
		return Ref
	case b == shared:
		readShared(c)
		return RefNull // (ref null (shared ...)) for short
	case V128 <= b && b <= I32, isAbstractHeap(b):
		return b
	}
	c.FailAt(c.Offset()-1, "%#02x is not a core value type", b)
	return 0
}

// readHeapType reads a type index, or an abstract heap type as its negative code.
func readHeapType(c *cursor.Cursor) int64 {
	at := c.Offset()
	if c.Peek() == shared {
		c.Byte()
		readShared(c)
		return sharedHeap
	}
	heap := c.S33()
	if heap < 0 && (heap < -64 || !isAbstractHeap(byte(heap&0x7f))) {
		c.FailAt(at, "%d is not a core heap type", heap)
	}
	return heap
}

// shared is the prefix of shared types, from the proposal for threads; it passes
// through and is judged by the engine.
const shared = 0x65

// sharedHeap stands for every shared heap type: none is a code of one byte.
const sharedHeap = 0

// readShared reads the abstract heap type behind the prefix.
func readShared(c *cursor.Cursor) {
	if b := c.Byte(); !isAbstractHeap(b) {
		c.FailAt(c.Offset()-1, "%#02x is not a core heap type that can be shared", b)
	}
}

// isAbstractHeap tells the codes from (ref null nocont) down to (ref null cont),
// exn, array, struct, i31, eq, any, extern, func and the bottom types between.
func isAbstractHeap(b byte) bool { return 0x68 <= b && b <= 0x75 }

// ReadExternType reads the kind and type of an import.
func ReadExternType(c *cursor.Cursor) ExternType {
	switch k := Kind(c.Byte()); k {
	case Func:
		return ExternType{Kind: k, Type: c.U32()}
	case Table:
		return readTableType(c)
	case Memory:
		return readMemoryType(c)
	case Global:
		return readGlobalType(c)
	case Tag:
		return readTagType(c)
	default:
		c.FailAt(c.Offset()-1, "%#02x is not a kind of import or export", byte(k))
		return ExternType{}
	}
}

func readTableType(c *cursor.Cursor) ExternType {
	at := c.Offset()
	elem := ReadValType(c)
	if V128 <= elem && elem <= I32 {
		c.FailAt(at, "a table of %s: only references can be elements", ValTypeName(elem))
	}
	return ExternType{Kind: Table, Val: elem, Limits: readLimits(c, 0)}
}

func readMemoryType(c *cursor.Cursor) ExternType {
	return ExternType{Kind: Memory, Limits: readLimits(c, 16)}
}

func readGlobalType(c *cursor.Cursor) ExternType {
	val := ReadValType(c)
	return ExternType{Kind: Global, Val: val, Mutable: c.Flag("mutability")}
}

func readTagType(c *cursor.Cursor) ExternType {
	c.Expect(0, "the attribute of a tag")
	return ExternType{Kind: Tag, Type: c.U32()}
}

// readLimits reads limits; pageLog is that of a memory's default page, and 0 for
// tables, which have no page size.
func readLimits(c *cursor.Cursor, pageLog uint8) Limits {
	at := c.Offset()
	flags := c.Byte()
	if flags > 0x0f || flags&0x08 != 0 && pageLog == 0 {
		c.FailAt(at, "%#02x are not flags of limits", flags)
	}
	l := Limits{HasMax: flags&1 != 0, Shared: flags&2 != 0, Addr64: flags&4 != 0, PageLog: pageLog}
	l.Min = readBound(c, l.Addr64)
	if l.HasMax {
		l.Max = readBound(c, l.Addr64)
	}
	if flags&0x08 != 0 {
		at := c.Offset()
		log := c.U32()
		if log > 64 {
			c.FailAt(at, "a page size of 2^%d bytes", log)
		}
		l.PageLog = uint8(log)
	}
	return l
}

func readBound(c *cursor.Cursor, addr64 bool) uint64 {
	if addr64 {
		return c.U64()
	}
	return uint64(c.U32())
}
