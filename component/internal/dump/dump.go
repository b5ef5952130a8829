// Package dump prints the structure of a component: a line for every definition,
// in binary order, with its offset, its place in its index space, and what it is
// in the words of the specification. It prints what is written, not what it means:
// nothing has to be valid, no index is looked up.
//
// The definitions and their index spaces are in this file, types in types.go, core
// modules and core types in core.go.
package dump

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary"
)

// Write prints a component. The error is that of w, or else a *binary.DecodeError
// that tells of the first core module that does not read; everything is printed
// nevertheless.
func Write(w io.Writer, c *binary.Component) error {
	p := &printer{w: bufio.NewWriter(w)}
	p.component(c)
	if err := p.w.Flush(); err != nil {
		return err
	}
	if p.malformed != nil {
		return p.malformed
	}
	return nil
}

type printer struct {
	w         *bufio.Writer
	depth     int
	malformed *binary.DecodeError
	scratch   [16]byte
}

// spaces are the index spaces of a scope: how many definitions of each sort there
// are so far.
type spaces [binary.SortInstance + 1]uint32

// next is the index of the next definition of a sort, as in "core func 3".
func (s *spaces) next(sort binary.Sort) string {
	n := s[sort]
	s[sort]++
	return ref(sort, n)
}

func ref(sort binary.Sort, index uint32) string {
	return sort.String() + " " + strconv.FormatUint(uint64(index), 10)
}

// maxIndent bounds the indentation, and so what hostile nesting makes of a file.
const maxIndent = 12

// line prints a line. It is written by hand because hostile components have very
// many definitions.
func (p *printer) line(at int, what, text string) {
	const digits, width = 8, 18
	b := append(p.w.AvailableBuffer(), "0x"...)
	b = pad(b, digits-len(strconv.AppendInt(p.scratch[:0], int64(at), 16)), '0')
	b = strconv.AppendInt(b, int64(at), 16)
	b = pad(b, 2+2*min(p.depth, maxIndent), ' ')
	b = append(b, what...)
	b = pad(b, max(width-len(what), 0)+1, ' ')
	b = append(b, text...)
	p.w.Write(append(b, '\n'))
}

func pad(b []byte, n int, with byte) []byte {
	for ; n > 0; n-- {
		b = append(b, with)
	}
	return b
}

func (p *printer) component(c *binary.Component) {
	var s spaces
	customs := c.Custom
	for _, d := range c.Defs {
		for len(customs) > 0 && customs[0].Offset < d.At() {
			p.custom(customs[0])
			customs = customs[1:]
		}
		p.def(&s, d)
	}
	for _, custom := range customs {
		p.custom(custom)
	}
}

func (p *printer) custom(c binary.Custom) {
	p.line(c.Offset, "custom section", strconv.Quote(c.Name)+", "+count(len(c.Data), "byte"))
}

// inside prints what is inside of the line before.
func (p *printer) inside(print func()) {
	p.depth++
	print()
	p.depth--
}

func (p *printer) def(s *spaces, d binary.Def) {
	at := d.At()
	switch d := d.(type) {
	case *binary.CoreModule:
		p.coreModule(s, d)
	case *binary.CoreInstance:
		p.line(at, s.next(binary.SortCoreInstance), coreInstance(d))
	case *binary.CoreType:
		p.coreType(s, d)
	case *binary.Nested:
		p.line(at, s.next(binary.SortComponent), count(d.Component.Size, "byte"))
		p.inside(func() { p.component(d.Component) })
	case *binary.Instance:
		p.line(at, s.next(binary.SortInstance), instance(d))
	case *binary.Alias:
		p.line(at, s.next(d.Sort), alias(d))
	case *binary.TypeDef:
		p.typeDef(s, d)
	case *binary.Canon:
		sort := binary.SortCoreFunc
		if d.Op == binary.CanonLift {
			sort = binary.SortFunc
		}
		p.line(at, s.next(sort), "canon "+canon(d))
	case *binary.Start:
		args := make([]string, len(d.Args))
		for i, a := range d.Args {
			args[i] = ref(binary.SortValue, a)
		}
		p.line(at, "start", fmt.Sprintf("func %d(%s), %s", d.Func, strings.Join(args, ", "), count(int(d.Results), "result")))
		s[binary.SortValue] += d.Results
	case *binary.Import:
		p.line(at, s.next(d.Type.Sort), "import "+externName(d.Name)+" "+externType(d.Type))
	case *binary.Export:
		text := ref(d.Sort, d.Index)
		if d.Type != nil {
			text += " as " + externType(*d.Type)
		}
		p.line(at, s.next(d.Sort), "export "+externName(d.Name)+" "+text)
	case *binary.Value:
		p.line(at, s.next(binary.SortValue), valType(d.Type)+", "+count(len(d.Data), "byte"))
	}
}

func instance(d *binary.Instance) string {
	if d.Inline {
		exports := make([]string, len(d.Exports))
		for i, e := range d.Exports {
			exports[i] = fmt.Sprintf("%s = %s", externName(e.Name), ref(e.Sort, e.Index))
		}
		return "export" + list(exports)
	}
	args := make([]string, len(d.Args))
	for i, a := range d.Args {
		args[i] = fmt.Sprintf("%q = %s", a.Name, ref(a.Sort, a.Index))
	}
	return fmt.Sprintf("instantiate component %d with%s", d.Component, list(args))
}

// list prints what follows a word, or that there is nothing.
func list(parts []string) string {
	if len(parts) == 0 {
		return " nothing"
	}
	return " " + strings.Join(parts, ", ")
}

func alias(d *binary.Alias) string {
	switch d.Target {
	case binary.AliasExport:
		return fmt.Sprintf("alias export %q of instance %d", d.Name, d.Instance)
	case binary.AliasCoreExport:
		return fmt.Sprintf("alias core export %q of core instance %d", d.Name, d.Instance)
	default:
		return outer(ref(d.Sort, d.Index), d.Outer)
	}
}

func outer(what string, scopes uint32) string {
	return "alias outer " + what + ", " + count(int(scopes), "scope") + " out"
}

func externName(n binary.ExternName) string {
	text := strconv.Quote(n.Name)
	for _, a := range n.Attributes {
		text += fmt.Sprintf(" (%v %q)", a, n.Attribute(a))
	}
	return text
}

func externType(t binary.ExternType) string {
	switch {
	case t.Sort == binary.SortCoreModule:
		return fmt.Sprintf("core module of core type %d", t.Index)
	case t.Sort == binary.SortValue && t.Value != nil:
		return "value " + valType(*t.Value)
	case t.Sort == binary.SortValue:
		return fmt.Sprintf("value (eq value %d)", t.Index)
	case t.SubResource:
		return "type (sub resource)"
	case t.Sort == binary.SortType:
		return fmt.Sprintf("type (eq type %d)", t.Index)
	}
	return t.Sort.String() + " of " + ref(binary.SortType, t.Index)
}
