package symbol

// A unit is a compilation unit.
type unit struct {
	start, entries, end int // in .debug_info: the header, the first entry, the next unit
	version             int
	addrSize            int
	is64                bool
	abbrevs             uint64 // where its abbreviations stand

	// Of the first entry; read by readRoot.
	root                            entry
	low                             uint64
	dir                             string
	addrBase, strBase, rnglistsBase uint64
}

// An entry is what is of use in an entry of .debug_info.
type entry struct {
	tag      uint64
	children bool

	low, high, ranges, stmts, sibling attribute
	name, linkage, origin, spec, dir  attribute
	callFile, callLine, callColumn    uint64
	strBase, addrBase, rnglistsBase   attribute
}

// An attribute is a value as it was read; what it is depends on its form.
type attribute struct {
	form  uint64
	value uint64
	text  string // of an inline string
}

func (a attribute) is() bool { return a.form != 0 }

// Tags, attributes and forms, by the names of the DWARF standard.
const (
	tagInlinedSubroutine = 0x1d
	tagSubprogram        = 0x2e

	atSibling, atName, atStmtList, atLowPC, atHighPC  = 0x01, 0x03, 0x10, 0x11, 0x12
	atCompDir, atAbstractOrigin, atSpecification      = 0x1b, 0x31, 0x47
	atRanges, atCallColumn, atCallFile, atCallLine    = 0x55, 0x57, 0x58, 0x59
	atLinkageName, atMIPSLinkageName                  = 0x6e, 0x2007
	atStrOffsetsBase, atAddrBase, atRnglistsBase      = 0x72, 0x73, 0x74
	formAddr, formBlock2, formBlock4, formData2       = 0x01, 0x03, 0x04, 0x05
	formData4, formData8, formString, formBlock       = 0x06, 0x07, 0x08, 0x09
	formBlock1, formData1, formFlag, formSdata        = 0x0a, 0x0b, 0x0c, 0x0d
	formStrp, formUdata, formRefAddr, formRef1        = 0x0e, 0x0f, 0x10, 0x11
	formRef2, formRef4, formRef8, formRefUdata        = 0x12, 0x13, 0x14, 0x15
	formIndirect, formSecOffset, formExprloc          = 0x16, 0x17, 0x18
	formFlagPresent, formStrx, formAddrx, formRefSup4 = 0x19, 0x1a, 0x1b, 0x1c
	formStrpSup, formData16, formLineStrp, formSig8   = 0x1d, 0x1e, 0x1f, 0x20
	formImplicitConst, formLoclistx, formRnglistx     = 0x21, 0x22, 0x23
	formRefSup8, formStrx1, formStrx2, formStrx3      = 0x24, 0x25, 0x26, 0x27
	formStrx4, formAddrx1, formAddrx2, formAddrx3     = 0x28, 0x29, 0x2a, 0x2b
	formAddrx4                                        = 0x2c
)

// readUnit reads the header of a unit and passes over it.
func (d *dwarf) readUnit(b *reader) (unit, bool) {
	u := unit{start: b.pos}
	n, is64 := b.length()
	body := b.pos
	if b.bad || n > uint64(b.left()) || n == 0 {
		return u, false
	}
	u.is64, u.end = is64, body+int(n)
	u.version = int(b.u16())
	kind := uint8(1)
	if u.version >= 5 {
		kind, u.addrSize = b.u8(), int(b.u8())
		u.abbrevs = b.offset(is64)
	} else {
		u.abbrevs, u.addrSize = b.offset(is64), int(b.u8())
	}
	switch kind {
	case 1, 3: // compile, partial
	case 4, 5: // skeleton, split compile
		b.uint(8)
	default:
		u.version = 0 // of types, or unknown
	}
	u.entries = b.pos
	if b.bad || b.pos > u.end || u.version < 2 || u.version > 5 || u.addrSize != 4 && u.addrSize != 8 {
		u.version, u.entries = 0, u.end
	}
	b.pos, b.bad = u.end, false
	return u, true
}

// readRoot reads the first entry of a unit, on which the others depend.
func (d *dwarf) readRoot(u *unit) bool {
	if u.version == 0 {
		return false
	}
	b := reader{data: d.info[:u.end], pos: u.entries}
	if !d.readEntry(u, d.abbreviations(u, false), &b, &u.root) {
		return false
	}
	// Bases where the unit names none: right after the header of the table.
	u.strBase, u.addrBase, u.rnglistsBase = 8, 8, 12
	for to, a := range map[*uint64]attribute{&u.strBase: u.root.strBase, &u.addrBase: u.root.addrBase, &u.rnglistsBase: u.root.rnglistsBase} {
		if a.is() {
			*to = a.value
		}
	}
	u.low, _ = d.address(u, u.root.low)
	u.dir = d.text(u, u.root.dir)
	return true
}

// An abbreviation is the shape of entries.
type abbreviation struct {
	tag      uint64
	children bool
	specs    int // where its attributes stand in .debug_abbrev
}

// abbreviations reads the shapes that a unit uses, or the first alone, which is nearly
// always that of the root.
func (d *dwarf) abbreviations(u *unit, all bool) map[uint64]abbreviation {
	if all && d.shapes != nil && d.shapesAt == u.abbrevs {
		return d.shapes
	}
	shapes := map[uint64]abbreviation{}
	if u.abbrevs > uint64(len(d.abbrev)) {
		return shapes
	}
	var rootCode uint64
	if !all {
		root := reader{data: d.info[:u.end], pos: u.entries}
		rootCode = root.uleb()
	}
	b := reader{data: d.abbrev, pos: int(u.abbrevs)}
	for {
		d.spend(8)
		code := b.uleb()
		if code == 0 || b.bad {
			break
		}
		a := abbreviation{tag: b.uleb(), children: b.u8() != 0, specs: b.pos}
		for {
			d.spend(1)
			at, form := b.uleb(), b.uleb()
			if form == formImplicitConst {
				b.sleb()
			}
			if at == 0 && form == 0 {
				break
			}
		}
		if b.bad {
			break
		}
		if all || code == rootCode {
			shapes[code] = a
		}
		if !all && code == rootCode {
			return shapes
		}
	}
	if all {
		d.shapes, d.shapesAt = shapes, u.abbrevs
	}
	return shapes
}

// readEntry reads an entry; one without a tag ends its siblings.
func (d *dwarf) readEntry(u *unit, shapes map[uint64]abbreviation, b *reader, e *entry) bool {
	d.spend(2)
	*e = entry{}
	code := b.uleb()
	if code == 0 || b.bad {
		return !b.bad
	}
	a, ok := shapes[code]
	if !ok {
		b.bad = true
		return false
	}
	e.tag, e.children = a.tag, a.children
	specs := reader{data: d.abbrev, pos: a.specs}
	for {
		d.spend(1)
		at, form := specs.uleb(), specs.uleb()
		if at == 0 && form == 0 || specs.bad {
			return !b.bad
		}
		v := attribute{form: form}
		if form == formImplicitConst {
			v.value = uint64(specs.sleb())
		} else if !d.readForm(u, b, &v) {
			b.bad = true
			return false
		}
		e.set(at, v)
	}
}

func (e *entry) set(at uint64, v attribute) {
	switch at {
	case atSibling:
		e.sibling = v
	case atName:
		e.name = v
	case atStmtList:
		e.stmts = v
	case atLowPC:
		e.low = v
	case atHighPC:
		e.high = v
	case atCompDir:
		e.dir = v
	case atAbstractOrigin:
		e.origin = v
	case atSpecification:
		e.spec = v
	case atRanges:
		e.ranges = v
	case atCallFile:
		e.callFile = v.value
	case atCallLine:
		e.callLine = v.value
	case atCallColumn:
		e.callColumn = v.value
	case atLinkageName, atMIPSLinkageName:
		e.linkage = v
	case atStrOffsetsBase:
		e.strBase = v
	case atAddrBase:
		e.addrBase = v
	case atRnglistsBase:
		e.rnglistsBase = v
	}
}

// readForm reads a value. An unknown form is not to be passed over: its size is unknown.
func (d *dwarf) readForm(u *unit, b *reader, v *attribute) bool {
	if v.form == formIndirect {
		if v.form = b.uleb(); v.form == formIndirect || v.form == formImplicitConst {
			return false
		}
	}
	switch v.form {
	case formAddr:
		v.value = b.uint(u.addrSize)
	case formData1, formRef1, formFlag, formStrx1, formAddrx1:
		v.value = b.uint(1)
	case formData2, formRef2, formStrx2, formAddrx2:
		v.value = b.uint(2)
	case formStrx3, formAddrx3:
		v.value = b.uint(3)
	case formData4, formRef4, formRefSup4, formStrx4, formAddrx4:
		v.value = b.uint(4)
	case formData8, formRef8, formRefSup8, formSig8:
		v.value = b.uint(8)
	case formData16:
		b.bytes(16)
	case formUdata, formRefUdata, formStrx, formAddrx, formLoclistx, formRnglistx:
		v.value = b.uleb()
	case formSdata:
		v.value = uint64(b.sleb())
	case formStrp, formLineStrp, formSecOffset, formStrpSup:
		v.value = b.offset(u.is64)
	case formRefAddr:
		if u.version == 2 {
			v.value = b.uint(u.addrSize)
		} else {
			v.value = b.offset(u.is64)
		}
	case formString:
		v.text = d.zstring(b)
	case formBlock1:
		b.bytes(b.uint(1))
	case formBlock2:
		b.bytes(b.uint(2))
	case formBlock4:
		b.bytes(b.uint(4))
	case formBlock, formExprloc:
		b.bytes(b.uleb())
	case formFlagPresent:
		v.value = 1
	default:
		return false
	}
	return !b.bad
}

// text is the string that an attribute stands for.
func (d *dwarf) text(u *unit, a attribute) string {
	switch a.form {
	case formString:
		return a.text
	case formStrp:
		return d.stringAt(d.str, a.value)
	case formLineStrp:
		return d.stringAt(d.lineStr, a.value)
	case formStrx, formStrx1, formStrx2, formStrx3, formStrx4:
		size := uint64(4)
		if u.is64 {
			size = 8
		}
		if at, ok := element(d.strOffsets, u.strBase, a.value, size); ok {
			return d.stringAt(d.str, at)
		}
	}
	return ""
}

// address is the address that an attribute stands for.
func (d *dwarf) address(u *unit, a attribute) (uint64, bool) {
	switch a.form {
	case formAddr:
		return a.value, true
	case formAddrx, formAddrx1, formAddrx2, formAddrx3, formAddrx4:
		return d.addressAt(u, a.value)
	}
	return 0, false
}

func (d *dwarf) addressAt(u *unit, index uint64) (uint64, bool) {
	return element(d.addr, u.addrBase, index, uint64(u.addrSize))
}

// element is a number in a table of numbers.
func element(table []byte, base, index, size uint64) (uint64, bool) {
	if base > uint64(len(table)) || index >= (uint64(len(table))-base)/size {
		return 0, false
	}
	b := reader{data: table, pos: int(base + index*size)}
	return b.uint(int(size)), true
}
