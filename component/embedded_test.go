package component_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// TestACoreModuleWithAWorldIsTheComponent runs the tests of values and of resources with
// the core modules as the toolchain left them, before they were made components; and with
// the same modules in the names of BuildTargets.md.
func TestACoreModuleWithAWorldIsTheComponent(t *testing.T) {
	defer func() { asModule = nil }()
	for _, style := range []struct {
		name   string
		module func(testing.TB, []byte) []byte
	}{
		{"the names of today", func(_ testing.TB, m []byte) []byte { return m }},
		{"the names of BuildTargets", restyled},
	} {
		asModule = func(t testing.TB, module []byte) []byte {
			t.Helper()
			data, err := component.ModuleWorld{Command: "wasi:cli/run@0.2.12"}.Component(style.module(t, module))
			if err != nil {
				t.Fatal(err)
			}
			return data
		}
		t.Run(style.name, func(t *testing.T) {
			t.Run("values", TestValuesCrossInBothDirections)
			t.Run("wrong arguments", TestAWrongArgumentLeavesTheInstanceAlive)
			t.Run("malformed strings", TestMalformedStringsTrap)
			t.Run("the host's resource", TestTheHostsResourceWalksThroughTheGuest)
			t.Run("handles", TestFaultsOfHandlesTrap)
			t.Run("the guest's resource", TestAGuestsResourceInGo)
			t.Run("arguments taken back", TestAWrongArgumentTakesTheOthersBack)
			t.Run("what is left", TestCloseDropsWhatIsLeft)
		})
	}
}

// restyled gives the imports and exports of a module the names of BuildTargets.md.
func restyled(t testing.TB, module []byte) []byte {
	t.Helper()
	m, err := core.Read(module)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]core.ImportName, len(m.Imports))
	for i, im := range m.Imports {
		n := core.ImportName{Module: "cm32p2|" + canonical(im.Module), Name: im.Name}
		if iface, ok := strings.CutPrefix(im.Module, "[export]"); ok {
			n.Module = "cm32p2|_ex_" + canonical(iface)
		}
		for _, b := range []string{"drop", "new", "rep"} {
			if r, ok := strings.CutPrefix(im.Name, "[resource-"+b+"]"); ok {
				n.Name = r + "_" + b
			}
		}
		names[i] = n
	}
	exports := binary.AppendUvarint(nil, uint64(len(m.Exports)))
	for _, e := range m.Exports {
		name := exportName(e.Name)
		exports = append(binary.AppendUvarint(exports, uint64(len(name))), name...)
		exports = binary.AppendUvarint(append(exports, byte(e.Kind)), uint64(e.Index))
	}
	return withExports(m.RewriteImports(names).Bytes(), exports)
}

// canonical has the track for a version.
func canonical(name string) string {
	n, err := wit.ParseName(name)
	if err != nil || n.Version.IsZero() {
		return name
	}
	return n.Unversioned().String() + "@" + n.Version.Track()
}

func exportName(name string) string {
	switch name {
	case "memory", "_initialize":
		return "cm32p2_" + strings.TrimPrefix(name, "_")
	case "cabi_realloc":
		return "cm32p2_realloc"
	}
	name, post := strings.CutPrefix(name, "cabi_post_")
	iface, f, ok := strings.Cut(name, "#")
	if !ok {
		return name
	}
	if r, ok := strings.CutPrefix(f, "[dtor]"); ok {
		f = r + "_dtor"
	}
	name = "cm32p2|" + canonical(iface) + "|" + f
	if post {
		name += "_post"
	}
	return name
}

// withExports puts another export section into a module.
func withExports(module, exports []byte) []byte {
	out := append([]byte(nil), module[:8]...)
	for rest := module[8:]; len(rest) > 0; {
		id := rest[0]
		size, n := binary.Uvarint(rest[1:])
		body := rest[1+n : 1+n+int(size)]
		rest = rest[1+n+int(size):]
		if id == 7 {
			body = exports
		}
		out = append(binary.AppendUvarint(append(out, id), uint64(len(body))), body...)
	}
	return out
}
