package forward

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/cabi"
	p "github.com/tenon-wasm/tenon/internal/pieces"
	"github.com/tenon-wasm/tenon/wit"
)

// A scope is an index space of types: the component's, or that of an instance type.
type scope struct {
	named  func(*wit.TypeDef) int // the index of a type with a name
	define func(string) int       // adds a definition
	done   map[wit.Type]int       // types without a name
}

// value is a type where a value type stands.
func (s *scope) value(t wit.Type) string {
	switch t := t.(type) {
	case wit.Prim:
		return prim(t)
	case *wit.TypeDef:
		if t.IsResource() {
			return s.value(&wit.Own{Resource: t})
		}
		return p.Index(s.named(t))
	}
	n, ok := s.done[t]
	if !ok {
		n = s.define(s.structure(t))
		s.done[t] = n
	}
	return p.Index(n)
}

func (s *scope) optional(t wit.Type) string {
	if t == nil {
		return "\x00"
	}
	return "\x01" + s.value(t)
}

func prim(t wit.Prim) string {
	if t == wit.ErrorContext {
		return "\x64"
	}
	return string([]byte{0x7f - byte(t-wit.Bool)})
}

// structure is the definition of a type.
func (s *scope) structure(t wit.Type) string {
	switch t := t.(type) {
	case wit.Prim:
		return prim(t)
	case *wit.Record:
		return "\x72" + p.Each(len(t.Fields), func(i int) string { return p.Name(t.Fields[i].Name) + s.value(t.Fields[i].Type) })
	case *wit.Variant:
		return "\x71" + p.Each(len(t.Cases), func(i int) string {
			return p.Name(t.Cases[i].Name) + s.optional(t.Cases[i].Type) + "\x00"
		})
	case *wit.List:
		return "\x70" + s.value(t.Elem)
	case *wit.Tuple:
		return "\x6f" + p.Each(len(t.Elems), func(i int) string { return s.value(t.Elems[i]) })
	case *wit.Flags:
		return "\x6e" + p.Each(len(t.Labels), func(i int) string { return p.Name(t.Labels[i]) })
	case *wit.Enum:
		return "\x6d" + p.Each(len(t.Labels), func(i int) string { return p.Name(t.Labels[i]) })
	case *wit.Option:
		return "\x6b" + s.value(t.Elem)
	case *wit.Result:
		return "\x6a" + s.optional(t.OK) + s.optional(t.Err)
	case *wit.Own:
		return "\x69" + p.Uint(s.named(t.Resource))
	case *wit.Borrow:
		return "\x68" + p.Uint(s.named(t.Resource))
	}
	panic(unable(fmt.Sprintf("no encoding of %v", t)))
}

// function is a function type.
func (s *scope) function(f *wit.Func) string {
	if f.Async {
		panic(unable(f.Name + " is async"))
	}
	params := p.Each(len(f.Params), func(i int) string { return p.Name(f.Params[i].Name) + s.value(f.Params[i].Type) })
	if f.Result == nil {
		return "\x40" + params + "\x01\x00"
	}
	return "\x40" + params + "\x00" + s.value(f.Result)
}

// instanceType is the type of an interface: its types in an order in which each one
// stands before it is used, then its functions if the guest wants them.
func (b *builder) instanceType(i *wit.Interface) string {
	var decls []string
	count := 0
	named := map[*wit.TypeDef]int{}
	add := func(decl string) int {
		decls = append(decls, decl)
		count++
		return count - 1
	}
	s := &scope{done: map[wit.Type]int{}}
	s.define = func(t string) int { return add("\x01" + t) }
	s.named = func(def *wit.TypeDef) int {
		if n, ok := named[def]; ok {
			return n
		}
		var bound string
		from, alias := def.Type.(*wit.TypeDef)
		switch {
		case def.Interface != i:
			// A root that the interface has under a name of its own.
			for _, own := range i.Types {
				if own.Root() == def.Root() {
					return s.named(own)
				}
			}
			return add("\x02" + sortType + "\x02\x01" + p.Uint(b.alias(def)))
		case alias && from.Interface != i:
			bound = "\x00" + p.Uint(add("\x02"+sortType+"\x02\x01"+p.Uint(b.alias(from))))
		case alias:
			bound = "\x00" + p.Uint(s.named(from))
		case def.IsResource():
			bound = "\x01"
		default:
			bound = "\x00" + p.Uint(s.define(s.structure(def.Type)))
		}
		named[def] = add("\x04\x00" + p.Name(def.Name) + sortType + bound)
		return named[def]
	}
	for _, def := range i.Types {
		s.named(def)
	}
	if b.wanted[i] {
		for _, f := range i.Funcs {
			t := s.define(s.function(f))
			decls = append(decls, "\x04\x00"+p.Name(f.Name)+sortFunc+p.Uint(t))
		}
	}
	return "\x42" + p.Vec(decls...)
}

// holdsBorrow reports whether a borrow is somewhere in a type.
func holdsBorrow(t wit.Type) bool {
	if t == nil {
		return false
	}
	switch t := wit.Structure(t).(type) {
	case *wit.Borrow:
		return true
	case *wit.List:
		return holdsBorrow(t.Elem)
	case *wit.Option:
		return holdsBorrow(t.Elem)
	case *wit.Result:
		return holdsBorrow(t.OK) || holdsBorrow(t.Err)
	case *wit.Tuple:
		for _, e := range t.Elems {
			if holdsBorrow(e) {
				return true
			}
		}
	case *wit.Record:
		for _, f := range t.Fields {
			if holdsBorrow(f.Type) {
				return true
			}
		}
	case *wit.Variant:
		for _, c := range t.Cases {
			if holdsBorrow(c.Type) {
				return true
			}
		}
	}
	return false
}

// flat are the core types of a parameter.
func flat(t wit.Type) []cabi.CoreType {
	lay, err := new(cabi.Layouts).Of(t)
	if err != nil {
		panic(unable(err.Error()))
	}
	return lay.Flat
}
