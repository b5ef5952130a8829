package wrap

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/component/internal/validate"
)

var plainFunc core.FuncType

// made is what becomes of a module with the world of a text.
func made(t *testing.T, d dummy, text string) ([]byte, error) {
	t.Helper()
	m, _, err := validate.Module([]byte(carries(d.module(), sectionOf(t, text))))
	if err != nil {
		t.Fatal(err)
	}
	return Component(m, world)
}

func TestAModuleWithAWorld(t *testing.T) {
	i32 := []byte{core.I32}
	const plain = `package a:b; world w { import f: func(); }`
	const command = `package wasi:cli@0.2.3; interface run { run: func() -> result; } world w { import f: func(); export run; }`
	for _, c := range []struct {
		what, world, want string
		module            func(*dummy)
	}{
		{"may have a start that is called _start", plain, "f; wasi:cli/run@0.2.12", func(d *dummy) {
			d.imported("$root", "f", plainFunc)
			d.exported("_start", plainFunc)
		}},
		{"may export what commands do by itself", command, "f; wasi:cli/run@0.2.3", func(d *dummy) {
			d.imported("$root", "f", plainFunc)
			d.exported("wasi:cli/run@0.2.3#run", core.FuncType{Results: i32})
			d.exported("_start", plainFunc)
		}},
		{"may have _start for what commands export", command, "f; wasi:cli/run@0.2.3", func(d *dummy) {
			d.imported("$root", "f", plainFunc)
			d.exported("_start", plainFunc)
		}},
		{"may leave its imports out", plain, ";", func(d *dummy) { d.exported("more", plainFunc) }},
		{"may import what the host serves besides", plain, "the-host f; wasi:cli/run@0.2.12", func(d *dummy) {
			d.imported("the_host", "end", plainFunc)
			d.imported("$root", "f", plainFunc)
			d.exported("_start", plainFunc)
		}},
		{"is none if it uses nothing of it", plain, "the-host; wasi:cli/run@0.2.12", func(d *dummy) {
			d.imported("the_host", "end", plainFunc)
			d.exported("_start", plainFunc)
		}},
		{"is none if it exports nothing of it, either", command, "the-host; wasi:cli/run@0.2.12", func(d *dummy) {
			d.imported("the_host", "end", plainFunc)
			d.exported("_start", plainFunc)
		}},
		{"may use both manglings", `package a:b@1.0.0; interface i { f: func(); } world w { import i; export i; }`, "a:b/i@1.0.0; a:b/i@1.0.0", func(d *dummy) {
			d.imported("a:b/i@1.0.0", "f", plainFunc)
			d.imported("cm32p2|a:b/i@1", "f", plainFunc)
			d.exported("cm32p2|a:b/i@1|f", plainFunc)
			d.exported("cm32p2_initialize", plainFunc)
			d.exported("_initialize", plainFunc)
		}},
		{"may import another version on the track", `package a:b@1.2.0; interface i { f: func(); } world w { import i; }`, "a:b/i@1.2.0;", func(d *dummy) {
			d.imported("a:b/i@1.5.7", "f", plainFunc)
		}},
		{"may allocate for imports and exports by two functions", `package a:b; world w { import f: func() -> string; export g: func(s: string); }`, "f; g", func(d *dummy) {
			d.imported("$root", "f", core.FuncType{Params: i32})
			d.exported("g", core.FuncType{Params: []byte{core.I32, core.I32}})
			four := core.FuncType{Params: []byte{core.I32, core.I32, core.I32, core.I32}, Results: i32}
			d.exported("cabi_import_realloc", four)
			d.exported("cabi_export_realloc", four)
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			var d dummy
			c.module(&d)
			data, err := made(t, d, c.world)
			if err != nil {
				t.Fatal(err)
			}
			p := planned(t, data)
			var have []string
			for _, im := range p.Imports {
				have = append(have, im.Name)
			}
			got := strings.Join(have, " ") + ";"
			for _, e := range p.Exports {
				got += " " + e.Name
			}
			if got != c.want {
				t.Errorf("it has %q, want %q", got, c.want)
			}
			if lines := crossings(p); strings.Contains(c.what, "two functions") &&
				(!strings.Contains(lines, "realloc cabi_import_realloc") || !strings.Contains(lines, "realloc cabi_export_realloc")) {
				t.Errorf("it has\n%s", lines)
			}
		})
	}
}

func TestWhatDoesNotFitTheWorldIsNamed(t *testing.T) {
	i32 := []byte{core.I32}
	const resource = `package a:b; interface i { resource r { get: func(); } } world w { import i; export i; }`
	const text = `package a:b; world w { import f: func() -> string; export g: func() -> string; }`
	four := core.FuncType{Params: []byte{core.I32, core.I32, core.I32, core.I32}, Results: i32}
	for _, c := range []struct {
		what, world, want string
		module            func(*dummy)
	}{
		{"a table", `package a:b; world w {}`, `it imports table "a.b", where a component has functions alone`, func(d *dummy) {
			d.imports = append(d.imports, name("a")+name("b")+"\x01\x70\x00\x01")
		}},
		{"a name of no component", `package a:b; world w {}`, `it imports func "cm32p2/a:b/i.f", which is no name of a component's import`, func(d *dummy) {
			d.imported("cm32p2/a:b/i", "f", plainFunc)
		}},
		{"a resource that there is not", resource, `it imports func "a:b/i.[resource-drop]s", and in the world that it carries a:b/i has no resource s`, func(d *dummy) {
			d.imported("a:b/i", "[resource-drop]s", oneParam)
		}},
		{"a built-in for the owner alone", resource, `it imports func "a:b/i.[resource-new]r", and in the world that it carries a:b/i has no resource r`, func(d *dummy) {
			d.imported("a:b/i", "[resource-new]r", oneToOne)
		}},
		{"the type of a built-in", resource, `it imports func "a:b/i.[resource-drop]r" as () -> (), which is (i32) -> ()`, func(d *dummy) {
			d.imported("a:b/i", "[resource-drop]r", plainFunc)
		}},
		{"a destructor", resource, `it exports "a:b/i#[dtor]r" as () -> (), which is (i32) -> ()`, func(d *dummy) {
			d.exported("a:b/i#[method]r.get", oneParam)
			d.exported("a:b/i#[dtor]r", plainFunc)
		}},
		{"a post-return", text, `it exports "cabi_post_g" as () -> (), which is (i32) -> ()`, func(d *dummy) {
			d.exported("g", core.FuncType{Results: i32})
			d.exported("cabi_post_g", plainFunc)
		}},
		{"no realloc", text, `the function "f", which it imports, needs room in its memory, and it exports no function "cabi_realloc"`, func(d *dummy) {
			d.imported("$root", "f", oneParam)
			d.exported("g", core.FuncType{Results: i32})
		}},
		{"the type of realloc", text, `it exports "cabi_realloc" as () -> (), which has to be (i32, i32, i32, i32) -> (i32)`, func(d *dummy) {
			d.imported("$root", "f", oneParam)
			d.exported("g", core.FuncType{Results: i32})
			d.exported("cabi_realloc", plainFunc)
		}},
		{"two memories", text, `it exports two memories, "memory" and "cm32p2_memory"`, func(d *dummy) {
			d.exports = append(d.exports, name("cm32p2_memory")+"\x02\x00")
		}},
		{"WASI 0.3", text, `it imports func "$root.[async-lower]f", which is of asynchronous components, of WASI 0.3`, func(d *dummy) {
			d.imported("$root", "[async-lower]f", oneParam)
			d.exported("cabi_realloc", four)
		}},
		{"an export of WASI 0.3", text, `it has no export "g", but "[async-lift]g", which is of asynchronous components, of WASI 0.3`, func(d *dummy) {
			d.exported("[async-lift]g", plainFunc)
		}},
		{"a hook", text, `it exports "__wasm_task_hook", which is of threads, of WASI 0.3`, func(d *dummy) {
			d.exported("__wasm_task_hook", oneParam)
		}},
		{"many exports", `package a:b; interface i { ` + manyFuncs(20) + ` } world w { export i; }`, "and 12 more", func(*dummy) {}},
	} {
		t.Run(c.what, func(t *testing.T) {
			var d dummy
			c.module(&d)
			_, err := made(t, d, c.world)
			var refused *Error
			if !errors.As(err, &refused) || !strings.Contains(refused.Msg, c.want) {
				t.Errorf("the error is %v\nwant %s", err, c.want)
			}
		})
	}
}

func manyFuncs(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "f%d: func(); ", i)
	}
	return b.String()
}

func TestAModuleWithoutMemoryHasNoStrings(t *testing.T) {
	d := dummy{}
	d.exported("g", core.FuncType{Params: []byte{core.I32, core.I32}})
	d.exported("cabi_realloc", core.FuncType{Params: []byte{core.I32, core.I32, core.I32, core.I32}, Results: []byte{core.I32}})
	module := strings.Replace(d.module(), name("memory")+"\x02\x00", name("m_mory")+"\x02\x00", 1)
	m, _, err := validate.Module([]byte(carries(module, sectionOf(t, `package a:b; world w { export g: func(s: string); }`))))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Component(m, world)
	if want := `the function "g" of the world that it carries needs a memory, and it exports none named "memory"`; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}
