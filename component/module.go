package component

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
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
	unfit  error // why no component can have it, though it can be read
}

// ReadModule reads the outside of a core module, for those who tell a user what a
// file is or what could be made of it, and for those who offer it, see
// [Linker.DefineModule]. The error is a *[DecodeError].
func ReadModule(data []byte) (*ModuleInfo, error) {
	m, typ, unfit, err := distinctModule(data)
	if err != nil {
		return nil, publicError(err)
	}
	info := &ModuleInfo{extern: plan.GivenModule(m), typ: validate.ExternType{Sort: binary.SortCoreModule, Module: typ}, unfit: publicError(unfit)}
	seen := map[string]bool{}
	for _, im := range m.Imports {
		if !seen[im.Module] {
			seen[im.Module] = true
			info.Imports = append(info.Imports, im.Module)
		}
	}
	info.Exports = make([]string, 0, len(m.Exports))
	for _, e := range m.Exports {
		info.Exports = append(info.Exports, e.Name)
	}
	for _, c := range m.CustomSections() {
		info.Sections = append(info.Sections, c.Name)
	}
	return info, nil
}

// maxTwice is how many imports of a module may have the name of another.
const maxTwice = 1000

// distinctModule reads a core module in which each import has a name of its own. One that
// has not is unfit for components, and a module for all that: those that it has twice get
// new names, which begin with the old one and '#'.
func distinctModule(data []byte) (m *core.Module, typ *validate.ModuleType, unfit, err error) {
	m, typ, err = validate.Module(data)
	if err == nil || m == nil {
		return m, typ, nil, err
	}
	seen := make(map[core.ImportName]bool, len(m.Imports))
	names := make([]core.ImportName, len(m.Imports))
	twice := 0
	for i, im := range m.Imports {
		n := core.ImportName{Module: im.Module, Name: im.Name}
		if seen[n] {
			n.Name = fmt.Sprintf("%s#%d", im.Name, i)
			twice++
		}
		if twice > maxTwice {
			break
		}
		seen[n], names[i] = true, n
	}
	if twice == 0 || twice > maxTwice {
		return nil, nil, nil, err
	}
	unfit = err
	m, typ, err = validate.Module(m.RewriteImports(names).Bytes())
	return m, typ, unfit, err
}
