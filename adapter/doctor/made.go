package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/wit"
)

// maxMade bounds the languages and tools that are told.
const maxMade = 20

// made says who made the file.
func (e *exam) made() {
	f := &e.report.File
	f.Modules, f.Nested = len(e.survey.Modules), max(0, e.survey.Components-1)
	all := slices.Clone(e.survey.Producers)
	for _, m := range e.survey.Modules {
		// What made the adapter did not make the program.
		if !isAdapter(m) {
			all = append(all, m.Producers...)
		}
	}
	for _, p := range all {
		text := short(strings.TrimSpace(p.Name + " " + p.Version))
		list := &f.Tools
		if p.Field == "language" {
			list = &f.Languages
		}
		if !slices.Contains(*list, text) && len(*list) < maxMade {
			*list = append(*list, text)
		}
	}
	f.Toolchain = e.toolchain(all)
	f.Adapter = e.adapter()
}

// toolchains are told by a tool, or a part of the name of one, the most telling first.
var toolchains = []struct{ tool, name string }{
	{"ComponentizeJS", "componentize-js"},
	{"componentize-js", "componentize-js"},
	{"componentize-py", "componentize-py"},
	{"componentize-go", "componentize-go"},
	{"TinyGo", "TinyGo"},
	{"wit-bindgen-rust", "Rust (wit-bindgen)"},
	{"cargo-component", "Rust (cargo-component)"},
	{"rustc", "Rust"},
	{"wit-bindgen-c", "C (wit-bindgen)"},
	{"wit-bindgen-csharp", ".NET"},
	{"wit-bindgen-moonbit", "MoonBit"},
	{"Go cmd/compile", "Go"},
	{"AssemblyScript", "AssemblyScript"},
	{"emscripten", "Emscripten"},
	{"wasi-sdk", "C (wasi-sdk)"},
	{"clang", "C or C++ (clang)"},
	{"Zig", "Zig"},
}

func (e *exam) toolchain(all []component.Producer) string {
	for _, t := range toolchains {
		for _, p := range all {
			if p.Field != "language" && (p.Name == t.tool || strings.Contains(p.Name, t.tool)) {
				return t.name
			}
		}
	}
	for _, p := range all {
		if p.Field == "language" && p.Name == "Go" {
			return "Go"
		}
	}
	return ""
}

// isAdapter reports whether a core module is a preview 1 adapter: it has its name, or
// exports preview 1 and imports WASI 0.2.
func isAdapter(m component.SurveyedModule) bool {
	if strings.HasPrefix(m.Name, "wit-component:adapter:wasi_snapshot_preview1") {
		return true
	}
	exports := slices.Contains(m.Exports, "fd_write") && slices.Contains(m.Exports, "cabi_import_realloc")
	return exports && !slices.Contains(m.Exports, "memory")
}

// Releases of wasmtime by the version of WASI that the adapters of that release import.
var adapterReleases = []struct{ version, releases string }{
	{"0.2.0-rc-2023-10-18", "14"},
	{"0.2.0", "17 to 22"},
	{"0.2.1", "25"},
	{"0.2.2", "28"},
	{"0.2.3", "30 to 33"},
	{"0.2.6", "36 to 44"},
	{"0.2.12", "46 to 48"},
}

// adapter says which preview 1 adapter is inside, as far as it can be told: adapters import
// WASI of the version that they were written for, and only that of a command exports run.
func (e *exam) adapter() string {
	for _, m := range e.survey.Modules {
		if !isAdapter(m) {
			continue
		}
		kind := "reactor or proxy"
		for _, name := range m.Exports {
			if strings.HasPrefix(name, "wasi:cli/run@") {
				kind = "command"
			}
		}
		text := "preview 1, " + kind
		var newest wit.Version
		for _, im := range m.Imports {
			if n, err := wit.ParseName(im.Module); err == nil && n.Namespace == "wasi" && newest.Compare(n.Version) < 0 {
				newest = n.Version
			}
		}
		if newest.IsZero() {
			return text
		}
		text += ", of WASI " + newest.String()
		for _, r := range adapterReleases {
			if r.version == newest.String() {
				text += fmt.Sprintf(" (wasmtime %s)", r.releases)
			}
		}
		return text
	}
	return ""
}
