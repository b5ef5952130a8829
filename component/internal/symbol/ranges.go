package symbol

// A span is a range of addresses.
type span struct{ lo, hi uint64 }

// alive reports whether a range is one of code that is there: linkers give the addresses
// 0, -1 or -2 to what they have left out.
func (s span) alive() bool {
	return s.lo != 0 && s.lo < s.hi && s.lo < 0xfffffffe
}

// covers reports whether an entry is for an address.
func (d *dwarf) covers(u *unit, e *entry, pc uint64) (yes bool) {
	d.eachRange(u, e, func(s span) bool {
		yes = s.lo <= pc && pc < s.hi
		return !yes
	})
	return yes
}

// eachRange hands the ranges of an entry to do, until it answers false.
func (d *dwarf) eachRange(u *unit, e *entry, do func(span) bool) {
	give := func(s span) bool {
		d.spend(1)
		return !s.alive() || do(s)
	}
	if lo, ok := d.address(u, e.low); ok && e.high.is() {
		hi, absolute := d.address(u, e.high)
		if !absolute {
			hi = lo + e.high.value
		}
		give(span{lo, hi})
		return
	}
	switch {
	case !e.ranges.is():
	case u.version >= 5:
		d.rangeList(u, e.ranges, give)
	default:
		d.oldRanges(u, e.ranges.value, give)
	}
}

// oldRanges reads a list of .debug_ranges: pairs, relative to a base that starts as the
// address of the unit.
func (d *dwarf) oldRanges(u *unit, at uint64, give func(span) bool) {
	if at > uint64(len(d.ranges)) {
		return
	}
	b := reader{data: d.ranges, pos: int(at)}
	base, escape := u.low, ^uint64(0)
	if u.addrSize == 4 {
		escape = 0xffffffff
	}
	for {
		lo, hi := b.uint(u.addrSize), b.uint(u.addrSize)
		switch {
		case b.bad || lo == 0 && hi == 0:
			return
		case lo == escape:
			d.spend(1)
			base = hi
		case !give(span{base + lo, base + hi}):
			return
		}
	}
}

// rangeList reads a list of .debug_rnglists.
func (d *dwarf) rangeList(u *unit, a attribute, give func(span) bool) {
	at := a.value
	if a.form == formRnglistx {
		size := uint64(4)
		if u.is64 {
			size = 8
		}
		offset, ok := element(d.rnglists, u.rnglistsBase, a.value, size)
		if !ok {
			return
		}
		at = u.rnglistsBase + offset
	}
	if at > uint64(len(d.rnglists)) {
		return
	}
	b := reader{data: d.rnglists, pos: int(at)}
	base := u.low
	for {
		var s span
		switch b.u8() {
		default: // DW_RLE_end_of_list
			return
		case 1: // DW_RLE_base_addressx
			d.spend(1)
			base, _ = d.addressAt(u, b.uleb())
			continue
		case 2: // DW_RLE_startx_endx
			s.lo, _ = d.addressAt(u, b.uleb())
			s.hi, _ = d.addressAt(u, b.uleb())
		case 3: // DW_RLE_startx_length
			s.lo, _ = d.addressAt(u, b.uleb())
			s.hi = s.lo + b.uleb()
		case 4: // DW_RLE_offset_pair
			s.lo = base + b.uleb()
			s.hi = base + b.uleb()
		case 5: // DW_RLE_base_address
			d.spend(1)
			base = b.uint(u.addrSize)
			continue
		case 6: // DW_RLE_start_end
			s.lo = b.uint(u.addrSize)
			s.hi = b.uint(u.addrSize)
		case 7: // DW_RLE_start_length
			s.lo = b.uint(u.addrSize)
			s.hi = s.lo + b.uleb()
		}
		if b.bad || !give(s) {
			return
		}
	}
}
