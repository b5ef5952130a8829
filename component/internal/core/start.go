package core

import "encoding/binary"

// DeferStart writes the module anew without its start section: the start function, which
// there must be, is exported under the name, which no other export has.
func (m *Module) DeferStart(name string) []byte {
	if !m.HasStart {
		panic("core: DeferStart of a module without a start function")
	}
	export := appendName(nil, name)
	export = binary.AppendUvarint(append(export, byte(Func)), uint64(m.Start))
	body := binary.AppendUvarint(nil, uint64(len(m.Exports)+1))
	out := make([]byte, 0, len(m.bytes)+len(export)+10)
	if m.exportSection.to == 0 { // which comes before the start section
		out = append(out, m.bytes[:m.startSection.from]...)
		out = appendSection(out, 7, append(body, export...))
	} else {
		out = append(out, m.bytes[:m.exportSection.from]...)
		if len(m.Exports) > 0 {
			body = append(body, m.bytes[m.exportEntries.from:m.exportEntries.to]...)
		}
		out = appendSection(out, 7, append(body, export...))
		out = append(out, m.bytes[m.exportSection.to:m.startSection.from]...)
	}
	return append(out, m.bytes[m.startSection.to:]...)
}
