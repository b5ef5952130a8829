package wit

import "strings"

// DiffPackages tells what changed from one state of a package to another. A change
// breaks if a component that was built against the old state, or a host that offers it,
// does not fit the new one:
//
//   - an interface may get functions and types, and lose and change none;
//   - a world may get imports and lose exports, since a component need not use all that
//     a world imports, and may export more;
//   - the version stays on its track.
//
// What is marked @unstable may come and go.
func DiffPackages(old, new *Package) []Change {
	d := newChangeFinder()
	d.types, d.old, d.new = true, old.Name, new.Name
	d.versions("package "+old.Name.String(), old.Name, new.Name)
	interfaces := func(p *Package) map[string]*Interface {
		return named(p.Interfaces, func(i *Interface) string { return i.Name.Interface })
	}
	had, has := interfaces(old), interfaces(new)
	for _, i := range old.Interfaces {
		at := "interface " + i.Name.Unversioned().String()
		if n := has[i.Name.Interface]; n != nil {
			d.iface(at, i, n, offered)
		} else {
			d.alone(at, "removed", breaks, i.Gate)
		}
	}
	for _, i := range new.Interfaces {
		if had[i.Name.Interface] == nil {
			d.alone("interface "+i.Name.Unversioned().String(), "added", fine, i.Gate)
		}
	}
	worlds := func(p *Package) map[string]*World {
		return named(p.Worlds, func(w *World) string { return w.Name.Interface })
	}
	hadWorld, hasWorld := worlds(old), worlds(new)
	for _, w := range old.Worlds {
		at := "world " + w.Name.Unversioned().String()
		if n := hasWorld[w.Name.Interface]; n != nil {
			d.items(at+", import", w.Imports, n.Imports, offered)
			d.items(at+", export", w.Exports, n.Exports, required)
		} else {
			d.alone(at, "removed", breaks, w.Gate)
		}
	}
	for _, w := range new.Worlds {
		if hadWorld[w.Name.Interface] == nil {
			d.alone("world "+w.Name.Unversioned().String(), "added", fine, w.Gate)
		}
	}
	return d.changes
}

func (d *changeFinder) versions(where string, old, new Name) {
	switch a, b := old.Version, new.Version; {
	case a == b:
	case b.IsZero():
		d.add(where, "the version is gone", true)
	case a.IsZero():
		d.add(where, "the version is "+b.String()+", there was none", true)
	case a.Track() == "":
		d.add(where, "the version is "+b.String()+", and "+a.String()+" is met by itself alone", true)
	case a.Track() != b.Track():
		d.add(where, "the version is "+b.String()+", on another track", true)
	}
}

// DiffComponents tells, of the worlds of two components, what keeps the new one from
// standing for the old one: it must export all that the old one does, and import
// nothing else. Types count where functions use them.
func DiffComponents(old, new *World) []Change {
	d := newChangeFinder()
	d.items("import", old.Imports, new.Imports, required)
	d.items("export", old.Exports, new.Exports, offered)
	return d.changes
}

// DiffTarget tells what keeps a component from being one of a world: it may import
// what the world does and nothing else, and exports all that the world does. Every
// change breaks. What the component does not use and what it exports besides are no
// changes.
func DiffTarget(component, world *World) []Change {
	d := newChangeFinder()
	d.now = ", the world has "
	d.items("import", component.Imports, world.Imports, presence{removed: breaks})
	d.items("export", component.Exports, world.Exports, presence{added: breaks})
	for i := range d.changes {
		c := &d.changes[i]
		if other, ok := strings.CutPrefix(c.What, "removed"); ok {
			c.What = "the world has none" + other
		} else if c.What == "added" {
			c.What = "the component has none"
		}
	}
	return d.changes
}

// items compares imports or exports. An interface stands for those on its track.
func (d *changeFinder) items(where string, old, new []WorldItem, p presence) {
	byName := map[string]*WorldItem{}
	tracks := map[Name][]Name{} // by the name without version
	for i := range new {
		byName[new[i].Name] = &new[i]
		if n, err := ParseName(new[i].Name); err == nil {
			tracks[n.Unversioned()] = append(tracks[n.Unversioned()], n)
		}
	}
	met := map[string]bool{}
	for i := range old {
		o := &old[i]
		n, other := byName[o.Name], ""
		if name, err := ParseName(o.Name); err == nil && n == nil {
			if d.owns(o) {
				name = d.new.In(name.Interface)
			}
			have := tracks[name.Unversioned()]
			if picked, ok := Pick(name, have); ok {
				n = byName[picked.String()]
			} else if len(have) > 0 {
				other = "; there is " + have[0].String() + ", on another track"
			}
		}
		if n == nil {
			d.alone(where+" "+itemLabel(o), "removed"+other, d.counts(o, p.removed), o.Gate)
			continue
		}
		met[n.Name] = true
		d.item(where, o, n, p)
	}
	for i := range new {
		if !met[new[i].Name] {
			d.alone(where+" "+itemLabel(&new[i]), "added", d.counts(&new[i], p.added), new[i].Gate)
		}
	}
}

// owns reports whether an item is an interface of the packages that are compared,
// which is compared by itself.
func (d *changeFinder) owns(i *WorldItem) bool {
	return i.Interface != nil && !d.old.IsZero() && i.Interface.Name.Pkg() == d.old
}

// counts is the fate of an item. Of a component's types only resources count by
// themselves, and of these not the names that others give them.
func (d *changeFinder) counts(i *WorldItem, f fate) fate {
	if i.Type == nil || d.types {
		return f
	}
	if _, resource := i.Type.Type.(*Resource); resource {
		return f
	}
	return silent
}

func itemLabel(i *WorldItem) string {
	switch {
	case i.Func != nil:
		return "func " + i.Name
	case i.Type != nil:
		return "type " + i.Name
	}
	return i.Name
}

func (d *changeFinder) item(where string, old, new *WorldItem, p presence) {
	where += " " + itemLabel(old)
	switch {
	case old.Func != nil && new.Func != nil:
		d.function(where, old.Func, new.Func)
	case old.Interface != nil && new.Interface != nil:
		if d.owns(old) {
			return
		}
		d.iface(where, old.Interface, new.Interface, p)
	case old.Type != nil && new.Type != nil:
		d.wholeType(where, old.Type, new.Type)
	default:
		d.add(where, itemKind(old)+d.now+itemKind(new), true)
	}
}

func itemKind(i *WorldItem) string {
	switch {
	case i.Func != nil:
		return "a function"
	case i.Type != nil:
		return "a type"
	}
	return "an interface"
}

// NextVersion is the lowest version that a package of version v may get after changes,
// by semantic versioning: what breaks leaves the track, what does not leaves the minor
// version, or below 1.0.0 the patch. It is v where nothing stable changed, where v is a
// pre-release, which promises nothing, and where there is no version.
func NextVersion(v Version, changes []Change) Version {
	changed, breaking := false, false
	for _, c := range changes {
		changed = changed || !c.Unstable
		breaking = breaking || c.Breaks
	}
	switch {
	case !changed || v.IsZero() || v.Pre != "":
		return v
	case v.Major > 0 && breaking:
		return V(v.Major+1, 0, 0)
	case v.Major > 0, v.Minor > 0 && breaking:
		return V(v.Major, v.Minor+1, 0)
	}
	return V(v.Major, v.Minor, v.Patch+1)
}
