package wrap

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// An importedFunc meets an import by a function that the world imports: of an interface,
// or of the world itself.
type importedFunc struct {
	item  *wit.WorldItem
	f     *wit.Func
	needs needs
}

func (i importedFunc) late() bool { return i.needs.memory }

// A resourceFunc meets an import by a built-in of a resource.
type resourceFunc struct {
	def     *wit.TypeDef
	builtin builtin
	own     bool // the module exports the resource
}

func (resourceFunc) late() bool { return false }

// A destructor is an export of the module, which meets no import.
type destructor struct{ export string }

func (destructor) late() bool { return true }

var (
	oneParam  = core.FuncType{Params: []byte{core.I32}}
	oneToOne  = core.FuncType{Params: []byte{core.I32}, Results: []byte{core.I32}}
	builtinAs = map[builtin]core.FuncType{resourceDrop: oneParam, resourceNew: oneToOne, resourceRep: oneToOne}
)

// resolve finds what the world says of an import, or why it does not.
func (s *shape) resolve(module, field string) (supply, core.FuncType, string) {
	n, ok := readImport(module, field)
	if !ok {
		return nil, core.FuncType{}, ", which is no name of a component's import"
	}
	meets, typ, why := s.resolveName(n)
	if why != "" && later(field) {
		why = ", which is of asynchronous components, of WASI 0.3"
	}
	return meets, typ, why
}

func (s *shape) resolveName(n importName) (supply, core.FuncType, string) {
	fail := func(format string, args ...any) (supply, core.FuncType, string) {
		return nil, core.FuncType{}, fmt.Sprintf(format, args...)
	}
	item, verb := s.guest.Import(n.iface), "import"
	if n.exported {
		item, verb = s.guest.Export(n.iface), "export"
	}
	if n.iface == "" {
		return s.resolveRoot(n)
	}
	if item == nil || item.Interface == nil {
		return fail(", and the world that it carries %ss no interface %s", verb, n.iface)
	}
	if f := s.guest.Func(item.Interface, n.name); f != nil && !n.exported {
		typ, needs := s.abi.lowered(f)
		return importedFunc{item, f, needs}, typ, ""
	}
	if def := s.guest.Type(item.Interface, n.resource); def != nil && declares(def) && (n.exported || n.builtin == resourceDrop) {
		return resourceFunc{def, n.builtin, n.exported}, builtinAs[n.builtin], ""
	}
	what := fmt.Sprintf("function %s", n.name)
	if n.builtin != noBuiltin {
		what = fmt.Sprintf("resource %s", n.resource)
	}
	return fail(", and in the world that it carries %s has no %s", item.Name, what)
}

// resolveRoot is resolveName for what belongs to no interface.
func (s *shape) resolveRoot(n importName) (supply, core.FuncType, string) {
	if item := s.guest.Import(n.name); item != nil && item.Func != nil && !n.exported {
		typ, needs := s.abi.lowered(item.Func)
		return importedFunc{item, item.Func, needs}, typ, ""
	}
	if item := s.guest.Import(n.resource); item != nil && item.Type != nil && declares(item.Type) && n.builtin == resourceDrop && !n.exported {
		return resourceFunc{item.Type, n.builtin, false}, oneParam, ""
	}
	return nil, core.FuncType{}, fmt.Sprintf(", and the world that it carries imports no function %s", n.name)
}

// declares reports whether a resource comes into being with the definition.
func declares(def *wit.TypeDef) bool {
	_, ok := def.Type.(*wit.Resource)
	return ok
}

// worldExports are what of the module meets the exports of its world.
type worldExports struct {
	lifts map[*wit.Func]*lift
	dtors map[*wit.TypeDef]*link

	// runs tells whether the world exports what commands export; if the module has
	// `_start` alone for that, startAs is its name there.
	runs    bool
	startAs string
}

// A lift is a function of the world, and the exports that make it.
type lift struct {
	export, post, realloc string
	needs                 needs
}

// missesExports reports whether the module lacks a function that its world exports.
func (s *shape) missesExports() bool {
	missing := false
	s.eachExport(func(iface string, f *wit.Func) {
		missing = missing || s.exportOf(iface, f) == nil
	})
	return missing
}

func (s *shape) eachExport(do func(iface string, f *wit.Func)) {
	for _, it := range s.guest.Exports {
		switch {
		case it.Func != nil:
			do("", it.Func)
		case it.Interface != nil:
			for _, f := range it.Interface.Funcs {
				do(it.Name, f)
			}
		}
	}
}

// exportOf finds the export of a function of the world, by its names in any mangling.
func (s *shape) exportOf(iface string, f *wit.Func) *lift {
	for _, m := range manglings {
		name := m.function(iface, f.Name)
		if _, ok := s.exported[name]; !ok {
			continue
		}
		l := &lift{export: name}
		if _, ok := s.exported[m.post(name)]; ok {
			l.post = m.post(name)
		}
		return l
	}
	return nil
}

// liftExports finds an export for each function that the world exports, and lists those
// that are missing or of another type.
func (s *shape) liftExports() {
	s.lifts, s.dtors = map[*wit.Func]*lift{}, map[*wit.TypeDef]*link{}
	var problems problems
	command, _ := wit.ParseName(s.world.Command)
	s.eachExport(func(iface string, f *wit.Func) {
		n, _ := wit.ParseName(iface)
		run := iface != "" && n.Unversioned() == command.Unversioned() && f.Name == runName
		l := s.exportOf(iface, f)
		switch {
		case l != nil:
			s.runs = s.runs || run
			if why := s.fill(l, f); why != "" {
				problems.add(func() string { return why })
			}
			s.lifts[f] = l
		case run && s.plain(startName):
			s.startAs = iface
		default:
			problems.add(func() string { return s.missing(iface, f) })
		}
	})
	problems.refuse()
	for _, it := range s.guest.Exports {
		if it.Interface != nil {
			s.destructors(it)
		}
	}
}

func (s *shape) missing(iface string, f *wit.Func) string {
	name := legacy.function(iface, f.Name)
	of := ""
	if iface != "" {
		of = " of " + iface
	}
	msg := fmt.Sprintf("the world that it carries exports the function %s%s, and it has no export %q", f.Name, of, name)
	for _, prefix := range []string{"[async-lift]", "[async-lift-stackful]"} {
		if _, ok := s.exported[prefix+name]; ok {
			msg += fmt.Sprintf(", but %q, which is of asynchronous components, of WASI 0.3", prefix+name)
		}
	}
	return msg
}

// fill checks the types of the exports, and finds what else the function needs.
func (s *shape) fill(l *lift, f *wit.Func) (problem string) {
	want, needs := s.abi.lifted(f)
	if have := s.exported[l.export]; !have.Equal(want) {
		return fmt.Sprintf("it exports %q as %s, which is %s", l.export, have, want)
	}
	if l.post != "" {
		if have, want := s.exported[l.post], (core.FuncType{Params: want.Results}); !have.Equal(want) {
			return fmt.Sprintf("it exports %q as %s, which is %s", l.post, have, want)
		}
	}
	l.needs = needs
	if needs.realloc {
		l.realloc = s.allocator(true, fmt.Sprintf("the function %q, which it exports,", l.export))
	}
	return ""
}

// destructors finds those of the resources of an exported interface.
func (s *shape) destructors(it wit.WorldItem) {
	for _, def := range it.Interface.Types {
		if !declares(def) {
			continue
		}
		for _, m := range manglings {
			name := m.dtor(it.Name, def.Name)
			have, ok := s.exported[name]
			if !ok {
				continue
			}
			if !have.Equal(oneParam) {
				refuse("it exports %q as %s, which is %s", name, have, oneParam)
			}
			l := &link{name: name, typ: oneParam, meets: destructor{name}}
			s.through(l)
			s.dtors[def] = l
			break
		}
	}
}
