package wit

import (
	"slices"
	"strings"
)

// Parse reads one package that is spread over files, and the packages nested in
// them. The package itself comes first, then the nested ones in order. All
// references must be met within these files; a [Resolver] joins packages of
// several places. An error that concerns the text is a *[ParseError].
func Parse(files ...File) ([]*Package, error) {
	var r Resolver
	if err := r.Add(files...); err != nil {
		return nil, err
	}
	return r.Resolve()
}

// A Resolver gathers packages and resolves the references among them. The zero
// Resolver is ready to use.
type Resolver struct {
	// Tracks lets a reference to a version that is not there be met by the
	// highest version there on the same track, as a linker would (0.2.6 by
	// 0.2.12). Interfaces keep the name of the version that was found. Without
	// it only the exact version will do.
	Tracks bool

	// Keep, if set, tells for every item with a gate whether to keep it; pkg is
	// the package that the gate stands in. It is an error for what is kept to
	// refer to what is not. By default all items are kept, unstable ones
	// included. See [Stable].
	Keep func(pkg Name, gate Gate) bool

	units  []*unit
	byName map[Name]*unit
	size   int // of the text, in bytes
}

// Stable returns a rule for [Resolver.Keep] that drops unstable items, except
// those of the named features.
func Stable(features ...string) func(Name, Gate) bool {
	return func(_ Name, g Gate) bool {
		return g.Unstable == "" || slices.Contains(features, g.Unstable)
	}
}

// unit is the text of one package.
type unit struct {
	name  Name
	at    pos
	docs  string
	parts []*astPackage
}

// Add adds a package that is spread over files, and the packages nested in them.
// A package that is there already, with the same text but for comments, is
// skipped; with other text it is an error. Every error is a *[ParseError].
func (r *Resolver) Add(files ...File) error {
	root := &unit{}
	units := []*unit{root}
	for _, f := range files {
		r.size += len(f.Text)
		part, nested, err := parseFile(f)
		if err != nil {
			return err
		}
		if err := root.join(part); err != nil {
			return err
		}
		for _, n := range nested {
			units = append(units, &unit{name: n.name, at: n.at, docs: n.note.docs, parts: []*astPackage{n}})
		}
	}
	if root.name.IsZero() {
		e := pos{}.errorf("no file says which package this is; begin one with `package namespace:name;`")
		if len(files) > 0 {
			e.File = files[0].Name
		}
		return e
	}
	for _, u := range units {
		if err := r.addUnit(u); err != nil {
			return err
		}
	}
	return nil
}

// join adds the part of a package that stands in one more file.
func (u *unit) join(part *astPackage) error {
	u.parts = append(u.parts, part)
	if part.name.IsZero() {
		return nil
	}
	switch {
	case u.name.IsZero():
		u.name, u.at = part.name, part.at
	case u.name != part.name:
		return part.at.errorf("package `%s` stands beside package `%s` of %s; files of one folder are one package",
			part.name, u.name, u.at.src.name)
	case u.docs != "" && part.note.docs != "":
		return part.at.errorf("package `%s` has doc comments in %s already", u.name, u.at.src.name)
	}
	if part.note.docs != "" {
		u.docs, u.at = part.note.docs, part.at
	}
	return nil
}

func (r *Resolver) addUnit(u *unit) error {
	have := r.byName[u.name]
	switch {
	case have == nil:
		if r.byName == nil {
			r.byName = map[Name]*unit{}
		}
		r.byName[u.name] = u
		r.units = append(r.units, u)
		return nil
	case have.at.src != u.at.src && sameTokens(have.parts, u.parts):
		return nil
	}
	return u.at.errorf("package `%s` is defined in two places; the other is in %s, line %d", u.name, have.at.src.name, have.at.errorf("").Line)
}

// sameTokens compares text but for comments and white space, and but for what
// tells a nested package from one with a folder of its own.
func sameTokens(a, b []*astPackage) bool {
	return slices.EqualFunc(itemTokens(a), itemTokens(b), func(x, y token) bool {
		return x.kind == y.kind && x.text == y.text
	})
}

func itemTokens(parts []*astPackage) []token {
	var all []token
	for _, p := range parts {
		t := slices.Concat(p.tokens...)
		if len(t) > 0 && t[0].text == "package" {
			i := slices.IndexFunc(t, func(t token) bool { return t.text == ";" || t.text == "{" })
			if t[i].text == "{" {
				t = t[:len(t)-1]
			}
			t = t[i+1:]
		}
		all = append(all, t...)
	}
	return all
}

// Resolve returns all packages that were added, in the order of Add. It may be
// called again after further packages were added, and then builds new values. Every
// error is a *[ParseError].
func (r *Resolver) Resolve() ([]*Package, error) {
	x := &resolution{Resolver: r, pkgs: map[Name]*pkgScope{}, types: map[*TypeDef]measure{}, deps: map[*Interface][]*Interface{}}
	for _, u := range r.units {
		if err := x.declare(u); err != nil {
			return nil, err
		}
	}
	if err := x.checkPackageCycles(); err != nil {
		return nil, err
	}
	var out []*Package
	for _, u := range r.units {
		p := x.pkgs[u.name]
		if err := x.resolvePackage(p); err != nil {
			return nil, err
		}
		out = append(out, p.out)
	}
	return out, nil
}

// resolution is one run of Resolve.
type resolution struct {
	*Resolver
	pkgs  map[Name]*pkgScope
	types map[*TypeDef]measure
	deps  map[*Interface][]*Interface // what each uses, once asked for
	depth int                         // of interfaces, worlds or types that wait for each other
	spent int                         // items copied into worlds
}

// Bounds against text that is short but means something vast.
const (
	maxDepth = 1000 // of definitions that lead to one another

	// maxWorldItems is for all worlds together; what they include and depend on counts
	// each time. Beyond a mebibyte, each sixteen bytes of text may have one more.
	maxWorldItems = 1 << 16
)

type pkgScope struct {
	out   *Package
	unit  *unit
	items map[string]*item // by folded name
	order []*item
}

// fileScope is where a name at the top level of a file is looked up.
type fileScope struct {
	pkg  *pkgScope
	uses map[string]*astTopUse
}

// item is an interface or a world of a package; one of astI and astW is set.
type item struct {
	name  ident
	file  *fileScope
	astI  *astInterface
	astW  *astWorld
	gate  Gate
	left  bool // left out by Keep
	state state

	iface *Interface
	types map[string]*TypeDef // of iface, by name
	world *World
}

// state tells how far the resolution of something has come; to meet what is
// underway again is a cycle.
type state uint8

const (
	waiting state = iota
	underway
	resolved
)

// fold maps names that may not stand beside each other to one.
func fold(name string) string { return strings.ToLower(name) }

func (x *resolution) keeps(pkg *pkgScope, n astNote) bool {
	return x.Keep == nil || n.gate.IsZero() || x.Keep(pkg.out.Name, n.gate)
}

// checkGate refuses gates that speak of versions yet to come.
func (x *resolution) checkGate(pkg *pkgScope, n astNote) error {
	v := pkg.out.Name.Version
	if v.IsZero() {
		return nil
	}
	if n.gate.Since.Compare(v) > 0 {
		return n.gateAt.errorf("@since names version %s, but the package is `%s`", n.gate.Since, pkg.out.Name)
	}
	return nil
}

// declare makes a scope of the items of a package.
func (x *resolution) declare(u *unit) error {
	p := &pkgScope{out: &Package{Name: u.name, Docs: u.docs}, unit: u, items: map[string]*item{}}
	x.pkgs[u.name] = p
	for _, part := range u.parts {
		file := &fileScope{pkg: p, uses: map[string]*astTopUse{}}
		for _, w := range part.interfaces {
			if err := x.declareItem(p, &item{name: w.name, file: file, astI: w}, w.astNote); err != nil {
				return err
			}
		}
		for _, w := range part.worlds {
			if err := x.declareItem(p, &item{name: w.name, file: file, astW: w}, w.astNote); err != nil {
				return err
			}
		}
		for _, use := range part.uses {
			key := fold(use.as.name)
			own := p.items[key]
			if file.uses[key] != nil || own != nil && own.file == file {
				return use.as.at.errorf("the name `%s` is taken in this file; give another one with `as`", use.as.name)
			}
			file.uses[key] = use
		}
	}
	return nil
}

func (x *resolution) declareItem(p *pkgScope, it *item, note astNote) error {
	if have := p.items[fold(it.name.name)]; have != nil {
		return it.name.at.errorf("`%s` is defined twice in package `%s`; the other is in %s, line %d",
			it.name.name, p.out.Name, have.name.at.src.name, have.name.at.errorf("").Line)
	}
	if err := x.checkGate(p, note); err != nil {
		return err
	}
	it.gate, it.left = note.gate, !x.keeps(p, note)
	p.items[fold(it.name.name)] = it
	p.order = append(p.order, it)
	return nil
}

func (x *resolution) resolvePackage(p *pkgScope) error {
	for _, part := range p.unit.parts {
		for _, use := range part.uses {
			it, err := x.lookup(&fileScope{pkg: p}, use.path)
			if err != nil {
				return err
			}
			if it.astI == nil {
				return use.path.item.at.errorf("`%s` is a world; a use at the top of a file names an interface", it.name.name)
			}
		}
	}
	for _, it := range p.order {
		if it.left {
			continue
		}
		if it.astI != nil {
			if err := x.interfaceOf(it, it.name.at); err != nil {
				return err
			}
			p.out.Interfaces = append(p.out.Interfaces, it.iface)
			continue
		}
		if err := x.worldOf(it, it.name.at); err != nil {
			return err
		}
		p.out.Worlds = append(p.out.Worlds, it.world)
	}
	return nil
}

// lookup finds what a path names, as seen from a file.
func (x *resolution) lookup(file *fileScope, path astPath) (*item, error) {
	pkg := file.pkg
	if path.pkg.IsZero() {
		if use := file.uses[fold(path.item.name)]; use != nil && use.as.name == path.item.name {
			return x.lookup(&fileScope{pkg: pkg}, use.path)
		}
	} else {
		p, err := x.packageOf(path)
		if err != nil {
			return nil, err
		}
		pkg = p
	}
	it := pkg.items[fold(path.item.name)]
	if it == nil || it.name.name != path.item.name {
		var have []string
		for _, it := range pkg.order {
			have = append(have, it.name.name)
		}
		for _, use := range file.uses {
			have = append(have, use.as.name)
		}
		return nil, path.item.at.errorf("package `%s` has no interface or world `%s`%s", pkg.out.Name, path.item.name, instead(path.item.name, have))
	}
	return it, nil
}

func (x *resolution) packageOf(path astPath) (*pkgScope, error) {
	if p := x.pkgs[path.pkg]; p != nil {
		return p, nil
	}
	var all []string
	var versions []Name
	for _, u := range x.units {
		all = append(all, u.name.String())
		if u.name.Unversioned() == path.pkg.Unversioned() {
			versions = append(versions, u.name)
		}
	}
	near, ok := Pick(path.pkg, versions)
	if ok && x.Tracks {
		return x.pkgs[near], nil
	}
	switch {
	case ok:
		return nil, path.at.errorf("package `%s` is not there; `%s` is, which may stand in for it where version tracks are allowed", path.pkg, near)
	case len(versions) > 0:
		return nil, path.at.errorf("package `%s` is not there; `%s` is", path.pkg, versions[len(versions)-1])
	}
	return nil, path.at.errorf("package `%s` is not there%s", path.pkg, instead(path.pkg.String(), all))
}

// enter counts how deep definitions lead to one another; leave undoes it.
func (x *resolution) enter(at pos) error {
	x.depth++
	if x.depth > maxDepth {
		return at.errorf("definitions lead to one another more than %d deep", maxDepth)
	}
	return nil
}

func (x *resolution) leave() { x.depth-- }
