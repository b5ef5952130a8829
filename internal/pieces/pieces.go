// Package pieces puts components and core modules together from parts that are readable
// in a test: Component(Section(7, Vec("\x73"))). A piece is a string of bytes.
package pieces

import (
	"encoding/binary"
	"strings"
)

// Join is the parts one behind the other.
func Join(parts ...string) string { return strings.Join(parts, "") }

// Uint is a number without sign in LEB128.
func Uint(n int) string { return string(binary.AppendUvarint(nil, uint64(n))) }

// Index is a type index where a value type stands: a signed number, not below zero.
func Index(i int) string {
	var out []byte
	for ; i >= 64; i >>= 7 {
		out = append(out, byte(i)|0x80)
	}
	return string(append(out, byte(i)))
}

// Name is a length and as many bytes.
func Name(s string) string { return Uint(len(s)) + s }

// Vec is a vector of elements that are encoded already.
func Vec(elements ...string) string { return Uint(len(elements)) + Join(elements...) }

// Times is a vector of n equal elements.
func Times(n int, element string) string { return Uint(n) + strings.Repeat(element, n) }

// Each is a vector of n elements.
func Each(n int, element func(i int) string) string { return Uint(n) + Row(n, element) }

// Row is n elements without their number.
func Row(n int, element func(i int) string) string {
	var out strings.Builder
	for i := range n {
		out.WriteString(element(i))
	}
	return out.String()
}

// Letters is a name made of letters, another one for each number.
func Letters(i int) string {
	s := []byte{'a' + byte(i%26)}
	for i /= 26; i > 0; i /= 26 {
		s = append(s, 'a'+byte(i%26))
	}
	return string(s)
}

// Section is a section of a component or core module.
func Section(id byte, body string) string { return string([]byte{id}) + Name(body) }

// Component is a component of sections.
func Component(sections ...string) string { return "\x00asm\x0d\x00\x01\x00" + Join(sections...) }

// Module is a core module of sections.
func Module(sections ...string) string { return "\x00asm\x01\x00\x00\x00" + Join(sections...) }
