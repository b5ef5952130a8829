package component_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

const values = "tenon:test/values"

// TestValuesCrossInBothDirections sends random values of every type into guests
// of every string encoding, which send them on to the host and back: each value is
// lowered and lifted twice.
func TestValuesCrossInBothDirections(t *testing.T) {
	for _, encoding := range []string{"utf8", "utf16", "latin1"} {
		t.Run(encoding, func(t *testing.T) {
			r, c := guest(t, "values-"+encoding+".wasm")
			host := importOf(t, c, values)
			var seen []any
			in := instantiate(t, r, c, offer(t, host, nil, func(f *wit.Func) func(context.Context, []any) (any, error) {
				return func(_ context.Context, args []any) (any, error) {
					seen = args
					return echo(f, args), nil
				}
			}))
			rnd := rand.New(rand.NewPCG(1, uint64(len(encoding))))
			for _, f := range host.Funcs {
				for range 60 {
					args := make([]any, len(f.Params))
					for i, p := range f.Params {
						args[i] = random(rnd, p.Type)
					}
					got, err := in.Call(context.Background(), values, f.Name, args...)
					if err != nil {
						t.Fatalf("%s(%#v): %v", f.Name, args, err)
					}
					if len(args)+len(seen) > 0 && !reflect.DeepEqual(seen, args) {
						t.Fatalf("%s: the host got\n%#v, want\n%#v", f.Name, seen, args)
					}
					if want := echo(f, args); !reflect.DeepEqual(got, want) {
						t.Fatalf("%s: came back as\n%#v, want\n%#v", f.Name, got, want)
					}
				}
			}
		})
	}
}

// echo is what the functions of the interface do: the last argument comes back as
// it is, or all of them as a record.
func echo(f *wit.Func, args []any) any {
	if f.Result == nil {
		return nil
	}
	rec, ok := wit.Structure(f.Result).(*wit.Record)
	if !ok || len(args) == 1 {
		return args[len(args)-1]
	}
	m := map[string]any{}
	for i, field := range rec.Fields {
		m[field.Name] = args[i]
	}
	return m
}

// random makes a value of a type as the codec lifts it.
func random(r *rand.Rand, t wit.Type) any {
	switch t := wit.Structure(t).(type) {
	case wit.Prim:
		return randomPrim(r, t)
	case *wit.List:
		n := r.IntN(5)
		if r.IntN(10) == 0 {
			n = r.IntN(300)
		}
		if t.Elem == wit.U8 {
			b := make([]byte, n)
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			return b
		}
		l := make([]any, n)
		for i := range l {
			l[i] = random(r, t.Elem)
		}
		return l
	case *wit.Tuple:
		l := make([]any, len(t.Elems))
		for i, e := range t.Elems {
			l[i] = random(r, e)
		}
		return l
	case *wit.Record:
		m := map[string]any{}
		for _, f := range t.Fields {
			m[f.Name] = random(r, f.Type)
		}
		return m
	case *wit.Variant:
		c := t.Cases[r.IntN(len(t.Cases))]
		v := cabi.Variant{Case: c.Name}
		if c.Type != nil {
			v.Value = random(r, c.Type)
		}
		return v
	case *wit.Enum:
		return t.Labels[r.IntN(len(t.Labels))]
	case *wit.Flags:
		set := []string{}
		for _, l := range t.Labels {
			if r.IntN(2) == 0 {
				set = append(set, l)
			}
		}
		return set
	case *wit.Option:
		if r.IntN(3) == 0 {
			return nil
		}
		v := random(r, t.Elem)
		if _, nested := wit.Structure(t.Elem).(*wit.Option); nested {
			return cabi.Some{Value: v}
		}
		return v
	case *wit.Result:
		res := cabi.Result{IsErr: r.IntN(2) == 0}
		side := t.OK
		if res.IsErr {
			side = t.Err
		}
		if side != nil {
			res.Value = random(r, side)
		}
		return res
	}
	panic(fmt.Sprintf("no random value of %T", t))
}

func randomPrim(r *rand.Rand, p wit.Prim) any {
	bits := r.Uint64()
	if r.IntN(4) == 0 {
		bits = []uint64{0, 1, math.MaxUint64, 1 << 63, 1<<63 - 1, 0x80, 0x7f, 0x8000}[r.IntN(8)]
	}
	switch p {
	case wit.Bool:
		return bits&1 == 1
	case wit.U8:
		return uint8(bits)
	case wit.S8:
		return int8(bits)
	case wit.U16:
		return uint16(bits)
	case wit.S16:
		return int16(bits)
	case wit.U32:
		return uint32(bits)
	case wit.S32:
		return int32(bits)
	case wit.U64:
		return bits
	case wit.S64:
		return int64(bits)
	case wit.F32:
		return float32(int32(bits)) / 7
	case wit.F64:
		return float64(int64(bits)) / 7
	case wit.Char:
		return randomChar(r)
	case wit.String:
		var b strings.Builder
		for range r.IntN(20) {
			b.WriteRune(randomChar(r))
		}
		return b.String()
	}
	panic(p)
}

// randomChar is often Latin-1, sometimes beyond the basic plane, so that every
// road through the encodings is taken.
func randomChar(r *rand.Rand) rune {
	switch r.IntN(12) {
	case 0:
		return rune(0x10000 + r.IntN(0x100000))
	case 1:
		return rune(r.IntN(0xd800))
	case 2, 3, 4:
		return rune(r.IntN(0x100))
	}
	return rune(r.IntN(0x80))
}

// TestAWrongArgumentLeavesTheInstanceAlive: it is the host's mistake, and its
// message says where.
func TestAWrongArgumentLeavesTheInstanceAlive(t *testing.T) {
	r, c := guest(t, "values-utf8.wasm")
	in := instantiate(t, r, c, offer(t, importOf(t, c, values), nil, func(f *wit.Func) func(context.Context, []any) (any, error) {
		return func(_ context.Context, args []any) (any, error) { return echo(f, args), nil }
	}))
	ctx := context.Background()
	for _, try := range []struct {
		name string
		args []any
		want string
	}{
		{"echo-u8", []any{"no"}, "uint8"},
		{"echo-point", []any{map[string]any{"x": uint8(1), "y": 2.0}}, "z"},
		{"echo-u8", nil, "0 arguments given, want 1"},
		{"echo-mixed", []any{cabi.Variant{Case: "nowhere"}}, "nowhere"},
	} {
		_, err := in.Call(ctx, values, try.name, try.args...)
		if err == nil || !strings.Contains(err.Error(), try.want) {
			t.Errorf("%s(%v): error %v, want one that says %q", try.name, try.args, err, try.want)
		}
	}
	if got, err := in.Call(ctx, values, "echo-u8", uint8(9)); err != nil || got != uint8(9) {
		t.Errorf("after wrong arguments: %v, %v", got, err)
	}
}
