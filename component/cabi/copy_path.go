package cabi

import "strconv"

// valuePath is where in a value a step stands: a chain of parts, outermost first. Types
// that dissolved in a program are still named in the path of a trap. Inner links
// are shared: a program costs one link for a step, however deep the type nests.
type valuePath struct {
	in   *Codec
	part int
	next *valuePath
}

// appendTo appends the place to a trail, which is innermost first.
func (p *valuePath) appendTo(trail []string) []string {
	if p == nil {
		return trail
	}
	return append(p.next.appendTo(trail), p.in.part(p.part))
}

// trace is deferred, as [Codec.trace] is: pc is the step at hand.
func (m *memCopy) trace(c *Call, pc *int) {
	if *pc >= 0 {
		c.trail = m.steps[*pc].path.appendTo(c.trail)
	}
}

// traceElem is trace for the element i of a list.
func (m *memCopy) traceElem(c *Call, pc *int, i *uint32) {
	if *pc >= 0 {
		m.trace(c, pc)
		c.noteElem(int(*i))
	}
}

func (c *Call) noteElem(i int) { c.trail = append(c.trail, "["+strconv.Itoa(i)+"]") }

func (f *flatCopy) trace(c *Call, pc *int) {
	if *pc >= 0 {
		c.trail = f.steps[*pc].path.appendTo(c.trail)
	}
}
