package witfiles

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/wit"
)

var folders = []string{"cli", "clocks", "config", "filesystem", "http", "io", "keyvalue", "logging", "random", "sockets"}

// TestTheseAreTheDeclarationsOfWASI compares with what the WASI subgroup
// publishes: packages, order, names, types and gates. Comments are our own.
func TestTheseAreTheDeclarationsOfWASI(t *testing.T) {
	dir := os.Getenv("TENON_WIT")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "wit")
	}
	dir = filepath.Join(dir, "0.2")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no upstream WIT in %s; set TENON_WIT to a folder that holds 0.2", dir)
	}
	ours := declarations(t, FS)
	theirs := declarations(t, os.DirFS(dir))
	for name, want := range theirs {
		if have := ours[name]; have != want {
			t.Errorf("%s differs:\n%s", name, firstDifference(have, want))
		}
		delete(ours, name)
	}
	for name := range ours {
		t.Errorf("%s is not what is published", name)
	}
}

// declarations prints every package without its comments.
func declarations(t *testing.T, fsys fs.FS) map[string]string {
	t.Helper()
	pkgs, err := wit.ParseFS(fsys, folders...)
	if err != nil {
		t.Fatal(err)
	}
	text := map[string]string{}
	for _, p := range pkgs {
		text[p.Name.String()] = wit.Printer{NoDocs: true}.Packages(p)
	}
	return text
}

func firstDifference(have, want string) string {
	h, w := strings.Split(have, "\n"), strings.Split(want, "\n")
	for i := range w {
		if i >= len(h) || h[i] != w[i] {
			return "want " + w[i] + "\nhave " + strings.Join(h[min(i, len(h)):min(i+1, len(h))], "")
		}
	}
	return "have more: " + strings.Join(h[len(w):], "\n")
}

// Those that are no part of WASI 0.2 have only drafts.
var drafts = map[string]bool{
	"wasi:config@0.2.0-draft":    true,
	"wasi:keyvalue@0.2.0-draft2": true,
	"wasi:logging@0.1.0-draft":   true,
}

func TestEveryPackageOfWASIIsOfOneVersion(t *testing.T) {
	pkgs, err := wit.ParseFS(FS, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pkgs {
		if p.Name.Version != wit.V(0, 2, 12) && !drafts[p.Name.String()] {
			t.Errorf("%s is not of version 0.2.12", p.Name)
		}
		for _, i := range p.Interfaces {
			if i.Docs == "" {
				t.Errorf("interface %s has no comment", i.Name)
			}
		}
	}
}
