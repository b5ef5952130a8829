package cabi

import "github.com/tenon-wasm/tenon/wit"

const (
	// maxDissolved is the most steps with which a type dissolves in the program of
	// the type that holds it; a longer one is a step of its own. Types that share
	// parts would otherwise make programs that grow like the values.
	maxDissolved = 8

	// What parts of a list's element cost beside their bytes, in time. A string or
	// list calls realloc, a string up to three times.
	costSequence = 56
	costHandle   = 12
	costVariant  = 14
)

// memCopy is the program of c, which is made once.
func (s *Codecs) memCopy(c *Codec) *memCopy {
	if m, ok := s.memCopies[c]; ok {
		return m
	}
	m := &memCopy{size: c.size, align: c.align}
	s.compileMem(m, c)
	m.cost += uint64(c.size)
	m.solid = len(m.steps) == 1 && m.steps[0].isBlock() && m.steps[0].size == m.size
	if s.memCopies == nil {
		s.memCopies = make(map[*Codec]*memCopy)
	}
	s.memCopies[c] = m
	return m
}

func (s *Codecs) compileMem(m *memCopy, c *Codec) {
	switch c.kind {
	case kind(wit.Bool):
		m.add(copyStep{op: copyBool})
	case kind(wit.Char):
		m.add(copyStep{op: copyChar})
	case kind(wit.String):
		m.effect(copyStep{op: copyString}, costSequence)
	case bytesKind, listKind:
		m.effect(copyStep{op: copyList, part: s.memCopy(c.elem)}, costSequence)
	case recordKind, tupleKind, paramsKind:
		for i := range c.fields {
			f := &c.fields[i]
			m.include(s.memCopy(f.codec), f.offset, &valuePath{in: c, part: i})
		}
	case enumKind:
		m.add(copyStep{op: copyEnum, size: c.size, limit: uint32(len(c.cases))})
	case flagsKind:
		m.add(copyStep{op: copyFlags, size: c.size, limit: 1<<len(c.cases) - 1})
	case variantKind, optionKind, resultKind:
		s.compileVariant(m, c)
	case ownKind:
		m.effect(copyStep{op: copyOwn, codec: c}, costHandle)
	case borrowKind:
		m.effect(copyStep{op: copyBorrow, codec: c}, costHandle)
	default: // integers and floats
		m.add(block(0, c.size))
	}
}

func (s *Codecs) compileVariant(m *memCopy, c *Codec) {
	st := copyStep{op: copyEnum, size: c.disc, limit: uint32(len(c.cases)), codec: c}
	arms := make([]*memCopy, len(c.cases))
	for i, k := range c.cases {
		if k.codec == nil {
			continue
		}
		arm := s.memCopy(k.codec)
		arms[i] = arm
		st.op, st.arms = copyVariant, arms
		m.ordered = m.ordered || arm.ordered
		m.cost = max(m.cost, arm.cost-uint64(arm.size))
	}
	if st.op == copyVariant {
		m.cost += costVariant
	}
	m.add(st)
}

func block(off, size uint32) copyStep {
	st := copyStep{op: copyBlock, off: off, size: size}
	switch size {
	case 4:
		st.op = copyWord32
	case 8:
		st.op = copyWord64
	}
	return st
}

func (st *copyStep) isBlock() bool { return st.op <= copyWord64 }

// add adds a step. A block that follows another one becomes part of it.
func (m *memCopy) add(st copyStep) {
	if n := len(m.steps); n > 0 && st.isBlock() {
		if last := &m.steps[n-1]; last.isBlock() && last.off+last.size == st.off {
			*last = block(last.off, last.size+st.size)
			return
		}
	}
	m.steps = append(m.steps, st)
}

func (m *memCopy) effect(st copyStep, cost uint64) {
	m.add(st)
	m.ordered = true
	m.cost += cost
}

// include adds what copies a part that stands at offset.
func (m *memCopy) include(part *memCopy, offset uint32, at *valuePath) {
	m.ordered = m.ordered || part.ordered
	m.cost += part.cost - uint64(part.size)
	if len(part.steps) > maxDissolved {
		m.add(copyStep{op: copyNested, off: offset, part: part, path: at})
		return
	}
	for _, st := range part.steps {
		st.off += offset
		if !st.isBlock() {
			st.path = &valuePath{in: at.in, part: at.part, next: st.path}
		}
		m.add(st)
	}
}

// flatCopy is the flat program of c, which has few slots.
func (s *Codecs) flatCopy(c *Codec) *flatCopy {
	if f, ok := s.flatCopies[c]; ok {
		return f
	}
	f := &flatCopy{slots: c.slots}
	st := flatStep{kind: c.kind, codec: c}
	switch c.kind {
	case recordKind, tupleKind, paramsKind:
		for i := range c.fields {
			for _, st := range s.flatCopy(c.fields[i].codec).steps {
				st.slot += c.fields[i].slot
				st.path = &valuePath{in: c, part: i, next: st.path}
				f.steps = append(f.steps, st)
			}
		}
	case bytesKind, listKind:
		st.elem = s.memCopy(c.elem)
		f.steps = []flatStep{st}
	case variantKind, optionKind, resultKind:
		st.arms = make([]*flatCopy, len(c.cases))
		for i, k := range c.cases {
			if k.codec != nil {
				st.arms[i] = s.flatCopy(k.codec)
			}
		}
		f.steps = []flatStep{st}
	default:
		f.steps = []flatStep{st}
	}
	if s.flatCopies == nil {
		s.flatCopies = make(map[*Codec]*flatCopy)
	}
	s.flatCopies[c] = f
	return f
}
