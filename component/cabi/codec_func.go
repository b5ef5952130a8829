package cabi

import (
	"slices"

	"github.com/tenon-wasm/tenon/wit"
)

// FuncCodec moves the parameters and the result of a function whose type is
// known only at run time. A stack holds the flat parameters and, afterwards, the
// flat result: it is as long as the longer of both, and at least 1.
type FuncCodec struct {
	params *Codec // all parameters, like a tuple
	result *Codec // nil where there is none

	paramsSpilled, resultSpilled bool

	out int // where the stack of an import has the address for its result
}

// FuncCodecOf is the codec of f, or an error as of [CodecOf].
func FuncCodecOf(f *wit.Func) (*FuncCodec, error) { return new(Codecs).OfFunc(f) }

// OfFunc is the codec of f, as [FuncCodecOf] gives it.
func (s *Codecs) OfFunc(f *wit.Func) (*FuncCodec, error) {
	params, err := s.params(f)
	if err != nil {
		return nil, err
	}
	fc := &FuncCodec{params: params}
	if f.Result != nil {
		if fc.result, err = s.checked(f.Result); err != nil {
			return nil, err
		}
	}
	sig := s.layouts.FlattenFunc(f, Lower)
	fc.paramsSpilled, fc.resultSpilled = sig.ParamsSpilled, sig.ResultSpilled
	fc.out = len(sig.Params) - 1
	return fc, nil
}

func (s *Codecs) params(f *wit.Func) (*Codec, error) {
	c := &Codec{kind: paramsKind, align: 1}
	if len(f.Params) == 0 {
		return c, nil
	}
	tuple := &wit.Tuple{Elems: make([]wit.Type, len(f.Params))}
	for i, p := range f.Params {
		tuple.Elems[i] = p.Type
	}
	lay, err := s.layouts.Of(tuple)
	if err != nil {
		return nil, err
	}
	delete(s.layouts.done, tuple)
	c.size, c.align, c.slots = lay.Size, lay.Align, lay.Slots
	for i, p := range f.Params {
		if err := s.field(c, p.Name, p.Type, lay.Offsets[i]); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// LiftParams appends to dst the parameters with which a guest calls an import. It
// traps where they are no values of their types.
func (f *FuncCodec) LiftParams(c *Call, stack []uint64, dst []any) []any {
	defer c.locate("")
	c.charge(f.params.cost)
	if !f.paramsSpilled {
		return f.params.liftFields(c, stack, dst)
	}
	p := uint32(stack[0])
	c.Check(p, f.params.align, f.params.size)
	return f.params.loadFields(c, p, dst)
}

// LowerResult gives the result of an import to the guest; v is nil where the
// function has none. The stack still holds what the guest called with. The error is
// a *[ValueError].
func (f *FuncCodec) LowerResult(c *Call, v any, stack []uint64) (err error) {
	defer c.refuse("result", &err)
	switch {
	case f.result == nil:
		if v != nil {
			refusef("the function has none, have %T", v)
		}
	case f.resultSpilled:
		p := uint32(stack[f.out])
		c.Check(p, f.result.align, f.result.size)
		f.result.store(c, v, p)
	default:
		f.result.lowerFlat(c, v, stack)
	}
	return nil
}

// LowerParams gives the parameters of an export to the guest: stack[0] is their
// address where they are spilled. The error is a *[ValueError], for a wrong number of
// values, too.
func (f *FuncCodec) LowerParams(c *Call, values []any, stack []uint64) (err error) {
	defer c.refuse("", &err)
	if len(values) != len(f.params.fields) {
		refusef("there are %d parameters, want %d", len(values), len(f.params.fields))
	}
	if !f.paramsSpilled {
		f.params.lowerFields(c, values, stack)
		return nil
	}
	p := c.Alloc(f.params.align, f.params.size)
	f.params.storeFields(c, values, p)
	stack[0] = uint64(p)
	return nil
}

// LiftResult is what an export has returned, nil where it returns nothing. It traps
// where that is no value of its type.
func (f *FuncCodec) LiftResult(c *Call, stack []uint64) any {
	if f.result == nil {
		return nil
	}
	defer c.locate("result")
	c.charge(f.result.cost)
	if !f.resultSpilled {
		return f.result.liftFlat(c, stack)
	}
	p := uint32(stack[0])
	c.Check(p, f.result.align, f.result.size)
	return f.result.load(c, p)
}

// LiftAnswer is LiftResult for an import whose code has answered: called are the flat
// parameters, of which the last is the address of a result that is spilled.
func (f *FuncCodec) LiftAnswer(c *Call, called, stack []uint64) any {
	if f.resultSpilled {
		return f.LiftResult(c, called[f.out:])
	}
	return f.LiftResult(c, stack)
}

// CallHost calls the code of an import as a guest would, through the memory of c,
// which may be a [Scratch]. The error is a *[ValueError] of args, and the code was not
// called then.
func (f *FuncCodec) CallHost(c *Call, args []any, code func(*Call, []uint64)) (result any, err error) {
	stack := make([]uint64, max(1, f.out+1, f.flatParams()))
	if err := f.LowerParams(c, args, stack); err != nil {
		return nil, err
	}
	called := stack
	if f.resultSpilled {
		stack[f.out] = uint64(c.Alloc(f.result.align, f.result.size))
		called = slices.Clone(stack)
	}
	code(c, stack)
	return f.LiftAnswer(c, called, stack), nil
}

func (f *FuncCodec) flatParams() int {
	if f.paramsSpilled {
		return 1
	}
	return int(f.params.slots)
}
