package core

import (
	"bytes"
	"testing"
)

func customSection(name, data string) []byte {
	return appendSection(nil, 0, append(appendName(nil, name), data...))
}

func TestDebugInfoIsDroppedAndNothingElse(t *testing.T) {
	typ := []byte{1, 4, 1, 0x60, 0, 0}
	fn := []byte{3, 2, 1, 0}
	code := []byte{10, 4, 1, 2, 0, 0x0b}
	long := make([]byte, 300)
	join := func(parts ...[]byte) []byte { return append(bytes.Clone(magic), bytes.Join(parts, nil)...) }
	whole := join(customSection(".debug_info", string(long)), typ, customSection("name", "x"), fn, code,
		customSection(".debug_line", "abc"), customSection(".debugger", "kept"), customSection("", ""), customSection(".debug_", ""))
	want := join(typ, customSection("name", "x"), fn, code, customSection(".debugger", "kept"), customSection("", ""))
	if _, err := Read(whole); err != nil {
		t.Fatal(err)
	}
	size, length := DebugInfo(whole)
	if size != len(whole)-len(want) || length != len(code) {
		t.Errorf("%d bytes of DWARF for %d of code, want %d for %d", size, length, len(whole)-len(want), len(code))
	}
	got := DropDebugInfo(whole)
	if !bytes.Equal(got, want) {
		t.Errorf("left %q, want %q", got, want)
	}
	if size, _ := DebugInfo(got); size != 0 {
		t.Errorf("%d bytes of DWARF are left", size)
	}
	if again := DropDebugInfo(got); !bytes.Equal(again, got) {
		t.Error("a module without DWARF is not left as it is")
	}
}
