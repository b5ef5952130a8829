package component

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/wit"
)

// Linker holds what a host offers and matches it with what components import: by
// the exact name first, else by the highest version on the same track (`0.2`,
// `1`), in either direction. Define everything, then instantiate; after that it
// may be used by several goroutines.
type Linker struct {
	runtime   *Runtime
	offers    map[string]*Interface // by name with version
	names     []wit.Name            // of the offers
	funcs     map[string]offeredFunc
	resources map[*wit.TypeDef]*cabi.ResourceType

	// last spares instances of one component the type check again.
	last atomic.Pointer[answer]
}

type offeredFunc struct {
	typ  *wit.Func
	code HostFunc
}

// NewLinker makes a linker that offers nothing.
func NewLinker(r *Runtime) *Linker {
	return &Linker{
		runtime:   r,
		offers:    map[string]*Interface{},
		funcs:     map[string]offeredFunc{},
		resources: map[*wit.TypeDef]*cabi.ResourceType{},
	}
}

// Define offers an interface. One of the same name that was offered before is
// replaced. It fails if a function of the interface has no code, or a resource that it
// declares no run-time type.
func (l *Linker) Define(i *Interface) error {
	name := i.Type.Name
	for _, f := range i.Type.Funcs {
		if i.Funcs[f.Name] == nil {
			return fmt.Errorf("component: %s offers no code for its function %s", name, f.Name)
		}
	}
	for _, def := range i.Type.Types {
		if _, declared := def.Type.(*wit.Resource); declared && i.Resources[def.Name] == nil {
			return fmt.Errorf("component: %s offers no run-time type for its resource %s", name, def.Name)
		}
	}
	for n, t := range i.Resources {
		def := i.Type.Type(n)
		if def == nil || !def.IsResource() {
			return fmt.Errorf("component: %s declares no resource %s", name, n)
		}
		l.resources[def.Root()] = t
	}
	l.last.Store(nil)
	if l.offers[name.String()] == nil {
		l.names = append(l.names, name)
	}
	l.offers[name.String()] = i
	return nil
}

// DefineFunc offers a function that components import by itself, outside of any
// interface.
func (l *Linker) DefineFunc(f *wit.Func, code HostFunc) {
	l.last.Store(nil)
	l.funcs[f.Name] = offeredFunc{f, code}
}

// Quality tells how well an import is met.
type Quality uint8

const (
	Missing    Quality = iota // not met, or by something of another type
	Exact                     // by the interface of that name and version
	Compatible                // by another version of the same track
)

func (q Quality) String() string {
	return [...]string{"missing", "exact", "compatible"}[q]
}

// Match tells by what an import of a component is met, or why it is not.
type Match struct {
	// Import is the name as the component has it.
	Import string

	Quality Quality

	// Offer is the name of the interface that meets it, empty where there is none.
	Offer string

	// Reason tells why a Missing import is missing.
	Reason string
}

func (m Match) String() string {
	switch m.Quality {
	case Missing:
		return m.Import + ": " + m.Reason
	case Compatible:
		return m.Import + ": met by " + m.Offer
	}
	return m.Import + ": met"
}

// Match tells, for every import of c in order, by what it would be met.
func (l *Linker) Match(c *Component) []Match {
	_, matches := l.linked(c)
	return slices.Clone(matches)
}

// linked is link for a component; the last answer is kept.
func (l *Linker) linked(c *Component) (*linkage, []Match) {
	if last := l.last.Load(); last != nil && last.component == c {
		return last.linkage, last.matches
	}
	linkage, matches := l.link(c.plan)
	l.last.Store(&answer{c, linkage, matches})
	return linkage, matches
}

// An answer is what link said about a component.
type answer struct {
	component *Component
	linkage   *linkage
	matches   []Match
}

// A linkage is a component's imports bound to code.
type linkage struct {
	code      []HostFunc           // by trampoline; nil for those that call no host function
	resources []*cabi.ResourceType // by plan resource; nil for those that guests define
}

// link binds the imports of a plan. Where a match is Missing, the linkage is not
// to be used.
func (l *Linker) link(p *plan.Plan) (*linkage, []Match) {
	b := &binding{
		linker:  l,
		plan:    p,
		offers:  make([]*Interface, len(p.Imports)),
		matches: make([]Match, len(p.Imports)),
		linkage: &linkage{
			code:      make([]HostFunc, len(p.Trampolines)),
			resources: make([]*cabi.ResourceType, len(p.Resources)),
		},
		slots: map[*wit.TypeDef]int{},
	}
	for i, r := range p.Resources {
		b.slots[r.Def] = i
	}
	// Resources first: the types of functions are compared in their terms.
	for i := range p.Imports {
		b.find(i)
	}
	for i := range p.Imports {
		b.check(i)
	}
	for i, t := range p.Trampolines {
		if t.Kind == plan.LowerImport {
			b.linkage.code[i] = b.code(t)
		}
	}
	return b.linkage, b.matches
}

// A binding is the work of link.
type binding struct {
	linker  *Linker
	plan    *plan.Plan
	offers  []*Interface
	matches []Match
	linkage *linkage
	slots   map[*wit.TypeDef]int
}

func (b *binding) missing(i int, format string, args ...any) {
	m := &b.matches[i]
	if m.Quality = Missing; m.Reason != "" {
		m.Reason += "; "
	}
	m.Reason += fmt.Sprintf(format, args...)
}

// find looks for the offer that meets import i, and takes its resources.
func (b *binding) find(i int) {
	im := b.plan.Imports[i]
	b.matches[i].Import = im.Name
	switch {
	case im.Item.Func != nil:
		if _, ok := b.linker.funcs[im.Name]; !ok {
			b.missing(i, "no function of that name is offered")
			return
		}
		b.matches[i].Quality = Exact
		b.matches[i].Offer = im.Name
	case im.Item.Interface != nil:
		b.findInterface(i, im)
	case im.Item.Type != nil && !im.Item.Type.IsResource():
		// A type is only a name; whatever uses it is checked by structure.
		b.matches[i].Quality = Exact
		b.matches[i].Offer = im.Name
	default:
		b.missing(i, "a host can offer interfaces and functions only")
	}
}

func (b *binding) findInterface(i int, im plan.Import) {
	l, m := b.linker, &b.matches[i]
	offer := l.offers[im.Name]
	m.Quality = Exact
	name := im.Item.Interface.Name
	if offer == nil {
		m.Quality = Compatible
		if n, ok := wit.Pick(name, l.names); ok {
			offer = l.offers[n.String()]
		}
	}
	if offer == nil {
		b.missing(i, "%s", l.whyMissing(name))
		return
	}
	b.offers[i] = offer
	m.Offer = offer.Type.Name.String()
	for _, def := range im.Item.Interface.Types {
		if _, declared := def.Type.(*wit.Resource); !declared {
			continue
		}
		have := offer.Type.Type(def.Name)
		if have == nil || !have.IsResource() {
			b.missing(i, "%s has no resource %s", m.Offer, def.Name)
			continue
		}
		b.linkage.resources[b.slots[def]] = l.resources[have.Root()]
	}
}

// whyMissing explains an interface that nothing offers: another version of it may
// be there, or the package.
func (l *Linker) whyMissing(name wit.Name) string {
	if name.IsZero() {
		return "no interface of that name is offered"
	}
	var best wit.Name
	for _, offer := range l.offers {
		have := offer.Type.Name
		if have.Unversioned() == name.Unversioned() && (best.IsZero() || best.Version.Compare(have.Version) < 0) {
			best = have
		}
	}
	if !best.IsZero() {
		return fmt.Sprintf("the host offers %s, which is on another track", best)
	}
	return "no interface of that name is offered, in any version"
}

// check compares the types of what import i lists with those of its offer.
func (b *binding) check(i int) {
	im := b.plan.Imports[i]
	if im.Item.Func != nil {
		if have, ok := b.linker.funcs[im.Name]; ok {
			if mis := wit.CompareFunc(im.Item.Func, have.typ, b.sameResource); mis != nil {
				b.missing(i, "%s", mis)
			}
		}
		return
	}
	offer := b.offers[i]
	if offer == nil || im.Item.Interface == nil {
		return
	}
	for _, want := range im.Item.Interface.Funcs {
		have := offer.Type.Func(want.Name)
		if have == nil {
			b.missing(i, "%s has no function %s", b.matches[i].Offer, want.Name)
			continue
		}
		if mis := wit.CompareFunc(want, have, b.sameResource); mis != nil {
			b.missing(i, "function %s of %s has another type: %s", want.Name, b.matches[i].Offer, mis)
		}
	}
}

// sameResource reports whether the component's resource is bound to the host's.
func (b *binding) sameResource(want, have *wit.TypeDef) bool {
	slot, ok := b.slots[want.Root()]
	if !ok {
		return false
	}
	t := b.linkage.resources[slot]
	return t != nil && t == b.linker.resources[have.Root()]
}

func (b *binding) code(t plan.Trampoline) HostFunc {
	if offer := b.offers[t.Import]; offer != nil {
		return offer.Funcs[t.Type.Name]
	}
	return b.linker.funcs[b.plan.Imports[t.Import].Name].code
}
