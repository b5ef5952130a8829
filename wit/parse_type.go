package wit

import "strconv"

// maxNesting bounds how deep types are nested in the text of one type.
const maxNesting = 100

var primByName = func() map[string]Prim {
	m := map[string]Prim{}
	for p := Bool; p <= ErrorContext; p++ {
		m[p.String()] = p
	}
	return m
}()

func (p *parser) typ(depth int) *astType {
	t := &astType{at: p.pos()}
	tok := p.tok()
	if depth > maxNesting {
		p.fail("types are nested deeper than %d", maxNesting)
		return t
	}
	if tok.kind == tokID {
		t.name = tok.text
		p.next()
		return t
	}
	if tok.kind != tokWord {
		p.fail("want a type, found %s", tok)
		return t
	}
	t.op = tok.text
	p.next()
	if primByName[t.op] != 0 {
		return t
	}
	switch t.op {
	case "list":
		p.expect("<")
		t.args = []*astType{p.typ(depth + 1)}
		if p.take(",") {
			t.n = p.length()
		}
		p.expect(">")
	case "option":
		p.expect("<")
		t.args = []*astType{p.typ(depth + 1)}
		p.expect(">")
	case "own", "borrow":
		p.expect("<")
		t.args = []*astType{{at: p.pos(), name: p.id().name}}
		p.expect(">")
	case "stream", "future":
		if p.take("<") {
			t.args = []*astType{p.typ(depth + 1)}
			p.expect(">")
		}
	case "tuple":
		p.expect("<")
		p.list(">", func() { t.args = append(t.args, p.typ(depth+1)) })
		if len(t.args) == 0 {
			p.failAt(t.at, "a tuple needs at least one type")
		}
	case "result":
		p.result(t, depth)
	case "map":
		p.failAt(t.at, "map<K, V> belongs to WASI 0.3.1 and is not supported yet; list<tuple<K, V>> has the same layout")
	default:
		p.failAt(t.at, "want a type, found %s%s", tok, escapeHint(tok))
	}
	return t
}

// result reads what follows the word: nothing, <ok>, <_, err> or <ok, err>.
func (p *parser) result(t *astType, depth int) {
	if !p.take("<") {
		return
	}
	if p.take("_") {
		p.expect(",")
		t.args = []*astType{nil, p.typ(depth + 1)}
		p.expect(">")
		return
	}
	t.args = []*astType{p.typ(depth + 1)}
	if p.take(",") {
		t.args = append(t.args, p.typ(depth+1))
	}
	p.expect(">")
}

func (p *parser) length() uint32 {
	t := p.tok()
	n, err := strconv.ParseUint(t.text, 10, 32)
	if t.kind != tokNumber || err != nil || n == 0 {
		p.fail("want the length of the list, a number from 1 to 4294967295, found %s", t)
		return 0
	}
	p.next()
	return uint32(n)
}
