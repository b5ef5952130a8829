package cabi

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tenon-wasm/tenon/wit"
)

const (
	// MaxSize is the limit of a type's elemSize.
	MaxSize = 1<<28 - 1

	// MaxDepth is the limit of how deep a type nests.
	MaxDepth = 1000
)

// Layout is how values of a type stand in memory and in flat values.
type Layout struct {
	Size  uint32 // elemSize
	Align uint32 // alignment

	// Flat is the flattened type. A longer one than MaxFlatParams is cut off after
	// one more: such values go through memory. Slots counts all of it.
	Flat  []CoreType
	Slots uint32

	// Offsets are those of the fields of a record or tuple.
	Offsets []uint32

	// DiscSize is the size of the discriminant of a variant, enum, option or
	// result, and PayloadOffset is where the payload of any case stands.
	DiscSize, PayloadOffset uint32

	depth int // how deep the type nests
}

// Layouts computes layouts and keeps them, so that types that share parts cost
// what their parts cost once. The zero value works.
type Layouts struct {
	max     int // flat types kept; zero means MaxFlatParams+1
	depth   int // of types that are being laid out
	deepest int // depth of the deepest part so far
	done    map[wit.Type]*Layout
	err     error // of the first type that has no layout
}

// LayoutOf is the layout of t, or an error where t is no valid value type: it is
// too large or too deep, has no fields, cases or labels, or too many labels.
func LayoutOf(t wit.Type) (*Layout, error) { return new(Layouts).Of(t) }

// SizeOf is the elemSize of t, which is valid: see [LayoutOf].
func SizeOf(t wit.Type) uint32 { return new(Layouts).of(t).Size }

// AlignOf is the alignment of t, which is valid: see [LayoutOf].
func AlignOf(t wit.Type) uint32 { return new(Layouts).of(t).Align }

// Of is the layout of t, as [LayoutOf] gives it. It is not to be changed.
func (l *Layouts) Of(t wit.Type) (*Layout, error) {
	l.err = nil
	lay := l.of(t)
	if l.err != nil {
		l.done = nil
		return nil, l.err
	}
	return lay, nil
}

// fail notes why a type has no layout, and gives one to go on with.
func (l *Layouts) fail(format string, args ...any) *Layout {
	if l.err == nil {
		l.err = fmt.Errorf(format, args...)
	}
	return &Layout{Size: 1, Align: 1}
}

func (l *Layouts) of(t wit.Type) *Layout {
	t = wit.Structure(t)
	if p, ok := t.(wit.Prim); ok {
		return l.prim(p)
	}
	lay, ok := l.done[t]
	switch {
	case ok && lay == nil:
		return l.fail("a type contains itself")
	case !ok:
		lay = l.make(t)
	}
	if l.depth+lay.depth > MaxDepth {
		return l.fail("a type nests deeper than %d", MaxDepth)
	}
	l.deepest = max(l.deepest, lay.depth)
	return lay
}

// make lays out a type for the first time.
func (l *Layouts) make(t wit.Type) *Layout {
	if l.depth == MaxDepth {
		return l.fail("a type nests deeper than %d", MaxDepth)
	}
	if l.done == nil {
		l.done = make(map[wit.Type]*Layout)
	}
	l.done[t] = nil
	outer := l.deepest
	l.deepest = 0
	l.depth++
	lay := l.compute(t)
	l.depth--
	lay.depth = l.deepest + 1
	l.deepest = outer
	l.done[t] = lay
	return lay
}

var primLayouts = func() (table [wit.ErrorContext + 1]*Layout) {
	add := func(size uint32, core CoreType, prims ...wit.Prim) {
		for _, p := range prims {
			table[p] = scalar(size, core)
		}
	}
	add(1, I32, wit.Bool, wit.S8, wit.U8)
	add(2, I32, wit.S16, wit.U16)
	add(4, I32, wit.S32, wit.U32, wit.Char, wit.ErrorContext)
	add(8, I64, wit.S64, wit.U64)
	add(4, F32, wit.F32)
	add(8, F64, wit.F64)
	table[wit.String] = pair()
	return table
}()

// pair is the layout of a string and a list: an address and a length.
func pair() *Layout { return &Layout{Size: 8, Align: 4, Flat: []CoreType{I32, I32}, Slots: 2} }

func scalar(size uint32, core CoreType) *Layout {
	return &Layout{Size: size, Align: size, Flat: []CoreType{core}, Slots: 1}
}

func (l *Layouts) prim(p wit.Prim) *Layout {
	if int(p) < len(primLayouts) && p != 0 {
		return primLayouts[p]
	}
	return l.fail("%s is no type", p)
}

func (l *Layouts) compute(t wit.Type) *Layout {
	switch t := t.(type) {
	case *wit.List:
		l.of(t.Elem) // A list has a layout if its elements have one.
		return pair()
	case *wit.FixedList:
		return l.fixed(t)
	case *wit.Record:
		fields := make([]wit.Type, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = f.Type
		}
		return l.record(fields)
	case *wit.Tuple:
		return l.record(t.Elems)
	case *wit.Variant:
		cases := make([]wit.Type, len(t.Cases))
		for i, c := range t.Cases {
			cases[i] = c.Type
		}
		return l.variant(cases)
	case *wit.Enum:
		return l.variant(make([]wit.Type, len(t.Labels)))
	case *wit.Option:
		return l.variant([]wit.Type{nil, t.Elem})
	case *wit.Result:
		return l.variant([]wit.Type{t.OK, t.Err})
	case *wit.Flags:
		return l.flags(t)
	case *wit.Own, *wit.Borrow, *wit.Stream, *wit.Future:
		return scalar(4, I32)
	}
	return l.fail("%v is no type of a value", t)
}

func (l *Layouts) record(fields []wit.Type) *Layout {
	if len(fields) == 0 {
		return l.fail("a record or tuple has no fields")
	}
	lay := &Layout{Align: 1, Offsets: make([]uint32, len(fields))}
	for i, f := range fields {
		fl := l.of(f)
		at := alignTo(uint64(lay.Size), fl.Align)
		lay.Offsets[i] = uint32(at)
		lay.Align = max(lay.Align, fl.Align)
		lay.Flat = l.cut(append(lay.Flat, fl.Flat...))
		lay.Slots = addSlots(lay.Slots, fl.Slots)
		lay.Size = l.size(at + uint64(fl.Size))
	}
	lay.Flat = slices.Clip(lay.Flat)
	lay.Size = l.size(alignTo(uint64(lay.Size), lay.Align))
	return lay
}

// variant lays out everything that has cases; a case without payload is nil.
func (l *Layouts) variant(cases []wit.Type) *Layout {
	if len(cases) == 0 {
		return l.fail("a variant or enum has no cases")
	}
	lay := &Layout{DiscSize: discSize(len(cases)), Flat: []CoreType{I32}, Slots: 1}
	var size, slots uint32
	payloadAlign := uint32(1)
	for _, c := range cases {
		if c == nil {
			continue
		}
		cl := l.of(c)
		size = max(size, cl.Size)
		slots = max(slots, cl.Slots)
		payloadAlign = max(payloadAlign, cl.Align)
		for i, have := range cl.Flat {
			if i+1 == len(lay.Flat) {
				lay.Flat = append(lay.Flat, have)
			} else {
				lay.Flat[i+1] = join(lay.Flat[i+1], have)
			}
		}
	}
	lay.Flat = slices.Clip(l.cut(lay.Flat))
	lay.Slots = addSlots(1, slots)
	lay.Align = max(lay.DiscSize, payloadAlign)
	lay.PayloadOffset = uint32(alignTo(uint64(lay.DiscSize), payloadAlign))
	lay.Size = l.size(alignTo(uint64(lay.PayloadOffset)+uint64(size), lay.Align))
	return lay
}

// discSize is the size of the discriminant of a type with that many cases.
func discSize(cases int) uint32 {
	switch {
	case cases <= 1<<8:
		return 1
	case cases <= 1<<16:
		return 2
	}
	return 4
}

// flagsSize is the elemSize and alignment of flags with that many labels.
func flagsSize(labels int) uint32 {
	switch {
	case labels <= 8:
		return 1
	case labels <= 16:
		return 2
	}
	return 4
}

func (l *Layouts) flags(t *wit.Flags) *Layout {
	if n := len(t.Labels); n == 0 || n > 32 {
		return l.fail("flags have %d labels, want 1 to 32", n)
	}
	return scalar(flagsSize(len(t.Labels)), I32)
}

func (l *Layouts) fixed(t *wit.FixedList) *Layout {
	if t.Len == 0 {
		return l.fail("a list has the fixed length 0")
	}
	el := l.of(t.Elem)
	lay := &Layout{Align: el.Align, Size: l.size(uint64(t.Len) * uint64(el.Size))}
	for n := uint32(0); n < t.Len && len(lay.Flat) < l.most(); n++ {
		lay.Flat = l.cut(append(lay.Flat, el.Flat...))
	}
	lay.Flat = slices.Clip(lay.Flat)
	lay.Slots = uint32(min(uint64(t.Len)*uint64(el.Slots), math.MaxUint32))
	return lay
}

var errTooLarge = errors.New("a type is larger than 2^28-1 bytes")

// size checks the size of a type, which cannot be much over the limit before.
func (l *Layouts) size(n uint64) uint32 {
	if n > MaxSize {
		if l.err == nil {
			l.err = errTooLarge
		}
		return MaxSize
	}
	return uint32(n)
}

func alignTo(n uint64, align uint32) uint64 {
	return (n + uint64(align) - 1) &^ (uint64(align) - 1)
}

func addSlots(a, b uint32) uint32 { return uint32(min(uint64(a)+uint64(b), math.MaxUint32)) }
