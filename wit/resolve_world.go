package wit

import "strings"

// worldOf resolves the world of an item; at is who asks.
func (x *resolution) worldOf(it *item, at pos) error {
	switch {
	case it.astW == nil:
		return at.errorf("`%s` is an interface, not a world", it.name.name)
	case it.left:
		return at.errorf("world `%s` is left out because of its gate%s", it.name.name, gateHint(it.gate))
	case it.state == resolved:
		return nil
	case it.state == underway:
		return at.errorf("world `%s` includes itself", it.name.name)
	}
	if err := x.enter(at); err != nil {
		return err
	}
	defer x.leave()
	it.state = underway
	pkg := it.file.pkg.out
	it.world = &World{
		Name:    pkg.Name.In(it.name.name),
		Package: pkg,
		Docs:    it.astW.docs,
		Gate:    it.astW.gate,
	}
	b := &worldBuilder{x: x, world: it.world, imports: newItemSet("import"), exports: newItemSet("export")}
	b.scope = &scope{x: x, file: it.file, world: it.world, names: map[string]*entry{}}
	err := b.build(it.astW)
	it.state = resolved
	return err
}

// worldBuilder fills a world: first what the text lists, then what that implies.
type worldBuilder struct {
	x       *resolution
	world   *World
	scope   *scope
	imports *itemSet
	exports *itemSet
}

// itemSet holds imports or exports, in order, by folded name.
type itemSet struct {
	what  string
	items []WorldItem
	at    []pos
	index map[string]int
}

func newItemSet(what string) *itemSet {
	return &itemSet{what: what, index: map[string]int{}}
}

func (s *itemSet) find(name string) (int, bool) {
	i, ok := s.index[fold(name)]
	return i, ok
}

func (s *itemSet) append(it WorldItem, at pos) {
	s.index[fold(it.Name)] = len(s.items)
	s.items = append(s.items, it)
	s.at = append(s.at, at)
}

func (s *itemSet) add(it WorldItem, at pos) error {
	if i, ok := s.find(it.Name); ok {
		return at.errorf("%s `%s` is there already, from line %d", s.what, it.Name, s.at[i].errorf("").Line)
	}
	s.append(it, at)
	return nil
}

func (b *worldBuilder) build(w *astWorld) error {
	if err := b.declareTypes(w); err != nil {
		return err
	}
	for _, it := range w.items {
		if !b.x.keeps(b.scope.file.pkg, *noteOf(it)) {
			continue
		}
		if err := b.item(it); err != nil {
			return err
		}
	}
	return b.elaborate(w.name)
}

// declareTypes resolves the types of the world, which its functions may refer to
// wherever they stand.
func (b *worldBuilder) declareTypes(w *astWorld) error {
	s := b.scope
	for _, it := range w.items {
		note := *noteOf(it)
		if err := b.x.checkGate(s.file.pkg, note); err != nil {
			return err
		}
		keep := b.x.keeps(s.file.pkg, note)
		var err error
		switch it := it.(type) {
		case *astUse:
			err = s.declareUse(it, keep)
		case *astTypeDef:
			err = s.declareType(it, keep)
		}
		if err != nil {
			return err
		}
	}
	return s.resolveTypes()
}

func (b *worldBuilder) item(it any) error {
	switch it := it.(type) {
	case *astUse:
		for _, n := range it.names {
			def := b.scope.names[fold(n.as.name)].def
			if err := b.imports.add(WorldItem{Name: def.Name, Type: def, Gate: def.Gate}, n.as.at); err != nil {
				return err
			}
		}
	case *astTypeDef:
		return b.typeItem(it)
	case *astInclude:
		return b.include(it)
	case *astExtern:
		return b.extern(it)
	}
	return nil
}

func (b *worldBuilder) typeItem(d *astTypeDef) error {
	def := b.scope.names[fold(d.name.name)].def
	if err := b.imports.add(WorldItem{Name: def.Name, Type: def, Gate: def.Gate, Docs: def.Docs}, d.name.at); err != nil {
		return err
	}
	var twice error
	err := b.scope.resourceFuncs(d, func(f *Func) {
		if err := b.imports.add(funcItem(f), d.name.at); err != nil && twice == nil {
			twice = err
		}
	})
	if err == nil {
		err = twice
	}
	return err
}

func funcItem(f *Func) WorldItem {
	return WorldItem{Name: f.Name, Func: f, Gate: f.Gate, Docs: f.Docs}
}

func (b *worldBuilder) extern(e *astExtern) error {
	set := b.imports
	if e.export {
		set = b.exports
	}
	it := WorldItem{Name: e.name.name, Gate: e.gate, Docs: e.docs}
	switch {
	case e.fn != nil:
		f, err := b.scope.function(e.fn, nil)
		if err != nil {
			return err
		}
		it.Func = f
	case e.inline != nil:
		it.Interface = &Interface{Package: b.world.Package}
		if err := b.x.fillInterface(b.scope.file, it.Interface, e.inline.items); err != nil {
			return err
		}
	default:
		target, err := b.x.lookup(b.scope.file, *e.path)
		if err != nil {
			return err
		}
		if err := b.x.interfaceOf(target, e.path.item.at); err != nil {
			return err
		}
		it.Interface = target.iface
		if it.Name == "" {
			it.Name = target.iface.Name.String()
		}
	}
	return set.add(it, e.at)
}

// include joins the items of another world. Interfaces by their full name are
// joined with those that are there; plain names must be new.
func (b *worldBuilder) include(inc *astInclude) error {
	target, err := b.x.lookup(b.scope.file, inc.path)
	if err != nil {
		return err
	}
	if err := b.x.worldOf(target, inc.path.item.at); err != nil {
		return err
	}
	from := target.world
	rename, err := renames(inc, from)
	if err != nil {
		return err
	}
	c := b.newCopier(from, rename, inc.gate)
	for _, it := range from.Imports {
		if err := b.includeItem(b.imports, c.item(it), c, inc); err != nil {
			return err
		}
	}
	for _, it := range from.Exports {
		if err := b.includeItem(b.exports, c.item(it), c, inc); err != nil {
			return err
		}
	}
	return nil
}

// renames checks the names of `with { a as b }`.
func renames(inc *astInclude, from *World) (map[string]string, error) {
	plain := map[string]bool{}
	var have []string
	for _, list := range [][]WorldItem{from.Imports, from.Exports} {
		for _, it := range list {
			if isKebab(it.Name) && !plain[it.Name] {
				plain[it.Name] = true
				have = append(have, it.Name)
			}
		}
	}
	rename := map[string]string{}
	for _, w := range inc.with {
		if !plain[w.name.name] {
			return nil, w.name.at.errorf("world `%s` has no import or export `%s` to rename (one with a full name, such as ns:pkg/item, keeps it)%s",
				from.Name.Interface, w.name.name, instead(w.name.name, have))
		}
		if rename[w.name.name] != "" {
			return nil, w.name.at.errorf("`%s` is renamed twice", w.name.name)
		}
		rename[w.name.name] = w.as.name
	}
	return rename, nil
}

func (b *worldBuilder) includeItem(set *itemSet, it WorldItem, c *copier, inc *astInclude) error {
	if err := b.spend(c.copied, inc.path.at); err != nil {
		return err
	}
	c.copied = 0
	i, ok := set.find(it.Name)
	if !ok {
		set.append(it, inc.path.at)
		return nil
	}
	have := &set.items[i]
	if have.Interface != nil && have.Interface == it.Interface && !isKebab(it.Name) {
		have.Gate = weakerGate(have.Gate, it.Gate)
		if have.Docs == "" {
			have.Docs = it.Docs
		}
		return nil
	}
	if have.Type != nil && have.Type == it.Type {
		return nil
	}
	return inc.path.at.errorf("include of `%s` brings a second %s `%s`; rename one: include %[1]s with { %[3]s as ... }",
		inc.path.item.name, set.what, it.Name)
}

// weakerGate joins the gates of one item that came in twice: it is there as soon
// as one of them lets it in.
func weakerGate(a, b Gate) Gate {
	if a.Unstable != "" && b.Unstable == "" {
		return b
	}
	return a
}

func (b *worldBuilder) spend(n int, at pos) error {
	b.x.spent += n
	if limit := max(maxWorldItems, b.x.size/16); b.x.spent > limit {
		return at.errorf("the worlds hold more than %d items in all", limit)
	}
	return nil
}

// elaborate puts the interfaces that items depend on before them. What an import
// uses is imported; what an export uses is exported if the world exports it,
// else imported.
func (b *worldBuilder) elaborate(world ident) error {
	e := &elaboration{worldBuilder: b, world: world, imports: newItemSet("import"), exports: newItemSet("export"), needed: map[string]bool{}}
	for i, it := range b.imports.items {
		if it.Type != nil {
			if dep := foreignInterface(it.Type, nil); dep != nil {
				if err := e.importInterface(dep, it.Gate); err != nil {
					return err
				}
			}
		}
		if it.Interface != nil {
			if err := e.importDeps(it.Interface, it.Gate); err != nil {
				return err
			}
		}
		if _, ok := e.imports.find(it.Name); !ok {
			e.imports.append(it, b.imports.at[i])
		}
	}
	for i, it := range b.exports.items {
		if it.Interface != nil && !it.isPlain() {
			if err := e.exportInterface(it.Interface); err != nil {
				return err
			}
			continue
		}
		if it.Interface != nil {
			if err := e.exportDeps(it.Interface, it.Name, it.Gate); err != nil {
				return err
			}
		}
		e.exports.append(it, b.exports.at[i])
	}
	b.world.Imports, b.world.Exports = e.imports.items, e.exports.items
	return nil
}

// isPlain reports whether an item has a plain name rather than the full name of
// its interface.
func (it WorldItem) isPlain() bool { return !strings.Contains(it.Name, ":") }

// elaboration is the list in its new order. The itemSets of worldBuilder still
// hold what was written.
type elaboration struct {
	*worldBuilder
	world   ident
	imports *itemSet
	exports *itemSet
	needed  map[string]bool // imports that exports depend on
}

// importInterface imports i, unless it is there, after what it depends on. Where
// the world lists i itself, that entry moves here, else gate is i's.
func (e *elaboration) importInterface(i *Interface, gate Gate) error {
	name := i.Name.String()
	if _, ok := e.imports.find(name); ok {
		return nil
	}
	it, at := WorldItem{Name: name, Interface: i, Gate: gate}, e.world.at
	if n, ok := e.worldBuilder.imports.find(name); ok {
		it, at = e.worldBuilder.imports.items[n], e.worldBuilder.imports.at[n]
	}
	if err := e.importDeps(i, it.Gate); err != nil {
		return err
	}
	e.imports.append(it, at)
	return nil
}

func (e *elaboration) importDeps(i *Interface, gate Gate) error {
	deps, err := e.depsOf(i)
	if err != nil {
		return err
	}
	for _, dep := range deps {
		if err := e.importInterface(dep, gate); err != nil {
			return err
		}
	}
	return nil
}

func (e *elaboration) exportInterface(i *Interface) error {
	name := i.Name.String()
	if _, ok := e.exports.find(name); ok {
		return nil
	}
	n, _ := e.worldBuilder.exports.find(name)
	it := e.worldBuilder.exports.items[n]
	if err := e.exportDeps(i, name, it.Gate); err != nil {
		return err
	}
	e.exports.append(it, e.worldBuilder.exports.at[n])
	return nil
}

// exportDeps sees to what the exported interface i depends on.
func (e *elaboration) exportDeps(i *Interface, name string, gate Gate) error {
	deps, err := e.depsOf(i)
	if err != nil {
		return err
	}
	for _, dep := range deps {
		if _, ok := e.worldBuilder.exports.find(dep.Name.String()); ok {
			if err := e.exportInterface(dep); err != nil {
				return err
			}
			continue
		}
		if err := e.importInterface(dep, gate); err != nil {
			return err
		}
		if err := e.checkNeeded(dep, name); err != nil {
			return err
		}
	}
	return nil
}

// checkNeeded refuses an export that would see two copies of an interface: the
// one that the world exports, and by way of i, which must be imported, another.
func (e *elaboration) checkNeeded(i *Interface, export string) error {
	name := i.Name.String()
	if e.needed[name] {
		return nil
	}
	e.needed[name] = true
	if _, ok := e.worldBuilder.exports.find(name); ok {
		return e.world.at.errorf("world `%s`: export `%s` depends on `%s` both as exported and, by way of an import, as imported; export what lies between too",
			e.world.name, export, name)
	}
	deps, err := e.depsOf(i)
	if err != nil {
		return err
	}
	for _, dep := range deps {
		if err := e.checkNeeded(dep, export); err != nil {
			return err
		}
	}
	return nil
}

// depsOf is what i depends on, which is work to look at each time, even where all of
// it is there.
func (e *elaboration) depsOf(i *Interface) ([]*Interface, error) {
	deps := e.x.depsOf(i)
	return deps, e.spend(len(deps), e.world.at)
}

// depsOf are the interfaces whose types i uses, in order.
func (x *resolution) depsOf(i *Interface) []*Interface {
	if deps, ok := x.deps[i]; ok {
		return deps
	}
	var deps []*Interface
	seen := map[*Interface]bool{}
	for _, t := range i.Types {
		if dep := foreignInterface(t, i); dep != nil && !seen[dep] {
			seen[dep] = true
			deps = append(deps, dep)
		}
	}
	x.deps[i] = deps
	return deps
}

// foreignInterface is the interface, other than own, that t is used from.
func foreignInterface(t *TypeDef, own *Interface) *Interface {
	to, ok := t.Type.(*TypeDef)
	if !ok || to.Interface == nil || to.Interface == own || to.Interface.Name.IsZero() {
		return nil
	}
	return to.Interface
}
