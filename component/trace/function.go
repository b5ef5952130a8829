package trace

import (
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/wit"
)

// A function is what is found out once about all calls of it.
type function struct {
	meant bool // by the filter
	title string
	moves bool // handles
}

// functions knows them by kind and name; those who use it lock.
type functions struct {
	filter *Filter
	known  map[functionKey]*function
}

type functionKey struct {
	kind component.CallKind
	name string
}

func (f *functions) of(c *component.TracedCall) *function {
	k := functionKey{c.Kind, c.Func}
	if known := f.known[k]; known != nil {
		return known
	}
	if f.known == nil {
		f.known = map[functionKey]*function{}
	}
	found := &function{meant: f.filter.Match(c.Kind, c.Func), title: title(c.Kind, c.Func), moves: c.Kind == component.CallDrop}
	if c.Type != nil {
		found.moves = found.moves || owns(c.Type.Result)
		for _, p := range c.Type.Params {
			found.moves = found.moves || owns(p.Type) || c.Kind != component.CallImport && lends(p.Type)
		}
	}
	f.known[k] = found
	return found
}

// owns reports whether values of a type have owned handles, lends whether they have any.
func owns(t wit.Type) bool  { return has(t, false) }
func lends(t wit.Type) bool { return has(t, true) }

func has(t wit.Type, borrowed bool) bool {
	switch t := wit.Structure(t).(type) {
	case *wit.Own:
		return true
	case *wit.Borrow:
		return borrowed
	case *wit.List:
		return has(t.Elem, borrowed)
	case *wit.Option:
		return has(t.Elem, borrowed)
	case *wit.Result:
		return has(t.OK, borrowed) || has(t.Err, borrowed)
	case *wit.Tuple:
		return slices.ContainsFunc(t.Elems, func(e wit.Type) bool { return has(e, borrowed) })
	case *wit.Record:
		return slices.ContainsFunc(t.Fields, func(f wit.Field) bool { return has(f.Type, borrowed) })
	case *wit.Variant:
		return slices.ContainsFunc(t.Cases, func(c wit.Case) bool { return has(c.Type, borrowed) })
	}
	return false
}

// title is what a function is called in text: without a version, and without what WIT
// adds to the name.
func title(kind component.CallKind, name string) string {
	if kind == component.CallStart {
		return "start"
	}
	iface, fn := split(name)
	if _, bare, ok := strings.Cut(fn, "]"); ok {
		fn = bare
	}
	if kind == component.CallDrop {
		fn += ".drop"
	}
	if iface == "" {
		return fn
	}
	return unversioned(iface) + "#" + fn
}
