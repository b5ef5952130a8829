package component_test

import (
	"strings"

	"github.com/tenon-wasm/tenon/internal/pieces"
)

// Components and core modules in pieces: wasmComponent(sec(7, vec("\x73"))).
var (
	b, u, index, name                       = pieces.Join, pieces.Uint, pieces.Index, pieces.Name
	vec, times, each, joined                = pieces.Vec, pieces.Times, pieces.Each, pieces.Row
	letters, sec, wasmComponent, wasmModule = pieces.Letters, pieces.Section, pieces.Component, pieces.Module
)

// wrapped is bytes in n components, each in the one before.
func wrapped(n int, inner string, rest ...string) string {
	for range n {
		inner = wasmComponent(append([]string{sec(4, inner)}, rest...)...)
	}
	return inner
}

const (
	funcs    = "\x60\x00\x00"     // a core function type
	function = "\x40\x00\x01\x00" // func()
	sub      = "\x03\x01"         // (sub resource), as an extern type
	resource = "\x3f\x7f\x00"     // a resource type
	twice    = "\x00\x00\x00"     // an instantiation of number 0
)

// instanceOf is an instance type of n exports, named and of that type each.
func instanceOf(n int, extern string) string {
	return b("\x42", each(n, func(i int) string { return b("\x04\x00", name(letters(i)), extern) }))
}

// exporting is a core module of n exports of one function.
func exporting(n int) string {
	return wasmModule(sec(1, vec(funcs)), sec(3, vec("\x00")),
		sec(7, each(n, func(i int) string { return b(name(letters(i)), "\x00\x00") })), sec(10, vec("\x02\x00\x0b")))
}

// doublingTypes are n+1 instance types, each with two instances of the one before.
func doublingTypes(n int, first string) string {
	return b(u(n+1), first, joined(n, func(i int) string {
		return b("\x42", vec(b("\x02\x03\x02\x01", u(i)), b("\x04\x00", name("a"), "\x05\x00"), b("\x04\x00", name("b"), "\x05\x00")))
	}))
}

func hostileComponents() map[string]string {
	const size = mebibyte
	manyFields := b("\x72", each(60_000, func(i int) string { return b(name(letters(i)), "\x73") }))
	manyResources := instanceOf(30_000, sub)
	padding := sec(0, name("pad")+strings.Repeat("p", size/2))
	return map[string]string{
		"zeros":                 strings.Repeat("\x00", size),
		"a preamble and zeros":  wasmComponent(strings.Repeat("\x00", size-100)),
		"text":                  strings.Repeat("(component ", size/11),
		"empty sections":        wasmComponent(strings.Repeat("\x07\x01\x00", size/3)),
		"empty custom sections": wasmComponent(strings.Repeat("\x00\x01\x00", size/3)),
		"a count without end":   wasmComponent(sec(7, "\xff\xff\xff\xff\x0f"+strings.Repeat("\x73", size))),

		"instances that double":       wrapped(20, wasmComponent(padding), sec(5, vec(twice, twice))),
		"large instances that double": wrapped(20, wasmComponent(sec(7, times(size-2000, "\x73"))), sec(5, vec(twice, twice))),
		"modules that double":         wrapped(20, wasmComponent(sec(1, wasmModule()), sec(2, vec(twice)), padding), sec(5, vec(twice, twice))),
		"deep components":             wrapped(99, wasmComponent(padding)),
		"components too deep":         wrapped(1000, wasmComponent(padding)),
		"empty components":            wasmComponent(strings.Repeat(sec(4, wasmComponent()), size/10)),
		"empty core modules":          wasmComponent(strings.Repeat(sec(1, wasmModule()), size/10)),
		"a component that holds itself": b(wasmComponent(sec(4, wasmComponent(sec(6, vec("\x04\x02\x01\x00")), sec(5, vec(twice)))),
			sec(5, vec(twice))), padding),

		"a million types":     wasmComponent(sec(7, times(size-100, "\x73"))),
		"many tuples":         wasmComponent(sec(7, times(size/4, "\x6f\x02\x73\x73"))),
		"tuples that double":  b(wasmComponent(sec(7, b(u(60), "\x6f\x02\x73\x73", joined(59, func(i int) string { return b("\x6f\x02", index(i), index(i)) })))), padding),
		"a deep type":         wasmComponent(sec(7, b(u(200_000), "\x70\x73", joined(199_999, func(i int) string { return b("\x70", index(i)) })))),
		"a deep function":     wasmComponent(sec(7, b(u(200_000), "\x70\x73", joined(199_998, func(i int) string { return b("\x70", index(i)) }), "\x40\x00\x00", index(199_998)))),
		"a large tuple":       wasmComponent(sec(7, vec(b("\x6f", times(size-100, "\x73"))))),
		"a large variant":     wasmComponent(sec(7, vec(b("\x71", each(size/8, func(i int) string { return b(name(letters(i)), "\x01\x73\x00") }))))),
		"a large enum":        wasmComponent(sec(7, vec(b("\x6d", each(size/6, func(i int) string { return name(letters(i)) }))))),
		"equal labels":        wasmComponent(sec(7, vec(b("\x6d", times(size/2-100, name("a")))))),
		"large flags":         wasmComponent(sec(7, vec(b("\x6e", each(size/6, func(i int) string { return name(letters(i)) }))))),
		"control characters":  wasmComponent(sec(7, vec(b("\x6d", vec(name(strings.Repeat("\x01", size-100))))))),
		"a long label":        wasmComponent(sec(7, vec(b("\x6d", vec(name("a"+strings.Repeat("-b", size/2-100))))))),
		"a label of hyphens":  wasmComponent(sec(7, vec(b("\x6d", vec(name(strings.Repeat("-", size-100))))))),
		"fixed lists":         wasmComponent(sec(7, b(u(100_000), "\x67\x7d\xff\xff\xff\xff\x0f", joined(99_999, func(i int) string { return b("\x67", index(i), "\xff\xff\xff\xff\x0f") })))),
		"asynchronous types":  wasmComponent(sec(7, times(size/3, "\x66\x01\x7d"))),
		"deep instance types": wasmComponent(sec(7, b("\x01", strings.Repeat("\x42\x01\x01", 98), "\x42", times(size/2-200, "\x01\x73")))),
		"a chain of instance types": wasmComponent(sec(7, b(u(60_000), "\x42\x00", joined(59_999, func(i int) string {
			return b("\x42", vec(b("\x02\x03\x02\x01", u(i)), b("\x04\x00", name("a"), "\x05\x00")))
		})))),
		"instance types that double": b(wasmComponent(sec(7, doublingTypes(60, "\x42\x00")), sec(10, vec(b("\x00", name("x"), "\x05\x3c")))), padding),
		"resources that double":      b(wasmComponent(sec(7, doublingTypes(16, instanceOf(1, sub))), sec(10, vec(b("\x00", name("x"), "\x05\x10"), b("\x00", name("y"), "\x05\x10")))), padding),
		"a large record in many functions": wasmComponent(sec(7, b(u(60_002), manyFields,
			"\x40\x00\x01\x00", strings.Repeat("\x40\x00\x00\x00", 60_000)))),

		"many imports":       wasmComponent(sec(7, vec(function)), sec(10, each(90_000, func(i int) string { return b("\x00", name(letters(i)), "\x01\x00") }))),
		"imports of one":     wasmComponent(sec(7, vec(function)), sec(10, times(size/6, b("\x00", name("a"), "\x01\x00")))),
		"a long import":      wasmComponent(sec(7, vec(function)), sec(10, vec(b("\x00", name("a"+strings.Repeat("-b", size/2-100)), "\x01\x00")))),
		"an import of slash": wasmComponent(sec(7, vec("\x42\x00")), sec(10, vec(b("\x00", name("a:"+strings.Repeat("b/", size/2-100)), "\x05\x00")))),
		"a long version":     wasmComponent(sec(7, vec("\x42\x00")), sec(10, vec(b("\x00", name("a:b/c@1.2.3-"+strings.Repeat("1.", size/2-100)+"1"), "\x05\x00")))),
		"many attributes":    wasmComponent(sec(7, vec("\x42\x00")), sec(10, vec(b("\x02", name("a"), times(size/2-100, "\x02\x00"), "\x05\x00")))),
		"imports of a large instance": wasmComponent(sec(7, vec(manyResources)),
			sec(10, each(60_000, func(i int) string { return b("\x00", name(letters(i)), "\x05\x00") }))),
		"exports of a large instance": wasmComponent(sec(7, vec(manyResources)), sec(10, vec(b("\x00", name("x"), "\x05\x00"))),
			sec(11, each(40_000, func(i int) string { return b("\x00", name(letters(i)+"-x"), "\x05\x00\x00") }))),
		"a type named again and again": wasmComponent(sec(7, vec("\x70\x73")),
			sec(11, each(60_000, func(i int) string { return b("\x00", name(letters(i)), "\x03", u(i), "\x00") }))),
		"many methods and resources": wasmComponent(sec(7, vec(b("\x42", each(40_001, func(i int) string {
			switch {
			case i == 0:
				return "\x01" + function
			case i%2 == 0:
				return b("\x04\x00", name("[static]"+letters(i-1)+".m"), "\x01\x00")
			}
			return b("\x04\x00", name(letters(i)), sub)
		})))), sec(10, vec(b("\x00", name("i"), "\x05\x00")))),
		"an outer alias far out": wasmComponent(sec(6, times(size/9, b("\x03\x02", u(1<<31), "\x00")))),
		"many aliases": wasmComponent(sec(7, vec(manyResources)), sec(10, vec(b("\x00", name("x"), "\x05\x00"))),
			sec(6, times(90_000, b("\x03\x00\x00", name("zz"))))),

		"bundles":          wasmComponent(sec(2, times(size/2-100, "\x01\x00"))),
		"inline instances": wasmComponent(sec(5, times(size/2-100, "\x01\x00"))),
		"module types":     wasmComponent(sec(3, times(size/2-100, "\x50\x00"))),
		"instances of a module of many exports": wasmComponent(sec(1, exporting(60_000)),
			sec(2, times(100_000, twice))),
		"instances of a component of many exports": wasmComponent(
			sec(4, wasmComponent(sec(7, vec(resource)), sec(11, each(40_000, func(i int) string { return b("\x00", name(letters(i)), "\x03\x00\x00") })))),
			sec(5, times(100_000, twice))),
		"instances of a module of many imports": wasmComponent(
			sec(1, wasmModule(sec(1, vec(funcs)), sec(2, times(100_000, "\x00\x00\x00\x00")))),
			sec(1, wasmModule(sec(1, vec(funcs)), sec(3, vec("\x00")), sec(7, vec("\x00\x00\x00")), sec(10, vec("\x02\x00\x0b")))),
			sec(2, b(u(50_001), "\x00\x01\x00", strings.Repeat("\x00\x00\x01\x00\x12\x00", 50_000)))),
		"many lifts": wasmComponent(sec(1, exporting(1)), sec(2, vec(twice)), sec(6, vec(b("\x00\x00\x01\x00", name("a")))),
			sec(7, vec(function)), sec(8, times(size/5-100, "\x00\x00\x00\x00\x00"))),
		"many lowerings": wasmComponent(sec(7, vec(function)), sec(10, vec(b("\x00", name("f"), "\x01\x00"))),
			sec(8, times(size/4-100, "\x01\x00\x00\x00"))),
		"many options": wasmComponent(sec(7, vec(function)), sec(10, vec(b("\x00", name("f"), "\x01\x00"))),
			sec(8, vec(b("\x01\x00\x00", times(size-200, "\x00"))))),
		"many built-ins":            wasmComponent(sec(8, times(size-100, "\x0d"))),
		"many starts and values":    wasmComponent(strings.Repeat(sec(9, "\x00\x00\x00"), size/5)),
		"ascriptions of large type": ascriptions(),
	}
}

// ascriptions exports one function many times, each time with a type of its own.
func ascriptions() string {
	const fields, n = 30_000, 20_000
	record := b("\x72", each(fields, func(i int) string { return b(name(letters(i)), "\x73") }))
	return wasmComponent(sec(7, b(u(2+n), record, record, strings.Repeat("\x40\x01\x01a\x01\x01\x00", n))),
		sec(10, vec(b("\x00", name("f"), "\x01\x02"))),
		sec(11, each(n, func(i int) string { return b("\x00", name(letters(i)+"x"), "\x01", u(i), "\x01\x01", u(2+i)) })))
}

func hostileModules() map[string]string {
	const size = mebibyte - 200
	imports := func(n int, entry func(i int) string) string {
		return wasmModule(sec(1, vec(funcs)), sec(2, each(n, entry)))
	}
	return map[string]string{
		"many types":            wasmModule(sec(1, times(size/3, funcs))),
		"a type of many":        wasmModule(sec(1, vec(b("\x60", times(size-100, "\x7f"), "\x00")))),
		"a large type used":     wasmModule(sec(1, vec(b("\x60", times(size/2, "\x7f"), "\x00"))), sec(3, times(size/2-100, "\x00"))),
		"imports from many":     imports(size/8, func(i int) string { return b(name(letters(i)), "\x00\x00\x00") }),
		"imports from one":      imports(size/8, func(i int) string { return b("\x00", name(letters(i)), "\x00\x00") }),
		"one import, often":     imports(size/4, func(int) string { return "\x00\x00\x00\x00" }),
		"many exports":          exporting(size / 7),
		"one export, often":     wasmModule(sec(1, vec(funcs)), sec(3, vec("\x00")), sec(7, times(size/3-100, "\x00\x00\x00")), sec(10, vec("\x02\x00\x0b"))),
		"a long name":           imports(1, func(int) string { return b(name(strings.Repeat("n", size-100)), "\x00\x00\x00") }),
		"functions and no code": wasmModule(sec(1, vec(funcs)), sec(3, times(size-100, "\x00"))),
		"many functions":        wasmModule(sec(1, vec(funcs)), sec(3, times(size/4-100, "\x00")), sec(10, times(size/4-100, "\x02\x00\x0b"))),
		"many memories":         wasmModule(sec(5, times(size/2-100, "\x00\x01"))),
		"a long constant":       wasmModule(sec(6, vec(b("\x7f\x00\x41\x00", strings.Repeat("\x41\x00\x6a", size/3-100), "\x0b")))),
		"a deep constant":       wasmModule(sec(6, vec(b("\x7f\x00", strings.Repeat("\x41\x00", size/2-100), strings.Repeat("\x6a", 1), "\x0b")))),
		"many globals":          wasmModule(sec(6, times(size/5-100, "\x7f\x00\x41\x00\x0b"))),
		"many segments":         wasmModule(sec(11, times(size/2-100, "\x01\x00"))),
		"a large element":       wasmModule(sec(9, vec(b("\x01\x00", times(size-100, "\x00"))))),
		"many custom sections":  wasmModule(strings.Repeat(sec(0, name("x")), size/4)),
		"a chain of subtypes":   wasmModule(sec(1, b(u(size/8), "\x50\x00\x5f\x00", joined(size/8-1, func(i int) string { return b("\x50\x01", u(i), "\x5f\x00") })))),
		"a large group":         wasmModule(sec(1, vec(b("\x4e", times(size/3-100, funcs))))),
		"names of names":        wasmModule(sec(0, name("name")+b("\x01", name(each(size/6, func(i int) string { return b(u(i), "\x00") }))))),
		"deep blocks":           wasmModule(sec(1, vec(funcs)), sec(3, vec("\x00")), sec(10, vec(name(b("\x00", strings.Repeat("\x02\x40", size/3), strings.Repeat("\x0b", size/3), "\x0b"))))),
	}
}
