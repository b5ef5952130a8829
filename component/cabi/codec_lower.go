package cabi

import (
	"unicode/utf8"

	"github.com/tenon-wasm/tenon/wit"
)

// LowerFlat lowers v to the flat values at the beginning of flat (lower_flat), which
// has room for as many as Layout.Slots says. The error is a *[ValueError].
func (t *Codec) LowerFlat(c *Call, v any, flat []uint64) (err error) {
	defer c.refuse("", &err)
	t.lowerFlat(c, v, flat)
	return nil
}

// Store lowers v to p (store). It traps where p is not aligned or not in memory. The
// error is a *[ValueError].
func (t *Codec) Store(c *Call, v any, p uint32) (err error) {
	defer c.refuse("", &err)
	c.Check(p, t.align, t.size)
	t.store(c, v, p)
	return nil
}

// scalar is the slot of a value that is one slot and one integer in memory:
// everything but strings, lists, records, tuples and what has payloads.
func (t *Codec) scalar(c *Call, v any) (slot uint64, ok bool) {
	switch t.kind {
	case kind(wit.Bool):
		return LowerBool(want[bool](v, "bool")), true
	case kind(wit.U8):
		return uint64(want[uint8](v, "uint8")), true
	case kind(wit.S8):
		return uint64(uint32(want[int8](v, "int8"))), true
	case kind(wit.U16):
		return uint64(want[uint16](v, "uint16")), true
	case kind(wit.S16):
		return uint64(uint32(want[int16](v, "int16"))), true
	case kind(wit.U32):
		return uint64(want[uint32](v, "uint32")), true
	case kind(wit.S32):
		return uint64(uint32(want[int32](v, "int32"))), true
	case kind(wit.U64):
		return want[uint64](v, "uint64"), true
	case kind(wit.S64):
		return uint64(want[int64](v, "int64")), true
	case kind(wit.F32):
		return LowerF32(want[float32](v, "float32")), true
	case kind(wit.F64):
		return LowerF64(want[float64](v, "float64")), true
	case kind(wit.Char):
		r := want[rune](v, "rune")
		if !utf8.ValidRune(r) {
			refusef("%#x is not a Unicode scalar value", uint32(r))
		}
		return uint64(r), true
	case enumKind:
		return uint64(t.mustCase(want[string](v, "string"))), true
	case flagsKind:
		var set uint64
		for _, l := range want[[]string](v, "[]string") {
			set |= 1 << t.mustCase(l)
		}
		return set, true
	case ownKind, borrowKind:
		return uint64(t.lowerHandle(c, v)), true
	}
	return 0, false
}

func (t *Codec) lowerFlat(c *Call, v any, s []uint64) {
	if slot, ok := t.scalar(c, v); ok {
		s[0] = slot
		return
	}
	switch t.kind {
	case kind(wit.String), bytesKind, listKind:
		ptr, n := t.lowerSequence(c, v)
		s[0], s[1] = uint64(ptr), uint64(n)
	case recordKind:
		t.lowerRecord(c, v, s)
	case tupleKind:
		t.lowerFields(c, t.elems(v), s)
	default:
		i, payload := t.unwrap(v)
		s[0] = uint64(i)
		used := uint32(1)
		if k := t.cases[i].codec; k != nil {
			t.lowerPayload(c, i, payload, s[1:])
			used += k.slots
		}
		clear(s[used:t.slots])
	}
}

func (t *Codec) store(c *Call, v any, p uint32) {
	if slot, ok := t.scalar(c, v); ok {
		c.setUint(p, t.size, slot)
		return
	}
	switch t.kind {
	case kind(wit.String), bytesKind, listKind:
		ptr, n := t.lowerSequence(c, v)
		c.SetPair(p, ptr, n)
	case recordKind:
		t.storeRecord(c, v, p)
	case tupleKind:
		t.storeFields(c, t.elems(v), p)
	default:
		i, payload := t.unwrap(v)
		c.setUint(p, t.disc, uint64(i))
		if t.cases[i].codec != nil {
			t.storePayload(c, i, payload, p+t.payload)
		}
	}
}

// setUint stores a scalar of 1, 2, 4 or 8 bytes.
func (c *Call) setUint(p, size uint32, v uint64) {
	switch size {
	case 1:
		c.SetU8(p, uint8(v))
	case 2:
		c.SetU16(p, uint16(v))
	case 4:
		c.SetU32(p, uint32(v))
	default:
		c.SetU64(p, v)
	}
}

// lowerSequence gives a string or a list to the guest.
func (t *Codec) lowerSequence(c *Call, v any) (ptr, n uint32) {
	switch t.kind {
	case kind(wit.String):
		s := want[string](v, "string")
		fits("string", len(s), 1)
		if !utf8.ValidString(s) {
			refusef("the string is not UTF-8")
		}
		return c.lowerText(s)
	case bytesKind:
		b := want[[]byte](v, "[]byte")
		fits("list", len(b), 1)
		return c.LowerBytes(b)
	}
	list := want[[]any](v, "[]any")
	size := t.elem.size
	fits("list", len(list), size)
	ptr = c.LowerList(len(list), size, t.elem.align)
	i := 0
	defer t.trace(c, &i)
	for ; i < len(list); i++ {
		t.elem.store(c, list[i], ptr+uint32(i)*size)
	}
	i = -1
	return ptr, uint32(len(list))
}

func fits(what string, n int, size uint32) {
	if uint64(n) > MaxByteLength/uint64(size) {
		refusef("the %s takes more than %d bytes", what, MaxByteLength)
	}
}

// record is v as a record: every field, and nothing else.
func (t *Codec) record(v any) map[string]any {
	m := want[map[string]any](v, "map[string]any")
	for i := range t.fields {
		if _, ok := m[t.fields[i].name]; !ok {
			refusef("the field %q is missing", t.fields[i].name)
		}
	}
	if len(m) > len(t.fields) {
		refusef("there are %d fields, want %d", len(m), len(t.fields))
	}
	return m
}

func (t *Codec) elems(v any) []any {
	list := want[[]any](v, "[]any")
	if len(list) != len(t.fields) {
		refusef("there are %d elements, want %d", len(list), len(t.fields))
	}
	return list
}

func (t *Codec) lowerRecord(c *Call, v any, s []uint64) {
	m := t.record(v)
	i := 0
	defer t.trace(c, &i)
	for ; i < len(t.fields); i++ {
		f := &t.fields[i]
		f.codec.lowerFlat(c, m[f.name], s[f.slot:])
	}
	i = -1
}

func (t *Codec) storeRecord(c *Call, v any, p uint32) {
	m := t.record(v)
	i := 0
	defer t.trace(c, &i)
	for ; i < len(t.fields); i++ {
		f := &t.fields[i]
		f.codec.store(c, m[f.name], p+f.offset)
	}
	i = -1
}

// lowerFields lowers the elements of a tuple, or all parameters.
func (t *Codec) lowerFields(c *Call, list []any, s []uint64) {
	i := 0
	defer t.trace(c, &i)
	for ; i < len(t.fields); i++ {
		f := &t.fields[i]
		f.codec.lowerFlat(c, list[i], s[f.slot:])
	}
	i = -1
}

func (t *Codec) storeFields(c *Call, list []any, p uint32) {
	i := 0
	defer t.trace(c, &i)
	for ; i < len(t.fields); i++ {
		f := &t.fields[i]
		f.codec.store(c, list[i], p+f.offset)
	}
	i = -1
}

func (t *Codec) lowerPayload(c *Call, which uint32, v any, s []uint64) {
	i := int(which)
	defer t.trace(c, &i)
	t.cases[which].codec.lowerFlat(c, v, s)
	i = -1
}

func (t *Codec) storePayload(c *Call, which uint32, v any, p uint32) {
	i := int(which)
	defer t.trace(c, &i)
	t.cases[which].codec.store(c, v, p)
	i = -1
}

// unwrap is the case and the payload of a Go value.
func (t *Codec) unwrap(v any) (i uint32, payload any) {
	switch t.kind {
	case optionKind:
		switch v := v.(type) {
		case nil:
			return 0, nil
		case Some:
			return 1, v.Value
		}
		return 1, v
	case resultKind:
		r := want[Result](v, "cabi.Result")
		if r.IsErr {
			i = 1
		}
		payload = r.Value
	default:
		r := want[Variant](v, "cabi.Variant")
		i, payload = t.mustCase(r.Case), r.Value
	}
	if t.cases[i].codec == nil && payload != nil {
		refusef("the case %q carries nothing, have %T", t.cases[i].name, payload)
	}
	return i, payload
}

func (t *Codec) mustCase(name string) uint32 {
	i, ok := t.caseOf(name)
	if !ok {
		refusef("there is no case or label %q", name)
	}
	return i
}

func (t *Codec) lowerHandle(c *Call, v any) uint32 {
	rt := t.resourceType(c)
	if v == nil { // The handle table knows what else it takes.
		refusef("want a %s, have %s", rt.Name, typeOf(v))
	}
	if t.kind == ownKind {
		return c.handles.NewOwn(rt, v)
	}
	return c.handles.NewBorrow(rt, v)
}
