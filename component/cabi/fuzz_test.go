package cabi

import (
	"context"
	"encoding/binary"
	"fmt"
	"reflect"
	"testing"

	"github.com/tenon-wasm/tenon/wit"
)

// dice makes choices from bytes, zeros when they are used up.
type dice struct{ data []byte }

func (d *dice) byte() int {
	if len(d.data) == 0 {
		return 0
	}
	b := d.data[0]
	d.data = d.data[1:]
	return int(b)
}

// typ is a type of at most that depth.
func (d *dice) typ(depth int) wit.Type {
	choice := d.byte() % 24
	if choice < 13 || depth == 0 {
		return wit.Prim(choice%13) + wit.Bool
	}
	some := func() []wit.Type {
		ts := make([]wit.Type, 1+d.byte()%4)
		for i := range ts {
			ts[i] = d.typ(depth - 1)
		}
		return ts
	}
	maybe := func() wit.Type {
		if d.byte()%4 == 0 {
			return nil
		}
		return d.typ(depth - 1)
	}
	switch choice {
	case 13, 14, 15:
		return &wit.List{Elem: d.typ(depth - 1)}
	case 16:
		return &wit.Option{Elem: d.typ(depth - 1)}
	case 17:
		return &wit.Result{OK: maybe(), Err: maybe()}
	case 18, 19:
		return &wit.Tuple{Elems: some()}
	case 20:
		t := new(wit.Record)
		for i, e := range some() {
			t.Fields = append(t.Fields, wit.Field{Name: fmt.Sprint("f", i), Type: e})
		}
		return t
	case 21, 22:
		t := new(wit.Variant)
		for i := range some() {
			t.Cases = append(t.Cases, wit.Case{Name: fmt.Sprint("c", i), Type: maybe()})
		}
		return t
	}
	labels := make([]string, 1+d.byte()%32)
	for i := range labels {
		labels[i] = fmt.Sprint("l", i)
	}
	if d.byte()%2 == 0 {
		return &wit.Enum{Labels: labels}
	}
	return &wit.Flags{Labels: labels}
}

func seeds(f *testing.F) {
	f.Add([]byte{0}, []byte("\x08\x00\x00\x00\x05\x00\x00\x00hello"))
	f.Add([]byte{13, 13, 13, 12}, binary.LittleEndian.AppendUint64(nil, 8<<32))
	f.Add([]byte{1, 21, 3, 1, 2, 3, 4, 5}, []byte{1, 0, 0, 0, 9, 9, 9, 9})
	f.Add([]byte{2, 18, 3, 16, 12, 17, 1, 9, 1, 10, 20, 2, 11}, []byte{1, 1, 1, 1, 0, 0xd8, 0, 0xdc})
}

// hostile is a call with a small budget into memory that begins with data.
func hostile(enc int, data []byte) (*Call, *guest) {
	g := newGuest(page, 0, bump)
	copy(g.mem, data)
	c := new(Call)
	c.Begin(context.Background(), &Options{Encoding: Encoding(enc % 3), Memory: g, Realloc: g.realloc, HostBytes: 1 << 20}, nil)
	return c, g
}

// FuzzLoad loads a value of any type from any memory: a value or a trap. A value
// goes back to where it came from and is loaded the same.
func FuzzLoad(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, shape, data []byte) {
		d := &dice{shape}
		enc := d.byte()
		typ := d.typ(4)
		codec, err := CodecOf(typ)
		if err != nil {
			t.Fatal(err)
		}
		if codec.size > page {
			return
		}
		c, _ := hostile(enc, data)
		var v any
		if trapOf(func() { v = codec.Load(c, 0) }) != nil {
			return
		}
		c, _ = hostile(enc, nil)
		p := c.Alloc(codec.align, codec.size)
		if err := codec.Store(c, v, p); err != nil {
			t.Fatalf("%s: what was loaded cannot be stored: %v", typ, err)
		}
		c.budget = 1 << 40
		if have, want := fmt.Sprintf("%#v", codec.Load(c, p)), fmt.Sprintf("%#v", v); have != want {
			t.Fatalf("%s: %s came back as %s", typ, want, have)
		}
	})
}

// FuzzLift calls an import of any type with any flat values, and lifts what an
// export of that type returns.
func FuzzLift(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, shape, data []byte) {
		d := &dice{shape}
		enc := d.byte()
		fn := &wit.Func{Name: "f", Result: d.typ(3)}
		for i := range d.byte() % 4 {
			fn.Params = append(fn.Params, wit.Param{Name: fmt.Sprint("p", i), Type: d.typ(3)})
		}
		codec, err := FuncCodecOf(fn)
		if err != nil {
			t.Fatal(err)
		}
		stack := make([]uint64, MaxFlatParams+1)
		for i := range stack {
			stack[i] = uint64(d.byte()) | uint64(d.byte())<<8
		}
		c, _ := hostile(enc, data)
		trapOf(func() { codec.LiftResult(c, stack) })
		var v []any
		if trapOf(func() { v = codec.LiftParams(c, stack, nil) }) != nil {
			return
		}
		c, _ = hostile(enc, nil)
		if err := codec.LowerParams(c, v, stack); err != nil {
			t.Fatalf("what was lifted cannot be lowered: %v", err)
		}
		c.budget = 1 << 40
		back := codec.LiftParams(c, stack, nil)
		if have, want := fmt.Sprintf("%#v", back), fmt.Sprintf("%#v", v); have != want && !reflect.DeepEqual(back, v) {
			t.Fatalf("%s came back as %s", want, have)
		}
	})
}
