package plan

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

var update = flag.Bool("update", false, "write the golden files")

// decoded reads a component; the file is named from where package component is.
func decoded(t testing.TB, file string) *binary.Component {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", file))
	if err != nil {
		t.Fatal(err)
	}
	c, err := binary.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func guestPlan(t testing.TB, name string) *Plan {
	t.Helper()
	p, err := Build(decoded(t, "../testdata/guests/"+name+".wasm"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPlansOfGuests compares plans and worlds with golden files; -update writes them.
func TestPlansOfGuests(t *testing.T) {
	for _, name := range []string{"resources", "composed", "values-utf8", "hello-adapter"} {
		t.Run(name, func(t *testing.T) {
			got := dump(guestPlan(t, name))
			file := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the plan differs from %s (run with -update and look at the difference):\n%s", file, got)
			}
		})
	}
}

// TestWorldsReadBack prints the world of every guest and parses the text.
func TestWorldsReadBack(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/guests/*.wasm")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".wasm")
		text := wit.PrintWorld(guestPlan(t, name).World)
		if _, err := wit.Parse(wit.File{Name: name + ".wit", Text: text}); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

// TestWhatTheHostLacksCanBeInspected: it is valid, so there is a world.
func TestWhatTheHostLacksCanBeInspected(t *testing.T) {
	// A module with a memory of 64-bit addresses, and cabi_realloc for it.
	wide := b(section(1, module(section(1, vec("\x60\x04\x7e\x7e\x7e\x7e\x01\x7e")), section(3, vec("\x00")), section(5, vec("\x04\x01")),
		section(7, vec(name("m")+"\x02\x00", name("r")+"\x00\x00")), section(10, vec("\x04\x00\x42\x00\x0b")))),
		section(2, vec("\x00\x00\x00")), section(6, vec(b("\x00\x02\x01\x00", name("m")), b("\x00\x00\x01\x00", name("r")))))
	narrow := b(section(1, module(section(5, vec("\x00\x01")), section(7, vec(name("m")+"\x02\x00")))),
		section(2, vec("\x00\x00\x00")), section(6, vec(b("\x00\x02\x01\x00", name("m")))))
	imported := b(section(7, vec("\x40\x00\x00\x73")), section(10, vec(b("\x00", name("f"), "\x01\x00"))))
	for _, try := range []struct{ what, data, want string }{
		{"a 64-bit memory", component(wide, imported, section(8, vec(b("\x01\x00\x00", vec("\x03\x00", "\x04\x00"))))), "a 64-bit memory"},
		{"realloc before a 64-bit memory", component(wide, imported, section(8, vec(b("\x01\x00\x00", vec("\x04\x00", "\x03\x00"))))), "a 64-bit memory"},
		{"an i64 for a resource", component(section(7, vec("\x3f\x7e\x00"))), "represented by an i64"},
		{"a stream", component(section(7, vec("\x66\x00", "\x40\x01\x01s\x00\x01\x00")), section(10, vec(b("\x00", name("f"), "\x01\x01"))), section(8, vec("\x01\x00\x00\x00"))), "a stream"},
		{"a map", component(narrow, section(7, vec("\x63\x73\x79", b("\x40", vec(name("m")+"\x00"), "\x01\x00"))), section(10, vec(b("\x00", name("f"), "\x01\x01"))), section(8, vec(b("\x01\x00\x00", vec("\x03\x00"))))), "the type map"},
		{"a built-in", component(section(8, vec("\x05"))), "task.cancel"},
	} {
		c, err := binary.Decode([]byte(try.data))
		if err != nil {
			t.Fatal(try.what, err)
		}
		if _, err := validate.Component(c); err != nil {
			t.Errorf("%s: %v", try.what, err)
		}
		p, err := Build(c, nil)
		if err != nil || p.World == nil || p.Unsupported == nil || !strings.Contains(p.Unsupported.Error(), try.want) {
			t.Errorf("%s: %v, want a world and %q", try.what, err, try.want)
		}
	}
}

// dump prints a plan for people to read.
func dump(p *Plan) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("components, by parent: %v", p.Components)
	line("")
	for i, s := range p.Steps {
		switch s := s.(type) {
		case *Instantiate:
			line("%d: core instance %d = module %d %q from %s", i, s.Instance, s.Module, p.Modules[s.Module].Name, sources(p, s))
			for _, e := range s.Elems {
				line("     checks %d elements against %d", e.Len, e.TableSize)
			}
		case *BindOptions:
			o := p.Options[s.Options]
			line("%d: options %d of component %d: encoding %d, memory %s, realloc %s, post-return %s",
				i, s.Options, o.Component, o.Encoding, refText(o.Memory), refText(o.Realloc), refText(o.PostReturn))
		case *BindFlag:
			line("%d: flag %s of %d for component %d", i, s.Name, s.Instance, s.Component)
		case *DefineResource:
			r := p.Resources[s.Resource]
			line("%d: resource %d %s of component %d, destructor %s", i, s.Resource, r.Def.Name, r.Component, refText(r.Dtor))
		}
	}
	line("")
	for i, r := range p.Resources {
		if r.From.Import >= 0 {
			line("resource %d: %s of import %s", i, r.Def.Name, p.Imports[r.From.Import].Name)
		}
	}
	for i, t := range p.Trampolines {
		kind := [...]string{"lower import", "lower lift", "resource", "resource", "resource", "trap", "trap", "trap"}[t.Kind]
		line("trampoline %d: %s %s, options %d of component %d: %s", i, kind, t.Name, t.Options, t.Component, t.Core)
	}
	for i, l := range p.Lifts {
		line("lift %d: %s = %s, options %d of component %d", i, l.Name, refText(&l.Core), l.Options, l.Component)
	}
	for _, e := range p.Exports {
		n := 0
		for _, it := range append(e.Items, e) {
			if it.Func != nil {
				n++
			}
		}
		line("export %s: %d functions", e.Name, n)
	}
	line("\n%s", strings.TrimSpace(wit.PrintWorld(p.World)))
	return b.String()
}

// sources says what a core instance imports from where.
func sources(p *Plan, s *Instantiate) string {
	m, err := core.Read(p.Modules[s.Module].Binary.Bytes())
	if err != nil {
		return err.Error()
	}
	n := make([]int, len(s.Sources))
	for _, im := range m.Imports {
		var source int
		fmt.Sscan(im.Module, &source)
		n[source]++
	}
	var parts []string
	for i, from := range s.Sources {
		what := fmt.Sprintf("core instance %d", from)
		if from == Host {
			what = "the host"
		}
		parts = append(parts, fmt.Sprintf("%s (%d)", what, n[i]))
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

func refText(r *CoreRef) string {
	switch {
	case r == nil:
		return "none"
	case r.Instance == Host:
		return fmt.Sprintf("trampoline %d", r.Trampoline)
	}
	return fmt.Sprintf("%d.%s", r.Instance, r.Name)
}
