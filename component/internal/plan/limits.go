package plan

import "github.com/tenon-wasm/tenon/component/internal/binary"

// Bounds on what a component may make the planner do. Instances multiply: a
// component that instantiates a child twice, which does the same, doubles at each
// level. So whatever can be done again for a few bytes costs work, one unit for
// about a hundred bytes of memory or a hundred nanoseconds.
const (
	maxWork = 1_000_000

	// maxDepth bounds how deep instances nest.
	maxDepth = 100

	// maxNames bounds how often one type can be named again by an import or an
	// export, each time an alias of the one before.
	maxNames = 500

	// maxWeight bounds a type written out in full, where it shares parts with
	// itself, and the world: both are printed and compared.
	maxWeight = 1_000_000

	// maxCoreInstances bounds what instantiation has to make.
	maxCoreInstances = 10_000

	// maxLinkedBytes bounds the core modules after the link beyond four times the
	// size of the component: a module that is instantiated with imports of another
	// shape stands once more.
	maxLinkedBytes = 8 << 20
)

// spend pays for n units of work.
func (p *planner) spend(at, n int) {
	if p.work += n; p.work > p.limit {
		p.invalid(at, "too large to link: the limit is %d steps", p.limit)
	}
}

// cost is the work for a definition itself, beside what it refers to: it may be only
// a byte or two long.
func cost(d binary.Def) int {
	switch d.(type) {
	case *binary.TypeDef:
		return 6
	case *binary.Import:
		return 8
	case *binary.Canon:
		return 12
	}
	return 1
}

func (p *planner) enter(at int) {
	if p.depth++; p.depth > maxDepth {
		p.invalid(at, "instances nest more than %d deep", maxDepth)
	}
}

func (p *planner) leave() { p.depth-- }
