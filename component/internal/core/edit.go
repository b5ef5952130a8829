package core

import "encoding/binary"

// ImportName is the name of an import: a module and a field of it.
type ImportName struct{ Module, Name string }

// RewriteImports writes the module anew with import i called names[i]. There must
// be a name for every import. All else is the same, byte for byte, custom sections
// included: nothing in a module refers to imports by name or to bytes by offset.
func (m *Module) RewriteImports(names []ImportName) []byte {
	if len(names) != len(m.Imports) {
		panic("core: RewriteImports needs one name for every import")
	}
	if len(names) == 0 {
		return append([]byte(nil), m.bytes...)
	}
	body := binary.AppendUvarint(nil, uint64(len(names)))
	for i, n := range names {
		body = appendName(body, n.Module)
		body = appendName(body, n.Name)
		body = append(body, m.bytes[m.importTypes[i].from:m.importTypes[i].to]...)
	}
	out := make([]byte, 0, len(m.bytes)+len(body))
	out = append(out, m.bytes[:m.importSection.from]...)
	out = appendSection(out, 2, body)
	return append(out, m.bytes[m.importSection.to:]...)
}

// Forward is a function of a [ForwardModule].
type Forward struct {
	From   ImportName
	Export string
	Type   FuncType
}

// ForwardModule writes a core module that imports each function and exports one
// of its own that does nothing but call it. The engine needs such a detour where
// Go asks for an export that is a re-exported host function. Value types must have
// a code of one byte.
func ForwardModule(funcs []Forward) []byte {
	n := uint64(len(funcs))
	types := binary.AppendUvarint(nil, n)
	imports := binary.AppendUvarint(nil, n)
	defined := binary.AppendUvarint(nil, n)
	exports := binary.AppendUvarint(nil, n)
	code := binary.AppendUvarint(nil, n)
	for i, f := range funcs {
		i := uint64(i)
		types = append(types, 0x60)
		types = appendName(types, f.Type.Params)
		types = appendName(types, f.Type.Results)

		imports = appendName(imports, f.From.Module)
		imports = appendName(imports, f.From.Name)
		imports = binary.AppendUvarint(append(imports, byte(Func)), i)

		defined = binary.AppendUvarint(defined, i)
		exports = appendName(exports, f.Export)
		exports = binary.AppendUvarint(append(exports, byte(Func)), n+i)
		code = appendName(code, forwardBody(i, len(f.Type.Params)))
	}
	out := append([]byte(nil), magic...)
	out = appendSection(out, 1, types)
	out = appendSection(out, 2, imports)
	out = appendSection(out, 3, defined)
	out = appendSection(out, 7, exports)
	return appendSection(out, 10, code)
}

// forwardBody is: no locals, get every parameter, call the import, end.
func forwardBody(callee uint64, params int) []byte {
	const localGet, call = 0x20, 0x10
	body := []byte{0}
	for p := range params {
		body = binary.AppendUvarint(append(body, localGet), uint64(p))
	}
	body = binary.AppendUvarint(append(body, call), callee)
	return append(body, opEnd)
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
