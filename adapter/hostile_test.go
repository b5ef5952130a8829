package adapter_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/internal/bounds"
)

// vector is a section with n items.
func vector(id byte, n int, items string) string {
	body := string(binary.AppendUvarint(nil, uint64(n))) + items
	return string(binary.AppendUvarint([]byte{id}, uint64(len(body)))) + body
}

func name(s string) string { return string(binary.AppendUvarint(nil, uint64(len(s)))) + s }

// TestAMebibyteOfHostileModuleIsBounded: it costs less than a second and 256 MiB to tell
// what it is, and its world, whether it can be run or not.
func TestAMebibyteOfHostileModuleIsBounded(t *testing.T) {
	const mebibyte = 1 << 20
	head := "\x00asm\x01\x00\x00\x00" + vector(1, 2, "\x60\x01\x7f\x01\x7f\x60\x00\x00")
	repeat := func(one func(i int) string) (all string, n int) {
		var b strings.Builder
		for ; b.Len() < mebibyte; n++ {
			b.WriteString(one(n))
		}
		return b.String(), n
	}
	same, nSame := repeat(func(int) string { return name("wasi_snapshot_preview1") + name("fd_close") + "\x00\x00" })
	others, nOthers := repeat(func(i int) string { return name("wasi_snapshot_preview1") + name(fmt.Sprint("f", i)) + "\x00\x00" })
	modules, nModules := repeat(func(i int) string { return name(fmt.Sprint("m", i)) + name("f") + "\x00\x00" })
	exports, nExports := repeat(func(i int) string { return name(fmt.Sprint("f", i)) + "\x00\x00" })
	empty, nEmpty := repeat(func(int) string { return name("") + name("") + "\x00\x00" })
	one := vector(3, 1, "\x01") + vector(7, nExports, exports) + vector(10, 1, "\x02\x00\x0b")
	for what, data := range map[string]string{
		"imports one function again and again": head + vector(2, nSame, same),
		"imports functions that there are not": head + vector(2, nOthers, others),
		"imports from everywhere":              head + vector(2, nModules, modules),
		"imports without names":                head + vector(2, nEmpty, empty),
		"exports much":                         head + one,
	} {
		t.Run(what, func(t *testing.T) {
			bounds.Check(t, "Identify", func() error { return fmt.Errorf("%v", adapter.Identify([]byte(data))) })
			bounds.Check(t, "Wrap", func() error { _, err := adapter.Wrap([]byte(data)); return err })
			bounds.Check(t, "World", func() error { _, err := adapter.World([]byte(data)); return err })
		})
	}
}

// Every beginning of a module is told for what it is, or refused, and nothing panics.
func TestEveryBeginningOfAModuleIsRefused(t *testing.T) {
	data := guest(t, "p1-reactor")
	for n := 8; n < len(data); n += 7 {
		if _, err := adapter.World(data[:n]); err == nil {
			// Sections may be missing as long as what is there is whole.
			continue
		}
		if k := adapter.Identify(data[:n]); k == adapter.Component {
			t.Fatalf("%d bytes are %v", n, k)
		}
	}
}
