package validate

import (
	"fmt"
	"strings"
	"testing"

	wasm "github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/internal/bounds"
)

// TestHostileInputIsBounded: a mebibyte costs less than a second and 256 MiB,
// whether it is valid in the end or not.
func TestHostileInputIsBounded(t *testing.T) {
	const size = 1 << 20
	large := 30_000 // exports of a large type
	tests := map[string]string{
		"a million types":             component(section(7, times(size-100, tString))),
		"a million strings of tuples": component(section(7, times(size/4, "\x6f\x02\x73\x73"))),
		"tuples that double": component(types(append([]string{tuple(tString, tString)}, repeat(59, func(i int) string {
			return tuple(ref(i), ref(i))
		})...)...)),
		"a deep type": component(types(append([]string{list(tString)}, repeat(199_999, func(i int) string { return list(ref(i)) })...)...)),
		"a type named many times": component(types(list(tString)),
			section(11, each(60_000, func(i int) string { return exp(letters(i), sType, i) }))),
		"deep instance types": component(types(append([]string{instanceType()}, repeat(60_000, func(i int) string {
			return instanceType(declAlias(aliasOuter(sType, 1, i)), declExport("a", extInstance(0)))
		})...)...)),
		"instance types that double":                    doublingInstances(60, false, ""),
		"instance types with resources that double":     doublingInstances(60, true, ""),
		"an import of instance types that double":       doublingInstances(60, false, imports(imp("x", extInstance(60)))),
		"an import of a type of instances that double":  doublingInstances(60, false, imports(imp("x", eq(60)))),
		"an import of resources that double":            doublingInstances(16, true, imports(imp("x", extInstance(16)), imp("y", extInstance(16)))),
		"matching instances that double":                matchingTwins(60, false),
		"matching instances with resources that double": matchingTwins(14, true),
		"matching component types that double":          matchingComponents(60),
		"instances that double":                         doublingComponents(20, component()),
		"resources that double": doublingComponents(20,
			component(types(resource()), exports(exp("r", sType, 0)))),
		"components that export what they instantiate": passingOn(400),
		"many imports of a large instance": component(
			types(instanceType(repeat(large, func(i int) string { return declExport(letters(i), sub) })...)),
			section(10, each(large, func(i int) string { return imp(letters(i), extInstance(0)) }))),
		"many exports of a large instance": component(
			types(instanceType(repeat(large, func(i int) string { return declExport(letters(i), sub) })...)), imports(imp("x", extInstance(0))),
			section(11, each(large, func(i int) string { return exp(letters(i), sInstance, 0) }))),
		"many instances of a large component": component(
			nested(component(types(resource()), section(11, each(large, func(i int) string { return exp(letters(i), sType, 0) })))),
			section(5, times(100_000, "\x00\x00\x00"))),
		"many instances with a large record": component(
			nested(component(types(resource()), exports(exp("r", sType, 0)), types(own(1),
				"\x72"+each(large, func(i int) string { return b(str(letters(i)), ref(2)) })), exports(exp("rec", sType, 3)))),
			section(5, times(100_000, "\x00\x00\x00"))),
		"an alias of each of many instances of a large component": component(
			types(tU8), nested(component(types(tU8), section(11, each(large, func(i int) string { return exp(letters(i), sType, 0) })))),
			section(5, times(30_000, "\x00\x00\x00")),
			section(6, each(30_000, func(i int) string { return aliasExport(sType, i, "a") }))),
		"many arguments": component(
			nested(component(section(10, each(large, func(i int) string { return imp(letters(i), sub) })))),
			types(resource()),
			section(5, times(2, b("\x00\x00", each(large, func(i int) string { return arg(letters(i), sType, 0) }))))),
		"many instances of a component with many imports": component(
			types(resource()),
			nested(component(section(10, each(1000, func(i int) string { return imp(letters(i), sub) })))),
			section(5, times(200, b("\x00\x00", each(1000, func(i int) string { return arg(letters(i), sType, 0) }))))),
		"many types that see a large one": component(
			types(resource(), instanceType(append([]string{declAlias(aliasOuter(sType, 1, 0))},
				repeat(large, func(i int) string { return declExport(letters(i), eq(0)) })...)...)),
			section(7, times(40_000, componentType(declAlias(aliasOuter(sType, 1, 1)), declImport("x", extInstance(0)))))),
		"many functions with many parameters": component(
			libc(coreFn(i32code, ""), coreFn("\x7f\x7f\x7f\x7f", i32code)),
			types("\x40"+each(large, func(i int) string { return b(str(letters(i)), tU8) })+"\x01\x00"),
			section(8, times(60_000, lift(0, 0, memory(0), realloc(1))))),
		"many lowered functions with many parameters": component(
			types("\x40"+each(large, func(i int) string { return b(str(letters(i)), tU8) })+"\x01\x00"), imports(imp("f", extFunc(0))),
			libc(coreFn("\x7f\x7f\x7f\x7f", i32code)),
			section(8, times(100_000, lower(0, memory(0))))),
		"many equal functions with many parameters": component(
			types("\x40"+each(large, func(i int) string { return b(str(letters(i)), tU8) })+"\x01\x00"),
			types("\x40"+each(large, func(i int) string { return b(str(letters(i)), tU8) })+"\x01\x00"), imports(imp("f", extFunc(0))),
			section(11, each(20_000, func(i int) string { return expAs(letters(i)+"x", sFunc, 0, extFunc(1)) }))),
		"many instances of a module with many imports": component(
			coreModule(module(section(1, vec("\x60\x00\x00")), section(2, each(50_000, func(i int) string { return b("\x00", str(letters(i)), "\x00\x00") })))),
			coreModule(exporting("\x00\x01", coreFn("", ""))), coreInstances(instantiate(1)), aliases(aliasCore(sCoreFunc, 0, "f0")),
			coreInstances(bag(repeat(50_000, func(i int) string { return coreItem(letters(i), sCoreFunc, 0) })...)),
			section(2, times(20_000, instantiate(0, coreArg("", 1))))),
		"bundles":                       component(section(2, times(200_000, "\x01\x00"))),
		"inline instances":              component(section(5, times(200_000, "\x01\x00"))),
		"module types":                  component(section(3, times(200_000, "\x50\x00"))),
		"an outer alias far out":        component(aliases(aliasOuter(sType, 1<<31, 0))),
		"long names":                    component(types(fn("")), imports(imp("a"+strings.Repeat("-b", size/2-100), extFunc(0)))),
		"a long name of hyphens":        component(types(fn("")), imports(imp(strings.Repeat("-", size-100), extFunc(0)))),
		"many components in a scope":    component(types(resource()), strings.Repeat(nested(component()), 80_000)),
		"a component that holds itself": component(nested(component(aliases(aliasOuter(sComponent, 1, 0)), instances(instantiate(0)))), instances(instantiate(0))),
	}
	for what, data := range tests {
		t.Run(what, func(t *testing.T) {
			if len(data) > size*21/20 {
				t.Fatalf("the test has %d bytes", len(data))
			}
			c, err := wasm.Decode([]byte(data))
			if err != nil {
				t.Fatal(err)
			}
			bounds.Check(t, fmt.Sprint(len(data), " bytes"), func() error {
				_, err := Component(c)
				return err
			})
		})
	}
}

// TestLimitsAreSaid: what is too large is refused with the limit, not taken for
// something else.
func TestLimitsAreSaid(t *testing.T) {
	judge(t, []ruling{
		{"work", doublingInstances(60, true, ""), "too large to validate"},
		{"nesting of value types", component(types(append([]string{list(tString)}, repeat(2000, func(i int) string { return list(ref(i)) })...)...)), "nests deeper than 1000"},
		{"1000 lists", component(types(append([]string{list(tString)}, repeat(999, func(i int) string { return list(ref(i)) })...)...)), ""},
		{"1000 lists around a handle", component(types(append([]string{resource(), own(0)}, repeat(1000, func(i int) string { return list(ref(1 + i)) })...)...)), "nests deeper than 1000"},
		{"nesting of instance types", doublingInstances(200, false, ""), "nest more than 100 deep"},
		{"a message", component(types(fn("")), imports(imp(strings.Repeat("-", 1<<20), extFunc(0)))), "--- ... ---"},
	})
}

// repeat is n elements.
func repeat(n int, element func(i int) string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = element(i)
	}
	return out
}

// doublingTypes are n+1 instance types, each with two instances of the one before.
// outer tells how many scopes out they stand.
func doublingTypes(n int, resources bool) []string {
	first := instanceType()
	if resources {
		first = instanceType(declExport("r", sub))
	}
	return append([]string{first}, repeat(n, func(i int) string {
		return instanceType(declAlias(aliasOuter(sType, 1, i)), declExport("a", extInstance(0)), declExport("b", extInstance(0)))
	})...)
}

func doublingInstances(n int, resources bool, rest string) string {
	return component(types(doublingTypes(n, resources)...), rest)
}

// matchingTwins gives an instance of one tower of types where its twin is wanted.
func matchingTwins(n int, resources bool) string {
	tower := types(doublingTypes(n, resources)...)
	return component(tower, imports(imp("x", extInstance(n))),
		nested(component(tower, imports(imp("x", extInstance(n))))),
		instances(instantiate(0, arg("x", sInstance, 0))))
}

// matchingComponents gives a component of one tower of types where its twin is wanted;
// the resources make every level another type.
func matchingComponents(n int) string {
	tower := types(append([]string{componentType(declExport("r", sub))}, repeat(n, func(i int) string {
		return componentType(declImport("r", sub), declAlias(aliasOuter(sType, 1, i)), declImport("a", extComp(1)), declExport("b", extComp(1)),
			declType(own(0)), declType(fn("", "x", ref(2))), declExport("f", extFunc(3)))
	})...)...)
	return component(tower, imports(imp("x", extComp(n))),
		nested(component(tower, imports(imp("x", extComp(n))))),
		instances(instantiate(1, arg("x", sComponent, 0))))
}

// doublingComponents is a component in n others, each of which instantiates what it
// holds twice, and exports both.
func doublingComponents(n int, inner string) string {
	c := inner
	for range n {
		c = component(nested(c), instances(instantiate(0), instantiate(0)),
			exports(exp("a", sInstance, 0), exp("b", sInstance, 1)))
	}
	return c
}

// passingOn makes components one after the other, each of which exports what it is
// given, twice.
func passingOn(n int) string {
	c := component(types(instanceType()), imports(imp("x", extInstance(0))), exports(exp("a", sInstance, 0), exp("b", sInstance, 0)))
	out := b(nested(c), instances(bag()))
	for i := range n {
		out += instances(instantiate(0, arg("x", sInstance, i)))
	}
	return component(out)
}
