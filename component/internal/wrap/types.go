package wrap

import (
	"encoding/binary"

	"github.com/tenon-wasm/tenon/wit"
)

// A space is an index space of types that grows as types are asked for: that of the
// component, of an instance type, or of a nested component.
type space struct {
	// define adds the definition of a type, name that of one that has a name.
	define func(body []byte) int
	name   func(def *wit.TypeDef) int

	seen map[wit.Type]int
	log  []wit.Type // in the order in which they were first seen
}

// forget makes types unseen that were first seen since the log was that long.
func (s *space) forget(mark int) {
	for _, t := range s.log[mark:] {
		delete(s.seen, t)
	}
	s.log = s.log[:mark]
}

func (s *space) index(t wit.Type) int {
	if i, ok := s.seen[t]; ok {
		return i
	}
	var i int
	switch t := t.(type) {
	case *wit.TypeDef:
		i = s.name(t)
	case wit.Prim:
		i = s.define([]byte{primCode(t)})
	default:
		i = s.define(s.body(t))
	}
	s.seen[t] = i
	s.log = append(s.log, t)
	return i
}

// primCode is the code of a primitive type.
func primCode(p wit.Prim) byte {
	if p == wit.ErrorContext {
		return 0x64
	}
	return 0x80 - byte(p) // bool is 0x7f, and so on downward
}

// value writes a reference to a value type.
func (s *space) value(out []byte, t wit.Type) []byte {
	if p, ok := t.(wit.Prim); ok {
		return append(out, primCode(p))
	}
	return appendSigned(out, s.index(t))
}

// appendSigned writes an index where a negative number would be a primitive type.
func appendSigned(out []byte, n int) []byte {
	for n >= 0x40 {
		out = append(out, byte(n)|0x80)
		n >>= 7
	}
	return append(out, byte(n))
}

func (s *space) optional(out []byte, t wit.Type) []byte {
	if t == nil {
		return append(out, 0x00)
	}
	return s.value(append(out, 0x01), t)
}

// body is the definition of a structural type, after those of its parts.
func (s *space) body(t wit.Type) []byte {
	switch t := t.(type) {
	case *wit.Record:
		out := appendIndex([]byte{0x72}, len(t.Fields))
		for _, f := range t.Fields {
			out = s.value(appendName(out, f.Name), f.Type)
		}
		return out
	case *wit.Variant:
		out := appendIndex([]byte{0x71}, len(t.Cases))
		for _, c := range t.Cases {
			out = append(s.optional(appendName(out, c.Name), c.Type), 0x00)
		}
		return out
	case *wit.List:
		return s.value([]byte{0x70}, t.Elem)
	case *wit.Tuple:
		out := appendIndex([]byte{0x6f}, len(t.Elems))
		for _, e := range t.Elems {
			out = s.value(out, e)
		}
		return out
	case *wit.Flags:
		return appendLabels([]byte{0x6e}, t.Labels)
	case *wit.Enum:
		return appendLabels([]byte{0x6d}, t.Labels)
	case *wit.Option:
		return s.value([]byte{0x6b}, t.Elem)
	case *wit.Result:
		return s.optional(s.optional([]byte{0x6a}, t.OK), t.Err)
	case *wit.Own:
		return appendIndex([]byte{0x69}, s.index(t.Resource))
	case *wit.Borrow:
		return appendIndex([]byte{0x68}, s.index(t.Resource))
	case *wit.FixedList:
		return binary.AppendUvarint(s.value([]byte{0x67}, t.Elem), uint64(t.Len))
	case *wit.Stream:
		return s.optional([]byte{0x66}, t.Elem)
	case *wit.Future:
		return s.optional([]byte{0x65}, t.Elem)
	case *wit.Map:
		return s.value(s.value([]byte{0x63}, t.Key), t.Value)
	}
	refuse("the world that it carries has a %T where a value is", t)
	return nil
}

func appendLabels(out []byte, labels []string) []byte {
	out = appendIndex(out, len(labels))
	for _, l := range labels {
		out = appendName(out, l)
	}
	return out
}

// fn defines the type of a function.
func (s *space) fn(f *wit.Func) int {
	code := byte(0x40)
	if f.Async {
		code = 0x43
	}
	if f.Resource != nil && f.Kind == wit.Static { // which need not mention it
		s.index(f.Resource)
	}
	out := appendIndex([]byte{code}, len(f.Params))
	for _, p := range f.Params {
		out = s.value(appendName(out, p.Name), p.Type)
	}
	if f.Result == nil {
		return s.define(append(out, 0x01, 0x00))
	}
	return s.define(s.value(append(out, 0x00), f.Result))
}

// instanceType is an instance type while it is written. It refers to what is around it by
// outer.
type instanceType struct {
	space
	of    *wit.Interface
	outer func(def *wit.TypeDef) int
	decls []byte
	n     int // declarations
	types int
	pay   func(n int)
}

func newInstanceType(of *wit.Interface, outer func(*wit.TypeDef) int, pay func(int)) *instanceType {
	t := &instanceType{of: of, outer: outer, pay: pay}
	t.space = space{define: t.add, name: t.declare, seen: map[wit.Type]int{}}
	return t
}

func (t *instanceType) add(body []byte) int {
	t.pay(len(body))
	t.decls = append(append(t.decls, 0x01), body...)
	t.n++
	return next(&t.types)
}

// declare exports a type of the interface, or finds one of another outside.
func (t *instanceType) declare(def *wit.TypeDef) int {
	if def.Interface != t.of {
		t.decls = appendIndex(append(t.decls, 0x02, sortType, 0x02, 0x01), t.outer(def))
		t.n++
		return next(&t.types)
	}
	if declares(def) {
		return t.export(def.Name, []byte{sortType, 0x01}, &t.types)
	}
	i := t.index(def.Type)
	return t.export(def.Name, appendIndex([]byte{sortType, 0x00}, i), &t.types)
}

func (t *instanceType) export(name string, typ []byte, counter *int) int {
	t.decls = append(appendName(append(t.decls, 0x04, 0x00), name), typ...)
	t.n++
	return next(counter)
}

func (t *instanceType) exportFunc(f *wit.Func) {
	var uncounted int
	t.export(f.Name, appendIndex([]byte{sortFunc}, t.fn(f)), &uncounted)
}

func (t *instanceType) bytes() []byte { return append(appendIndex([]byte{0x42}, t.n), t.decls...) }
