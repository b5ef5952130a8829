package component

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/plan"
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

	// variant is the component compiled for linkage.plan, where that is not its own;
	// mu guards it.
	mu      sync.Mutex
	variant *Component
}

// linked is link for a component. Answers are kept until something else is offered or
// the component is closed.
func (l *Linker) linked(c *Component) *answer {
	l.mu.Lock()
	a := l.answers[c]
	l.mu.Unlock()
	if a != nil {
		return a
	}
	linkage, matches := l.link(c, nil)
	a = &answer{component: c, linkage: linkage, matches: matches}
	l.mu.Lock()
	defer l.mu.Unlock()
	if other := l.answers[c]; other != nil {
		return other // Somebody was faster, and may have compiled it.
	}
	maps.DeleteFunc(l.answers, func(c *Component, _ *answer) bool { return c.isClosed() })
	l.answers[c] = a
	return a
}

// forget drops the answers, since something else is offered.
func (l *Linker) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.answers {
		a.mu.Lock()
		if a.variant != nil {
			// What still runs keeps its code; an error is of no use to anybody here.
			_ = a.variant.Close(context.Background())
		}
		a.mu.Unlock()
	}
	clear(l.answers)
}

// compiled is the component to run: itself, or what it is with the core modules and
// components that it is given, which is compiled once.
func (a *answer) compiled(ctx context.Context) (*Component, error) {
	if a.linkage.plan == a.component.plan {
		return a.component, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.variant == nil {
		var err error
		if a.variant, err = a.component.variant(ctx, a.linkage.plan); err != nil {
			return nil, err
		}
	}
	return a.variant, nil
}

// dependencies makes the instances that meet imports of a component, for its instance of
// a number, and a linkage with them.
func (l *Linker) dependencies(ctx context.Context, c *Component, linkage *linkage, owner uint64) (*linkage, []*Instance, error) {
	if linkage.fresh == nil {
		return linkage, nil, nil
	}
	b := &binding{linker: l, within: []*Component{c}, matches: make([]Match, len(linkage.supplies)),
		why: make([]why, len(linkage.supplies)), linkage: linkage.clone()}
	stub := &stubs{mode: l.stubs, of: b.linkage}
	var made []*Instance
	for _, f := range linkage.fresh {
		in, err := l.instantiate(ctx, f.component, owner)
		if err == nil {
			made = append(made, in)
			err = in.share()
		}
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("%s: %w", f.name, err), closeAll(context.WithoutCancel(ctx), made))
		}
		have := in.guest().export(f.name)
		if l.stubs != NoStubs {
			im := linkage.plan.Imports[f.index]
			have = stub.stub(im.Name, im.Extern, have)
		}
		b.linkage.supplies[f.index] = have
	}
	b.bind()
	return b.linkage, made, nil
}

// clone is a linkage that can be bound again.
func (l *linkage) clone() *linkage {
	return &linkage{linker: l.linker, component: l.component, plan: l.plan, supplies: slices.Clone(l.supplies), guests: true}
}
