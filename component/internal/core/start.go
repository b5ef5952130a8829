package core

import "encoding/binary"

// DeferStart is the module without its start section: the start function, which
// there must be, is exported under the name, which no other export has.
func (m *Module) DeferStart(name string) Pieces {
	if !m.HasStart {
		panic("core: DeferStart of a module without a start function")
	}
	export := appendName(nil, name)
	export = binary.AppendUvarint(append(export, byte(Func)), uint64(m.Start))
	body := binary.AppendUvarint(nil, uint64(len(m.Exports)+1))
	start := m.startSection
	exports := m.exportSection
	if exports.to == 0 {
		exports = span{start.from, start.from} // which comes before the start section
	}
	if len(m.Exports) > 0 {
		body = append(body, m.bytes[m.exportEntries.from:m.exportEntries.to]...)
	}
	return Pieces{
		m.bytes[:exports.from], appendSection(nil, 7, append(body, export...)),
		m.bytes[exports.to:start.from], m.bytes[start.to:],
	}
}
