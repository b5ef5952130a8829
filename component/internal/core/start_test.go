package core

import (
	"bytes"
	"testing"
)

func TestAStartFunctionThatIsDeferredIsExported(t *testing.T) {
	types := section(1, vec("\x60\x00\x00"))
	funcs := section(3, vec("\x00"))
	start := section(8, "\x00")
	code := section(10, vec("\x02\x00\x0b"))
	for _, c := range []struct {
		what, exports string
		names         []string
	}{
		{"without an export section", "", []string{"go"}},
		{"with an empty one", section(7, vec()), []string{"go"}},
		{"with one", section(7, vec(b(name("f"), "\x00\x00"), b(name("g"), "\x00\x00"))), []string{"f", "g", "go"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			m := read(t, module(types, section(0, name("a")), funcs, c.exports, start, section(0, name("b")), code))
			got := read(t, string(m.DeferStart("go").Bytes()))
			if got.HasStart {
				t.Error("it starts by itself")
			}
			var names []string
			for _, e := range got.Exports {
				names = append(names, e.Name)
				equal(t, "index of "+e.Name, e.Index, uint32(0))
			}
			equal(t, "exports", len(names), len(c.names))
			for i, want := range c.names {
				equal(t, "export", names[i], want)
			}
			equal(t, "custom sections", len(got.CustomSections()), 2)
			if !bytes.HasSuffix(got.Bytes(), []byte(code)) {
				t.Error("the code is another")
			}
		})
	}
}
