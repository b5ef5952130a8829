package symbol

import (
	"unicode"

	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

// symbol is the name of a function in the name section.
func (t *Table) symbol(index uint32) (name string) {
	if t.names == nil {
		t.names = []byte{}
		for _, s := range t.module.CustomSections() {
			if s.Name == "name" {
				t.names = funcNames(s.Data)
				break
			}
		}
	}
	return nameIn(t.names, index)
}

// funcNames finds the names of functions in a name section.
func funcNames(section []byte) []byte {
	var err error
	defer cursor.Catch(&err)
	c := cursor.New(section)
	for c.Len() > 0 {
		id := c.Byte()
		if body := c.Bytes(c.U32()); id == 1 {
			return body
		}
	}
	return []byte{}
}

// nameIn looks for the name of a function. Names are read from the beginning each time:
// the few functions of a backtrace do not pay for an index.
func nameIn(names []byte, index uint32) string {
	var err error
	defer cursor.Catch(&err)
	c := cursor.New(names)
	for n := c.Count(); n > 0; n-- {
		i, text := c.U32(), c.Bytes(c.U32())
		if i == index {
			return string(text)
		}
	}
	return ""
}

// export is a name under which a function is exported.
func (t *Table) export(index uint32) string {
	for _, e := range t.module.Exports {
		if e.Kind == core.Func && e.Index == index {
			return e.Name
		}
	}
	return ""
}

// plain reports whether a terminal shows a character as itself, in its place.
func plain(r rune) bool {
	return unicode.IsGraphic(r) && r != '\uFFFD' && !unicode.Is(unicode.Bidi_Control, r)
}
