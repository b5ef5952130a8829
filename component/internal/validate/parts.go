package validate

import "github.com/tenon-wasm/tenon/wit"

// EachPart calls f with every type that t, which is no name, is made of; a resource is
// a part of its handles.
func EachPart(t wit.Type, f func(wit.Type)) {
	part := func(t wit.Type) {
		if t != nil {
			f(t)
		}
	}
	switch t := t.(type) {
	case *wit.List:
		part(t.Elem)
	case *wit.FixedList:
		part(t.Elem)
	case *wit.Map:
		part(t.Key)
		part(t.Value)
	case *wit.Option:
		part(t.Elem)
	case *wit.Result:
		part(t.OK)
		part(t.Err)
	case *wit.Stream:
		part(t.Elem)
	case *wit.Future:
		part(t.Elem)
	case *wit.Own:
		part(t.Resource)
	case *wit.Borrow:
		part(t.Resource)
	case *wit.Tuple:
		for _, e := range t.Elems {
			part(e)
		}
	case *wit.Record:
		for _, field := range t.Fields {
			part(field.Type)
		}
	case *wit.Variant:
		for _, c := range t.Cases {
			part(c.Type)
		}
	}
}

// Rebuild makes the type that t, which is no name, is with other parts: to answers what
// stands in for each, a resource for a resource. Where every part stays, so does t.
func Rebuild(t wit.Type, to func(wit.Type) wit.Type) wit.Type {
	changed := false
	part := func(t wit.Type) wit.Type {
		if t == nil {
			return nil
		}
		r := to(t)
		changed = changed || r != t
		return r
	}
	resource := func(def *wit.TypeDef) *wit.TypeDef { return part(def).(*wit.TypeDef) }
	var r wit.Type
	switch t := t.(type) {
	case *wit.List:
		r = &wit.List{Elem: part(t.Elem)}
	case *wit.FixedList:
		r = &wit.FixedList{Elem: part(t.Elem), Len: t.Len}
	case *wit.Map:
		r = &wit.Map{Key: part(t.Key), Value: part(t.Value)}
	case *wit.Option:
		r = &wit.Option{Elem: part(t.Elem)}
	case *wit.Result:
		r = &wit.Result{OK: part(t.OK), Err: part(t.Err)}
	case *wit.Stream:
		r = &wit.Stream{Elem: part(t.Elem)}
	case *wit.Future:
		r = &wit.Future{Elem: part(t.Elem)}
	case *wit.Own:
		r = &wit.Own{Resource: resource(t.Resource)}
	case *wit.Borrow:
		r = &wit.Borrow{Resource: resource(t.Resource)}
	case *wit.Tuple:
		c := &wit.Tuple{Elems: make([]wit.Type, len(t.Elems))}
		for i, e := range t.Elems {
			c.Elems[i] = part(e)
		}
		r = c
	case *wit.Record:
		c := &wit.Record{Fields: make([]wit.Field, len(t.Fields))}
		for i, f := range t.Fields {
			c.Fields[i] = wit.Field{Name: f.Name, Type: part(f.Type)}
		}
		r = c
	case *wit.Variant:
		c := &wit.Variant{Cases: make([]wit.Case, len(t.Cases))}
		for i, k := range t.Cases {
			c.Cases[i] = wit.Case{Name: k.Name, Type: part(k.Type)}
		}
		r = c
	}
	if !changed {
		return t
	}
	return r
}
