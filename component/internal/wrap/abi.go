package wrap

import (
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// abi knows what functions are as core functions, and what the canonical ABI needs of the
// module to call them.
type abi struct {
	layouts cabi.Layouts
	held    map[wit.Type]contents
	memory  string // the export, or empty
}

// contents is what a type holds.
type contents struct {
	memory  bool // a list or a string, which stand in memory
	strings bool
}

func (c contents) and(d contents) contents {
	return contents{c.memory || d.memory, c.strings || d.strings}
}

// needs are the canonical options of a function.
type needs struct{ memory, realloc, encoding bool }

// lowered is a function as the module imports it.
func (a *abi) lowered(f *wit.Func) (core.FuncType, needs) {
	sig := a.signature(f, cabi.Lower)
	in, out := a.crossing(f)
	return coreFuncType(sig), needs{
		memory:   in.memory || out.memory || sig.ParamsSpilled || sig.ResultSpilled,
		realloc:  out.memory,
		encoding: in.strings || out.strings,
	}
}

// lifted is a function as the module exports it.
func (a *abi) lifted(f *wit.Func) (core.FuncType, needs) {
	sig := a.signature(f, cabi.Lift)
	in, out := a.crossing(f)
	return coreFuncType(sig), needs{
		memory:   in.memory || out.memory || sig.ParamsSpilled || sig.ResultSpilled,
		realloc:  in.memory || sig.ParamsSpilled,
		encoding: in.strings || out.strings,
	}
}

func (a *abi) signature(f *wit.Func, dir cabi.Direction) cabi.CoreSignature {
	check := func(t wit.Type) {
		if _, err := a.layouts.Of(t); err != nil {
			refuse("the function %q of the world that it carries: %v", f.Name, err)
		}
	}
	for _, p := range f.Params {
		check(p.Type)
	}
	if f.Result != nil {
		check(f.Result)
	}
	return a.layouts.FlattenFunc(f, dir)
}

func coreFuncType(sig cabi.CoreSignature) (t core.FuncType) {
	for _, p := range sig.Params {
		t.Params = append(t.Params, byte(p))
	}
	for _, r := range sig.Results {
		t.Results = append(t.Results, byte(r))
	}
	return t
}

// crossing is what the parameters and the result of a function hold.
func (a *abi) crossing(f *wit.Func) (in, out contents) {
	for _, p := range f.Params {
		in = in.and(a.contents(p.Type))
	}
	if f.Result != nil {
		out = a.contents(f.Result)
	}
	return in, out
}

func (a *abi) contents(t wit.Type) contents {
	switch t := t.(type) {
	case wit.Prim:
		return contents{t == wit.String, t == wit.String}
	case *wit.Own, *wit.Borrow, *wit.Stream, *wit.Future, *wit.Resource:
		return contents{}
	case *wit.TypeDef:
		return a.contents(t.Type)
	}
	if c, ok := a.held[t]; ok {
		return c
	}
	var c contents
	switch t.(type) {
	case *wit.List, *wit.Map:
		c.memory = true
	}
	validate.EachPart(t, func(part wit.Type) { c = c.and(a.contents(part)) })
	if a.held == nil {
		a.held = map[wit.Type]contents{}
	}
	a.held[t] = c
	return c
}

// allocator is the function that makes room in the memory of the module; who tells what
// needs it.
func (s *shape) allocator(export bool, who string) string {
	for _, m := range manglings {
		names := m.realloc
		if export {
			names = m.exportRealloc
		}
		for _, name := range names {
			t, ok := s.exported[name]
			if !ok {
				continue
			}
			want := core.FuncType{Params: []byte{core.I32, core.I32, core.I32, core.I32}, Results: []byte{core.I32}}
			if !t.Equal(want) {
				refuse("it exports %q as %s, which has to be %s", name, t, want)
			}
			return name
		}
	}
	refuse("%s needs room in its memory, and it exports no function %q", who, "cabi_realloc")
	return ""
}
