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
