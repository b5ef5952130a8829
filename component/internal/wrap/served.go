package wrap

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// A hostFunc meets an import by what the host serves under the name of its module.
type hostFunc struct {
	module string
	f      *wit.Func
}

// late: such a function may take the memory, of which its type tells nothing.
func (h hostFunc) late() bool { return true }

// serve finds what the host serves, or why it does not.
func (s *shape) serve(module, field string, kind core.Kind) (supply, core.FuncType, string) {
	f := s.world.Serves[module].Func(strings.ReplaceAll(field, "_", "-"))
	if f == nil || kind != core.Func || strings.Contains(field, "-") {
		return nil, core.FuncType{}, ", which there is not"
	}
	if !slices.Contains(s.served, module) {
		s.served = append(s.served, module)
	}
	return hostFunc{module, f}, coreType(f), ""
}

// scalars are the types of functions that the host serves, and of those that it exports.
var scalars = map[wit.Prim]struct{ code, core byte }{
	wit.S32: {0x7a, core.I32},
	wit.U32: {0x79, core.I32},
	wit.S64: {0x78, core.I64},
	wit.U64: {0x77, core.I64},
	wit.F32: {0x76, core.F32},
	wit.F64: {0x75, core.F64},
}

// coreType is the type of a scalar function when it is lowered.
func coreType(f *wit.Func) (t core.FuncType) {
	for _, p := range f.Params {
		t.Params = append(t.Params, scalars[p.Type.(wit.Prim)].core)
	}
	if f.Result != nil {
		t.Results = []byte{scalars[f.Result.(wit.Prim)].core}
	}
	return t
}

// scalarExports finds the functions of a reactor that can be called with numbers alone.
func (s *shape) scalarExports() {
	seen := map[string]bool{}
	for _, e := range s.module.Exports {
		name := strings.ReplaceAll(e.Name, "_", "-")
		if e.Kind != core.Func || e.Name == legacy.initialize || seen[name] || !isLabel(name) {
			continue
		}
		t, ok := s.module.FuncType(e.Index)
		if f := liftable(name, t); ok && f != nil {
			seen[name] = true
			s.exports = append(s.exports, scalarExport{e.Name, f})
		}
		if len(s.exports) > maxExports {
			refuse("it exports more than %d functions", maxExports)
		}
	}
}

// liftable is a core function as a component function: numbers without a sign are not
// told from those with one, so they all have one.
func liftable(name string, t core.FuncType) *wit.Func {
	if len(t.Params) > cabi.MaxFlatParams || len(t.Results) > cabi.MaxFlatResults {
		return nil
	}
	f := &wit.Func{Name: name}
	for i, code := range t.Params {
		p := signed(code)
		if p == 0 {
			return nil
		}
		f.Params = append(f.Params, wit.Param{Name: "p" + strconv.Itoa(i), Type: p})
	}
	for _, code := range t.Results {
		p := signed(code)
		if p == 0 {
			return nil
		}
		f.Result = p
	}
	return f
}

func signed(code byte) wit.Prim {
	switch code {
	case core.I32:
		return wit.S32
	case core.I64:
		return wit.S64
	case core.F32:
		return wit.F32
	case core.F64:
		return wit.F64
	}
	return 0
}

// isLabel reports whether a name is a label of the component model in lower case: words
// that begin with a letter, with one '-' between them.
func isLabel(name string) bool {
	begins := true
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z':
			begins = false
		case '0' <= c && c <= '9' && !begins:
		case c == '-' && !begins:
			begins = true
		default:
			return false
		}
	}
	return !begins
}
