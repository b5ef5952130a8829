package cabi

import (
	"math/bits"

	"github.com/tenon-wasm/tenon/wit"
)

// LiftFlat lifts the value in the flat values at the beginning of flat (lift_flat).
// It traps where they are no value of the type; Trap.Path is the place in it.
func (t *Codec) LiftFlat(c *Call, flat []uint64) any {
	defer c.locate("")
	c.charge(t.cost)
	return t.liftFlat(c, flat)
}

// Load lifts the value at p (load). It traps where p is not aligned or not in memory,
// and where what stands there is no value of the type; Trap.Path is the place in it.
func (t *Codec) Load(c *Call, p uint32) any {
	defer c.locate("")
	c.Check(p, t.align, t.size)
	c.charge(t.cost)
	return t.load(c, p)
}

func (t *Codec) liftFlat(c *Call, s []uint64) any {
	switch t.kind {
	case kind(wit.Bool):
		return LiftBool(s[0])
	case kind(wit.U8):
		return uint8(s[0])
	case kind(wit.S8):
		return int8(s[0])
	case kind(wit.U16):
		return uint16(s[0])
	case kind(wit.S16):
		return int16(s[0])
	case kind(wit.U32):
		return uint32(s[0])
	case kind(wit.S32):
		return int32(s[0])
	case kind(wit.U64):
		return s[0]
	case kind(wit.S64):
		return int64(s[0])
	case kind(wit.F32):
		return LiftF32(s[0])
	case kind(wit.F64):
		return LiftF64(s[0])
	case kind(wit.Char):
		return LiftChar(s[0])
	case kind(wit.String):
		return c.LiftString(uint32(s[0]), uint32(s[1]))
	case bytesKind, listKind:
		return t.liftList(c, uint32(s[0]), uint32(s[1]))
	case recordKind:
		return t.liftRecord(c, s)
	case tupleKind:
		return t.liftFields(c, s, make([]any, 0, len(t.fields)))
	case flagsKind:
		return t.liftFlags(uint32(s[0]))
	case ownKind, borrowKind:
		return t.liftHandle(c, uint32(s[0]))
	}
	i := Discriminant(s[0], uint32(len(t.cases)))
	return t.wrap(i, t.liftPayload(c, i, s[1:]))
}

func (t *Codec) load(c *Call, p uint32) any {
	switch t.kind {
	case kind(wit.Bool):
		return c.Bool(p)
	case kind(wit.U8):
		return c.U8(p)
	case kind(wit.S8):
		return c.S8(p)
	case kind(wit.U16):
		return c.U16(p)
	case kind(wit.S16):
		return c.S16(p)
	case kind(wit.U32):
		return c.U32(p)
	case kind(wit.S32):
		return c.S32(p)
	case kind(wit.U64):
		return c.U64(p)
	case kind(wit.S64):
		return c.S64(p)
	case kind(wit.F32):
		return c.F32(p)
	case kind(wit.F64):
		return c.F64(p)
	case kind(wit.Char):
		return c.Char(p)
	case kind(wit.String):
		return c.String(p)
	case bytesKind, listKind:
		ptr, n := c.pair(p)
		return t.liftList(c, ptr, n)
	case recordKind:
		return t.loadRecord(c, p)
	case tupleKind:
		return t.loadFields(c, p, make([]any, 0, len(t.fields)))
	case flagsKind:
		return t.liftFlags(c.uint(p, t.size))
	case ownKind, borrowKind:
		return t.liftHandle(c, c.U32(p))
	}
	i := Discriminant(uint64(c.uint(p, t.disc)), uint32(len(t.cases)))
	return t.wrap(i, t.loadPayload(c, i, p+t.payload))
}

// uint loads a discriminant or flags of 1, 2 or 4 bytes.
func (c *Call) uint(p, size uint32) uint32 {
	switch size {
	case 1:
		return uint32(c.U8(p))
	case 2:
		return uint32(c.U16(p))
	}
	return c.U32(p)
}

func (t *Codec) liftList(c *Call, ptr, n uint32) any {
	size := t.elem.size
	c.list(ptr, n, size, t.elem.align)
	if t.kind == bytesKind {
		c.charge(uint64(n))
		b := make([]byte, n)
		copy(b, c.at(ptr, n))
		return b
	}
	c.chargeEach(n, t.elem.cost)
	list := make([]any, n)
	i := 0
	defer t.trace(c, &i)
	for ; i < len(list); i++ {
		list[i] = t.elem.load(c, ptr+uint32(i)*size)
	}
	i = -1
	return list
}

func (t *Codec) liftRecord(c *Call, s []uint64) any {
	m := make(map[string]any, len(t.fields))
	i := 0
	defer t.trace(c, &i)
	for ; i < len(t.fields); i++ {
		f := &t.fields[i]
		m[f.name] = f.codec.liftFlat(c, s[f.slot:])
	}
	i = -1
	return m
}

func (t *Codec) loadRecord(c *Call, p uint32) any {
	m := make(map[string]any, len(t.fields))
	i := 0
	defer t.trace(c, &i)
	for ; i < len(t.fields); i++ {
		f := &t.fields[i]
		m[f.name] = f.codec.load(c, p+f.offset)
	}
	i = -1
	return m
}

// liftFields appends the fields of a tuple, or all parameters, to dst.
func (t *Codec) liftFields(c *Call, s []uint64, dst []any) []any {
	i := 0
	defer t.trace(c, &i)
	for ; i < len(t.fields); i++ {
		f := &t.fields[i]
		dst = append(dst, f.codec.liftFlat(c, s[f.slot:]))
	}
	i = -1
	return dst
}

func (t *Codec) loadFields(c *Call, p uint32, dst []any) []any {
	i := 0
	defer t.trace(c, &i)
	for ; i < len(t.fields); i++ {
		f := &t.fields[i]
		dst = append(dst, f.codec.load(c, p+f.offset))
	}
	i = -1
	return dst
}

func (t *Codec) liftPayload(c *Call, which uint32, s []uint64) (v any) {
	k := t.cases[which].codec
	if k == nil {
		return nil
	}
	i := int(which)
	defer t.trace(c, &i)
	v = k.liftFlat(c, s)
	i = -1
	return v
}

func (t *Codec) loadPayload(c *Call, which, p uint32) (v any) {
	k := t.cases[which].codec
	if k == nil {
		return nil
	}
	i := int(which)
	defer t.trace(c, &i)
	v = k.load(c, p)
	i = -1
	return v
}

// wrap is the Go value of a case and its payload.
func (t *Codec) wrap(i uint32, payload any) any {
	switch t.kind {
	case enumKind:
		return t.cases[i].name
	case resultKind:
		return Result{IsErr: i == 1, Value: payload}
	case variantKind:
		return Variant{Case: t.cases[i].name, Value: payload}
	}
	if i == 1 && t.elem.kind == optionKind {
		return Some{Value: payload}
	}
	return payload
}

func (t *Codec) liftFlags(v uint32) any {
	v &= 1<<len(t.cases) - 1
	set := make([]string, 0, bits.OnesCount32(v))
	for ; v != 0; v &= v - 1 {
		set = append(set, t.cases[bits.TrailingZeros32(v)].name)
	}
	return set
}

func (t *Codec) liftHandle(c *Call, h uint32) any {
	rt := t.resourceType(c)
	if t.kind == ownKind {
		return c.handles.TakeOwn(h, rt)
	}
	return c.Lend(h, rt)
}

func (t *Codec) resourceType(c *Call) *ResourceType {
	if c.opts.Resources == nil || c.handles == nil {
		Throw(HostFailed, "no resource types are bound, want %s", t.resource.Name)
	}
	rt := c.opts.Resources(t.resource)
	if rt == nil {
		Throw(HostFailed, "resource %s has no type here", t.resource.Name)
	}
	return rt
}
