package core

import "slices"

// Pieces is a module in parts, in order: the first begins with the preamble, and where one
// ends, a section does. A part aliases what it is from, so that a module of many megabytes
// is edited without a copy of it.
type Pieces [][]byte

// Bytes puts the module together.
func (p Pieces) Bytes() []byte {
	if len(p) == 1 {
		return p[0]
	}
	return slices.Concat(p...)
}

// Size is how many bytes the module has.
func (p Pieces) Size() (n int) {
	for _, piece := range p {
		n += len(piece)
	}
	return n
}

// sections goes through the sections of a module, as far as they are in it.
func (p Pieces) sections(yield func(placed) bool) {
	at := len(magic)
	for _, piece := range p {
		for at < len(piece) {
			body, to, ok := sized(piece, at+1)
			if !ok || !yield(placed{span{at, to}, piece[at], body}) {
				return
			}
			at = to
		}
		at = 0
	}
}

// edited is the module with something else in place of some sections: with answers false
// for one that stays, and may answer nothing for one that goes. A module that is cut off is
// not whole: there is nothing to edit then.
func (p Pieces) edited(with func(placed) ([]byte, bool)) (out Pieces, whole bool) {
	at := len(magic)
	for _, piece := range p {
		kept := 0
		for at < len(piece) {
			body, to, ok := sized(piece, at+1)
			if !ok {
				return nil, false
			}
			if other, ok := with(placed{span{at, to}, piece[at], body}); ok {
				out = append(out, piece[kept:at], other)
				kept = to
			}
			at = to
		}
		if at > len(piece) {
			return nil, false // It is not even a preamble.
		}
		out = append(out, piece[kept:])
		at = 0
	}
	none := func(piece []byte) bool { return len(piece) == 0 }
	return slices.DeleteFunc(out, none), len(p) > 0
}
