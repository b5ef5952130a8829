package binary

import (
	"slices"

	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
)

func (d *decoder) importDef(c *cursor.Cursor) *Import {
	return &Import{Pos: here(c), Name: externName(c), Type: externType(c)}
}

func (d *decoder) exportDef(c *cursor.Cursor) *Export {
	e := &Export{Pos: here(c), Name: externName(c), Sort: sort(c), Index: c.U32()}
	if c.Flag("the presence of an ascribed type") {
		t := externType(c)
		e.Type = &t
	}
	return e
}

// externName reads a name with its attributes. Codes 0x00 and 0x01 mean the same:
// they once told plain names from interface names.
func externName(c *cursor.Cursor) ExternName {
	code := c.Byte()
	if code > 0x02 {
		c.FailAt(c.Offset()-1, "%#02x does not begin a name", code)
	}
	n := ExternName{Code: code, Name: c.Name()}
	if code == 0x02 {
		for i := range c.Count() {
			c.Enter("attribute", i)
			attribute(c, &n)
			c.Leave()
		}
	}
	return n
}

// attribute reads one attribute; a name has each at most once.
func attribute(c *cursor.Cursor, n *ExternName) {
	at := c.Offset()
	kind := AttributeKind(c.Byte())
	if int(kind) >= len(attributeNames) {
		c.FailAt(at, "%#02x is not an attribute", uint8(kind))
	}
	if slices.Contains(n.Attributes, kind) {
		c.FailAt(at, "the attribute is there twice")
	}
	n.Attributes = append(n.Attributes, kind)
	text := c.Name()
	switch kind {
	case AttributeImplements:
		n.Implements = text
	case AttributeVersionSuffix:
		n.VersionSuffix = text
	case AttributeExternalID:
		n.ExternalID = text
		return
	}
	if text == "" {
		c.FailAt(at, "the attribute is empty")
	}
}

func externType(c *cursor.Cursor) ExternType {
	at := c.Offset()
	switch b := c.Byte(); b {
	case 0x00:
		c.Expect(0x11, "the core sort of an import or export")
		return ExternType{Sort: SortCoreModule, Index: c.U32()}
	case 0x01:
		return ExternType{Sort: SortFunc, Index: c.U32()}
	case 0x02:
		return valueBound(c)
	case 0x03:
		return typeBound(c)
	case 0x04:
		return ExternType{Sort: SortComponent, Index: c.U32()}
	case 0x05:
		return ExternType{Sort: SortInstance, Index: c.U32()}
	default:
		c.FailAt(at, "%#02x is not the type of an import or export", b)
		return ExternType{}
	}
}

func typeBound(c *cursor.Cursor) ExternType {
	t := ExternType{Sort: SortType}
	switch b := c.Byte(); b {
	case 0x00:
		t.Index = c.U32()
	case 0x01:
		t.SubResource = true
	default:
		c.FailAt(c.Offset()-1, "%#02x is not a type bound", b)
	}
	return t
}

func valueBound(c *cursor.Cursor) ExternType {
	t := ExternType{Sort: SortValue}
	switch b := c.Byte(); b {
	case 0x00:
		t.Index = c.U32()
	case 0x01:
		v := valType(c)
		t.Value = &v
	default:
		c.FailAt(c.Offset()-1, "%#02x is not a value bound", b)
	}
	return t
}
