package binary

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzDecode: whatever comes in, Decode answers a tree whose offsets lie in the
// file, or a *DecodeError whose offset does. A tree that is written back, in the
// shortest form, decodes to what is written back to the same bytes.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"", "(component)", coreModule0, component(),
		component(section(1, coreModule0), section(0, name("x")+"y")),
		component(section(2, vec(b("\x00\x03", vec(b(name("env"), "\x12\x05"))), b("\x01", vec(b(name("f"), "\x00\x01")))))),
		component(section(3, vec("\x60\x01\x7f\x00", "\x4e\x02\x5f\x01\x78\x00\x50\x00\x60\x00\x00", b("\x50", vec(b("\x03", name("m"), "\x02\x00\x01"), "\x02\x10\x01\x01\x04"))))),
		component(section(4, component(section(7, vec("\x73"))))),
		component(section(5, vec(b("\x00\x02", vec(b(name("a"), "\x05\x01"))), b("\x01", vec(b("\x00", name("t"), "\x03\x07")))))),
		component(section(6, vec(b("\x01\x00\x02", name("run")), "\x03\x02\x01\x00"))),
		component(section(7, vec(b("\x72", vec(b(name("a"), "\x79"))), b("\x71", vec(b(name("c"), "\x01\x79\x00"))), "\x6f\x02\x79\x01", "\x6a\x01\x79\x00", "\x3f\x7f\x00", "\x40\x00\x01\x00"))),
		component(section(7, vec(b("\x41", vec(b("\x03\x00", name("i"), "\x05\x02"), b("\x04\x00", name("r"), "\x03\x01")))))),
		component(section(8, vec("\x00\x00\x07\x02\x03\x01\x04\x02\x09", "\x01\x00\x07\x01\x00", "\x0f\x03\x01\x03\x01", "\x41\x01\x02\x03"))),
		component(section(9, "\x01\x01\x03\x05"), section(12, vec(b("\x79", name("\x2a"))))),
		component(section(10, vec(b("\x02", name("a"), vec("\x00"+name("a:b/c"), "\x02"+name("x")), "\x05\x00"))), section(11, vec(b("\x00", name("f"), "\x01\x02\x01\x01\x00")))),
		nestedComponents(5), nestedTypes(5),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		root, err := Decode(data)
		if err != nil {
			var de *DecodeError
			if root != nil {
				within(t, root, len(data))
			}
			if !errors.As(err, &de) || de.Offset < 0 || de.Offset > len(data) || de.Msg == "" {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		if Kind(data) != KindComponent {
			t.Fatal("decoded, but not a component by its kind")
		}
		within(t, root, len(data))
		short := encode(root)
		again, err := Decode(short)
		if err != nil {
			t.Fatalf("does not decode when it is written back: %v", err)
		}
		if !bytes.Equal(encode(again), short) {
			t.Fatal("written back twice, it is not the same")
		}
	})
}

func within(t *testing.T, c *Component, size int) {
	if c.Offset < 0 || c.Offset+c.Size > size {
		t.Fatalf("component %d+%d in a file of %d bytes", c.Offset, c.Size, size)
	}
	for _, d := range c.Defs {
		if d.At() < c.Offset || d.At() >= c.Offset+c.Size {
			t.Fatalf("%T at %d, outside of its component at %d+%d", d, d.At(), c.Offset, c.Size)
		}
		if n, ok := d.(*Nested); ok {
			within(t, n.Component, size)
		}
	}
}
