package cabi

import (
	"slices"

	"github.com/tenon-wasm/tenon/wit"
)

// CoreType is a core value type, by its code in the binary format.
type CoreType byte

const (
	I32 CoreType = 0x7f
	I64 CoreType = 0x7e
	F32 CoreType = 0x7d
	F64 CoreType = 0x7c
)

func (t CoreType) String() string {
	switch t {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	}
	return "?"
}

const (
	// MaxFlatParams is the most flat parameters: more go as one pointer.
	MaxFlatParams = 16

	// MaxFlatResults is the most flat results: more go through memory.
	MaxFlatResults = 1
)

// join is the core type of a slot that holds an a or a b.
func join(a, b CoreType) CoreType {
	switch {
	case a == b:
		return a
	case a == I32 && b == F32, a == F32 && b == I32:
		return I32
	}
	return I64
}

// most is the length after which a flattened type is cut off. The beginning of
// a flattened type depends on the beginnings of its parts alone.
func (l *Layouts) most() int {
	if l.max == 0 {
		return MaxFlatParams + 1
	}
	return l.max
}

func (l *Layouts) cut(flat []CoreType) []CoreType {
	return flat[:min(len(flat), l.most())]
}

// Flatten is the flattened t, which is valid: see [LayoutOf]. A type of more
// than MaxFlatParams is cut off after one more.
func Flatten(t wit.Type) []CoreType { return new(Layouts).of(t).Flat }

// flattenUpTo is Flatten with another limit: at most limit core types.
func flattenUpTo(t wit.Type, limit int) []CoreType {
	l := Layouts{max: max(limit, 2)}
	flat := l.of(t).Flat
	return flat[:min(len(flat), limit)]
}

// Direction is the way in which a function crosses: a guest's export is lifted,
// a guest's import is lowered.
type Direction uint8

const (
	Lift Direction = iota
	Lower
)

// CoreSignature is the core function type of a component function.
type CoreSignature struct {
	Params, Results []CoreType

	// ParamsSpilled says that the only parameter is the address of the tuple of
	// all; when lowered, the result pointer may follow.
	ParamsSpilled bool

	// ResultSpilled says that the result is in memory: its address is the core
	// result when lifted, and the last core parameter when lowered.
	ResultSpilled bool
}

// FlattenFunc is the core function type of f, whose types are valid.
func FlattenFunc(f *wit.Func, dir Direction) CoreSignature {
	return new(Layouts).FlattenFunc(f, dir)
}

// FlattenFunc is [FlattenFunc] with the layouts that l keeps.
func (l *Layouts) FlattenFunc(f *wit.Func, dir Direction) CoreSignature {
	var sig CoreSignature
	for _, p := range f.Params {
		sig.Params = l.cut(append(sig.Params, l.of(p.Type).Flat...))
	}
	sig.Params = slices.Clip(sig.Params)
	if len(sig.Params) > MaxFlatParams {
		sig.Params, sig.ParamsSpilled = []CoreType{I32}, true
	}
	if f.Result != nil {
		sig.Results = l.of(f.Result).Flat
	}
	if len(sig.Results) > MaxFlatResults {
		sig.ResultSpilled = true
		if dir == Lift {
			sig.Results = []CoreType{I32}
		} else {
			sig.Params, sig.Results = append(sig.Params, I32), nil
		}
	}
	return sig
}
