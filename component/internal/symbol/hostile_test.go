package symbol

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/internal/bounds"
)

func u16(v uint16) []byte  { return binary.LittleEndian.AppendUint16(nil, v) }
func u32(v uint32) []byte  { return binary.LittleEndian.AppendUint32(nil, v) }
func uleb(v uint64) []byte { return binary.AppendUvarint(nil, v) }
func sized(b []byte) []byte {
	return append(u32(uint32(len(b))), b...)
}

// sections are debugging information, by section.
type sections struct{ abbrev, info, line, str, ranges []byte }

func (s sections) customs() []core.Custom {
	return []core.Custom{
		{Name: ".debug_abbrev", Data: s.abbrev}, {Name: ".debug_info", Data: s.info}, {Name: ".debug_line", Data: s.line},
		{Name: ".debug_str", Data: s.str}, {Name: ".debug_ranges", Data: s.ranges},
	}
}

// unit4 is a unit of version 4 whose root covers the addresses 1 to 2^31, with line table 0.
func unit4(abbrevs uint32, entries ...[]byte) []byte {
	root := slices.Concat(uleb(1), u32(1), u32(1<<31-2), u32(0))
	return sized(slices.Concat(u16(4), u32(abbrevs), []byte{4}, root, slices.Concat(entries...)))
}

// rootShape is the abbreviation of that root.
func rootShape(children byte) []byte {
	return []byte{1, 0x11, children, atLowPC, formAddr, atHighPC, formData4, atStmtList, formSecOffset, 0, 0}
}

// lines4 is a line table of version 4, with one file and a program.
func lines4(program ...byte) []byte {
	header := slices.Concat([]byte{1, 1, 1, 0, 1, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0}, []byte("a.c\x00\x00\x00\x00\x00"))
	return sized(slices.Concat(u16(4), sized(header), program))
}

// oneRow makes a row for every address.
var oneRow = slices.Concat([]byte{0, 5, 2, 1, 0, 0, 0, 1, 2}, uleb(1<<31-2), []byte{0, 1, 1})

const mebi = 1 << 20

// TestHostileDebugInfoIsBounded looks thirty places up, as a backtrace does, in a
// mebibyte that was made to take long or much.
func TestHostileDebugInfoIsBounded(t *testing.T) {
	end := []byte{0}
	subprogram := []byte{2, tagSubprogram, 1, atLowPC, formAddr, atHighPC, formData4, 0, 0}
	for _, try := range []struct {
		name string
		sections
	}{
		{"a table of 2^40 directories of no bytes", sections{
			abbrev: append(rootShape(0), 0), info: unit4(0),
			line: sized(slices.Concat(u16(5), []byte{4, 0}, u32(40), []byte{1, 1, 1, 0, 1, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0}, uleb(1<<40), make([]byte, 40), oneRow)),
		}},
		{"a table of 2^40 files of a flag that takes no bytes", sections{
			abbrev: append(rootShape(0), 0), info: unit4(0),
			line: sized(slices.Concat(u16(5), []byte{4, 0}, u32(40), []byte{1, 1, 1, 0, 1, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1}, uleb(formFlagPresent), uleb(1<<40), make([]byte, 40), oneRow)),
		}},
		{"units that each begin one long table of abbreviations elsewhere", func() sections {
			s := sections{abbrev: append(bytes.Repeat(subprogram, mebi/2/len(subprogram)), 0), line: lines4(oneRow...)}
			for i := uint32(0); len(s.info) < mebi/2; i += uint32(len(subprogram)) {
				s.info = append(s.info, unit4(i)...)
			}
			return s
		}()},
		{"functions within functions within functions", sections{
			abbrev: slices.Concat(rootShape(1), []byte{2, tagSubprogram, 1, 0, 0}, end),
			info:   unit4(0, bytes.Repeat([]byte{2}, mebi)), line: lines4(oneRow...),
		}},
		{"entries with a thousand attributes of no bytes", sections{
			abbrev: slices.Concat(rootShape(1), []byte{2, tagSubprogram, 0}, bytes.Repeat([]byte{0x3c, formFlagPresent}, 1000), []byte{0, 0}, end),
			info:   unit4(0, bytes.Repeat([]byte{2}, mebi)), line: lines4(oneRow...),
		}},
		{"entries that all name one long string", sections{
			abbrev: slices.Concat(rootShape(1), subprogram, []byte{3, tagInlinedSubroutine, 1, atLowPC, formAddr, atHighPC, formData4, atName, formStrp, 0, 0}, end),
			info: unit4(0, uleb(2), u32(1), u32(1<<31-2),
				bytes.Repeat(slices.Concat(uleb(3), u32(1), u32(1<<31-2), u32(0)), mebi/2/13)),
			str: bytes.Repeat([]byte{'a'}, mebi/2), line: lines4(oneRow...),
		}},
		{"entries that all have one long list of ranges", sections{
			abbrev: slices.Concat(rootShape(1), []byte{2, tagSubprogram, 0, atRanges, formSecOffset, 0, 0}, end),
			info:   unit4(0, bytes.Repeat(slices.Concat(uleb(2), u32(0)), mebi/2/5)),
			ranges: bytes.Repeat(slices.Concat(u32(1), u32(2)), mebi/2/8), line: lines4(oneRow...),
		}},
		{"units that all have one long list of ranges", func() sections {
			s := sections{
				abbrev: []byte{1, 0x11, 0, atRanges, formSecOffset, 0, 0, 0},
				ranges: bytes.Repeat(slices.Concat(u32(1), u32(2)), mebi/2/8),
			}
			s.info = bytes.Repeat(sized(slices.Concat(u16(4), u32(0), []byte{4, 1}, u32(0))), mebi/2/16)
			return s
		}()},
		{"a line program of a mebibyte", sections{
			abbrev: append(rootShape(0), 0), info: unit4(0), line: lines4(append([]byte{0, 5, 2, 1, 0, 0, 0}, bytes.Repeat([]byte{1}, mebi)...)...),
		}},
		{"numbers without end", sections{
			abbrev: append(rootShape(0), 0), info: unit4(0), line: lines4(append([]byte{2}, bytes.Repeat([]byte{0x80}, mebi)...)...),
		}},
	} {
		t.Run(try.name, func(t *testing.T) {
			bounds.Check(t, try.name, func() error {
				d := newDWARF(try.customs())
				budget := MaxSteps
				for pc := range uint64(30) {
					d.lines(1000+pc, &budget)
				}
				return nil
			})
		})
	}
}

// TestHostileNamesAreBounded looks thirty functions up behind a mebibyte of names.
func TestHostileNamesAreBounded(t *testing.T) {
	body := append(uleb(mebi/3), bytes.Repeat([]byte{1, 1, 'f'}, mebi/3)...)
	section := append([]byte{1}, append(uleb(uint64(len(body))), body...)...)
	for what, names := range map[string][]byte{
		"many names": section, "many subsections": bytes.Repeat([]byte{7, 0}, mebi/2), "a count that is wrong": append([]byte{1}, uleb(1<<31)...),
	} {
		bounds.Check(t, what, func() error {
			table := New(&core.Module{})
			table.names = funcNames(names)
			for i := range uint32(30) {
				table.Func(1<<20 + i)
			}
			return nil
		})
	}
}

// FuzzSymbols asks for functions and lines of any module that can be read.
func FuzzSymbols(f *testing.F) {
	for _, m := range programs(f) {
		f.Add(m.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := core.Read(data)
		if err != nil {
			return
		}
		table := New(m)
		table.Forwards()
		budget := MaxSteps
		for i := range uint32(40) {
			table.Func(i)
			table.Lines(i*97, &budget)
		}
	})
}

// FuzzDWARF is FuzzSymbols for sections that stand in no module, where a change is sure to
// hit one of them.
func FuzzDWARF(f *testing.F) {
	for _, m := range programs(f) {
		s := map[string][]byte{}
		for _, c := range m.CustomSections() {
			s[c.Name] = c.Data
		}
		f.Add(s[".debug_abbrev"], s[".debug_info"], s[".debug_line"], s[".debug_ranges"], s[".debug_rnglists"], s[".debug_addr"], s[".debug_str_offsets"], uint16(300))
	}
	f.Fuzz(func(t *testing.T, abbrev, info, line, ranges, rnglists, addr, strOffsets []byte, pc uint16) {
		d := newDWARF([]core.Custom{
			{Name: ".debug_abbrev", Data: abbrev}, {Name: ".debug_info", Data: info}, {Name: ".debug_line", Data: line},
			{Name: ".debug_ranges", Data: ranges}, {Name: ".debug_rnglists", Data: rnglists}, {Name: ".debug_addr", Data: addr},
			{Name: ".debug_str_offsets", Data: strOffsets}, {Name: ".debug_str", Data: []byte("main\x00_ZN1a1bEv\x00")},
		})
		budget := Budget(1 << 20)
		for i := range uint64(8) {
			for _, l := range first(d.lines(uint64(pc)+i*31, &budget)) {
				if l.Line < 0 || l.Column < 0 || len(l.File) > maxName+8 || len(l.Func) > maxName+8 {
					t.Fatalf("%+v", l)
				}
			}
		}
	})
}

func first(lines []Line, _ bool) []Line { return lines }

// FuzzDemangle spells any symbol, in bounded time and length.
func FuzzDemangle(f *testing.F) {
	for _, s := range []string{"_ZN6shapes7picture4drawEPKc", "_RNvNtCs1234_7mycrate3foo3bar", "_ZN4core9panicking5panic17h0123456789abcdefE", "main", "_Z1fI1AIS0_S0_EE"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, symbol string) {
		began := time.Now()
		name := demangled(symbol)
		if len(name) > 4*maxName+8 || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
			t.Fatalf("%q", name)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Fatalf("took %v", took)
		}
	})
}
