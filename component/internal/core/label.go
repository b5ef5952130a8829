package core

import "encoding/binary"

// Label is a module for an engine that shall say where it trapped
// and believe nothing that the module says about itself: the name section names the
// module alone, and of DWARF there is none. With offsets, there is DWARF by which every
// place in the code section is called after its offset, see [OffsetFile]. A module that does not
// read does not read then either: one that is cut off stays as it is, since what is added
// here would bring its last section to an end.
func Label(module Pieces, name string, offsets bool) Pieces {
	out, whole := module.edited(func(s placed) ([]byte, bool) { return nil, s.isDebugInfo() || s.isNames() })
	if !whole {
		return module
	}
	var added []byte
	if offsets {
		added = append(added, offsetSections...)
	}
	names := appendName(nil, "name")
	names = append(names, 0) // the module's
	return append(out, appendSection(added, 0, appendName(names, appendName(nil, name))))
}

func (s placed) isNames() bool { return string(s.customName()) == "name" }

// OffsetFile is the file that all of the code is from in the DWARF that [Label] makes: the
// engine tells an address along with the line.
const OffsetFile = "code"

// offsetSections say that all code is of line 1 of OffsetFile.
var offsetSections = func() []byte {
	const compileUnit, stmtList, lowPC, highPC = 0x11, 0x10, 0x11, 0x12
	const addr, data4, secOffset = 0x01, 0x06, 0x17
	// Code begins at 1, behind the number of functions; 0 stands for what linkers leave out.
	const first, last = 1, 0x7fffffff
	u32 := binary.LittleEndian.AppendUint32
	counted := func(b []byte) []byte { return append(u32(nil, uint32(len(b))), b...) }

	abbrev := []byte{1, compileUnit, 0, lowPC, addr, highPC, data4, stmtList, secOffset, 0, 0, 0}
	info := append([]byte{4, 0}, 0, 0, 0, 0, 4) // version 4, the abbreviations, 4-byte addresses
	info = u32(u32(u32(append(info, 1), first), last-first), 0)

	// Instructions of one byte, no special opcodes of use, no directories, one file.
	header := []byte{1, 1, 0, 1, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0}
	header = append(append(header, OffsetFile...), 0, 0, 0, 0, 0)
	line := append([]byte{3, 0}, counted(header)...)
	line = append(u32(append(line, 0, 5, 2), first), 1)              // set the address, copy
	line = append(binary.AppendUvarint(append(line, 2), last-first), // advance it
		0, 1, 1) // end

	var out []byte
	for _, s := range []Custom{{Name: ".debug_abbrev", Data: abbrev}, {Name: ".debug_info", Data: counted(info)}, {Name: ".debug_line", Data: counted(line)}} {
		out = appendSection(out, 0, append(appendName(nil, s.Name), s.Data...))
	}
	return out
}()
