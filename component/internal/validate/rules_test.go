package validate

import (
	"errors"
	"strings"
	"testing"
)

// A ruling is a component and what is said about it: nothing, if it is valid.
type ruling struct{ name, data, want string }

func judge(t *testing.T, rulings []ruling) {
	t.Helper()
	for _, r := range rulings {
		t.Run(r.name, func(t *testing.T) {
			_, err := check(r.data)
			if r.want == "" {
				if err != nil {
					t.Errorf("%v, want it valid", err)
				}
				return
			}
			var invalid *Error
			if !errors.As(err, &invalid) || !strings.Contains(invalid.Msg, r.want) {
				t.Errorf("%T %v, want an Error that says %q", err, err, r.want)
			}
		})
	}
}

func TestIndicesLeadToWhatWasDefinedBefore(t *testing.T) {
	judge(t, []ruling{
		{"a type", component(types(list(tU8), list(ref(0)))), ""},
		{"a type that comes later", component(types(list(ref(0)))), "type index 0 out of range"},
		{"a function of an import", component(types(fn("")), imports(imp("f", extFunc(0))), canons(lower(0))), ""},
		{"a function out of range", component(canons(lower(0))), "func index 0 out of range"},
		{"a core module out of range", component(coreInstances(instantiate(0))), "core module index 0 out of range"},
		{"a component out of range", component(instances(instantiate(0))), "component index 0 out of range"},
		{"an instance out of range", component(aliases(aliasExport(sType, 0, "t"))), "instance index 0 out of range"},
		{"a core instance out of range", component(aliases(aliasCore(sCoreFunc, 0, "f"))), "core instance index 0 out of range"},
		{"a core function out of range", component(types(fn("")), canons(lift(0, 0))), "core func index 0 out of range"},
		{"a core memory out of range", component(types(fn("")), imports(imp("f", extFunc(0))), canons(lower(0, memory(0)))), "core memory index 0 out of range"},
		{"a core type out of range", component(imports(imp("m", extModule(0)))), "core type index 0 out of range"},
		{"an export has an index of its own", component(types(tU8), exports(exp("a", sType, 0), exp("b", sType, 1))), ""},
		{"what is exported comes before", component(types(tU8), exports(exp("a", sType, 1))), "type index 1 out of range"},
		{"what is never instantiated is judged too", component(nested(component(types(list(ref(0)))))), "type index 0 out of range"},
		{"a type that nothing uses is judged too", component(types(componentType(declType(list(ref(0)))))), "type index 0 out of range"},
		{"a core function is no export", component(libc(coreFn("", "")), exports(exp("f", sCoreFunc, 0))), "core func cannot stand here"},
		{"a core instance is no export", component(libc(coreFn("", "")), exports(exp("f", "\x00\x12", 0))), "a core instance cannot stand here"},
		{"a core module is an export", component(coreModule(module()), exports(exp("m", sCoreModule, 0))), ""},
	})
}

func TestAliasesLeadToWhatIsThere(t *testing.T) {
	i := component(types(resource()), exports(exp("r", sType, 0)))
	made := b(nested(i), instances(instantiate(0)))
	lib := libc(coreFn("", ""))
	judge(t, []ruling{
		{"an export", component(made, aliases(aliasExport(sType, 0, "r"))), ""},
		{"an export that is not there", component(made, aliases(aliasExport(sType, 0, "x"))), `no export "x"`},
		{"an export of another sort", component(made, aliases(aliasExport(sFunc, 0, "r"))), "is a type, not a func"},
		{"a core export", component(lib), ""},
		{"a core export that is not there", component(lib, aliases(aliasCore(sCoreFunc, 0, "x"))), `no export "x"`},
		{"a core export of another kind", component(lib, aliases(aliasCore(sCoreFunc, 0, "m"))), "is a memory, not a func"},
		{"a core export that can be none", component(lib, aliases(aliasCore(sType, 0, "m"))), "exports no type"},
		{"an outer type", component(types(tU8), nested(component(aliases(aliasOuter(sType, 1, 0)), types(list(ref(0)))))), ""},
		{"an outer type of the scope itself", component(types(tU8), aliases(aliasOuter(sType, 0, 0))), ""},
		{"an outer type that comes later", component(nested(component(aliases(aliasOuter(sType, 1, 0)))), types(tU8)), "type index 0 out of range"},
		{"an outer scope that is not there", component(aliases(aliasOuter(sType, 1, 0))), "1 scopes out"},
		{"types count as scopes", component(types(tU8, componentType(declType(instanceType(declAlias(aliasOuter(sType, 2, 0))))))), ""},
		{"an outer resource inside of a type", component(types(resource(), instanceType(declAlias(aliasOuter(sType, 1, 0))))), ""},
		{"an outer resource inside of a component", component(types(resource()), nested(component(aliases(aliasOuter(sType, 1, 0))))), "refers to a resource"},
		{"a handle to an outer resource inside of a component", component(types(resource(), own(0), record("h", ref(1))), nested(component(aliases(aliasOuter(sType, 1, 2))))), "refers to a resource"},
		{"an outer instance type that refers to a resource", component(types(resource(), instanceType(declAlias(aliasOuter(sType, 1, 0)), declExport("r", eq(0)))), nested(component(aliases(aliasOuter(sType, 1, 1))))), "refers to a resource"},
		{"an outer instance type with a resource of its own", component(types(instanceType(declExport("r", sub))), nested(component(aliases(aliasOuter(sType, 1, 0))))), ""},
		{"an outer type across a component and a type", component(types(resource()), nested(component(types(componentType(declAlias(aliasOuter(sType, 2, 0))))))), "refers to a resource"},
		{"an outer component", component(nested(component()), nested(component(aliases(aliasOuter(sComponent, 1, 0)), instances(instantiate(0))))), ""},
		{"an outer component inside of a type", component(nested(component()), types(componentType(declAlias(aliasOuter(sComponent, 1, 0))))), "only types and core types"},
		{"an outer core module inside of a type", component(coreModule(module()), types(componentType(declAlias(aliasOuter(sCoreModule, 1, 0))))), "only types and core types"},
		{"a function inside of a type", component(types(componentType(declType(fn("")), declType(instanceType(declAlias(aliasOuter(sType, 1, 0)), declExport("f", extFunc(0)))), declImport("i", extInstance(1)), declAlias(aliasExport(sFunc, 0, "f"))))), "only types and instances"},
		{"a core export inside of a type", component(lib, types(instanceType(declAlias(aliasCore(sCoreFunc, 0, "f0"))))), "no core export"},
		{"an instance inside of a type", component(types(componentType(declType(instanceType(declType(instanceType()), declExport("j", extInstance(0)))), declImport("i", extInstance(0)), declAlias(aliasExport(sInstance, 0, "j"))))), ""},
	})
}

func TestValueTypesKeepTheirRules(t *testing.T) {
	many := make([]string, 33)
	for i := range many {
		many[i] = letters(i)
	}
	byteList := func(n int) string { return listOf(tU8, n) }
	judge(t, []ruling{
		{"a record", component(types(record("x", tU8, "y", tString))), ""},
		{"an empty record", component(types(record())), "no fields"},
		{"an empty tuple", component(types(tuple())), "no fields"},
		{"an empty variant", component(types(variant())), "no cases"},
		{"an empty enum", component(types(enum())), "no cases"},
		{"no flags", component(types(flags())), "0 labels"},
		{"32 flags", component(types(flags(many[:32]...))), ""},
		{"33 flags", component(types(flags(many...))), "33 labels"},
		{"a list of length 0", component(types(byteList(0))), "length 0"},
		{"a list of 2^28-1 bytes", component(types(byteList(1<<28 - 1))), ""},
		{"a list of 2^28 bytes", component(types(byteList(1 << 28))), "larger than 2^28-1"},
		{"a list of 2^32 bytes", component(types(listOf(tU64, 1<<29))), "larger than 2^28-1"},
		{"a sum of 2^28 bytes", component(types(byteList(1<<27), tuple(ref(0), ref(0)))), "larger than 2^28-1"},
		{"a variant of 2^28 bytes", component(types(byteList(1<<28-1), option(ref(0)))), "larger than 2^28-1"},
		{"a size of 2^28 only where addresses have 64 bits", component(types(listOf(tString, 1<<24))), "larger than 2^28-1"},
		{"what a list holds does not count", component(types(byteList(1<<28-1), list(ref(0)), tuple(ref(1), ref(1)))), ""},
		{"a function is no value", component(types(fn(""), list(ref(0)))), "not a value type"},
		{"a resource is no value", component(types(resource(), list(ref(0)))), "is a resource"},
		{"own of a resource", component(types(resource(), own(0), list(ref(1)))), ""},
		{"own of a record", component(types(record("x", tU8), own(0))), "not a resource"},
		{"a borrow in parameters", component(types(resource(), borrow(0), list(ref(1)), fn("", "x", ref(2)))), ""},
		{"a borrow in a result", component(types(resource(), borrow(0), list(ref(1)), fn(ref(2)))), "cannot hold a borrow"},
		{"a borrow in a stream", component(types(resource(), borrow(0), stream(ref(1)))), "cannot hold a borrow"},
		{"a borrow in a future", component(types(resource(), borrow(0), tuple(ref(1)), future(ref(2)))), "cannot hold a borrow"},
		{"a stream of bytes", component(types(stream(tU8), stream(""))), ""},
		{"a stream of char", component(types(stream(tChar))), "stream of char"},
		{"a stream of a name of char", component(types(tChar), imports(imp("c", eq(0))), types(stream(ref(1)))), "stream of char"},
		{"a future of char", component(types(future(tChar))), ""},
		{"a map", component(types(mapOf(tString, tF64))), ""},
		{"a map keyed by floats", component(types(mapOf(tF64, tString))), "keys of a map"},
		{"a map keyed by lists", component(types(list(tU8), mapOf(ref(0), tString))), "keys of a map"},
		{"fields that differ in case alone", component(types(record("a-b", tU8, "A-b", tU8))), "conflicts"},
		{"cases twice", component(types(variant("a", "", "a", tU8))), "conflicts"},
		{"flags twice", component(types(flags("a", "A"))), "conflicts"},
		{"enum cases twice", component(types(enum("a", "a"))), "conflicts"},
		{"parameters twice", component(types(fn("", "a", tU8, "A", tU8))), "conflicts"},
		{"a field that is no label", component(types(record("aB", tU8))), "not a kebab-case name"},
		{"a parameter that is no label", component(types(fn("", "1", tU8))), "not a kebab-case name"},
		{"an i32 represents a resource", component(types(resource())), ""},
		{"an i64 represents a resource", component(types("\x3f\x7e\x00")), ""},
		{"a float represents a resource", component(types("\x3f\x7d\x00")), "represented by"},
		{"a resource inside of a type", component(types(instanceType(declType(resource())))), "inside of a type"},
		{"a destructor", component(libc(coreFn(i32code, "")), types(resourceDtor(0x7f, 0))), ""},
		{"a destructor that returns", component(libc(coreFn(i32code, i32code)), types(resourceDtor(0x7f, 0))), "destructor has type"},
		{"a destructor of another representation", component(libc(coreFn(i32code, "")), types(resourceDtor(0x7e, 0))), "destructor has type"},
	})
}

func TestExternTypesMeanWhatTheySay(t *testing.T) {
	judge(t, []ruling{
		{"a function", component(types(fn("")), imports(imp("a", extFunc(0)))), ""},
		{"a function of a value type", component(types(tU8), imports(imp("a", extFunc(0)))), "not a function type"},
		{"an instance of a function type", component(types(fn("")), imports(imp("a", extInstance(0)))), "not an instance type"},
		{"a component of an instance type", component(types(instanceType()), imports(imp("a", extComp(0)))), "not a component type"},
		{"a module of a function type", component(coreTypes(coreFn("", "")), imports(imp("a", extModule(0)))), "not a module type"},
	})
}

func TestNamesAreStronglyUnique(t *testing.T) {
	f := types(fn(""))
	judge(t, []ruling{
		{"imports", component(f, imports(imp("a", extFunc(0)), imp("a", extFunc(0)))), "conflicts"},
		{"imports that differ in case", component(f, imports(imp("a-b", extFunc(0)), imp("A-b", extFunc(0)))), "conflicts"},
		{"an import and an export", component(types(tU8), imports(imp("a", eq(0))), exports(exp("a", sType, 0))), ""},
		{"exports", component(types(tU8), exports(exp("a", sType, 0), exp("a", sType, 0))), "conflicts"},
		{"inline exports", component(types(tU8), instances(bag(item("a", sType, 0), item("A", sType, 0)))), "conflicts"},
		{"exports of an instance type", component(types(instanceType(declExport("a", sub), declExport("a", sub)))), "conflicts"},
		{"imports of a component type", component(types(componentType(declImport("a", sub), declImport("a", sub)))), "conflicts"},
		{"versions of an interface", component(types(instanceType()), imports(imp("a:b/c@1.0.0", extInstance(0)), imp("a:b/c@2.0.0", extInstance(0)))), ""},
		{"a name that is none", component(f, imports(imp("aB", extFunc(0)))), "not a kebab-case name"},
		{"an inline export whose name is none", component(types(tU8), instances(bag(item("1", sType, 0)))), "not a kebab-case name"},
		{"a dependency is imported", component(f, imports(imp("unlocked-dep=<a:b>", extFunc(0)))), ""},
		{"a dependency is not exported", component(types(tU8), exports(exp("unlocked-dep=<a:b>", sType, 0))), "only an import"},
	})
}

func TestAttributesGoWithTheirNames(t *testing.T) {
	imported := func(name, ext string) string {
		return component(types(instanceType(), fn("")), imports(b(name, ext)))
	}
	judge(t, []ruling{
		{"an instance implements an interface", imported(attributed("a", attribute(0, "a:b/c@1.0.0")), extInstance(0)), ""},
		{"what is implemented is no interface", imported(attributed("a", attribute(0, "b")), extInstance(0)), "no interface"},
		{"a function implements an interface", imported(attributed("a", attribute(0, "a:b/c")), extFunc(1)), "only an instance"},
		{"an interface implements an interface", imported(attributed("a:b/d", attribute(0, "a:b/c")), extInstance(0)), "only an instance"},
		{"an inline export implements an interface", component(instances(bag()), instances(bag(b(attributed("a", attribute(0, "c")), sInstance, u(0))))), "no interface"},
		{"a version in two parts", imported(attributed("a:b/c@0.2", attribute(1, ".3-rc.1")), extInstance(0)), ""},
		{"a version of two parts that is none", imported(attributed("a:b/c@1", attribute(1, ".2")), extInstance(0)), "version suffix"},
		{"a suffix without a version", imported(attributed("a:b/c", attribute(1, "1.2.3")), extInstance(0)), "version suffix"},
		{"a suffix of a whole version", imported(attributed("a:b/c@1.2.3", attribute(1, "-rc")), extInstance(0)), "version suffix"},
		{"an external id is any text", imported(attributed("a", attribute(2, "no name!")), extFunc(1)), ""},
	})
}

func TestAnnotatedNamesGoWithTheirResource(t *testing.T) {
	r := b(imports(imp("r", sub)), types(own(0), borrow(0), result(ref(1), tString)))
	imported := func(f, name string) string { return component(r, types(f), imports(imp(name, extFunc(4)))) }
	judge(t, []ruling{
		{"a constructor", imported(fn(ref(1)), "[constructor]r"), ""},
		{"a constructor that can fail", imported(fn(ref(3)), "[constructor]r"), ""},
		{"a constructor of nothing", imported(fn(""), "[constructor]r"), "a constructor returns own<r>"},
		{"a constructor of another type", imported(fn(tU8), "[constructor]r"), "a constructor returns own<r>"},
		{"an async constructor", imported(asyncFn(ref(1)), "[constructor]r"), "cannot be async"},
		{"a constructor of a resource that is not there", imported(fn(ref(1)), "[constructor]q"), `no resource "q"`},
		{"a method", imported(fn("", "self", ref(2)), "[method]r.m"), ""},
		{"a method without self", imported(fn("", "this", ref(2)), "[method]r.m"), "named self"},
		{"a method without parameters", imported(fn(""), "[method]r.m"), "named self"},
		{"a method that takes its resource", imported(fn("", "self", ref(1)), "[method]r.m"), "borrow<r>"},
		{"a static function", imported(fn(""), "[static]r.m"), ""},
		{"a static function of a resource that is not there", imported(fn(""), "[static]q.m"), `no resource "q"`},
		{"a method and a static function of one name", component(r, types(fn("", "self", ref(2)), fn("")), imports(imp("[method]r.m", extFunc(4)), imp("[static]r.M", extFunc(5)))), "conflicts"},
		{"a method with the name of its resource", imported(fn("", "self", ref(2)), "[method]r.r"), "conflicts"},
		{"a method that is an instance", component(r, types(instanceType()), imports(imp("[method]r.m", extInstance(4)))), "not a function"},
		{"a method of a resource of the other side", component(r, types(fn("", "self", ref(2))), imports(imp("f", extFunc(4))), exports(exp("[method]r.m", sFunc, 0))), "among the exports"},
		{"a method of an exported resource", component(r, types(fn("", "self", ref(2))), imports(imp("f", extFunc(4))), exports(exp("s", sType, 0)),
			types(borrow(5), fn("", "self", ref(6))), exports(expAs("[method]s.m", sFunc, 0, extFunc(7)))), ""},
		{"a method among inline exports", component(r, types(fn("", "self", ref(2))), imports(imp("f", extFunc(4))), instances(bag(item("r", sType, 0), item("[method]r.m", sFunc, 0)))), "no resource"},
		{"a method in an instance type", component(types(instanceType(declExport("r", sub), declType(borrow(0)), declType(fn("", "self", ref(1))), declExport("[method]r.m", extFunc(2))))), ""},
	})
}
