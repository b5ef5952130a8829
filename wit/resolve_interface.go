package wit

// interfaceOf resolves the interface of an item; at is who asks.
func (x *resolution) interfaceOf(it *item, at pos) error {
	switch {
	case it.astI == nil:
		return at.errorf("`%s` is a world, not an interface", it.name.name)
	case it.left:
		return at.errorf("interface `%s` is left out because of its gate%s", it.name.name, gateHint(it.gate))
	case it.state == resolved:
		return nil
	case it.state == underway:
		return at.errorf("interface `%s` depends on itself", it.name.name)
	}
	if err := x.enter(at); err != nil {
		return err
	}
	defer x.leave()
	it.state = underway
	pkg := it.file.pkg.out
	it.iface = &Interface{
		Name:    pkg.Name.In(it.name.name),
		Package: pkg,
		Docs:    it.astI.docs,
		Gate:    it.astI.gate,
	}
	err := x.fillInterface(it.file, it.iface, it.astI.items)
	it.types = make(map[string]*TypeDef, len(it.iface.Types))
	for _, t := range it.iface.Types {
		it.types[t.Name] = t
	}
	it.state = resolved
	return err
}

func gateHint(g Gate) string {
	if g.Unstable == "" {
		return ""
	}
	return "; enable feature `" + g.Unstable + "`"
}

// fillInterface resolves the items of an interface: first all names are
// declared, then types find each other by name, then functions.
func (x *resolution) fillInterface(file *fileScope, iface *Interface, items astItems) error {
	s := &scope{x: x, file: file, iface: iface, names: map[string]*entry{}}
	var kept astItems
	for _, it := range items {
		note := *noteOf(it)
		if err := x.checkGate(file.pkg, note); err != nil {
			return err
		}
		keep := x.keeps(file.pkg, note)
		switch it := it.(type) {
		case *astUse:
			if err := s.declareUse(it, keep); err != nil {
				return err
			}
		case *astTypeDef:
			if err := s.declareType(it, keep); err != nil {
				return err
			}
		case *astFunc:
			if err := s.declare(&entry{id: it.name, gate: it.gate, left: !keep, fn: true}); err != nil {
				return err
			}
		}
		if keep {
			kept = append(kept, it)
		}
	}
	iface.Types = s.types
	if err := s.resolveTypes(); err != nil {
		return err
	}
	for _, it := range kept {
		var err error
		switch it := it.(type) {
		case *astTypeDef:
			err = s.resourceFuncs(it, func(f *Func) { iface.Funcs = append(iface.Funcs, f) })
		case *astFunc:
			var f *Func
			f, err = s.function(it, nil)
			iface.Funcs = append(iface.Funcs, f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func noteOf(it any) *astNote {
	switch it := it.(type) {
	case *astUse:
		return &it.astNote
	case *astTypeDef:
		return &it.astNote
	case *astFunc:
		return &it.astNote
	case *astInclude:
		return &it.astNote
	}
	return &it.(*astExtern).astNote
}

// scope is where the names of types are looked up: an interface or a world.
type scope struct {
	x     *resolution
	file  *fileScope
	iface *Interface
	world *World
	names map[string]*entry // by folded name
	order []*entry
	types []*TypeDef
}

// entry is a name of a scope.
type entry struct {
	id    ident
	decl  *astTypeDef // nil for what `use` brings in, and for functions
	def   *TypeDef
	fn    bool
	left  bool // left out by Keep
	gate  Gate
	state state
}

func (s *scope) declare(e *entry) error {
	if have := s.names[fold(e.id.name)]; have != nil {
		return e.id.at.errorf("the name `%s` is defined twice here; the other stands in line %d", e.id.name, have.id.at.errorf("").Line)
	}
	s.names[fold(e.id.name)] = e
	s.order = append(s.order, e)
	if e.def != nil && !e.left {
		s.types = append(s.types, e.def)
	}
	return nil
}

func (s *scope) declareType(d *astTypeDef, keep bool) error {
	def := &TypeDef{Name: d.name.name, Interface: s.iface, World: s.world, Docs: d.docs, Gate: d.gate}
	return s.declare(&entry{id: d.name, decl: d, def: def, left: !keep, gate: d.gate})
}

func (s *scope) declareUse(u *astUse, keep bool) error {
	target, err := s.x.lookup(s.file, u.path)
	if err != nil {
		return err
	}
	if !keep {
		for _, n := range u.names {
			if err := s.declare(&entry{id: n.as, left: true, gate: u.gate}); err != nil {
				return err
			}
		}
		return nil
	}
	if err := s.x.interfaceOf(target, u.path.item.at); err != nil {
		return err
	}
	for _, n := range u.names {
		to := target.types[n.name.name]
		if to == nil {
			return noSuchType(target, n.name)
		}
		def := &TypeDef{Name: n.as.name, Type: to, Interface: s.iface, World: s.world, Gate: u.gate}
		m := s.x.types[to]
		m.depth++
		s.x.types[def] = m
		if err := s.declare(&entry{id: n.as, def: def, gate: u.gate, state: resolved}); err != nil {
			return err
		}
	}
	return nil
}

func noSuchType(target *item, name ident) error {
	if target.iface.Func(name.name) != nil {
		return name.at.errorf("`%s` is a function of interface `%s`; only types can be used", name.name, target.iface.Name)
	}
	for _, it := range target.astI.items {
		if d, ok := it.(*astTypeDef); ok && d.name.name == name.name {
			return name.at.errorf("type `%s` of interface `%s` is left out because of its gate%s", name.name, target.iface.Name, gateHint(d.gate))
		}
	}
	var have []string
	for _, t := range target.iface.Types {
		have = append(have, t.Name)
	}
	return name.at.errorf("interface `%s` has no type `%s`%s", target.iface.Name, name.name, instead(name.name, have))
}

// resolveTypes gives every type declared in the scope its structure.
func (s *scope) resolveTypes() error {
	for _, e := range s.order {
		if e.decl == nil || e.left {
			continue
		}
		if err := s.resolveType(e, e.id.at); err != nil {
			return err
		}
	}
	return nil
}

// resourceFuncs resolves the functions of a resource.
func (s *scope) resourceFuncs(d *astTypeDef, add func(*Func)) error {
	if d.kind != "resource" {
		return nil
	}
	resource := s.names[fold(d.name.name)].def
	seen := map[string]bool{}
	for _, decl := range d.funcs {
		if err := s.x.checkGate(s.file.pkg, decl.astNote); err != nil {
			return err
		}
		key := fold(decl.name.name)
		if decl.kind == Constructor {
			key = "[constructor]"
		}
		if seen[key] {
			return decl.name.at.errorf("resource `%s` has `%s` twice", d.name.name, decl.name.name)
		}
		seen[key] = true
		if !s.x.keeps(s.file.pkg, decl.astNote) {
			continue
		}
		f, err := s.function(decl, resource)
		if err != nil {
			return err
		}
		add(f)
	}
	return nil
}
