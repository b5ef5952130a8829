package component

import "github.com/tenon-wasm/tenon/component/internal/binary"

// Kind tells what the bytes of a file are, by their first few.
type Kind uint8

const (
	KindUnknown   Kind = iota // no WebAssembly
	KindComponent             // a component
	KindModule                // a core module
	KindText                  // text, perhaps the text format
)

// KindOf looks at the beginning of a file.
func KindOf(data []byte) Kind {
	switch binary.Kind(data) {
	case binary.KindComponent:
		return KindComponent
	case binary.KindModule:
		return KindModule
	case binary.KindText:
		return KindText
	}
	return KindUnknown
}
