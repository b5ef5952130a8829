package wit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	witfiles "github.com/tenon-wasm/tenon/hostimpl/wit"
)

// upstream is the folder of the WIT that the WASI subgroup publishes. It is not
// part of this repository.
func upstream(t testing.TB) string {
	dir := os.Getenv("TENON_WIT")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "wit")
	}
	if _, err := os.Stat(filepath.Join(dir, "0.2")); err != nil {
		t.Skipf("no upstream WIT in %s; set TENON_WIT to a folder that holds 0.2 and 0.3", dir)
	}
	return dir
}

// roundTrip prints packages, reads the text back and compares.
func roundTrip(t testing.TB, pkgs []*Package) {
	t.Helper()
	if len(pkgs) == 0 {
		t.Fatal("no packages")
	}
	text := Print(pkgs[0], pkgs[1:]...)
	again, err := Parse(File{Name: "printed.wit", Text: text})
	if err != nil {
		t.Fatalf("%v in\n%s", err, numbered(text))
	}
	if d := packagesDiffer(pkgs, again); d != "" {
		t.Fatalf("%s, in\n%s", d, numbered(text))
	}
	if twice := Print(again[0], again[1:]...); twice != text {
		t.Fatalf("printed again it differs:\n%s\n%s", text, twice)
	}
	for _, p := range pkgs {
		for _, w := range p.Worlds {
			checkWorldText(t, w)
		}
	}
}

// checkWorldText reads back what PrintWorld says and compares the world.
func checkWorldText(t testing.TB, w *World) {
	t.Helper()
	text := PrintWorld(w)
	pkgs, err := Parse(File{Name: "world.wit", Text: text})
	if err != nil {
		t.Fatalf("world %s: %v in\n%s", w.Name, err, numbered(text))
	}
	again := pkgs[0].World(w.Name.Interface)
	d := &differ{}
	d.world(w, again)
	if d.first != "" {
		t.Fatalf("world %s: %s, in\n%s", w.Name, d.first, numbered(text))
	}
}

func numbered(text string) string {
	lines := strings.Split(text, "\n")
	if len(lines) > 400 {
		return text[:4000]
	}
	return text
}

func TestUpstreamPackagesPrintBackToEqualOnes(t *testing.T) {
	dir := upstream(t)
	for _, track := range []string{"0.2", "0.3"} {
		t.Run(track, func(t *testing.T) {
			r := Resolver{Tracks: true}
			if err := r.AddFS(os.DirFS(dir), track); err != nil {
				t.Fatal(err)
			}
			pkgs, err := r.Resolve()
			if err != nil {
				t.Fatal(err)
			}
			roundTrip(t, pkgs)
		})
	}
}

func TestTheWITOfThisHostPrintsBackToItself(t *testing.T) {
	pkgs, err := ParseFS(witfiles.FS, ".")
	if err != nil {
		t.Fatal(err)
	}
	if len(pkgs) != 7 {
		t.Errorf("%d packages, want 7", len(pkgs))
	}
	roundTrip(t, pkgs)
}
