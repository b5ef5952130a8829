package binary

import "github.com/tenon-wasm/tenon/internal/pieces"

// Components in parts that are readable in a test: b("\x00", name("f"), u(300)).
var (
	b, u, name, vec    = pieces.Join, pieces.Uint, pieces.Name, pieces.Vec
	section, component = pieces.Section, pieces.Component
)

const preamble0 = "\x00asm\x0d\x00\x01\x00"
const coreModule0 = "\x00asm\x01\x00\x00\x00"

// nestedComponents is a component with n more, each inside of the one before.
func nestedComponents(n int) string {
	c := component()
	for range n {
		c = component(section(4, c))
	}
	return c
}

// nestedTypes is a component with n instance types, each declared in the one before.
func nestedTypes(n int) string {
	t := "\x42\x00"
	for range n - 1 {
		t = "\x42\x01\x01" + t
	}
	return component(section(7, vec(t)))
}
