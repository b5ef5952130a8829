package core

import "encoding/binary"

// hollowSection names the custom section of a hollow module.
const hollowSection = "tenon.hollow"

// hollowBody is a function body with its size: no locals, `unreachable`, `end`.
var hollowBody = []byte{3, 0, 0x00, 0x0b}

// Hollow writes a module that was read anew with nothing in its functions, which trap. All else is the
// same, and a custom section has the mark: what it is instantiated with, and what it gives,
// does not differ. One that announces more functions than it has bytes for stays as it is.
func Hollow(module, mark []byte) []byte {
	section := append(appendName(nil, hollowSection), mark...)
	var code span
	funcs := uint64(0)
	for s := range everySection(module) {
		if s.id == 10 {
			code = s.span
			funcs, _ = binary.Uvarint(s.body)
			if funcs > uint64(len(s.body)) {
				return module
			}
		}
	}
	out := make([]byte, 0, len(module)-(code.to-code.from)+int(funcs)*len(hollowBody)+len(section)+20)
	out = append(out, module[:code.from]...)
	if code.to > 0 {
		body := binary.AppendUvarint(make([]byte, 0, 10+int(funcs)*len(hollowBody)), funcs)
		for range funcs {
			body = append(body, hollowBody...)
		}
		out = appendSection(out, 10, body)
	}
	out = append(out, module[code.to:]...)
	return appendSection(out, 0, section)
}
