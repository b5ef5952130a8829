package validate

import "github.com/tenon-wasm/tenon/component/internal/binary"

// Bounds on what a component may make the checker do. Types share parts, and an
// instance type that holds resources is made anew wherever it is imported or exported;
// so whatever can be done again for a few bytes costs work, one unit for about a
// hundred bytes of memory or a hundred nanoseconds.
const (
	// maxWork bounds the work on a component of up to a megabyte; a larger one may cost
	// a unit for each of its bytes.
	maxWork = 1_000_000

	// maxDepth bounds how deep component and instance types nest, and value types
	// within one another.
	maxDepth      = 100
	maxValueDepth = 1000
)

// spend pays for n units of work.
func (v *checker) spend(n int) {
	if v.work += n; v.work > v.limit {
		v.invalid("too large to validate: the limit is %d steps", v.limit)
	}
}

// cost is the work for a definition itself, beside what it refers to: it may be only
// a byte or two long.
func cost(d binary.Def) int {
	switch d.(type) {
	case *binary.TypeDef:
		return 3
	case *binary.Canon:
		return 12
	}
	return 1
}

// nest bounds how deep a type of extern types goes.
func (v *checker) nest(depth int) int {
	if depth > maxDepth {
		v.invalid("component and instance types nest more than %d deep", maxDepth)
	}
	return depth
}
