package forward

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tenon-wasm/tenon/component/cabi"
	p "github.com/tenon-wasm/tenon/internal/pieces"
	"github.com/tenon-wasm/tenon/wit"
)

// Sections of core modules.
const (
	coreTypes, coreImports, coreFuncs = 1, 2, 3
	coreMemories, coreGlobals         = 5, 6
	coreExports, coreCode             = 7, 10
)

// options are memory 0 and the core function 0, which is realloc.
const options = "\x02\x03\x00\x04\x00"

// results is where a forwarded function leaves a result that is in memory. The heap
// begins behind it.
const results, heap = 1024, 16384

// allocator instantiates the memory, and realloc, which never frees.
func (b *builder) allocator() {
	i32 := "\x7f"
	body := p.Join("\x00", // no locals
		// start := (next + align - 1) & -align, kept in parameter 0
		"\x23\x00\x20\x02\x6a\x41\x01\x6b\x41\x00\x20\x02\x6b\x71\x22\x00",
		// next := start + size; return start
		"\x20\x03\x6a\x24\x00\x20\x00\x0b")
	module := p.Module(
		p.Section(coreTypes, p.Vec("\x60"+p.Vec(i32, i32, i32, i32)+p.Vec(i32))),
		p.Section(coreFuncs, p.Vec("\x00")),
		p.Section(coreMemories, p.Vec("\x00"+p.Uint(32))),
		p.Section(coreGlobals, p.Vec(i32+"\x01\x41"+signed(heap)+"\x0b")),
		p.Section(coreExports, p.Vec(p.Name("memory")+"\x02\x00", p.Name("realloc")+"\x00\x00")),
		p.Section(coreCode, p.Vec(p.Name(body))),
	)
	b.sections = append(b.sections, p.Section(coreModules, module))
	b.modules++
	b.section(coreInstances, "\x00\x00\x00")
	b.section(aliases, coreMemory+ofCoreInstance+"\x00"+p.Name("memory"))
	b.section(aliases, coreFunc+ofCoreInstance+"\x00"+p.Name("realloc"))
	b.coreFuncs++
}

// forward instantiates the core module that forwards, and lifts its functions.
func (b *builder) forward() {
	if len(b.calls) == 0 {
		return
	}
	// The module imports drops first, then functions.
	dropped := slices.Sorted(maps.Values(b.drops))
	place := map[int]int{} // of a core function of the component in the module
	var typs, ins, funcs, outs, code, given []string
	give := func(core int, typ string) {
		n := strconv.Itoa(len(given))
		place[core] = len(given)
		typs = append(typs, typ)
		ins = append(ins, p.Name("h")+p.Name(n)+"\x00"+p.Uint(len(typs)-1))
		given = append(given, p.Name(n)+"\x00"+p.Uint(core))
	}
	for _, n := range dropped {
		give(n, "\x60\x01\x7f\x00")
	}
	layouts := new(cabi.Layouts)
	for _, c := range b.calls {
		sig := layouts.FlattenFunc(c.typ, cabi.Lower)
		give(c.core, coreType(sig))
	}
	for n, c := range b.calls {
		sig := layouts.FlattenFunc(c.typ, cabi.Lift)
		typs = append(typs, coreType(sig))
		funcs = append(funcs, p.Uint(len(typs)-1))
		outs = append(outs, p.Name(strconv.Itoa(n))+"\x00"+p.Uint(len(given)+n))
		code = append(code, p.Name(forwarding(c, sig, place)))
	}
	module := p.Module(
		p.Section(coreTypes, p.Vec(typs...)),
		p.Section(coreImports, p.Vec(ins...)),
		p.Section(coreFuncs, p.Vec(funcs...)),
		p.Section(coreExports, p.Vec(outs...)),
		p.Section(coreCode, p.Vec(code...)),
	)
	b.sections = append(b.sections, p.Section(coreModules, module))
	b.section(coreInstances, "\x01"+p.Vec(given...))
	b.section(coreInstances, "\x00\x01"+p.Vec(p.Name("h")+"\x12\x01"))
	for n, c := range b.calls {
		b.section(aliases, coreFunc+ofCoreInstance+"\x02"+p.Name(strconv.Itoa(n)))
		t := b.define(b.scope.function(c.typ))
		b.section(canons, "\x00\x00"+p.Uint(b.coreFuncs)+options+p.Uint(t))
		b.coreFuncs++
		b.funcs++
		b.export(c.name, b.funcs-1)
	}
}

// forwarding is the code of a function that forwards: it passes its parameters on, and
// drops the borrows among them.
func forwarding(c call, sig cabi.CoreSignature, place map[int]int) string {
	out := "\x00" // no locals
	for i := range sig.Params {
		out += "\x20" + p.Uint(i)
	}
	if sig.ResultSpilled {
		out += "\x41" + signed(results)
	}
	out += "\x10" + p.Uint(place[c.core])
	for i, drop := range c.drops {
		if drop >= 0 {
			out += "\x20" + p.Uint(i) + "\x10" + p.Uint(place[drop])
		}
	}
	if sig.ResultSpilled {
		out += "\x41" + signed(results)
	}
	return out + "\x0b"
}

func coreType(sig cabi.CoreSignature) string {
	return "\x60" + coreTypesOf(sig.Params) + coreTypesOf(sig.Results)
}

func coreTypesOf(types []cabi.CoreType) string {
	return p.Each(len(types), func(i int) string { return string([]byte{byte(types[i])}) })
}

// signed is a number that is not below zero as a constant has it.
func signed(n int) string { return p.Index(n) }

// Exporting is a component that imports nothing and exports an instance with one function,
// func() -> result, which answers ok.
func Exporting(instance, function string) []byte {
	b := newBuilder()
	b.export1(instance, function, 0, p.Module(
		p.Section(coreTypes, p.Vec("\x60\x00\x01\x7f")),
		p.Section(coreFuncs, p.Vec("\x00")),
		p.Section(coreExports, p.Vec(p.Name("f")+"\x00\x00")),
		p.Section(coreCode, p.Vec(p.Name("\x00\x41\x00\x0b"))),
	), "\x00\x00\x00")
	return []byte(p.Component(b.sections...))
}

// Command is a component that imports an interface and exports an instance with one
// function, func() -> result, which calls a function of the interface with zeros, and
// answers ok whatever that answers.
func Command(instance, function string, i *wit.Interface, called string) (data []byte, err error) {
	b := newBuilder()
	defer recovered(&err)
	b.wanted[i] = true
	b.importInterface(i)
	b.allocator()
	f := i.Func(called)
	if f == nil {
		return nil, fmt.Errorf("forward: no function %s", called)
	}
	b.lower(i, f)
	if len(b.calls) == 0 {
		return nil, fmt.Errorf("forward: %s cannot be lowered", called)
	}
	sig := new(cabi.Layouts).FlattenFunc(f, cabi.Lower)
	code := "\x00" + zeros(sig, 0) // no locals
	code += "\x10\x00"
	if len(sig.Results) > 0 {
		code += "\x1a"
	}
	b.section(coreInstances, "\x01"+p.Vec(p.Name("0")+"\x00"+p.Uint(b.calls[0].core)))
	b.export1(instance, function, 2, p.Module(
		p.Section(coreTypes, p.Vec(coreType(sig), "\x60\x00\x01\x7f")),
		p.Section(coreImports, p.Vec(p.Name("h")+p.Name("0")+"\x00\x00")),
		p.Section(coreFuncs, p.Vec("\x01")),
		p.Section(coreExports, p.Vec(p.Name("f")+"\x00\x01")),
		p.Section(coreCode, p.Vec(p.Name(code+"\x41\x00\x0b"))),
	), "\x00"+p.Uint(b.modules)+p.Vec(p.Name("h")+"\x12\x01"))
	return []byte(p.Component(b.sections...)), nil
}

// export1 instantiates a core module, which is core instance n, lifts its function f, and
// exports an instance with that alone.
func (b *builder) export1(instance, function string, n int, module, instantiation string) {
	b.sections = append(b.sections, p.Section(coreModules, module))
	b.section(coreInstances, instantiation)
	b.section(aliases, coreFunc+ofCoreInstance+p.Uint(n)+p.Name("f"))
	b.define("\x6a\x00\x00")
	t := b.define("\x40\x00\x00" + p.Index(b.types-1))
	b.section(canons, "\x00\x00"+p.Uint(b.coreFuncs)+"\x00"+p.Uint(t))
	b.section(instances, "\x01"+p.Vec("\x00"+p.Name(function)+sortFunc+p.Uint(b.funcs)))
	b.section(exports, "\x00"+p.Name(instance)+"\x05"+p.Uint(len(b.instances))+"\x00")
}

// Passing is a component that imports two interfaces and exports a function pass, func() ->
// u32. It calls a function of the first with zeros, gives the handle that this answers to
// a method of the second, drops it as a resource of the second, and returns what the method
// answered, if that is flat. Types let no guest do that where the two have resources of
// their own; core code does not ask.
func Passing(first *wit.Interface, give string, second *wit.Interface, take string) (data []byte, err error) {
	b := newBuilder()
	defer recovered(&err)
	b.wanted[first], b.wanted[second] = true, true
	b.importInterface(first)
	b.importInterface(second)
	b.allocator()
	f, g := first.Func(give), second.Func(take)
	if f == nil || g == nil {
		return nil, fmt.Errorf("forward: no function %s or %s", give, take)
	}
	b.lower(first, f)
	b.lower(second, g)
	self, ok := g.Params[0].Type.(*wit.Borrow)
	if !ok || len(b.calls) != 2 {
		return nil, fmt.Errorf("forward: %s takes no borrow that can be given", take)
	}
	layouts := new(cabi.Layouts)
	gives, takes := layouts.FlattenFunc(f, cabi.Lower), layouts.FlattenFunc(g, cabi.Lower)
	code := "\x01\x01\x7f" + zeros(gives, 0) + "\x10\x00\x21\x00" + "\x20\x00" + zeros(takes, 1) + "\x10\x01"
	switch {
	case len(takes.Results) == 0:
		code += "\x41\x01"
	case takes.Results[0] != cabi.I32:
		return nil, fmt.Errorf("forward: %s answers more than an i32", take)
	}
	code += "\x20\x00\x10\x02"
	drop := b.drop(self.Resource)
	b.section(coreInstances, "\x01"+p.Vec(
		p.Name("0")+"\x00"+p.Uint(b.calls[0].core), p.Name("1")+"\x00"+p.Uint(b.calls[1].core),
		p.Name("2")+"\x00"+p.Uint(drop)))
	b.sections = append(b.sections, p.Section(coreModules, p.Module(
		p.Section(coreTypes, p.Vec(coreType(gives), coreType(takes), "\x60\x01\x7f\x00", "\x60\x00\x01\x7f")),
		p.Section(coreImports, p.Vec(p.Name("h")+p.Name("0")+"\x00\x00", p.Name("h")+p.Name("1")+"\x00\x01", p.Name("h")+p.Name("2")+"\x00\x02")),
		p.Section(coreFuncs, p.Vec("\x03")),
		p.Section(coreExports, p.Vec(p.Name("f")+"\x00\x03")),
		p.Section(coreCode, p.Vec(p.Name(code+"\x0b"))),
	)))
	b.section(coreInstances, "\x00"+p.Uint(b.modules)+p.Vec(p.Name("h")+"\x12\x01"))
	b.section(aliases, coreFunc+ofCoreInstance+"\x02"+p.Name("f"))
	t := b.define("\x40\x00\x00\x79")
	b.section(canons, "\x00\x00"+p.Uint(b.coreFuncs)+"\x00"+p.Uint(t))
	b.section(exports, "\x00"+p.Name("pass")+sortFunc+p.Uint(b.funcs)+"\x00")
	return []byte(p.Component(b.sections...)), nil
}

// zeros are the constants to call an import with, but for the first few parameters.
func zeros(sig cabi.CoreSignature, without int) string {
	code := ""
	for n, t := range sig.Params {
		switch {
		case n < without:
		case sig.ResultSpilled && n == len(sig.Params)-1:
			code += "\x41" + signed(results)
		case t == cabi.I32:
			code += "\x41\x00"
		case t == cabi.I64:
			code += "\x42\x00"
		case t == cabi.F32:
			code += "\x43" + strings.Repeat("\x00", 4)
		default:
			code += "\x44" + strings.Repeat("\x00", 8)
		}
	}
	return code
}
