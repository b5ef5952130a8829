package core

import (
	"bytes"
	"encoding/binary"
)

// debugPrefix begins the names of the custom sections that hold DWARF.
var debugPrefix = []byte(".debug_")

// DebugInfo tells how many bytes of a module that was read are DWARF, and how many are the
// code that it describes.
func DebugInfo(module []byte) (size, code int) {
	for s := range everySection(module) {
		switch {
		case s.isDebugInfo():
			size += s.to - s.from
		case s.id == 10:
			code += s.to - s.from
		}
	}
	return size, code
}

// placed is a section of a module, and where it stands, its id and size included.
type placed struct {
	span
	id   byte
	body []byte
}

// everySection goes through the sections of a module that was read, so that all sizes are
// known to be right.
func everySection(module []byte) func(yield func(placed) bool) {
	return func(yield func(placed) bool) {
		for at := len(magic); at < len(module); {
			size, n := binary.Uvarint(module[at+1:])
			from := at + 1 + n
			to := from + int(size)
			if !yield(placed{span{at, to}, module[at], module[from:to]}) {
				return
			}
			at = to
		}
	}
}

func (s placed) isDebugInfo() bool { return s.id == 0 && bytes.HasPrefix(s.customName(), debugPrefix) }

// customName is the name of a custom section.
func (s placed) customName() []byte {
	size, n := binary.Uvarint(s.body)
	return s.body[n : n+int(size)]
}
