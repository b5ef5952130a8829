package validate

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/wit"
)

// Values evaluates value types and function types, checks them as they are defined,
// and remembers what it found out about them, so that types that share parts cost what
// their parts cost once. The zero value works, and nobody counts its work.
type Values struct {
	known map[wit.Type]*traits
	same  identities

	// spend pays for work; nil where nobody counts.
	spend func(n int)
}

// NewValues makes a Values that tells spend of its work.
func NewValues(spend func(n int)) *Values { return &Values{spend: spend} }

// Define evaluates the body of a definition: a wit.Type or a *[FuncType]. Types that
// it refers to are asked of typeAt. Resources, component types and instance types are
// not for this method: their meaning depends on the scope.
func (w *Values) Define(t binary.Type, typeAt func(index uint32) (any, error)) (any, error) {
	e := &evaluation{Values: w, typeAt: typeAt}
	d := e.body(t)
	if e.err != nil {
		return nil, e.err
	}
	switch d := d.(type) {
	case wit.Type:
		if _, err := w.traitsOf(d); err != nil {
			return nil, err
		}
	case *FuncType:
		d.traits = w.joined(d)
	}
	return d, nil
}

// ValType evaluates a reference to a value type.
func (w *Values) ValType(t binary.ValType, typeAt func(index uint32) (any, error)) (wit.Type, error) {
	e := &evaluation{Values: w, typeAt: typeAt}
	return e.valType(t), e.err
}

// An evaluation is that of one type; it keeps the first error.
type evaluation struct {
	*Values
	typeAt func(index uint32) (any, error)
	err    error
}

func (e *evaluation) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
}

func (e *evaluation) at(index uint32) any {
	t, err := e.typeAt(index)
	if err != nil && e.err == nil {
		e.err = err
	}
	return t
}

// valType answers a type to go on with even where there is none.
func (e *evaluation) valType(v binary.ValType) wit.Type {
	if v.Prim != 0 {
		return v.Prim
	}
	t, ok := e.at(v.Index).(wit.Type)
	if !ok {
		e.fail("type %d is not a value type", v.Index)
		return wit.Bool
	}
	if def, ok := t.(*wit.TypeDef); ok && def.IsResource() {
		e.fail("type %d is a resource; a value is own or borrow of it", v.Index)
	}
	return t
}

func (e *evaluation) optional(v *binary.ValType) wit.Type {
	if v == nil {
		return nil
	}
	return e.valType(*v)
}

func (e *evaluation) resource(index uint32) *wit.TypeDef {
	def, ok := e.at(index).(*wit.TypeDef)
	if !ok || !def.IsResource() {
		e.fail("type %d is not a resource", index)
		return newResource("")
	}
	return def
}

func (e *evaluation) pay(n int) {
	if e.spend != nil {
		e.spend(n)
	}
}

func (e *evaluation) body(t binary.Type) any {
	switch t := t.(type) {
	case *binary.Prim:
		return t.Prim
	case *binary.Record:
		e.pay(len(t.Fields))
		r := &wit.Record{Fields: make([]wit.Field, len(t.Fields))}
		names := newLabels("field", len(t.Fields))
		for i, f := range t.Fields {
			e.label(names, f.Label)
			r.Fields[i] = wit.Field{Name: f.Label, Type: e.optional(f.Type)}
		}
		return r
	case *binary.Variant:
		e.pay(len(t.Cases))
		v := &wit.Variant{Cases: make([]wit.Case, len(t.Cases))}
		names := newLabels("case", len(t.Cases))
		for i, c := range t.Cases {
			e.label(names, c.Label)
			v.Cases[i] = wit.Case{Name: c.Label, Type: e.optional(c.Type)}
		}
		return v
	case *binary.List:
		elem := e.valType(t.Elem)
		if t.Len != nil {
			return &wit.FixedList{Elem: elem, Len: *t.Len}
		}
		return &wit.List{Elem: elem}
	case *binary.Tuple:
		e.pay(len(t.Elems))
		tuple := &wit.Tuple{Elems: make([]wit.Type, len(t.Elems))}
		for i, elem := range t.Elems {
			tuple.Elems[i] = e.valType(elem)
		}
		return tuple
	case *binary.Flags:
		return &wit.Flags{Labels: e.labels("flag", t.Labels)}
	case *binary.Enum:
		return &wit.Enum{Labels: e.labels("case", t.Labels)}
	case *binary.Option:
		return &wit.Option{Elem: e.valType(t.Elem)}
	case *binary.Result:
		return &wit.Result{OK: e.optional(t.OK), Err: e.optional(t.Err)}
	case *binary.Own:
		return &wit.Own{Resource: e.resource(t.Resource)}
	case *binary.Borrow:
		return &wit.Borrow{Resource: e.resource(t.Resource)}
	case *binary.Stream:
		return e.stream(t)
	case *binary.Future:
		elem := e.optional(t.Elem)
		e.noBorrow(elem, "a future")
		return &wit.Future{Elem: elem}
	case *binary.Map:
		return e.mapType(t)
	case *binary.Func:
		return e.function(t)
	}
	e.fail("a %T is neither a value type nor a function type", t)
	return nil
}

func (e *evaluation) stream(t *binary.Stream) wit.Type {
	elem := e.optional(t.Elem)
	e.noBorrow(elem, "a stream")
	if elem != nil && wit.Structure(elem) == wit.Type(wit.Char) {
		e.fail("a stream of char is not valid yet; take bytes in an encoding of your choice")
	}
	return &wit.Stream{Elem: elem}
}

func (e *evaluation) noBorrow(t wit.Type, what string) {
	if t != nil && e.err == nil && e.of(t).borrow {
		e.fail("%s cannot hold a borrow", what)
	}
}

func (e *evaluation) mapType(t *binary.Map) wit.Type {
	key := e.valType(t.Key)
	switch p, _ := wit.Structure(key).(wit.Prim); p {
	case 0, wit.F32, wit.F64, wit.ErrorContext:
		e.fail("the keys of a map are integers, bool, char or string, not %s", kindOf(key))
	}
	return &wit.Map{Key: key, Value: e.valType(t.Value)}
}

func (e *evaluation) function(t *binary.Func) *FuncType {
	e.pay(1 + len(t.Params))
	ft := &FuncType{Async: t.Async, Params: make([]wit.Param, len(t.Params))}
	names := newLabels("parameter", len(t.Params))
	for i, p := range t.Params {
		e.label(names, p.Label)
		ft.Params[i] = wit.Param{Name: p.Label, Type: e.optional(p.Type)}
	}
	ft.Result = e.optional(t.Result)
	e.noBorrow(ft.Result, "the result of a function")
	return ft
}

func (e *evaluation) labels(what string, list []string) []string {
	e.pay(len(list))
	names := newLabels(what, len(list))
	for _, l := range list {
		e.label(names, l)
	}
	return list
}

func (e *evaluation) label(names *labels, name string) {
	if err := names.add(name); err != nil {
		e.fail("%v", err)
	}
}

// kindOf names a type for messages without writing it out.
func kindOf(t wit.Type) string {
	switch t := wit.Structure(t).(type) {
	case wit.Prim:
		return t.String()
	case *wit.Record:
		return "a record"
	case *wit.Variant:
		return "a variant"
	case *wit.List, *wit.FixedList:
		return "a list"
	case *wit.Tuple:
		return "a tuple"
	case *wit.Flags:
		return "flags"
	case *wit.Enum:
		return "an enum"
	case *wit.Option:
		return "an option"
	case *wit.Result:
		return "a result"
	case *wit.Own:
		return "an own handle"
	case *wit.Borrow:
		return "a borrow handle"
	case *wit.Stream:
		return "a stream"
	case *wit.Future:
		return "a future"
	case *wit.Map:
		return "a map"
	case *wit.Resource:
		return "a resource"
	}
	return "nothing"
}
