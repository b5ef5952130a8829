package validate

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

// CoreRefs checks the type indices inside of core function types. A type may refer to
// those of its own recursion group, which come one after the other and share an offset,
// so that an index is judged when the group is over.
type coreRefs struct {
	at   int    // of the group
	need uint64 // how many types there must be after it
}

// check looks at a function type that is about to become type number next; fits tells
// whether a reference can lead to a type before it.
func (r *coreRefs) check(v *checker, f *binary.CoreFuncType, next int, fits func(uint32) bool) {
	if v.at != r.at {
		r.done(v, next)
		r.at = v.at
	}
	if f == nil {
		return
	}
	for _, i := range typeIndices(f.Raw) {
		if uint64(i) < uint64(next) && !fits(i) {
			v.invalid("core type %d is a module type, which nothing can refer to", i)
		}
		r.need = max(r.need, uint64(i)+1)
	}
}

// done judges the group that is over, now that there are n types.
func (r *coreRefs) done(v *checker, n int) {
	if r.need > uint64(n) {
		v.at = r.at
		v.invalid("a core type refers to core type %d, there are %d", r.need-1, n)
	}
	r.need = 0
}

// typeIndices are the type indices in the encoding of a function type, which has been
// read before.
func typeIndices(raw []byte) []uint32 {
	var indices []uint32
	var err error
	func() {
		defer cursor.Catch(&err)
		c := cursor.New(raw)
		if c.Byte() != 0x60 {
			return
		}
		for range 2 { // parameters, results
			for range c.Count() {
				if b := c.Byte(); b == core.Ref || b == core.RefNull {
					if heap := c.S33(); heap >= 0 {
						indices = append(indices, uint32(heap))
					}
				}
			}
		}
	}()
	return indices
}
