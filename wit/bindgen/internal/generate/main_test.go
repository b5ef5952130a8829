package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/tenon-wasm/tenon/wit/bindgen"
)

// The folders with checked-in output, and the configuration that the directives
// in their doc.go give.
var checkedIn = []struct{ name, from, to, base, source string }{
	{"the bindings of WASI", "hostimpl/wit", "hostimpl/bind", "github.com/tenon-wasm/tenon/hostimpl/bind", "hostimpl/wit"},
	{"the bindings of an older draft", "hostimpl/internal/draft/wit", "hostimpl/internal/draft", "github.com/tenon-wasm/tenon/hostimpl/internal/draft", "hostimpl/internal/draft/wit"},
	{"the bindings of every shape", "testdata/bindgen", "hostimpl/bind/internal/testbind", "github.com/tenon-wasm/tenon/hostimpl/bind/internal/testbind", "testdata/bindgen"},
}

func TestCheckedInBindings(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..")
	for _, c := range checkedIn {
		t.Run(c.name+" are what go generate writes", func(t *testing.T) {
			files, err := render(bindgen.Config{Base: c.base, Source: c.source}, filepath.Join(root, c.from))
			if err != nil {
				t.Fatal(err)
			}
			have, err := generated(filepath.Join(root, c.to))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				data, err := os.ReadFile(filepath.Join(root, c.to, filepath.FromSlash(f.Path)))
				if err != nil {
					t.Error(err)
				} else if !bytes.Equal(data, f.Data) {
					t.Errorf("%s/%s is out of date: run go generate ./...", c.to, f.Path)
				}
				delete(have, f.Path)
			}
			for path := range have {
				t.Errorf("%s/%s is generated no more: run go generate ./...", c.to, path)
			}
		})
	}
}
