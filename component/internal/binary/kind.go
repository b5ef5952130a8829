package binary

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"github.com/tenon-wasm/tenon/component/internal/binary/cursor"
)

// FileKind is what a file looks like from its first bytes.
type FileKind uint8

const (
	KindUnknown   FileKind = iota
	KindComponent          // a component, of any version
	KindModule             // a core module, of any version
	KindText               // text; WAT or not
)

// Layers of the preamble: the second half of what was the version of core modules.
const (
	layerModule    = 0
	layerComponent = 1
)

// version is the only version of the component format so far; it is to become 1
// when the format is final.
const version = 0x0d

var magic = []byte("\x00asm")

const preambleSize = 8

// Kind tells a component, a core module and text apart. It looks at the preamble
// alone and promises nothing about the rest.
func Kind(data []byte) FileKind {
	if len(data) >= preambleSize && bytes.HasPrefix(data, magic) {
		switch _, layer := versionAndLayer(data); layer {
		case layerComponent:
			return KindComponent
		case layerModule:
			return KindModule
		}
		return KindUnknown
	}
	if looksLikeText(data) {
		return KindText
	}
	return KindUnknown
}

func versionAndLayer(preamble []byte) (version, layer uint16) {
	return binary.LittleEndian.Uint16(preamble[4:]), binary.LittleEndian.Uint16(preamble[6:])
}

// looksLikeText reports whether the beginning of data is UTF-8 without control
// characters, which no binary with a magic number is.
func looksLikeText(data []byte) bool {
	const enough = 512
	head := data[:min(len(data), enough)]
	for i := 0; i < len(head); {
		r, size := utf8.DecodeRune(head[i:])
		switch {
		case r == utf8.RuneError && size == 1 && utf8.FullRune(head[i:]):
			return false
		case r == utf8.RuneError && size == 1:
			return i > 0 && len(data) > enough // cut in the middle of a rune by us
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7f:
			return false
		}
		i += size
	}
	return len(head) > 0
}

// preamble reads the preamble of a component, or says what the file is instead.
func preamble(c *cursor.Cursor) {
	at, data := c.Offset(), c.Rest()
	switch kind := Kind(data); {
	case len(data) == 0:
		c.Fail("the file is empty")
	case kind == KindText && data[0] != '(' && !bytes.HasPrefix(bytes.TrimSpace(data), []byte("(")):
		c.Fail("this is a text file, not a component")
	case kind == KindText:
		c.Fail("this is WebAssembly text, not a component: assemble it first, as with wasm-tools parse")
	case kind == KindModule:
		c.Fail("this is a core module (layer 0), not a component")
	case !bytes.HasPrefix(data, magic[:min(len(data), len(magic))]):
		c.Fail("this is not a WebAssembly file: it does not begin with \\0asm")
	case len(data) < preambleSize:
		c.FailAt(at+len(data), "unexpected end: %d bytes are too few for the preamble of a component", len(data))
	}
	v, layer := versionAndLayer(data)
	if layer != layerComponent {
		c.FailAt(at+6, "layer %#x is unknown: neither a core module nor a component", layer)
	}
	if v != version {
		c.FailAt(at+4, "version %#x of the component format is not supported, only %#x", v, version)
	}
	c.Bytes(preambleSize)
}
