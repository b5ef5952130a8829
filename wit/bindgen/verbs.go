package bindgen

import (
	"fmt"

	"github.com/tenon-wasm/tenon/wit"
)

// The expressions of generated code: how a value is read from memory, read from
// flat values, and stored. Aggregates go through a function of their own.

// load is the value of type t at address p.
func load(t *Type, p string) string {
	switch t.Kind {
	case Prim, Str, Bytes:
		return fmt.Sprintf("c.%s(%s)", t.Name, p)
	case Enum, Flags:
		return t.bits(fmt.Sprintf("c.U%d(%s)", 8*t.Disc, p), false)
	case Own, Borrow:
		return t.take("c.U32(" + p + ")")
	}
	return fmt.Sprintf("%s(c, %s)", t.function("load"), p)
}

// lift is the value of type t that begins at slot i of the flat values f.
func lift(t *Type, f string, i int) string {
	slot := fmt.Sprintf("%s[%d]", f, i)
	switch t.Kind {
	case Prim:
		switch wit.Structure(t.WIT) {
		case wit.Bool, wit.F32, wit.F64, wit.Char:
			return fmt.Sprintf("cabi.Lift%s(%s)", t.Name, slot)
		case wit.U64:
			return slot
		}
		return fmt.Sprintf("%s(%s)", t.Go, slot)
	case Str, Bytes:
		return fmt.Sprintf("c.Lift%s(uint32(%s), uint32(%s[%d]))", t.Name, slot, f, i+1)
	case List:
		return fmt.Sprintf("%s(c, uint32(%s), uint32(%s[%d]))", t.function("lift"), slot, f, i+1)
	case Enum, Flags:
		return t.bits(slot, true)
	case Own, Borrow:
		return t.take("uint32(" + slot + ")")
	}
	return fmt.Sprintf("%s(c, %s[%d:%d])", t.function("lift"), f, i, i+t.Flat)
}

// store is the statement that stores v at address p.
func store(t *Type, p, v string) string {
	switch t.Kind {
	case Prim, Str, Bytes:
		return fmt.Sprintf("c.Set%s(%s, %s)", t.Name, p, v)
	case Enum:
		return fmt.Sprintf("c.SetU%d(%s, uint%d(cabi.Discriminant(uint64(%s), %d)))", 8*t.Disc, p, 8*t.Disc, v, t.Elements)
	case Flags:
		return fmt.Sprintf("c.SetU%d(%s, uint%d(%s))", 8*t.Disc, p, 8*t.Disc, v)
	case Own:
		return fmt.Sprintf("c.SetU32(%s, c.NewOwn(%s, %s))", p, t.Handle, v)
	case Borrow:
		return fmt.Sprintf("c.SetU32(%s, c.NewBorrow(%s, %s))", p, t.Handle, v)
	}
	return fmt.Sprintf("%s(c, %s, %s)", t.function("store"), p, v)
}

// lower is the one flat value of v.
func lower(t *Type, v string) string {
	switch t.Kind {
	case Prim:
		switch wit.Structure(t.WIT) {
		case wit.Bool, wit.F32, wit.F64, wit.Char:
			return fmt.Sprintf("cabi.Lower%s(%s)", t.Name, v)
		case wit.S8, wit.S16, wit.S32:
			return fmt.Sprintf("uint64(uint32(%s))", v)
		case wit.U64:
			return v
		}
		return fmt.Sprintf("uint64(%s)", v)
	case Enum:
		return fmt.Sprintf("uint64(cabi.Discriminant(uint64(%s), %d))", v, t.Elements)
	case Flags:
		return fmt.Sprintf("uint64(%s)", v)
	case Own:
		return fmt.Sprintf("uint64(c.NewOwn(%s, %s))", t.Handle, v)
	case Borrow:
		return fmt.Sprintf("uint64(c.NewBorrow(%s, %s))", t.Handle, v)
	}
	return fmt.Sprintf("%s(c, %s)", t.function("lower"), v)
}

// bits reads an enum or flags from the bits x: a label must exist, and bits
// beyond the flags are ignored.
func (t *Type) bits(x string, wide bool) string {
	if t.Kind == Enum {
		if !wide {
			x = "uint64(" + x + ")"
		}
		return fmt.Sprintf("%s(cabi.Discriminant(%s, %d))", t.Go, x, t.Elements)
	}
	if uint32(t.Elements) == 8*t.Disc {
		return fmt.Sprintf("%s(%s)", t.Go, x)
	}
	return fmt.Sprintf("%s(%s & %#x)", t.Go, x, uint64(1)<<t.Elements-1)
}

// take reads a handle h.
func (t *Type) take(h string) string { return fmt.Sprintf("%s(c, %s)", t.Lift, h) }

// function names the function of an aggregate.
func (t *Type) function(verb string) string {
	if t.Anonymous {
		return verb + t.Name
	}
	return t.Qualifier + title(verb) + t.Name
}

// plus is the address p + offset.
func plus(p string, offset uint32) string {
	if offset == 0 {
		return p
	}
	return fmt.Sprintf("%s+%d", p, offset)
}

// element is the address of element i of a list.
func element(base, i string, size uint32) string {
	if size == 1 {
		return fmt.Sprintf("%s+uint32(%s)", base, i)
	}
	return fmt.Sprintf("%s+uint32(%s)*%d", base, i, size)
}
