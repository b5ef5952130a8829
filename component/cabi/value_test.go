package cabi

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/tenon-wasm/tenon/wit"
)

// fromJSON is the Go value of what the vectors write for a value of type t.
func fromJSON(t wit.Type, j any) any {
	switch t := wit.Structure(t).(type) {
	case wit.Prim:
		return primFromJSON(t, j)
	case *wit.List:
		list := j.([]any)
		if t.Elem == wit.U8 {
			b := make([]byte, len(list))
			for i, x := range list {
				b[i] = byte(number(x))
			}
			return b
		}
		out := make([]any, len(list))
		for i, x := range list {
			out[i] = fromJSON(t.Elem, x)
		}
		return out
	case *wit.Tuple:
		out := make([]any, len(t.Elems))
		for i, x := range j.([]any) {
			out[i] = fromJSON(t.Elems[i], x)
		}
		return out
	case *wit.Record:
		out := map[string]any{}
		for _, f := range t.Fields {
			out[f.Name] = fromJSON(f.Type, j.(map[string]any)[f.Name])
		}
		return out
	case *wit.Variant:
		m := j.(map[string]any)
		v := Variant{Case: m["case"].(string)}
		for _, c := range t.Cases {
			if c.Name == v.Case && c.Type != nil {
				v.Value = fromJSON(c.Type, m["value"])
			}
		}
		return v
	case *wit.Option:
		if j == nil {
			return nil
		}
		v := fromJSON(t.Elem, j.(map[string]any)["some"])
		if _, nested := wit.Structure(t.Elem).(*wit.Option); nested {
			return Some{Value: v}
		}
		return v
	case *wit.Result:
		m := j.(map[string]any)
		if v, ok := m["ok"]; ok {
			if t.OK == nil {
				return Result{}
			}
			return Result{Value: fromJSON(t.OK, v)}
		}
		if t.Err == nil {
			return Result{IsErr: true}
		}
		return Result{IsErr: true, Value: fromJSON(t.Err, m["err"])}
	case *wit.Enum:
		return j.(string)
	case *wit.Flags:
		out := []string{}
		for _, l := range j.([]any) {
			out = append(out, l.(string))
		}
		return out
	}
	panic(fmt.Sprintf("no values of %v", t))
}

func number(j any) int64 {
	n, err := j.(json.Number).Int64()
	if err != nil {
		panic(err)
	}
	return n
}

func bitsOf(j any) uint64 {
	n, err := strconv.ParseUint(j.(string), 0, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func primFromJSON(t wit.Prim, j any) any {
	switch t {
	case wit.Bool:
		return j.(bool)
	case wit.U8:
		return uint8(number(j))
	case wit.S8:
		return int8(number(j))
	case wit.U16:
		return uint16(number(j))
	case wit.S16:
		return int16(number(j))
	case wit.U32:
		return uint32(number(j))
	case wit.S32:
		return int32(number(j))
	case wit.U64:
		return bitsOf(j)
	case wit.S64:
		n, err := strconv.ParseInt(j.(string), 10, 64)
		if err != nil {
			panic(err)
		}
		return n
	case wit.F32:
		return math.Float32frombits(uint32(bitsOf(j)))
	case wit.F64:
		return math.Float64frombits(bitsOf(j))
	case wit.Char:
		return rune(number(j))
	}
	return j.(string)
}

// toJSON is the other way round, as encoding/json with UseNumber would read it.
func toJSON(t wit.Type, v any) any {
	switch t := wit.Structure(t).(type) {
	case wit.Prim:
		return primToJSON(v)
	case *wit.List:
		out := []any{}
		if b, ok := v.([]byte); ok {
			for _, x := range b {
				out = append(out, json.Number(fmt.Sprint(x)))
			}
			return out
		}
		for _, x := range v.([]any) {
			out = append(out, toJSON(t.Elem, x))
		}
		return out
	case *wit.Tuple:
		out := []any{}
		for i, x := range v.([]any) {
			out = append(out, toJSON(t.Elems[i], x))
		}
		return out
	case *wit.Record:
		out := map[string]any{}
		for _, f := range t.Fields {
			out[f.Name] = toJSON(f.Type, v.(map[string]any)[f.Name])
		}
		return out
	case *wit.Variant:
		w := v.(Variant)
		out := map[string]any{"case": w.Case}
		for _, c := range t.Cases {
			if c.Name == w.Case && c.Type != nil {
				out["value"] = toJSON(c.Type, w.Value)
			}
		}
		return out
	case *wit.Option:
		if v == nil {
			return nil
		}
		if s, ok := v.(Some); ok {
			v = s.Value
		}
		return map[string]any{"some": toJSON(t.Elem, v)}
	case *wit.Result:
		r := v.(Result)
		side, key := t.OK, "ok"
		if r.IsErr {
			side, key = t.Err, "err"
		}
		if side == nil {
			return map[string]any{key: nil}
		}
		return map[string]any{key: toJSON(side, r.Value)}
	case *wit.Enum:
		return v
	case *wit.Flags:
		out := []any{}
		for _, l := range v.([]string) {
			out = append(out, l)
		}
		return out
	}
	panic(fmt.Sprintf("no values of %v", t))
}

func primToJSON(v any) any {
	switch v := v.(type) {
	case bool, string:
		return v
	case uint64:
		return strconv.FormatUint(v, 10)
	case int64:
		return strconv.FormatInt(v, 10)
	case float32:
		return fmt.Sprintf("0x%08x", math.Float32bits(v))
	case float64:
		return fmt.Sprintf("0x%016x", math.Float64bits(v))
	}
	return json.Number(fmt.Sprint(v))
}

// hasString reports whether a value of t may hold a string.
func hasString(t wit.Type) bool {
	switch t := wit.Structure(t).(type) {
	case wit.Prim:
		return t == wit.String
	case *wit.List:
		return hasString(t.Elem)
	case *wit.Option:
		return hasString(t.Elem)
	case *wit.Tuple:
		for _, e := range t.Elems {
			if hasString(e) {
				return true
			}
		}
	case *wit.Record:
		for _, f := range t.Fields {
			if hasString(f.Type) {
				return true
			}
		}
	case *wit.Variant:
		for _, c := range t.Cases {
			if hasString(c.Type) {
				return true
			}
		}
	case *wit.Result:
		return hasString(t.OK) || hasString(t.Err)
	}
	return false
}
