package wit

import "strings"

// maxMismatches bounds what one comparison tells.
const maxMismatches = 50

// Mismatches is [CompareFunc], but it tells every place where the two part, in order, and
// not only the first: up to 50. Where names of fields, cases or labels differ it tells the
// first, and nothing of what is behind them. A type that differs is told where it stands
// first.
func Mismatches(want, have *Func, sameResource func(want, have *TypeDef) bool) []*Mismatch {
	return newComparison(sameResource).every(func(c *comparison) *Mismatch { return c.funcs(want, have) })
}

// TypeMismatches is [Mismatches] for types, see [Compare].
func TypeMismatches(want, have Type, sameResource func(want, have *TypeDef) bool) []*Mismatch {
	found := newComparison(sameResource).every(func(c *comparison) *Mismatch { return c.types("", want, have) })
	for _, m := range found {
		m.Path = strings.TrimPrefix(m.Path, ".")
	}
	return found
}

func (c *comparison) every(compare func(*comparison) *Mismatch) []*Mismatch {
	var found []*Mismatch
	c.all = &found
	if m := compare(c); m != nil && len(found) < maxMismatches {
		found = append(found, m)
	}
	return found
}

// ends reports whether a comparison ends with m. Where all are wanted it is noted, and the
// comparison goes on.
func (c *comparison) ends(m *Mismatch) bool {
	if m == nil || c.all == nil || len(*c.all) >= maxMismatches {
		return m != nil
	}
	*c.all = append(*c.all, m)
	return false
}
