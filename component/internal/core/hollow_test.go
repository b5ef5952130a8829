package core

import (
	"bytes"
	"testing"
)

func TestAHollowModuleHasTheSameOutside(t *testing.T) {
	join := func(parts ...[]byte) []byte { return append(bytes.Clone(magic), bytes.Join(parts, nil)...) }
	typ := []byte{1, 8, 2, 0x60, 0, 0, 0x60, 0, 1, 0x7f}
	fn := []byte{3, 3, 2, 0, 1}
	export := []byte{7, 5, 1, 1, 'f', 0, 1}
	code := []byte{10, 14, 2, 4, 1, 1, 0x7f, 0x0b, 7, 0, 0x41, 0xe4, 0x00, 0x1a, 0x41, 0x0b}
	data := []byte{11, 1, 0}
	mark := []byte("mark")
	end := customSection(hollowSection, "mark")
	for _, c := range []struct {
		name       string
		have, want []byte
	}{
		{"with functions", join(typ, fn, export, code, data), join(typ, fn, export, []byte{10, 9, 2, 3, 0, 0, 0x0b, 3, 0, 0, 0x0b}, data, end)},
		{"without", join(typ, customSection("name", "")), join(typ, customSection("name", ""), end)},
		{"empty", join(), join(end)},
		{"with functions that it cannot have", join([]byte{10, 5, 0xff, 0xff, 0xff, 0xff, 0x0f}), join([]byte{10, 5, 0xff, 0xff, 0xff, 0xff, 0x0f})},
	} {
		if got := Hollow(Pieces{c.have}, mark).Bytes(); !bytes.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	a, err := Read(join(typ, fn, export, code, data))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Read(Hollow(Pieces{a.bytes}, mark).Bytes())
	if err != nil || len(b.Funcs) != len(a.Funcs) || len(b.Exports) != 1 || b.Exports[0] != a.Exports[0] {
		t.Errorf("%v: %+v", err, b)
	}
}
