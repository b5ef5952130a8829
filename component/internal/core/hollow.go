package core

import "encoding/binary"

// hollowSection names the custom section of a hollow module.
const hollowSection = "tenon.hollow"

// hollowBody is a function body with its size: no locals, `unreachable`, `end`.
var hollowBody = []byte{3, 0, 0x00, 0x0b}

// Hollow is a module with nothing in its functions, which trap. All else is the
// same, and a custom section has the mark: what it is instantiated with, and what it gives,
// does not differ. One that does not read, or announces more functions than it has bytes for,
// need not differ from what it was.
func Hollow(module Pieces, mark []byte) Pieces {
	sound := true
	out, whole := module.edited(func(s placed) ([]byte, bool) {
		if s.id != 10 {
			return nil, false
		}
		funcs, _ := binary.Uvarint(s.body)
		if funcs > uint64(len(s.body)) {
			sound = false
			return nil, false
		}
		body := binary.AppendUvarint(make([]byte, 0, 10+int(funcs)*len(hollowBody)), funcs)
		for range funcs {
			body = append(body, hollowBody...)
		}
		return appendSection(nil, 10, body), true
	})
	if !whole || !sound {
		return module
	}
	return append(out, appendSection(nil, 0, append(appendName(nil, hollowSection), mark...)))
}
