package wrap

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/component/internal/embed"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// sectionOf is the world `w` of a text as the content of a section.
func sectionOf(t testing.TB, text string) string {
	t.Helper()
	packages, err := wit.Parse(wit.File{Name: "a.wit", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		if w := p.World("w"); w != nil {
			data, err := Section(w, cabi.UTF8)
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		}
	}
	t.Fatal("no world w")
	return ""
}

// carries is a module with a section added to it.
func carries(module, content string) string {
	return module + string(appendSection(nil, 0, append(appendName(nil, "component-type"), content...)))
}

// A dummy is a module that imports and exports all that a world has; its functions trap.
type dummy struct {
	types, imports, defined, exports []string
}

func (d *dummy) typ(t core.FuncType) string {
	d.types = append(d.types, string(appendName(appendName([]byte{0x60}, t.Params), t.Results)))
	return string(appendIndex(nil, len(d.types)-1))
}

func name(s string) string { return string(appendName(nil, s)) }

func (d *dummy) imported(module, field string, t core.FuncType) {
	d.imports = append(d.imports, name(module)+name(field)+"\x00"+d.typ(t))
}

// exported is called after all imports.
func (d *dummy) exported(field string, t core.FuncType) {
	d.exports = append(d.exports, name(field)+"\x00"+string(appendIndex(nil, len(d.imports)+len(d.defined))))
	d.defined = append(d.defined, d.typ(t))
}

func (d *dummy) module() string {
	code := make([]string, len(d.defined))
	for i := range code {
		code[i] = "\x03\x00\x00\x0b"
	}
	d.exports = append(d.exports, name("memory")+"\x02\x00")
	return string(modulePreamble) + section(1, d.types...) + section(2, d.imports...) + section(3, d.defined...) +
		section(5, "\x00\x01") + section(7, d.exports...) + section(10, code...)
}

// dummyOf makes the module of a world.
func dummyOf(w *embed.World) string {
	var d dummy
	var a abi
	for _, it := range w.Imports {
		if it.Func != nil {
			t, _ := a.lowered(it.Func)
			d.imported("$root", it.Name, t)
		}
		if it.Interface == nil {
			continue
		}
		for _, f := range it.Interface.Funcs {
			t, _ := a.lowered(f)
			d.imported(it.Name, f.Name, t)
		}
		for _, def := range it.Interface.Types {
			if declares(def) {
				d.imported(it.Name, "[resource-drop]"+def.Name, oneParam)
			}
		}
	}
	for _, it := range w.Exports {
		if it.Interface == nil {
			continue
		}
		for _, def := range it.Interface.Types {
			if declares(def) {
				d.imported("[export]"+it.Name, "[resource-drop]"+def.Name, oneParam)
				d.imported("[export]"+it.Name, "[resource-new]"+def.Name, oneToOne)
				d.imported("[export]"+it.Name, "[resource-rep]"+def.Name, oneToOne)
			}
		}
	}
	export := func(iface string, f *wit.Func) {
		t, _ := a.lifted(f)
		d.exported(legacy.function(iface, f.Name), t)
		d.exported(legacy.post(legacy.function(iface, f.Name)), core.FuncType{Params: t.Results})
	}
	for _, it := range w.Exports {
		if it.Func != nil {
			export("", it.Func)
		}
		if it.Interface == nil {
			continue
		}
		for _, f := range it.Interface.Funcs {
			export(it.Name, f)
		}
		for _, def := range it.Interface.Types {
			if declares(def) {
				d.exported(legacy.dtor(it.Name, def.Name), oneParam)
			}
		}
	}
	four := []byte{core.I32, core.I32, core.I32, core.I32}
	d.exported("cabi_realloc", core.FuncType{Params: four, Results: []byte{core.I32}})
	return d.module()
}

// dummyModule is the module of the world in a section.
func dummyModule(content string) (module string, err error) {
	defer catch(&err)
	empty, err := core.Read([]byte(carries(string(modulePreamble), content)))
	if err != nil {
		return "", err
	}
	w, err := embed.Read(empty)
	if err != nil {
		return "", err
	}
	return carries(dummyOf(w), content), nil
}

// dummyComponent makes the component of the module of the world in a section.
func dummyComponent(content string) (*embed.World, []byte, error) {
	module, err := dummyModule(content)
	if err != nil {
		return nil, nil, err
	}
	m, _, err := validate.Module([]byte(module))
	if err != nil {
		return nil, nil, err
	}
	w, err := embed.Read(m)
	if err != nil {
		return nil, nil, err
	}
	data, err := Component(m, world)
	return w, data, err
}

// worlds show each thing that a world can have.
var worlds = map[string]string{
	"functions":            `package a:b; world w { import f: func(a: u8, b: list<string>) -> option<f64>; export g: func() -> result<string, u32>; }`,
	"types of the world":   `package a:b; world w { record r { a: u8 } resource t { constructor(); m: func(); } import f: func(r: r, t: borrow<t>) -> own<t>; export g: func(t: t) -> r; }`,
	"an interface":         `package a:b@1.0.0; interface i { type t = u64; variant v { a(t), b } f: func(v: v) -> list<v>; } world w { import i; export i; }`,
	"many parameters":      `package a:b; interface i { f: func(a: string, b: string, c: string, d: string, e: string, f: string, g: string, h: string, i: string) -> tuple<u8, u8>; } world w { import i; export i; }`,
	"resources":            `package a:b; interface i { resource r { constructor(n: u32); m: func(o: borrow<r>) -> r; s: static func(); } f: func(r: r) -> option<r>; } world w { import i; export i; }`,
	"uses":                 `package a:b; interface i { resource r; record p { a: u8 } } interface j { use i.{r, p as q}; type z = q; f: func(r: r, z: z) -> q; } interface k { use j.{r, z}; g: func(r: borrow<r>) -> z; } world w { import k; export k; }`,
	"an export on imports": `package a:b; interface i { resource r; enum e { x } } interface j { use i.{r, e}; f: func(r: borrow<r>) -> e; } world w { export j; }`,
	"inline interfaces":    `package a:b; interface i { flags fl { a, b } } world w { import x: interface { use i.{fl}; f: func(f: fl); } export y: interface { resource q; use i.{fl}; g: func(f: fl) -> q; } export z: func(); }`,
	"types alone":          `package a:b; interface i { record r { a: u8 } } world w { import i; export i; }`,
	"nothing":              `package a:b; world w {}`,
	"names in other cases": `package a:b; interface i { record URL { a: u8 } f: func(URL: URL); } world w { import i; export i; }`,
	"an alias exported":    `package a:b; interface i { resource r { get: func() -> u8; } type s = r; f: func(s: s) -> list<r>; } world w { import i; export i; }`,
}

// TestEveryWorldMakesAComponent makes a component of the module that has all of a world, and
// compares its world.
func TestEveryWorldMakesAComponent(t *testing.T) {
	for what, text := range worlds {
		t.Run(what, func(t *testing.T) {
			w, data, err := dummyComponent(sectionOf(t, text))
			if err != nil {
				t.Fatal(err)
			}
			p := planned(t, data)
			alike(t, w, p.World)
		})
	}
}

// alike checks that a component has the world; types of imports that nothing takes are left
// out.
func alike(t *testing.T, want *embed.World, got *wit.World) {
	t.Helper()
	kept := wit.World{Exports: want.Exports}
	for _, it := range want.Imports {
		for _, have := range got.Imports {
			if have.Name == it.Name {
				kept.Imports = append(kept.Imports, it)
			}
		}
		if it.Func != nil || it.Interface != nil && len(it.Interface.Funcs) > 0 {
			if len(kept.Imports) == 0 || kept.Imports[len(kept.Imports)-1].Name != it.Name {
				t.Errorf("it does not import %s", it.Name)
			}
		}
	}
	for _, c := range append(wit.DiffComponents(&kept, got), wit.DiffComponents(got, &kept)...) {
		if !strings.Contains(c.String(), "type ") {
			t.Errorf("it differs: %s", c)
		}
	}
	if len(got.Exports) != len(want.Exports) {
		t.Errorf("it has %d exports, want %d", len(got.Exports), len(want.Exports))
	}
}

// Whatever a world has: the module of it is a component, and a valid one, or there is an error.
func FuzzSection(f *testing.F) {
	for _, text := range worlds {
		f.Add([]byte(sectionOf(f, text)))
	}
	guests, _ := filepath.Glob("../../../testdata/guests/modules/embedded/*.wasm")
	for _, g := range guests {
		data, err := os.ReadFile(g)
		if err != nil {
			f.Fatal(err)
		}
		m, err := core.Read(data)
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range m.CustomSections() {
			if embed.IsSection(c.Name) {
				f.Add(c.Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		_, data, err := dummyComponent(string(content))
		if err != nil {
			var refused *Error
			if errors.As(err, &refused) && strings.Contains(err.Error(), "makes no component") && !strings.Contains(err.Error(), "too large") {
				t.Fatal(err)
			}
			return
		}
		c, err := binary.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := plan.Build(c, nil); err != nil && !strings.Contains(err.Error(), "too ") && !strings.Contains(err.Error(), "not supported") {
			t.Fatal(err)
		}
	})
}
