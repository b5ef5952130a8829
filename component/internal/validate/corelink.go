package validate

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

// A coreInstance is a core instance: that of a module, or a bundle of items.
type coreInstance struct {
	module *ModuleType
	bundle map[string]CoreItem
}

func (c *coreInstance) lookup(name string) (CoreItem, bool) {
	if c.module == nil {
		item, ok := c.bundle[name]
		return item, ok
	}
	return c.module.export(name)
}

func (t *ModuleType) export(name string) (CoreItem, bool) {
	i, ok := t.exports[name]
	if !ok {
		return CoreItem{}, false
	}
	return t.Exports[i].CoreItem, true
}

func (v *checker) coreInstance(s *scope, d *binary.CoreInstance) *coreInstance {
	if d.Inline {
		return v.bundle(s, d)
	}
	m := v.pick(s, binary.SortCoreModule, d.Module).Module
	v.spend(len(d.Args) + len(m.Imports))
	args := make(map[string]*coreInstance, len(d.Args))
	for _, arg := range d.Args {
		if args[arg.Name] != nil {
			v.invalid("duplicate argument %q", arg.Name)
		}
		args[arg.Name] = v.coreInstanceAt(s, arg.Instance)
	}
	for _, im := range m.Imports {
		arg := args[im.Module]
		if arg == nil {
			v.invalid("the core module imports %q from %q, which is not among the arguments", im.Name, im.Module)
		}
		have, ok := arg.lookup(im.Name)
		if !ok {
			v.invalid("the core module imports %q from %q, which does not export it", im.Name, im.Module)
		}
		if why := coreMismatch(have, im.CoreItem); why != "" {
			v.invalid("the core module imports %q from %q: %s", im.Name, im.Module, why)
		}
	}
	return &coreInstance{module: m}
}

func (v *checker) bundle(s *scope, d *binary.CoreInstance) *coreInstance {
	v.spend(2 * len(d.Exports))
	items := make(map[string]CoreItem, len(d.Exports))
	for _, e := range d.Exports {
		if _, dup := items[e.Name]; dup {
			v.invalid("duplicate export %q", e.Name)
		}
		items[e.Name] = v.coreItemAt(s, e.Sort, e.Index)
	}
	return &coreInstance{bundle: items}
}

// module matches module types: have may import less and export more.
func (v *checker) module(have, want *ModuleType) string {
	if have == want {
		return ""
	}
	v.spend(1 + len(have.Imports) + len(want.Exports))
	for _, im := range have.Imports {
		i, ok := want.imports[[2]string{im.Module, im.Name}]
		if !ok {
			return fmt.Sprintf("the core module has an import %q from %q that is not expected", im.Name, im.Module)
		}
		if why := coreMismatch(want.Imports[i].CoreItem, im.CoreItem); why != "" {
			return fmt.Sprintf("core import %q from %q: %s", im.Name, im.Module, why)
		}
	}
	for _, e := range want.Exports {
		item, ok := have.export(e.Name)
		if !ok {
			return fmt.Sprintf("the core module has no export %q", e.Name)
		}
		if why := coreMismatch(item, e.CoreItem); why != "" {
			return fmt.Sprintf("core export %q: %s", e.Name, why)
		}
	}
	return ""
}

// coreMismatch tells why an item does not fit an import, by the rules of core
// WebAssembly, or is empty.
func coreMismatch(have, want CoreItem) string {
	if have.Kind != want.Kind {
		return fmt.Sprintf("want a %s, have a %s", want.Kind, have.Kind)
	}
	switch want.Kind {
	case core.Func, core.Tag:
		if !have.Sig.Equal(want.Sig) {
			return fmt.Sprintf("want type %s, have type %s", want.Sig, have.Sig)
		}
	case core.Global:
		if want.Val != have.Val || want.Mutable != have.Mutable {
			return fmt.Sprintf("want %s, have %s", globalType(want), globalType(have))
		}
	case core.Table, core.Memory:
		if want.Kind == core.Table && want.Val != have.Val {
			return fmt.Sprintf("want elements of %s, have %s", core.ValTypeName(want.Val), core.ValTypeName(have.Val))
		}
		return limitsMismatch(have.Limits, want.Limits)
	}
	return ""
}

func globalType(t CoreItem) string {
	if t.Mutable {
		return "a mutable global of " + core.ValTypeName(t.Val)
	}
	return "an immutable global of " + core.ValTypeName(t.Val)
}

func limitsMismatch(have, want core.Limits) string {
	switch {
	case have.Shared != want.Shared:
		return "one is shared, the other is not"
	case have.Addr64 != want.Addr64:
		return "one has 64-bit addresses, the other has not"
	case have.PageLog != want.PageLog:
		return "the sizes of the pages differ"
	case have.Min < want.Min:
		return fmt.Sprintf("want at least %d, have %d", want.Min, have.Min)
	case want.HasMax && (!have.HasMax || have.Max > want.Max):
		return fmt.Sprintf("want at most %d", want.Max)
	}
	return ""
}
