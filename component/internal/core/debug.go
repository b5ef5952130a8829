package core

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// debugPrefix begins the names of the custom sections that hold DWARF.
var debugPrefix = []byte(".debug_")

// DebugInfo tells how many bytes of a module are DWARF, and how many are the code that it
// describes. Of one that does not read it may tell anything.
func DebugInfo(module Pieces) (size, code int) {
	for s := range module.sections {
		switch {
		case s.isDebugInfo():
			size += s.to - s.from
		case s.id == 10:
			code += s.to - s.from
		}
	}
	return size, code
}

// placed is a section of a module, and where it stands in its piece, its id and size included.
type placed struct {
	span
	id   byte
	body []byte
}

// sized is what stands behind its length, and where it ends.
func sized(data []byte, at int) (body []byte, end int, ok bool) {
	size, n := binary.Uvarint(data[at:])
	if n <= 0 || n > 5 || size > uint64(len(data)-at-n) {
		return nil, 0, false
	}
	end = at + n + int(size)
	return data[at+n : end], end, true
}

func (s placed) isDebugInfo() bool { return bytes.HasPrefix(s.customName(), debugPrefix) }

// customName is the name of a custom section, empty for any other.
func (s placed) customName() []byte {
	name, _, ok := sized(s.body, 0)
	if s.id != 0 || !ok || !utf8.Valid(name) {
		return nil
	}
	return name
}
