package component

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/wit"
)

// StubMode says what becomes of functions that components import and nobody provides.
type StubMode uint8

const (
	// NoStubs lets nothing be linked that is not whole. It is what a new linker does.
	NoStubs StubMode = iota

	// StubTraps lets a call of such a function trap, with [ErrStub] and the name of the
	// function.
	StubTraps

	// StubErrors lets such a function answer an error where its type has one that can be
	// made: the result has an error case that carries nothing, a string, an option, or an
	// enum or variant with a case such as not-supported. Others trap.
	StubErrors

	// standIns are those of Linker.StandIn.
	standIns
)

// A StandIn makes the code of a function that nobody provides, named as in
// `wasi:io/poll@0.2.12#poll`, and how tracers read it, nil where the type tells.
type StandIn func(name string, f *wit.Func) (HostFunc, Reading)

// StandIn lets every function that nobody provides be met by what make makes of it. What
// becomes of resources that nobody provides is the same as for [Linker.StubMissing], in
// whose place it is. Such a function may be called at any time, see [Interface.AnyTime]: its
// code knows when the one that it stands for was.
func (l *Linker) StandIn(make StandIn) {
	l.forget()
	l.stubs, l.standIn = standIns, make
}

// ErrStub is the cause of a trap in a function that nobody provides.
var ErrStub = errors.New("nobody provides this function, a stub stands in for it")

// StubMissing lets components be linked though nobody provides some of the functions that
// they import, by a version that lacks them or not at all. A function that is there with
// another type is not stubbed: that is an error still, and so is a core module or component
// that is missing. [Linker.Match] tells what is stubbed.
func (l *Linker) StubMissing(mode StubMode) {
	l.forget()
	l.stubs = mode
}

// A Stub is a function that nobody provides.
type Stub struct {
	// Func names it, as in `wasi:cli/exit@0.2.12#exit-with-code`.
	Func string

	// Answer is what it answers, `err(not-supported)`; empty where a call of it traps.
	Answer string
}

func (s Stub) String() string {
	if s.Answer == "" {
		return s.Func + " is a stub: it traps when it is called"
	}
	return s.Func + " is a stub: it answers " + s.Answer
}

// A stubs makes the stubs of a linkage.
type stubs struct {
	mode StubMode
	of   *linkage // in whose terms types are
	made []Stub
}

// stub is what meets something that is imported as path, where have does not meet all of
// it: have itself, if there is nothing to stand in for.
func (s *stubs) stub(path string, want *plan.Extern, have supply) supply {
	switch {
	case want.Sort == binary.SortInstance && (have == nil || have.sort() == want.Sort):
		return s.instance(path, want, have)
	case have != nil || satisfied(want):
		return have
	case want.Sort == binary.SortFunc:
		if s.mode == standIns {
			code, reading := s.of.linker.standIn(path, want.Func)
			s.made = append(s.made, Stub{path, "what stands in for it"})
			return stubFunc{of: s.of, f: want.Func, code: code, reading: reading}
		}
		code, answer := s.code(path, want.Func)
		s.made = append(s.made, Stub{path, answer})
		return stubFunc{of: s.of, f: want.Func, code: code}
	case declaresResource(want):
		return stubResource{def: want.Type, t: &cabi.ResourceType{Name: path}}
	}
	return nil
}

// instance adds to an instance what it lacks. One that is not there at all has nothing but
// stubs.
func (s *stubs) instance(path string, want *plan.Extern, have supply) supply {
	parts := map[string]supply{}
	for _, it := range want.Items {
		var there supply
		if have != nil {
			there = have.item(it.Name)
		}
		if there != nil && it.Sort != binary.SortInstance {
			continue
		}
		if part := s.stub(path+"#"+it.Name, it, there); part != nil {
			parts[it.Name] = part
		}
	}
	if len(parts) == 0 {
		return have
	}
	return &stubbed{have: have, path: path, parts: parts}
}

// stubbed is an instance with stubs for what it lacks.
type stubbed struct {
	none
	have  supply // what there is, or nil
	path  string
	parts map[string]supply // by the names of items
}

func (*stubbed) sort() binary.Sort { return binary.SortInstance }

func (s *stubbed) item(name string) supply {
	if part := s.parts[name]; part != nil {
		return part
	}
	if s.have != nil {
		return s.have.item(name)
	}
	return nil
}

func (s *stubbed) String() string {
	if s.have != nil {
		return s.have.String()
	}
	return s.path
}

// stubFunc is a function that nobody provides, of the type that is asked for.
type stubFunc struct {
	none
	of      *linkage
	f       *wit.Func
	code    HostFunc
	reading Reading // nil where the type tells all
}

func (stubFunc) sort() binary.Sort           { return binary.SortFunc }
func (s stubFunc) fn() (*wit.Func, HostFunc) { return s.f, s.code }
func (s stubFunc) String() string            { return s.f.Name }

func (s stubFunc) resource(def *wit.TypeDef) *cabi.ResourceType {
	slot, ok := s.of.slots[def.Root()]
	if !ok {
		return nil
	}
	return s.of.resources[slot]
}

// stubResource is a resource of which there is nothing, for nobody makes one.
type stubResource struct {
	none
	def *wit.TypeDef
	t   *cabi.ResourceType
}

func (stubResource) sort() binary.Sort                          { return binary.SortType }
func (s stubResource) typ() *wit.TypeDef                        { return s.def }
func (s stubResource) resource(*wit.TypeDef) *cabi.ResourceType { return s.t }
func (s stubResource) String() string                           { return s.def.Name }

// code is what a stub does, and its answer as text.
func (s *stubs) code(path string, f *wit.Func) (HostFunc, string) {
	trap := func(c *cabi.Call, _ []uint64) { c.Fail(ErrStub) }
	if s.mode != StubErrors || f.Result == nil {
		return trap, ""
	}
	result, ok := wit.Structure(f.Result).(*wit.Result)
	if !ok {
		return trap, ""
	}
	value, text, ok := errorValue(path, result.Err)
	codec, err := cabi.FuncCodecOf(f)
	if !ok || err != nil {
		return trap, ""
	}
	if text = "err(" + text + ")"; result.Err == nil {
		text = "err"
	}
	return func(c *cabi.Call, stack []uint64) {
		args := codec.LiftParams(c, stack, nil)
		for i, p := range f.Params {
			if err := s.of.dropOwned(c.Context(), p.Type, args[i]); err != nil {
				c.Fail(err)
			}
		}
		if err := codec.LowerResult(c, cabi.Result{IsErr: true, Value: value}, stack); err != nil {
			c.Fail(err)
		}
	}, text
}

// soft are the cases of errors that say nothing wrong of a function that is not
// there, the best first.
var soft = []string{
	"not-supported", "unsupported", "not-implemented", "unimplemented", "not-available", "unavailable",
	"internal-error", "internal", "other", "unknown",
}

// errorValue makes an error of a type, and tells it as text.
func errorValue(path string, t wit.Type) (value any, text string, ok bool) {
	switch t := wit.Structure(t).(type) {
	case nil:
		return nil, "", true
	case wit.Prim:
		if t == wit.String {
			s := "nobody provides " + path
			return s, strconv.Quote(s), true
		}
	case *wit.Option:
		if value, text, ok := errorValue(path, t.Elem); ok {
			return cabi.Some{Value: value}, "some(" + text + ")", true
		}
		return nil, "none", true
	case *wit.Enum:
		for _, label := range soft {
			if slices.Contains(t.Labels, label) {
				return label, label, true
			}
		}
	case *wit.Variant:
		for _, label := range soft {
			i := slices.IndexFunc(t.Cases, func(c wit.Case) bool { return c.Name == label })
			if i < 0 {
				continue
			}
			if t.Cases[i].Type == nil {
				return cabi.Variant{Case: label}, label, true
			}
			if value, text, ok := errorValue(path, t.Cases[i].Type); ok {
				return cabi.Variant{Case: label, Value: value}, label + "(" + text + ")", true
			}
		}
	}
	return nil, "", false
}

// dropOwned drops what is owned within a value that a guest has given away.
func (l *linkage) dropOwned(ctx context.Context, t wit.Type, v any) error {
	if v == nil {
		return nil
	}
	switch t := wit.Structure(t).(type) {
	case *wit.Own:
		return l.dropValue(ctx, t.Resource, v)
	case *wit.Option:
		if some, ok := v.(cabi.Some); ok {
			v = some.Value
		}
		return l.dropOwned(ctx, t.Elem, v)
	case *wit.Result:
		r := v.(cabi.Result)
		if r.IsErr {
			return l.dropOwned(ctx, t.Err, r.Value)
		}
		return l.dropOwned(ctx, t.OK, r.Value)
	case *wit.List:
		list, _ := v.([]any) // the others hold no resources
		return l.dropEach(ctx, list, func(int) wit.Type { return t.Elem })
	case *wit.Tuple:
		return l.dropEach(ctx, v.([]any), func(i int) wit.Type { return t.Elems[i] })
	case *wit.Record:
		fields := v.(map[string]any)
		var errs []error
		for _, f := range t.Fields {
			errs = append(errs, l.dropOwned(ctx, f.Type, fields[f.Name]))
		}
		return errors.Join(errs...)
	case *wit.Variant:
		held := v.(cabi.Variant)
		for _, c := range t.Cases {
			if c.Name == held.Case {
				return l.dropOwned(ctx, c.Type, held.Value)
			}
		}
	}
	return nil
}

func (l *linkage) dropEach(ctx context.Context, list []any, typ func(int) wit.Type) error {
	var errs []error
	for i, v := range list {
		errs = append(errs, l.dropOwned(ctx, typ(i), v))
	}
	return errors.Join(errs...)
}

func (l *linkage) dropValue(ctx context.Context, def *wit.TypeDef, v any) error {
	if r, ok := v.(*Resource); ok {
		return r.Drop(ctx)
	}
	slot, ok := l.slots[def.Root()]
	if !ok {
		return nil
	}
	if t := l.resources[slot]; t != nil && t.Drop != nil {
		return t.Drop(ctx, v)
	}
	return nil
}
