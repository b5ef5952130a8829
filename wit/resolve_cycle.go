package wit

// checkPackageCycles refuses packages that refer to one another in a circle.
// Each may then be encoded and published on its own.
func (x *resolution) checkPackageCycles() error {
	states := map[*pkgScope]state{}
	var visit func(p *pkgScope) error
	visit = func(p *pkgScope) error {
		if err := x.enter(p.unit.at); err != nil {
			return err
		}
		defer x.leave()
		states[p] = underway
		for _, path := range p.foreignPaths() {
			to, err := x.packageOf(path)
			if err != nil {
				return err
			}
			if to == p {
				continue
			}
			if states[to] == underway {
				return path.at.errorf("package `%s` depends on itself by way of `%s`", to.out.Name, p.out.Name)
			}
			if states[to] == waiting {
				if err := visit(to); err != nil {
					return err
				}
			}
		}
		states[p] = resolved
		return nil
	}
	for _, u := range x.units {
		if p := x.pkgs[u.name]; states[p] == waiting {
			if err := visit(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// foreignPaths are the references of a package to others, the first to each.
func (p *pkgScope) foreignPaths() []astPath {
	var paths []astPath
	seen := map[Name]bool{}
	add := func(path astPath) {
		if !path.pkg.IsZero() && !seen[path.pkg] {
			seen[path.pkg] = true
			paths = append(paths, path)
		}
	}
	var walk func(items astItems)
	walk = func(items astItems) {
		for _, item := range items {
			switch item := item.(type) {
			case *astUse:
				add(item.path)
			case *astInclude:
				add(item.path)
			case *astExtern:
				if item.path != nil {
					add(*item.path)
				}
				if item.inline != nil {
					walk(item.inline.items)
				}
			}
		}
	}
	for _, part := range p.unit.parts {
		for _, use := range part.uses {
			add(use.path)
		}
		for _, i := range part.interfaces {
			walk(i.items)
		}
		for _, w := range part.worlds {
			walk(w.items)
		}
	}
	return paths
}
