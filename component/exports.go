package component

import (
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/component/internal/validate"
	"github.com/tenon-wasm/tenon/wit"
)

// findExtern looks an export up: by its exact name, else within the track of the
// version asked for, else, where none is asked for, in the highest version.
func findExtern(exports []*plan.Extern, name string) *plan.Extern {
	for _, e := range exports {
		if e.Name == name {
			return e
		}
	}
	want, err := wit.ParseName(name)
	if err != nil {
		return nil
	}
	var names []wit.Name
	byName := map[wit.Name]*plan.Extern{}
	newest := wit.Name{}
	for _, e := range exports {
		n, err := wit.ParseName(e.Name)
		if err != nil {
			continue
		}
		names, byName[n] = append(names, n), e
		if n.Unversioned() == want && (newest.IsZero() || newest.Version.Compare(n.Version) < 0) {
			newest = n
		}
	}
	if picked, ok := wit.Pick(want, names); ok {
		return byName[picked]
	}
	return byName[newest]
}

// findFunc looks an exported function up, see [Instance.Func].
func findFunc(exports []*plan.Extern, iface, name string) (*plan.Extern, error) {
	if iface == "" {
		if e := findExtern(exports, name); e != nil && e.Sort == binary.SortFunc {
			return e, nil
		}
		return nil, fmt.Errorf("component: no export %q; exports are %s", name, exportNames(exports))
	}
	outer, inner, nested := strings.Cut(iface, "#")
	e := findExtern(exports, outer)
	if e == nil || e.Sort != binary.SortInstance {
		return nil, noExport(exports, outer)
	}
	if nested {
		if inner == "" {
			return nil, fmt.Errorf("component: no name after %q", iface)
		}
		return findFunc(e.Items, inner, name)
	}
	if f := e.Item(name); f != nil && f.Sort == binary.SortFunc {
		return f, nil
	}
	return nil, fmt.Errorf("component: export %q has no function %q", iface, name)
}

// noExport tells that there is no such export: another version of it may be there.
func noExport(exports []*plan.Extern, name string) error {
	want, err := wit.ParseName(name)
	for _, e := range exports {
		have, herr := wit.ParseName(e.Name)
		switch {
		case err != nil || herr != nil || have.Unversioned() != want.Unversioned():
		case have.Version.Pre != "" || want.Version.Pre != "":
			return fmt.Errorf("component: no export %q; it is exported as %s; a prerelease is found by its exact name alone", name, have)
		default:
			return fmt.Errorf("component: no export %q; it is exported as %s, which is on another track", name, have)
		}
	}
	return fmt.Errorf("component: no export %q; exports are %s", name, exportNames(exports))
}

func exportNames(exports []*plan.Extern) string {
	names := make([]string, len(exports))
	for i, e := range exports {
		names[i] = e.Name
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// imported is the type of something within import i, as validation has it.
func (c *Component) imported(i int, path []string) validate.ExternType {
	return typeAt(c.typ.Imports.List[i].ExternType, path)
}

// exported is the type of an export, or of something within, as validation has it.
func (c *Component) exported(path []string) validate.ExternType {
	return typeAt(c.typ.Exports.Lookup(path[0]).ExternType, path[1:])
}

func typeAt(t validate.ExternType, path []string) validate.ExternType {
	for _, name := range path {
		t = t.Instance.Exports.Lookup(name).ExternType
	}
	return t
}

// ExportNames lists the exports, for messages.
func (c *Component) ExportNames() string { return exportNames(c.plan.Exports) }

// Exports reports whether the component exports an interface, or a function of
// the world; see [Instance.Func] for the names.
func (c *Component) Exports(name string) bool { return findExtern(c.plan.Exports, name) != nil }

// ImportNames lists the imports, in order.
func (c *Component) ImportNames() []string {
	names := make([]string, len(c.plan.Imports))
	for i, im := range c.plan.Imports {
		names[i] = im.Name
	}
	return names
}
