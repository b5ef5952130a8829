package validate

import (
	"strings"
	"testing"

	wasm "github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

const (
	memory32 = "\x00\x01"
	memory64 = "\x04\x01"
)

// reallocFn is the type of a realloc function over addresses of a type.
func reallocFn(addr string) string { return coreFn(strings.Repeat(addr, 4), addr) }

func TestLiftedFunctionsHaveTheTypeOfTheABI(t *testing.T) {
	// Core function 0 is lifted, 1 is realloc; type 0 is the function type.
	lifting := func(mem, addr, core, typ string, opts ...string) string {
		return component(libcWith(mem, core, reallocFn(addr)), types(typ), canons(lift(0, 0, opts...)))
	}
	lift32 := func(core, typ string, opts ...string) string { return lifting(memory32, i32code, core, typ, opts...) }
	lift64 := func(core, typ string, opts ...string) string { return lifting(memory64, i64code, core, typ, opts...) }
	wide := func(n int) []string {
		var p []string
		for i := range n {
			p = append(p, letters(i), tU8)
		}
		return p
	}
	i32s := func(n int) string { return strings.Repeat(i32code, n) }
	judge(t, []ruling{
		{"nothing", lift32(coreFn("", ""), fn("")), ""},
		{"scalars", lift32(coreFn(i32code+i64code, f32code), fn(tF32, "a", tU8, "b", tU64)), ""},
		{"another parameter", lift32(coreFn(i64code, ""), fn("", "a", tU8)), "the function type wants (i32) -> ()"},
		{"another result", lift32(coreFn("", i64code), fn(tU8)), "the function type wants () -> (i32)"},
		{"16 parameters", lift32(coreFn(i32s(16), ""), fn("", wide(16)...)), ""},
		{"17 parameters", lift32(coreFn(i32code, ""), fn("", wide(17)...), memory(0), realloc(1)), ""},
		{"17 parameters without realloc", lift32(coreFn(i32code, ""), fn("", wide(17)...), memory(0)), "needs the canonical option realloc"},
		{"a string parameter", lift32(coreFn(i32s(2), ""), fn("", "a", tString), memory(0), realloc(1)), ""},
		{"a string parameter without memory", lift32(coreFn(i32s(2), ""), fn("", "a", tString)), "needs the canonical option memory"},
		{"a string parameter without realloc", lift32(coreFn(i32s(2), ""), fn("", "a", tString), memory(0)), "needs the canonical option realloc"},
		{"a string result", lift32(coreFn("", i32code), fn(tString), memory(0)), ""},
		{"a string result without memory", lift32(coreFn("", i32code), fn(tString)), "needs the canonical option memory"},
		{"realloc without memory", lift32(coreFn("", ""), fn(""), realloc(1)), "realloc needs memory"},
		{"realloc of another type", lift32(coreFn("", ""), fn(""), memory(0), realloc(0)), "realloc has type"},
		{"an option twice", lift32(coreFn("", ""), fn(""), memory(0), memory(0)), "there twice"},
		{"two encodings", lift32(coreFn("", ""), fn(""), "\x00", "\x02"), "two string encodings"},
		{"a string in a 64-bit memory", lift64(coreFn(i64code+i64code, ""), fn("", "a", tString), memory(0), realloc(1)), ""},
		{"a string in a 64-bit memory at 32-bit addresses", lift64(coreFn(i32s(2), ""), fn("", "a", tString), memory(0), realloc(1)), "wants (i64, i64) -> ()"},
		{"a string result in a 64-bit memory", lift64(coreFn("", i64code), fn(tString), memory(0)), ""},
		{"realloc for another memory", component(libcWith(memory64, coreFn("", ""), reallocFn(i32code)), types(fn("")), canons(lift(0, 0, memory(0), realloc(1)))), "want (i64, i64, i64, i64) -> (i64)"},
		{"a shared memory", lifting("\x03\x01\x02", i32code, coreFn("", ""), fn(""), memory(0)), "is shared"},
		{"a variant joins its cases", component(libc(coreFn(i32code+i64code, "")), types(variant("a", tU64, "b", tF32), fn("", "v", ref(0))), canons(lift(0, 1))), ""},
		{"a variant joins a string and a float", component(libc(coreFn(i32code+i32code+i32code, ""), reallocFn(i32code)), types(variant("a", tString, "b", tF32), fn("", "v", ref(0))), canons(lift(0, 1, memory(0), realloc(1)))), ""},
		{"a list of fixed length is flat", component(libc(coreFn(i32s(3), "")), types(listOf(tU8, 3), fn("", "v", ref(0))), canons(lift(0, 1))), ""},
		{"post-return", component(libc(coreFn("", i32code), coreFn(i32code, "")), types(fn(tString)), canons(lift(0, 0, memory(0), postReturn(1)))), ""},
		{"post-return of another type", component(libc(coreFn("", i32code), coreFn("", "")), types(fn(tString)), canons(lift(0, 0, memory(0), postReturn(1)))), "post-return has type"},
		{"a lift to a value type", component(libc(coreFn("", "")), types(tU8), canons(lift(0, 0))), "not a function type"},
		{"async", lift32(coreFn(i32code, ""), asyncFn(tString, "a", tU8), async, memory(0)), ""},
		{"async without memory for a string", lift32(coreFn(i32code, ""), asyncFn(tString, "a", tU8), async), "needs the canonical option memory"},
		{"async of a function that is not", lift32(coreFn("", ""), fn(""), async), "needs an async function type"},
		{"a synchronous lift of an async function", lift32(coreFn("", i32code), asyncFn(tU8)), ""},
		{"callback", component(libc(coreFn("", i32code), coreFn("\x7f\x7f\x7f", i32code)), types(asyncFn(tU8)), canons(lift(0, 0, async, callback(1)))), ""},
		{"callback of another type", component(libc(coreFn("", i32code), coreFn("\x7f\x7f", i32code)), types(asyncFn(tU8)), canons(lift(0, 0, async, callback(1)))), "callback has type"},
		{"callback without async", component(libc(coreFn("", i32code), coreFn("\x7f\x7f\x7f", i32code)), types(asyncFn(tU8)), canons(lift(0, 0, callback(1)))), "callback needs async"},
		{"post-return with async", component(libc(coreFn("", ""), coreFn("", "")), types(asyncFn("")), canons(lift(0, 0, async, postReturn(1)))), "does not go with async"},
	})
}

// typeOfCanon is the type of the core function that a canonical definition makes; the
// component before it leaves other core functions alone.
func typeOfCanon(t *testing.T, before, canon string) string {
	t.Helper()
	c, err := wasm.Decode([]byte(component(before, canons(canon))))
	if err != nil {
		t.Fatal(err)
	}
	v := newChecker()
	s := newScope(componentScope, nil)
	defer v.catch(&err)
	for _, d := range c.Defs {
		v.definition(s, d)
	}
	items := s.coreItems[core.Func]
	return items[len(items)-1].Sig.String()
}

func TestCanonicalDefinitionsMakeCoreFunctionsOfTheirTypes(t *testing.T) {
	type1 := func(f string) string { return b(libc(reallocFn(i32code)), types(f), imports(imp("f", extFunc(0)))) }
	five := fn(tU8, "a", tU8, "b", tU8, "c", tU8, "d", tU8, "e", tU8)
	asyncFive := "\x43" + five[1:]
	streams := types(stream(tU8), future(tString))
	lib := libc(reallocFn(i32code))
	wide := libcWith(memory64, reallocFn(i64code))
	table := b(coreModule(module(section(4, vec("\x70\x00\x01")), section(7, vec(b(str("t"), "\x01\x00"))))), coreInstances(instantiate(0)),
		aliases(aliasCore(sCoreTable, 0, "t")), coreTypes(coreFn(i32code, "")))
	for _, try := range []struct{ name, before, canon, want string }{
		{"lower of nothing", type1(fn("")), lower(0), "() -> ()"},
		{"lower of scalars", type1(fn(tF32, "a", tU64)), lower(0), "(i64) -> (f32)"},
		{"lower of two results", type1(fn(tString)), lower(0, memory(0), realloc(0)), "(i32) -> ()"},
		{"async lower of four parameters and no result", type1(asyncFn("", "a", tU8, "b", tU8, "c", tU8, "d", tU64)), lower(0, async), "(i32, i32, i32, i64) -> (i32)"},
		{"async lower of five parameters and a result", type1(asyncFive), lower(0, async, memory(0)), "(i32, i32) -> (i32)"},
		{"lower into a 64-bit memory", b(wide, types(fn(tString, "a", tString)), imports(imp("f", extFunc(0)))), lower(0, memory(0), realloc(0)), "(i64, i64, i64) -> ()"},
		{"resource.new", types(resource()), "\x02\x00", "(i32) -> (i32)"},
		{"resource.new of an i64", types("\x3f\x7e\x00"), "\x02\x00", "(i64) -> (i32)"},
		{"resource.drop of an i64", types("\x3f\x7e\x00"), "\x03\x00", "(i32) -> ()"},
		{"resource.rep of an i64", types("\x3f\x7e\x00"), "\x04\x00", "(i32) -> (i64)"},
		{"task.cancel", "", "\x05", "() -> ()"},
		{"subtask.cancel", "", "\x06\x01", "(i32) -> (i32)"},
		{"task.return", "", "\x09\x00" + tU64 + "\x00", "(i64) -> ()"},
		{"task.return of nothing", "", "\x09\x01\x00\x00", "() -> ()"},
		{"task.return of a string", lib, "\x09\x00" + tString + vec(memory(0)), "(i32, i32) -> ()"},
		{"context.get", "", "\x0a\x7f\x01", "() -> (i32)"},
		{"context.set", "", "\x0b\x7e\x00", "(i64) -> ()"},
		{"thread.yield", "", "\x0c\x00", "() -> (i32)"},
		{"subtask.drop", "", "\x0d", "(i32) -> ()"},
		{"stream.new", streams, "\x0e\x00", "() -> (i64)"},
		{"stream.read", b(lib, streams), "\x0f\x00" + vec(memory(0), async), "(i32, i32, i32) -> (i32)"},
		{"stream.write", b(lib, streams), "\x10\x00" + vec(memory(0)), "(i32, i32, i32) -> (i32)"},
		{"stream.read into a 64-bit memory", b(wide, streams), "\x0f\x00" + vec(memory(0)), "(i32, i64, i64) -> (i64)"},
		{"stream.cancel-read", streams, "\x11\x00\x00", "(i32) -> (i32)"},
		{"stream.cancel-write", streams, "\x12\x00\x00", "(i32) -> (i32)"},
		{"stream.drop-readable", streams, "\x13\x00", "(i32) -> ()"},
		{"stream.drop-writable", streams, "\x14\x00", "(i32) -> ()"},
		{"future.new", streams, "\x15\x01", "() -> (i64)"},
		{"future.read", b(lib, streams), "\x16\x01" + vec(memory(0), realloc(0)), "(i32, i32) -> (i32)"},
		{"future.write", b(lib, streams), "\x17\x01" + vec(memory(0)), "(i32, i32) -> (i32)"},
		{"future.cancel-read", streams, "\x18\x01\x00", "(i32) -> (i32)"},
		{"future.cancel-write", streams, "\x19\x01\x00", "(i32) -> (i32)"},
		{"future.drop-readable", streams, "\x1a\x01", "(i32) -> ()"},
		{"future.drop-writable", streams, "\x1b\x01", "(i32) -> ()"},
		{"error-context.new", lib, "\x1c" + vec(memory(0)), "(i32, i32) -> (i32)"},
		{"error-context.debug-message", lib, "\x1d" + vec(memory(0), realloc(0)), "(i32, i32) -> ()"},
		{"error-context.drop", "", "\x1e", "(i32) -> ()"},
		{"waitable-set.new", "", "\x1f", "() -> (i32)"},
		{"waitable-set.wait", lib, "\x20\x00\x00", "(i32, i32) -> (i32)"},
		{"waitable-set.poll in a 64-bit memory", wide, "\x21\x00\x00", "(i32, i64) -> (i32)"},
		{"waitable-set.drop", "", "\x22", "(i32) -> ()"},
		{"waitable.join", "", "\x23", "(i32, i32) -> ()"},
		{"backpressure.inc", "", "\x24", "() -> ()"},
		{"backpressure.dec", "", "\x25", "() -> ()"},
		{"thread.index", "", "\x26", "() -> (i32)"},
		{"thread.new-indirect", table, "\x27\x00\x00", "(i32, i32) -> (i32)"},
		{"thread.resume-later", "", "\x28", "(i32) -> ()"},
		{"thread.suspend", "", "\x29\x00", "() -> (i32)"},
		{"thread.suspend-then-resume", "", "\x2a\x00", "(i32) -> (i32)"},
		{"thread.yield-then-promote", "", "\x2d\x00", "(i32) -> (i32)"},
		{"thread.spawn-ref", table, "\x40\x00\x00", "((ref null ...), i32) -> (i32)"},
		{"thread.available-parallelism", "", "\x42\x00", "() -> (i32)"},
	} {
		if got := typeOfCanon(t, try.before, try.canon); got != try.want {
			t.Errorf("%s: %s, want %s", try.name, got, try.want)
		}
	}
}

func TestBuiltinsKeepTheirRules(t *testing.T) {
	lib := libc(reallocFn(i32code))
	streams := types(stream(tU8), future(tString), stream(""))
	imported := func(f string, opts ...string) string {
		return component(lib, types(f), imports(imp("f", extFunc(0))), canons(lower(0, opts...)))
	}
	table := b(coreModule(module(section(4, vec("\x70\x00\x01")), section(7, vec(b(str("t"), "\x01\x00"))))), coreInstances(instantiate(0)),
		aliases(aliasCore(sCoreTable, 0, "t")))
	judge(t, []ruling{
		{"lower of a string without memory", imported(fn("", "a", tString)), "needs the canonical option memory"},
		{"lower of a string result without realloc", imported(fn(tString), memory(0)), "needs the canonical option realloc"},
		{"lower of a large result without memory", component(types(tuple(tU8, tU8), fn(ref(0))), imports(imp("f", extFunc(1))), canons(lower(0))), "needs the canonical option memory"},
		{"lower with post-return", imported(fn(""), postReturn(0)), "does not take the canonical option post-return"},
		{"lower with callback", imported(asyncFn(""), async, callback(0)), "does not take the canonical option callback"},
		{"async lower of a function that is not", imported(fn(""), async), "needs an async function type"},
		{"async lower of a result without memory", imported(asyncFn(tU8), async), "needs the canonical option memory"},
		{"task.return of a borrow", component(types(resource(), borrow(0)), canons("\x09\x00"+ref(1)+"\x00")), "cannot hold a borrow"},
		{"task.return of a string without memory", component(canons("\x09\x00" + tString + "\x00")), "needs the canonical option memory"},
		{"task.return with realloc", component(lib, canons("\x09\x00"+tString+vec(memory(0), realloc(0)))), "does not take"},
		{"task.return of a type that is not there", component(canons("\x09\x00" + ref(3) + "\x00")), "type index 3 out of range"},
		{"a context slot that is not there", component(canons("\x0a\x7f\x02")), "there are 2 slots"},
		{"a context slot of floats", component(canons("\x0a\x7d\x00")), "i32 or i64"},
		{"context slots of two types", component(canons("\x0a\x7f\x00", "\x0b\x7e\x01")), "all of one type"},
		{"context slots of two components", component(canons("\x0a\x7f\x00"), nested(component(canons("\x0b\x7e\x01")))), ""},
		{"stream.new of a future", component(streams, canons("\x0e\x01")), "not a stream"},
		{"future.new of a stream", component(streams, canons("\x15\x00")), "not a future"},
		{"stream.new of a function type", component(types(fn("")), canons("\x0e\x00")), "not a stream"},
		{"stream.read without memory", component(streams, canons("\x0f\x00\x00")), "needs the canonical option memory"},
		{"stream.read of nothing without memory", component(streams, canons("\x0f\x02\x00")), ""},
		{"future.read of strings without realloc", component(lib, streams, canons("\x16\x01"+vec(memory(0)))), "needs the canonical option realloc"},
		{"future.write of strings without realloc", component(lib, streams, canons("\x17\x01"+vec(memory(0)))), ""},
		{"error-context.new without memory", component(canons("\x1c\x00")), "needs the canonical option memory"},
		{"error-context.new with async", component(lib, canons("\x1c"+vec(memory(0), async))), "does not take"},
		{"error-context.debug-message without realloc", component(lib, canons("\x1d"+vec(memory(0)))), "needs the canonical option realloc"},
		{"waitable-set.wait without memory", component(canons("\x20\x00\x00")), "core memory index 0 out of range"},
		{"a thread that takes two words", component(table, coreTypes(coreFn("\x7f\x7f", "")), canons("\x27\x00\x00")), "takes one i32 or i64"},
		{"a thread that is a module", component(table, coreTypes("\x50\x00"), canons("\x27\x00\x00")), "takes one i32 or i64"},
		{"a thread from a table of externref", component(coreModule(module(section(4, vec("\x6f\x00\x01")), section(7, vec(b(str("t"), "\x01\x00"))))), coreInstances(instantiate(0)),
			aliases(aliasCore(sCoreTable, 0, "t")), coreTypes(coreFn(i32code, "")), canons("\x27\x00\x00")), "does not hold functions"},
		{"a thread from a table that is not there", component(coreTypes(coreFn(i32code, "")), canons("\x27\x00\x00")), "core table index 0 out of range"},
	})
}
