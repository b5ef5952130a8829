package tenon_test

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/tenon-wasm/tenon"

// floors says what each part of the house may import of the house, from the
// bottom up; DESIGN calls these the floors. A part is named by the longest prefix
// of the import path that stands here.
var floors = []struct {
	part string
	may  []string
}{
	{"wit", nil},
	{"sockets", nil},
	{"component/cabi", []string{"wit"}},
	{"component/internal", []string{"wit", "component/cabi", "component/internal"}},
	// The generator needs the layouts of the canonical ABI, which it shares a floor
	// with. Its tests run what it generated.
	{"wit/bindgen", []string{"wit", "component/cabi", "hostimpl/wit"}},
	{"wit/bindgen/internal", []string{"wit", "wit/bindgen", "component", "component/cabi", "hostimpl/wit"}},
	{"component", []string{"wit", "component/cabi", "component/internal"}},
	{"component/trace", []string{"wit", "component"}},
	{"component/replay", []string{"wit", "component", "component/cabi", "component/trace"}},
	{"hostimpl/wit", nil},
	{"hostimpl/bind", []string{"wit", "component", "component/cabi", "hostimpl/bind"}},
	{"hostimpl/files", nil},
	{"hostimpl", []string{"wit", "sockets", "hostimpl/files", "component", "component/cabi", "hostimpl/bind", "hostimpl/wit", "hostimpl/internal"}},
	// Those who do not keep buckets in a file do not link what it takes.
	{"hostimpl/boltstore", []string{"hostimpl"}},
	{"adapter", []string{"wit", "component", "component/cabi", "component/replay", "hostimpl", "hostimpl/bind", "sockets"}},
	{"adapter/doctor", []string{"wit", "component", "component/cabi", "hostimpl", "hostimpl/wit", "sockets", "adapter"}},
	{"adapter/conform", []string{"component", "component/cabi", "component/trace", "hostimpl", "adapter", "sockets"}},
	{"cmd", []string{"wit", "wit/bindgen", "component", "component/cabi", "component/trace", "component/replay", "hostimpl", "hostimpl/boltstore", "adapter", "adapter/doctor", "adapter/conform", "sockets"}},
	{"testdata", nil},
	{"internal/bounds", nil}, // only tests import it
	{"internal/leaks", nil},  // only tests import it
	{"internal/pieces", nil}, // only tests import it
	{"internal/forward", []string{"wit", "component/cabi", "internal/pieces"}}, // only tests import it
}

// only says which part may import a dependency from outside.
var only = map[string][]string{
	"github.com/tetratelabs/wazero": {"component"},
	// Names in backtraces: C++ and Rust as their programmers wrote them.
	"github.com/ianlancetaylor/demangle": {"component/internal"},
	"golang.org/x/sys":                   {"sockets", "hostimpl", "hostimpl/files"},
	"golang.org/x/net":                   {"sockets", "hostimpl"},
	"go.etcd.io/bbolt":                   {"hostimpl/boltstore"},
}

func TestImportsPointDownward(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		pkg, imports, _ := strings.Cut(line, " ")
		part := partOf(pkg)
		if part == "" {
			if pkg != module {
				t.Errorf("%s stands on no floor; give it one in arch_test.go", pkg)
			}
			continue
		}
		for _, im := range strings.Fields(imports) {
			checkImport(t, pkg, part, im)
		}
	}
}

func checkImport(t *testing.T, pkg, part, im string) {
	for dep, parts := range only {
		if (im == dep || strings.HasPrefix(im, dep+"/")) && !contains(parts, part) {
			t.Errorf("%s imports %s, which only %s may", pkg, im, strings.Join(parts, ", "))
		}
	}
	to := partOf(im)
	if to == "" || to == part || contains(allowed(part), to) {
		return
	}
	t.Errorf("%s imports %s: %s may import %v of the house", pkg, im, part, allowed(part))
}

func partOf(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, module+"/")
	if !ok {
		return ""
	}
	best := ""
	for _, f := range floors {
		if (rest == f.part || strings.HasPrefix(rest, f.part+"/")) && len(f.part) > len(best) {
			best = f.part
		}
	}
	return best
}

func allowed(part string) []string {
	for _, f := range floors {
		if f.part == part {
			return f.may
		}
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}
