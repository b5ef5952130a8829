package validate

import "testing"

// Entries of core modules and module types.

func coreImport(module, name, ext string) string { return b(str(module), str(name), ext) }

func moduleType(decls ...string) string { return "\x50" + vec(decls...) }

func declCoreImport(ext string) string { return "\x00" + coreImport("", "x", ext) }

func declCoreExport(ext string) string { return "\x03" + str("x") + ext }

// withImport is a module that imports one thing.
func withImport(ext string) string {
	return module(section(1, vec(coreFn("", ""), coreFn(i32code, ""))), section(2, vec(coreImport("", "x", ext))))
}

// coreExt are the extern types of the tests: the code and how a module defines one.
var coreExt = map[string]struct{ ext, module string }{
	"func":           {"\x00\x00", section(3, vec("\x00")) + section(7, vec(str("x")+"\x00\x00")) + section(10, vec("\x02\x00\x0b"))},
	"func of i32":    {"\x00\x01", section(3, vec("\x01")) + section(7, vec(str("x")+"\x00\x00")) + section(10, vec("\x02\x00\x0b"))},
	"table":          {"\x01\x70\x01\x01\x02", section(4, vec("\x70\x01\x01\x02")) + section(7, vec(str("x")+"\x01\x00"))},
	"larger table":   {"\x01\x70\x01\x01\x03", section(4, vec("\x70\x01\x01\x03")) + section(7, vec(str("x")+"\x01\x00"))},
	"unbound table":  {"\x01\x70\x00\x01", section(4, vec("\x70\x00\x01")) + section(7, vec(str("x")+"\x01\x00"))},
	"extern table":   {"\x01\x6f\x01\x01\x02", section(4, vec("\x6f\x01\x01\x02")) + section(7, vec(str("x")+"\x01\x00"))},
	"memory":         {"\x02\x00\x01", section(5, vec("\x00\x01")) + section(7, vec(str("x")+"\x02\x00"))},
	"larger memory":  {"\x02\x00\x02", section(5, vec("\x00\x02")) + section(7, vec(str("x")+"\x02\x00"))},
	"shared memory":  {"\x02\x03\x01\x02", section(5, vec("\x03\x01\x02")) + section(7, vec(str("x")+"\x02\x00"))},
	"64-bit memory":  {"\x02\x04\x01", section(5, vec("\x04\x01")) + section(7, vec(str("x")+"\x02\x00"))},
	"global":         {"\x03\x7f\x00", section(6, vec("\x7f\x00\x41\x00\x0b")) + section(7, vec(str("x")+"\x03\x00"))},
	"mutable global": {"\x03\x7f\x01", section(6, vec("\x7f\x01\x41\x00\x0b")) + section(7, vec(str("x")+"\x03\x00"))},
	"tag":            {"\x04\x00\x00", section(13, vec("\x00\x00")) + section(7, vec(str("x")+"\x04\x00"))},
	"tag of i32":     {"\x04\x00\x01", section(13, vec("\x00\x01")) + section(7, vec(str("x")+"\x04\x00"))},
}

func TestCoreArgumentsFitTheImports(t *testing.T) {
	given := func(have, want string) string {
		definer := module(section(1, vec(coreFn("", ""), coreFn(i32code, ""))), coreExt[have].module)
		return component(coreModule(definer), coreModule(withImport(coreExt[want].ext)),
			coreInstances(instantiate(0), instantiate(1, coreArg("", 0))))
	}
	asModule := func(have, want string) string {
		definer := module(section(1, vec(coreFn("", ""), coreFn(i32code, ""))), coreExt[have].module)
		asked := moduleType("\x01"+coreFn("", ""), "\x01"+coreFn(i32code, ""), declCoreExport(coreExt[want].ext))
		return component(coreModule(definer),
			nested(component(coreTypes(asked), imports(imp("m", extModule(0))))),
			instances(instantiate(0, arg("m", sCoreModule, 0))))
	}
	asImporter := func(have, want string) string {
		asked := moduleType("\x01"+coreFn("", ""), "\x01"+coreFn(i32code, ""), declCoreImport(coreExt[have].ext))
		return component(coreModule(withImport(coreExt[want].ext)),
			nested(component(coreTypes(asked), imports(imp("m", extModule(0))))),
			instances(instantiate(0, arg("m", sCoreModule, 0))))
	}
	for kind := range coreExt {
		judge(t, []ruling{
			{kind, given(kind, kind), ""},
			{kind + " of a module", asModule(kind, kind), ""},
			{kind + " for a module", asImporter(kind, kind), ""},
		})
	}
	for _, try := range []struct{ have, want, says string }{
		{"func of i32", "func", "want type () -> ()"},
		{"table", "larger table", ""},
		{"larger table", "table", "want at most 2"},
		{"unbound table", "table", "want at most 2"},
		{"extern table", "table", "want elements of funcref"},
		{"larger memory", "memory", ""},
		{"memory", "larger memory", "want at least 2"},
		{"shared memory", "memory", "one is shared"},
		{"64-bit memory", "memory", "64-bit addresses"},
		{"mutable global", "global", "want an immutable global"},
		{"global", "mutable global", "want a mutable global"},
		{"tag of i32", "tag", "want type () -> ()"},
		{"global", "memory", "want a memory, have a global"},
	} {
		judge(t, []ruling{
			{try.have + " for " + try.want, given(try.have, try.want), try.says},
			{try.have + " of a module for " + try.want, asModule(try.have, try.want), try.says},
			{try.have + " for the import of a module of " + try.want, asImporter(try.have, try.want), try.says},
		})
	}
	m := withImport(coreExt["func"].ext)
	empty := moduleType()
	judge(t, []ruling{
		{"no argument", component(coreModule(m), coreInstances(instantiate(0))), "not among the arguments"},
		{"an argument without the export", component(coreModule(m), coreInstances(bag(), instantiate(0, coreArg("", 0)))), "does not export it"},
		{"an argument twice", component(coreModule(module()), coreInstances(bag(), instantiate(0, coreArg("a", 0), coreArg("a", 0)))), "duplicate argument"},
		{"an argument that nobody asks for", component(coreModule(module()), coreInstances(bag(), instantiate(0, coreArg("a", 0)))), ""},
		{"a bundle", component(libc(coreFn("", "")), coreModule(m), coreInstances(bag(coreItem("x", sCoreFunc, 0)), instantiate(1, coreArg("", 1)))), ""},
		{"a bundle of what no module exports", component(coreTypes(coreFn("", "")), coreInstances(bag(coreItem("x", sCoreType, 0)))), "core type cannot stand here"},
		{"a bundle with a name twice", component(libc(coreFn("", "")), coreInstances(bag(coreItem("x", sCoreFunc, 0), coreItem("x", sCoreFunc, 0)))), "duplicate export"},
		{"a module with an import that nobody gives", component(coreModule(m), nested(component(coreTypes(empty), imports(imp("m", extModule(0))))), instances(instantiate(0, arg("m", sCoreModule, 0)))), "not expected"},
		{"a module without the export", component(coreModule(module()), nested(component(coreTypes(moduleType(declCoreExport(coreExt["memory"].ext))), imports(imp("m", extModule(0))))), instances(instantiate(0, arg("m", sCoreModule, 0)))), `no export "x"`},
		{"an imported module is instantiated", component(coreTypes(moduleType(declCoreExport(coreExt["memory"].ext))), imports(imp("m", extModule(0))), coreInstances(instantiate(0)), aliases(aliasCore(sCoreMemory, 0, "x"))), ""},
	})
}

func TestTheOutsideOfCoreModulesIsValid(t *testing.T) {
	one := section(1, vec(coreFn("", "")))
	twice := b(coreImport("", "x", "\x00\x00"), coreImport("", "x", "\x00\x00"))
	judge(t, []ruling{
		{"an import twice", component(coreModule(module(one, section(2, b(u(2), twice))))), "twice"},
		{"an export twice", component(coreModule(module(section(5, vec("\x00\x01")), section(7, vec(str("m")+"\x02\x00", str("m")+"\x02\x00"))))), "twice"},
		{"an export of nothing", component(coreModule(module(section(7, vec(str("m")+"\x02\x00"))))), "which is not there"},
		{"a function of a type that is not there", component(coreModule(module(one, section(3, vec("\x01"))))), "type index 1 out of range"},
		{"an import of a type that is not there", component(coreModule(module(section(2, vec(coreImport("", "x", "\x00\x00")))))), "type index 0 out of range"},
		{"a maximum below the minimum", component(coreModule(module(section(5, vec("\x01\x02\x01"))))), "less than the minimum"},
		{"65536 pages", component(coreModule(module(section(5, vec("\x00"+u(65536)))))), ""},
		{"65537 pages", component(coreModule(module(section(5, vec("\x00"+u(65537)))))), "more than 65536 pages"},
		{"pages of one byte", component(coreModule(module(section(5, vec("\x08\x01\x00"))))), ""},
		{"pages of two bytes", component(coreModule(module(section(5, vec("\x08\x01\x01"))))), "pages of 2^1 bytes"},
		{"a shared memory without maximum", component(coreModule(module(section(5, vec("\x02\x01"))))), "needs a maximum"},
		{"a shared table", component(coreModule(module(section(4, vec("\x70\x03\x01\x02"))))), "a shared table"},
		{"a start function with parameters", component(coreModule(module(section(1, vec(coreFn(i32code, ""))), section(3, vec("\x00")), section(8, "\x00"), section(10, vec("\x02\x00\x0b"))))), "start function"},
		{"a tag with results", component(coreModule(module(section(1, vec(coreFn("", i32code))), section(13, vec("\x00\x00"))))), "a tag has no results"},
		{"a section that is cut", component(coreModule(module("\x01\x05"))), "core module"},
		{"a module type", component(coreTypes(moduleType("\x01"+coreFn("", ""), declCoreImport("\x00\x00"), declCoreExport("\x00\x00")))), ""},
		{"a module type with an import twice", component(coreTypes(moduleType(declCoreImport("\x02\x00\x01"), declCoreImport("\x02\x00\x01")))), "twice"},
		{"a module type with an export twice", component(coreTypes(moduleType(declCoreExport("\x02\x00\x01"), declCoreExport("\x02\x00\x01")))), "twice"},
		{"a module type of a type that is not there", component(coreTypes(moduleType(declCoreExport("\x00\x00")))), "core type index 0 out of range"},
		{"a module type of a struct", component(coreTypes(moduleType("\x01\x5f\x00", declCoreExport("\x00\x00")))), "not a function type"},
		{"a module type with too large a memory", component(coreTypes(moduleType(declCoreExport("\x02\x00" + u(70000))))), "more than 65536 pages"},
		{"a module type that takes a type from outside", component(coreTypes(coreFn("", ""), moduleType("\x02\x10\x01"+u(1)+u(0), declCoreExport("\x00\x00")))), ""},
		{"a module type that takes a module type from outside", component(coreTypes(moduleType(), moduleType("\x02\x10\x01"+u(1)+u(0)))), "which a module type cannot hold"},
		{"a reference to a type", component(coreTypes(coreFn("", ""), "\x60\x01\x64\x00\x00")), ""},
		{"a reference to the type itself", component(coreTypes("\x60\x01\x63\x00\x00")), ""},
		{"a reference within a group", component(coreTypes("\x4e" + vec("\x60\x01\x63\x01\x00", coreFn("", "")))), ""},
		{"a reference out of range", component(coreTypes(coreFn("", ""), "\x60\x01\x64\x02\x00")), "refers to core type 2"},
		{"a reference to the next type", component(coreTypes("\x60\x01\x64\x01\x00", coreFn("", ""))), "refers to core type 1"},
		{"a reference to a module type", component(coreTypes(moduleType(), "\x60\x00\x01\x63\x00")), "which nothing can refer to"},
		{"a reference out of range in a module type", component(coreTypes(moduleType("\x01\x60\x01\x64\x05\x00"))), "refers to core type 5"},
		{"a reference out of range in an instance type", component(types(instanceType(declCoreType("\x60\x01\x64\x05\x00")))), "refers to core type 5"},
		{"a module type inside of an instance type", component(types(instanceType(declCoreType(moduleType(declCoreExport("\x00\x00")))))), "core type index 0 out of range"},
	})
}
