package symbol

import (
	"cmp"
	"slices"

	"github.com/tenon-wasm/tenon/component/internal/core"
)

// dwarf is the debugging information of a core module. Addresses in it are offsets in the
// code section.
type dwarf struct {
	info, abbrev, line, str, lineStr, ranges, rnglists, addr, strOffsets []byte

	units  []unit
	ranged []unitRange // by lo
	ready  bool

	// shapes are the abbreviations at shapesAt, which are those of the last unit.
	shapes   map[uint64]abbreviation
	shapesAt uint64

	budget *Budget
}

// A Budget is what is left of the work for a backtrace, in steps of some ten nanoseconds.
// To find a line in the largest compilation units that compilers make takes a few million.
type Budget int

// MaxSteps is the budget to begin with.
const MaxSteps Budget = 16 << 20

const (
	maxUnits  = 1 << 17
	maxRanges = 1 << 18
	maxInline = 64
)

// unitRange is a range of code of a unit.
type unitRange struct {
	span
	unit int
}

func newDWARF(customs []core.Custom) *dwarf {
	d := &dwarf{}
	into := map[string]*[]byte{
		".debug_info": &d.info, ".debug_abbrev": &d.abbrev, ".debug_line": &d.line, ".debug_str": &d.str,
		".debug_line_str": &d.lineStr, ".debug_ranges": &d.ranges, ".debug_rnglists": &d.rnglists,
		".debug_addr": &d.addr, ".debug_str_offsets": &d.strOffsets,
	}
	for _, c := range customs {
		if s := into[c.Name]; s != nil && *s == nil {
			*s = c.Data
		}
	}
	return d
}

// spent is what ends a look-up that costs too much.
type spent struct{}

func (d *dwarf) spend(n int) {
	if *d.budget -= Budget(n); *d.budget < 0 {
		panic(spent{})
	}
}

// caught turns the panic at the end of a budget into an answer.
func caught(ok *bool) {
	p := recover()
	if p == nil {
		return
	}
	if _, is := p.(spent); !is {
		panic(p)
	}
	*ok = false
}

// lines finds a place. It is false where the budget does not last.
func (d *dwarf) lines(pc uint64, budget *Budget) (found []Line, ok bool) {
	d.budget, ok = budget, true
	defer caught(&ok)
	d.index()
	n := d.unitOf(pc)
	if n < 0 {
		return nil, true
	}
	u := &d.units[n]
	at, known := d.row(u, pc)
	if !known {
		return nil, true
	}
	for _, call := range d.inlined(u, pc) {
		at.Func, at.Inlined = call.name, true
		found = append(found, at)
		at = call.from
	}
	return append(found, at), true
}

// describesCode reports whether there is code that has a line.
func (d *dwarf) describesCode(budget *Budget) (yes bool) {
	d.budget, yes = budget, true
	defer caught(&yes)
	d.index()
	return len(d.ranged) > 0 && len(d.line) > 0
}

// index finds the units and what code each is for, once.
func (d *dwarf) index() {
	if d.ready {
		return
	}
	d.units, d.ranged = nil, nil
	for b := (reader{data: d.info}); b.left() > 0 && len(d.units) < maxUnits; {
		d.spend(8)
		u, ok := d.readUnit(&b)
		if !ok {
			break
		}
		d.units = append(d.units, u)
	}
	for i := range d.units {
		u := &d.units[i]
		if !d.readRoot(u) {
			continue
		}
		d.eachRange(u, &u.root, func(s span) bool {
			d.spend(4)
			d.ranged = append(d.ranged, unitRange{s, i})
			return len(d.ranged) < maxRanges
		})
	}
	slices.SortFunc(d.ranged, func(a, b unitRange) int {
		return cmp.Or(cmp.Compare(a.lo, b.lo), cmp.Compare(a.unit, b.unit))
	})
	d.ready = true
}

// unitOf finds the unit of an address, that of the last range that begins before it. Units
// do not overlap, unless a linker has put a function in the place of another (--wrap):
// then the longer one is the one that is there.
func (d *dwarf) unitOf(pc uint64) int {
	i, _ := slices.BinarySearchFunc(d.ranged, pc, func(r unitRange, pc uint64) int {
		if r.lo <= pc {
			return -1
		}
		return 1
	})
	for back := 0; i > 0 && back < 64; back++ {
		i--
		r := d.ranged[i]
		if pc >= r.hi {
			continue
		}
		for ; i > 0 && d.ranged[i-1].lo == r.lo && back < 64; back++ {
			if i--; d.ranged[i].hi > r.hi {
				r = d.ranged[i]
			}
		}
		return r.unit
	}
	return -1
}

// unitAt finds the unit that an offset in .debug_info is in.
func (d *dwarf) unitAt(offset uint64) *unit {
	i, _ := slices.BinarySearchFunc(d.units, offset, func(u unit, offset uint64) int {
		if uint64(u.end) <= offset {
			return -1
		}
		return 1
	})
	if i < len(d.units) && uint64(d.units[i].entries) <= offset {
		return &d.units[i]
	}
	return nil
}

// reader reads little-endian data; past the end, everything is zero and bad is set.
type reader struct {
	data []byte
	pos  int
	bad  bool
}

func (b *reader) left() int { return len(b.data) - b.pos }

func (b *reader) bytes(n uint64) []byte {
	if b.bad || n > uint64(b.left()) {
		b.bad = true
		b.pos = len(b.data)
		return nil
	}
	s := b.data[b.pos : b.pos+int(n)]
	b.pos += int(n)
	return s
}

// uint reads a number of 1, 2, 3, 4 or 8 bytes.
func (b *reader) uint(size int) (v uint64) {
	for i, x := range b.bytes(uint64(size)) {
		v |= uint64(x) << (8 * i)
	}
	return v
}

func (b *reader) u8() uint8 {
	if b.bad || b.pos >= len(b.data) {
		b.bad = true
		return 0
	}
	b.pos++
	return b.data[b.pos-1]
}

func (b *reader) u16() uint16 { return uint16(b.uint(2)) }

// uleb and sleb read numbers of up to ten bytes.
func (b *reader) uleb() (v uint64) {
	for shift := uint(0); shift < 70; shift += 7 {
		x := b.u8()
		v |= uint64(x&0x7f) << shift
		if x < 0x80 {
			return v
		}
	}
	b.bad = true
	return 0
}

func (b *reader) sleb() (v int64) {
	for shift := uint(0); shift < 70; shift += 7 {
		x := b.u8()
		v |= int64(x&0x7f) << shift
		if x < 0x80 {
			if x&0x40 != 0 {
				v |= -1 << (shift + 7)
			}
			return v
		}
	}
	b.bad = true
	return 0
}

// offset reads an offset in a section, whose size depends on the format of the unit.
func (b *reader) offset(is64 bool) uint64 {
	if is64 {
		return b.uint(8)
	}
	return b.uint(4)
}

// length reads a unit's length, and whether its offsets have 64 bits.
func (b *reader) length() (n uint64, is64 bool) {
	if n = b.uint(4); n == 0xffffffff {
		return b.uint(8), true
	}
	return n, false
}

// zstring reads up to a zero byte.
func (d *dwarf) zstring(b *reader) string {
	for i, x := range b.data[b.pos:] {
		if x == 0 {
			d.spend(1 + i/8)
			s := b.data[b.pos : b.pos+i]
			b.pos += i + 1
			return string(s[:min(len(s), maxSymbol)])
		}
	}
	b.bytes(uint64(b.left()) + 1)
	d.spend(len(b.data) / 8)
	return ""
}

// stringAt is the string at an offset in a section.
func (d *dwarf) stringAt(section []byte, offset uint64) string {
	if offset >= uint64(len(section)) {
		return ""
	}
	// What is longer than a name may be is cut, and so is the search for its end.
	section = section[offset:min(offset+maxSymbol, uint64(len(section)))]
	for i, x := range section {
		if x == 0 {
			section = section[:i]
			break
		}
	}
	d.spend(1 + len(section)/8)
	return string(section)
}
