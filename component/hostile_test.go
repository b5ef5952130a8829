package component_test

import (
	"io"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/internal/bounds"
)

const mebibyte = 1 << 20

// doors are the ways in that need no engine. Each is given whatever bytes.
var doors = []struct {
	name string
	open func(data []byte) error
}{
	{"KindOf", func(data []byte) error { component.KindOf(data); return nil }},
	{"Validate", component.Validate},
	{"World", func(data []byte) error { _, err := component.World(data); return err }},
	{"Needs", func(data []byte) error { _, err := component.Needs(data); return err }},
	{"Dump", func(data []byte) error { return component.Dump(io.Discard, data) }},
	{"Read", func(data []byte) error { _, err := component.Read(data); return err }},
	{"SurveyOf", func(data []byte) error { _, err := component.SurveyOf(data); return err }},
	{"Structure", func(data []byte) error { _, err := component.Structure(data); return err }},
	{"ExportedFuncs", func(data []byte) error { _, err := component.ExportedFuncs(data); return err }},
	{"ReadModule", func(data []byte) error { _, err := component.ReadModule(data); return err }},
}

// TestAMebibyteOfHostileBytesIsBoundedAtEveryDoor: it costs less than a second and
// 256 MiB, whether it is good for something in the end or not.
func TestAMebibyteOfHostileBytesIsBoundedAtEveryDoor(t *testing.T) {
	if raced {
		t.Skip("the race detector takes many times the time and memory; .ci/run measures without it")
	}
	shapes := hostileComponents()
	for what, m := range hostileModules() {
		shapes["core module, "+what] = m
		shapes["a component with a core module, "+what] = wasmComponent(sec(1, m), sec(2, vec("\x00\x00\x00")))
	}
	for what, data := range shapes {
		t.Run(what, func(t *testing.T) {
			if len(data) > mebibyte+200 || len(data) < mebibyte/8 {
				t.Fatalf("the shape has %d bytes", len(data))
			}
			for _, door := range doors {
				bounds.Check(t, door.name, func() error { return door.open([]byte(data)) })
			}
		})
	}
}
