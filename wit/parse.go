package wit

import (
	"slices"
	"strings"
)

// parser reads the tokens of one file. After the first error it sees nothing but
// the end of the file, so that only loops and the outermost caller need to look.
type parser struct {
	src    *source
	tokens []token
	docs   map[int][]string // as of a lexer
	i      int
	err    error
}

// parseFile parses one file: its own part of a package, and the packages nested
// in it.
func parseFile(f File) (root *astPackage, nested []*astPackage, err error) {
	src := newSource(f)
	l, err := lex(src)
	if err != nil {
		return nil, nil, err
	}
	p := &parser{src: src, tokens: l.tokens, docs: l.docs}
	root = &astPackage{at: pos{src, 0}}
	for first := true; p.err == nil && p.tok().kind != tokEOF; first = false {
		start := p.i
		if !p.atWord("package") {
			p.topItem(root)
			root.tokens = append(root.tokens, p.tokens[start:p.i])
			continue
		}
		pkg := p.packageName()
		switch {
		case p.at("{"):
			p.nestedPackage(pkg)
			pkg.tokens = [][]token{p.tokens[start:p.i]}
			nested = append(nested, pkg)
		case first:
			p.expect(";")
			root.name, root.at, root.note = pkg.name, pkg.at, pkg.note
			root.tokens = append(root.tokens, p.tokens[start:p.i])
		default:
			p.fail("want `{`, found %s: `package ...;` stands once, at the top of a file; a further package needs a block", p.tok())
		}
	}
	return root, nested, p.err
}

func (p *parser) nestedPackage(pkg *astPackage) {
	p.expect("{")
	for !p.done("}") {
		if p.atWord("package") {
			p.fail("a nested package must stand at the top level of a file, not in another package")
		}
		p.topItem(pkg)
	}
}

func (p *parser) topItem(pkg *astPackage) {
	note := p.note()
	switch {
	case p.atWord("use"):
		p.next()
		use := &astTopUse{path: p.path()}
		use.as = use.path.item
		if p.takeWord("as") {
			use.as = p.id()
		}
		p.expect(";")
		pkg.uses = append(pkg.uses, use)
	case p.takeWord("interface"):
		name := p.id()
		pkg.interfaces = append(pkg.interfaces, &astInterface{astNote: note, name: name, items: p.interfaceBody()})
	case p.takeWord("world"):
		name := p.id()
		pkg.worlds = append(pkg.worlds, &astWorld{astNote: note, name: name, items: p.worldBody()})
	default:
		p.fail("want `interface`, `world`, `use` or `package`, found %s", p.tok())
	}
}

// packageName reads `package a:b@1.2.3`, up to what follows.
func (p *parser) packageName() *astPackage {
	pkg := &astPackage{note: p.note()}
	p.word("package")
	pkg.at = p.pos()
	first := p.words()
	p.expect(":")
	var path strings.Builder
	path.WriteString(p.words())
	for _, nested := range []string{":", "/"} {
		for p.take(nested) {
			path.WriteString(nested)
			path.WriteString(p.words())
		}
	}
	pkg.name = Name{Namespace: first, Package: path.String()}
	if p.take("@") {
		pkg.name.Version = p.version()
	}
	return pkg
}

// path reads `item`, or `ns:pkg/item@1.2.3` with any nesting.
func (p *parser) path() astPath {
	path := astPath{at: p.pos(), item: p.id()}
	if !p.at(":") {
		return path
	}
	p.checkWords(path.item)
	path.pkg.Namespace = path.item.name
	p.expect(":")
	var pkg strings.Builder
	pkg.WriteString(p.words())
	for p.take(":") {
		pkg.WriteByte(':')
		pkg.WriteString(p.words())
	}
	if !p.at("/") {
		path.pkg.Package = pkg.String()
		p.fail("want `/` and the name of an interface or world, found %s: `%s` is a package", p.tok(), path.pkg)
	}
	for i := 0; p.take("/"); i++ {
		if i > 0 {
			p.checkWords(path.item)
			pkg.WriteByte('/')
			pkg.WriteString(path.item.name)
		}
		path.item = p.id()
	}
	path.pkg.Package = pkg.String()
	if p.take("@") {
		path.pkg.Version = p.version()
	}
	return path
}

func (p *parser) version() Version {
	t := p.tok()
	if t.kind != tokNumber {
		p.fail("want a version such as 1.2.3, found %s", t)
		return Version{}
	}
	v, err := ParseVersion(t.text)
	if err != nil {
		p.fail("%s", err)
	}
	p.next()
	return v
}

// note reads doc comments and gates.
func (p *parser) note() astNote {
	docs := p.docsHere()
	n := astNote{gateAt: p.pos()}
	for p.at("@") {
		p.gate(&n.gate)
		docs = slices.Concat(docs, p.docsHere())
	}
	n.docs = docText(docs)
	if g := n.gate; !g.Deprecated.IsZero() && g.Since.IsZero() && g.Unstable == "" {
		p.failAt(n.gateAt, "@deprecated stands alone: say also since when the item exists, @since(version = ...)")
	} else if !g.Since.IsZero() && g.Unstable != "" {
		p.failAt(n.gateAt, "@since and @unstable exclude each other")
	}
	return n
}

func (p *parser) gate(g *Gate) {
	at := p.pos()
	p.expect("@")
	name := p.id()
	p.expect("(")
	var again bool
	switch name.name {
	case "since":
		again = !g.Since.IsZero()
		g.Since = p.gateVersion()
	case "deprecated":
		again = !g.Deprecated.IsZero()
		g.Deprecated = p.gateVersion()
	case "unstable":
		again = g.Unstable != ""
		p.gateKey("feature")
		g.Unstable = p.id().name
	case "external-id":
		p.failAt(at, "@external-id belongs to WASI 0.3.1 and is not supported yet")
	default:
		p.failAt(at, "unknown annotation @%s; want @since, @unstable or @deprecated", name.name)
	}
	if again {
		p.failAt(at, "@%s is given twice", name.name)
	}
	p.expect(")")
}

func (p *parser) gateVersion() Version {
	p.gateKey("version")
	return p.version()
}

func (p *parser) gateKey(want string) {
	at := p.pos()
	if key := p.id(); key.name != want {
		p.failAt(at, "want `%s`, found `%s`", want, key.name)
	}
	p.expect("=")
}

// What follows reads single tokens.

func (p *parser) tok() token { return p.tokens[p.i] }
func (p *parser) pos() pos   { return pos{p.src, p.tok().off} }

// docsHere are the doc comments before the next token.
func (p *parser) docsHere() []string { return p.docs[p.tok().off] }

func (p *parser) next() {
	if p.tok().kind != tokEOF {
		p.i++
	}
}

func (p *parser) fail(format string, args ...any) { p.failAt(p.pos(), format, args...) }

// failAt keeps the first error and moves to the end of the file.
func (p *parser) failAt(at pos, format string, args ...any) {
	if p.err == nil {
		p.err = at.errorf(format, args...)
	}
	p.i = len(p.tokens) - 1
}

// at and atWord look at the next token; take and takeWord pass it if it is the
// one named; expect and word insist on it.

func (p *parser) at(punct string) bool {
	t := p.tok()
	return t.kind == tokPunct && t.text == punct
}

// atWord also looks past the gates of an item, whose keyword tells what follows.
func (p *parser) atWord(word string) bool {
	t := p.tok()
	return t.kind == tokWord && t.text == word
}

func (p *parser) take(punct string) bool {
	ok := p.at(punct)
	if ok {
		p.next()
	}
	return ok
}

func (p *parser) takeWord(word string) bool {
	ok := p.atWord(word)
	if ok {
		p.next()
	}
	return ok
}

func (p *parser) expect(punct string) {
	if !p.take(punct) {
		p.fail("want `%s`, found %s", punct, p.tok())
	}
}

func (p *parser) word(word string) {
	if !p.takeWord(word) {
		p.fail("want keyword `%s`, found %s", word, p.tok())
	}
}

// done reports whether a list has come to its end, and passes the bracket that
// ends it.
func (p *parser) done(punct string) bool {
	if p.err != nil || p.take(punct) {
		return true
	}
	if p.tok().kind == tokEOF {
		p.fail("want `%s`, found %s", punct, p.tok())
		return true
	}
	return false
}

func (p *parser) id() ident {
	t := p.tok()
	id := ident{t.text, p.pos()}
	switch t.kind {
	case tokID:
		p.next()
	case tokWord:
		p.fail("want a name, found %s; write `%%%s` to use it as a name", t, t.text)
	default:
		p.fail("want a name, found %s", t)
	}
	return id
}

// words reads a part of the name of a package, which has no upper case.
func (p *parser) words() string {
	id := p.id()
	p.checkWords(id)
	return id.name
}

func (p *parser) checkWords(id ident) {
	if p.err == nil && !isWords(id.name) {
		p.failAt(id.at, "`%s`: the name of a package is in lower case", id.name)
	}
}

// list reads items separated by commas, up to the bracket that ends them; a
// comma may follow the last one.
func (p *parser) list(end string, item func()) {
	for !p.done(end) {
		item()
		if !p.at(end) {
			p.expect(",")
		}
	}
}
