package validate

import (
	"errors"
	"testing"

	wasm "github.com/tenon-wasm/tenon/component/internal/binary"
)

// FuzzValidate: whatever comes in, there is a type or one of the two errors, and a
// valid component is a subtype of itself.
func FuzzValidate(f *testing.F) {
	const large = 200 << 10
	for _, data := range guests(f) {
		if len(data) < large {
			f.Add(data)
		}
	}
	withResource := types(instanceType(declExport("r", sub), declType(own(0)), declType(fn(ref(1))), declExport("f", extFunc(2))))
	for _, seed := range []string{
		component(),
		component(withResource, imports(imp("x", extInstance(0)), imp("a:b/c@0.2.1", extInstance(0))), nested(pairOf),
			aliases(aliasExport(sType, 0, "r")), instances(instantiate(0, arg("a", sType, 1), arg("b", sType, 1))), exports(exp("y", sInstance, 0))),
		component(types(resource(), componentType(declAlias(aliasOuter(sType, 1, 0)), declImport("r", eq(0)), declExport("s", sub)), borrow(0)), exports(exp("r", sType, 0)),
			libc(coreFn(i32code, "")), types(variant("a", tString, "b", ref(2)), fn("", "self", ref(2))), canons(lift(0, 5), "\x02\x00", "\x03\x00", "\x04\x00")),
		component(libc(reallocFn(i32code)), types(stream(tU8), asyncFn(tString, "a", ref(0)), mapOf(tU8, tString), listOf(tU8, 9)), imports(imp("f", extFunc(1))),
			canons(lower(0, async, memory(0), realloc(0)), "\x0f\x00"+vec(memory(0)), "\x0a\x7f\x00", "\x20\x00\x00", "\x1c"+vec(memory(0)))),
		component(coreTypes(coreFn("", ""), moduleType("\x02\x10\x01"+u(1)+u(0), declCoreImport("\x00\x00"))), imports(imp("m", extModule(1))), exports(exp("n", sCoreModule, 0))),
		component(types(instanceType()), imports(b(attributed("a", attribute(0, "a:b/c"), attribute(2, "id")), extInstance(0)), b(attributed("a:b/c@1", attribute(1, ".2.3")), extInstance(0)))),
		doublingInstances(5, true, imports(imp("x", extInstance(5)))),
		matchingComponents(3),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := wasm.Decode(data)
		if err != nil {
			return
		}
		ct, err := Component(c)
		var invalid *Error
		var unsupported *Unsupported
		switch {
		case errors.As(err, &invalid) || errors.As(err, &unsupported):
		case err != nil:
			t.Fatalf("%T: %v", err, err)
		default:
			twin, err := Component(c)
			if err != nil {
				t.Fatalf("at the second time: %v", err)
			}
			if err := Subtype(ofComponent(ct), ofComponent(twin)); err != nil && !errors.As(err, &invalid) {
				t.Fatalf("no subtype of itself: %v", err)
			}
		}
	})
}
