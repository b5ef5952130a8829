package dump

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

func (p *printer) coreModule(s *spaces, d *binary.CoreModule) {
	what := s.next(binary.SortCoreModule)
	m, err := core.Read(d.Bytes)
	if err != nil {
		err := p.moduleError(d.At(), err)
		p.line(d.At(), what, fmt.Sprintf("%s, malformed at %#x: %s", count(len(d.Bytes), "byte"), err.Offset, err.Msg))
		return
	}
	parts := []string{count(len(d.Bytes), "byte")}
	if m.ModuleName != "" {
		parts = append(parts, fmt.Sprintf("named %q", m.ModuleName))
	}
	parts = append(parts, count(len(m.Imports), "import"), count(len(m.Exports), "export"))
	if m.HasStart {
		parts = append(parts, fmt.Sprintf("start func %d", m.Start))
	}
	p.line(d.At(), what, strings.Join(parts, ", "))
}

// moduleError notes that a core module does not read, at its place in the file.
func (p *printer) moduleError(at int, err error) *binary.DecodeError {
	var inner *binary.DecodeError
	if !errors.As(err, &inner) {
		inner = &binary.DecodeError{Msg: err.Error()}
	}
	outer := &binary.DecodeError{Offset: at + inner.Offset, Path: "core module", Msg: inner.Msg}
	if inner.Path != "" {
		outer.Path += ", " + inner.Path
	}
	if p.malformed == nil {
		p.malformed = outer
	}
	return outer
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

func coreInstance(d *binary.CoreInstance) string {
	if d.Inline {
		exports := make([]string, len(d.Exports))
		for i, e := range d.Exports {
			exports[i] = fmt.Sprintf("%q = %s", e.Name, ref(e.Sort, e.Index))
		}
		return "export" + list(exports)
	}
	args := make([]string, len(d.Args))
	for i, a := range d.Args {
		args[i] = fmt.Sprintf("%q = core instance %d", a.Name, a.Instance)
	}
	return fmt.Sprintf("instantiate core module %d with%s", d.Module, list(args))
}

func (p *printer) coreType(s *spaces, d *binary.CoreType) {
	what := s.next(binary.SortCoreType)
	if d.Module == nil {
		p.line(d.At(), what, coreFunc(d.Func))
		return
	}
	p.line(d.At(), what, "module type")
	p.inside(func() { p.moduleDecls(d.Module.Decls) })
}

func coreFunc(f *binary.CoreFuncType) string {
	if f == nil {
		return "not a plain function type"
	}
	return "func " + core.FuncType{Params: f.Params, Results: f.Results}.String()
}

// moduleDecls prints the declarations of a module type, whose only index space is
// that of its types.
func (p *printer) moduleDecls(decls []binary.CoreModuleDecl) {
	var s spaces
	for _, d := range decls {
		switch d.Kind {
		case binary.CoreDeclType:
			p.line(d.At(), s.next(binary.SortCoreType), coreFunc(d.Def))
		case binary.CoreDeclAlias:
			p.line(d.At(), s.next(binary.SortCoreType), outer(ref(binary.SortCoreType, d.Index), d.Outer))
		case binary.CoreDeclImport:
			p.line(d.At(), "core import", fmt.Sprintf("%q %q %s", d.Module, d.Name, coreExtern(d.Type.Extern)))
		case binary.CoreDeclExport:
			p.line(d.At(), "core export", fmt.Sprintf("%q %s", d.Name, coreExtern(d.Type.Extern)))
		}
	}
}

func coreExtern(t core.ExternType) string {
	switch t.Kind {
	case core.Table:
		return fmt.Sprintf("table %s of %s", limits(t.Limits), core.ValTypeName(t.Val))
	case core.Memory:
		return "memory " + limits(t.Limits)
	case core.Global:
		if t.Mutable {
			return "global mut " + core.ValTypeName(t.Val)
		}
		return "global " + core.ValTypeName(t.Val)
	}
	return fmt.Sprintf("%v of core type %d", t.Kind, t.Type)
}

func limits(l core.Limits) string {
	text := fmt.Sprintf("%d..", l.Min)
	if l.HasMax {
		text += fmt.Sprint(l.Max)
	}
	if l.Addr64 {
		text = "i64 " + text
	}
	if l.Shared {
		text += " shared"
	}
	return text
}
