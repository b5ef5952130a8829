package wrap

import (
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/embed"
)

// A mangling is a way to say in the names of a core module what its imports and exports
// are to the component. There are two: the one that bindings use now, and the one of
// BuildTargets.md, which begins every name with cm32p2. A module may use both.
type mangling struct {
	memory, initialize string
	realloc            []string // in order of preference, for imports
	exportRealloc      []string // and for exports

	// function is the export that is a function of an exported interface, which is empty
	// for one of the world itself; post is the post-return of an export.
	function func(iface, name string) string
	post     func(export string) string
	dtor     func(iface, resource string) string
}

var legacy = mangling{
	memory:        "memory",
	initialize:    "_initialize",
	realloc:       []string{"cabi_import_realloc", "cabi_realloc", "canonical_abi_realloc"},
	exportRealloc: []string{"cabi_export_realloc", "cabi_realloc", "canonical_abi_realloc"},
	function: func(iface, name string) string {
		if iface == "" {
			return name
		}
		return iface + "#" + name
	},
	post: func(export string) string { return "cabi_post_" + export },
	dtor: func(iface, resource string) string { return iface + "#[dtor]" + resource },
}

const standardPrefix = "cm32p2"

var standard = mangling{
	memory:        standardPrefix + "_memory",
	initialize:    standardPrefix + "_initialize",
	realloc:       []string{standardPrefix + "_realloc"},
	exportRealloc: []string{standardPrefix + "_realloc"},
	function: func(iface, name string) string {
		return standardPrefix + "|" + embed.Canonical(iface) + "|" + name
	},
	post: func(export string) string { return export + "_post" },
	dtor: func(iface, resource string) string {
		return standardPrefix + "|" + embed.Canonical(iface) + "|" + resource + "_dtor"
	},
}

var manglings = []*mangling{&legacy, &standard}

// An importName is the name of an import, read.
type importName struct {
	iface    string // empty for the world itself
	exported bool   // of what the module exports
	name     string

	// resource is set, and builtin tells what of it, where the name can be that of one
	// of its built-ins.
	resource string
	builtin  builtin
}

// builtin is a canonical built-in of a resource.
type builtin uint8

const (
	noBuiltin builtin = iota
	resourceDrop
	resourceNew
	resourceRep
)

// readImport reads the names of an import; false says that it is none of a component.
func readImport(module, name string) (importName, bool) {
	if rest, ok := strings.CutPrefix(module, standardPrefix); ok {
		n := importName{name: name}
		if rest != "" {
			if n.iface, ok = strings.CutPrefix(rest, "|"); !ok {
				return n, false
			}
			n.iface, n.exported = strings.CutPrefix(n.iface, "_ex_")
		}
		for suffix, b := range map[string]builtin{"_drop": resourceDrop, "_new": resourceNew, "_rep": resourceRep} {
			if r, ok := strings.CutSuffix(name, suffix); ok {
				n.resource, n.builtin = r, b
			}
		}
		return n, true
	}
	n := importName{name: name}
	n.iface, n.exported = strings.CutPrefix(module, "[export]")
	switch n.iface {
	case "":
		return n, false
	case "$root":
		n.iface = ""
	}
	for prefix, b := range map[string]builtin{"[resource-drop]": resourceDrop, "[resource-new]": resourceNew, "[resource-rep]": resourceRep} {
		if r, ok := strings.CutPrefix(name, prefix); ok {
			n.resource, n.builtin = r, b
		}
	}
	return n, true
}

// later reports whether a name is one of asynchronous components, which are WASI 0.3.
func later(name string) bool {
	for _, prefix := range []string{
		"[async", "[task-", "[context-", "[backpressure", "[waitable", "[subtask", "[stream-", "[future-", "[error-context",
		"[thread-", "[cancellable]", "[callback]",
	} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
