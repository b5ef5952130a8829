package component

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/wit"
)

// An ExportedFunc is a function that a component exports.
type ExportedFunc struct {
	*wit.Func

	// Interface is the first argument of [Instance.Func]: the name of the interface,
	// "outer#inner" for one in an instance in an instance, empty for a function of the
	// world itself.
	Interface string
}

// ExportedFuncs lists the functions that a component exports, with those of instances
// inside of exported instances, which a world has no words for. It needs no engine. Errors
// are those of [World].
func ExportedFuncs(data []byte) ([]ExportedFunc, error) {
	syntax, err := binary.Decode(data)
	if err != nil {
		return nil, publicError(err)
	}
	c, err := planned(syntax)
	if err != nil {
		return nil, err
	}
	var all []ExportedFunc
	for _, e := range c.plan.World.Exports {
		switch {
		case e.Func != nil:
			all = append(all, ExportedFunc{Func: e.Func})
		case e.Interface != nil:
			for _, f := range e.Interface.Funcs {
				all = append(all, ExportedFunc{f, e.Name})
			}
		}
	}
	for _, e := range c.plan.Exports {
		all = nestedFuncs(all, e.Name, e)
	}
	return all, nil
}

// nestedFuncs appends the functions of the instances in an instance.
func nestedFuncs(all []ExportedFunc, name string, e *plan.Extern) []ExportedFunc {
	for _, it := range e.Items {
		if it.Sort != binary.SortInstance {
			continue
		}
		inner := name + "#" + it.Name
		for _, f := range it.Items {
			if f.Func != nil {
				all = append(all, ExportedFunc{f.Func, inner})
			}
		}
		all = nestedFuncs(all, inner, it)
	}
	return all
}
