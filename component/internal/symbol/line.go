package symbol

import (
	"path"
	"strings"
)

// A program is a line number program, after its header.
type program struct {
	reader
	version    int
	is64       bool
	addrSize   int
	minLength  uint64
	lineBase   int64
	lineRange  uint64
	opcodeBase uint8
	lengths    []byte // operands of the standard opcodes
	tables     int    // where directories and files are listed
}

// program reads the header of a unit's line number program.
func (d *dwarf) program(u *unit) (program, bool) {
	if !u.root.stmts.is() || u.root.stmts.value > uint64(len(d.line)) {
		return program{}, false
	}
	p := program{reader: reader{data: d.line, pos: int(u.root.stmts.value)}, addrSize: u.addrSize}
	n, is64 := p.length()
	if p.bad || n > uint64(p.left()) {
		return program{}, false
	}
	p.data, p.is64 = p.data[:p.pos+int(n)], is64
	if p.version = int(p.u16()); p.version < 2 || p.version > 5 {
		return program{}, false
	}
	if p.version >= 5 {
		p.addrSize = int(p.u8())
		p.u8() // segment selectors
	}
	header := p.offset(is64)
	start := uint64(p.pos) + header
	if p.bad || header > uint64(p.left()) {
		return program{}, false
	}
	p.minLength = uint64(p.u8())
	if p.version >= 4 {
		p.u8() // operations of an instruction: for machines that bundle them
	}
	p.u8() // default_is_stmt
	p.lineBase, p.lineRange = int64(int8(p.u8())), uint64(p.u8())
	p.opcodeBase = p.u8()
	if p.opcodeBase > 0 {
		p.lengths = p.bytes(uint64(p.opcodeBase) - 1)
	}
	p.tables = p.pos
	if p.bad || p.lineRange == 0 || p.opcodeBase == 0 || p.addrSize != 4 && p.addrSize != 8 {
		return program{}, false
	}
	p.pos = int(start)
	return p, true
}

// state is that of a line number program.
type state struct {
	addr, file, column uint64
	line               int64
}

// row runs a unit's line number program and finds the row of an address: the last of
// those at or before it, in a sequence that goes on behind it.
func (d *dwarf) row(u *unit, pc uint64) (Line, bool) {
	p, ok := d.program(u)
	if !ok {
		return Line{}, false
	}
	first := state{file: 1, line: 1}
	now, last, begun := first, first, false
	var start uint64 // of the sequence
	found := func() bool {
		if !begun {
			start = now.addr
		}
		hit := begun && last.addr <= pc && pc < now.addr && span{start, now.addr}.alive()
		if !hit {
			last, begun = now, true
		}
		return hit
	}
	for p.left() > 0 && !p.bad {
		d.spend(1)
		op := p.u8()
		hit := false
		switch {
		case op >= p.opcodeBase:
			adjusted := uint64(op - p.opcodeBase)
			now.addr += p.minLength * (adjusted / p.lineRange)
			now.line += p.lineBase + int64(adjusted%p.lineRange)
			hit = found()
		case op == 0:
			ended := false
			if hit, ended = p.extended(&now, found); ended && !hit {
				now, begun = first, false
			}
		case op == 1: // DW_LNS_copy
			hit = found()
		default:
			p.standard(op, &now)
		}
		if hit {
			return Line{File: d.fileName(u, last.file), Line: number(uint64(last.line)), Column: number(last.column)}, true
		}
	}
	return Line{}, false
}

// standard runs a standard opcode that makes no row.
func (p *program) standard(op uint8, s *state) {
	switch op {
	case 2: // DW_LNS_advance_pc
		s.addr += p.minLength * p.uleb()
	case 3: // DW_LNS_advance_line
		s.line += p.sleb()
	case 4: // DW_LNS_set_file
		s.file = p.uleb()
	case 5: // DW_LNS_set_column
		s.column = p.uleb()
	case 8: // DW_LNS_const_add_pc
		s.addr += p.minLength * (uint64(255-p.opcodeBase) / p.lineRange)
	case 9: // DW_LNS_fixed_advance_pc
		s.addr += p.uint(2)
	default:
		for range p.lengths[op-1] {
			p.uleb()
		}
	}
}

// extended runs an extended opcode.
func (p *program) extended(s *state, found func() bool) (hit, ended bool) {
	n := p.uleb()
	if n == 0 || n > uint64(p.left()) {
		p.bad = true
		return false, false
	}
	next := p.pos + int(n)
	switch p.u8() {
	case 1: // DW_LNE_end_sequence
		hit, ended = found(), true
	case 2: // DW_LNE_set_address
		s.addr = p.uint(min(int(n)-1, 8))
	}
	p.pos = next
	return hit, ended
}

// fileName is the path of a file of the unit's line number program, by number.
func (d *dwarf) fileName(u *unit, n uint64) string {
	p, ok := d.program(u)
	if !ok {
		return ""
	}
	p.pos = p.tables
	var name, dir string
	if p.version >= 5 {
		name, dir = d.fileOf5(u, &p, n)
	} else {
		name, dir = d.fileOf4(&p, n)
	}
	if name == "" {
		return ""
	}
	return Printable(join(join(u.dir, dir), name))
}

// fileOf4 finds a file in the tables of version 4 and before, which count from 1;
// directory 0 is that of the unit.
func (d *dwarf) fileOf4(p *program, n uint64) (name, dir string) {
	dirs := p.pos
	for d.zstring(&p.reader) != "" {
	}
	for i := uint64(1); !p.bad; i++ {
		name = d.zstring(&p.reader)
		if name == "" {
			return "", ""
		}
		at := p.uleb()
		p.uleb() // time
		p.uleb() // size
		if i < n {
			continue
		}
		p.pos = dirs
		for ; at > 0; at-- {
			if dir = d.zstring(&p.reader); dir == "" {
				return name, ""
			}
		}
		return name, dir
	}
	return "", ""
}

// fileOf5 finds a file in the tables of version 5, which count from 0.
func (d *dwarf) fileOf5(u *unit, p *program, n uint64) (name, dir string) {
	dirs := p.pos
	d.entryOf5(u, p, ^uint64(0))
	name, at := d.entryOf5(u, p, n)
	if name == "" {
		return "", ""
	}
	p.pos, p.bad = dirs, false
	dir, _ = d.entryOf5(u, p, at)
	return name, dir
}

// entryOf5 reads a table of version 5 up to entry n: its path and directory.
func (d *dwarf) entryOf5(u *unit, p *program, n uint64) (name string, dir uint64) {
	var kinds, forms [255]uint64
	fields := int(p.u8())
	for i := range fields {
		kinds[min(i, 254)], forms[min(i, 254)] = p.uleb(), p.uleb()
	}
	count := p.uleb()
	if fields == 0 || fields > len(kinds) {
		return "", 0
	}
	format := unit{version: 5, is64: p.is64, addrSize: p.addrSize, strBase: u.strBase}
	for i := uint64(0); i < count && !p.bad; i++ {
		before := p.pos
		for k := range fields {
			d.spend(1)
			v := attribute{form: forms[k]}
			if v.form == formImplicitConst || !d.readForm(&format, &p.reader, &v) {
				p.bad = true
				return "", 0
			}
			switch {
			case i != n:
			case kinds[k] == 1: // DW_LNCT_path
				name = d.text(&format, v)
			case kinds[k] == 2: // DW_LNCT_directory_index
				dir = v.value
			}
		}
		if i == n {
			return name, dir
		}
		if p.pos == before {
			return "", 0 // Entries of no bytes have no end.
		}
	}
	return "", 0
}

// join is a path, seen from a directory.
func join(dir, name string) string {
	if dir == "" || path.IsAbs(name) || len(name) > 1 && name[1] == ':' || strings.HasPrefix(name, `\`) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}
