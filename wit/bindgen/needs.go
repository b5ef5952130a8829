package bindgen

// findNeeds marks the functions of anonymous aggregates that are called: by the
// functions of declared types, by trampolines, and by each other.
func (p *Package) findNeeds() {
	for _, d := range p.Decls {
		if d.Type != nil && (d.Kind == Record || d.Kind == Variant) {
			for _, part := range d.Type.Parts {
				part.Type.load()
				part.Type.store()
				part.Type.lift()
				if d.Type.Flat == 1 {
					part.Type.lower()
				}
			}
		}
	}
	for _, f := range p.Funcs {
		for _, param := range f.Params {
			if f.Spilled {
				param.Type.load()
			} else {
				param.Type.lift()
			}
		}
		for _, r := range f.Returns {
			if f.Return >= 0 {
				r.Type.store()
			} else {
				r.Type.lower()
			}
		}
		f.Err.store()
	}
}

func (t *Type) load() {
	if t == nil || !t.Anonymous || t.Needs.Load {
		return
	}
	t.Needs.Load = true
	if t.Kind == List {
		// Loading a list is lifting the address and length that are there.
		t.lift()
	}
	t.within((*Type).load)
}

func (t *Type) store() {
	if t == nil || !t.Anonymous || t.Needs.Store {
		return
	}
	t.Needs.Store = true
	t.within((*Type).store)
}

func (t *Type) lift() {
	if t == nil || !t.Anonymous || t.Needs.Lift {
		return
	}
	t.Needs.Lift = true
	if t.Kind == List {
		t.within((*Type).load)
		return
	}
	t.within((*Type).lift)
}

func (t *Type) lower() {
	if t == nil || !t.Anonymous || t.Needs.Lower {
		return
	}
	t.Needs.Lower = true
	t.within((*Type).lower)
}

func (t *Type) within(mark func(*Type)) {
	if len(t.Parts) == 0 {
		mark(t.Elem)
	}
	for _, part := range t.Parts {
		mark(part.Type)
	}
}
