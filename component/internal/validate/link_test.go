package validate

import (
	"strings"
	"testing"

	wasm "github.com/tenon-wasm/tenon/component/internal/binary"
)

// pairOf is a component that imports a resource a, and b, which must be equal to it.
var pairOf = component(imports(imp("a", sub), imp("b", eq(0))))

func TestArgumentsFitTheImports(t *testing.T) {
	wants := func(typ, ext string) string { return nested(component(types(typ), imports(imp("x", ext)))) }
	given := func(typ, ext, sort, wanted, wantedExt string) string {
		index := 0
		if sort == sType {
			index = 1
		}
		return component(types(typ), imports(imp("x", ext)), wants(wanted, wantedExt), instances(instantiate(0, arg("x", sort, index))))
	}
	judge(t, []ruling{
		{"a function", given(fn(tU8, "a", tU8), extFunc(0), sFunc, fn(tU8, "a", tU8), extFunc(0)), ""},
		{"a function with another parameter name", given(fn(tU8, "a", tU8), extFunc(0), sFunc, fn(tU8, "b", tU8), extFunc(0)), `want a parameter "b"`},
		{"a function with another parameter type", given(fn(tU8, "a", tU8), extFunc(0), sFunc, fn(tU8, "a", tU32), extFunc(0)), "is u8, not u32"},
		{"a function with more parameters", given(fn("", "a", tU8), extFunc(0), sFunc, fn(""), extFunc(0)), "0 parameters"},
		{"a function with another result", given(fn(tU8), extFunc(0), sFunc, fn(""), extFunc(0)), "the result is"},
		{"an async function", given(asyncFn(""), extFunc(0), sFunc, fn(""), extFunc(0)), "async"},
		{"a type", given(tuple(tU8, tU32), eq(0), sType, tuple(tU8, tU32), eq(0)), ""},
		{"another type", given(tuple(tU8, tU32), eq(0), sType, tuple(tU8, tU8), eq(0)), "a tuple of another type"},
		{"a record of other fields", given(record("a", tU8), eq(0), sType, record("b", tU8), eq(0)), "a record of another type"},
		{"a variant of other cases", given(variant("a", tU8), eq(0), sType, variant("a", ""), eq(0)), "a variant of another type"},
		{"an enum is no variant", given(enum("a"), eq(0), sType, variant("a", ""), eq(0)), "an enum, not a variant"},
		{"a map is no list of pairs", given(mapOf(tU8, tU8), eq(0), sType, mapOf(tU8, tU32), eq(0)), "a map of another type"},
		{"an instance that exports more", given(instanceType(declExport("r", sub), declExport("s", sub)), extInstance(0), sInstance, instanceType(declExport("s", sub)), extInstance(0)), ""},
		{"an instance that exports less", given(instanceType(), extInstance(0), sInstance, instanceType(declExport("s", sub)), extInstance(0)), `no export "s"`},
		{"a function type", given(fn(tU8), eq(0), sType, fn(tU8), eq(0)), ""},
		{"another function type", given(fn(tU8), eq(0), sType, fn(tU32), eq(0)), "the result is"},
		{"an instance type", given(instanceType(declExport("r", sub)), eq(0), sType, instanceType(declExport("r", sub)), eq(0)), ""},
		{"a larger instance type is another", given(instanceType(declExport("r", sub)), eq(0), sType, instanceType(), eq(0)), `no export "r"`},
		{"a component type", given(componentType(declImport("r", sub)), eq(0), sType, componentType(declImport("r", sub)), eq(0)), ""},
		{"a smaller component type is another", given(componentType(), eq(0), sType, componentType(declImport("r", sub)), eq(0)), "not expected"},
		{"a missing argument", component(wants(fn(""), extFunc(0)), instances(instantiate(0))), `import "x" of the component is not among the arguments`},
		{"an argument twice", component(nested(component()), instances(instantiate(0)), instances(instantiate(0, arg("x", sInstance, 0), arg("x", sInstance, 0)))), "duplicate argument"},
		{"an argument that nobody asks for", component(nested(component()), instances(instantiate(0)), instances(instantiate(0, arg("No Name", sInstance, 0)))), ""},
		{"an argument of another sort", component(wants(fn(""), extFunc(0)), instances(instantiate(0, arg("x", sComponent, 0)))), "want a func, have a component"},
		{"an argument out of range", component(nested(component()), instances(instantiate(0, arg("x", sFunc, 0)))), "func index 0 out of range"},
	})
}

func TestComponentsAreSubtypesContravariantly(t *testing.T) {
	type1 := fn("")
	imported := func(names ...string) []string {
		decls := []string{declType(type1)}
		for _, n := range names {
			decls = append(decls, declImport(n, extFunc(0)))
		}
		return decls
	}
	exported := func(names ...string) []string {
		decls := []string{declType(type1)}
		for _, n := range names {
			decls = append(decls, declExport(n, extFunc(0)))
		}
		return decls
	}
	given := func(have, want []string) string {
		return component(types(componentType(have...)), imports(imp("x", extComp(0))),
			nested(component(types(componentType(want...)), imports(imp("x", extComp(0))))),
			instances(instantiate(1, arg("x", sComponent, 0))))
	}
	resourceIn := func(result int) []string {
		return []string{declImport("r", sub), declExport("q", sub), declType(own(result)), declType(fn(ref(2))), declExport("f", extFunc(3))}
	}
	judge(t, []ruling{
		{"fewer imports", given(imported(), imported("a")), ""},
		{"more imports", given(imported("a"), imported()), `import "a" that is not expected`},
		{"more exports", given(exported("a", "b"), exported("b")), ""},
		{"fewer exports", given(exported("a"), exported("a", "b")), `no export "b"`},
		{"the same resources", given(resourceIn(0), resourceIn(0)), ""},
		{"other resources", given(resourceIn(0), resourceIn(1)), "an own handle of another type"},
		{"a component that exports its import where any resource will do", given(
			[]string{declImport("r", sub), declExport("q", eq(0))}, []string{declImport("r", sub), declExport("q", sub)}), ""},
		{"a component that exports any resource where its import is wanted", given(
			[]string{declImport("r", sub), declExport("q", sub)}, []string{declImport("r", sub), declExport("q", eq(0))}), "not the same"},
		{"a component, not its type", component(nested(component(types(resource()), exports(exp("r", sType, 0)))),
			nested(component(types(componentType(declExport("r", sub))), imports(imp("x", extComp(0))))),
			instances(instantiate(1, arg("x", sComponent, 0)))), ""},
	})
}

func TestResourcesAreFreshWhereverTheyComeFrom(t *testing.T) {
	equal := func(before string, a, b int) string {
		return component(before, nested(pairOf), instances(instantiate(0, arg("a", sType, a), arg("b", sType, b))))
	}
	maker := nested(component(types(resource()), exports(exp("r", sType, 0), exp("s", sType, 0), expAs("t", sType, 0, sub))))
	// The types a and b are exports of two instances.
	exported := func(before, a, b string) string {
		return component(nested(pairOf), before, aliases(aliasExport(sType, 0, a), aliasExport(sType, 1, b)),
			instances(instantiate(0, arg("a", sType, 0), arg("b", sType, 1))))
	}
	twice := b(maker, instances(instantiate(1), instantiate(1)))
	once := b(maker, instances(instantiate(1), bag()))
	self := func(a, b string) string {
		return component(nested(pairOf), once, aliases(aliasExport(sType, 0, a), aliasExport(sType, 0, b)),
			instances(instantiate(0, arg("a", sType, 0), arg("b", sType, 1))))
	}
	pass := nested(component(imports(imp("r", sub)), exports(exp("r", sType, 0))))
	withResource := types(instanceType(declExport("r", sub)))
	judge(t, []ruling{
		{"a definition is itself", equal(types(resource()), 0, 0), ""},
		{"two definitions", equal(types(resource(), resource()), 0, 1), "not the same"},
		{"two imports", equal(imports(imp("x", sub), imp("y", sub)), 0, 1), "not the same"},
		{"an import and one that is equal to it", equal(imports(imp("x", sub), imp("y", eq(0)), imp("z", eq(1))), 0, 2), ""},
		{"an import and a definition", equal(b(imports(imp("x", sub)), types(resource())), 0, 1), "not the same"},
		{"a resource and a value type", equal(types(resource(), tU8), 1, 0), "want a resource"},
		{"an instance and itself", self("r", "s"), ""},
		{"two instances", exported(twice, "r", "r"), "not the same"},
		{"an export that is ascribed to be any resource", self("r", "t"), "not the same"},
		{"what was given comes back the same", component(nested(pairOf), pass, types(resource()), instances(instantiate(1, arg("r", sType, 0)), instantiate(1, arg("r", sType, 0))),
			aliases(aliasExport(sType, 0, "r"), aliasExport(sType, 1, "r")), instances(instantiate(0, arg("a", sType, 1), arg("b", sType, 2)))), ""},
		{"what was given comes back as what one defines", component(pass, types(resource()), instances(instantiate(0, arg("r", sType, 0))),
			aliases(aliasExport(sType, 0, "r")), canons("\x04"+u(1))), ""},
		{"two imports of one instance type", component(nested(pairOf), withResource, imports(imp("x", extInstance(0)), imp("y", extInstance(0))),
			aliases(aliasExport(sType, 0, "r"), aliasExport(sType, 1, "r")), instances(instantiate(0, arg("a", sType, 1), arg("b", sType, 2)))), "not the same"},
		{"resources inside of instances are given by name", component(withResource, imports(imp("x", extInstance(0))),
			nested(component(withResource, imports(imp("i", extInstance(0))), aliases(aliasExport(sType, 0, "r")), types(own(1), fn(ref(2))), imports(imp("f", extFunc(3))))),
			aliases(aliasExport(sType, 0, "r")), types(own(1), fn(ref(2))), imports(imp("f", extFunc(3))),
			instances(instantiate(0, arg("i", sInstance, 0), arg("f", sFunc, 0)))), ""},
		{"component types inside of an instance go with its resources", component(types(instanceType(declExport("r", sub),
			declType(componentType(declAlias(aliasOuter(sType, 1, 0)), declExport("r", eq(0)))), declExport("c", extComp(1)), declExport("t", eq(1)))),
			imports(imp("x", extInstance(0)), imp("y", extInstance(0))), aliases(aliasExport(sType, 0, "r"), aliasExport(sComponent, 0, "c"), aliasExport(sType, 0, "t")),
			nested(component(imports(imp("r", sub)), types(componentType(declAlias(aliasOuter(sType, 1, 0)), declExport("r", eq(0)))), imports(imp("c", extComp(1)), imp("t", eq(1))))),
			instances(instantiate(1, arg("r", sType, 1), arg("c", sComponent, 0), arg("t", sType, 2)))), ""},
		{"component types inside of another instance do not", component(types(instanceType(declExport("r", sub),
			declType(componentType(declAlias(aliasOuter(sType, 1, 0)), declExport("r", eq(0)))), declExport("c", extComp(1)))),
			imports(imp("x", extInstance(0)), imp("y", extInstance(0))), aliases(aliasExport(sType, 0, "r"), aliasExport(sComponent, 1, "c")),
			nested(component(imports(imp("r", sub)), types(componentType(declAlias(aliasOuter(sType, 1, 0)), declExport("r", eq(0)))), imports(imp("c", extComp(1))))),
			instances(instantiate(1, arg("r", sType, 1), arg("c", sComponent, 0)))), "not the same"},
		{"a function over another resource than the one inside of the instance", component(withResource, imports(imp("x", extInstance(0)), imp("y", extInstance(0))),
			nested(component(withResource, imports(imp("i", extInstance(0))), aliases(aliasExport(sType, 0, "r")), types(own(1), fn(ref(2))), imports(imp("f", extFunc(3))))),
			aliases(aliasExport(sType, 1, "r")), types(own(1), fn(ref(2))), imports(imp("f", extFunc(3))),
			instances(instantiate(0, arg("i", sInstance, 0), arg("f", sFunc, 0)))), "an own handle of another type"},
	})
}

func TestOnlyTheDefinerSeesARepresentation(t *testing.T) {
	canonOf := func(op string) string { return component(imports(imp("r", sub)), canons(op+u(0))) }
	local := func(op string) string { return component(types(resource()), canons(op+u(0))) }
	child := b(nested(component(types(resource()), exports(exp("r", sType, 0)))), instances(instantiate(0)), aliases(aliasExport(sType, 0, "r")))
	judge(t, []ruling{
		{"new of one's own", local("\x02"), ""},
		{"rep of one's own", local("\x04"), ""},
		{"drop of one's own", local("\x03"), ""},
		{"new of an import", canonOf("\x02"), "only the component that defines"},
		{"rep of an import", canonOf("\x04"), "only the component that defines"},
		{"drop of an import", canonOf("\x03"), ""},
		{"rep of a child's", component(child, canons("\x04"+u(0))), "only the component that defines"},
		{"drop of a child's", component(child, canons("\x03"+u(0))), ""},
		{"new of a record", component(types(record("x", tU8)), canons("\x02"+u(0))), "not a resource"},
		{"new under the name of its export", component(types(resource()), exports(exp("r", sType, 0)), canons("\x02"+u(1))), ""},
		{"new under an export that is ascribed to be any resource", component(types(resource()), exports(expAs("r", sType, 0, sub)), canons("\x02"+u(1))), "only the component that defines"},
	})
}

func TestAscribedTypesAreSupertypes(t *testing.T) {
	f := b(types(fn("")), imports(imp("f", extFunc(0))))
	i := b(types(instanceType(declExport("r", sub), declExport("s", sub)), instanceType(declExport("r", sub)), instanceType()), imports(imp("i", extInstance(0))))
	judge(t, []ruling{
		{"a function as what it is", component(f, exports(expAs("g", sFunc, 0, extFunc(0)))), ""},
		{"a function as another", component(f, types(fn(tU8)), exports(expAs("g", sFunc, 0, extFunc(1)))), "does not fit"},
		{"an instance as less", component(i, exports(expAs("j", sInstance, 0, extInstance(1)))), ""},
		{"an instance as more", component(b(types(instanceType(), instanceType(declExport("r", sub))), imports(imp("i", extInstance(0)))), exports(expAs("j", sInstance, 0, extInstance(1)))), "does not fit"},
		{"what was ascribed counts", component(i, exports(expAs("j", sInstance, 0, extInstance(2))), aliases(aliasExport(sType, 1, "r"))), `no export "r"`},
		{"an instance as a function", component(i, types(fn("")), exports(expAs("j", sInstance, 0, extFunc(3)))), "want a func"},
		{"a resource as any resource", component(types(resource()), exports(expAs("r", sType, 0, sub))), ""},
		{"a record as any resource", component(types(record("x", tU8)), exports(expAs("r", sType, 0, sub))), "want a resource"},
		{"a type as an equal one", component(types(record("x", tU8), record("x", tU8)), exports(expAs("r", sType, 0, eq(1)))), ""},
	})
}

func TestTypesOfImportsAndExportsHaveNamesOutside(t *testing.T) {
	rec := types(record("x", tU32))
	lib := libc(coreFn(i32code, ""))
	lifted := func(param int) string { return b(types(fn("", "p", ref(param))), canons(lift(0, param+1))) }
	for _, named := range []struct{ kind, typ string }{
		{"a record", record("x", tU32)}, {"a variant", variant("a", "")}, {"an enum", enum("a")}, {"flags", flags("a")},
	} {
		judge(t, []ruling{
			{named.kind + " without a name", component(lib, types(named.typ), lifted(0), exports(exp("f", sFunc, 0))), "no name"},
			{named.kind + " with a name", component(lib, types(named.typ), exports(exp("t", sType, 0)), lifted(1), exports(exp("f", sFunc, 0))), ""},
		})
	}
	judge(t, []ruling{
		{"an anonymous tuple", component(lib, types(tuple(tU32)), lifted(0), exports(exp("f", sFunc, 0))), ""},
		{"a record inside of a tuple", component(lib, types(record("x", tU32), tuple(ref(0))), lifted(1), exports(exp("f", sFunc, 0))), "no name"},
		{"an export names its new index alone", component(lib, rec, lifted(0), exports(exp("t", sType, 0), exp("f", sFunc, 0))), "no name"},
		{"an ascription can name what has no name", component(lib, rec, lifted(0), exports(exp("t", sType, 0)), types(fn("", "p", ref(2))), exports(expAs("f", sFunc, 0, extFunc(3)))), ""},
		{"a resource without a name", component(types(resource(), own(0), fn(ref(1))), libc(coreFn("", i32code)), canons(lift(0, 2)), exports(exp("f", sFunc, 0))), "no name"},
		{"a resource with a name", component(types(resource()), exports(exp("r", sType, 0)), types(own(1), fn(ref(2))), libc(coreFn("", i32code)), canons(lift(0, 3)), exports(exp("f", sFunc, 0))), ""},
		{"an import refers to an import", component(rec, imports(imp("t", eq(0))), types(fn(ref(1))), imports(imp("f", extFunc(2)))), ""},
		{"an import refers to what is defined", component(rec, types(fn(ref(0))), imports(imp("f", extFunc(1)))), "no name"},
		{"an import refers to an export", component(rec, exports(exp("t", sType, 0)), types(fn(ref(1))), imports(imp("f", extFunc(2)))), "no name"},
		{"an export refers to an import", component(rec, imports(imp("t", eq(0))), types(record("y", ref(1))), exports(exp("u", sType, 2))), ""},
		{"an exported type refers to what has no name", component(rec, types(list(ref(0))), exports(exp("l", sType, 1))), "no name"},
		{"an exported function type refers to what has no name", component(rec, types(fn(ref(0))), exports(exp("f", sType, 1))), "no name"},
		{"inline exports ask for no names", component(rec, types(list(ref(0))), instances(bag(item("l", sType, 1)))), ""},
		{"an exported instance does", component(rec, types(list(ref(0))), instances(bag(item("l", sType, 1))), exports(exp("i", sInstance, 0))), "no name"},
		{"an exported instance gives names", component(lib, rec, instances(bag(item("t", sType, 0))), exports(exp("i", sInstance, 0)), aliases(aliasExport(sType, 1, "t")), lifted(1), exports(exp("f", sFunc, 0))), ""},
		{"an instance that is not exported gives none", component(lib, rec, instances(bag(item("t", sType, 0))), aliases(aliasExport(sType, 0, "t")), lifted(1), exports(exp("f", sFunc, 0))), "no name"},
		{"an instance type waits for who imports it", component(types(instanceType(declType(record("x", tU32)), declType(fn(ref(0))), declExport("f", extFunc(1))))), ""},
		{"an import does not wait", component(types(instanceType(declType(record("x", tU32)), declType(fn(ref(0))), declExport("f", extFunc(1)))), imports(imp("i", extInstance(0)))), "no name"},
		{"a component type does not wait", component(types(componentType(declType(record("x", tU32)), declType(fn(ref(0))), declExport("f", extFunc(1))))), "no name"},
		{"an outer name is none inside", component(rec, imports(imp("t", eq(0))), nested(component(aliases(aliasOuter(sType, 1, 1)), types(fn(ref(0))), imports(imp("f", extFunc(1)))))), "no name"},
		{"a name goes through an instantiation", component(rec, imports(imp("t", eq(0))),
			nested(component(rec, imports(imp("t", eq(0))), types(record("y", ref(1))), exports(exp("u", sType, 2)))),
			instances(instantiate(0, arg("t", sType, 1))), aliases(aliasExport(sType, 0, "u")), exports(exp("u", sType, 2))), ""},
		{"an exported component type that refers to a resource without a name", component(types(resource(), componentType(declAlias(aliasOuter(sType, 1, 0)), declExport("r", eq(0)))),
			exports(exp("c", sType, 1))), "defined inside"},
		{"an imported component type that refers to an exported resource", component(types(resource(), componentType(declAlias(aliasOuter(sType, 1, 0)), declExport("r", eq(0)))),
			exports(exp("r", sType, 0)), imports(imp("c", extComp(1)))), "defined inside"},
	})
}

func TestWhatCannotBeJudgedIsUnsupported(t *testing.T) {
	for what, data := range map[string]string{
		"a start function":            component(section(9, b(u(0), u(0), u(0)))),
		"a value":                     component(section(12, vec(b(tU8, u(1), "\x00")))),
		"a value import":              component(imports(imp("v", "\x02\x01"+tU8))),
		"the garbage-collected ABI":   component(types(fn("")), imports(imp("f", extFunc(0))), canons(lower(0, "\x09"))),
		"a value in an instance type": component(types(instanceType(declExport("v", "\x02\x01"+tU8)))),
	} {
		_, err := check(data)
		if _, ok := err.(*Unsupported); !ok {
			t.Errorf("%s: %T %v, want an Unsupported", what, err, err)
		}
	}
}

// TestErrorsNameThePlace: the offset is that of the definition, in nested components
// and types too.
func TestErrorsNameThePlace(t *testing.T) {
	bad := list(ref(7))
	for what, data := range map[string]string{
		"a definition":        component(types(tU8, bad)),
		"a nested component":  component(nested(component(types(tU8, bad)))),
		"a declaration":       component(types(componentType(declType(tU8), declType(bad)))),
		"after a nested type": component(types(componentType(), bad)),
	} {
		_, err := check(data)
		invalid, ok := err.(*Error)
		if want := strings.Index(data, bad); !ok || invalid.Offset != want {
			t.Errorf("%s: %v, want it at %#x", what, err, want)
		}
	}
}

func TestSubtypesCanBeAskedForAtLinkTime(t *testing.T) {
	typeOf := func(data string) *ComponentType {
		c, err := wasm.Decode([]byte(data))
		if err != nil {
			t.Fatal(err)
		}
		ct, err := Component(c)
		if err != nil {
			t.Fatal(err)
		}
		return ct
	}
	wanted := func(decls ...string) ExternType {
		return typeOf(component(types(componentType(decls...)), imports(imp("x", extComp(0))))).Imports.Lookup("x").ExternType
	}
	have := typeOf(component(imports(imp("in", sub)), types(own(0), resource()),
		exports(exp("out", sType, 2)), types(own(3), fn(ref(4), "p", ref(1))), libc(coreFn(i32code, i32code)), canons(lift(0, 5)), exports(exp("f", sFunc, 0))))
	asked := func(result int) []string {
		return []string{declImport("in", sub), declExport("out", sub), declType(own(0)), declType(own(result)), declType(fn(ref(3), "p", ref(2))), declExport("f", extFunc(4))}
	}
	if err := Subtype(ofComponent(have), wanted(asked(1)...)); err != nil {
		t.Error(err)
	}
	if err := Subtype(ofComponent(have), wanted(asked(0)...)); err == nil {
		t.Error("a function that returns another resource fits")
	}
	if err := Subtype(ofComponent(have), wanted(declExport("out", sub))); err == nil {
		t.Error("a component fits that has an import which nobody gives")
	}
	if err := Subtype(ofComponent(have), ofComponent(have)); err != nil {
		t.Error(err)
	}
	i := typeOf(component(types(instanceType(declExport("r", sub), declExport("s", sub)), instanceType(declExport("s", sub))), imports(imp("i", extInstance(0)), imp("j", extInstance(1)))))
	if err := Subtype(i.Imports.List[0].ExternType, i.Imports.List[1].ExternType); err == nil {
		t.Error("an instance fits whose resource is another")
	}
	module := typeOf(component(coreModule(exporting("\x00\x02", coreFn("", ""))), exports(exp("m", sCoreModule, 0))))
	asks := typeOf(component(coreTypes("\x50"+vec("\x03"+str("m")+"\x02\x00\x01")), imports(imp("m", extModule(0)))))
	if err := Subtype(module.Exports.List[0].ExternType, asks.Imports.List[0].ExternType); err != nil {
		t.Error(err)
	}
	if err := Subtype(asks.Imports.List[0].ExternType, module.Exports.List[0].ExternType); err == nil {
		t.Error("a module fits that exports less")
	}
}

func ofComponent(t *ComponentType) ExternType {
	return ExternType{Sort: wasm.SortComponent, Component: t}
}
