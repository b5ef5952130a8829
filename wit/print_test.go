package wit

import (
	"io/fs"
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
	if dirs, err := fs.ReadDir(witfiles.FS, "."); err != nil || len(pkgs) != len(dirs) || len(dirs) < 7 {
		t.Errorf("%d packages in %d directories: %v", len(pkgs), len(dirs), err)
	}
	roundTrip(t, pkgs)
}

func TestEveryConstructPrintsBackToAnEqualOne(t *testing.T) {
	for _, name := range []string{"everything.wit", "newer.wit"} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("../testdata/wit/" + name)
			if err != nil {
				t.Fatal(err)
			}
			pkgs, err := Parse(File{Name: name, Text: string(text)})
			if err != nil {
				t.Fatal(err)
			}
			roundTrip(t, pkgs)
		})
	}
}

// TestAWorldOfAComponentReadsBack prints what a decoder gives: interfaces without
// a package, the same interface imported and exported with its own declarations,
// and references to types of other interfaces that no `use` announces.
func TestAWorldOfAComponentReadsBack(t *testing.T) {
	named := func(s string) *Interface {
		n, err := ParseName(s)
		if err != nil {
			t.Fatal(err)
		}
		return &Interface{Name: n}
	}
	declare := func(i *Interface, name string, typ Type) *TypeDef {
		def := &TypeDef{Name: name, Type: typ, Interface: i}
		i.Types = append(i.Types, def)
		return def
	}
	errs := named("wasi:io/error@0.2.12")
	failure := declare(errs, "error", &Resource{})
	streams := named("wasi:io/streams@0.2")
	sink := declare(streams, "output-stream", &Resource{})
	streams.Funcs = []*Func{
		{Name: "[method]output-stream.flush", Kind: Method, Resource: sink,
			Params: []Param{{Name: "self", Type: &Borrow{sink}}}, Result: &Result{Err: &Own{failure}}},
	}
	imported, exported := named("acme:app/types@1.0.0"), named("acme:app/types@1.0.0")
	declare(imported, "both", &Record{Fields: []Field{{Name: "type", Type: U8}}})
	both := declare(exported, "both", &Record{Fields: []Field{{Name: "type", Type: U8}}})
	exported.Funcs = []*Func{{Name: "get", Result: &List{both}}}
	inline := &Interface{Funcs: []*Func{{Name: "stream", Params: []Param{{Name: "to", Type: &Own{sink}}}}}}
	w := &World{
		Imports: []WorldItem{
			{Name: errs.Name.String(), Interface: errs},
			{Name: streams.Name.String(), Interface: streams},
			{Name: imported.Name.String(), Interface: imported},
			{Name: "list", Interface: inline},
			{Name: "log", Func: &Func{Name: "log", Params: []Param{{Name: "e", Type: &Borrow{failure}}}}},
			{Name: "url=<https://example.org/x>", Func: &Func{Name: "url=<https://example.org/x>"}},
		},
		Exports: []WorldItem{
			{Name: exported.Name.String(), Interface: exported},
			{Name: "kind", Type: &TypeDef{Name: "kind", Type: U8}},
		},
	}
	text := PrintWorld(w)
	const want = `package root:component;

world root {
  use wasi:io/error@0.2.12.{error};
  import wasi:io/error@0.2.12;
  import wasi:io/streams@0.2;
  import acme:app/types@1.0.0;
  import %list: interface {
    use wasi:io/streams@0.2.{output-stream};

    %stream: func(to: output-stream);
  }
  import log: func(e: borrow<error>);
  // import url=<https://example.org/x>
  export acme:app/types@1.0.0;
  // export kind
}

package wasi:io@0.2.12 {
  interface error {
    resource error;
  }
}

package wasi:io@0.2 {
  interface streams {
    use wasi:io/error@0.2.12.{error};

    resource output-stream {
      flush: func() -> result<_, error>;
    }
  }
}

package acme:app@1.0.0 {
  interface types {
    record both {
      %type: u8,
    }

    get: func() -> list<both>;
  }
}
`
	if text != want {
		t.Errorf("got\n%s", text)
	}
	pkgs, err := Parse(File{Name: "root.wit", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, pkgs)
}
