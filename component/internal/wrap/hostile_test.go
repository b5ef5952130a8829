package wrap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/internal/bounds"
	"github.com/tenon-wasm/tenon/wit"
)

// TestAMebibyteOfHostileWorldIsBounded: it costs less than a second and 256 MiB to make a
// component of a module with such a world, or to refuse it.
func TestAMebibyteOfHostileWorldIsBounded(t *testing.T) {
	// What is large is refused; what is a part of that may be taken, and costs more.
	for _, part := range []int{1, 12} {
		for what, w := range hostileWorlds(part) {
			t.Run(fmt.Sprintf("%s/a part in %d", what, part), func(t *testing.T) { checkWorld(t, w) })
		}
	}
	t.Run("exports that are not there", func(t *testing.T) {
		w := hostileWorlds(12)["functions"]
		checkWorld(t, &wit.World{Exports: w.Exports})
	})
	t.Run("sections of noise", func(t *testing.T) {
		m := string(modulePreamble)
		for range 60 {
			m = carries(m, "\x00asm\x0d\x00\x01\x00"+strings.Repeat("\x07\x02\x01\x7f", 4000))
		}
		checkBounds(t, m)
	})
}

// checkWorld checks what a module costs that carries the world, alone and a few times, and one
// that has all that the world has.
func checkWorld(t *testing.T, w *wit.World) {
	w.Name = wit.Name{Namespace: "a", Package: "b", Interface: "w"}
	content, err := Section(w, cabi.UTF8)
	if err != nil {
		t.Fatal(err)
	}
	checkBounds(t, carries(string(modulePreamble), string(content)))
	const mebibyte = 1 << 20
	m := string(modulePreamble)
	for n := 0; n < 60 && len(m) < mebibyte; n++ {
		m = carries(m, string(content))
	}
	checkBounds(t, m)
	whole, err := dummyModule(string(content))
	if err != nil {
		t.Logf("no module: %.200v", err)
		return
	}
	checkBounds(t, whole)
}

// hostileWorlds are worlds of about a mebibyte, or a part of it.
func hostileWorlds(part int) map[string]*wit.World {
	pkg := wit.Name{Namespace: "a", Package: "b"}
	in := func(name string) wit.Name { return pkg.In(name) }
	iface := func(name string, types []*wit.TypeDef, funcs ...*wit.Func) *wit.Interface {
		i := &wit.Interface{Name: in(name), Types: types, Funcs: funcs}
		for _, def := range types {
			def.Interface = i
		}
		return i
	}
	item := func(i *wit.Interface) wit.WorldItem { return wit.WorldItem{Name: i.Name.String(), Interface: i} }
	enum := func(n int) wit.Type {
		e := &wit.Enum{}
		for k := range n {
			e.Labels = append(e.Labels, fmt.Sprintf("label%d", k))
		}
		return e
	}
	uses := func(from *wit.Interface) (types []*wit.TypeDef) {
		for _, def := range from.Types {
			types = append(types, &wit.TypeDef{Name: def.Name, Type: def})
		}
		return types
	}
	var many []*wit.TypeDef
	for k := range 2000 / part {
		many = append(many, &wit.TypeDef{Name: fmt.Sprintf("t%d", k), Type: enum(3)})
	}
	base := iface("base", many)
	big := iface("big", []*wit.TypeDef{{Name: "t", Type: enum(60_000 / part)}})

	functions := &wit.World{}
	for k := range 40_000 / part {
		functions.Imports = append(functions.Imports, wit.WorldItem{Name: fmt.Sprintf("f%d", k), Func: &wit.Func{Name: fmt.Sprintf("f%d", k)}})
		functions.Exports = append(functions.Exports, wit.WorldItem{Name: fmt.Sprintf("f%d", k), Func: &wit.Func{Name: fmt.Sprintf("f%d", k)}})
	}
	interfaces := &wit.World{}
	for k := range 20_000 / part {
		interfaces.Imports = append(interfaces.Imports, item(iface(fmt.Sprintf("i%d", k), nil, &wit.Func{Name: "f"})))
		interfaces.Exports = append(interfaces.Exports, item(iface(fmt.Sprintf("i%d", k), nil)))
	}
	// Every exported interface takes all the types of another.
	taken := &wit.World{Imports: []wit.WorldItem{item(base)}}
	for k := range 20 {
		taken.Exports = append(taken.Exports, item(iface(fmt.Sprintf("e%d", k), uses(base))))
	}
	// Each takes one type, which is long.
	long := &wit.World{Imports: []wit.WorldItem{item(big)}}
	for k := range 5000 / part {
		long.Exports = append(long.Exports, item(iface(fmt.Sprintf("e%d", k), uses(big))))
	}
	// A type that is made of itself, and again, is small and weighs much.
	var doubled []*wit.TypeDef
	var last wit.Type = wit.U8
	for k := range 20 {
		def := &wit.TypeDef{Name: fmt.Sprintf("t%d", k), Type: &wit.Tuple{Elems: []wit.Type{last, last}}}
		doubled, last = append(doubled, def), def
	}
	doubling := &wit.World{Exports: []wit.WorldItem{item(iface("d", doubled, &wit.Func{Name: "f", Result: last}))}}
	resources := &wit.World{}
	var defs []*wit.TypeDef
	for k := range 20_000 / part {
		defs = append(defs, &wit.TypeDef{Name: fmt.Sprintf("r%d", k), Type: &wit.Resource{}})
	}
	resources.Exports = []wit.WorldItem{item(iface("r", defs))}

	return map[string]*wit.World{
		"functions": functions, "interfaces": interfaces, "types taken": taken, "a long type taken": long, "doubling": doubling,
		"resources": resources,
	}
}

func checkBounds(t *testing.T, module string) {
	t.Helper()
	bounds.Check(t, fmt.Sprintf("%d bytes", len(module)), func() error {
		m, err := core.Read([]byte(module))
		if err == nil {
			_, _, err = validate.Module([]byte(module))
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = Component(m, world)
		return err
	})
}
