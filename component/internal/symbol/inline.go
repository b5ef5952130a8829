package symbol

import "slices"

// An inlined call: what was called, and from where.
type inlined struct {
	name string
	from Line
}

// inlined finds the inlined calls that an address is in, the innermost first.
func (d *dwarf) inlined(u *unit, pc uint64) []inlined {
	shapes := d.abbreviations(u, true)
	b := reader{data: d.info[:u.end], pos: u.entries}
	var calls []inlined
	depth, within := 0, -1 // within is the depth of the function that the address is in
	for b.left() > 0 {
		var e entry
		if !d.readEntry(u, shapes, &b, &e) {
			break
		}
		if e.tag == 0 {
			depth--
			if depth <= max(within, 0) {
				break
			}
			continue
		}
		inside := true
		switch {
		case e.tag == tagSubprogram && within < 0:
			if inside = d.covers(u, &e, pc); inside {
				within = depth
			}
		case e.tag == tagInlinedSubroutine && within >= 0:
			if inside = d.covers(u, &e, pc); inside && len(calls) < maxInline {
				calls = append(calls, inlined{d.nameOf(u, &e), d.callSite(u, &e)})
			}
		}
		if !e.children {
			if within == depth && inside {
				break
			}
			continue
		}
		if !inside && d.skip(u, &b, &e) {
			continue
		}
		depth++
	}
	slices.Reverse(calls)
	return calls
}

// skip passes over the children of an entry, where it says where they end.
func (d *dwarf) skip(u *unit, b *reader, e *entry) bool {
	to := uint64(u.start) + e.sibling.value
	if !e.sibling.is() || e.sibling.form == formRefAddr || to <= uint64(b.pos) || to > uint64(u.end) {
		return false
	}
	b.pos = int(to)
	return true
}

// callSite is the place from which an inlined function was called.
func (d *dwarf) callSite(u *unit, e *entry) Line {
	return Line{File: d.fileName(u, e.callFile), Line: number(e.callLine), Column: number(e.callColumn)}
}

// number is a line or a column; 0 is unknown.
func number(n uint64) int {
	if n > 1<<30 {
		return 0
	}
	return int(n)
}

// maxHops bounds the way from a call by the function that was inlined to its declaration.
const maxHops = 6

// nameOf is the name of the function that an entry is an instance of.
func (d *dwarf) nameOf(u *unit, e *entry) string {
	here := *e
	var name string
	for range maxHops {
		if s := d.text(u, here.linkage); s != "" {
			return demangled(s)
		}
		if s := d.text(u, here.name); s != "" && name == "" {
			name = s
		}
		to := here.origin
		if !to.is() {
			to = here.spec
		}
		if !to.is() {
			break
		}
		at := to.value
		if to.form == formRefAddr {
			if u = d.unitAt(at); u == nil {
				break
			}
		} else {
			at += uint64(u.start)
		}
		if at < uint64(u.entries) || at >= uint64(u.end) {
			break
		}
		b := reader{data: d.info[:u.end], pos: int(at)}
		if !d.readEntry(u, d.abbreviations(u, true), &b, &here) {
			break
		}
	}
	return demangled(name)
}
