package cabi

import "encoding/binary"

// A copy program moves values of one type from one guest's memory to another's.
// It is compiled from a [Codec] and is a slice of steps with static offsets, the
// same in both memories: records and tuples have dissolved in it, and what needs
// no checking is merged to blocks. Padding and unused payload are left alone, as
// the specification has it: the one guest's leftovers are not the other's to see.
//
// Floats keep their bits: the specification lets a NaN arrive as any NaN.
//
// # The order of effects
//
// The specification lifts all values and then lowers them all. A copy does both
// value by value, in the order of lowering, so that the receiver's realloc is
// called in the same order with the same arguments, its memory is written in the
// same order between, and its table gives the same handles. Who calls realloc
// cannot tell the difference, for realloc may not leave its instance: it sees
// neither the giver's memory nor the giver's table. Two things differ, and only
// where the giver's value is bad, that is, where the call traps anyway: the
// receiver may have been asked for memory by then, and of two broken rules
// another one may be reported.
//
// # What it may cost
//
// Nothing is held in host memory, but a small memory can describe much work: lists
// of lists that share their elements, and a receiver whose realloc always gives
// the same block. So the giver's call is charged (Options.HostBytes) with the
// bytes of every list and the code units of every string, and for each string,
// list, variant or handle that is an element's part with what it costs to make
// one. A value is charged at most twice what lifting it would be, and mostly less.
type memCopy struct {
	size, align uint32
	steps       []copyStep

	cost    uint64 // that an element of a list is charged
	solid   bool   // one block of the whole size
	ordered bool   // has steps with effects, so that elements go one by one
}

// copyStep moves a part of a value that stands at off.
type copyStep struct {
	op    copyOp
	off   uint32
	size  uint32     // of a block, of flags, of an enum's or a variant's discriminant
	limit uint32     // cases of an enum or variant; the mask of flags
	codec *Codec     // of a variant, own or borrow
	part  *memCopy   // the elements of a list, or what a nested step stands for
	arms  []*memCopy // the payloads of a variant; nil for a case without
	path  *valuePath
}

type copyOp uint8

const (
	copyBlock  copyOp = iota
	copyWord32        // a block of 4 bytes
	copyWord64        // a block of 8 bytes
	copyBool
	copyChar
	copyEnum // and a variant whose cases carry nothing
	copyFlags
	copyVariant
	copyNested // another program

	// The ones below have effects.
	copyString
	copyList
	copyOwn
	copyBorrow
)

// copying is one use of copy programs.
type copying struct {
	from, to *Call
	callee   *Call // whose Options.Resources are asked
}

// fault is where a value is bad, found without a cost where there is none.
type fault struct {
	step  *copyStep
	elem  int    // the value's index among those that were copied together
	value uint32 // what is no char or no discriminant
	arm   int    // the case in whose payload inner is
	inner *fault
}

// columns copies n values of that stride, step by step and not value by value. It
// is for programs without effects; s and d are all the values' bytes.
func columns(steps []copyStep, d, s []byte, n, stride int) *fault {
	if n == 0 {
		return nil
	}
	for k := range steps {
		st := &steps[k]
		o, size := int(st.off), int(st.size)
		switch st.op {
		case copyBlock:
			for range n {
				copy(d[o:o+size], s[o:o+size])
				o += stride
			}
		case copyWord32:
			for range n {
				binary.LittleEndian.PutUint32(d[o:], binary.LittleEndian.Uint32(s[o:]))
				o += stride
			}
		case copyWord64:
			for range n {
				binary.LittleEndian.PutUint64(d[o:], binary.LittleEndian.Uint64(s[o:]))
				o += stride
			}
		case copyBool:
			for range n {
				b := s[o]
				if b != 0 {
					b = 1
				}
				d[o] = b
				o += stride
			}
		case copyChar:
			for i := range n {
				v := binary.LittleEndian.Uint32(s[o:])
				if !isScalar(v) {
					return &fault{step: st, elem: i, value: v}
				}
				binary.LittleEndian.PutUint32(d[o:], v)
				o += stride
			}
		case copyEnum:
			if f := st.enums(d[o:], s[o:], n, stride); f != nil {
				return f
			}
		case copyFlags:
			for range n {
				storeUint(d[o:], st.size, loadUint(s[o:], st.size)&st.limit)
				o += stride
			}
		case copyVariant:
			payload := int(st.codec.payload)
			for i := range n {
				v := loadUint(s[o:], st.size)
				if v >= st.limit {
					return &fault{step: st, elem: i, value: v}
				}
				storeUint(d[o:], st.size, v)
				if arm := st.arms[v]; arm != nil {
					if f := columns(arm.steps, d[o+payload:], s[o+payload:], 1, 0); f != nil {
						return &fault{step: st, elem: i, arm: int(v), inner: f}
					}
				}
				o += stride
			}
		case copyNested:
			if f := columns(st.part.steps, d[o:], s[o:], n, stride); f != nil {
				return &fault{step: st, elem: f.elem, inner: f}
			}
		}
	}
	return nil
}

func (st *copyStep) enums(d, s []byte, n, stride int) *fault {
	if st.size == 1 {
		limit := st.limit
		for i, o := 0, 0; i < n; i, o = i+1, o+stride {
			v := s[o]
			if uint32(v) >= limit {
				return &fault{step: st, elem: i, value: uint32(v)}
			}
			d[o] = v
		}
		return nil
	}
	for i, o := 0, 0; i < n; i, o = i+1, o+stride {
		v := loadUint(s[o:], st.size)
		if v >= st.limit {
			return &fault{step: st, elem: i, value: v}
		}
		storeUint(d[o:], st.size, v)
	}
	return nil
}

// loadUint is a discriminant or flags of 1, 2 or 4 bytes.
func loadUint(b []byte, size uint32) uint32 {
	switch size {
	case 1:
		return uint32(b[0])
	case 2:
		return uint32(binary.LittleEndian.Uint16(b))
	}
	return binary.LittleEndian.Uint32(b)
}

func storeUint(b []byte, size, v uint32) {
	switch size {
	case 1:
		b[0] = byte(v)
	case 2:
		binary.LittleEndian.PutUint16(b, uint16(v))
	default:
		binary.LittleEndian.PutUint32(b, v)
	}
}

// value copies the value at src to dst; both areas were checked.
func (x *copying) value(m *memCopy, src, dst uint32) {
	if !m.ordered {
		x.check(columns(m.steps, x.to.at(dst, m.size), x.from.at(src, m.size), 1, 0))
		return
	}
	pc := 0
	defer m.trace(x.from, &pc)
	for ; pc < len(m.steps); pc++ {
		x.step(m, pc, src, dst)
	}
	pc = -1
}

// step does one step of a program with effects. The views are taken anew each
// time, for the step before may have called realloc.
func (x *copying) step(m *memCopy, pc int, src, dst uint32) {
	st := &m.steps[pc]
	p, q := src+st.off, dst+st.off
	switch st.op {
	case copyWord32:
		x.to.SetU32(q, x.from.U32(p))
	case copyWord64:
		x.to.SetU64(q, x.from.U64(p))
	case copyString:
		ptr, n := x.from.pair(p)
		ptr, n = x.text(ptr, n)
		x.to.SetPair(q, ptr, n)
	case copyList:
		ptr, n := x.from.pair(p)
		x.to.SetPair(q, x.list(st.part, ptr, n), n)
	case copyOwn:
		x.to.SetU32(q, x.own(st.codec, x.from.U32(p)))
	case copyBorrow:
		x.to.SetU32(q, x.borrow(st.codec, x.from.U32(p)))
	case copyVariant:
		i := Discriminant(uint64(x.from.uint(p, st.size)), st.limit)
		x.to.setUint(q, st.size, uint64(i))
		if st.arms[i] != nil {
			x.payload(st, i, p+st.codec.payload, q+st.codec.payload)
		}
	case copyNested:
		x.value(st.part, p, q)
	default:
		f := columns(m.steps[pc:pc+1], x.to.at(dst, m.size), x.from.at(src, m.size), 1, 0)
		if f != nil {
			f.step = &copyStep{op: st.op, limit: st.limit} // The path is m's to tell.
		}
		x.check(f)
	}
}

func (x *copying) payload(st *copyStep, which, src, dst uint32) {
	i := int(which)
	defer st.codec.trace(x.from, &i)
	x.value(st.arms[which], src, dst)
	i = -1
}

// check traps where columns found a fault.
func (x *copying) check(f *fault) {
	if f != nil {
		x.from.note(f)
		f.throw()
	}
}

// throw traps as the check does that the value failed.
func (f *fault) throw() {
	for f.inner != nil {
		f = f.inner
	}
	if f.step.op == copyChar {
		LiftChar(uint64(f.value))
	}
	Discriminant(uint64(f.value), f.step.limit)
}

// note writes down the way to a fault, innermost first.
func (c *Call) note(f *fault) {
	if f.inner != nil {
		c.note(f.inner)
		if f.step.op == copyVariant {
			c.trail = append(c.trail, f.step.codec.part(f.arm))
		}
	}
	c.trail = f.step.path.appendTo(c.trail)
}
