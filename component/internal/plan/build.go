package plan

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// A planner holds the plan while it grows. It gives up by panicking with a
// failure, which Build recovers.
type planner struct {
	plan      *Plan
	resources map[*wit.TypeDef]int
	modules   map[*binary.CoreModule]*coreModule
	used      map[*coreModule]bool // those that something instantiates
	linked    map[string]int       // rewritten modules by shape
	options   map[optionsKey]int
	values    *validate.Values
	layouts   cabi.Layouts
	traits    map[wit.Type]traits
	names     map[*wit.TypeDef]int // how often a type was named again
	written   map[*binary.Component]*names
	given     Given
	root      *binary.Component

	// homes are types of exported interfaces, by their definitions inside.
	homes map[*wit.TypeDef]*wit.TypeDef

	// defining is the offset of the type that values evaluates.
	defining int

	// What is needed to let core code call core code, see direct.go. Definitions of
	// canon lower are numbered as they come; scalar are those of scalar functions,
	// with their trampolines. direct and holds are what an earlier plan of the same
	// component has shown.
	lowers int
	scalar map[int]int
	direct map[int]bool
	holds  map[int]bool
	tags   bool // a core module has exception tags
	glue   *glue

	// started tells whether a core instance so far has a start function, which may
	// have run anything that the instances before it export.
	started bool

	size        int // of the component
	work, limit int
	depth       int
	shown       int // weight of the world so far
	linkedBytes int
}

type failure struct{ err error }

// Build plans a valid component, with what is given for its imports; given may be nil.
// The error is a *[validate.Error], for what is too large, or a *[validate.Unsupported];
// what can be inspected but not run is in Plan.Unsupported instead. Of a component that
// is not valid there is an error, or a plan that is not to be run.
func Build(c *binary.Component, given Given) (*Plan, error) {
	return buildPlan(c, given, false)
}

// BuildThroughHost is Build for those who want to see what components call of each other:
// no core code calls that of another component directly.
func BuildThroughHost(c *binary.Component, given Given) (*Plan, error) {
	return buildPlan(c, given, true)
}

func buildPlan(c *binary.Component, given Given, throughHost bool) (*Plan, error) {
	p := newPlanner(c, given)
	if err := p.build(c); err != nil || p.plan.Unsupported != nil || p.plan.Open || throughHost {
		return p.plan, err
	}
	direct := p.directCalls()
	if len(direct) == 0 {
		return p.plan, nil
	}
	again := newPlanner(c, given)
	again.direct, again.holds = direct, p.held()
	again.plan.Direct = true
	return again.plan, again.build(c)
}

func newPlanner(c *binary.Component, given Given) *planner {
	p := &planner{
		homes:     map[*wit.TypeDef]*wit.TypeDef{},
		plan:      &Plan{},
		resources: map[*wit.TypeDef]int{},
		modules:   map[*binary.CoreModule]*coreModule{},
		used:      map[*coreModule]bool{},
		linked:    map[string]int{},
		options:   map[optionsKey]int{},
		traits:    map[wit.Type]traits{},
		names:     map[*wit.TypeDef]int{},
		written:   map[*binary.Component]*names{},
		given:     given,
		root:      c,
		size:      c.Size,
		scalar:    map[int]int{},
		glue:      &glue{},
		limit:     maxWork,
	}
	p.values = validate.NewValues(func(n int) { p.spend(p.defining, n) })
	return p
}

func (p *planner) build(c *binary.Component) (err error) {
	defer p.recovered(&err)
	s := &scope{component: p.newComponent(-1, "")}
	exports := p.walk(s, c, nil)
	p.finish(exports)
	return nil
}

// recovered makes an error of a failure.
func (p *planner) recovered(err *error) {
	r := recover()
	f, ok := r.(failure)
	switch {
	case ok && p.plan.Unsupported != nil:
		// What the host lacks comes first.
		*err = p.plan.Unsupported
	case ok:
		*err = f.err
	case r != nil:
		panic(r)
	}
}

func (p *planner) fail(err error) { panic(failure{err}) }

func (p *planner) invalid(at int, format string, args ...any) {
	p.fail(&validate.Error{Offset: at, Msg: fmt.Sprintf(format, args...)})
}

// expect gives up on what validation would not have let through. What the rules of
// validation are is said there; the planner is only kept from harm.
func (p *planner) expect(at int, ok bool) {
	if !ok {
		p.invalid(at, notValid)
	}
}

const notValid = "a rule of validation is broken here"

// unsupported notes a feature that can be inspected, not run.
func (p *planner) unsupported(at int, format string, args ...any) {
	if p.plan.Unsupported == nil {
		p.plan.Unsupported = &validate.Unsupported{Offset: at, Feature: fmt.Sprintf(format, args...)}
	}
}

func (p *planner) newComponent(parent int, name string) int {
	p.plan.Components = append(p.plan.Components, parent)
	p.plan.Names = append(p.plan.Names, name)
	return len(p.plan.Components) - 1
}
