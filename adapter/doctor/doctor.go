// Package doctor says whether a file would run on a host, and if not, why: everything that
// is wrong at once, with what to do about it, before anything runs.
//
// It decides first, and prints then. [Examine] yields a [Report], a plain value: what kind of
// file it is and who made it (file.go, made.go), what its core modules ask of the engine
// (engine.go), what its imports are met by (imports.go), why not (unmet.go) and where types
// drifted (drift.go), what world it fits (world.go), and what it may need to be granted
// (needs.go). A Report prints itself (text.go) and marshals to JSON. Each [Finding] has a
// [Code], and each code a page ([Explain]).
//
// Nothing is compiled and nothing of the guest runs. So what is not valid inside of a function,
// and what traps at the start, is not seen here.
package doctor

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl"
)

// Options say what the file would run on. The zero value is a host that offers all of WASI
// and grants nothing.
type Options struct {
	// Name is what the file is called in the report.
	Name string

	// Grants are what the guest would be given. Directories must be there.
	Grants hostimpl.Config

	// Adapter is what a core module would be given besides.
	Adapter adapter.Config

	// Offer defines what a host of its own offers, in place of WASI, preview 1 and the
	// shims. Grants and Adapter are not used then, but for what the report says of them.
	Offer func(*component.Linker) error

	// Links are other components and core modules that meet imports.
	Links []Link

	// Aliases and Stubs are those of the linker.
	Aliases []Alias
	Stubs   component.StubMode

	// Library is for a file that is not run but called by others: it need not be a command.
	Library bool
}

// A Link is a component or core module that meets the imports of a name.
type Link struct {
	Name string // as for tenon run --link
	Path string // what the report calls it
	Data []byte
}

// An Alias says that what is imported as From is met by To.
type Alias struct{ From, To string }

// Examine examines a file.
func Examine(data []byte, o Options) Report {
	e := &exam{data: data, options: o}
	e.report.Name = o.Name
	if o.Name == "" {
		e.report.Name = "the file"
	}
	e.report.File.Size = len(data)
	e.examine()
	r := &e.report
	r.Runs = !r.failed
	sortFindings(r.Findings)
	return *r
}

// An exam is the work of Examine.
type exam struct {
	data    []byte
	options Options
	kind    adapter.Kind
	survey  *component.Survey
	app     *component.Component // nil where it could not be read
	report  Report
}

func (e *exam) examine() {
	if !e.identify() {
		return
	}
	whole := e.read()
	e.engine()
	if !whole {
		return
	}
	e.imports()
	e.world()
	e.needs()
}

// find adds findings to the report.
func (e *exam) find(f ...Finding) { e.report.find(f...) }

// fail adds an error about the file.
func (e *exam) fail(code Code, cause, cure string, details ...string) {
	e.find(Finding{Code: code, Severity: Error, Cause: cause, Cure: cure, Details: details})
}

// read makes the component that is to be linked, and reports whether there is one.
func (e *exam) read() bool {
	if e.app == nil && !e.wrap() {
		return false
	}
	for _, n := range e.app.Needs() {
		e.gated(n)
	}
	return true
}

// wrap makes the component that a core module stands for.
func (e *exam) wrap() bool {
	var err error
	e.app, err = readComponent(e.data)
	var module *component.ModuleError
	switch {
	case errors.As(err, &module):
		e.unserved(module.Msg)
	case err != nil:
		e.fail(InvalidModule, "it is no valid core module: "+strings.TrimPrefix(err.Error(), "not a valid component: "), buildAgain)
	}
	return err == nil
}

// readComponent reads a component, or the one that a core module stands for.
func readComponent(data []byte) (*component.Component, error) {
	data, err := adapter.Wrap(data)
	if err != nil {
		return nil, err
	}
	return component.Read(data)
}

const buildAgain = "build it again with a current toolchain, and report it to those who make that"

// plural is "1 module" or "2 modules".
func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
