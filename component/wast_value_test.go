package component_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// A value is a component value of a script. Numbers are decimal strings, floats
// the decimal of their bits.
type value struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

// anyNaN stands where a script expects a NaN: the canonical ABI keeps no payload.
type anyNaN struct{}

// as is the value in Go, as cabi.Codec has it, of the type t that the function
// asks for.
func (v value) as(t wit.Type) (any, error) {
	switch t := wit.Structure(t).(type) {
	case wit.Prim:
		return v.prim(t)
	case *wit.List:
		return v.list(t.Elem)
	case *wit.FixedList:
		return v.list(t.Elem)
	case *wit.Tuple:
		return v.tuple(t)
	case *wit.Record:
		return v.record(t)
	case *wit.Variant:
		return v.variant(t)
	case *wit.Enum:
		var label string
		err := v.decode("enum", &label)
		return label, err
	case *wit.Flags:
		return v.flags()
	case *wit.Option:
		return v.option(t)
	case *wit.Result:
		return v.result(t)
	default:
		return nil, fmt.Errorf("a %s in a script where the function has %s", v.Type, t)
	}
}

// decode reads a value that must be of a kind.
func (v value) decode(kind string, into any) error {
	if v.Type != kind {
		return fmt.Errorf("a %s in a script where the function has a %s", v.Type, kind)
	}
	return json.Unmarshal(v.Value, into)
}

func (v value) prim(t wit.Prim) (any, error) {
	if t == wit.Bool {
		var b bool
		err := v.decode("bool", &b)
		return b, err
	}
	var s string
	if err := v.decode(t.String(), &s); err != nil {
		return nil, err
	}
	switch t {
	case wit.String:
		return s, nil
	case wit.Char:
		r := []rune(s)
		if len(r) != 1 {
			return nil, fmt.Errorf("char %q", s)
		}
		return r[0], nil
	case wit.F32:
		return float(s, 32)
	case wit.F64:
		return float(s, 64)
	case wit.S8, wit.S16, wit.S32, wit.S64:
		return signed(t, s)
	default:
		return unsigned(t, s)
	}
}

func float(s string, bits int) (any, error) {
	if s == "nan:canonical" || s == "nan:arithmetic" {
		return anyNaN{}, nil
	}
	u, err := strconv.ParseUint(s, 10, bits)
	if bits == 32 {
		return math.Float32frombits(uint32(u)), err
	}
	return math.Float64frombits(u), err
}

func signed(t wit.Prim, s string) (any, error) {
	switch t {
	case wit.S8:
		n, err := strconv.ParseInt(s, 10, 8)
		return int8(n), err
	case wit.S16:
		n, err := strconv.ParseInt(s, 10, 16)
		return int16(n), err
	case wit.S32:
		n, err := strconv.ParseInt(s, 10, 32)
		return int32(n), err
	default:
		return strconv.ParseInt(s, 10, 64)
	}
}

func unsigned(t wit.Prim, s string) (any, error) {
	switch t {
	case wit.U8:
		n, err := strconv.ParseUint(s, 10, 8)
		return uint8(n), err
	case wit.U16:
		n, err := strconv.ParseUint(s, 10, 16)
		return uint16(n), err
	case wit.U32:
		n, err := strconv.ParseUint(s, 10, 32)
		return uint32(n), err
	case wit.U64:
		return strconv.ParseUint(s, 10, 64)
	default:
		return nil, fmt.Errorf("no script has a %s", t)
	}
}

func (v value) list(elem wit.Type) (any, error) {
	var items []value
	if err := v.decode("list", &items); err != nil {
		return nil, err
	}
	all := make([]any, len(items))
	var bytes []byte
	for i, item := range items {
		one, err := item.as(elem)
		if err != nil {
			return nil, err
		}
		all[i] = one
		if b, ok := one.(uint8); ok {
			bytes = append(bytes, b)
		}
	}
	if wit.Structure(elem) == wit.U8 {
		return bytes, nil
	}
	return all, nil
}

func (v value) tuple(t *wit.Tuple) (any, error) {
	var items []value
	if err := v.decode("tuple", &items); err != nil {
		return nil, err
	}
	if len(items) != len(t.Elems) {
		return nil, fmt.Errorf("%d values for %s", len(items), t)
	}
	all := make([]any, len(items))
	for i, item := range items {
		var err error
		if all[i], err = item.as(t.Elems[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (v value) record(t *wit.Record) (any, error) {
	var pairs [][2]json.RawMessage
	if err := v.decode("record", &pairs); err != nil {
		return nil, err
	}
	all := map[string]any{}
	for _, pair := range pairs {
		var name string
		var field value
		if err := json.Unmarshal(pair[0], &name); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(pair[1], &field); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(t.Fields, func(f wit.Field) bool { return f.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no field %s in %s", name, t)
		}
		var err error
		if all[name], err = field.as(t.Fields[i].Type); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (v value) variant(t *wit.Variant) (any, error) {
	var is struct {
		Case    string
		Payload *value
	}
	if err := v.decode("variant", &is); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(t.Cases, func(c wit.Case) bool { return c.Name == is.Case })
	if i < 0 {
		return nil, fmt.Errorf("no case %s in %s", is.Case, t)
	}
	payload, err := is.Payload.asPayload(t.Cases[i].Type)
	return cabi.Variant{Case: is.Case, Value: payload}, err
}

// asPayload is as for what may carry nothing.
func (v *value) asPayload(t wit.Type) (any, error) {
	switch {
	case v == nil && t == nil:
		return nil, nil
	case v == nil:
		return nil, fmt.Errorf("nothing in a script where the function has %s", t)
	case t == nil:
		return nil, fmt.Errorf("a %s in a script where the function has nothing", v.Type)
	default:
		return v.as(t)
	}
}

// flags are set or not, in no order.
func (v value) flags() (any, error) {
	set := []string{}
	err := v.decode("flags", &set)
	slices.Sort(set)
	return set, err
}

func (v value) option(t *wit.Option) (any, error) {
	var some *value
	if err := v.decode("option", &some); err != nil || some == nil {
		return nil, err
	}
	inner, err := some.as(t.Elem)
	if _, nested := wit.Structure(t.Elem).(*wit.Option); nested {
		return cabi.Some{Value: inner}, err
	}
	return inner, err
}

func (v value) result(t *wit.Result) (any, error) {
	var sides map[string]*value
	if err := v.decode("result", &sides); err != nil {
		return nil, err
	}
	if bad, ok := sides["Err"]; ok {
		payload, err := bad.asPayload(t.Err)
		return cabi.Result{IsErr: true, Value: payload}, err
	}
	payload, err := sides["Ok"].asPayload(t.OK)
	return cabi.Result{Value: payload}, err
}

// same reports whether a call gave what a script expects.
func same(want, got any) bool {
	switch want := want.(type) {
	case anyNaN:
		return isNaN(got)
	case float32:
		g, ok := got.(float32)
		return ok && (math.Float32bits(want) == math.Float32bits(g) || want != want && g != g)
	case float64:
		g, ok := got.(float64)
		return ok && (math.Float64bits(want) == math.Float64bits(g) || want != want && g != g)
	case []any:
		g, ok := got.([]any)
		return ok && slices.EqualFunc(want, g, same)
	case map[string]any:
		g, ok := got.(map[string]any)
		for name := range want {
			ok = ok && same(want[name], g[name])
		}
		return ok && len(want) == len(g)
	case cabi.Variant:
		g, ok := got.(cabi.Variant)
		return ok && want.Case == g.Case && same(want.Value, g.Value)
	case cabi.Result:
		g, ok := got.(cabi.Result)
		return ok && want.IsErr == g.IsErr && same(want.Value, g.Value)
	case cabi.Some:
		g, ok := got.(cabi.Some)
		return ok && same(want.Value, g.Value)
	case []string:
		g, ok := got.([]string)
		g = slices.Sorted(slices.Values(g))
		return ok && slices.Equal(want, g)
	case []byte:
		g, ok := got.([]byte)
		return ok && slices.Equal(want, g)
	default:
		return reflect.DeepEqual(want, got)
	}
}

func isNaN(v any) bool {
	switch v := v.(type) {
	case float32:
		return v != v
	case float64:
		return v != v
	}
	return false
}
