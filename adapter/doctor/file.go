package doctor

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
)

// identify says what the file is, and reports whether it is worth reading on.
func (e *exam) identify() bool {
	e.kind = adapter.Identify(e.data)
	e.report.File.Kind = e.kind.String()
	switch e.kind {
	case adapter.Empty:
		e.fail(EmptyFile, "the file is empty", "build it again: a tool that failed, or a copy that was cut short, left it so")
		return false
	case adapter.Text:
		e.text()
		return false
	case adapter.Unknown:
		e.unknown()
		return false
	}
	if version := binary.LittleEndian.Uint16(e.data[4:]); e.kind == adapter.Component && version != componentVersion {
		e.otherFormat()
		return false
	}
	if cut := truncation(e.data); cut != "" {
		e.report.File.Kind += ", cut short"
		e.fail(Truncated, cut, "copy or download it again, and compare the sizes")
		return false
	}
	whole := e.look()
	e.made()
	if !whole {
		return false
	}
	if e.survey.TypesOnly {
		e.report.File.Kind = "WIT in its binary form"
		e.fail(WITBinary, "it is WIT in its binary form, a description of a program and no program",
			"run the component that was built from it; `wasm-tools component wit` prints it as text")
		return false
	}
	return e.module()
}

// look reads the file as far as it goes: a component whole, a core module from outside.
func (e *exam) look() bool {
	var err error
	if e.survey, err = component.SurveyOf(e.data); err == nil && e.kind == adapter.Component {
		e.app, err = e.survey.Component()
	}
	code, what := InvalidModule, "it is no valid core module: "
	if e.kind == adapter.Component {
		code, what = InvalidComponent, "it is no valid component: "
	}
	var unsupported *component.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		e.gated(component.Need{Feature: unsupported.Feature, Offsets: []int{unsupported.Offset}})
	case err != nil:
		e.fail(code, what+strings.TrimPrefix(err.Error(), "not a valid component: "), buildAgain)
	}
	return err == nil
}

var (
	watStart = regexp.MustCompile(`^\s*(;;[^\n]*\s*|\(;[^;]*;\)\s*)*\(\s*(module|component|func|memory|core)\b`)
	witStart = regexp.MustCompile(`(?m)^\s*(package\s+[a-z][a-z0-9:@./-]*\s*[;{]|interface\s+%?[a-z][a-z0-9-]*\s*\{|world\s+%?[a-z][a-z0-9-]*\s*\{)`)
)

// text tells texts apart.
func (e *exam) text() {
	head := e.data[:min(len(e.data), 64<<10)]
	switch {
	case watStart.Match(head):
		e.report.File.Kind = "WebAssembly text"
		e.fail(WebAssemblyText, "it is WebAssembly text, not a binary", "assemble it: wasm-tools parse FILE -o app.wasm")
	case witStart.Match(head):
		e.report.File.Kind = "WIT text"
		e.fail(WITText, "it is WIT, the description of an interface, and no program",
			"run the component that was built from it, or compare the two: tenon diff app.wasm FILE")
	default:
		what := "it is a text file"
		if line, _, _ := bytes.Cut(head, []byte("\n")); bytes.HasPrefix(line, []byte("#!")) {
			what = "it is a script for " + short(string(line[2:]))
		} else if lower := bytes.ToLower(bytes.TrimSpace(head)); bytes.HasPrefix(lower, []byte("<!doctype")) || bytes.HasPrefix(lower, []byte("<html")) {
			what = "it is a web page, perhaps the answer of a server that had no such file"
		} else if bytes.HasPrefix(head, []byte("version https://git-lfs")) {
			what = "it is a pointer of git-lfs, which stands for a file that was not fetched"
		}
		e.fail(OtherText, what+", not WebAssembly", "give the binary that the build has written, which mostly ends in .wasm")
	}
}

var magic = []byte("\x00asm")

// Formats that are taken for WebAssembly, by how they begin.
var formats = []struct{ begin, name string }{
	{"\x7fELF", "a program or library for Linux (ELF)"},
	{"MZ", "a program for Windows"},
	{"\xcf\xfa\xed\xfe", "a program for macOS (Mach-O)"},
	{"\xfe\xed\xfa\xcf", "a program for macOS (Mach-O)"},
	{"\xca\xfe\xba\xbe", "a program for macOS, or Java bytecode"},
	{"!<arch>\n", "a static library"},
	{"\x1f\x8b", "compressed by gzip"},
	{"\x28\xb5\x2f\xfd", "compressed by zstd"},
	{"PK\x03\x04", "a zip archive"},
	{"BC\xc0\xde", "LLVM bitcode"},
}

// unknown says what a file is that is no WebAssembly, or of another version.
func (e *exam) unknown() {
	data := e.data
	if bytes.HasPrefix(magic, data) || bytes.HasPrefix(data, magic) && len(data) < 8 {
		e.report.File.Kind = "the beginning of a WebAssembly file"
		e.fail(Truncated, fmt.Sprintf("the file ends after %s, in the first eight that every WebAssembly file has", plural(len(data), "byte")),
			"copy or download it again, and compare the sizes")
		return
	}
	if bytes.HasPrefix(data, magic) {
		e.otherFormat()
		return
	}
	what := "it does not begin with \\0asm"
	for _, f := range formats {
		if bytes.HasPrefix(data, []byte(f.begin)) {
			what = "it is " + f.name
		}
	}
	e.fail(NotWebAssembly, what+", and no WebAssembly", "give the .wasm file; a toolchain writes one for a target such as wasm32-wasip2")
}

// componentVersion is the version of the format of components.
const componentVersion = 0x0d

func (e *exam) otherFormat() {
	version, layer := binary.LittleEndian.Uint16(e.data[4:]), binary.LittleEndian.Uint16(e.data[6:])
	e.report.File.Kind = "WebAssembly of another format"
	e.fail(OtherFormat, fmt.Sprintf("version %#x of layer %#x is neither a component (0xd, 0x1) nor a core module (0x1, 0x0)", version, layer),
		"build it with a toolchain for the component model of WASI 0.2")
}

// truncation says where a file ends too early: its sections say how long they are.
func truncation(data []byte) string {
	names := sectionNames[layerOf(data)]
	for at := 8; at < len(data); {
		id := data[at]
		size, n := binary.Uvarint(data[at+1:])
		if n < 0 || size > 1<<32-1 || int(id) >= len(names) {
			return "" // It is malformed, not short.
		}
		if n == 0 {
			return fmt.Sprintf("the file ends at byte %d, in the size of a section", len(data))
		}
		begin := at + 1 + n
		if uint64(len(data)-begin) < size {
			return fmt.Sprintf("the file ends at byte %d, in a %s section that begins at %#x and has %d bytes: %d are missing",
				len(data), names[id], at, size, size-uint64(len(data)-begin))
		}
		at = begin + int(size)
	}
	return ""
}

func layerOf(data []byte) int { return int(data[6] & 1) }

var sectionNames = [2][]string{
	{"custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code", "data", "data count", "tag"},
	{"custom", "core module", "core instance", "core type", "component", "instance", "alias", "type", "canon", "start", "import", "export", "value"},
}

// module says what is the matter with a core module, and reports whether to go on.
func (e *exam) module() bool {
	// What has a world is run as the component that it stands for.
	switch e.kind {
	case adapter.Embedded:
		e.find(Finding{Code: EmbeddedWorld, Severity: Note,
			Cause: "it is a core module with the world of a component in it, and not yet a component",
			Cure:  "make one of it: wasm-tools component new FILE -o app.wasm"})
	case adapter.Mixed:
		e.find(Finding{Code: MissingAdapter, Severity: Note,
			Cause: "it is a core module with the world of a component in it that imports preview 1 besides, and no adapter joins the two",
			Cure:  "make a component with the adapter: wasm-tools component new FILE --adapt wasi_snapshot_preview1.command.wasm -o app.wasm"})
	case adapter.Module, adapter.Preview1, adapter.Preview0:
		if im := e.worldImport(); im != "" {
			e.fail(WorldStripped, fmt.Sprintf("it is a core module that imports %s, and the section with its world (component-type) is gone", im),
				"build it again and make the component before anything strips custom sections: wasm-tools component new, then wasm-tools strip")
			return false
		}
		exports := e.survey.Modules[0].Exports
		if e.kind == adapter.Module && !slices.Contains(exports, "_start") && !e.options.Library && !e.importsAnything() {
			e.find(Finding{Code: BareModule, Severity: Error,
				Cause:   "it is a core module without a function _start, and no component: there is nothing to run",
				Cure:    "build it as a command (wasm32-wasip1 or wasip2), or call what it exports with tenon invoke",
				Details: listed("it exports", exports)})
		}
	}
	return true // What is no valid module is told of when it is read.
}

func (e *exam) importsAnything() bool { return len(e.survey.Modules[0].Imports) > 0 }

// worldImport is the first interface of WIT that a core module imports from.
func (e *exam) worldImport() string {
	for _, im := range e.survey.Modules[0].Imports {
		if strings.Contains(im.Module, ":") && strings.Contains(im.Module, "/") {
			return im.Module
		}
	}
	return ""
}

// Module names that tell for what a core module was built.
var otherHosts = []struct{ module, built, cure string }{
	{"wbg", "it was built for a browser by wasm-bindgen", "build it for wasm32-wasip1 or wasm32-wasip2, without wasm-bindgen"},
	{"__wbindgen_placeholder__", "it was built for a browser with wasm-bindgen", "build it for wasm32-wasip1 or wasm32-wasip2, without wasm-bindgen"},
	{"gojs", "it was built with GOOS=js, for a browser", "build it with GOOS=wasip1 GOARCH=wasm"},
	{"go", "it was built with GOOS=js, for a browser", "build it with GOOS=wasip1 GOARCH=wasm"},
	{"wasi_ephemeral_sock", "it asks for sockets as another runtime has added them to preview 1", "build it for wasm32-wasip2, which has wasi:sockets"},
	{"wasix_32v1", "it was built for WASIX, which one runtime has", "build it for wasm32-wasip1 or wasm32-wasip2"},
	{"env", "it wants functions from a host of its own, as programs of Emscripten do and programs that were linked with undefined symbols allowed",
		"link what is missing, or build it for WASI: -sSTANDALONE_WASM with Emscripten, wasi-sdk for C"},
}

// unserved tells of a core module that imports what nobody serves.
func (e *exam) unserved(msg string) {
	f := Finding{Code: UnservedImport, Severity: Error, Cause: msg,
		Cure: "build it for WASI alone: these imports are of another host"}
	if e.kind == adapter.Embedded || e.kind == adapter.Mixed {
		f.Cure = "make the component with the toolchain's own tool, wasm-tools component new, and see whether that says the same"
		e.find(f)
		return
	}
	for _, o := range otherHosts {
		from := func(im component.CoreImport) bool { return im.Module == o.module }
		if slices.ContainsFunc(e.survey.Modules[0].Imports, from) {
			f.Code, f.Cause, f.Cure = OtherRuntimeModule, o.built, o.cure
			f.Details = strings.Split(msg, "; ")
			break
		}
	}
	e.find(f)
}

// few is how many names are listed.
const few = 12

// listed is a line with names, and none if there are none.
func listed(what string, names []string) []string {
	if len(names) == 0 {
		return nil
	}
	return []string{what + " " + some(names)}
}

// some is the first few names.
func some(names []string) string {
	var b strings.Builder
	for i, n := range names[:min(len(names), few)] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(short(n))
	}
	if more := len(names) - few; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}

// short is a name of the file, which may hold anything, for a line of text.
func short(s string) string {
	const longest = 120
	if len(s) > longest {
		s = s[:longest] + "..."
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return '?'
		}
		return r
	}, s)
}
