package wit

import "strings"

// A Change is one difference between an old and a new state of the same thing.
type Change struct {
	Where  string // `interface acme:kv/store@1.2.0, func get`
	What   string // `param "key": string, now list<u8>`, `added`
	Breaks bool   // what was built against the old state does not fit the new one

	// Unstable is what is marked so, which may come and go in any version.
	Unstable bool
}

func (c Change) String() string { return c.Where + ": " + c.What }

// MaxChanges is how many changes are told at most.
const MaxChanges = 1000

// fate is what it means that something is there on one side alone.
type fate uint8

const (
	silent fate = iota
	fine
	breaks
)

// presence tells the fate of what stands in the new state alone, and in the old alone.
type presence struct{ added, removed fate }

var (
	// What is offered may become more; what is asked for may become less.
	offered  = presence{added: fine, removed: breaks}
	required = presence{added: breaks, removed: fine}
)

// changeFinder collects changes.
type changeFinder struct {
	changes []Change
	old     Name // the packages that are compared, if they are
	new     Name
	types   bool // types count by themselves, not only where functions use them
	now     string
	equal   map[[2]Type]bool // pairs that were found equal
	unequal map[[2]Type]*Mismatch
}

func newChangeFinder() *changeFinder {
	return &changeFinder{now: ", now ", equal: map[[2]Type]bool{}, unequal: map[[2]Type]*Mismatch{}}
}

func (d *changeFinder) full() bool { return len(d.changes) >= MaxChanges }

func (d *changeFinder) add(where, what string, breaks bool) {
	if !d.full() {
		d.changes = append(d.changes, Change{Where: where, What: what, Breaks: breaks})
	}
}

// alone notes what is there on one side alone. Unstable things may come and go.
func (d *changeFinder) alone(where, what string, f fate, g Gate) {
	switch {
	case f == silent:
	case g.Unstable != "" && !d.full():
		d.changes = append(d.changes, Change{Where: where, What: what + " (unstable)", Unstable: true})
	case g.Unstable != "":
	default:
		d.add(where, what, f == breaks)
	}
}

// compare does one comparison, which may know what others found, and notes where it
// found a difference.
func (d *changeFinder) compare(where string, c *comparison, do func(c *comparison) *Mismatch) {
	if d.full() {
		return
	}
	c.equal, c.unequal = d.equal, d.unequal
	m := do(c)
	if m == nil {
		return
	}
	for _, pair := range c.added {
		delete(d.equal, pair)
	}
	what := m.Want + d.now + m.Have
	if m.Path != "" {
		what = strings.TrimPrefix(m.Path, ".") + ": " + what
	}
	d.add(where, what, true)
}

// sameName tells resources of both sides apart by their names, without versions.
func sameName(a, b *TypeDef) bool {
	return a.Name == b.Name && ownerName(a).Unversioned() == ownerName(b).Unversioned()
}

func ownerName(t *TypeDef) Name {
	if t.Interface == nil {
		return Name{}
	}
	return t.Interface.Name
}

// iface compares two states of an interface.
func (d *changeFinder) iface(where string, old, new *Interface, p presence) {
	if d.types {
		d.typeDefs(where, old.Types, new.Types, p)
	}
	left := named(new.Funcs, func(f *Func) string { return f.Name })
	for _, f := range old.Funcs {
		at := where + ", " + funcLabel(f)
		if n := left[f.Name]; n != nil {
			delete(left, f.Name)
			d.function(at, f, n)
		} else {
			d.alone(at, "removed", p.removed, f.Gate)
		}
	}
	for _, f := range new.Funcs {
		if left[f.Name] != nil {
			d.alone(where+", "+funcLabel(f), "added", p.added, f.Gate)
		}
	}
}

func (d *changeFinder) function(where string, old, new *Func) {
	d.compare(where, newComparison(sameName), func(c *comparison) *Mismatch { return c.funcs(old, new) })
}

func (d *changeFinder) wholeType(where string, old, new Type) {
	d.compare(where, newComparison(sameName), func(c *comparison) *Mismatch { return c.types("", old, new) })
}

// typeDefs compares declared types, each by what it is made of: a type within that has
// a name is compared where it is declared.
func (d *changeFinder) typeDefs(where string, old, new []*TypeDef, p presence) {
	left := named(new, func(t *TypeDef) string { return t.Name })
	known := map[[2]Type]bool{}
	for _, t := range old {
		if n := left[t.Name]; n != nil {
			known[[2]Type{t, n}] = true
		}
	}
	for _, t := range old {
		at := where + ", type " + t.Name
		if n := left[t.Name]; n != nil {
			delete(left, t.Name)
			d.typeDef(at, t, n, known)
		} else {
			d.alone(at, "removed", p.removed, t.Gate)
		}
	}
	for _, t := range new {
		if left[t.Name] != nil {
			d.alone(where+", type "+t.Name, "added", p.added, t.Gate)
		}
	}
}

func (d *changeFinder) typeDef(where string, old, new *TypeDef, known map[[2]Type]bool) {
	switch {
	case d.full():
		return
	case isUsed(old) && isUsed(new):
		// What is known here is nothing to it, and many may use it.
		d.wholeType(where, old.Type, new.Type)
		return
	}
	// What is equal but for known pairs is no fact for others.
	own := &changeFinder{now: d.now, equal: map[[2]Type]bool{}}
	c := newComparison(sameName)
	c.known = known
	own.compare(where, c, func(c *comparison) *Mismatch { return c.types("", old, new) })
	d.changes = append(d.changes, own.changes...)
}

// named finds declarations by their names.
func named[T any](all []T, name func(T) string) map[string]T {
	m := make(map[string]T, len(all))
	for _, t := range all {
		m[name(t)] = t
	}
	return m
}

// isUsed reports whether a type is another name for one of another interface.
func isUsed(t *TypeDef) bool {
	of, ok := t.Type.(*TypeDef)
	return ok && of.Interface != t.Interface
}

// funcLabel is a function as it is declared: `func get`, `method bucket.size`.
func funcLabel(f *Func) string {
	if f.Resource == nil {
		return "func " + f.Name
	}
	switch f.Kind {
	case Constructor:
		return "constructor of " + f.Resource.Name
	case Method:
		return "method " + f.Resource.Name + "." + f.BaseName()
	case Static:
		return "static " + f.Resource.Name + "." + f.BaseName()
	}
	return "func " + f.Name
}
