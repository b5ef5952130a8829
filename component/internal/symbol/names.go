package symbol

import (
	"unicode"

	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

// symbol is the name of a function in the name section.
func (t *Table) symbol(index uint32) (name string) {
	for _, s := range t.module.CustomSections() {
		if s.Name == "name" {
			return nameIn(s.Data, index)
		}
	}
	return ""
}

// nameIn looks for a function in a name section. The section is read from its beginning
// each time: the few functions of a backtrace do not pay for an index.
func nameIn(section []byte, index uint32) (name string) {
	var err error
	defer cursor.Catch(&err)
	c := cursor.New(section)
	for c.Len() > 0 {
		id := c.Byte()
		body := c.Sub()
		if id != 1 {
			continue
		}
		for n := body.Count(); n > 0; n-- {
			i, text := body.U32(), body.Bytes(body.U32())
			if i == index {
				return string(text)
			}
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
