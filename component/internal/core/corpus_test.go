package core

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the corpus")

// shapes are small modules, one for every form that the reader tells apart.
func shapes() map[string]string {
	one := func(id byte, entry string) string { return module(section(id, vec(entry))) }
	imp := func(typ string) string { return one(2, b(name("m"), name("n"), typ)) }
	segment := func(s string) string { return one(9, s) }
	global := func(init string) string { return one(6, "\x7f\x00"+init+"\x0b") }
	return map[string]string{
		"everything":           everything,
		"preamble":             module(),
		"type-func":            one(1, "\x60\x02\x7f\x7b\x02\x63\x00\x64\x6e"),
		"type-struct":          one(1, "\x5f\x03\x78\x00\x77\x01\x63\x70\x00"),
		"type-array":           one(1, "\x5e\x64\x00\x01"),
		"type-continuation":    one(1, "\x5d\x00"),
		"type-rec":             one(1, "\x4e\x02\x50\x00\x60\x00\x00\x4f\x01\x00\x60\x00\x00"),
		"type-shared":          one(1, "\x65\x60\x02\x65\x70\x63\x65\x6e\x00"),
		"import-func":          imp("\x00\x00"),
		"import-table":         imp("\x01\x70\x01\x02\x80\x01"),
		"import-table-64":      imp("\x01\x6f\x05\x02\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),
		"import-memory":        imp("\x02\x00\x01"),
		"import-memory-shared": imp("\x02\x03\x01\x02"),
		"import-memory-paged":  imp("\x02\x08\x01\x00"),
		"import-global":        imp("\x03\x63\x6f\x01"),
		"import-tag":           imp("\x04\x00\x80\x01"),
		"import-nameless":      one(2, b(name(""), name(""), "\x00\x00")),
		"import-long-numbers":  module("\x02\x86\x80\x80\x80\x00" + "\x81\x00" + "\x00\x00\x00\x00"),
		"import-none":          module(section(2, vec()), section(7, vec())),
		"table-initialised":    one(4, "\x40\x00\x70\x00\x01\xd2\x00\x0b"),
		"global-i32":           global("\x41\x80\x80\x80\x80\x78"),
		"global-i64":           global("\x42\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00"),
		"global-float":         global("\x43\x00\x00\xc0\x7f\x44\x00\x00\x00\x00\x00\x00\xf8\x7f"),
		"global-extended":      global("\x23\x00\x41\x01\x6a\x41\x02\x6b\x41\x03\x6c"),
		"global-ref":           global("\xd0\x65\x70\xd2\x00"),
		"global-vector":        global("\xfd\x0c" + strings.Repeat("\x0b", 16)),
		"global-gc":            global("\xfb\x00\x00\xfb\x08\x00\x02\xfb\x1c"),
		"export":               one(7, b(name("e"), "\x04\x80\x01")),
		"start":                module(section(8, "\x00")),
		"elem-active":          segment("\x00\x41\x00\x0b\x01\x00"),
		"elem-declarative":     segment("\x03\x00\x01\x00"),
		"elem-expressions":     segment("\x06\x01\x23\x00\x0b\x64\x70\x01\xd2\x00\x0b"),
		"data":                 module(section(12, "\x01"), section(11, vec("\x01"+name("xy")))),
		"names":                module(section(0, name("name")+"\x00"+name(name("shop")))),
		"names-malformed":      module(section(0, name("name")+"\x00\x09")),
		"order-wrong":          module(section(7, vec()), section(2, vec())),
		"section-twice":        module(section(8, "\x00"), section(8, "\x00")),
		"count-too-large":      module(section(2, "\xff\xff\xff\xff\x0f")),
		"number-too-long":      module(section(8, "\x80\x80\x80\x80\x80\x00")),
		"number-too-large":     module(section(8, "\xff\xff\xff\xff\x1f")),
		"name-not-utf8":        module(section(0, name("\xed\xa0\x80"))),
		"limits-flags":         imp("\x02\x10\x01"),
		"not-constant":         global("\x20\x00"),
	}
}

// The corpora of the fuzz targets are written from the shapes, so that each says
// what it is.
func TestTheCorporaHoldEveryShape(t *testing.T) {
	for _, target := range []string{"FuzzRead", "FuzzRewriteImports"} {
		dir := filepath.Join("testdata", "fuzz", target)
		for what, data := range shapes() {
			file := filepath.Join(dir, what)
			want := fmt.Sprintf("go test fuzz v1\n[]byte(%s)\n", strconv.Quote(data))
			if *update {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := os.ReadFile(file); err != nil || string(got) != want {
				t.Errorf("%s is not the shape %q (write it with -update): %v", file, what, err)
			}
		}
	}
}

// TestOnlyTheMistakesAreRefused keeps the shapes honest: a form that is meant to be
// read is read.
func TestOnlyTheMistakesAreRefused(t *testing.T) {
	mistakes := map[string]bool{
		"order-wrong": true, "section-twice": true, "count-too-large": true, "number-too-long": true,
		"number-too-large": true, "name-not-utf8": true, "limits-flags": true, "not-constant": true,
	}
	for what, data := range shapes() {
		if _, err := Read([]byte(data)); (err != nil) != mistakes[what] {
			t.Errorf("%s: %v", what, err)
		}
	}
}
