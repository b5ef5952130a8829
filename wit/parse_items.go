package wit

func (p *parser) interfaceBody() astItems {
	var items astItems
	p.expect("{")
	for !p.done("}") {
		note := p.note()
		if item := p.sharedItem(note); item != nil {
			items = append(items, item)
			continue
		}
		if k := p.tok().kind; k != tokID {
			p.fail("want a type, `use` or a function, found %s%s", p.tok(), escapeHint(p.tok()))
			break
		}
		f := p.namedFunc(note)
		if f.kind == Static {
			p.failAt(f.name.at, "`%s` is static, which only a function of a resource can be", f.name.name)
		}
		items = append(items, f)
	}
	return items
}

// escapeHint tells how a keyword becomes a name.
func escapeHint(t token) string {
	if t.kind != tokWord {
		return ""
	}
	return "; write `%" + t.text + "` to use it as a name"
}

func (p *parser) worldBody() astItems {
	var items astItems
	p.expect("{")
	for !p.done("}") {
		note := p.note()
		if item := p.sharedItem(note); item != nil {
			items = append(items, item)
			continue
		}
		switch {
		case p.atWord("import"), p.atWord("export"):
			items = append(items, p.extern(note))
		case p.atWord("include"):
			items = append(items, p.include(note))
		default:
			p.fail("want `import`, `export`, `include`, `use` or a type, found %s", p.tok())
		}
	}
	return items
}

// sharedItem reads a `use` or a type, which interfaces and worlds may both hold;
// it returns nil where neither follows.
func (p *parser) sharedItem(note astNote) any {
	t := p.tok()
	if t.kind != tokWord {
		return nil
	}
	switch t.text {
	case "use":
		return p.use(note)
	case "type", "record", "variant", "enum", "flags", "resource":
		return p.typeDef(note)
	}
	return nil
}

func (p *parser) use(note astNote) *astUse {
	u := &astUse{astNote: note}
	p.word("use")
	u.path = p.path()
	p.expect(".")
	p.expect("{")
	p.list("}", func() { u.names = append(u.names, p.rename()) })
	p.expect(";")
	return u
}

func (p *parser) rename() astRename {
	name := p.id()
	r := astRename{name, name}
	if p.takeWord("as") {
		r.as = p.id()
	}
	return r
}

func (p *parser) include(note astNote) *astInclude {
	inc := &astInclude{astNote: note}
	p.word("include")
	inc.path = p.path()
	if !p.takeWord("with") {
		p.expect(";")
		return inc
	}
	p.expect("{")
	p.list("}", func() {
		name := p.id()
		p.word("as")
		inc.with = append(inc.with, astRename{name, p.id()})
	})
	// The semicolon is optional after a block.
	p.take(";")
	return inc
}

func (p *parser) extern(note astNote) *astExtern {
	e := &astExtern{astNote: note, export: p.atWord("export")}
	p.next()
	e.at = p.pos()
	if !p.plainNameFollows() {
		path := p.path()
		e.path = &path
		p.expect(";")
		return e
	}
	e.name = p.id()
	p.expect(":")
	switch {
	case p.takeWord("interface"):
		e.inline = &astInterface{astNote: note, items: p.interfaceBody()}
	case p.atWord("func"), p.atWord("async"):
		e.fn = &astFunc{astNote: note, name: e.name}
		p.signature(e.fn)
		p.expect(";")
	case p.tok().kind == tokID:
		path := p.path()
		e.path = &path
		p.expect(";")
	default:
		p.fail("want `func`, `async func`, `interface` or the name of an interface, found %s", p.tok())
	}
	return e
}

// plainNameFollows tells `name: ...` from `ns:pkg/item`: in the latter nothing
// stands between the parts.
func (p *parser) plainNameFollows() bool {
	if p.i+2 >= len(p.tokens) {
		return false
	}
	name, colon, after := p.tokens[p.i], p.tokens[p.i+1], p.tokens[p.i+2]
	if colon.text != ":" || colon.kind != tokPunct {
		return false
	}
	return after.kind != tokID || p.src.text[name.off:after.off] != p.src.text[name.off:colon.off]+":" || colon.off != tokenEnd(p.src, name)
}

// tokenEnd is where the text of a name ends, its % included.
func tokenEnd(src *source, t token) int {
	if src.text[t.off] == '%' {
		return t.off + 1 + len(t.text)
	}
	return t.off + len(t.text)
}

func (p *parser) typeDef(note astNote) *astTypeDef {
	d := &astTypeDef{astNote: note, kind: p.tok().text}
	p.next()
	d.name = p.id()
	switch d.kind {
	case "type":
		p.expect("=")
		d.alias = p.typ(0)
		p.expect(";")
	case "resource":
		p.resourceBody(d)
	default:
		p.expect("{")
		p.list("}", func() { d.parts = append(d.parts, p.part(d.kind)) })
		if len(d.parts) == 0 && (d.kind == "enum" || d.kind == "variant") {
			p.failAt(d.name.at, "%s `%s` is empty: it needs at least one case", d.kind, d.name.name)
		}
	}
	return d
}

// part reads a field of a record, a case of a variant, or a label.
func (p *parser) part(kind string) astField {
	f := astField{docs: docText(p.docsHere()), name: p.id()}
	switch {
	case kind == "record":
		p.expect(":")
		f.ty = p.typ(0)
	case kind == "variant" && p.take("("):
		f.ty = p.typ(0)
		p.expect(")")
	}
	return f
}

func (p *parser) resourceBody(d *astTypeDef) {
	if p.take(";") {
		return
	}
	p.expect("{")
	for !p.done("}") {
		note := p.note()
		if p.atWord("constructor") {
			d.funcs = append(d.funcs, p.constructor(note))
			continue
		}
		if p.tok().kind != tokID {
			p.fail("want `constructor` or the name of a method, found %s%s", p.tok(), escapeHint(p.tok()))
		}
		f := p.namedFunc(note)
		if f.kind == Freestanding {
			f.kind = Method
		}
		d.funcs = append(d.funcs, f)
	}
}

func (p *parser) constructor(note astNote) *astFunc {
	f := &astFunc{astNote: note, kind: Constructor, name: ident{"constructor", p.pos()}}
	p.next()
	p.params(f)
	p.expect(";")
	return f
}

// namedFunc reads `name: func(...)`, and `name: static func(...)`.
func (p *parser) namedFunc(note astNote) *astFunc {
	f := &astFunc{astNote: note, name: p.id()}
	p.expect(":")
	if p.takeWord("static") {
		f.kind = Static
	}
	p.signature(f)
	p.expect(";")
	return f
}

func (p *parser) signature(f *astFunc) {
	f.async = p.takeWord("async")
	p.word("func")
	p.params(f)
}

func (p *parser) params(f *astFunc) {
	p.expect("(")
	p.list(")", func() {
		param := astField{docs: docText(p.docsHere()), name: p.id()}
		p.expect(":")
		param.ty = p.typ(0)
		f.params = append(f.params, param)
	})
	if p.take("->") {
		f.result = p.typ(0)
	}
}
