package testbind

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/internal/testbind/shapes/values"
	"github.com/tenon-wasm/tenon/wit"
)

// The dynamic codec plays the guest: it lowers random parameters, the generated
// code lifts them, the host gives them back, the generated code lowers them, and
// the codec lifts what came of it.
func TestGeneratedCodeAgreesWithTheCodec(t *testing.T) {
	i := values.Interface(echo{})
	for _, f := range values.Def.Funcs {
		if !strings.HasPrefix(f.Name, "take-") || f.Name == "take-many" {
			continue
		}
		t.Run("what "+f.Name+" is given comes back", func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			for range 200 {
				params := make([]any, len(f.Params))
				for k, p := range f.Params {
					params[k] = randomValue(random, p.Type)
				}
				g := newGuest()
				stack := g.lower(t, f, params)
				if err := g.run(i, f.Name, stack); err != nil {
					t.Fatalf("%v: %v", params, err)
				}
				if got, want := g.lift(t, f, stack), echoed(f.Name, params); !reflect.DeepEqual(got, want) {
					t.Fatalf("got  %#v\nwant %#v", got, want)
				}
			}
		})
	}
	t.Run("what is spilled arrives whole", func(t *testing.T) {
		f := values.Def.Func("take-many")
		g := newGuest()
		stack := g.lower(t, f, []any{
			uint8(1), uint64(2), "three", "four", []byte("five"), []any{"six", "seven"},
			cabi.Variant{Case: "long", Value: int64(-8)}, 9.5,
		})
		if err := g.run(i, f.Name, stack); err != nil {
			t.Fatal(err)
		}
		if got, want := g.lift(t, f, stack), "1 2threefourfive[six seven] {-8} 9.5"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// echoed is what the host echo makes of its parameters.
func echoed(name string, params []any) any {
	switch name {
	case "take-flags":
		return params[4]
	case "take-options":
		return params
	case "take-tuples":
		pair := params[1].([]any)
		return append(append([]any{}, params...), []byte(pair[0].(string)), pair[1] != uint64(0))
	case "take-wide":
		return params
	case "take-results":
		return []any{params}
	}
	return params[0]
}

const (
	paramBlock  = 1024
	resultBlock = 2048
)

// lower puts parameters where the function f expects them.
func (g *guest) lower(t *testing.T, f *wit.Func, params []any) []uint64 {
	t.Helper()
	block := &wit.Tuple{}
	for _, p := range f.Params {
		block.Elems = append(block.Elems, p.Type)
	}
	codec, err := cabi.CodecOf(block)
	if err != nil {
		t.Fatal(err)
	}
	sig := new(cabi.Layouts).FlattenFunc(f, cabi.Lower)
	stack := make([]uint64, max(len(sig.Params), len(sig.Results)))
	var c cabi.Call
	c.Begin(t.Context(), &g.opts, &g.table)
	if sig.ParamsSpilled {
		stack[0] = paramBlock
		err = codec.Store(&c, params, paramBlock)
	} else {
		err = codec.LowerFlat(&c, params, stack)
	}
	if err != nil {
		t.Fatal(err)
	}
	if sig.ResultSpilled {
		stack[len(sig.Params)-1] = resultBlock
	}
	return stack
}

// lift takes the result of f from where it was put.
func (g *guest) lift(t *testing.T, f *wit.Func, stack []uint64) any {
	t.Helper()
	codec, err := cabi.CodecOf(f.Result)
	if err != nil {
		t.Fatal(err)
	}
	var c cabi.Call
	c.Begin(t.Context(), &g.opts, &g.table)
	if new(cabi.Layouts).FlattenFunc(f, cabi.Lower).ResultSpilled {
		return codec.Load(&c, resultBlock)
	}
	return codec.LiftFlat(&c, stack)
}

// randomValue is a value of type t as the codec has it. Lists are short, and
// every kind of number meets its ends.
func randomValue(r *rand.Rand, t wit.Type) any {
	bits := r.Uint64() >> (r.IntN(8) * 8)
	switch t := wit.Structure(t).(type) {
	case wit.Prim:
		switch t {
		case wit.Bool:
			return bits&1 == 1
		case wit.S8:
			return int8(bits)
		case wit.U8:
			return uint8(bits)
		case wit.S16:
			return int16(bits)
		case wit.U16:
			return uint16(bits)
		case wit.S32:
			return int32(bits)
		case wit.U32:
			return uint32(bits)
		case wit.S64:
			return int64(bits)
		case wit.U64:
			return bits
		case wit.F32:
			return float32(int32(bits)) / 8
		case wit.F64:
			return math.Ldexp(float64(int64(bits)), int(bits%64)-32)
		case wit.Char:
			return []rune("aß€😀\x00\U0010ffff")[r.IntN(6)]
		case wit.String:
			return strings.Repeat("grüße 😀"[:r.IntN(3)*2], r.IntN(3))
		}
	case *wit.List:
		n := r.IntN(4)
		if wit.Structure(t.Elem) == wit.U8 {
			b := make([]byte, n)
			for i := range b {
				b[i] = byte(bits >> (8 * i))
			}
			return b
		}
		list := make([]any, n)
		for i := range list {
			list[i] = randomValue(r, t.Elem)
		}
		return list
	case *wit.Tuple:
		list := make([]any, len(t.Elems))
		for i, e := range t.Elems {
			list[i] = randomValue(r, e)
		}
		return list
	case *wit.Record:
		fields := map[string]any{}
		for _, f := range t.Fields {
			fields[f.Name] = randomValue(r, f.Type)
		}
		return fields
	case *wit.Option:
		if bits&1 == 0 {
			return nil
		}
		v := randomValue(r, t.Elem)
		if _, nested := wit.Structure(t.Elem).(*wit.Option); nested {
			return cabi.Some{Value: v}
		}
		return v
	case *wit.Result:
		side, isErr := t.OK, bits&1 == 0
		if isErr {
			side = t.Err
		}
		res := cabi.Result{IsErr: isErr}
		if side != nil {
			res.Value = randomValue(r, side)
		}
		return res
	case *wit.Variant:
		c := t.Cases[r.IntN(len(t.Cases))]
		v := cabi.Variant{Case: c.Name}
		if c.Type != nil {
			v.Value = randomValue(r, c.Type)
		}
		return v
	case *wit.Enum:
		return t.Labels[r.IntN(len(t.Labels))]
	case *wit.Flags:
		set := []string{}
		for i, l := range t.Labels {
			if bits>>i&1 == 1 {
				set = append(set, l)
			}
		}
		return set
	}
	panic(fmt.Sprintf("no random value of %s", t))
}
