package cabi

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/tenon-wasm/tenon/wit"
)

// TestVectorsCopied asks the questions of the shared conformance folder of copies
// between two guests. What the vectors lower, a guest gives whose encoding is their
// src; what they lift, guests of each encoding receive.
func TestVectorsCopied(t *testing.T) { runVectors(t, sharedVectors(t), (*vector).checkCopy) }

// TestCorpusCopied does so with the questions that the repository keeps.
func TestCorpusCopied(t *testing.T) { runVectors(t, corpus(t), (*vector).checkCopy) }

func (v *vector) checkCopy() error {
	switch v.Kind {
	case "layout", "func":
		return v.check()
	case "lift", "load":
		return v.liftCopies()
	case "params", "results":
		if v.Dir == "lift" {
			return v.liftCopies()
		}
	}
	return v.lowerCopy()
}

// roomy is a guest whose memory grows as it must.
func roomy() *guest {
	return newGuest(page, 0x5a, allocator{Mode: "bump", Base: 16, Shrink: "move", Grow: true})
}

// programsOf are the codec of t and its two programs.
func programsOf(t wit.Type) (*Codec, *memCopy, *flatCopy, error) {
	s := new(Codecs)
	c, err := s.checked(t)
	if err != nil {
		return nil, nil, nil, err
	}
	return c, s.memCopy(c), s.flatCopy(c), nil
}

func funcProgramOf(f *wit.Func) (*FuncCodec, *FuncCopy, error) {
	s := new(Codecs)
	codec, err := s.OfFunc(f)
	if err != nil {
		return nil, nil, err
	}
	fc, err := s.copyOf(f)
	return codec, fc, err
}

// giver is a crossing into a guest with room, whose encoding is src. Where all
// strings are to be tagged, they are lowered as UTF-16 first: see tagFlat.
func (v *vector) giver() (c *Call, tagged bool) {
	switch v.Src {
	case "latin1+utf16-tagged":
		return roomy().call(UTF16), true
	case "":
		return roomy().call(UTF8), false
	}
	return roomy().call(encodingOf(v.Src)), false
}

func (v *vector) lowerCopy() error {
	from, tagged := v.giver()
	g := newGuest(v.MemSize, 0xa5, v.Alloc)
	to := g.call(encodingOf(v.Encoding))
	want, _, err := v.slots()
	if err != nil {
		return err
	}
	in, out := make([]uint64, 1<<14), poisoned()
	slots := 0
	target := [2]uint64{}
	var run func()
	switch v.Kind {
	case "lower", "store":
		t := parseType(v.Type)
		codec, mem, flat, err := programsOf(t)
		if err != nil {
			return err
		}
		value := fromJSON(t, v.Value)
		x := &copying{from: from, to: to, callee: to}
		if v.Kind == "lower" {
			slots = int(codec.slots)
			if err := codec.LowerFlat(from, value, in); err != nil {
				return err
			}
			if tagged {
				tagFlat(from, codec, in)
			}
			run = func() { x.flat(flat, in, out) }
			break
		}
		src := from.Alloc(codec.align, codec.size)
		if err := codec.Store(from, value, src); err != nil {
			return err
		}
		if tagged {
			tagMemory(from, codec, src)
		}
		target = [2]uint64{uint64(v.Ptr), uint64(v.Ptr) + uint64(codec.size)}
		run = func() {
			to.Check(v.Ptr, codec.align, codec.size)
			x.value(mem, src, v.Ptr)
		}
	case "params":
		f := funcOf(v.Types, nil)
		codec, program, err := funcProgramOf(f)
		if err != nil {
			return err
		}
		values := []any{}
		for i, x := range v.Values {
			values = append(values, fromJSON(f.Params[i].Type, x))
		}
		if err := codec.LowerParams(from, values, in); err != nil {
			return err
		}
		switch {
		case tagged && codec.paramsSpilled:
			tagMemory(from, codec.params, uint32(in[0]))
		case tagged:
			tagFlat(from, codec.params, in)
		}
		slots = len(new(Layouts).FlattenFunc(f, Lift).Params)
		run = func() { program.CopyParams(from, to, in, out) }
	case "results":
		f := funcOf(nil, v.Types)
		codec, program, err := funcProgramOf(f)
		if err != nil {
			return err
		}
		if f.Result != nil {
			if in[0], err = giveResult(from, codec, fromJSON(f.Result, v.Values[0]), tagged); err != nil {
				return err
			}
		}
		slots = len(new(Layouts).FlattenFunc(f, Lower).Results)
		if codec.resultSpilled {
			out[0] = uint64(*v.OutPtr)
			target = [2]uint64{uint64(*v.OutPtr), uint64(*v.OutPtr) + uint64(codec.result.size)}
		}
		trap := trapOf(func() { program.CopyResult(from, to, in, out) })
		if codec.resultSpilled {
			out[0] = poison
		}
		return v.lowered(g, trap, out, slots, want, target)
	}
	return v.lowered(g, trapOf(run), out, slots, want, target)
}

// giveResult is the core result of an export that returns value.
func giveResult(from *Call, codec *FuncCodec, value any, tagged bool) (uint64, error) {
	c := codec.result
	if !codec.resultSpilled {
		flat := make([]uint64, c.slots)
		err := c.LowerFlat(from, value, flat)
		return flat[0], err
	}
	src := from.Alloc(c.align, c.size)
	if err := c.Store(from, value, src); err != nil {
		return 0, err
	}
	if tagged {
		tagMemory(from, c, src)
	}
	return uint64(src), nil
}

// tagFlat turns strings in UTF-16 to tagged ones of latin1+utf16, in flat values.
func tagFlat(c *Call, t *Codec, s []uint64) {
	switch t.kind {
	case kind(wit.String):
		s[1] |= utf16Tag
	case listKind:
		tagElems(c, t.elem, uint32(s[0]), uint32(s[1]))
	case recordKind, tupleKind, paramsKind:
		for _, f := range t.fields {
			tagFlat(c, f.codec, s[f.slot:])
		}
	case variantKind, optionKind, resultKind:
		if k := t.cases[s[0]].codec; k != nil {
			tagFlat(c, k, s[1:])
		}
	}
	c.opts.Encoding = Latin1UTF16
}

// tagMemory is tagFlat for a value in memory.
func tagMemory(c *Call, t *Codec, p uint32) {
	switch t.kind {
	case kind(wit.String):
		c.SetU32(p+4, c.U32(p+4)|utf16Tag)
	case listKind:
		ptr, n := c.pair(p)
		tagElems(c, t.elem, ptr, n)
	case recordKind, tupleKind, paramsKind:
		for _, f := range t.fields {
			tagMemory(c, f.codec, p+f.offset)
		}
	case variantKind, optionKind, resultKind:
		if k := t.cases[c.uint(p, t.disc)].codec; k != nil {
			tagMemory(c, k, p+t.payload)
		}
	}
	c.opts.Encoding = Latin1UTF16
}

func tagElems(c *Call, elem *Codec, p, n uint32) {
	for i := range n {
		tagMemory(c, elem, p+i*elem.size)
	}
}

func (v *vector) liftCopies() error {
	for _, enc := range []Encoding{UTF8, UTF16, Latin1UTF16} {
		if err := v.liftCopy(enc); err != nil {
			return fmt.Errorf("to encoding %d: %w", enc, err)
		}
	}
	return nil
}

func (v *vector) liftCopy(enc Encoding) error {
	from, to := v.source().call(encodingOf(v.Encoding)), roomy().call(enc)
	in, _, err := v.slots()
	if err != nil {
		return err
	}
	out := make([]uint64, 1<<14)
	var have, want any
	var trap *Trap
	switch v.Kind {
	case "lift", "load":
		t := parseType(v.Type)
		codec, mem, flat, err := programsOf(t)
		if err != nil {
			return err
		}
		x := &copying{from: from, to: to, callee: to}
		if v.Kind == "lift" {
			trap = trapOf(func() { x.flat(flat, in, out) })
		} else {
			out[0] = uint64(to.Alloc(codec.align, codec.size))
			trap = trapOf(func() {
				from.Check(v.Ptr, codec.align, codec.size)
				x.value(mem, v.Ptr, uint32(out[0]))
			})
		}
		if done, err := v.trapped(trap); done || err != nil {
			return err
		}
		if v.Kind == "lift" {
			have = toJSON(t, codec.LiftFlat(to, out))
		} else {
			have = toJSON(t, codec.Load(to, uint32(out[0])))
		}
		want = v.Value
	case "params":
		f := funcOf(v.Types, nil)
		codec, program, err := funcProgramOf(f)
		if err != nil {
			return err
		}
		trap = trapOf(func() { program.CopyParams(from, to, in, out) })
		if done, err := v.trapped(trap); done || err != nil {
			return err
		}
		list := []any{}
		for i, x := range codec.LiftParams(to, out, nil) {
			list = append(list, toJSON(f.Params[i].Type, x))
		}
		have, want = list, v.Values
	case "results":
		f := funcOf(nil, v.Types)
		codec, program, err := funcProgramOf(f)
		if err != nil {
			return err
		}
		if codec.resultSpilled {
			out[0] = uint64(to.Alloc(codec.result.align, codec.result.size))
		}
		trap = trapOf(func() { program.CopyResult(from, to, in, out) })
		if done, err := v.trapped(trap); done || err != nil {
			return err
		}
		list := []any{}
		if f.Result != nil {
			list = append(list, toJSON(f.Result, codec.LiftResult(to, out)))
		}
		have, want = list, v.Values
	}
	if !reflect.DeepEqual(have, want) {
		return fmt.Errorf("have %v, want %v", have, want)
	}
	return nil
}

// TestMoreVectorsCopied asks the questions of TENON_ABI_VECTORS.
func TestMoreVectorsCopied(t *testing.T) { runVectors(t, moreVectors(t), (*vector).checkCopy) }
