// Package adapter is for what almost fits: preview 1 and preview 0 modules, core
// modules with an embedded world, and components of versions that need a shim.
//
// It tells such files apart ([Identify]), makes the component that a core module stands for
// ([Compile]), and offers what such components import ([Link]): preview 1 and preview 0,
// served by package preview1 from what hostimpl has, in any mixture with what the module's
// own world says. Components of other versions are met by shims ([Shims]).
package adapter

import (
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon/adapter/preview1"
	"github.com/tenon-wasm/tenon/component"
)

// Kind is what a file is.
type Kind uint8

const (
	Unknown   Kind = iota // no WebAssembly
	Empty                 // no bytes at all
	Text                  // text, perhaps the text format
	Component             // a component: it fits
	Broken                // a core module that cannot be read
	Module                // a core module that imports nothing of WASI
	Preview1              // a core module on wasi_snapshot_preview1
	Preview0              // a core module on wasi_unstable
	Embedded              // a core module with the world of a component in a section
	Mixed                 // both: an embedded world, and preview 1 for the rest
)

// Identify tells what a file is, by its preamble and, for a core module, by what it
// imports and by the section that bindings leave in it.
func Identify(data []byte) Kind {
	switch component.KindOf(data) {
	case component.KindComponent:
		return Component
	case component.KindText:
		if len(data) == 0 {
			return Empty
		}
		return Text
	case component.KindModule:
		return identifyModule(data)
	}
	if len(data) == 0 {
		return Empty
	}
	return Unknown
}

func identifyModule(data []byte) Kind {
	m, err := component.ReadModule(data)
	if err != nil {
		return Broken
	}
	embedded := slices.ContainsFunc(m.Sections, func(s string) bool {
		return strings.HasPrefix(s, "component-type")
	})
	// Bindings that a program was linked with and does not use leave their world in it, too.
	others := slices.ContainsFunc(m.Imports, func(s string) bool { return s != preview1.Module && s != preview1.Unstable })
	if !others && slices.Contains(m.Exports, "_start") {
		embedded = false
	}
	switch wasi1 := slices.Contains(m.Imports, preview1.Module); {
	case embedded && wasi1:
		return Mixed
	case embedded:
		return Embedded
	case wasi1:
		return Preview1
	case slices.Contains(m.Imports, preview1.Unstable):
		return Preview0
	}
	return Module
}

var kinds = [...]struct{ is, remedy string }{
	Unknown:   {"no WebAssembly file", "it does not begin with \\0asm and a known version"},
	Empty:     {"an empty file", "there is nothing to run"},
	Text:      {"a text file, not a component", "WebAssembly text is turned into a binary by `wasm-tools parse`"},
	Component: {"a component", ""},
	Broken:    {"a core module, and not a valid one", "build it again"},
	Module:    {"a core module that uses no WASI", ""},
	Preview1:  {"a preview 1 module", ""},
	Preview0:  {"a preview 0 module (wasi_unstable)", ""},
	Embedded:  {"a core module with the world of a component in it", ""},
	Mixed:     {"a core module with the world of a component in it, and preview 1 imports", ""},
}

// String says what the file is: "a preview 1 module".
func (k Kind) String() string { return kinds[k].is }

// Remedy says what can be done so that it runs; it is empty for what runs as it is.
func (k Kind) Remedy() string { return kinds[k].remedy }

// Runs reports whether [Compile] can take it: a component, or a core module.
func (k Kind) Runs() bool { return kinds[k].remedy == "" }
