package cabi

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/tenon-wasm/tenon/wit"
)

// shapeOf is what makes [dice] throw a type like t, labels and names aside, or not
// ok where it never throws such a type.
func shapeOf(t wit.Type, depth int) (shape []byte, ok bool) {
	ok = true
	add := func(b ...int) {
		for _, x := range b {
			shape = append(shape, byte(x))
		}
	}
	sub := func(t wit.Type) {
		s, fits := shapeOf(t, depth-1)
		shape, ok = append(shape, s...), ok && fits
	}
	maybe := func(t wit.Type) {
		if t == nil {
			add(0)
			return
		}
		add(1)
		sub(t)
	}
	if p, ok := t.(wit.Prim); ok {
		return []byte{byte(p - wit.Bool)}, true
	}
	if depth == 0 {
		return nil, false
	}
	switch t := t.(type) {
	case *wit.List:
		add(13)
		sub(t.Elem)
	case *wit.Option:
		add(16)
		sub(t.Elem)
	case *wit.Result:
		add(17)
		maybe(t.OK)
		maybe(t.Err)
	case *wit.Tuple:
		add(18, len(t.Elems)-1)
		for _, e := range t.Elems {
			sub(e)
		}
		ok = ok && len(t.Elems) <= 4
	case *wit.Record:
		add(20, len(t.Fields)-1)
		for _, f := range t.Fields {
			sub(f.Type)
		}
		ok = ok && len(t.Fields) <= 4
	case *wit.Variant:
		// The dice throw a type for each case first, and then those of the cases.
		add(21, len(t.Cases)-1)
		for range t.Cases {
			add(0)
		}
		for _, c := range t.Cases {
			maybe(c.Type)
		}
		ok = ok && len(t.Cases) <= 4
	case *wit.Enum:
		add(23, len(t.Labels)-1, 0)
		ok = ok && len(t.Labels) <= 32
	case *wit.Flags:
		add(23, len(t.Labels)-1, 1)
	default:
		return nil, false
	}
	return shape, ok
}

func TestShapesOfTypesThrowThem(t *testing.T) {
	for _, typ := range []string{
		"list<option<string>>", "result<_, u8>", "tuple<bool, f64, char>", "variant{c0(u8), c1, c2(list<s64>)}",
		"record{f0: enum{l0, l1}, f1: flags{l0, l1, l2}}",
	} {
		shape, ok := shapeOf(parseType(typ), 4)
		if have := fmt.Sprint((&dice{shape}).typ(4)); !ok || have != fmt.Sprint(parseType(typ)) {
			t.Errorf("%s comes back as %s", typ, have)
		}
	}
}

// copySeeds are the values in memory of the corpus, and a few more.
func copySeeds(f *testing.F) {
	f.Add([]byte{12}, uint8(0), uint32(0), []byte("\x08\x00\x00\x00\x05\x00\x00\x00hello"))
	f.Add([]byte{12}, uint8(1), uint32(0), []byte("\x08\x00\x00\x00\x05\x00\x00\x00h\x00e\x00\x3d\xd8\x00\xdeo\x00"))
	f.Add([]byte{13, 13, 13, 12}, uint8(2), uint32(0), binary.LittleEndian.AppendUint64(nil, 8<<32))
	count := 0
	for _, file := range corpus(f) {
		for v := range readVectors(f, file) {
			if v.Kind != "load" {
				continue
			}
			shape, ok := shapeOf(parseType(v.Type), 4)
			if !ok {
				continue
			}
			mem := v.source().mem
			count++
			f.Add(shape, uint8(encodingOf(v.Encoding)), v.Ptr, bytes.TrimRight(mem, "\x00"))
		}
	}
	if count == 0 {
		f.Fatal("the corpus gave no seed")
	}
}

// value is a value of t, whose lists and strings are short.
func (d *dice) value(t wit.Type) any {
	switch t := t.(type) {
	case wit.Prim:
		return d.prim(t)
	case *wit.List:
		n := d.byte() % 4
		if t.Elem == wit.U8 {
			return append([]byte{}, d.data[:min(n, len(d.data))]...)
		}
		list := make([]any, n)
		for i := range list {
			list[i] = d.value(t.Elem)
		}
		return list
	case *wit.Option:
		if d.byte()%3 == 0 {
			return nil
		}
		v := d.value(t.Elem)
		if _, ok := t.Elem.(*wit.Option); ok {
			return Some{Value: v}
		}
		return v
	case *wit.Result:
		r, side := Result{}, t.OK
		if r.IsErr = d.byte()%2 == 1; r.IsErr {
			side = t.Err
		}
		if side != nil {
			r.Value = d.value(side)
		}
		return r
	case *wit.Tuple:
		list := make([]any, len(t.Elems))
		for i, e := range t.Elems {
			list[i] = d.value(e)
		}
		return list
	case *wit.Record:
		m := make(map[string]any)
		for _, f := range t.Fields {
			m[f.Name] = d.value(f.Type)
		}
		return m
	case *wit.Variant:
		c := t.Cases[d.byte()%len(t.Cases)]
		v := Variant{Case: c.Name}
		if c.Type != nil {
			v.Value = d.value(c.Type)
		}
		return v
	case *wit.Enum:
		return t.Labels[d.byte()%len(t.Labels)]
	}
	set := []string{}
	for _, l := range t.(*wit.Flags).Labels {
		if d.byte()%2 == 1 {
			set = append(set, l)
		}
	}
	return set
}

func (d *dice) prim(t wit.Prim) any {
	var n uint64
	for range 8 {
		n = n<<8 | uint64(d.byte())
	}
	switch t {
	case wit.Bool:
		return n&1 == 1
	case wit.U8:
		return uint8(n)
	case wit.S8:
		return int8(n)
	case wit.U16:
		return uint16(n)
	case wit.S16:
		return int16(n)
	case wit.U32:
		return uint32(n)
	case wit.S32:
		return int32(n)
	case wit.U64:
		return n
	case wit.S64:
		return int64(n)
	case wit.F32:
		return math.Float32frombits(uint32(n))
	case wit.F64:
		return math.Float64frombits(n)
	case wit.Char:
		return someChars[n%uint64(len(someChars))]
	}
	text := []rune{}
	for range n % 24 {
		text = append(text, someChars[d.byte()%len(someChars)])
	}
	return string(text)
}

// someChars stand at the edges of encodings; most text is of the first.
var someChars = []rune("aaaaaaaaaaaaa\x00\x7f\u0080ÿĀ߿ࠀ퟿\ue000\uffff𐀀\U0010ffff")

// FuzzCopy copies a value of any type from any memory, and lifts and lowers it:
// both trap or neither does, and both guests have equal values then. Where no
// string is transcoded, both have made the same calls of realloc. It does the same
// with a value that is well formed, and with that and one byte wrong.
func FuzzCopy(f *testing.F) {
	copySeeds(f)
	f.Fuzz(func(t *testing.T, shape []byte, encodings uint8, ptr uint32, data []byte) {
		compareCopies(t, shape, encodings, ptr, data)
	})
}

// TestRandomValuesAreCopiedAsTheyAreLifted is FuzzCopy for a while.
func TestRandomValuesAreCopiedAsTheyAreLifted(t *testing.T) {
	source := rand.NewChaCha8([32]byte{7})
	r := rand.New(source)
	shape, data := make([]byte, 64), make([]byte, 512)
	for range 800 {
		source.Read(shape)
		source.Read(data)
		compareCopies(t, shape, uint8(r.Uint32()), r.Uint32N(1<<20), data)
	}
}

func compareCopies(t *testing.T, shape []byte, encodings uint8, ptr uint32, data []byte) {
	typ := (&dice{shape}).typ(4)
	codec, mem, flat, err := programsOf(typ)
	if err != nil {
		t.Fatal(err)
	}
	if codec.size > page || len(data) > page {
		return
	}
	r := &rivals{typ, codec, mem, flat, Encoding(encodings % 3), Encoding(encodings / 3 % 3)}
	r.compare(t, ptr, data)

	d := &dice{data}
	g := newGuest(page, 0, allocator{Mode: "bump", Base: 8, Grow: true})
	c := g.call(r.from)
	p := c.Alloc(codec.align, codec.size)
	if err := codec.Store(c, d.value(typ), p); err != nil {
		t.Fatal(err)
	}
	if len(g.mem) > page {
		return
	}
	r.compare(t, p, g.mem)
	used := uint32(g.next - 8)
	g.mem[8+(ptr>>8)%used] ^= byte(ptr)
	r.compare(t, p, g.mem)
}

// rivals are the two ways from guest to guest.
type rivals struct {
	typ      wit.Type
	codec    *Codec
	mem      *memCopy
	flat     *flatCopy
	from, to Encoding
}

// compare copies the value at ptr of a memory that begins with data.
func (r *rivals) compare(t *testing.T, ptr uint32, data []byte) {
	typ, codec := r.typ, r.codec
	giver := func(budget uint64) *Call {
		c, _ := hostile(int(r.from), data)
		c.budget = budget
		return c
	}
	receiver := func() (*Call, *guest) {
		g := roomy()
		return g.call(r.to), g
	}

	lifted := giver(1 << 20)
	var v any
	want := trapOf(func() { v = codec.Load(lifted, ptr) })
	lowered, a := receiver()
	if want == nil {
		p := lowered.Alloc(codec.align, codec.size)
		if err := codec.Store(lowered, v, p); err != nil {
			t.Fatal(err)
		}
	}

	c, b := receiver()
	x := &copying{from: giver(2 << 20), to: c, callee: c}
	var p uint32
	have := trapOf(func() {
		x.from.Check(ptr, codec.align, codec.size)
		p = c.Alloc(codec.align, codec.size)
		x.value(r.mem, ptr, p)
	})
	switch {
	case want != nil && want.Code == TooLong && lifted.budget < 1<<20:
		return // Lifting is charged for more than work.
	case have != nil && want != nil:
		return
	case have != nil || want != nil:
		t.Fatalf("%s: copied: %v, lifted: %v", typ, have, want)
	}
	if back := codec.Load(&Call{ctx: context.Background(), opts: c.opts, budget: 1 << 40}, p); !sameValue(back, v) {
		t.Fatalf("%s: %#v came over as %#v", typ, v, back)
	}
	if r.from == UTF8 && !slices.Equal(a.calls, b.calls) {
		t.Fatalf("%s: realloc %v, want %v", typ, b.calls, a.calls)
	}
	if codec.slots > MaxFlatParams {
		return
	}

	// The same by way of flat values.
	in, out := make([]uint64, codec.slots), make([]uint64, codec.slots)
	x.from, _ = newCall(r.from)
	if err := codec.LowerFlat(x.from, v, in); err != nil {
		t.Fatal(err)
	}
	x.from.budget = 1 << 40
	x.flat(r.flat, in, out)
	x.to.budget = 1 << 40
	if back := codec.LiftFlat(x.to, out); !sameValue(back, v) {
		t.Fatalf("%s: %#v came over flat as %#v", typ, v, back)
	}
}

// sameValue compares values with floats in them, of which one may be NaN.
func sameValue(a, b any) bool {
	return reflect.DeepEqual(a, b) || fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b)
}
