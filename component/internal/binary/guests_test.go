package binary

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/core"
)

func TestTheGuestsDecode(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/guests/*.wasm")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no guests in testdata/guests")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if Kind(data) != KindComponent {
			continue
		}
		c, err := Decode(data)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		eachCoreModule(c, func(m *CoreModule) {
			if _, err := core.Read(m.Bytes); err != nil {
				t.Errorf("%s, core module at %#x: %v", file, m.At(), err)
			}
		})
	}
}

func TestEveryPrefixOfAGuestIsAnErrorOrAShorterComponent(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/guests/*.wasm")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := Decode(data)
		if err != nil {
			continue // a core module
		}
		inside := insideModules(whole, len(data))
		stride := 1
		if len(data) > 32<<10 {
			stride = 61 // all of the large ones take half a minute
		}
		for n := range data {
			// A prefix that ends in a core module is refused for the size of the section:
			// a few of these are enough.
			const few = 4001
			if n%stride != 0 || inside[n] && n%few != 0 {
				continue
			}
			c, err := Decode(data[:n])
			if err == nil && len(c.Defs) > 0 && !reflect.DeepEqual(c.Defs, whole.Defs[:len(c.Defs)]) {
				t.Errorf("%s: the prefix of %d bytes decodes to something else", file, n)
			}
		}
	}
}

// insideModules marks the offsets in core modules, but for their first and last
// bytes.
func insideModules(c *Component, size int) []bool {
	inside := make([]bool, size)
	eachCoreModule(c, func(m *CoreModule) {
		const edge = 64
		for i := m.At() + edge; i < m.At()+len(m.Bytes)-edge; i++ {
			inside[i] = true
		}
	})
	return inside
}

func eachCoreModule(c *Component, f func(*CoreModule)) {
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *CoreModule:
			f(d)
		case *Nested:
			eachCoreModule(d.Component, f)
		}
	}
}
