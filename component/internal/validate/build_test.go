package validate

import (
	wasm "github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/internal/pieces"
)

// Components in pieces: component(types(record("x", u32))).
var (
	b, u, ref, str             = pieces.Join, pieces.Uint, pieces.Index, pieces.Name
	vec, times, each, letters  = pieces.Vec, pieces.Times, pieces.Each, pieces.Letters
	section, component, module = pieces.Section, pieces.Component, pieces.Module
)

// Sections.

func coreModule(m string) string               { return section(1, m) }
func coreInstances(elements ...string) string  { return section(2, vec(elements...)) }
func coreTypes(elements ...string) string      { return section(3, vec(elements...)) }
func nested(c string) string                   { return section(4, c) }
func instances(elements ...string) string      { return section(5, vec(elements...)) }
func aliases(elements ...string) string        { return section(6, vec(elements...)) }
func types(elements ...string) string          { return section(7, vec(elements...)) }
func canons(elements ...string) string         { return section(8, vec(elements...)) }
func imports(elements ...string) string        { return section(10, vec(elements...)) }
func exports(elements ...string) string        { return section(11, vec(elements...)) }
func instantiate(c int, args ...string) string { return b("\x00", u(c), vec(args...)) }
func bag(items ...string) string               { return b("\x01", vec(items...)) }

// Value types. An element of a type is one of the codes, or a ref.

const (
	tU8, tU32, tU64, tF32 = "\x7d", "\x79", "\x77", "\x76"
	tF64, tChar, tString  = "\x75", "\x74", "\x73"
	tErrorContext         = "\x64"
)

// pairs are labels with types: pairs("x", tU32, "y", tU8).
func pairs(labelsAndTypes ...string) string {
	out := u(len(labelsAndTypes) / 2)
	for i := 0; i < len(labelsAndTypes); i += 2 {
		out += str(labelsAndTypes[i]) + labelsAndTypes[i+1]
	}
	return out
}

func record(fields ...string) string { return "\x72" + pairs(fields...) }

// variant has cases; the type of one without payload is empty.
func variant(cases ...string) string {
	out := "\x71" + u(len(cases)/2)
	for i := 0; i < len(cases); i += 2 {
		out += str(cases[i]) + optional(cases[i+1]) + "\x00"
	}
	return out
}

func optional(t string) string {
	if t == "" {
		return "\x00"
	}
	return "\x01" + t
}

func list(t string) string                { return "\x70" + t }
func listOf(t string, n int) string       { return b("\x67", t, u(n)) }
func tuple(ts ...string) string           { return "\x6f" + vec(ts...) }
func option(t string) string              { return "\x6b" + t }
func result(ok, err string) string        { return b("\x6a", optional(ok), optional(err)) }
func own(i int) string                    { return "\x69" + u(i) }
func borrow(i int) string                 { return "\x68" + u(i) }
func stream(t string) string              { return "\x66" + optional(t) }
func future(t string) string              { return "\x65" + optional(t) }
func mapOf(k, v string) string            { return b("\x63", k, v) }
func resource() string                    { return "\x3f\x7f\x00" }
func resourceDtor(rep byte, f int) string { return b("\x3f", string([]byte{rep}), "\x01", u(f)) }

func labelled(code string, names ...string) string {
	out := code + u(len(names))
	for _, n := range names {
		out += str(n)
	}
	return out
}

func flags(names ...string) string { return labelled("\x6e", names...) }
func enum(names ...string) string  { return labelled("\x6d", names...) }

// fn is a function type; an empty result is none.
func fn(result string, params ...string) string { return fnOf("\x40", result, params...) }

func asyncFn(result string, params ...string) string { return fnOf("\x43", result, params...) }

func fnOf(code, result string, params ...string) string {
	if result == "" {
		return b(code, pairs(params...), "\x01\x00")
	}
	return b(code, pairs(params...), "\x00", result)
}

func instanceType(decls ...string) string  { return "\x42" + vec(decls...) }
func componentType(decls ...string) string { return "\x41" + vec(decls...) }

// Declarations inside of types.

func declType(t string) string           { return "\x01" + t }
func declCoreType(t string) string       { return "\x00" + t }
func declAlias(a string) string          { return "\x02" + a }
func declImport(name, ext string) string { return b("\x03", imp(name, ext)) }
func declExport(name, ext string) string { return b("\x04", imp(name, ext)) }

// Extern types.

const sub = "\x03\x01"

func eq(i int) string          { return "\x03\x00" + u(i) }
func extFunc(i int) string     { return "\x01" + u(i) }
func extInstance(i int) string { return "\x05" + u(i) }
func extComp(i int) string     { return "\x04" + u(i) }
func extModule(i int) string   { return "\x00\x11" + u(i) }

func imp(name, ext string) string { return b("\x00", str(name), ext) }

// attributed is a name with attributes.
func attributed(name string, attributes ...string) string {
	return b("\x02", str(name), vec(attributes...))
}

func attribute(kind byte, value string) string { return string([]byte{kind}) + str(value) }

// Sorts.

const (
	sFunc, sType, sComponent, sInstance = "\x01", "\x03", "\x04", "\x05"
	sCoreFunc, sCoreTable, sCoreMemory  = "\x00\x00", "\x00\x01", "\x00\x02"
	sCoreGlobal, sCoreType, sCoreModule = "\x00\x03", "\x00\x10", "\x00\x11"
)

// exp is an export definition without an ascribed type.
func exp(name, sort string, i int) string { return b(item(name, sort, i), "\x00") }

func expAs(name, sort string, i int, ext string) string { return b(item(name, sort, i), "\x01", ext) }

// item is an inline export.
func item(name, sort string, i int) string { return b("\x00", str(name), sort, u(i)) }

// coreItem is an inline export of a core instance.
func coreItem(name, sort string, i int) string { return b(str(name), sort[1:], u(i)) }

// arg is an argument of an instantiation.
func arg(name, sort string, i int) string { return b(str(name), sort, u(i)) }

func coreArg(name string, i int) string { return b(str(name), "\x12", u(i)) }

func aliasExport(sort string, instance int, name string) string {
	return b(sort, "\x00", u(instance), str(name))
}

func aliasCore(sort string, instance int, name string) string {
	return b(sort, "\x01", u(instance), str(name))
}

func aliasOuter(sort string, count, i int) string { return b(sort, "\x02", u(count), u(i)) }

// Canonical definitions.

func lift(f, typ int, opts ...string) string { return b("\x00\x00", u(f), vec(opts...), u(typ)) }
func lower(f int, opts ...string) string     { return b("\x01\x00", u(f), vec(opts...)) }
func memory(i int) string                    { return "\x03" + u(i) }
func realloc(i int) string                   { return "\x04" + u(i) }
func postReturn(i int) string                { return "\x05" + u(i) }
func callback(i int) string                  { return "\x07" + u(i) }

const async = "\x06"

// Core modules. A function type is two strings of value type codes.

const i32code, i64code, f32code = "\x7f", "\x7e", "\x7d"

func coreFn(params, results string) string { return b("\x60", str(params), str(results)) }

// exporting is a module with a function of each type, exported as f0, f1 and so on, and
// a memory, exported as m.
func exporting(memory string, fns ...string) string {
	return module(
		section(1, vec(fns...)),
		section(3, each(len(fns), u)),
		section(5, vec(memory)),
		section(7, b(u(len(fns)+1), str("m"), "\x02\x00", each(len(fns), func(i int) string {
			return b(str("f"+string(rune('0'+i))), "\x00", u(i))
		})[1:])),
		section(10, times(len(fns), "\x03\x00\x00\x0b")),
	)
}

// libc is a component's beginning: core functions 0 to len(fns)-1 of the given types,
// and core memory 0.
func libc(fns ...string) string { return libcWith("\x00\x01", fns...) }

func libcWith(memory string, fns ...string) string {
	all := []string{}
	for i := range fns {
		all = append(all, aliasCore(sCoreFunc, 0, "f"+string(rune('0'+i))))
	}
	all = append(all, aliasCore(sCoreMemory, 0, "m"))
	return b(coreModule(exporting(memory, fns...)), coreInstances(instantiate(0)), aliases(all...))
}

func check(data string) (*ComponentType, error) {
	c, err := wasm.Decode([]byte(data))
	if err != nil {
		return nil, err
	}
	return Component(c)
}
