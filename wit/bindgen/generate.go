package bindgen

import (
	"fmt"

	"github.com/tenon-wasm/tenon/wit"
)

// Config says what to generate.
type Config struct {
	// Interfaces are generated, and with them the interfaces that they use.
	Interfaces []*wit.Interface

	// Worlds have their imports generated: interfaces, and as a package of its own
	// for each world the functions and types that it imports directly.
	Worlds []*wit.World

	// Base is the Go import path below which the packages stand.
	Base string

	// Extern gives the Base of packages that exist already, by WIT package
	// without version: {"wasi:io": "github.com/tenon-wasm/tenon/hostimpl/bind"}.
	// They must have been generated from the same WIT; they are referred to.
	Extern map[string]string

	// Source is named in the first line of each file: `hostimpl/wit`.
	Source string
}

// File is a generated file.
type File struct {
	Path string // below Config.Base, with slashes
	Data []byte
}

// Generate turns the interfaces of cfg into Go packages. Its errors name the WIT
// item that cannot be expressed.
func Generate(cfg Config) ([]File, error) {
	packages, err := Model(cfg)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, p := range packages {
		for _, f := range []struct {
			suffix string
			print  func(*printer)
		}{{"", (*printer).face}, {"_abi", (*printer).abi}, {"_wit", (*printer).wit}} {
			pr := &printer{pkg: p}
			f.print(pr)
			data, err := pr.file(cfg.Source, f.suffix == "")
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.WIT, err)
			}
			if data != nil {
				files = append(files, File{Path: p.Dir + "/" + p.Name + f.suffix + ".go", Data: data})
			}
		}
	}
	return files, nil
}

// Model decides everything about the packages of cfg.
func Model(cfg Config) (packages []*Package, err error) {
	defer func() {
		if u, ok := recover().(unsupported); ok {
			packages, err = nil, u
		}
	}()
	m := newModel(cfg)
	for _, p := range m.packages {
		p.declare(m)
	}
	for _, p := range m.packages {
		if !p.extern {
			p.decide(m)
			packages = append(packages, p)
		}
	}
	return packages, nil
}

// unsupported is what the generator panics with where a WIT item has no Go form.
type unsupported struct{ item, why string }

func (u unsupported) Error() string { return u.item + ": " + u.why }
