package core

import (
	"bytes"
	"debug/dwarf"
	"testing"
)

func customSection(name, data string) []byte {
	return appendSection(nil, 0, append(appendName(nil, name), data...))
}

func TestALabelTakesThePlaceOfNamesAndDebugInfoAndOfNothingElse(t *testing.T) {
	typ := []byte{1, 4, 1, 0x60, 0, 0}
	fn := []byte{3, 2, 1, 0}
	code := []byte{10, 4, 1, 2, 0, 0x0b}
	long := make([]byte, 300)
	join := func(parts ...[]byte) []byte { return append(bytes.Clone(magic), bytes.Join(parts, nil)...) }
	whole := join(customSection(".debug_info", string(long)), typ, customSection("name", "x"), fn, code,
		customSection(".debug_line", "abc"), []byte{0, 7, 0x84, 0, 'n', 'a', 'm', 'e', 1}, customSection(".debugger", "kept"), customSection("", ""), customSection(".debug_", ""))
	names := customSection("name", "\x00\x03\x02m7")
	want := join(typ, fn, code, customSection(".debugger", "kept"), customSection("", ""), names)
	if _, err := Read(whole); err != nil {
		t.Fatal(err)
	}
	bare := len(want) - len(names) + len(customSection("name", "x")) + 9 // with the other name section
	size, length := DebugInfo(Pieces{whole})
	if size != len(whole)-bare || length != len(code) {
		t.Errorf("%d bytes of DWARF for %d of code, want %d for %d", size, length, len(whole)-bare, len(code))
	}
	got := Label(Pieces{whole}, "m7", false).Bytes()
	if !bytes.Equal(got, want) {
		t.Errorf("left %q, want %q", got, want)
	}
	if size, _ := DebugInfo(Pieces{got}); size != 0 {
		t.Errorf("%d bytes of DWARF are left", size)
	}
	if again := Label(Pieces{got}, "m7", false).Bytes(); !bytes.Equal(again, got) {
		t.Error("a module that has its label is not left as it is")
	}
}

// TestTheDebugInfoOfALabelCallsPlacesByTheirOffsets as the standard library reads it.
func TestTheDebugInfoOfALabelCallsPlacesByTheirOffsets(t *testing.T) {
	m, err := Read(Label(Pieces{magic}, "m0", true).Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if m.ModuleName != "m0" {
		t.Errorf("the module is called %q", m.ModuleName)
	}
	sections := map[string][]byte{}
	for _, c := range m.CustomSections() {
		sections[c.Name] = c.Data
	}
	d, err := dwarf.New(sections[".debug_abbrev"], nil, nil, sections[".debug_info"], sections[".debug_line"], nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	unit, err := d.Reader().Next()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := d.LineReader(unit)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []uint64{1, 2, 1 << 20, 1<<31 - 2} {
		var row dwarf.LineEntry
		lines.Reset()
		if err := lines.SeekPC(at, &row); err != nil || row.File.Name != OffsetFile || row.Line != 1 {
			t.Errorf("%#x: %v, %v", at, row, err)
		}
	}
}
