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

interface nested {
	return-four: func() -> u32;
}

interface root {
	host-return-two: func() -> u32;
	host-echo-u32: func(v: u32) -> u32;
}
`

// simpleModule is a core module with a global "g" of 100 and a function "f" that
// gives 101.
const simpleModule = "\x00asm\x01\x00\x00\x00" +
	"\x01\x05\x01\x60\x00\x01\x7f" + // type: () -> i32
	"\x03\x02\x01\x00" + // function
	"\x06\x07\x01\x7f\x00\x41\xe4\x00\x0b" + // global
	"\x07\x09\x02\x01g\x03\x00\x01f\x00\x00" + // exports
	"\x0a\x07\x01\x05\x00\x41\xe5\x00\x0b" // code

// A hostState is the host that the scripts know: a resource whose representation is
// the number that the guest made it of, and a count of what was dropped.
type hostState struct {
	host, nested, root   *wit.Interface
	module               *component.ModuleInfo
	resource1, resource2 *cabi.ResourceType

	drops, last uint32
}

func newHostState() (*hostState, error) {
	packages, err := wit.Parse(wit.File{Name: "script.wit", Text: scriptHost})
	if err != nil {
		return nil, err
	}
	module, err := component.ReadModule([]byte(simpleModule))
	if err != nil {
		return nil, err
	}
	p := packages[0]
	h := &hostState{host: p.Interface("host"), nested: p.Interface("nested"), root: p.Interface("root"), module: module}
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
	for _, f := range h.root.Funcs {
		f, code, err := h.code(f, imported[f.Name])
		if err != nil {
			return err
		}
		l.DefineFunc(f, code)
	}
	host, err := h.implement(h.host, imported)
	if err != nil {
		return err
	}
	nested, err := h.implement(h.nested, nil)
	if err != nil {
		return err
	}
	host.Resources = map[string]*cabi.ResourceType{"resource1": h.resource1, "resource2": h.resource2}
	host.Instances = map[string]*component.Interface{"nested": nested}
	host.Modules = map[string]*component.ModuleInfo{"simple-module": h.module}
	return l.DefineAs("host", host)
}

// implement makes an interface of which a component imports some functions.
func (h *hostState) implement(typ *wit.Interface, imported map[string]*wit.Func) (*component.Interface, error) {
	i := &component.Interface{
		Type:  &wit.Interface{Name: typ.Name, Types: typ.Types},
		Funcs: map[string]component.HostFunc{},
	}
	for _, f := range typ.Funcs {
		f, code, err := h.code(f, imported["host#"+f.Name])
		if err != nil {
			return nil, err
		}
		i.Type.Funcs = append(i.Type.Funcs, f)
		i.Funcs[f.Name] = code
	}
	return i, nil
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
	case "return-four":
		return uint32(4), nil
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
