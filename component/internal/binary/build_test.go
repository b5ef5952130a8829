package binary

import (
	"bytes"
	"encoding/binary"
)

// The builders of this file put components together from parts that are readable
// in a test: b("\x00", name("f"), u(300)).

const preamble0 = "\x00asm\x0d\x00\x01\x00"
const coreModule0 = "\x00asm\x01\x00\x00\x00"

func b(parts ...string) string {
	var out bytes.Buffer
	for _, p := range parts {
		out.WriteString(p)
	}
	return out.String()
}

func u(n int) string { return string(binary.AppendUvarint(nil, uint64(n))) }

func name(s string) string { return u(len(s)) + s }

// vec is a vector of elements that are encoded already.
func vec(elements ...string) string { return u(len(elements)) + b(elements...) }

func section(id byte, body string) string { return string([]byte{id}) + name(body) }

func component(sections ...string) string { return preamble0 + b(sections...) }

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
