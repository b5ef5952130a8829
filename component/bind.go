package component

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// A linkage is a component's imports bound to what meets them.
type linkage struct {
	linker    *Linker
	component *Component

	// plan is the component's, or, where it imports core modules or components, the
	// one that was made with those that are given.
	plan  *plan.Plan
	slots map[*wit.TypeDef]int // of plan resources, by declaration

	supplies  []supply             // by import; nil where it is missing, or nothing is asked for
	code      []HostFunc           // by trampoline; nil for those that call no host function
	resources []*cabi.ResourceType // by plan resource; nil for those that guests define

	// fresh are the imports that are met by an instance which is made for them.
	fresh []fresh

	// guests is set where other guests meet imports.
	guests bool
}

// fresh is an import for which an instance is made.
type fresh struct {
	index     int
	name      string // of the offer
	component *Component
}

// find follows a path to what meets that part of an import, or nil.
func (l *linkage) find(path plan.ImportPath) supply {
	if path.Import < 0 {
		return nil
	}
	s := l.supplies[path.Import]
	for _, name := range path.Names {
		if s == nil {
			return nil
		}
		s = s.item(name)
	}
	return s
}

// An answer is what the linker said about a component.
type answer struct {
	component *Component
	linkage   *linkage
	matches   []Match

	// variant is the component compiled for linkage.plan, where that is not its own.
	variant *Component
}

// linked is link for a component; the last answer is kept.
func (l *Linker) linked(c *Component) *answer {
	if last := l.last.Load(); last != nil && last.component == c {
		return last
	}
	linkage, matches := l.link(c, nil)
	a := &answer{component: c, linkage: linkage, matches: matches}
	l.last.Store(a)
	return a
}

// link finds what meets the imports of a component and binds it. within are the
// components that c is a dependency of. Where a match is Missing, the linkage is not
// to be used.
func (l *Linker) link(c *Component, within []*Component) (*linkage, []Match) {
	b := &binding{
		linker:  l,
		within:  append(slices.Clip(within), c),
		matches: make([]Match, len(c.plan.Imports)),
		linkage: &linkage{linker: l, component: c, plan: c.plan, supplies: make([]supply, len(c.plan.Imports))},
	}
	for i := range c.plan.Imports {
		b.find(i)
	}
	if c.plan.Open {
		b.close(c)
	}
	b.bind()
	return b.linkage, b.matches
}

// A binding is the work of link.
type binding struct {
	linker  *Linker
	within  []*Component
	matches []Match
	linkage *linkage
}

func (b *binding) missing(i int, format string, args ...any) {
	m := &b.matches[i]
	if m.Quality = Missing; m.Reason != "" {
		m.Reason += "; "
	}
	m.Reason += fmt.Sprintf(format, args...)
}

// find looks for what meets import i.
func (b *binding) find(i int) {
	im := b.linkage.plan.Imports[i]
	m := &b.matches[i]
	m.Import = im.Name
	name, s := b.linker.pick(im.Name)
	switch {
	case s == nil && satisfied(im.Extern):
		m.Quality = Exact
	case s == nil:
		b.missing(i, "%s", b.linker.whyMissing(im))
		return
	case name == im.Name:
		m.Quality, m.Offer = Exact, name
	default:
		m.Quality, m.Offer = Compatible, name
	}
	if d, ok := s.(dependency); ok && im.Extern.Sort == binary.SortInstance {
		s = b.depend(i, name, d.component)
	}
	if _, ok := s.(guestItem); ok {
		b.linkage.guests = true
	}
	b.linkage.supplies[i] = s
}

// pick finds an offer by its exact name, else on the same track.
func (l *Linker) pick(name string) (string, supply) {
	if s, ok := l.offers[name]; ok {
		return name, s
	}
	if n, err := wit.ParseName(name); err == nil {
		if n, ok := wit.Pick(n, l.names); ok {
			return n.String(), l.offers[n.String()]
		}
	}
	return "", nil
}

// satisfied reports whether an import asks for nothing that is there at run time: a
// type by itself is only a name, and whatever uses it is checked by structure.
func satisfied(e *plan.Extern) bool {
	switch e.Sort {
	case binary.SortType:
		return !declaresResource(e)
	case binary.SortInstance:
		for _, it := range e.Items {
			if !satisfied(it) {
				return false
			}
		}
		return true
	}
	return false
}

// depend links a component of which an instance is to be made for import i.
func (b *binding) depend(i int, name string, c *Component) supply {
	if slices.Contains(b.within, c) {
		b.missing(i, "the component that is to meet it needs itself")
		return nil
	}
	inner, matches := b.linker.link(c, b.within)
	for _, m := range matches {
		if m.Quality == Missing {
			b.missing(i, "the component that is to meet it imports %s", m)
		}
	}
	b.linkage.fresh = append(b.linkage.fresh, fresh{i, name, c})
	return guestOf(inner).export(name)
}

// close plans the component again with the core modules and components that are
// given to it.
func (b *binding) close(c *Component) {
	if missingOf(b.matches) != nil {
		return
	}
	p, err := plan.Build(c.syntax, func(path plan.ImportPath) *plan.Extern {
		if s := b.linkage.find(path); s != nil {
			return s.static()
		}
		return nil
	})
	if err != nil {
		// What is given was written without a view to this component.
		b.missing(len(b.matches)-1, "%v", err)
		return
	}
	b.linkage.plan = p
}

// bind binds resources and functions to what meets the imports.
func (b *binding) bind() {
	l := b.linkage
	l.code = make([]HostFunc, len(l.plan.Trampolines))
	l.resources = make([]*cabi.ResourceType, len(l.plan.Resources))
	l.slots = make(map[*wit.TypeDef]int, len(l.plan.Resources))
	for i, r := range l.plan.Resources {
		l.slots[r.Def] = i
	}
	// Resources first: the types of functions are compared in their terms.
	for i, im := range l.plan.Imports {
		if l.supplies[i] != nil {
			b.takeResources(im.Extern, l.supplies[i])
		}
	}
	for i, im := range l.plan.Imports {
		if l.supplies[i] != nil {
			b.check(i, im.Extern, l.supplies[i])
		}
	}
	for i, t := range l.plan.Trampolines {
		if t.Kind != plan.LowerImport {
			continue
		}
		if s := l.find(t.From); s != nil {
			_, l.code[i] = s.fn()
		}
	}
}

// takeResources takes the resources that an import declares from what meets it.
func (b *binding) takeResources(want *plan.Extern, have supply) {
	if have == nil {
		return
	}
	if declaresResource(want) && have.typ() != nil {
		b.linkage.resources[want.Resource] = have.resource(have.typ())
	}
	for _, it := range want.Items {
		b.takeResources(it, have.item(it.Name))
	}
}

// declaresResource reports whether a type is a resource that is declared where it is
// imported, and not another name for one.
func declaresResource(e *plan.Extern) bool {
	if e.Type == nil {
		return false
	}
	_, declared := e.Type.Type.(*wit.Resource)
	return declared
}

// check compares what import i wants with what there is.
func (b *binding) check(i int, want *plan.Extern, have supply, path ...string) {
	if have.sort() != want.Sort {
		what := "what is offered"
		if len(path) > 0 {
			what = "its export " + strings.Join(path, "#")
		}
		b.missing(i, "%s is %s, not %s", what, article(have.sort()), article(want.Sort))
		return
	}
	switch want.Sort {
	case binary.SortFunc:
		typ, _ := have.fn()
		if mis := wit.CompareFunc(want.Func, typ, b.same(have)); mis != nil {
			b.missing(i, "%s", mis)
		}
	case binary.SortType:
		b.checkType(i, want, have)
	case binary.SortInstance:
		for _, it := range want.Items {
			b.checkItem(i, it, have, append(slices.Clip(path), it.Name))
		}
	case binary.SortCoreModule, binary.SortComponent:
		// By the types that validation has found: those of the plan tell only what
		// there is at run time.
		typesMu.Lock()
		err := validate.SubtypeExtern(have.valid(), b.component().imported(i, path))
		typesMu.Unlock()
		if err != nil {
			b.missing(i, "%s", err)
		}
	}
}

// typesMu guards the types of package validate, which remember what they were asked.
var typesMu sync.Mutex

// checkItem is check for an export of an imported instance.
func (b *binding) checkItem(i int, want *plan.Extern, of supply, path []string) {
	have := of.item(want.Name)
	if have == nil {
		if !satisfied(want) {
			b.missing(i, "%s has no %s %s", of, kindOf(want), want.Name)
		}
		return
	}
	if want.Sort == binary.SortFunc && have.sort() == want.Sort {
		typ, _ := have.fn()
		if mis := wit.CompareFunc(want.Func, typ, b.same(have)); mis != nil {
			b.missing(i, "function %s of %s has another type: %s", want.Name, of, mis)
		}
		return
	}
	b.check(i, want, have, path...)
}

// component is the one that is linked.
func (b *binding) component() *Component { return b.within[len(b.within)-1] }

// checkType compares types. A name for a value type does not have to be there: what
// uses it is compared by its structure.
func (b *binding) checkType(i int, want *plan.Extern, have supply) {
	def := have.typ()
	switch {
	case want.Type == nil:
	case want.Resource < 0:
		if def == nil || def.IsResource() {
			b.missing(i, "%s is another kind of type", have)
		} else if mis := wit.CompareFunc(typed(want.Type), typed(def), b.same(have)); mis != nil {
			b.missing(i, "type %s has another structure: %s", want.Name, mis)
		}
	case def == nil || !def.IsResource():
		b.missing(i, "%s is not a resource", have)
	case !b.same(have)(want.Type, def):
		b.missing(i, "%s is another resource than the one that is imported already", have)
	}
}

// typed is a function of a type, for comparing it.
func typed(def *wit.TypeDef) *wit.Func {
	return &wit.Func{Params: []wit.Param{{Name: "value", Type: def}}}
}

// same reports whether the component's resource is bound to that of a supply.
func (b *binding) same(s supply) func(want, have *wit.TypeDef) bool {
	return func(want, have *wit.TypeDef) bool {
		slot, ok := b.linkage.slots[want.Root()]
		if !ok {
			return false
		}
		t := b.linkage.resources[slot]
		return t != nil && t == s.resource(have)
	}
}

func kindOf(e *plan.Extern) string {
	switch {
	case e.Sort == binary.SortFunc:
		return "function"
	case e.Sort == binary.SortType && e.Resource >= 0:
		return "resource"
	}
	return e.Sort.String()
}

func article(s binary.Sort) string {
	switch s {
	case binary.SortInstance:
		return "an instance"
	case binary.SortFunc:
		return "a function"
	}
	return "a " + s.String()
}

// whyMissing explains an import that nothing meets: another version of it may be
// there.
func (l *Linker) whyMissing(im plan.Import) string {
	what := "no " + im.Extern.Sort.String() + " of that name is offered"
	switch im.Extern.Sort {
	case binary.SortInstance:
		what = "no interface of that name is offered"
	case binary.SortFunc:
		what = "no function of that name is offered"
	}
	name, err := wit.ParseName(im.Name)
	if err != nil {
		return what
	}
	var best wit.Name
	for _, have := range l.names {
		if have.Unversioned() == name.Unversioned() && (best.IsZero() || best.Version.Compare(have.Version) < 0) {
			best = have
		}
	}
	if !best.IsZero() {
		return fmt.Sprintf("the host offers %s, which is on another track", best)
	}
	return what + ", in any version"
}

// compileAnswer compiles a component for what it is given, once.
func (l *Linker) compileAnswer(ctx context.Context, a *answer) error {
	l.compiling.Lock()
	defer l.compiling.Unlock()
	if a.variant != nil || a.linkage.plan == a.component.plan {
		return nil
	}
	var err error
	a.variant, err = a.component.variant(ctx, a.linkage.plan)
	return err
}

// dependencies makes the instances that meet imports of a component, and a linkage
// with them.
func (l *Linker) dependencies(ctx context.Context, c *Component, linkage *linkage) (*linkage, []*Instance, error) {
	if linkage.fresh == nil {
		return linkage, nil, nil
	}
	b := &binding{linker: l, within: []*Component{c}, matches: make([]Match, len(linkage.supplies)), linkage: linkage.clone()}
	var made []*Instance
	for _, f := range linkage.fresh {
		in, err := l.Instantiate(ctx, f.component)
		if err == nil {
			made = append(made, in)
			err = in.share()
		}
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("%s: %w", f.name, err), closeAll(context.WithoutCancel(ctx), made))
		}
		b.linkage.supplies[f.index] = in.guest().export(f.name)
	}
	b.bind()
	return b.linkage, made, nil
}

// clone is a linkage that can be bound again.
func (l *linkage) clone() *linkage {
	return &linkage{linker: l.linker, component: l.component, plan: l.plan, supplies: slices.Clone(l.supplies), guests: true}
}
