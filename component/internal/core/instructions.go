package core

// instructions reads the code of one function for what it uses. It is made for speed: most
// of a large component is code.
type instructions struct {
	*users
	code []byte
	at   int // where code begins in the body
	pos  int
}

// Operands of instructions, which are passed over.
const (
	bare     = iota // none
	one             // one number
	two             // two numbers
	memory          // alignment and offset
	four            // four bytes
	eight           // eight bytes
	block           // a block type
	branches        // br_table
	typed           // select with types
	catches         // try_table
	heap            // a heap type
	prefixed        // more of the opcode follows
	unknown
)

// operands are the operands by opcode; opcodes whose use is told have a feature as well.
var operands = func() (table [256]uint8) {
	for i := range table {
		table[i] = unknown
	}
	span := func(from, to int, kind uint8) {
		for i := from; i <= to; i++ {
			table[i] = kind
		}
	}
	span(0x00, 0x01, bare)
	span(0x02, 0x04, block)
	table[0x05] = bare
	table[0x06] = block // try
	span(0x07, 0x09, one)
	span(0x0a, 0x0b, bare)
	span(0x0c, 0x0d, one)
	table[0x0e] = branches
	table[0x0f] = bare
	table[0x10], table[0x11] = one, two
	table[0x12], table[0x13] = one, two
	span(0x14, 0x15, one)
	table[0x18] = one
	table[0x19] = bare
	span(0x1a, 0x1b, bare)
	table[0x1c] = typed
	table[0x1f] = catches
	span(0x20, 0x26, one)
	span(0x28, 0x3e, memory)
	span(0x3f, 0x40, one)
	span(0x41, 0x42, one)
	table[0x43], table[0x44] = four, eight
	span(0x45, 0xc4, bare)
	table[0xd0] = heap
	table[0xd1] = bare
	table[0xd2] = one
	span(0xd3, 0xd4, bare)
	span(0xd5, 0xd6, one)
	span(0xfb, 0xfe, prefixed)
	return table
}()

// features are those of opcodes that belong to one, plus one; 0 is none.
var features = [256]uint8{
	0x06: uint8(LegacyExceptions) + 1, // try
	0x07: uint8(LegacyExceptions) + 1, // catch
	0x08: uint8(Exceptions) + 1,       // throw
	0x09: uint8(LegacyExceptions) + 1, // rethrow
	0x0a: uint8(Exceptions) + 1,       // throw_ref
	0x12: uint8(TailCalls) + 1,
	0x13: uint8(TailCalls) + 1,
	0x14: uint8(FunctionReferences) + 1,
	0x15: uint8(TailCalls) + 1,
	0x18: uint8(LegacyExceptions) + 1, // delegate
	0x19: uint8(LegacyExceptions) + 1, // catch_all
	0x1f: uint8(Exceptions) + 1,       // try_table
	0xd3: uint8(GC) + 1,               // ref.eq
	0xd4: uint8(FunctionReferences) + 1,
	0xd5: uint8(FunctionReferences) + 1,
	0xd6: uint8(FunctionReferences) + 1,
}

// read reads to the end, or to what cannot be read.
func (r *instructions) read() {
	for r.pos < len(r.code) {
		at := r.pos
		op := r.code[at]
		r.pos++
		if f := features[op]; f != 0 {
			r.note(Feature(f-1), r.at+at)
		}
		ok := true
		switch operands[op] {
		case bare:
		case one:
			ok = r.number()
		case two:
			ok = r.numbers(2)
		case memory:
			ok = r.memory(at)
		case four:
			ok = r.skip(4)
		case eight:
			ok = r.skip(8)
		case block, heap:
			ok = r.blockType(at)
		case branches:
			ok = r.vector(1) && r.number()
		case typed:
			ok = r.types(at)
		case catches:
			ok = r.blockType(at) && r.catches()
		case prefixed:
			ok = r.prefixed(op, at)
		default:
			f := UnknownOpcode
			if 0xe0 <= op && op <= 0xe6 {
				f = StackSwitching
			}
			r.note(f, r.at+at)
			return
		}
		if !ok {
			return
		}
	}
}

// number passes over a LEB128 number of any kind.
func (r *instructions) number() bool {
	for i := r.pos; i < len(r.code); i++ {
		if r.code[i] < 0x80 {
			r.pos = i + 1
			return true
		}
	}
	return false
}

// u32 reads a number without sign.
func (r *instructions) u32() (n uint32, ok bool) {
	for shift := 0; shift < 35 && r.pos < len(r.code); shift += 7 {
		b := r.code[r.pos]
		r.pos++
		n |= uint32(b&0x7f) << shift
		if b < 0x80 {
			return n, true
		}
	}
	return 0, false
}

func (r *instructions) skip(n int) bool {
	r.pos += n
	return r.pos <= len(r.code)
}

// vector passes over a vector of that many numbers each.
func (r *instructions) vector(each int) bool {
	n, ok := r.u32()
	for i := 0; ok && i < int(n)*each; i++ {
		ok = r.number()
	}
	return ok
}

// memory passes over the operands of a load or store. A bit of the alignment says that the
// number of a memory follows.
func (r *instructions) memory(at int) bool {
	align, ok := r.u32()
	if !ok {
		return false
	}
	if align&0x40 != 0 {
		r.note(MultiMemory, r.at+at)
		ok = r.number()
	}
	return ok && r.number()
}

// blockType passes over a block type or a heap type: a number with a sign, or a code, which
// a heap type follows if it is that of a reference.
func (r *instructions) blockType(at int) bool {
	if r.pos >= len(r.code) {
		return false
	}
	code := r.code[r.pos]
	if 0x40 < code && code < 0x80 {
		r.value(code, r.at+at)
	}
	if code == Ref || code == RefNull || code == shared {
		r.pos++
	}
	return r.number()
}

// types passes over the types of a select.
func (r *instructions) types(at int) bool {
	n, ok := r.u32()
	for ; ok && n > 0; n-- {
		ok = r.blockType(at)
	}
	return ok
}

// catches passes over the clauses of a try_table: a kind, a tag in half of them, and a label.
func (r *instructions) catches() bool {
	n, ok := r.u32()
	for ; ok && n > 0 && r.pos < len(r.code); n-- {
		kind := r.code[r.pos]
		r.pos++
		ok = r.number() && (kind > 1 || r.number())
	}
	return ok
}

// prefixed reads an instruction whose opcode has a prefix.
func (r *instructions) prefixed(prefix byte, at int) bool {
	op, ok := r.u32()
	if !ok {
		return false
	}
	switch prefix {
	case 0xfb:
		r.note(GC, r.at+at)
		return op < uint32(len(gcOperands)) && r.numbers(int(gcOperands[op]))
	case 0xfc:
		return r.misc(op, at)
	case 0xfd:
		return r.simd(op, at)
	}
	return r.atomic(op, at)
}

func (r *instructions) numbers(n int) bool {
	for ; n > 0; n-- {
		if !r.number() {
			return false
		}
	}
	return true
}

// gcOperands are how many numbers follow an opcode behind 0xfb. Flags and heap types are
// numbers, too.
var gcOperands = [...]uint8{
	0: 1, 1: 1, 2: 2, 3: 2, 4: 2, 5: 2, // struct
	6: 1, 7: 1, 8: 2, 9: 2, 10: 2, 11: 1, 12: 1, 13: 1, 14: 1, 15: 0, 16: 1, 17: 2, 18: 2, 19: 2, // array
	20: 1, 21: 1, 22: 1, 23: 1, 24: 4, 25: 4, // test and cast
	26: 0, 27: 0, 28: 0, 29: 0, 30: 0,
}

// misc reads what follows 0xfc.
func (r *instructions) misc(op uint32, at int) bool {
	switch {
	case op <= 7: // conversions that saturate
		return true
	case op == 8, op == 10, op == 12, op == 14:
		return r.numbers(2)
	case op <= 17:
		return r.number()
	case 0x13 <= op && op <= 0x16:
		r.note(WideArithmetic, r.at+at)
		return true
	}
	r.note(UnknownOpcode, r.at+at)
	return false
}

// simd reads what follows 0xfd.
func (r *instructions) simd(op uint32, at int) bool {
	switch {
	case op >= 0x100 && op <= 0x12f:
		r.note(RelaxedSIMD, r.at+at)
		return true
	case op > 0xff:
		r.note(UnknownOpcode, r.at+at)
		return false
	}
	r.note(SIMD, r.at+at)
	switch {
	case op <= 11, op == 92, op == 93:
		return r.memory(at)
	case op <= 13: // a constant, or the lanes of a shuffle
		return r.skip(16)
	case 21 <= op && op <= 34:
		return r.skip(1)
	case 84 <= op && op <= 91:
		return r.memory(at) && r.skip(1)
	}
	return true
}

// atomic reads what follows 0xfe.
func (r *instructions) atomic(op uint32, at int) bool {
	switch {
	case op == 3: // atomic.fence
		r.note(Threads, r.at+at)
		return r.skip(1)
	case op <= 0x4e:
		r.note(Threads, r.at+at)
		return r.memory(at)
	}
	r.note(SharedEverything, r.at+at)
	return false
}
