package cabi

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/tenon-wasm/tenon/wit"
)

// goValues makes values of generated Go types from what the vectors write, and
// back, without the codec: what load and store would both get wrong is found.
type goValues struct {
	cases map[reflect.Type][]any
}

// goValue is a pointer to a new value of type t.
func (b *bound) goValue(t string, j any) any {
	p := b.value[t]()
	b.fill(reflect.ValueOf(p).Elem(), parseType(t), j)
	return p
}

// fillResult fills what a function of type t returns: r are its results, e the
// error if t is a result. It reports whether the function failed.
func (g goValues) fillResult(t wit.Type, j, e any, r []any) bool {
	if t, ok := t.(*wit.Result); ok {
		m := j.(map[string]any)
		if v, failed := m["err"]; failed {
			if t.Err != nil {
				g.fill(reflect.ValueOf(e).Elem(), t.Err, v)
			}
			return true
		}
		if t.OK != nil {
			g.fillReturns(t.OK, m["ok"], r)
		}
		return false
	}
	g.fillReturns(t, j, r)
	return false
}

func (g goValues) fillReturns(t wit.Type, j any, r []any) {
	if len(r) == 1 {
		g.fill(reflect.ValueOf(r[0]).Elem(), t, j)
		return
	}
	for i, p := range r {
		g.fill(reflect.ValueOf(p).Elem(), t.(*wit.Tuple).Elems[i], j.([]any)[i])
	}
}

// fill sets v, which is addressable.
func (g goValues) fill(v reflect.Value, t wit.Type, j any) {
	switch t := t.(type) {
	case wit.Prim:
		v.Set(reflect.ValueOf(primFromJSON(t, j)))
	case *wit.List:
		list := j.([]any)
		v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
		for i, x := range list {
			g.fill(v.Index(i), t.Elem, x)
		}
	case *wit.Tuple:
		for i, x := range j.([]any) {
			g.fill(part(v, i, len(t.Elems)), t.Elems[i], x)
		}
	case *wit.Record:
		for i, f := range t.Fields {
			g.fill(part(v, i, len(t.Fields)), f.Type, j.(map[string]any)[f.Name])
		}
	case *wit.Option:
		switch {
		case j == nil:
			v.SetZero()
		case v.Kind() == reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			g.fill(v.Elem(), t.Elem, j.(map[string]any)["some"])
		default:
			g.fill(v, t.Elem, j.(map[string]any)["some"])
		}
	case *wit.Result:
		m := j.(map[string]any)
		side, name := t.OK, "ok"
		if _, failed := m["err"]; failed {
			side, name = t.Err, "err"
			v.FieldByName("IsErr").SetBool(true)
		}
		if side != nil {
			g.fill(v.FieldByName(sides[name]), side, m[name])
		}
	case *wit.Variant:
		m := j.(map[string]any)
		i := slices.IndexFunc(t.Cases, func(c wit.Case) bool { return c.Name == m["case"] })
		c := reflect.New(reflect.TypeOf(g.named(v, len(t.Cases))[i])).Elem()
		if t.Cases[i].Type != nil {
			g.fill(c.FieldByName("Value"), t.Cases[i].Type, m["value"])
		}
		v.Set(c)
	case *wit.Enum:
		v.Set(reflect.ValueOf(g.named(v, len(t.Labels))[slices.Index(t.Labels, j.(string))]))
	case *wit.Flags:
		v.SetZero()
		for _, l := range j.([]any) {
			set := g.named(v, len(t.Labels))[slices.Index(t.Labels, l.(string))]
			v.SetUint(v.Uint() | reflect.ValueOf(set).Uint())
		}
	default:
		panic(fmt.Sprintf("no values of %v", t))
	}
}

var sides = map[string]string{"ok": "OK", "err": "Err"}

// part is element i of an array, or field i of a struct.
func part(v reflect.Value, i, n int) reflect.Value {
	if v.Kind() == reflect.Array {
		if v.Len() != n {
			panic(fmt.Sprintf("%v has %d elements, want %d", v.Type(), v.Len(), n))
		}
		return v.Index(i)
	}
	if v.NumField() != n {
		panic(fmt.Sprintf("%v has %d fields, want %d", v.Type(), v.NumField(), n))
	}
	return v.Field(i)
}

// named are the cases or constants of v's type.
func (g goValues) named(v reflect.Value, n int) []any {
	cases := g.cases[v.Type()]
	if len(cases) != n {
		panic(fmt.Sprintf("%v has %d cases, want %d", v.Type(), len(cases), n))
	}
	return cases
}

// toJSON is what the vectors write for v.
func (g goValues) toJSON(t wit.Type, v reflect.Value) any {
	switch t := t.(type) {
	case wit.Prim:
		return primToJSON(v.Interface())
	case *wit.List:
		out := []any{}
		for i := range v.Len() {
			out = append(out, g.toJSON(t.Elem, v.Index(i)))
		}
		return out
	case *wit.Tuple:
		out := []any{}
		for i, e := range t.Elems {
			out = append(out, g.toJSON(e, part(v, i, len(t.Elems))))
		}
		return out
	case *wit.Record:
		out := map[string]any{}
		for i, f := range t.Fields {
			out[f.Name] = g.toJSON(f.Type, part(v, i, len(t.Fields)))
		}
		return out
	case *wit.Option:
		if v.IsNil() {
			return nil
		}
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		return map[string]any{"some": g.toJSON(t.Elem, v)}
	case *wit.Result:
		side, name := t.OK, "ok"
		if v.FieldByName("IsErr").Bool() {
			side, name = t.Err, "err"
		}
		if side == nil {
			return map[string]any{name: nil}
		}
		return map[string]any{name: g.toJSON(side, v.FieldByName(sides[name]))}
	case *wit.Variant:
		i := slices.IndexFunc(g.named(v, len(t.Cases)), func(c any) bool { return reflect.TypeOf(c) == v.Elem().Type() })
		out := map[string]any{"case": t.Cases[i].Name}
		if c := t.Cases[i].Type; c != nil {
			out["value"] = g.toJSON(c, v.Elem().FieldByName("Value"))
		}
		return out
	case *wit.Enum:
		i := slices.Index(g.named(v, len(t.Labels)), v.Interface())
		return t.Labels[i]
	case *wit.Flags:
		out := []any{}
		rest := v.Uint()
		for i, c := range g.named(v, len(t.Labels)) {
			if bit := reflect.ValueOf(c).Uint(); v.Uint()&bit != 0 {
				out = append(out, t.Labels[i])
				rest &^= bit
			}
		}
		if rest != 0 {
			return fmt.Sprintf("flags with the bits %#x beyond", rest)
		}
		return out
	}
	panic(fmt.Sprintf("no values of %v", t))
}
