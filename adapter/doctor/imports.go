package doctor

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl"
	witfiles "github.com/tenon-wasm/tenon/hostimpl/wit"
	"github.com/tenon-wasm/tenon/wit"
)

// imports finds by what the imports are met.
func (e *exam) imports() {
	l := component.NewLinker(nil)
	e.offer(l)
	known := e.link(l)
	for _, a := range e.options.Aliases {
		if !slices.ContainsFunc(known, a.means) {
			e.find(Finding{Code: AliasMeansNothing, Severity: Error, Subject: fmt.Sprintf("--alias %s=%s", a.From, a.To),
				Cause: "nothing imports " + a.From + wit.Instead(a.From, packagesToo(known)), Cure: "correct the name, or leave the alias out"})
			continue
		}
		if err := l.Alias(a.From, a.To); err != nil {
			e.find(Finding{Code: AliasMeansNothing, Severity: Error, Subject: fmt.Sprintf("--alias %s=%s", a.From, a.To),
				Cause: err.Error(), Cure: "give two interfaces, or two packages"})
		}
	}
	l.StubMissing(e.options.Stubs)
	items := map[string]int{}
	for _, it := range e.app.World().Imports {
		switch {
		case it.Interface != nil:
			items[it.Name] = len(it.Interface.Funcs)
		case it.Func != nil:
			items[it.Name] = 1
		}
	}
	told := map[*component.Shim]bool{}
	var found []Finding
	for _, m := range l.Match(e.app) {
		r := row(m, items[m.Import])
		r.Wanted, r.By = e.called(r.Wanted), e.called(r.By)
		e.report.Imports = append(e.report.Imports, r)
		if len(found) >= maxFindings && m.Quality == component.Missing {
			e.report.More++
			e.report.failed = true
			continue
		}
		found = append(found, Unmet(m)...)
		found = append(found, standIns(m, told)...)
	}
	e.find(merged(found)...)
}

// merged makes one finding of those that say for each interface that WASI is not linked.
func merged(all []Finding) []Finding {
	var kept []Finding
	first := map[Code]int{}
	others := map[Code][]string{}
	for _, f := range all {
		if f.Code == WASINotLinked || f.Code == HTTPNotLinked {
			if _, again := first[f.Code]; again {
				others[f.Code] = append(others[f.Code], f.Subject)
				continue
			}
			first[f.Code] = len(kept)
		}
		kept = append(kept, f)
	}
	for code, names := range others {
		f := &kept[first[code]]
		f.Details = append(f.Details, "the same for "+some(names))
	}
	return kept
}

// Missing tells why imports are not met, for those who have a *[component.LinkError]: what
// [Unmet] says of each, with what is the same for many told once.
func Missing(matches []component.Match) []Finding {
	var found []Finding
	for _, m := range matches {
		found = append(found, Unmet(m)...)
	}
	return merged(found)
}

// offer defines what the host offers.
func (e *exam) offer(l *component.Linker) {
	if e.options.Offer != nil {
		if err := e.options.Offer(l); err != nil {
			e.cannotGrant(err)
		}
		return
	}
	host, err := hostimpl.New(e.options.Grants)
	if err != nil {
		e.cannotGrant(err)
		if host, err = hostimpl.New(hostimpl.Config{}); err != nil {
			return
		}
	}
	defer host.Close()
	if err := adapter.Link(l, host, e.options.Adapter); err != nil {
		e.cannotGrant(err)
	}
	if err := l.Shim(adapter.Shims()...); err != nil {
		e.cannotGrant(err)
	}
}

func (e *exam) cannotGrant(err error) {
	e.find(Finding{Code: CannotGrant, Severity: Error, Cause: strings.TrimPrefix(err.Error(), "hostimpl: "),
		Cure: "grant what is there, or leave that out"})
}

// link offers what is in other files, and answers what all of them import.
func (e *exam) link(l *component.Linker) (known []string) {
	known = importNames(e.app, known)
	type linked struct {
		Link
		component *component.Component
	}
	var files []linked
	for _, k := range e.options.Links {
		f := linked{Link: k}
		// A module that carries a world is the component that it stands for.
		if kind := adapter.Identify(k.Data); component.KindOf(k.Data) != component.KindModule || kind == adapter.Embedded || kind == adapter.Mixed {
			c, err := readComponent(k.Data)
			if err != nil {
				e.find(Finding{Code: LinkUnreadable, Severity: Error, Subject: k.subject(), Cause: err.Error(),
					Cure: "examine that file first: tenon doctor --library " + k.Path})
				continue
			}
			f.component = c
			known = importNames(c, known)
		}
		files = append(files, f)
	}
	for _, f := range files {
		names := MeantBy(f.Name, known)
		if len(names) == 0 {
			e.find(Finding{Code: LinkMeansNothing, Severity: Error, Subject: f.subject(),
				Cause: "nothing imports " + f.Name + wit.Instead(f.Name, known), Cure: "correct the name, or leave the link out"})
		}
		for _, name := range names {
			if f.component != nil {
				l.DefineComponent(name, f.component)
			} else if err := l.DefineModule(name, f.Data); err != nil {
				e.find(Finding{Code: LinkUnreadable, Severity: Error, Subject: f.subject(), Cause: err.Error(),
					Cure: "examine that file first: tenon doctor --library " + f.Path})
			}
		}
	}
	return known
}

func (k Link) subject() string { return fmt.Sprintf("--link %s=%s", k.Name, k.Path) }

// importNames adds what a component imports to names.
func importNames(c *component.Component, names []string) []string {
	seen := make(map[string]bool, len(names))
	for _, n := range names {
		seen[n] = true
	}
	for _, im := range c.ImportNames() {
		if !seen[im] {
			seen[im] = true
			names = append(names, im)
		}
	}
	return names
}

// MeantBy finds the imports that the name of a link means: the one of that name, else those
// on its track, else, where it leaves the version out, those of every version.
func MeantBy(name string, imports []string) []string {
	if slices.Contains(imports, name) {
		return []string{name}
	}
	want, err := wit.ParseName(name)
	if err != nil {
		return nil
	}
	var names []string
	for _, im := range imports {
		have, err := wit.ParseName(im)
		if err != nil {
			continue
		}
		_, same := wit.Pick(want, []wit.Name{have})
		if same || have.Unversioned() == want {
			names = append(names, im)
		}
	}
	return names
}

// means reports whether the alias is for an import.
func (a Alias) means(im string) bool {
	n, err := wit.ParseName(im)
	return err == nil && (n.String() == a.From || n.Pkg().String() == a.From)
}

// packagesToo adds to names of interfaces those of their packages.
func packagesToo(names []string) []string {
	all := slices.Clone(names)
	for _, n := range names {
		if name, err := wit.ParseName(n); err == nil && !slices.Contains(all, name.Pkg().String()) {
			all = append(all, name.Pkg().String())
		}
	}
	return all
}

// called is what an import is called in the file: of a core module, preview 1 is imported
// under a name that no component could have.
func (e *exam) called(im string) string {
	if e.kind != adapter.Component && strings.HasPrefix(im, "wasi-") {
		return strings.ReplaceAll(im, "-", "_")
	}
	return im
}

// row is a row of the table.
func row(m component.Match, items int) Import {
	r := Import{Wanted: m.Import, Items: items, By: m.Offer, OK: m.Quality != component.Missing, Verdict: "ok"}
	switch m.Quality {
	case component.Exact:
		r.Rule = "exact"
		if m.Offer == "" {
			r.Rule = "types only"
		}
	case component.Compatible:
		r.Rule = "track"
	case component.Aliased:
		r.Rule = "alias"
	case component.Shimmed:
		r.Rule = "shim"
	case component.Stubbed:
		r.Rule, r.Verdict = "stub", plural(len(m.Stubs), "stub")
	default:
		r.Verdict = m.Cause.String()
		switch {
		case m.Shim != nil:
			r.Rule = "shim"
		case m.How != "":
			r.Rule = "alias"
		case m.Offer == m.Import:
			r.Rule = "exact"
		case m.Offer != "":
			r.Rule = "track"
		}
	}
	if m.Guest {
		r.Rule = "link"
	}
	return r
}

// standIns tells of shims and stubs, each shim once.
func standIns(m component.Match, told map[*component.Shim]bool) (found []Finding) {
	if m.Quality == component.Missing {
		return nil
	}
	if m.Shim != nil && !told[m.Shim] {
		told[m.Shim] = true
		found = append(found, Finding{Code: ByShim, Severity: Note, Subject: m.Import,
			Cause: fmt.Sprintf("it is met through a shim, %s: %s", m.Shim, m.Shim.Why),
			Cure:  "build it again for WASI 0.2 when you can"})
	}
	if len(m.Stubs) > 0 {
		f := Finding{Code: Stubbed, Severity: Warning, Subject: m.Import,
			Cause: fmt.Sprintf("nobody provides %s, for which stubs stand in", plural(len(m.Stubs), "function")),
			Cure:  "provide them with --link, unless it does without"}
		for _, s := range m.Stubs[:min(len(m.Stubs), few)] {
			f.Details = append(f.Details, s.String())
		}
		if more := len(m.Stubs) - few; more > 0 {
			f.Details = append(f.Details, fmt.Sprintf("and %d more", more))
		}
		found = append(found, f)
	}
	return found
}

// ours are the interfaces that hostimpl has the WIT of.
var ours = sync.OnceValue(func() map[wit.Name]bool {
	all := map[wit.Name]bool{}
	for _, p := range packages() {
		for _, i := range p.Interfaces {
			all[i.Name.Unversioned()] = true
		}
	}
	return all
})

var ourNames = sync.OnceValue(func() []string {
	var names []string
	for n := range ours() {
		names = append(names, n.String())
	}
	slices.Sort(names)
	return names
})

// packages is the WIT of hostimpl. It is part of the program, so there is no error.
var packages = sync.OnceValue(func() []*wit.Package {
	all, err := wit.ParseFS(witfiles.FS, ".")
	if err != nil {
		panic(err)
	}
	return all
})
