package binary

import (
	"encoding/binary"
	"fmt"

	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// The encoder of this file writes a syntax tree back to bytes, in the shortest
// form of every number. Where the input has that form too, the bytes must be the
// same: decoding loses nothing and invents nothing.

func encode(c *Component) []byte {
	e := &encoder{}
	e.raw(preamble0)
	defs := c.Defs
	for _, s := range c.Custom {
		n := 0
		for n < len(defs) && defs[n].At() < s.Offset {
			n++
		}
		e.sections(defs[:n])
		e.section(0, func() { e.name(s.Name); e.raw(string(s.Data)) })
		defs = defs[n:]
	}
	e.sections(defs)
	return e.out
}

type encoder struct{ out []byte }

func (e *encoder) raw(s string)  { e.out = append(e.out, s...) }
func (e *encoder) byte(b byte)   { e.out = append(e.out, b) }
func (e *encoder) u(n uint32)    { e.out = binary.AppendUvarint(e.out, uint64(n)) }
func (e *encoder) name(s string) { e.u(uint32(len(s))); e.raw(s) }

func (e *encoder) flag(b bool) bool {
	if b {
		e.byte(1)
	} else {
		e.byte(0)
	}
	return b
}

func each[T any](e *encoder, elements []T, write func(T)) {
	e.u(uint32(len(elements)))
	for _, el := range elements {
		write(el)
	}
}

// section writes a section around what body writes.
func (e *encoder) section(id byte, body func()) {
	outer := e.out
	e.out = nil
	body()
	inner := e.out
	e.out = append(outer, id)
	e.name(string(inner))
}

func (e *encoder) sections(defs []Def) {
	for len(defs) > 0 {
		defs = defs[e.vector(defs):]
	}
}

// vector writes one section with as many definitions as stand in it, and answers
// how many. Sections are not in the tree: one ends where the next definition is of
// another section, or is not where the last one ends.
func (e *encoder) vector(defs []Def) int {
	id := sectionOf(defs[0])
	switch d := defs[0].(type) {
	case *CoreModule:
		e.section(id, func() { e.raw(string(d.Bytes)) })
		return 1
	case *Nested:
		e.section(id, func() { e.raw(string(encode(d.Component))) })
		return 1
	case *Start:
		e.section(id, func() { e.u(d.Func); each(e, d.Args, e.u); e.u(d.Results) })
		return 1
	}
	var entries [][]byte
	n, next := 0, defs[0].At()
	for _, d := range defs {
		if sectionOf(d) != id {
			break
		}
		if t, ok := d.(*CoreType); ok && t.Raw == nil && t.Module == nil {
			n++ // of the rec group before it
			continue
		}
		if d.At() != next {
			break
		}
		entry := &encoder{}
		entry.def(d)
		entries = append(entries, entry.out)
		next += len(entry.out)
		n++
	}
	e.section(id, func() { each(e, entries, func(b []byte) { e.raw(string(b)) }) })
	return n
}

func sectionOf(d Def) byte {
	switch d.(type) {
	case *CoreModule:
		return 1
	case *CoreInstance:
		return 2
	case *CoreType:
		return 3
	case *Nested:
		return 4
	case *Instance:
		return 5
	case *Alias:
		return 6
	case *TypeDef:
		return 7
	case *Canon:
		return 8
	case *Start:
		return 9
	case *Import:
		return 10
	case *Export:
		return 11
	case *Value:
		return 12
	}
	panic(fmt.Sprintf("%T", d))
}

func (e *encoder) def(d Def) {
	switch d := d.(type) {
	case *CoreInstance:
		if e.flag(d.Inline) {
			each(e, d.Exports, func(x CoreExport) { e.name(x.Name); e.coreSort(x.Sort); e.u(x.Index) })
			return
		}
		e.u(d.Module)
		each(e, d.Args, func(a CoreArg) { e.name(a.Name); e.byte(0x12); e.u(a.Instance) })
	case *CoreType:
		e.coreType(d)
	case *Instance:
		if e.flag(d.Inline) {
			each(e, d.Exports, func(x InlineExport) { e.externName(x.Name); e.sort(x.Sort); e.u(x.Index) })
			return
		}
		e.u(d.Component)
		each(e, d.Args, func(a Arg) { e.name(a.Name); e.sort(a.Sort); e.u(a.Index) })
	case *Alias:
		e.alias(d)
	case *TypeDef:
		e.typ(d.Type)
	case *Canon:
		e.canon(d)
	case *Import:
		e.externName(d.Name)
		e.externType(d.Type)
	case *Export:
		e.externName(d.Name)
		e.sort(d.Sort)
		e.u(d.Index)
		if e.flag(d.Type != nil) {
			e.externType(*d.Type)
		}
	case *Value:
		e.valType(d.Type)
		e.name(string(d.Data))
	}
}

func (e *encoder) coreSort(s Sort) {
	e.byte([...]byte{0, 1, 2, 3, 4, 0x10, 0x11, 0x12}[s])
}

func (e *encoder) sort(s Sort) {
	if s < SortFunc {
		e.byte(0)
		e.coreSort(s)
		return
	}
	e.byte(byte(s-SortFunc) + 1)
}

func (e *encoder) alias(a *Alias) {
	e.sort(a.Sort)
	e.byte(byte(a.Target))
	if a.Target == AliasOuter {
		e.u(a.Outer)
		e.u(a.Index)
		return
	}
	e.u(a.Instance)
	e.name(a.Name)
}

func (e *encoder) externName(n ExternName) {
	e.byte(n.Code)
	e.name(n.Name)
	if n.Code == 2 {
		each(e, n.Attributes, func(k AttributeKind) { e.byte(byte(k)); e.name(n.Attribute(k)) })
	}
}

func (e *encoder) externType(t ExternType) {
	switch t.Sort {
	case SortCoreModule:
		e.raw("\x00\x11")
		e.u(t.Index)
	case SortValue:
		e.byte(2)
		if e.flag(t.Value != nil) {
			e.valType(*t.Value)
		} else {
			e.u(t.Index)
		}
	case SortType:
		e.byte(3)
		if !e.flag(t.SubResource) {
			e.u(t.Index)
		}
	default:
		e.sort(t.Sort)
		e.u(t.Index)
	}
}

func (e *encoder) canon(d *Canon) {
	e.byte(byte(d.Op))
	op, imm := canons[d.Op].imm, d.Imm
	for bit := immSortCoreFunc; bit <= immLiftType; bit <<= 1 {
		switch op & bit {
		case immSortCoreFunc, immSortFunc:
			e.byte(0)
			e.u(d.Func)
		case immResult:
			e.result(d.Result.Type)
		case immType, immLiftType:
			e.u(d.Type)
		case immFlag:
			e.flag(d.Flag)
		case immValType:
			e.coreValType(byte(imm[0]))
			imm = imm[1:]
		case immSlot, immMemory, immCoreType, immTable:
			e.u(imm[0])
			imm = imm[1:]
		case immOpts:
			each(e, d.Opts, func(o CanonOpt) {
				e.byte(byte(o.Kind))
				switch o.Kind {
				case OptMemory, OptRealloc, OptPostReturn, OptCallback, OptCoreType:
					e.u(o.Index)
				}
			})
		}
	}
}

// coreValType writes a reference to type 0 for every one whose heap type the tree
// does not keep: no valid component has one where the tree has a code.
func (e *encoder) coreValType(code byte) {
	e.byte(code)
	if code == core.Ref || code == core.RefNull {
		e.byte(0)
	}
}

func (e *encoder) prim(p wit.Prim) {
	if p == wit.ErrorContext {
		e.byte(0x64)
		return
	}
	e.byte(0x7f - byte(p-wit.Bool))
}

// valType writes an index as a signed number: bit 6 of the last byte is its sign.
func (e *encoder) valType(t ValType) {
	if t.Prim != 0 {
		e.prim(t.Prim)
		return
	}
	n := t.Index
	for ; n >= 0x40; n >>= 7 {
		e.byte(byte(n) | 0x80)
	}
	e.byte(byte(n))
}

func (e *encoder) opt(t *ValType) {
	if e.flag(t != nil) {
		e.valType(*t)
	}
}

func (e *encoder) result(t *ValType) {
	if e.flag(t == nil) {
		e.byte(0)
		return
	}
	e.valType(*t)
}

func (e *encoder) field(l LabelType) { e.name(l.Label); e.valType(*l.Type) }

func (e *encoder) typ(t Type) {
	switch t := t.(type) {
	case *Prim:
		e.prim(t.Prim)
	case *Record:
		e.byte(0x72)
		each(e, t.Fields, e.field)
	case *Variant:
		e.byte(0x71)
		each(e, t.Cases, func(l LabelType) { e.name(l.Label); e.opt(l.Type); e.byte(0) })
	case *List:
		if t.Len == nil {
			e.byte(0x70)
			e.valType(t.Elem)
			return
		}
		e.byte(0x67)
		e.valType(t.Elem)
		e.u(*t.Len)
	case *Tuple:
		e.byte(0x6f)
		each(e, t.Elems, e.valType)
	case *Flags:
		e.byte(0x6e)
		each(e, t.Labels, e.name)
	case *Enum:
		e.byte(0x6d)
		each(e, t.Labels, e.name)
	case *Option:
		e.byte(0x6b)
		e.valType(t.Elem)
	case *Result:
		e.byte(0x6a)
		e.opt(t.OK)
		e.opt(t.Err)
	case *Own:
		e.byte(0x69)
		e.u(t.Resource)
	case *Borrow:
		e.byte(0x68)
		e.u(t.Resource)
	case *Stream:
		e.byte(0x66)
		e.opt(t.Elem)
	case *Future:
		e.byte(0x65)
		e.opt(t.Elem)
	case *Map:
		e.byte(0x63)
		e.valType(t.Key)
		e.valType(t.Value)
	case *Func:
		if t.Async {
			e.byte(0x43)
		} else {
			e.byte(0x40)
		}
		each(e, t.Params, e.field)
		e.result(t.Result)
	case *ComponentType:
		e.byte(0x41)
		e.decls(t.Decls)
	case *InstanceType:
		e.byte(0x42)
		e.decls(t.Decls)
	case *Resource:
		e.byte(0x3f)
		e.coreValType(t.Rep)
		if e.flag(t.Dtor != nil) {
			e.u(*t.Dtor)
		}
	default:
		panic(fmt.Sprintf("%T", t))
	}
}

func (e *encoder) decls(decls []Decl) {
	var entries []func()
	for _, d := range decls {
		switch d := d.(type) {
		case *CoreType:
			if d.Raw != nil || d.Module != nil {
				entries = append(entries, func() { e.byte(0); e.coreType(d) })
			}
		case *TypeDef:
			entries = append(entries, func() { e.byte(1); e.typ(d.Type) })
		case *Alias:
			entries = append(entries, func() { e.byte(2); e.alias(d) })
		case *ImportDecl:
			entries = append(entries, func() { e.byte(3); e.externName(d.Name); e.externType(d.Type) })
		case *ExportDecl:
			entries = append(entries, func() { e.byte(4); e.externName(d.Name); e.externType(d.Type) })
		}
	}
	each(e, entries, func(write func()) { write() })
}

func (e *encoder) coreType(t *CoreType) {
	if t.Module == nil {
		e.raw(string(t.Raw))
		return
	}
	e.byte(moduleType)
	var entries []func()
	for _, d := range t.Module.Decls {
		switch {
		case d.Kind == CoreDeclImport:
			entries = append(entries, func() { e.byte(0); e.name(d.Module); e.name(d.Name); e.coreExternType(d.Type) })
		case d.Kind == CoreDeclType && d.Raw != nil:
			entries = append(entries, func() { e.byte(1); e.raw(string(d.Raw)) })
		case d.Kind == CoreDeclAlias:
			entries = append(entries, func() { e.raw("\x02\x10\x01"); e.u(d.Outer); e.u(d.Index) })
		case d.Kind == CoreDeclExport:
			entries = append(entries, func() { e.byte(3); e.name(d.Name); e.coreExternType(d.Type) })
		}
	}
	each(e, entries, func(write func()) { write() })
}

func (e *encoder) coreExternType(t CoreExternType) {
	e.byte(t.Kind)
	switch t.Kind {
	case 0:
		e.u(t.Func)
	case 4:
		e.byte(0)
		e.u(t.Func)
	default:
		e.raw(string(t.Type))
	}
}
