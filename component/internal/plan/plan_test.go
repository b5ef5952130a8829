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
	"github.com/tenon-wasm/tenon/wit"
)

var update = flag.Bool("update", false, "write the golden files")

func guestPlan(t testing.TB, name string) *Plan {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "guests", name+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := binary.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Build(c, nil)
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
		kind := [...]string{"lower import", "lower lift", "resource", "resource", "resource"}[t.Kind]
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
	m, err := core.Read(p.Modules[s.Module].Bytes)
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
