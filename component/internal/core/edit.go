package core

import "encoding/binary"

// ImportName is the name of an import: a module and a field of it.
type ImportName struct{ Module, Name string }

// RewriteImports is the module with import i called names[i]. There must
// be a name for every import. All else is the same, byte for byte, custom sections
// included: nothing in a module refers to imports by name or to bytes by offset.
func (m *Module) RewriteImports(names []ImportName) Pieces {
	if len(names) != len(m.Imports) {
		panic("core: RewriteImports needs one name for every import")
	}
	if len(names) == 0 {
		return Pieces{m.bytes}
	}
	body := binary.AppendUvarint(nil, uint64(len(names)))
	for i, n := range names {
		body = appendName(body, n.Module)
		body = appendName(body, n.Name)
		body = append(body, m.bytes[m.importTypes[i].from:m.importTypes[i].to]...)
	}
	return Pieces{m.bytes[:m.importSection.from], appendSection(nil, 2, body), m.bytes[m.importSection.to:]}
}

func appendSection(out []byte, id byte, body []byte) []byte {
	out = binary.AppendUvarint(append(out, id), uint64(len(body)))
	return append(out, body...)
}

// appendName writes a length and that many bytes: a name, a vector of value types
// or a function body.
func appendName[S string | []byte](out []byte, s S) []byte {
	out = binary.AppendUvarint(out, uint64(len(s)))
	return append(out, s...)
}
