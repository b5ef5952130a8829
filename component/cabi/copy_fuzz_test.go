package cabi

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
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

// FuzzCopy copies a value of any type from any memory, and lifts and lowers it:
// both trap or neither does, and both guests have equal values then. Where no
// string is transcoded, both have made the same calls of realloc.
func FuzzCopy(f *testing.F) {
	copySeeds(f)
	f.Fuzz(func(t *testing.T, shape []byte, encodings uint8, ptr uint32, data []byte) {
		typ := (&dice{shape}).typ(4)
		codec, mem, flat, err := programsOf(typ)
		if err != nil {
			t.Fatal(err)
		}
		if codec.size > page || len(data) > page {
			return
		}
		from, to := encodings%3, Encoding(encodings/3%3)
		giver := func(budget uint64) *Call {
			c, _ := hostile(int(from), data)
			c.budget = budget
			return c
		}
		receiver := func() (*Call, *guest) {
			g := roomy()
			return g.call(to), g
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
			x.value(mem, ptr, p)
		})
		switch {
		case want != nil && want.Code == TooLong && lifted.budget < 1<<20:
			return // Lifting is charged more.
		case have != nil && want != nil:
			return
		case have != nil || want != nil:
			t.Fatalf("%s: copied: %v, lifted: %v", typ, have, want)
		}
		if back := codec.Load(&Call{ctx: context.Background(), opts: c.opts, budget: 1 << 40}, p); !sameValue(back, v) {
			t.Fatalf("%s: %#v came over as %#v", typ, v, back)
		}
		if from == 0 && !slices.Equal(a.calls, b.calls) {
			t.Fatalf("%s: realloc %v, want %v", typ, b.calls, a.calls)
		}
		if codec.slots > MaxFlatParams {
			return
		}

		// The same by way of flat values.
		in, out := make([]uint64, codec.slots), make([]uint64, codec.slots)
		x.from, _ = newCall(Encoding(from))
		if err := codec.LowerFlat(x.from, v, in); err != nil {
			t.Fatal(err)
		}
		x.from.budget = 1 << 40
		x.flat(flat, in, out)
		x.to.budget = 1 << 40
		if back := codec.LiftFlat(x.to, out); !sameValue(back, v) {
			t.Fatalf("%s: %#v came over flat as %#v", typ, v, back)
		}
	})
}

// sameValue compares values with floats in them, of which one may be NaN.
func sameValue(a, b any) bool {
	return reflect.DeepEqual(a, b) || fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b)
}
