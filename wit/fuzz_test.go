package wit

import (
	"os"
	"strings"
	"testing"

	witfiles "github.com/tenon-wasm/tenon/hostimpl/wit"
)

// FuzzParse holds that any text is either refused or means something that can be
// printed and read back as the same.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"everything.wit", "newer.wit", "errors.txt"} {
		text, err := os.ReadFile("../testdata/wit/" + name)
		if err != nil {
			f.Fatal(err)
		}
		if name != "errors.txt" {
			f.Add(string(text))
			continue
		}
		_, sections := split(string(text))
		for i := 0; i < len(sections); i += 2 {
			f.Add(sections[i].body)
		}
	}
	pkgs, err := ParseFS(witfiles.FS, ".")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(Print(pkgs[0], pkgs[1:]...))
	f.Fuzz(func(t *testing.T, text string) {
		pkgs, err := Parse(File{Name: "f.wit", Text: text})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f.wit:") {
				t.Fatalf("error without a place: %v", err)
			}
			return
		}
		roundTrip(t, pkgs)
	})
}

// FuzzDiffPackages holds that a package does not differ from itself, and that every
// change between two has a place and fits on a line.
func FuzzDiffPackages(f *testing.F) {
	everything, err := os.ReadFile("../testdata/wit/everything.wit")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(everything), "package a:b@1.0.0; interface i { f: func(); }")
	f.Add("package a:b@1.0.0; interface i { record r { x: u8 } f: func(p: r); } world w { import i; export g: func(); }",
		"package a:b@1.1.0; interface i { record r { x: u16 } f: func(p: list<r>); resource q; } world w { export i; import g: func(); }")
	f.Fuzz(func(t *testing.T, old, new string) {
		before, err := Parse(File{Name: "old.wit", Text: old})
		if err != nil {
			return
		}
		again, err := Parse(File{Name: "old.wit", Text: old})
		if err != nil {
			t.Fatal(err)
		}
		for i := range before {
			if c := DiffPackages(before[i], again[i]); len(c) > 0 {
				t.Fatalf("it differs from itself: %v", c)
			}
			for k, w := range before[i].Worlds {
				if c := DiffComponents(w, again[i].Worlds[k]); len(c) > 0 {
					t.Fatalf("a world differs from itself: %v", c)
				}
				if c := DiffTarget(w, again[i].Worlds[k]); len(c) > 0 {
					t.Fatalf("a world is not one of itself: %v", c)
				}
			}
		}
		after, err := Parse(File{Name: "new.wit", Text: new})
		if err != nil {
			return
		}
		there, back := DiffPackages(before[0], after[0]), DiffPackages(after[0], before[0])
		if (len(there) == 0) != (len(back) == 0) && before[0].Name == after[0].Name {
			t.Fatalf("%d changes there, %d back: %v %v", len(there), len(back), there, back)
		}
		for _, c := range there {
			if c.Where == "" || c.What == "" || strings.Contains(c.String(), "\n") {
				t.Fatalf("a change without a place or a text: %q", c)
			}
		}
	})
}
