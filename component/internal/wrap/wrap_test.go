package wrap

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// world has an interface with numbers of all kinds.
var world = World{
	Serves: map[string]*wit.Interface{"the_host": {Funcs: []*wit.Func{
		{Name: "look-up", Params: []wit.Param{{Name: "p", Type: wit.U32}, {Name: "n", Type: wit.U64}}, Result: wit.S32},
		{Name: "scale", Params: []wit.Param{{Name: "f", Type: wit.F32}}, Result: wit.F64},
		{Name: "end"},
	}}},
	Command: "wasi:cli/run@0.2.12",
}

func section(id byte, items ...string) string {
	body := appendIndex(nil, len(items))
	return string(appendSection(nil, id, append(body, strings.Join(items, "")...)))
}

func text(s string) string { return string(rune(len(s))) + s }

const (
	lookUpType = "\x60\x02\x7f\x7e\x01\x7f"
	scaleType  = "\x60\x01\x7d\x01\x7c"
	plainType  = "\x60\x00\x00"
)

func imported(module, name string, typ byte) string {
	return text(module) + text(name) + "\x00" + string(rune(typ))
}

// guest is a module that imports things, and exports functions and a memory.
func guest(imports []string, exports []string, start bool) string {
	m := string(modulePreamble) + section(1, lookUpType, scaleType, plainType)
	if len(imports) > 0 {
		m += section(2, imports...)
	}
	m += section(3, "\x02") + section(5, "\x00\x01")
	f := string(rune(len(imports)))
	list := []string{text("memory") + "\x02\x00"}
	for _, name := range exports {
		list = append(list, text(name)+"\x00"+f)
	}
	m += section(7, list...)
	if start {
		m += "\x08\x01" + f
	}
	return m + section(10, "\x02\x00\x0b")
}

func wrapped(t *testing.T, module string) *plan.Plan {
	t.Helper()
	m, _, err := validate.Module([]byte(module))
	if err != nil {
		t.Fatal(err)
	}
	data, err := Component(m, world)
	if err != nil {
		t.Fatal(err)
	}
	c, err := binary.Decode(data)
	if err != nil {
		t.Fatalf("what is written cannot be read: %v\n%x", err, data)
	}
	if _, err := validate.Component(c); err != nil {
		t.Fatalf("what is written is not valid: %v\n%x", err, data)
	}
	sameSyntax(t, m, data)
	p, err := plan.Build(c, nil)
	if err != nil || p.Unsupported != nil {
		t.Fatal(err, p.Unsupported)
	}
	return p
}

func TestWhatIsWrittenIsAComponent(t *testing.T) {
	all := []string{imported("the_host", "look_up", 0), imported("the_host", "scale", 1), imported("the_host", "end", 2)}
	for _, c := range []struct {
		what     string
		module   string
		want     string // imports and exports
		modules  int
		noMemory bool
	}{
		{"nothing at all", string(modulePreamble), "", 2, true},
		{"a command", guest(all, []string{"_start"}, false), "the-host look-up scale end; wasi:cli/run@0.2.12", 3, false},
		{"a command that imports nothing", guest(nil, []string{"_start"}, true), "; wasi:cli/run@0.2.12", 2, false},
		{"a reactor", guest(all[1:], []string{"_initialize", "do_it", "doIt", "9th", "x__y", "x_", "ok2"}, false), "the-host scale end; do-it ok2", 3, false},
		{"a start function", guest(all[:1], []string{"start", "_start"}, true), "the-host look-up; wasi:cli/run@0.2.12", 3, false},
		{"two names that become one", guest(nil, []string{"do_it", "do-it"}, false), "; do-it", 2, false},
		{"one function twice", guest([]string{all[2], imported("the_host", "end#1", 2)}, []string{"_start"}, false), "the-host end; wasi:cli/run@0.2.12", 3, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			p := wrapped(t, c.module)
			var have []string
			for _, im := range p.Imports {
				have = append(have, im.Name)
				for _, f := range im.Extern.Items {
					have = append(have, f.Name)
				}
			}
			got := strings.Join(have, " ") + ";"
			for _, e := range p.Exports {
				got += " " + e.Name
			}
			if want := c.want; got != want && !(want == "" && got == ";") {
				t.Errorf("it has %q, want %q", got, want)
			}
			if len(p.Modules) != c.modules {
				t.Errorf("it has %d core modules, want %d", len(p.Modules), c.modules)
			}
		})
	}
}

func TestWhatNobodyServesIsNamed(t *testing.T) {
	many := []string{}
	for i := range 20 {
		many = append(many, imported("env", fmt.Sprint("f", i), 2))
	}
	for _, c := range []struct {
		what   string
		module string
		want   []string
	}{
		{"another module", guest([]string{imported("env", "f", 2)}, nil, false), []string{`func "env.f", which nothing serves`}},
		{"another function", guest([]string{imported("the_host", "g", 2)}, nil, false), []string{`func "the_host.g", which there is not`}},
		{"the name that WIT has", guest([]string{imported("the_host", "look-up", 0)}, nil, false), []string{`"the_host.look-up"`}},
		{"another type", guest([]string{imported("the_host", "end", 1)}, nil, false), []string{`"the_host.end" as (f32) -> (f64), which is () -> ()`}},
		{"a memory", string(modulePreamble) + section(2, text("the_host")+text("end")+"\x02\x00\x01"), []string{`memory "the_host.end"`}},
		{"many", guest(many, nil, false), []string{`"env.f0"`, `"env.f7"`, "and 12 more"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			m, _, err := validate.Module([]byte(c.module))
			if err != nil {
				t.Fatal(err)
			}
			_, err = Component(m, world)
			var refused *Error
			if !errors.As(err, &refused) {
				t.Fatalf("the error is %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(refused.Msg, want) {
					t.Errorf("%q does not say %q", refused.Msg, want)
				}
			}
		})
	}
}

// Whatever is read as a module: what is written of it is well formed, or there is an error.
func FuzzComponent(f *testing.F) {
	f.Add([]byte(guest([]string{imported("the_host", "look_up", 0)}, []string{"_start", "a"}, true)))
	f.Add([]byte(guest(nil, []string{"_initialize", "a_b"}, false)))
	guests, _ := filepath.Glob("../../../testdata/guests/modules/*.wasm")
	for _, g := range guests {
		if data, err := os.ReadFile(g); err == nil && len(data) < 8<<10 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, _, err := validate.Module(data)
		if err != nil {
			return
		}
		out, err := Component(m, world)
		if err != nil {
			return
		}
		c, err := binary.Decode(out)
		if err != nil {
			t.Fatalf("it cannot be read: %v", err)
		}
		var wrong *validate.Error
		if _, err := validate.Component(c); errors.As(err, &wrong) && !strings.Contains(wrong.Msg, "too ") {
			t.Fatalf("it is not valid: %v", err)
		}
		sameSyntax(t, m, out)
	})
}
