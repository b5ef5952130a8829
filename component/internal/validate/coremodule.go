package validate

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

// readModule answers the type of an embedded core module. Only its outside is checked:
// the engine checks the rest when it compiles the module.
func (v *checker) readModule(d *binary.CoreModule) *ModuleType {
	return v.moduleOf(v.readCore(d.Bytes))
}

func (v *checker) readCore(data []byte) *core.Module {
	m, err := core.Read(data)
	if err != nil {
		v.invalid("core module: %v", err)
	}
	return m
}

// Module reads a core module that stands by itself, and answers its type as well. The
// error is an *[Error]; what could be read then is answered all the same, and else nil.
func Module(data []byte) (m *core.Module, t *ModuleType, err error) {
	v := newChecker()
	defer v.catch(&err)
	m = v.readCore(data)
	return m, v.moduleOf(m), nil
}

func (v *checker) moduleOf(m *core.Module) *ModuleType {
	for _, f := range m.Funcs {
		v.coreTypeIn(m.Types, f)
	}
	for _, tag := range m.Tags {
		v.checkTag(v.coreTypeIn(m.Types, tag))
	}
	for _, list := range [][]core.ExternType{m.Tables, m.Memories} {
		for _, t := range list {
			v.checkLimits(t)
		}
	}
	if m.HasStart {
		sig, ok := m.FuncType(m.Start)
		if !ok || !sig.Equal(core.FuncType{}) {
			v.invalid("core module: the start function %d is not a function without parameters and results", m.Start)
		}
	}
	t := newModuleType(len(m.Imports), len(m.Exports))
	for _, im := range m.Imports {
		v.addImport(t, CoreImport{im.Module, im.Name, v.coreItem(m.Types, im.ExternType)})
	}
	for _, e := range m.Exports {
		ext, ok := m.ExternType(e)
		if !ok {
			v.invalid("core module: export %q of %s %d, which is not there", e.Name, e.Kind, e.Index)
		}
		ext.Kind = e.Kind
		v.addExport(t, CoreExport{e.Name, v.coreItem(m.Types, ext)})
	}
	return t
}

func newModuleType(imports, exports int) *ModuleType {
	return &ModuleType{
		Imports: make([]CoreImport, 0, imports),
		Exports: make([]CoreExport, 0, exports),
		imports: make(map[[2]string]int, imports),
		exports: make(map[string]int, exports),
	}
}

func (v *checker) addImport(t *ModuleType, im CoreImport) {
	key := [2]string{im.Module, im.Name}
	if _, dup := t.imports[key]; dup {
		v.invalid("a core module imports %q from %q twice", im.Name, im.Module)
	}
	t.imports[key] = len(t.Imports)
	t.Imports = append(t.Imports, im)
}

func (v *checker) addExport(t *ModuleType, e CoreExport) {
	if _, dup := t.exports[e.Name]; dup {
		v.invalid("a core module exports %q twice", e.Name)
	}
	t.exports[e.Name] = len(t.Exports)
	t.Exports = append(t.Exports, e)
}

func (v *checker) coreTypeIn(types []core.FuncType, i uint32) core.FuncType {
	if uint64(i) >= uint64(len(types)) {
		v.invalid("core module: type index %d out of range, %d in all", i, len(types))
	}
	return types[i]
}

func (v *checker) checkTag(sig core.FuncType) {
	if len(sig.Results) > 0 {
		v.invalid("a tag has no results")
	}
}

// coreItem is the type of an import or export with the signature that it refers to.
func (v *checker) coreItem(types []core.FuncType, t core.ExternType) CoreItem {
	item := CoreItem{ExternType: t}
	switch t.Kind {
	case core.Func, core.Tag:
		item.Sig = v.coreTypeIn(types, t.Type)
	}
	return item
}

// Limits of core WebAssembly.
const (
	maxMemory32 = 1 << 32 // bytes
	pageLog     = 16
)

// checkLimits checks the limits of a memory or table.
func (v *checker) checkLimits(t core.ExternType) {
	l := t.Limits
	if l.HasMax && l.Max < l.Min {
		v.invalid("the maximum %d of a %s is less than the minimum %d", l.Max, t.Kind, l.Min)
	}
	if l.Shared && !l.HasMax && t.Kind == core.Memory {
		v.invalid("a shared memory needs a maximum")
	}
	if t.Kind != core.Memory {
		if l.Shared {
			v.invalid("a shared table: its elements are not shared")
		}
		return
	}
	if l.PageLog != pageLog && l.PageLog != 0 {
		v.invalid("pages of 2^%d bytes; the size of a page is 1 or 65536", l.PageLog)
	}
	most := uint64(maxMemory32) >> l.PageLog
	if l.Addr64 {
		most = 1 << (64 - uint64(l.PageLog) - 1) << 1
		if l.PageLog == 0 {
			return
		}
	}
	if l.Min > most || l.HasMax && l.Max > most {
		v.invalid("a memory of more than %d pages", most)
	}
}

// defineCoreType adds a core type.
func (v *checker) defineCoreType(s *scope, d *binary.CoreType) {
	t := coreType{fn: coreFuncType(d.Func)}
	if d.Module != nil {
		t.module = v.moduleType(s, d.Module)
	}
	s.refs.check(v, d.Func, len(s.coreTypes), func(i uint32) bool { return s.coreTypes[i].module == nil })
	s.coreTypes = append(s.coreTypes, t)
}

// coreFuncType is nil where there is no function type.
func coreFuncType(f *binary.CoreFuncType) *core.FuncType {
	if f == nil {
		return nil
	}
	return &core.FuncType{Params: f.Params, Results: f.Results}
}

// moduleType evaluates a module type, whose type indices are its own.
func (v *checker) moduleType(s *scope, d *binary.CoreModuleType) *ModuleType {
	at := v.at
	t := newModuleType(0, 0)
	var types []*core.FuncType // nil for a type that is not a function type
	var refs coreRefs
	for _, decl := range d.Decls {
		v.at = decl.At()
		v.spend(1)
		switch decl.Kind {
		case binary.CoreDeclType:
			refs.check(v, decl.Def, len(types), func(uint32) bool { return true })
			types = append(types, coreFuncType(decl.Def))
		case binary.CoreDeclAlias:
			types = append(types, v.coreAlias(s, types, decl))
		case binary.CoreDeclImport:
			v.addImport(t, CoreImport{decl.Module, decl.Name, v.declaredCoreItem(types, decl)})
		case binary.CoreDeclExport:
			v.addExport(t, CoreExport{decl.Name, v.declaredCoreItem(types, decl)})
		}
	}
	refs.done(v, len(types))
	v.at = at
	return t
}

// coreAlias is the type that an alias in a module type leads to. The module type is
// itself the innermost scope.
func (v *checker) coreAlias(s *scope, types []*core.FuncType, decl binary.CoreModuleDecl) *core.FuncType {
	if decl.Outer == 0 {
		v.within(binary.SortCoreType, decl.Index, len(types))
		return types[decl.Index]
	}
	from, _ := v.outer(s, decl.Outer-1)
	t := v.coreTypeAt(from, decl.Index)
	if t.module != nil {
		v.invalid("core type %d is a module type, which a module type cannot hold", decl.Index)
	}
	return t.fn
}

func (v *checker) declaredCoreItem(types []*core.FuncType, decl binary.CoreModuleDecl) CoreItem {
	item := CoreItem{ExternType: decl.Type.Extern}
	switch item.Kind {
	case core.Table, core.Memory:
		v.checkLimits(item.ExternType)
	case core.Func, core.Tag:
		v.within(binary.SortCoreType, item.Type, len(types))
		sig := types[item.Type]
		if sig == nil {
			v.invalid("core type %d is not a function type", item.Type)
		}
		item.Sig = *sig
		if item.Kind == core.Tag {
			v.checkTag(item.Sig)
		}
	}
	return item
}
