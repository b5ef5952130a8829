package cabi

// list copies the list of n elements at ptr and returns where it went.
func (x *copying) list(m *memCopy, ptr, n uint32) uint32 {
	from, to := x.from, x.to
	from.list(ptr, n, m.size, m.align)
	from.chargeEach(n, m.cost)
	size := n * m.size
	dst := to.Alloc(m.align, size)
	switch {
	case m.solid:
		copy(to.at(dst, size), from.at(ptr, size))
	case m.ordered:
		x.elems(m, ptr, dst, n)
	default:
		if f := columns(m.steps, to.at(dst, size), from.at(ptr, size), int(n), int(m.size)); f != nil {
			from.note(f)
			from.noteElem(f.elem)
			f.throw()
		}
	}
	return dst
}

// elems copies the elements of a list one by one, in the order of their effects.
func (x *copying) elems(m *memCopy, src, dst, n uint32) {
	i, pc := uint32(0), 0
	defer m.traceElem(x.from, &pc, &i)
	for ; i < n; i++ {
		for pc = 0; pc < len(m.steps); pc++ {
			x.step(m, pc, src, dst)
		}
		src += m.size
		dst += m.size
	}
	pc = -1
}
