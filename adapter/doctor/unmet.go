package doctor

import (
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/wit"
)

// Unmet tells why an import is not met: one finding for each thing that is wrong with it,
// and none for an import that is met. It has the words that a whole report has, for those
// who have a *[component.LinkError].
func Unmet(m component.Match) []Finding {
	if m.Quality != component.Missing {
		return nil
	}
	var found []Finding
	var lacking []component.Problem
	drifted := newDrifts(m)
	for _, p := range m.Problems {
		switch {
		case p.Cause == component.LacksFunction:
			lacking = append(lacking, p)
		case p.Cause == component.OtherType:
			drifted.add(p)
		default:
			found = append(found, whole(m, p))
		}
	}
	found = append(found, drifted.findings()...)
	if len(lacking) > 0 {
		found = append(found, lacks(m, lacking))
	}
	if m.More > 0 && len(found) > 0 {
		last := &found[len(found)-1]
		last.Details = append(last.Details, fmt.Sprintf("and %d problems more with %s", m.More, m.Import))
	}
	return found
}

// whole is the finding where the import as a whole is not met.
func whole(m component.Match, p component.Problem) Finding {
	f := Finding{Severity: Error, Subject: m.Import, Cause: p.Text}
	n, err := wit.ParseName(m.Import)
	link := fmt.Sprintf("meet it by --link %s=FILE, or let calls of it trap with --stub missing", m.Import)
	switch p.Cause {
	case component.NotOffered:
		f.Code, f.Cure = NotOffered, link
		switch i := ours()[n.Unversioned()]; {
		case strings.HasPrefix(p.Text, "no core module"), strings.HasPrefix(p.Text, "no component"):
			f.Cure = fmt.Sprintf("meet it by --link %s=FILE", m.Import)
		case strings.HasSuffix(p.Text, needsItself):
			f.Code, f.Cure = Circle, cureCircle
		case strings.HasPrefix(p.Text, "the component that is to meet it"):
			f.Code, f.Cure = LinkedNeeds, "link what that component imports, too: one --link for each"
		case err != nil || n.Namespace != "wasi":
		case i && n.Package == "http":
			f.Code, f.Cause, f.Cure = HTTPNotLinked, "wasi:http is not linked on this host", "offer it: hostimpl.Link has it, and Linker.Define for one of your own"
		case i:
			f.Code, f.Cause, f.Cure = WASINotLinked, "WASI is not linked: the host offers no wasi:"+n.Package, "link it: hostimpl.Link(linker, hostimpl.Config{...}), or adapter.Link for core modules, too"
		default:
			if near := wit.Instead(n.Unversioned().String(), ourNames()); strings.Contains(near, "did you mean") {
				f.Cause = "WASI has no such interface" + near
			}
		}
	case component.OtherPrerelease:
		f.Code = OtherPrerelease
		f.Cause = "a prerelease is met by its exact name alone, and the host offers " + m.Near
		f.Cure = fmt.Sprintf("build it again with the WIT of %s, or try --alias %s=%s", version(m.Near), m.Import, m.Near)
		f.Details = []string{p.Text}
	case component.OtherTrack:
		f.Cause = "the host offers " + m.Near + ", which is on another track"
		near, _ := wit.ParseName(m.Near)
		switch age := n.Version.Compare(near.Version); {
		case n.Version.IsZero() || near.Version.IsZero():
			f.Code = NoVersion
			f.Cause = "the host offers " + m.Near + ", and a name without a version means itself alone"
			f.Cure = fmt.Sprintf("build it again with the WIT of %s, or try --alias %s=%s", m.Near, m.Import, m.Near)
		case age > 0:
			f.Code, f.Cure = NewerTrack, fmt.Sprintf("build it for %s, or run it on a newer host", track(near.Version))
			f.Cause += ": the component is newer"
		default:
			f.Code, f.Cure = OlderTrack, "build it again with the WIT of "+near.Version.String()
			f.Cause += ": the component is older"
		}
	case component.BadAlias:
		f.Code, f.Cure = AliasLeadsNowhere, "give the alias a name that is offered, or leave it out"
	case component.OtherKind:
		f.Code, f.Cure = OtherKindOfThing, "offer what is asked for under this name"
		switch {
		case p.WantSort == "a core module":
			f.Code, f.Cure = ModuleWanted, "link a core module, such as the one of which the component was made"
		case p.HaveSort == "a core module":
			f.Code, f.Cure = ComponentWanted, "make a component of the core module first: wasm-tools component new"
		case m.Shim != nil:
			f.Code, f.Cure = ShimFails, "offer the host's own interface under "+m.Shim.To+", which the shim builds on"
		case strings.HasSuffix(p.Text, needsItself):
			f.Code, f.Cure = Circle, cureCircle
		case strings.HasPrefix(p.Text, "with what it is given"):
			f.Code, f.Cure = CannotLink, "link smaller or other parts"
		}
	}
	return f
}

const (
	needsItself = "needs itself"
	cureCircle  = "link something that does not import what it is to provide"
)

// lacks is the finding for what an interface does not have.
func lacks(m component.Match, lacking []component.Problem) Finding {
	names := make([]string, len(lacking))
	for i, p := range lacking {
		names[i] = p.Item
	}
	f := Finding{Severity: Error, Subject: m.Import}
	has := m.Offer + " here has no " + some(names)
	if len(names) > few {
		has = fmt.Sprintf("%s here lacks %d items: %s", m.Offer, len(names), some(names))
	}
	for _, p := range lacking[:min(len(lacking), few)] {
		if p.Want != nil {
			f.Details = append(f.Details, "+ "+signature(p.Want))
		}
	}
	if m.How != "" {
		f.Details = append(f.Details, "it is met "+m.How)
	}
	const trap = "let calls of it trap with --stub missing"
	want, have := versions(m)
	switch s := side(m); {
	case m.Guest:
		f.Code, f.Cause, f.Cure = FunctionMissing, "what is linked, "+m.Offer+", has no "+some(names), "link something that exports it, or "+trap
	case want.IsZero() && m.Quality == component.Missing && strings.HasPrefix(m.How, "by its alias"):
		f.Code, f.Cause, f.Cure = FunctionMissing, has, "correct the alias, or "+trap
	case want.Pre != "" || have.Pre != "":
		f.Code, f.Cause = FunctionGone, fmt.Sprintf("%s: %s was a prerelease", has, either(want, have))
		f.Cure = fmt.Sprintf("build it again with the WIT of %s, or %s", have, trap)
	case s == newerComponent:
		f.Code, f.Cause = NewerPatch, fmt.Sprintf("%s: the component is built for %s, which is newer", has, want)
		f.Cure = fmt.Sprintf("build it with the WIT of %s, use a newer host, or %s", have, trap)
	case s == newerHost:
		f.Code, f.Cause = FunctionGone, fmt.Sprintf("%s: the component is built for %s, which had it", has, want)
		f.Cure = fmt.Sprintf("build it again with the WIT of %s, or %s", have, trap)
	default:
		f.Code, f.Cause, f.Cure = FunctionMissing, has, "build it with the WIT that the host has, or "+trap
	}
	return f
}

func either(want, have wit.Version) wit.Version {
	if want.Pre != "" {
		return want
	}
	return have
}

// Which side is newer, as JSON has it.
const (
	newerComponent = "component"
	newerHost      = "host"
)

// side tells which side is newer by the versions of the same name; empty where they do not
// tell.
func side(m component.Match) string {
	want, have := versions(m)
	switch {
	case want.IsZero() || have.IsZero():
		return ""
	case want.Compare(have) > 0:
		return newerComponent
	case want.Compare(have) < 0:
		return newerHost
	}
	return ""
}

// versions are those of an import and of what meets it, zero where they are no versions of
// the same.
func versions(m component.Match) (want, have wit.Version) {
	w, err := wit.ParseName(m.Import)
	h, herr := wit.ParseName(m.Offer)
	if err != nil || herr != nil || w.Unversioned() != h.Unversioned() {
		return wit.Version{}, wit.Version{}
	}
	return w.Version, h.Version
}

// version is the version of a name as text.
func version(name string) string {
	if n, err := wit.ParseName(name); err == nil && !n.Version.IsZero() {
		return n.Version.String()
	}
	return name
}

func track(v wit.Version) string {
	if t := v.Track(); t != "" {
		return t
	}
	return v.String()
}
