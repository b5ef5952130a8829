package binary

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// The golden file is to be read against Binary.md, whose emoji are the gates.
func TestEveryGatedProductionIsFound(t *testing.T) {
	ps := productions()
	ps["nested-name"] = component(section(10, vec(b("\x00", name("a:b:c/d/e@1.0.0"), "\x05\x00"), b("\x00", name("a:b/c"), "\x05\x00"))))
	ps["memory64"] = component(
		section(1, coreModule0+section(4, "\x01\x70\x04\x00")+section(5, "\x02\x04\x00\x00\x00")),
		section(1, coreModule0+section(5, "\x02\x04")), // malformed
		section(8, vec("\x0a\x7e\x00")),
	)
	ps["error-context-inside"] = component(section(7, vec(
		b("\x72", vec(b(name("a"), "\x64"))), b("\x71", vec(b(name("a"), "\x01\x64\x00"))), "\x6f\x02\x79\x64",
		"\x6b\x64", "\x6a\x00\x01\x64", "\x70\x64", b("\x40", vec(b(name("a"), "\x64")), "\x00\x64"))),
		section(8, vec("\x09\x00\x64\x00")), section(10, vec(b("\x00", name("v"), "\x02\x01\x64"))))
	ps["values-inside"] = component(section(5, vec(b("\x01", vec(b("\x00", name("v"), "\x02\x00"))))), section(6, vec("\x02\x00\x00"+name("v"))),
		section(11, vec(b("\x00", name("v"), "\x02\x00\x01\x02\x00\x00"))))
	ps["depth"] = component(section(4, component(section(7, vec(b("\x41", vec(b("\x01\x42", vec("\x01\x66\x00", "\x01\x65\x00")))))))))

	var out strings.Builder
	for _, what := range slices.Sorted(maps.Keys(ps)) {
		c, err := Decode([]byte(ps[what]))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		for _, f := range Gated(c) {
			fmt.Fprintf(&out, "%-36s %#04x  %-34s %s\n", what, f.Offset, f.Gate, f.Name)
		}
	}
	golden(t, "testdata/gated.golden", out.String())
}

func TestNoGuestIsGated(t *testing.T) {
	data, err := os.ReadFile("../../../testdata/guests/composed.wasm")
	if err != nil {
		t.Fatal(err)
	}
	if f := Gated(decode(t, string(data))); len(f) > 0 {
		t.Errorf("gated features in a component of WASI 0.2: %v", f)
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (write it with -update):\n%s", file, got)
	}
}
