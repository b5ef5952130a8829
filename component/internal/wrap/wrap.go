package wrap

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/component/internal/embed"
	"github.com/tenon-wasm/tenon/component/internal/validate"
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
	// maxProblems is how many imports that nobody serves, and exports that are missing,
	// are listed.
	maxProblems = 8

	// maxExports is how many functions a module may export that is no command.
	maxExports = 4096
)

// Component is the component that the core module stands for. Each import of the module has
// a name of its own; one that has not is followed by '#' and whatever. The error is an
// *[Error].
func Component(m *core.Module, w World) (out []byte, err error) {
	defer catch(&err)
	s := &shape{module: m, world: w}
	s.decide()
	out, _ = s.encode(s.bytes)
	if s.guest != nil {
		s.check(decoded(out))
	}
	return out, nil
}

// Syntax is what decoding of [Component] gives, but for places, without a copy of the module,
// which may be all that is large.
func Syntax(m *core.Module, w World) (c *binary.Component, err error) {
	defer catch(&err)
	s := &shape{module: m, world: w}
	s.decide()
	// The module takes the place of an empty one: decoding does not look into it.
	out, main := s.encode([]byte(core.Preamble))
	c = decoded(out)
	c.Size += len(s.bytes) - len(core.Preamble)
	for _, d := range c.Defs {
		if d, ok := d.(*binary.CoreModule); ok {
			if main == 0 {
				d.Bytes = s.bytes
			}
			main--
		}
	}
	if s.guest != nil {
		s.check(c)
	}
	return c, nil
}

// decoded is a component that was just written.
func decoded(out []byte) *binary.Component {
	c, err := binary.Decode(out)
	if err != nil {
		refuse("the world that it carries makes no component: %v", err)
	}
	return c
}

// refuse gives up with an *[Error], which Component answers.
func refuse(format string, args ...any) { panic(&Error{fmt.Sprintf(format, args...)}) }

// catch makes an error of what refuse gave up with.
func catch(err *error) {
	r := recover()
	if r == nil {
		return
	}
	e, ok := r.(*Error)
	if !ok {
		panic(r)
	}
	*err = e
}

// A shape is what a component will be made of.
type shape struct {
	module *core.Module
	world  World
	guest  *embed.World // the module's own, or nil
	abi    abi

	bytes    []byte                   // of the module
	exported map[string]core.FuncType // what it exports
	links    []*link                  // one for each import of the module
	served   []string                 // what the links of the host are imported from, each once
	shim     []*link                  // those that go through the shim, by number
	fixup    fixup
	exports  []scalarExport // of a module that has no world and is no command
	worldExports
}

// A link is what meets an import of the module, or a destructor, which a resource has
// before there is the module that exports it.
type link struct {
	module, name string
	typ          core.FuncType
	meets        supply
	slot         int // number in the shim, or -1
}

// A supply makes the core function that meets an import.
type supply interface {
	core(c *composer) int
	// late tells whether it takes the memory of the module, or another of its exports.
	late() bool
}

type scalarExport struct {
	export string
	typ    *wit.Func
}

func (s *shape) decide() {
	s.exported = map[string]core.FuncType{}
	for _, e := range s.module.Exports {
		if t, ok := s.module.FuncType(e.Index); ok && e.Kind == core.Func {
			s.exported[e.Name] = t
		}
	}
	s.chooseGuest()
	s.special()
	s.imports()
	if s.guest != nil {
		s.liftExports()
	}
	for _, l := range s.shim {
		s.fixup.types = append(s.fixup.types, l.typ)
	}
	s.bytes = s.module.Bytes()
	if s.module.HasStart && len(s.shim) > 0 {
		// The functions that it calls are not there before the fixup.
		name := s.unusedExport("start")
		s.bytes = s.module.DeferStart(name).Bytes()
		s.fixup.calls = append([]string{name}, s.fixup.calls...)
	}
	switch {
	case s.guest != nil && s.runs:
	case s.plain(startName):
		s.fixup.run = startName
	case s.guest == nil:
		s.scalarExports()
	}
}

// taskHook is what modules with threads have called around each of their tasks.
const taskHook = "__wasm_task_hook"

// special finds the exports that are not for the component's world.
func (s *shape) special() {
	for _, m := range manglings {
		if m == &standard && s.guest == nil {
			break
		}
		if t, ok := s.exported[taskHook]; ok && s.guest != nil && t.Equal(oneParam) {
			refuse("it exports %q, which is of threads, of WASI 0.3", taskHook)
		}
		if s.plain(m.initialize) {
			s.fixup.calls = append(s.fixup.calls, m.initialize)
		}
		memory := func(e core.Export) bool { return e.Kind == core.Memory && e.Name == m.memory }
		if slices.ContainsFunc(s.module.Exports, memory) {
			if s.abi.memory != "" {
				refuse("it exports two memories, %q and %q", s.abi.memory, m.memory)
			}
			s.abi.memory = m.memory
		}
	}
}

// startName is what a command exports.
const startName = "_start"

// chooseGuest reads the module's own world. Bindings that a program was linked with and does
// not use leave their world in it, too: a command that imports nothing of it, and does not
// export what it says, has none.
func (s *shape) chooseGuest() {
	alone := s.plain(startName)
	for _, im := range s.module.Imports {
		alone = alone && s.world.Serves[im.Module] != nil
	}
	w, err := embed.Read(s.module)
	switch {
	case err != nil && !alone:
		refuse("%v", err)
	case err != nil || w == nil:
		return
	}
	s.guest = w
	if alone && (len(w.Exports) == 0 || s.missesExports()) {
		s.guest = nil
	}
}

// plain reports whether it exports a function of that name without parameters and results.
func (s *shape) plain(name string) bool {
	t, ok := s.exported[name]
	return ok && t.Equal(core.FuncType{})
}

func (s *shape) unusedExport(name string) string {
	taken := func(e core.Export) bool { return e.Name == name }
	for slices.ContainsFunc(s.module.Exports, taken) {
		name += "_"
	}
	return name
}

// imports finds what meets each import of the module, and lists what nothing does.
func (s *shape) imports() {
	var problems problems
	for _, im := range s.module.Imports {
		l, problem := s.find(im)
		if problem != nil {
			problems.add(problem)
			continue
		}
		if l.meets.late() {
			s.through(l)
		}
		s.links = append(s.links, l)
	}
	problems.refuse()
}

// through lets a link go through the shim.
func (s *shape) through(l *link) {
	l.slot = len(s.shim)
	s.shim = append(s.shim, l)
}

// find is what meets an import, or the problem.
func (s *shape) find(im core.Import) (*link, func() string) {
	field, _, _ := strings.Cut(im.Name, "#") // what follows tells it from another of the name
	l := &link{module: im.Module, name: im.Name, slot: -1}
	var why string
	switch {
	case s.world.Serves[im.Module] != nil:
		l.meets, l.typ, why = s.serve(im.Module, field, im.Kind)
	case s.guest == nil:
		why = ", which nothing serves"
	case im.Kind != core.Func:
		why = ", where a component has functions alone"
	default:
		l.meets, l.typ, why = s.resolve(im.Module, field)
	}
	if why == "" {
		if have := s.module.Types[im.Type]; !have.Equal(l.typ) {
			why = fmt.Sprintf(" as %s, which is %s", have, l.typ)
		}
	}
	if why != "" {
		return nil, func() string {
			return fmt.Sprintf("it imports %s %q", im.Kind, im.Module+"."+field) + why
		}
	}
	return l, nil
}

// problems are told together, those beyond maxProblems by their number.
type problems struct {
	said []string
	more int
}

func (p *problems) add(say func() string) {
	if len(p.said) < maxProblems {
		p.said = append(p.said, say())
		return
	}
	p.more++
}

func (p *problems) refuse() {
	if p.more > 0 {
		p.said = append(p.said, fmt.Sprintf("and %d more", p.more))
	}
	if len(p.said) > 0 {
		refuse("%s", strings.Join(p.said, "; "))
	}
}

// check looks at what was made of a world that the module brings: what is wrong with that
// should not be told by its place in a component that nobody has.
func (s *shape) check(c *binary.Component) {
	_, err := validate.Component(c)
	var wrong *validate.Error
	switch {
	case errors.As(err, &wrong):
		refuse("the world that it carries makes no component: %s", wrong.Msg)
	case err != nil:
		refuse("the world that it carries makes no component: %v", err)
	}
}

// ImportName is the name under which a component imports what is served under a module
// name.
func ImportName(module string) string { return strings.ReplaceAll(module, "_", "-") }
