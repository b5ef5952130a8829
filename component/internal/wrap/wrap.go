package wrap

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// World is what modules may count on.
type World struct {
	// Serves has, by the module names that core modules import from, the functions that
	// the host offers: scalar ones, named as the imports are, with '-' for '_'.
	Serves map[string]*wit.Interface

	// Command is the interface whose function `run` a command exports.
	Command string
}

// An Error tells what keeps a core module from being a component.
type Error struct{ Msg string }

func (e *Error) Error() string { return e.Msg }

const (
	// maxProblems is how many imports that nobody serves are listed.
	maxProblems = 8

	// maxExports is how many functions a module may export that is no command.
	maxExports = 4096
)

// Component is the component that the core module stands for. Each import of the module has
// a name of its own; one that has not is followed by '#' and whatever. The error is an
// *[Error].
func Component(m *core.Module, w World) ([]byte, error) {
	s := &shape{module: m, world: w}
	if err := s.decide(); err != nil {
		return nil, err
	}
	return s.encode(), nil
}

// A shape is what a component will be made of.
type shape struct {
	module *core.Module
	world  World

	served  []*served // in the order in which they are first imported
	bytes   []byte    // of the module
	fixup   fixup
	memory  bool
	exports []scalarExport // of a module that is no command
}

// served is what is imported from one module name, in the order of the numbers in the shim,
// which begin with first.
type served struct {
	name  string
	funcs []*wit.Func
	names []string // as they are imported
	first int
}

type scalarExport struct {
	export string
	typ    *wit.Func
}

func (s *shape) decide() error {
	problems, more := s.imports()
	if more > 0 {
		problems = append(problems, fmt.Sprintf("and %d more", more))
	}
	if len(problems) > 0 {
		return &Error{strings.Join(problems, "; ")}
	}
	for _, x := range s.served {
		x.first = len(s.fixup.types)
		for _, f := range x.funcs {
			s.fixup.types = append(s.fixup.types, coreType(f))
		}
	}
	s.bytes = s.module.Bytes()
	if s.module.HasStart && len(s.fixup.types) > 0 {
		// The functions that it calls are not there before the fixup.
		name := s.unusedExport("start")
		s.bytes = s.module.DeferStart(name)
		s.fixup.calls = append(s.fixup.calls, name)
	}
	for _, e := range s.module.Exports {
		switch {
		case e.Name == "memory" && e.Kind == core.Memory:
			s.memory = true
		case e.Name == "_initialize" && s.plain(e):
			s.fixup.calls = append(s.fixup.calls, e.Name)
		case e.Name == "_start" && s.plain(e):
			s.fixup.run = e.Name
		}
	}
	if s.fixup.run == "" {
		return s.scalarExports()
	}
	return nil
}

// plain reports whether an export is a function without parameters and results.
func (s *shape) plain(e core.Export) bool {
	t, ok := s.module.FuncType(e.Index)
	return e.Kind == core.Func && ok && t.Equal(core.FuncType{})
}

func (s *shape) unusedExport(name string) string {
	taken := func(e core.Export) bool { return e.Name == name }
	for slices.ContainsFunc(s.module.Exports, taken) {
		name += "_"
	}
	return name
}

// imports sorts what the module imports, and says what nobody serves, of which it leaves
// more unsaid.
func (s *shape) imports() (problems []string, more int) {
	byName := map[string]*served{}
	for _, im := range s.module.Imports {
		f, problem := s.find(im)
		switch {
		case f != nil:
		case len(problems) < maxProblems:
			problems = append(problems, problem())
			continue
		default:
			more++
			continue
		}
		x := byName[im.Module]
		if x == nil {
			x = &served{name: im.Module}
			byName[im.Module] = x
			s.served = append(s.served, x)
		}
		x.funcs, x.names = append(x.funcs, f), append(x.names, im.Name)
	}
	return problems, more
}

// find is the function that is imported, or the problem.
func (s *shape) find(im core.Import) (*wit.Func, func() string) {
	field, _, _ := strings.Cut(im.Name, "#") // what follows tells it from another of the name
	problem := func(format string, args ...any) func() string {
		return func() string {
			return fmt.Sprintf("it imports %s %q", im.Kind, im.Module+"."+field) + fmt.Sprintf(format, args...)
		}
	}
	offer := s.world.Serves[im.Module]
	if offer == nil {
		return nil, problem(", which nothing serves")
	}
	f := offer.Func(strings.ReplaceAll(field, "_", "-"))
	if f == nil || im.Kind != core.Func || strings.Contains(field, "-") {
		return nil, problem(", which there is not")
	}
	have := s.module.Types[im.Type]
	if want := coreType(f); !want.Equal(have) {
		return nil, problem(" as %s, which is %s", have, want)
	}
	return f, nil
}

// scalars are the types of functions that the host serves, and of those that it exports.
var scalars = map[wit.Prim]struct{ code, core byte }{
	wit.S32: {0x7a, core.I32},
	wit.U32: {0x79, core.I32},
	wit.S64: {0x78, core.I64},
	wit.U64: {0x77, core.I64},
	wit.F32: {0x76, core.F32},
	wit.F64: {0x75, core.F64},
}

// coreType is the type of a scalar function when it is lowered.
func coreType(f *wit.Func) (t core.FuncType) {
	for _, p := range f.Params {
		t.Params = append(t.Params, scalars[p.Type.(wit.Prim)].core)
	}
	if f.Result != nil {
		t.Results = []byte{scalars[f.Result.(wit.Prim)].core}
	}
	return t
}

// scalarExports finds the functions of a reactor that can be called with numbers alone.
func (s *shape) scalarExports() error {
	seen := map[string]bool{}
	for _, e := range s.module.Exports {
		name := strings.ReplaceAll(e.Name, "_", "-")
		if e.Kind != core.Func || e.Name == "_initialize" || seen[name] || !isLabel(name) {
			continue
		}
		t, ok := s.module.FuncType(e.Index)
		if f := liftable(name, t); ok && f != nil {
			seen[name] = true
			s.exports = append(s.exports, scalarExport{e.Name, f})
		}
		if len(s.exports) > maxExports {
			return &Error{fmt.Sprintf("it exports more than %d functions", maxExports)}
		}
	}
	return nil
}

// liftable is a core function as a component function: numbers without a sign are not
// told from those with one, so they all have one.
func liftable(name string, t core.FuncType) *wit.Func {
	if len(t.Params) > cabi.MaxFlatParams || len(t.Results) > cabi.MaxFlatResults {
		return nil
	}
	f := &wit.Func{Name: name}
	for i, code := range t.Params {
		p := signed(code)
		if p == 0 {
			return nil
		}
		f.Params = append(f.Params, wit.Param{Name: "p" + strconv.Itoa(i), Type: p})
	}
	for _, code := range t.Results {
		p := signed(code)
		if p == 0 {
			return nil
		}
		f.Result = p
	}
	return f
}

func signed(code byte) wit.Prim {
	switch code {
	case core.I32:
		return wit.S32
	case core.I64:
		return wit.S64
	case core.F32:
		return wit.F32
	case core.F64:
		return wit.F64
	}
	return 0
}

// isLabel reports whether a name is a label of the component model in lower case: words
// that begin with a letter, with one '-' between them.
func isLabel(name string) bool {
	begins := true
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z':
			begins = false
		case '0' <= c && c <= '9' && !begins:
		case c == '-' && !begins:
			begins = true
		default:
			return false
		}
	}
	return !begins
}

// encode writes the component.
func (s *shape) encode() []byte {
	e := newEncoder(len(s.bytes))
	var lowered []int // functions of the host, by number
	var names []string
	for _, x := range s.served {
		instance := e.importInstance(ImportName(x.name), x.funcs)
		names = append(names, x.names...)
		for _, f := range x.funcs {
			lowered = append(lowered, e.aliasFunc(instance, f.Name))
		}
	}
	shim := -1
	var args []namedIndex
	if len(lowered) > 0 {
		shim = e.instantiate(e.module(shimModule(s.fixup.types, names)), nil)
		for _, x := range s.served {
			var items []namedIndex
			for i, name := range x.names {
				items = append(items, namedIndex{name, coreFunc, e.aliasCore(coreFunc, shim, strconv.Itoa(x.first+i))})
			}
			args = append(args, namedIndex{name: x.name, index: e.bundle(items)})
		}
	}
	main := e.instantiate(e.module(s.bytes), args)
	memory := -1
	if s.memory {
		memory = e.aliasCore(coreMemory, main, "memory")
	}
	var fixed []namedIndex
	if shim >= 0 {
		fill := []namedIndex{{tableName, coreTable, e.aliasCore(coreTable, shim, tableName)}}
		for i, f := range lowered {
			fill = append(fill, namedIndex{strconv.Itoa(i), coreFunc, e.lower(f, memory)})
		}
		fixed = append(fixed, namedIndex{name: fromShim, index: e.bundle(fill)})
	}
	fixed = append(fixed, namedIndex{name: fromMain, index: main})
	last := e.instantiate(e.module(s.fixup.module()), fixed)
	if s.fixup.run != "" {
		f := e.lift(e.aliasCore(coreFunc, last, runName), e.funcTypeGiving(e.resultType()))
		e.export(s.world.Command, sortInstance, e.inlineInstance("run", f), &e.instances)
	}
	for _, x := range s.exports {
		f := e.lift(e.aliasCore(coreFunc, main, x.export), e.funcType(x.typ))
		e.export(x.typ.Name, sortFunc, f, &e.funcs)
	}
	return e.out
}

// ImportName is the name under which a component imports what is served under a module
// name.
func ImportName(module string) string { return strings.ReplaceAll(module, "_", "-") }
