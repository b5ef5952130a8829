package binary

import (
	"os"
	"path/filepath"
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
