package component

import (
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

// link finds what meets the imports of a component and binds it. within are the
// components that c is a dependency of. Where a match is Missing, the linkage is not
// to be used.
func (l *Linker) link(c *Component, within []*Component) (*linkage, []Match) {
	b := &binding{
		linker:  l,
		within:  append(slices.Clip(within), c),
		matches: make([]Match, len(c.plan.Imports)),
		why:     make([]why, len(c.plan.Imports)),
		linkage: &linkage{linker: l, component: c, plan: c.plan, supplies: make([]supply, len(c.plan.Imports))},
	}
	for i := range c.plan.Imports {
		b.find(i)
	}
	switch {
	case c.plan.Open:
		b.plan(c)
	case l.tracer != nil:
		b.linkage.plan = tracedPlan(c)
	}
	b.bind()
	for i := range b.matches {
		b.explain(i)
	}
	return b.linkage, b.matches
}

// A binding is the work of link.
type binding struct {
	linker  *Linker
	within  []*Component
	matches []Match
	why     []why // by import
	linkage *linkage
	codecs  cabi.Codecs // of what is traced

	problems int // that are kept, of all imports
}

// find looks for what meets import i.
func (b *binding) find(i int) {
	im := b.linkage.plan.Imports[i]
	m := &b.matches[i]
	m.Import = im.Name
	s := b.look(i)
	if d, ok := s.(dependency); ok && im.Extern.Sort == binary.SortInstance {
		s = b.depend(i, m.Offer, d.component)
	}
	switch s.(type) {
	case guestItem:
		b.linkage.guests, m.Guest = true, true
	case module, dependency:
		m.Guest = true
	}
	if b.linker.stubs != NoStubs {
		s = b.stub(i, s)
	}
	b.linkage.supplies[i] = s
}

// look finds the offer for import i: by an alias, by its exact name, on its track, through
// a shim.
func (b *binding) look(i int) supply {
	im := b.linkage.plan.Imports[i]
	m := &b.matches[i]
	if n, err := wit.ParseName(im.Name); err == nil {
		if to, ok := b.linker.aliased(n); ok {
			return b.lookAlias(i, to)
		}
	}
	name, s := b.linker.pick(im.Name)
	switch {
	case s == nil && satisfied(im.Extern):
		m.Quality = Exact
		return nil
	case s == nil:
		return b.lookShim(i)
	case name == im.Name:
		m.Quality, m.Offer = Exact, name
	default:
		m.Quality, m.Offer = Compatible, name
	}
	return s
}

func (b *binding) lookAlias(i int, to wit.Name) supply {
	m := &b.matches[i]
	name, s := b.linker.pick(to.String())
	if s != nil {
		m.Quality, m.Offer = Aliased, name
		m.How = "by its alias " + to.String()
		return s
	}
	if satisfied(b.linkage.plan.Imports[i].Extern) {
		m.Quality = Exact
		return nil
	}
	reason := "nobody offers its alias " + to.String()
	if others := b.linker.versionsOf(to); len(others) > 0 {
		reason += "; the host offers " + listed(others)
	}
	b.missing(i, BadAlias, "%s", reason)
	return nil
}

func (b *binding) lookShim(i int) supply {
	im := b.linkage.plan.Imports[i]
	m := &b.matches[i]
	shim, name, s, err := b.linker.shimmed(im.Name)
	switch {
	case shim == nil:
		cause, near, reason := b.linker.whyMissing(im)
		m.Near = near
		b.missing(i, cause, "%s", reason)
		return nil
	case err != nil:
		m.Offer, m.Shim = name, shim
		b.missing(i, OtherKind, "the shim %s cannot be made: %v", shim, err)
		return nil
	}
	m.Quality, m.Offer, m.Shim = Shimmed, name, shim
	m.How = fmt.Sprintf("through the shim %s", shim)
	return s
}

// stub adds stubs to what meets import i. They are all that is needed where nothing meets
// it.
func (b *binding) stub(i int, have supply) supply {
	im := b.linkage.plan.Imports[i]
	m := &b.matches[i]
	if m.Quality == Missing && (have != nil || m.Cause == OtherKind || m.Cause == BadAlias) {
		return have
	}
	makes := &stubs{mode: b.linker.stubs, of: b.linkage}
	s := makes.stub(im.Name, im.Extern, have)
	m.Stubs = append(m.Stubs, makes.made...)
	// One that asks for resources alone has no functions, and is met all the same.
	if s == nil || len(m.Stubs) == 0 && m.Quality != Missing {
		return s
	}
	if m.Quality == Missing {
		m.Offer = ""
	}
	m.Quality, m.Cause, b.why[i] = Stubbed, NoCause, why{}
	m.Problems, m.More = nil, 0
	return s
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
		b.missing(i, OtherKind, "the component that is to meet it needs itself")
		return nil
	}
	inner, matches := b.linker.link(c, b.within)
	for _, m := range matches {
		if m.Quality == Missing {
			b.missing(i, NotOffered, "the component that is to meet it imports %s", m)
		}
		b.matches[i].Stubs = append(b.matches[i].Stubs, m.Stubs...)
	}
	b.linkage.fresh = append(b.linkage.fresh, fresh{i, name, c})
	return guestOf(inner).export(name)
}

// plan plans the component again with the core modules and components that are given
// to it, which fit what it asks for.
func (b *binding) plan(c *Component) {
	for i, im := range c.plan.Imports {
		if s := b.linkage.supplies[i]; s != nil {
			b.checkStatic(i, im.Extern, s)
		}
	}
	if missingOf(b.matches) != nil {
		return
	}
	build := plan.Build
	if b.linker.tracer != nil {
		build = plan.BuildThroughHost
	}
	p, err := build(c.syntax, func(path plan.ImportPath) *plan.Extern {
		if s := b.linkage.find(path); s != nil {
			return s.static()
		}
		return nil
	})
	if err != nil {
		// All fits, and the whole is too large, or needs what is not supported.
		b.missing(len(b.matches)-1, OtherKind, "with what it is given, the component cannot be linked: %v", err)
		return
	}
	b.linkage.plan = p
}

// bind binds resources and functions to what meets the imports.
func (b *binding) bind() {
	l := b.linkage
	l.code = make([]HostFunc, len(l.plan.Trampolines))
	l.anyTime = make([]bool, len(l.plan.Trampolines))
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
			switch f := s.(type) {
			case hostFunc:
				l.anyTime[i] = f.anyTime
			case stubFunc:
				l.anyTime[i] = b.linker.stubs == standIns
			}
			if b.linker.tracer != nil {
				l.code[i] = b.traced(i, s, l.code[i])
			}
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
		p := Problem{Cause: OtherKind, Item: strings.Join(path, "#"), WantSort: article(want.Sort), HaveSort: article(have.sort())}
		b.lacks(i, p, "%s is %s, not %s", what, p.HaveSort, p.WantSort)
		return
	}
	switch want.Sort {
	case binary.SortFunc:
		typ, _ := have.fn()
		if mis := wit.CompareFunc(want.Func, typ, b.same(have)); mis != nil {
			b.lacks(i, Problem{Cause: OtherType, Want: want.Func, Have: typ}, "%s", mis)
		}
	case binary.SortType:
		b.checkType(i, want, have)
	case binary.SortInstance:
		for _, it := range want.Items {
			b.checkItem(i, it, have, append(slices.Clip(path), it.Name))
		}
	}
}

// checkStatic checks the core modules and components within an import, by the types
// that validation has found.
func (b *binding) checkStatic(i int, want *plan.Extern, have supply, path ...string) {
	switch {
	case have == nil || have.sort() != want.Sort: // check tells.
	case want.Sort == binary.SortInstance:
		for _, it := range want.Items {
			b.checkStatic(i, it, have.item(it.Name), append(slices.Clip(path), it.Name)...)
		}
	case want.Sort == binary.SortCoreModule, want.Sort == binary.SortComponent:
		typesMu.Lock()
		err := validate.Subtype(have.valid(), b.component().imported(i, path))
		typesMu.Unlock()
		if err != nil {
			b.missing(i, OtherType, "%s", err)
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
			lacks := Problem{Cause: LacksFunction, Item: want.Name, Want: want.Func, WantType: want.Type}
			b.lacks(i, lacks, "%s has no %s %s", of, kindOf(want), want.Name)
		}
		return
	}
	if want.Sort == binary.SortFunc && have.sort() == want.Sort {
		typ, _ := have.fn()
		if mis := wit.CompareFunc(want.Func, typ, b.same(have)); mis != nil {
			b.funcDiffers(i, want, typ, of, mis)
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
	p := Problem{Cause: OtherType, Item: want.Name, WantType: want.Type, HaveType: def}
	switch {
	case want.Type == nil:
	case want.Resource < 0:
		if def == nil || def.IsResource() {
			b.lacks(i, p, "%s is another kind of type", have)
		} else if mis := wit.Compare(want.Type, def, b.same(have)); mis != nil {
			b.typeDiffers(i, want, def, mis)
		}
	case def == nil || !def.IsResource():
		b.lacks(i, p, "%s is not a resource", have)
	case !b.same(have)(want.Type, def):
		b.lacks(i, p, "%s is another resource than the one that is imported already", have)
	}
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
	if s == binary.SortFunc {
		return "a function"
	}
	return s.WithArticle()
}
