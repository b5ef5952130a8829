package component

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/plan"
	"github.com/tenon-wasm/tenon/wit"
)

// Quality tells how well an import is met.
type Quality uint8

const (
	Missing    Quality = iota // not met, or by something of another type
	Exact                     // by the interface of that name and version
	Compatible                // by another version of the same track
	Aliased                   // by what an alias names, see Linker.Alias
	Shimmed                   // through a shim, see Linker.Shim
	Stubbed                   // stubs stand in for functions that nobody provides, see Linker.StubMissing
)

func (q Quality) String() string {
	return [...]string{"missing", "exact", "compatible", "aliased", "shimmed", "stubbed"}[q]
}

// Cause tells why an import is Missing. Where there are several reasons it is the gravest,
// which comes last here.
type Cause uint8

const (
	NoCause         Cause = iota // it is not missing
	LacksFunction                // what is offered lacks functions
	NotOffered                   // nothing of that name is offered, in any version
	OtherPrerelease              // a prerelease is asked for or offered, and only the exact name will do
	OtherTrack                   // what is offered is on another track
	BadAlias                     // nobody offers what the alias of the import names
	OtherType                    // what is offered has another type
	OtherKind                    // it is no interface, or no function, or cannot be made
)

func (c Cause) String() string {
	return [...]string{"", "lacks functions", "not offered", "another prerelease", "another track", "bad alias", "another type", "another kind"}[c]
}

// Match tells by what an import of a component is met, or why it is not.
type Match struct {
	// Import is the name as the component has it.
	Import string

	Quality Quality

	// Offer is the name of the interface that meets it, empty where there is none.
	Offer string

	// Near is the highest version of it that is offered, where Cause is OtherPrerelease
	// or OtherTrack.
	Near string

	// Shim is what makes Offer fit, or was to make it fit; nil for none.
	Shim *Shim

	// Stubs are the functions that nobody provides, those of a component that is to meet
	// the import included.
	Stubs []Stub

	// How tells by what the offer was found where that is not its name and version: "by its
	// alias wasi:config@0.2.0-rc.1", "through the shim ...".
	How string

	// Guest is set where what meets the import is a component, an instance of one, or a
	// core module, and not the host's own.
	Guest bool

	// Cause and Reason tell why a Missing import is missing.
	Cause  Cause
	Reason string

	// Problems are what Reason tells of a Missing import, one by one and whole; More is how
	// many are left out.
	Problems []Problem
	More     int
}

// A Problem is one thing that keeps an import from being met.
type Problem struct {
	Cause Cause

	// Item is the function, resource or type of an interface; empty for the whole import.
	Item string

	// Want and Have are a function as the component has it and as it is offered. Have is nil
	// where it is not there; both are nil for what is no function.
	Want, Have *wit.Func

	// WantType and HaveType are the same for types.
	WantType, HaveType *wit.TypeDef

	// WantSort and HaveSort say what is wanted and what is there instead, "an instance",
	// where Cause is OtherKind and the two are known.
	WantSort, HaveSort string

	// Follows is set for a function that differs only where a type with a name does, of
	// which another problem tells.
	Follows bool

	// Text is the problem as Reason has it.
	Text string
}

// Bounds on the problems that are kept: a guest may import very many functions.
const (
	maxProblems    = 200    // of one import
	maxAllProblems = 10_000 // of all
)

func (m Match) String() string {
	switch m.Quality {
	case Missing:
		return m.Import + ": " + m.Reason
	case Compatible:
		return m.Import + ": met by " + m.Offer
	case Aliased:
		return m.Import + ": met by " + m.Offer + ", its alias"
	case Shimmed:
		return m.Import + ": met by " + m.Offer + " through a shim: " + m.Shim.Why
	case Stubbed:
		return m.Import + ": " + m.stubbed()
	}
	return m.Import + ": met"
}

func (m Match) stubbed() string {
	stubs := fmt.Sprintf("%d stubs", len(m.Stubs))
	if len(m.Stubs) == 1 {
		stubs = "a stub for " + m.Stubs[0].Func
	}
	if m.Offer == "" {
		return "met by " + stubs
	}
	return "met by " + m.Offer + " and " + stubs
}

// why collects the reasons for which an import is not met.
type why struct {
	reasons []string
	more    int // reasons that are not listed

	// types are the differences of types that have a name. That functions of such types
	// differ is no news.
	types map[wit.Mismatch]bool
	users int // functions of such types
}

// few is how many reasons are told for one import: a guest may import very many functions.
const few = 8

// missing notes why import i is not met.
func (b *binding) missing(i int, cause Cause, format string, args ...any) {
	b.lacks(i, Problem{Cause: cause}, format, args...)
}

// lacks is missing for a problem of which more is known.
func (b *binding) lacks(i int, p Problem, format string, args ...any) {
	m, w := &b.matches[i], &b.why[i]
	m.Quality, m.Cause = Missing, max(m.Cause, p.Cause)
	told := len(w.reasons) < few
	if !told {
		w.more++
	}
	if !told && !b.keeps(m) {
		return
	}
	p.Text = fmt.Sprintf(format, args...)
	if told {
		w.reasons = append(w.reasons, p.Text)
	}
	b.keep(m, p)
}

// keeps reports whether there is room for another problem, and counts those that have none.
func (b *binding) keeps(m *Match) bool {
	if len(m.Problems) < maxProblems && b.problems < maxAllProblems {
		return true
	}
	m.More++
	return false
}

func (b *binding) keep(m *Match, p Problem) {
	m.Problems = append(m.Problems, p)
	b.problems++
}

// typeDiffers notes that a type with a name is another one.
func (b *binding) typeDiffers(i int, want *plan.Extern, have *wit.TypeDef, mis *wit.Mismatch) {
	w := &b.why[i]
	p := Problem{Cause: OtherType, Item: want.Name, WantType: want.Type, HaveType: have}
	if w.known(mis) {
		if p.Follows, p.Text = true, mis.String(); b.keeps(&b.matches[i]) {
			b.keep(&b.matches[i], p)
		}
		return
	}
	if w.types == nil {
		w.types = map[wit.Mismatch]bool{}
	}
	w.types[wit.Mismatch{Want: mis.Want, Have: mis.Have}] = true
	b.lacks(i, p, "type %s has another structure: %s", want.Name, mis)
}

// funcDiffers notes that a function has another type.
func (b *binding) funcDiffers(i int, want *plan.Extern, have *wit.Func, of supply, mis *wit.Mismatch) {
	p := Problem{Cause: OtherType, Item: want.Name, Want: want.Func, Have: have}
	if w := &b.why[i]; w.known(mis) {
		w.users++
		if p.Follows, p.Text = true, mis.String(); b.keeps(&b.matches[i]) {
			b.keep(&b.matches[i], p)
		}
		return
	}
	b.lacks(i, p, "function %s of %s has another type: %s", want.Name, of, mis)
}

func (w *why) known(mis *wit.Mismatch) bool {
	return w.types[wit.Mismatch{Want: mis.Want, Have: mis.Have}]
}

// explain writes the reason of what is missing: how the offer was found, what is wrong with
// it, and which side is older.
func (b *binding) explain(i int) {
	m, w := &b.matches[i], &b.why[i]
	if m.Quality != Missing {
		return
	}
	m.Stubs = nil
	reasons := w.reasons
	if w.more > 0 {
		reasons = append(reasons, fmt.Sprintf("and %d more like that", w.more))
	}
	switch {
	case w.users == 1:
		reasons = append(reasons, "1 function uses such a type")
	case w.users > 1:
		reasons = append(reasons, fmt.Sprintf("%d functions use such types", w.users))
	}
	if m.Cause == LacksFunction || m.Cause >= OtherType {
		if age := m.age(); age != "" {
			reasons = append(reasons, age)
		}
		if m.How != "" {
			m.Reason = m.How + ": "
		}
	}
	m.Reason += strings.Join(reasons, "; ")
}

// age says which side is older, and what that means for the reason.
func (m *Match) age() string {
	want, err := wit.ParseName(m.Import)
	if err != nil || m.Offer == "" || m.Cause == OtherKind {
		return ""
	}
	have, err := wit.ParseName(m.Offer)
	if err != nil || want.Unversioned() != have.Unversioned() {
		return ""
	}
	age := want.Version.Compare(have.Version)
	const mend = "though types must not change on one track: build one of the two with the WIT of the other"
	switch lacks := m.Cause == LacksFunction; {
	case age != 0 && want.Version.Pre != "":
		return fmt.Sprintf("%s was free to differ: build the component again with the WIT of %s", want.Version, have.Version)
	case age != 0 && have.Version.Pre != "":
		return fmt.Sprintf("%s, which this host has, was free to differ", have.Version)
	case age > 0 && lacks:
		return fmt.Sprintf("the component is built for %s, which is newer than this host's %s", want.Version, have.Version)
	case age < 0 && lacks:
		return fmt.Sprintf("the component is built for %s, and what it uses is no longer in this host's %s", want.Version, have.Version)
	case age > 0:
		return fmt.Sprintf("the component is newer (%s, this host %s), %s", want.Version, have.Version, mend)
	case age < 0:
		return fmt.Sprintf("the component is older (%s, this host %s), %s", want.Version, have.Version, mend)
	case want.Version.IsZero():
		return ""
	}
	return fmt.Sprintf("both call it %s, so the WIT of one was changed and the version was not", want.Version)
}

// whyMissing explains an import that nothing meets: another version of it may be
// there.
func (l *Linker) whyMissing(im plan.Import) (cause Cause, near, reason string) {
	what := "no " + im.Extern.Sort.String() + " of that name is offered"
	switch im.Extern.Sort {
	case binary.SortInstance:
		what = "no interface of that name is offered"
	case binary.SortFunc:
		what = "no function of that name is offered"
	}
	name, err := wit.ParseName(im.Name)
	if err != nil {
		return NotOffered, "", what
	}
	others := l.versionsOf(name)
	if len(others) == 0 {
		return NotOffered, "", what + ", in any version"
	}
	if line := onLine(name.Version, others); len(line) > 0 {
		return OtherPrerelease, line[len(line)-1].String(), "the host offers " + listed(line) +
			"; a prerelease is met by its exact name alone, unless an alias says that two names mean the same"
	}
	best := others[len(others)-1]
	reason = fmt.Sprintf("the host offers %s, which is on another track", listed(others))
	switch age := name.Version.Compare(best.Version); {
	case name.Version.IsZero():
		reason = fmt.Sprintf("the host offers %s; a name without a version is met by that name alone, unless an alias says what it means", listed(others))
	case best.Version.IsZero():
		reason = fmt.Sprintf("the host offers %s, without a version; that is met by that name alone, unless an alias says what it means", best)
	case age > 0:
		reason += "; the component is newer, and needs a newer host"
	default:
		reason += "; the component is older, and has to be built again for that track"
	}
	return OtherTrack, best.String(), reason
}

// versionsOf are the offers of that name in any version, the highest last.
func (l *Linker) versionsOf(name wit.Name) []wit.Name {
	var all []wit.Name
	for _, have := range l.names {
		if have.Unversioned() == name.Unversioned() {
			all = append(all, have)
		}
	}
	slices.SortFunc(all, func(a, b wit.Name) int { return a.Version.Compare(b.Version) })
	return all
}

// onLine are those names that would be on the track of v if there were no prereleases.
func onLine(v wit.Version, names []wit.Name) []wit.Name {
	line := func(v wit.Version) string {
		v.Pre = ""
		return v.Track()
	}
	var near []wit.Name
	for _, n := range names {
		if t := line(v); t != "" && t == line(n.Version) {
			near = append(near, n)
		}
	}
	return near
}

// listed is names for a message: the highest, if there are many.
func listed(names []wit.Name) string {
	if len(names) > 3 {
		return fmt.Sprintf("%s and %d lower versions", names[len(names)-1], len(names)-1)
	}
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = n.String()
	}
	return strings.Join(all, " and ")
}
