package component

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/component/internal/validate"
)

// ModuleInfo is what a core module shows of itself.
type ModuleInfo struct {
	// Imports names the modules that it imports from, each once, in order.
	Imports []string

	// Exports names what it exports, in order.
	Exports []string

	// Sections names its custom sections, in order.
	Sections []string

	extern *plan.Extern
	typ    validate.ExternType
}

// ReadModule reads the outside of a core module, for those who tell a user what a
// file is or what could be made of it, and for those who offer it, see
// [Linker.DefineModule]. The error is a *[DecodeError].
func ReadModule(data []byte) (*ModuleInfo, error) {
	m, typ, err := validate.Module(data)
	if err != nil {
		return nil, publicError(err)
	}
	info := &ModuleInfo{extern: plan.GivenModule(m), typ: validate.ExternType{Sort: binary.SortCoreModule, Module: typ}}
	seen := map[string]bool{}
	for _, im := range m.Imports {
		if !seen[im.Module] {
			seen[im.Module] = true
			info.Imports = append(info.Imports, im.Module)
		}
	}
	for _, e := range m.Exports {
		info.Exports = append(info.Exports, e.Name)
	}
	for _, c := range m.CustomSections() {
		info.Sections = append(info.Sections, c.Name)
	}
	return info, nil
}
