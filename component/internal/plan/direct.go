package plan

import (
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/validate"
)

// A call from one component to another that passes no more than a few numbers does
// not have to go through the host: core code can call core code. What the host
// would do then must be done otherwise, or be known not to be needed:
//
//   - values are converted by a function in between (adapter.go), or by none where
//     all bits of all values are good;
//   - the caller must be free to leave: the function in between looks at a flag;
//   - the callee must not be running already: calls that could ever come back to
//     an instance that they have entered stay with the host, which keeps account;
//   - post-return and the borrows of a call stay with the host as well, and so do
//     components that use exceptions, which must not cross.
//
// That a call cannot come back is seen only when everything is linked. So the plan
// is made a second time, with what the first one has shown.

// directCalls finds the trampolines of a finished plan that core code can do
// without, by the number of the canon lower.
func (p *planner) directCalls() map[int]bool {
	if p.tags || len(p.scalar) == 0 {
		return nil
	}
	calls := p.callGraph()
	direct := map[int]bool{}
	for n, t := range p.scalar {
		tr := p.plan.Trampolines[t]
		if !calls.comesBack(tr.Component, p.plan.Lifts[tr.Lift].Component) {
			direct[n] = true
		}
	}
	return direct
}

// held tells which component instances have functions during which they must not
// leave: realloc and post-return.
func (p *planner) held() map[int]bool {
	held := map[int]bool{}
	for _, o := range p.plan.Options {
		if o.Realloc != nil || o.PostReturn != nil {
			held[o.Component] = true
		}
	}
	return held
}

// scalarCall reports whether a lowered function passes nothing through memory and no
// handles, and leaves nothing to do after the call.
func (p *planner) scalarCall(t Trampoline, callee *validate.FuncType, sig cabi.CoreSignature) bool {
	l := p.plan.Lifts[t.Lift]
	return !p.funcTraits(callee).refers && !sig.ParamsSpilled && !sig.ResultSpilled && p.plan.Options[l.Options].PostReturn == nil
}

// A callGraph tells which component instance calls which.
type callGraph struct {
	parent []int // by component instance
	calls  [][]int
	inside [][]int // the children of each
	reach  []map[int]bool
	doors  []map[int]bool // by instance, those that enter it
}

func (p *planner) callGraph() *callGraph {
	n := len(p.plan.Components)
	g := &callGraph{
		parent: p.plan.Components, calls: make([][]int, n), inside: make([][]int, n),
		reach: make([]map[int]bool, n), doors: make([]map[int]bool, n),
	}
	for i, parent := range g.parent {
		if parent >= 0 {
			g.inside[parent] = append(g.inside[parent], i)
		}
	}
	seen := map[[2]int]bool{}
	call := func(from, to int) {
		if from == to || seen[[2]int{from, to}] {
			return
		}
		seen[[2]int{from, to}] = true
		g.calls[from] = append(g.calls[from], to)
		for _, in := range g.entered(from, to) {
			if g.doors[in] == nil {
				g.doors[in] = map[int]bool{}
			}
			g.doors[in][from] = true
		}
	}
	for _, t := range p.plan.Trampolines {
		switch t.Kind {
		case LowerLift:
			call(t.Component, p.plan.Lifts[t.Lift].Component)
		case ResourceDrop:
			if r := p.plan.Resources[t.Resource]; r.From.Import < 0 && r.Dtor != nil {
				call(t.Component, r.Component)
			}
		}
	}
	return g
}

// entered lists the instances that a call enters: the callee and what contains it,
// but for what contains the caller as well.
func (g *callGraph) entered(from, to int) []int {
	around := map[int]bool{}
	for i := from; i >= 0; i = g.parent[i] {
		around[i] = true
	}
	var list []int
	for i := to; i >= 0 && !around[i]; i = g.parent[i] {
		list = append(list, i)
	}
	return list
}

// comesBack reports whether, while a call goes on, an instance that it has entered
// can be entered again, or had been before.
func (g *callGraph) comesBack(from, to int) bool {
	if from == to {
		return true
	}
	for _, in := range g.entered(from, to) {
		reached := g.reachedFrom(in)
		for door := range g.doors[in] {
			if reached[door] {
				return true
			}
		}
	}
	return false
}

// reachedFrom is what runs, or can be called by and by, when something inside of an
// instance runs.
func (g *callGraph) reachedFrom(in int) map[int]bool {
	if g.reach[in] != nil {
		return g.reach[in]
	}
	reached := map[int]bool{}
	todo := []int{in}
	for i := 0; i < len(todo); i++ {
		todo = append(todo, g.inside[todo[i]]...)
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reached[i] {
			continue
		}
		reached[i] = true
		todo = append(todo, g.calls[i]...)
	}
	g.reach[in] = reached
	return reached
}
