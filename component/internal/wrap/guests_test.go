package wrap

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/wit"
)

// TestAGuestIsPlannedAsTheToolchainsComponent compares what calls what, with which options,
// in the component that is made here of a core module and in the one of the toolchain.
func TestAGuestIsPlannedAsTheToolchainsComponent(t *testing.T) {
	guests := filepath.Join("..", "..", "..", "testdata", "guests")
	modules, _ := filepath.Glob(filepath.Join(guests, "modules", "embedded", "*.wasm"))
	if len(modules) == 0 {
		t.Fatal("no modules")
	}
	for _, path := range modules {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			module, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := os.ReadFile(filepath.Join(guests, name))
			if err != nil {
				t.Fatal(err)
			}
			m, err := core.Read(module)
			if err != nil {
				t.Fatal(err)
			}
			ours, err := Component(m, world)
			if err != nil {
				t.Fatal(err)
			}
			sameSyntax(t, m, ours)
			got, want := planned(t, ours), planned(t, theirs)
			if wit.PrintWorld(got.World) != wit.PrintWorld(want.World) {
				t.Errorf("the world is\n%s\nwant\n%s", wit.PrintWorld(got.World), wit.PrintWorld(want.World))
			}
			if got, want := crossings(got), crossings(want); got != want {
				t.Errorf("it has\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func planned(t *testing.T, data []byte) *plan.Plan {
	t.Helper()
	c, err := binary.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Build(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// crossings lists what is lifted and what is lowered, a line each, in an order of its own.
func crossings(p *plan.Plan) string {
	var lines []string
	options := func(i int) string {
		o := p.Options[i]
		return fmt.Sprintf("%v memory %v realloc %s post-return %s", o.Encoding, o.Memory != nil, ref(o.Realloc), ref(o.PostReturn))
	}
	for _, l := range p.Lifts {
		lines = append(lines, fmt.Sprintf("lift %s of %s %v: %s", l.Name, l.Core.Name, l.Signature, options(l.Options)))
	}
	for _, x := range p.Trampolines {
		line := fmt.Sprintf("trampoline %d %s %s", x.Kind, x.Name, x.Core)
		if x.Kind == plan.LowerImport {
			line += ": " + options(x.Options)
		}
		lines = append(lines, line)
	}
	for _, r := range p.Resources {
		lines = append(lines, fmt.Sprintf("resource %s, own %v, destructor %s", r.Def.Name, r.Component >= 0, ref(r.Dtor)))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func ref(r *plan.CoreRef) string {
	switch {
	case r == nil:
		return "none"
	case r.Instance == plan.Host:
		return "of the host"
	}
	return r.Name
}
