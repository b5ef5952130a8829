package wit

import "strings"

// PrintWorld returns a world with all that it refers to as one text: the world
// in its package, and the interfaces in nested packages. It is how a world that
// was read from a component is shown; where such a world has no name it is
// printed as root:component/root. [Parse] reads the text.
//
// Where a component imports and exports the same interface, the text shows it
// once, with the items of both.
func PrintWorld(w *World) string { return Printer{}.World(w) }

// World is [PrintWorld] with the options of p.
func (p Printer) World(world *World) string {
	name := world.Name
	if name.IsZero() {
		name = Name{Namespace: "root", Package: "component", Interface: "root"}
	}
	w := &writer{Printer: p, pkg: name.Pkg()}
	packages := gather(world)
	w.line("package %s;", pkgName(name))
	for _, pkg := range packages {
		if pkg.Name == name.Pkg() {
			for _, i := range pkg.Interfaces {
				w.blank()
				w.namedInterface(i)
			}
		}
	}
	w.blank()
	named := *world
	named.Name = name
	w.world(&named)
	for _, pkg := range packages {
		if pkg.Name != name.Pkg() {
			w.nested(pkg)
		}
	}
	return w.String()
}

func (w *writer) nested(p *Package) {
	w.blank()
	w.note(p.Docs, Gate{})
	outer := w.pkg
	w.pkg = p.Name
	end := w.open("package %s", pkgName(p.Name))
	for n, i := range p.Interfaces {
		if n > 0 {
			w.blank()
		}
		w.namedInterface(i)
	}
	for n, world := range p.Worlds {
		if n+len(p.Interfaces) > 0 {
			w.blank()
		}
		w.world(world)
	}
	end()
	w.pkg = outer
}

// gather collects the named interfaces that a world leads to, by package.
func gather(world *World) []*Package {
	g := gatherer{seen: map[*Interface]bool{}, byName: map[Name]*Interface{}, pkgs: map[Name]*Package{}}
	for _, list := range [][]WorldItem{world.Imports, world.Exports} {
		for _, it := range list {
			switch {
			case it.Interface != nil:
				g.add(it.Interface, it.interfaceName())
			case it.Func != nil:
				g.funcRefs(it.Func)
			case it.Type != nil:
				g.ref(it.Type)
			}
		}
	}
	return g.order
}

// interfaceName is the full name of the interface of an item, or the zero Name.
func (it WorldItem) interfaceName() Name {
	if !it.Interface.Name.IsZero() || it.isPlain() {
		return it.Interface.Name
	}
	n, _ := ParseName(it.Name)
	return n
}

type gatherer struct {
	seen   map[*Interface]bool
	byName map[Name]*Interface
	pkgs   map[Name]*Package
	order  []*Package
}

func (g *gatherer) add(i *Interface, name Name) {
	if g.seen[i] {
		return
	}
	g.seen[i] = true
	if !name.IsZero() {
		g.join(i, name)
	}
	for _, t := range i.Types {
		g.ref(t)
	}
	for _, f := range i.Funcs {
		g.funcRefs(f)
	}
}

// join adds the items of i to those of the interface of its name.
func (g *gatherer) join(i *Interface, name Name) {
	all := g.byName[name]
	if all == nil {
		all = &Interface{Name: name, Docs: i.Docs, Gate: i.Gate}
		g.byName[name] = all
		pkg := g.pkgs[name.Pkg()]
		if pkg == nil {
			pkg = &Package{Name: name.Pkg()}
			g.pkgs[name.Pkg()] = pkg
			g.order = append(g.order, pkg)
		}
		pkg.Interfaces = append(pkg.Interfaces, all)
	}
	types := map[string]bool{}
	for _, t := range all.Types {
		types[t.Name] = true
	}
	for _, t := range i.Types {
		if !types[t.Name] {
			all.Types = append(all.Types, t)
		}
	}
	funcs := map[string]bool{}
	for _, f := range all.Funcs {
		funcs[f.Name] = true
	}
	for _, f := range i.Funcs {
		if !funcs[f.Name] {
			all.Funcs = append(all.Funcs, f)
		}
	}
}

func (g *gatherer) funcRefs(f *Func) {
	for _, p := range f.Params {
		eachRef(p.Type, g.ref)
	}
	eachRef(f.Result, g.ref)
}

// ref adds the interface that t is declared in, and those that t leads to.
func (g *gatherer) ref(t *TypeDef) {
	for {
		if t.Interface != nil {
			g.add(t.Interface, t.Interface.Name)
		}
		next, ok := t.Type.(*TypeDef)
		if !ok {
			return
		}
		t = next
	}
}

func (w *writer) world(world *World) {
	w.note(world.Docs, world.Gate)
	end := w.open("world %s", escape(world.Name.Interface))
	defer end()

	var types []*TypeDef
	var funcs []*Func
	methods := map[string][]*Func{}
	for _, it := range world.Imports {
		if it.Type != nil {
			types = append(types, it.Type)
		}
	}
	for _, list := range [][]WorldItem{world.Imports, world.Exports} {
		for _, it := range list {
			if it.Func != nil {
				funcs = append(funcs, it.Func)
			}
		}
	}
	w.scope = newPrintScope(w, nil, world, types, funcs)
	defer func() { w.scope = nil }()
	for _, it := range world.Imports {
		if it.Func != nil {
			if r := resourceName(it.Func); r != "" {
				methods[r] = append(methods[r], it.Func)
			}
		}
	}
	w.scope.printExtra(w)
	for n := 0; n < len(world.Imports); {
		n += w.imported(world.Imports[n:], methods)
	}
	for _, it := range world.Exports {
		w.extern("export", it)
	}
}

// imported prints the first of list, together with those that follow it in one
// `use`, and returns how many that were.
func (w *writer) imported(list []WorldItem, methods map[string][]*Func) int {
	it := list[0]
	if it.Type == nil {
		if it.Func == nil || it.Func.Kind == Freestanding {
			w.extern("import", it)
		}
		return 1
	}
	var run []*TypeDef
	for _, it := range list {
		if it.Type == nil {
			break
		}
		run = append(run, it.Type)
	}
	if n := w.useRun(run); n > 0 {
		w.use(run[:n])
		return n
	}
	w.typeDef(it.Type, methods[it.Type.Name])
	return 1
}

// extern prints an import or export other than an imported type. What WIT has no
// words for becomes a comment.
func (w *writer) extern(word string, it WorldItem) {
	switch {
	case it.Interface != nil && it.isPlain() && it.Interface.Name.IsZero():
		w.note(it.Docs, it.Gate)
		end := w.open("%s %s: interface", word, escape(it.Name))
		w.interfaceBody(it.Interface)
		end()
	case it.Interface != nil && it.isPlain():
		w.note(it.Docs, it.Gate)
		w.line("%s %s: %s;", word, escape(it.Name), w.path(it.Interface.Name))
	case it.Interface != nil && !it.interfaceName().IsZero():
		w.note(it.Docs, it.Gate)
		w.line("%s %s;", word, w.path(it.interfaceName()))
	case it.Func != nil && it.Func.Kind == Freestanding && isKebab(it.Name):
		w.note(it.Docs, it.Gate)
		w.line("%s %s: %s;", word, escape(it.Name), w.funcType(it.Func))
	default:
		w.line("// %s %s", word, strings.Map(printable, it.Name))
	}
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return '?'
	}
	return r
}
