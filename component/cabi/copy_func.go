package cabi

import "github.com/tenon-wasm/tenon/wit"

// FuncCopy copies the parameters and the result of a function from one guest to
// another, straight between their memories. It does what a [FuncCodec] does that
// lifts them from the one and lowers them to the other, and makes no Go values.
//
// The guest that gives the values is from, the one that receives them is to: each
// is a crossing of its own, with the options and the handle table of its guest. The
// two memories are not the same, and the giver's guest code does not run meanwhile:
// a receiver's realloc may not leave its instance.
//
// A handle's resource type is asked of the callee's Options.Resources: the types
// of f are spelled as the callee declares them. What it answers is the caller's
// type as well, for a ResourceType is shared by all who know the resource.
//
// A FuncCopy does not change once it is made and may be shared.
type FuncCopy struct {
	params, result flatOrMem
	out            int // where the caller's stack has the address for the result
}

// flatOrMem is the program of what crosses flat or in memory, as its type
// decides. Both are nil for nothing.
type flatOrMem struct {
	flat *flatCopy
	mem  *memCopy
}

// FuncCopyOf is the copy program of f, or an error as of [CodecOf].
func FuncCopyOf(f *wit.Func) (*FuncCopy, error) { return new(Codecs).copyOf(f) }

// copyOf is the copy program of f, as [FuncCopyOf] gives it.
func (s *Codecs) copyOf(f *wit.Func) (*FuncCopy, error) {
	codec, err := s.OfFunc(f)
	if err != nil {
		return nil, err
	}
	fc := &FuncCopy{out: codec.out}
	fc.params = s.flatOrMem(codec.params, codec.paramsSpilled)
	if codec.result != nil {
		fc.result = s.flatOrMem(codec.result, codec.resultSpilled)
	}
	delete(s.flatCopies, codec.params) // Nobody else has this codec.
	delete(s.memCopies, codec.params)
	return fc, nil
}

func (s *Codecs) flatOrMem(c *Codec, spilled bool) flatOrMem {
	if spilled {
		return flatOrMem{mem: s.memCopy(c)}
	}
	return flatOrMem{flat: s.flatCopy(c)}
}

// CopyParams copies the parameters with which the caller calls, from, to the
// callee. In holds the caller's flat parameters, or their address where they are
// spilled; out is given those of the callee, and is as long. It traps as lifting
// and lowering do.
func (f *FuncCopy) CopyParams(from, to *Call, in, out []uint64) {
	defer from.locate("")
	x := copying{from: from, to: to, callee: to}
	if f.params.flat != nil {
		x.flat(f.params.flat, in, out)
		return
	}
	m := f.params.mem
	src := uint32(in[0])
	from.Check(src, m.align, m.size)
	dst := to.Alloc(m.align, m.size)
	x.value(m, src, dst)
	out[0] = uint64(dst)
}

// CopyResult copies the result that the callee has returned, from, to the caller.
// In holds the callee's core result. Out is the caller's stack: on entry it still
// holds what the caller called with, where the address for a spilled result is
// the last; a flat result is put at its beginning. It traps as lifting and lowering
// do.
func (f *FuncCopy) CopyResult(from, to *Call, in, out []uint64) {
	defer from.locate("result")
	x := copying{from: from, to: to, callee: from}
	switch {
	case f.result.flat != nil:
		x.flat(f.result.flat, in, out)
	case f.result.mem != nil:
		m := f.result.mem
		src, dst := uint32(in[0]), uint32(out[f.out])
		from.Check(src, m.align, m.size)
		to.Check(dst, m.align, m.size)
		x.value(m, src, dst)
	}
}
