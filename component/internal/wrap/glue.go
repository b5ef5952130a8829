package wrap

import (
	"strconv"

	"github.com/tenon-wasm/tenon/component/internal/core"
)

var modulePreamble = []byte("\x00asm\x01\x00\x00\x00")

// Sections of a core module, by their ids.
const (
	coreTypes   = 1
	coreImports = 2
	coreDefined = 3
	coreTables  = 4
	coreExports = 7
	coreStart   = 8
	coreElems   = 9
	coreCode    = 10
)

// tableName is what the shim exports its table as. Its functions are numbered.
const tableName = "t"

// Prefix begins the names of the core modules that are added.
const Prefix = "tenon:"

func appendTableType(out []byte, n int) []byte {
	return appendIndex(appendIndex(append(out, core.FuncRef, 0x01), n), n)
}

// appendNames writes the names that backtraces have: of the module, and of functions, of
// which the first has the given index.
func appendNames(out []byte, module string, first int, funcs []string) []byte {
	body := appendName(nil, "name")
	body = appendSection(body, 0, appendName(nil, module))
	names := appendIndex(nil, len(funcs))
	for i, f := range funcs {
		names = appendName(appendIndex(names, first+i), f)
	}
	return appendSection(out, 0, appendSection(body, 1, names))
}

// shimModule exports a function of each type, which calls what stands in the table in its
// place. The names are for backtraces.
func shimModule(types []core.FuncType, names []string) []byte {
	n := len(types)
	typ, defined := appendIndex(nil, n), appendIndex(nil, n)
	exports, code := appendIndex(nil, n+1), appendIndex(nil, n)
	for i, t := range types {
		typ = appendName(appendName(append(typ, 0x60), t.Params), t.Results)
		defined = appendIndex(defined, i)
		exports = appendIndex(append(appendName(exports, strconv.Itoa(i)), coreFunc), i)
		var body core.Code
		for p := range t.Params {
			body.LocalGet(p)
		}
		body.Const(uint32(i))
		body = append(appendIndex(append(body, 0x11), i), 0x00) // call_indirect, in table 0
		body.Op(core.OpEnd)
		code = appendName(code, append([]byte{0}, body...))
	}
	exports = append(appendName(exports, tableName), coreTable, 0)
	out := append([]byte(nil), modulePreamble...)
	out = appendSection(out, coreTypes, typ)
	out = appendSection(out, coreDefined, defined)
	out = appendSection(out, coreTables, appendTableType([]byte{1}, n))
	out = appendSection(out, coreExports, exports)
	out = appendSection(out, coreCode, code)
	return appendNames(out, Prefix+"shim", 0, names)
}

// A fixup is the module that comes last.
type fixup struct {
	types []core.FuncType // of what fills the table of the shim
	calls []string        // exports of the main module to call when all is linked
	run   string          // the export that becomes `run`, or empty
}

// Where the fixup imports from.
const (
	fromShim = "shim" // the table, and the functions by their numbers
	fromMain = "main"
)

// runName is what the fixup exports its function as.
const runName = "run"

func (f *fixup) module() []byte {
	n := len(f.types)
	typ := appendIndex(nil, n+2)
	for _, t := range f.types {
		typ = appendName(appendName(append(typ, 0x60), t.Params), t.Results)
	}
	plain, answers := n, n+1
	typ = append(typ, 0x60, 0, 0, 0x60, 0, 1, core.I32)

	mains := f.calls
	if f.run != "" {
		mains = append(append([]string(nil), mains...), f.run)
	}
	count := n + len(mains)
	if n > 0 {
		count++
	}
	imports := appendIndex(nil, count)
	if n > 0 {
		imports = appendTableType(append(appendName(appendName(imports, fromShim), tableName), coreTable), n)
	}
	for i := range f.types {
		imports = appendIndex(append(appendName(appendName(imports, fromShim), strconv.Itoa(i)), coreFunc), i)
	}
	for _, name := range mains {
		imports = appendIndex(append(appendName(appendName(imports, fromMain), name), coreFunc), plain)
	}

	// The functions: those that are imported, then one that starts, then one that runs.
	defined, code := []byte{2}, []byte{2}
	defined = appendIndex(appendIndex(defined, plain), answers)
	var start, run core.Code
	for i := range f.calls {
		start.Call(n + i)
	}
	start.Op(core.OpEnd)
	if f.run != "" {
		run.Call(n + len(f.calls))
	}
	run.Const(0)
	run.Op(core.OpEnd)
	code = appendName(code, append([]byte{0}, start...))
	code = appendName(code, append([]byte{0}, run...))
	first := n + len(mains)

	out := append([]byte(nil), modulePreamble...)
	out = appendSection(out, coreTypes, typ)
	out = appendSection(out, coreImports, imports)
	out = appendSection(out, coreDefined, defined)
	out = appendSection(out, coreExports, appendIndex(append(appendName([]byte{1}, runName), coreFunc), first+1))
	if len(f.calls) > 0 {
		out = appendSection(out, coreStart, appendIndex(nil, first))
	}
	if n > 0 {
		elems := []byte{1, 0x00, 0x41, 0x00, core.OpEnd} // one segment, active, at 0
		elems = appendIndex(elems, n)
		for i := range n {
			elems = appendIndex(elems, i)
		}
		out = appendSection(out, coreElems, elems)
	}
	out = appendSection(out, coreCode, code)
	return appendNames(out, Prefix+"fixup", first, []string{"start", runName})
}
