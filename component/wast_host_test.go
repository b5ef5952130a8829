package component_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// What the scripts of wasmtime import: the interface "host" and two functions.
const scriptHost = `package tenon:script;

interface host {
	resource resource1 {
		constructor(r: u32);
		assert: static func(r: own<resource1>, rep: u32);
		last-drop: static func() -> u32;
		drops: static func() -> u32;
		simple: func(rep: u32);
		take-borrow: func(b: borrow<resource1>);
		take-own: func(b: own<resource1>);
	}
	resource resource2;
	type resource1-again = resource1;

	return-three: func() -> u32;
	return-hi: func() -> string;
}

interface root {
	host-return-two: func() -> u32;
	host-echo-u32: func(v: u32) -> u32;
}
`

// A hostState is the host that the scripts know: a resource whose representation is
// the number that the guest made it of, and a count of what was dropped.
type hostState struct {
	interfaces           []*wit.Interface
	resource1, resource2 *cabi.ResourceType

	drops, last uint32
}

func newHostState() (*hostState, error) {
	packages, err := wit.Parse(wit.File{Name: "script.wit", Text: scriptHost})
	if err != nil {
		return nil, err
	}
	h := &hostState{interfaces: packages[0].Interfaces}
	h.resource1 = &cabi.ResourceType{Name: "host#resource1", Drop: func(_ context.Context, rep any) error {
		h.drops++
		h.last = rep.(uint32)
		return nil
	}}
	h.resource2 = &cabi.ResourceType{Name: "host#resource2"}
	return h, nil
}

// offer gives a linker what scripts import, for a component. Scripts do not agree on
// the names of parameters, and the host's functions have none: each takes those that
// the component has.
func (h *hostState) offer(l *component.Linker, c *component.Component) error {
	imported := importedFuncs(c.World())
	for _, typ := range h.interfaces {
		if typ.Name.Interface == "root" {
			for _, f := range typ.Funcs {
				f, code, err := h.code(f, imported[f.Name])
				if err != nil {
					return err
				}
				l.DefineFunc(f, code)
			}
			continue
		}
		i := &component.Interface{
			// Scripts import it by its plain name.
			Type:      &wit.Interface{Name: wit.Name{Interface: typ.Name.Interface}, Types: typ.Types},
			Funcs:     map[string]component.HostFunc{},
			Resources: map[string]*cabi.ResourceType{"resource1": h.resource1, "resource2": h.resource2},
		}
		for _, f := range typ.Funcs {
			f, code, err := h.code(f, imported[typ.Name.Interface+"#"+f.Name])
			if err != nil {
				return err
			}
			i.Type.Funcs = append(i.Type.Funcs, f)
			i.Funcs[f.Name] = code
		}
		if err := l.Define(i); err != nil {
			return err
		}
	}
	return nil
}

// importedFuncs are the functions that a component imports, by `name` or
// `instance#name`.
func importedFuncs(w *wit.World) map[string]*wit.Func {
	all := map[string]*wit.Func{}
	for _, im := range w.Imports {
		if im.Func != nil {
			all[im.Name] = im.Func
		}
		if im.Interface != nil {
			for _, f := range im.Interface.Funcs {
				all[im.Name+"#"+f.Name] = f
			}
		}
	}
	return all
}

// code is the type and the code of a function for a component that imports it as
// another type says, or nil. That of another number of parameters is none of ours;
// whether the types of parameters fit is the linker's to say.
func (h *hostState) code(f, imported *wit.Func) (*wit.Func, component.HostFunc, error) {
	mine, theirs := *f, f
	if imported != nil && len(imported.Params) == len(f.Params) {
		theirs = imported
		mine.Params = slices.Clone(f.Params)
		for i := range mine.Params {
			mine.Params[i].Name = imported.Params[i].Name
		}
	}
	// Values of resources move in terms of the component's types.
	code, err := component.Dynamic(theirs, func(_ context.Context, args []any) (any, error) {
		return h.call(f.Name, args)
	})
	return &mine, code, err
}

func (h *hostState) call(name string, args []any) (any, error) {
	switch name {
	case "host-return-two":
		return uint32(2), nil
	case "return-three":
		return uint32(3), nil
	case "return-hi":
		return "hi", nil
	case "host-echo-u32", "[constructor]resource1":
		return args[0], nil
	case "[static]resource1.assert", "[method]resource1.simple":
		if args[0] != args[1] {
			return nil, fmt.Errorf("%s: the resource stands for %v, not %v", name, args[0], args[1])
		}
		return nil, nil
	case "[method]resource1.take-borrow", "[method]resource1.take-own":
		return nil, nil
	case "[static]resource1.last-drop":
		return h.last, nil
	case "[static]resource1.drops":
		return h.drops, nil
	}
	return nil, fmt.Errorf("the host of scripts has no function %s", name)
}
