package validate

import (
	"errors"
	"fmt"
	"math"

	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// maxSize is the limit of the elemSize of a value type, by the definition for 64-bit
// memories.
const maxSize = 1<<28 - 1

// maxFlat is the most flat values that a function passes without memory. Flat types
// are cut off after one more.
const maxFlat = 16

// pointer stands in a flat type for the address type of the memory, which the
// canonical options tell.
const pointer byte = 0

// Traits are what validation asks about a type and all of its parts.
type traits struct {
	size  uint32 // elemSize in a 64-bit memory
	align uint32 // alignment there
	depth int
	flat  []byte // core value types, or pointer; cut off after maxFlat+1

	memory   bool // holds a string or a list
	borrow   bool // holds a borrow
	resource bool // refers to a resource
	named    bool // refers to a name that an import or export introduced
	nominal  bool // holds what must have a name outside: see visible.go
}

func (w *Values) pay(n int) {
	if w.spend != nil {
		w.spend(n)
	}
}

// of are the traits of a type that has been checked, as all parts of a type are
// before it.
func (w *Values) of(t wit.Type) *traits {
	r, err := w.traitsOf(t)
	if err != nil {
		return &traits{size: 1, align: 1}
	}
	return r
}

func (w *Values) traitsOf(t wit.Type) (*traits, error) {
	if p, ok := t.(wit.Prim); ok {
		if int(p) < len(primTraits) && primTraits[p] != nil {
			return primTraits[p], nil
		}
		return nil, fmt.Errorf("%s is no type", p)
	}
	if r, ok := w.known[t]; ok {
		return r, nil
	}
	r, err := w.compute(t)
	if err != nil {
		return nil, err
	}
	if w.known == nil {
		w.known = map[wit.Type]*traits{}
	}
	w.known[t] = r
	return r, nil
}

var primTraits = func() (table [wit.ErrorContext + 1]*traits) {
	add := func(size uint32, flat byte, prims ...wit.Prim) {
		for _, p := range prims {
			table[p] = &traits{size: size, align: size, flat: []byte{flat}}
		}
	}
	add(1, core.I32, wit.Bool, wit.S8, wit.U8)
	add(2, core.I32, wit.S16, wit.U16)
	add(4, core.I32, wit.S32, wit.U32, wit.Char, wit.ErrorContext)
	add(8, core.I64, wit.S64, wit.U64)
	add(4, core.F32, wit.F32)
	add(8, core.F64, wit.F64)
	table[wit.String] = pair()
	return table
}()

// pair are the traits of a string and a list: an address and a length.
func pair() *traits {
	return &traits{size: 16, align: 8, flat: []byte{pointer, pointer}, memory: true}
}

func handle() *traits { return &traits{size: 4, align: 4, flat: []byte{core.I32}} }

// add joins what is true of a type if it is true of a part.
func (r *traits) add(part *traits) {
	r.depth = max(r.depth, part.depth+1)
	r.memory = r.memory || part.memory
	r.carry(part)
}

// carry is add for a part that a value does not hold, but its type refers to.
func (r *traits) carry(part *traits) {
	r.depth = max(r.depth, part.depth+1)
	r.borrow = r.borrow || part.borrow
	r.resource = r.resource || part.resource
	r.named = r.named || part.named
	r.nominal = r.nominal || part.nominal
}

func (w *Values) compute(t wit.Type) (*traits, error) {
	r, err := w.shape(t)
	if err != nil {
		return nil, err
	}
	if _, isName := t.(*wit.TypeDef); !isName {
		r.depth = max(r.depth, 1)
	}
	switch {
	case r.size > maxSize:
		return nil, errTooLarge
	case r.depth > maxValueDepth:
		return nil, fmt.Errorf("a type nests deeper than %d", maxValueDepth)
	}
	return r, nil
}

var errTooLarge = errors.New("a type is larger than 2^28-1 bytes")

func (w *Values) shape(t wit.Type) (*traits, error) {
	switch t := t.(type) {
	case *wit.TypeDef:
		return w.alias(t)
	case *wit.Resource:
		return &traits{resource: true}, nil
	case *wit.List:
		return w.around(pair(), t.Elem)
	case *wit.Map:
		return w.around(pair(), t.Key, t.Value)
	case *wit.Stream:
		return w.around(handle(), t.Elem)
	case *wit.Future:
		return w.around(handle(), t.Elem)
	case *wit.FixedList:
		return w.fixed(t)
	case *wit.Record:
		return w.record(len(t.Fields), true, func(i int) wit.Type { return t.Fields[i].Type })
	case *wit.Tuple:
		return w.record(len(t.Elems), false, func(i int) wit.Type { return t.Elems[i] })
	case *wit.Variant:
		return w.variant(len(t.Cases), true, func(i int) wit.Type { return t.Cases[i].Type })
	case *wit.Enum:
		return w.variant(len(t.Labels), true, func(int) wit.Type { return nil })
	case *wit.Option:
		return w.variant(2, false, func(i int) wit.Type { return [...]wit.Type{nil, t.Elem}[i] })
	case *wit.Result:
		return w.variant(2, false, func(i int) wit.Type { return [...]wit.Type{t.OK, t.Err}[i] })
	case *wit.Flags:
		return flagsShape(len(t.Labels))
	case *wit.Own:
		r := handle()
		r.resource, r.named, r.nominal = true, true, true
		return r, nil
	case *wit.Borrow:
		r := handle()
		r.resource, r.named, r.nominal, r.borrow = true, true, true, true
		return r, nil
	}
	return nil, fmt.Errorf("%v is no type of a value", t)
}

func (w *Values) alias(t *wit.TypeDef) (*traits, error) {
	if t.IsResource() {
		return &traits{resource: true, named: true, nominal: true}, nil
	}
	part, err := w.traitsOf(t.Type)
	if err != nil {
		return nil, err
	}
	r := *part
	r.named = true
	return &r, nil
}

// around adds what is true of parts to a type whose shape does not depend on them.
func (w *Values) around(r *traits, parts ...wit.Type) (*traits, error) {
	for _, t := range parts {
		if t == nil {
			continue
		}
		part, err := w.traitsOf(t)
		if err != nil {
			return nil, err
		}
		r.carry(part)
	}
	return r, nil
}

func (w *Values) record(n int, nominal bool, part func(int) wit.Type) (*traits, error) {
	if n == 0 {
		return nil, errors.New("a record or tuple has no fields")
	}
	r := &traits{align: 1, nominal: nominal}
	size := uint64(0)
	for i := range n {
		p, err := w.traitsOf(part(i))
		if err != nil {
			return nil, err
		}
		size = alignTo(size, p.align) + uint64(p.size)
		if size > maxSize {
			return nil, errTooLarge
		}
		r.align = max(r.align, p.align)
		r.flat = appendFlat(r.flat, p.flat)
		r.add(p)
	}
	r.size = clamp(alignTo(size, r.align))
	return r, nil
}

// variant is the shape of everything that has cases; the part of a case without
// payload is nil.
func (w *Values) variant(n int, nominal bool, part func(int) wit.Type) (*traits, error) {
	if n == 0 {
		return nil, errors.New("a variant or enum has no cases")
	}
	r := &traits{align: 1, nominal: nominal, flat: []byte{core.I32}}
	size := uint64(0)
	for i := range n {
		t := part(i)
		if t == nil {
			continue
		}
		p, err := w.traitsOf(t)
		if err != nil {
			return nil, err
		}
		size = max(size, uint64(p.size))
		r.align = max(r.align, p.align)
		for j, have := range p.flat {
			if j+1 < len(r.flat) {
				r.flat[j+1] = join(r.flat[j+1], have)
			} else {
				r.flat = append(r.flat, have)
			}
		}
		r.add(p)
	}
	r.flat = r.flat[:min(len(r.flat), maxFlat+1)]
	disc := uint32(4)
	switch {
	case n <= 1<<8:
		disc = 1
	case n <= 1<<16:
		disc = 2
	}
	payload := alignTo(uint64(disc), r.align)
	r.align = max(r.align, disc)
	r.size = clamp(alignTo(payload+size, r.align))
	return r, nil
}

func flagsShape(n int) (*traits, error) {
	r := &traits{size: 4, flat: []byte{core.I32}, nominal: true}
	switch {
	case n == 0 || n > 32:
		return nil, fmt.Errorf("flags have %d labels, want 1 to 32", n)
	case n <= 8:
		r.size = 1
	case n <= 16:
		r.size = 2
	}
	r.align = r.size
	return r, nil
}

func (w *Values) fixed(t *wit.FixedList) (*traits, error) {
	if t.Len == 0 {
		return nil, errors.New("a list has the fixed length 0")
	}
	p, err := w.traitsOf(t.Elem)
	if err != nil {
		return nil, err
	}
	r := &traits{align: p.align, size: clamp(uint64(t.Len) * uint64(p.size))}
	for n := uint32(0); n < t.Len && len(r.flat) <= maxFlat; n++ {
		r.flat = appendFlat(r.flat, p.flat)
	}
	r.add(p)
	return r, nil
}

// join is the flat type of a slot that holds an a or a b. Where one is a pointer, the
// slot depends on the memory, and only a 64-bit one makes a difference.
func join(a, b byte) byte {
	small := func(t byte) bool { return t == core.I32 || t == core.F32 }
	switch {
	case a == b:
		return a
	case small(a) && small(b):
		return core.I32
	case a == pointer && small(b), b == pointer && small(a):
		return pointer
	}
	return core.I64
}

func appendFlat(flat, more []byte) []byte {
	flat = append(flat, more...)
	return flat[:min(len(flat), maxFlat+1)]
}

func clamp(n uint64) uint32 { return uint32(min(n, math.MaxUint32)) }

func alignTo(n uint64, align uint32) uint64 {
	return (n + uint64(align) - 1) &^ (uint64(align) - 1)
}

// joined are the traits of a function type: those of all of its types.
func (w *Values) joined(f *FuncType) *traits {
	r := &traits{}
	for _, p := range f.Params {
		r.carry(w.of(p.Type))
	}
	if f.Result != nil {
		r.carry(w.of(f.Result))
	}
	return r
}
