package wit

// waveShape is what a value looks like before its type is known.
type waveShape uint8

const (
	shapeNumber waveShape = iota
	shapeChar
	shapeString
	shapeWord   // a label or keyword; kids has the payload, if there is one
	shapeTuple  // not empty
	shapeList   //
	shapeRecord // kids are labels and values in turn
	shapeFlags  // kids are labels; may be empty
)

// waveNode is a value as it is written.
type waveNode struct {
	shape    waveShape
	keyword  bool // a word that is a keyword, and has no %
	off, end int32
	text     string // of a number, a label without %, a decoded char or string
	kids     []waveNode
}

// What a text of WAVE may be at most.
const (
	maxWaveText  = 4 << 20
	maxWaveDepth = 1024
)

type waveParser struct {
	waveLexer
	depth int
}

// newWaveParser puts the first token at hand.
func newWaveParser(text string) *waveParser {
	p := &waveParser{}
	p.text = text
	if len(text) > maxWaveText {
		p.text = text[:0]
		p.fail(0, 0, "the text has more than %d bytes", maxWaveText)
	}
	p.advance()
	return p
}

// value is one value. After an error it is of no meaning.
func (p *waveParser) value() waveNode {
	if p.depth == maxWaveDepth {
		p.fail(p.next.off, p.next.end, "the value is nested more than %d deep", maxWaveDepth)
		p.advance()
		return waveNode{}
	}
	p.depth++
	defer func() { p.depth-- }()

	t := p.advance()
	n := waveNode{off: int32(t.off), text: t.text}
	switch {
	case t.kind == waveNumber:
		n.shape = shapeNumber
	case t.kind == waveChar:
		n.shape = shapeChar
	case t.kind == waveString:
		n.shape = shapeString
	case t.kind == waveWord:
		n.shape, n.keyword = shapeWord, !t.escaped && waveKeywords[t.text]
		t = p.payload(&n, t)
	case t.text == "(":
		n.shape = shapeTuple
		t = p.sequence(&n, ")")
		if len(n.kids) == 0 {
			p.fail(int(n.off), t.end, "a tuple is not empty")
		}
	case t.text == "[":
		n.shape = shapeList
		t = p.sequence(&n, "]")
	case t.text == "{":
		t = p.braces(&n)
	default:
		p.unexpected(t, "a value")
	}
	n.end = int32(t.end)
	return n
}

// unexpected fails at a token.
func (p *waveParser) unexpected(t waveToken, want string) {
	if t.kind == waveEnd {
		p.fail(t.off, t.end, "expected %s, got the end of the text", want)
		return
	}
	p.fail(t.off, t.end, "expected %s, got %s", want, clip(p.text[t.off:t.end]))
}

// at reports whether the token at hand is that punctuation.
func (p *waveParser) at(punct string) bool {
	return p.next.kind == wavePunct && p.next.text == punct
}

// expect passes a punctuation.
func (p *waveParser) expect(punct, want string) waveToken {
	if !p.at(punct) {
		p.unexpected(p.next, want)
	}
	return p.advance()
}

// payload passes (value), if it is there, and returns the last token of n.
func (p *waveParser) payload(n *waveNode, last waveToken) waveToken {
	if !p.at("(") {
		return last
	}
	p.advance()
	n.kids = []waveNode{p.value()}
	return p.expect(")", "`)`")
}

// sequence is values with commas between them, and maybe one behind, to the end.
func (p *waveParser) sequence(n *waveNode, end string) waveToken {
	for p.err == nil && !p.at(end) {
		n.kids = append(n.kids, p.value())
		if !p.at(",") {
			break
		}
		p.advance()
	}
	return p.expect(end, "`,` or `"+end+"`")
}

// braces is a record or flags.
func (p *waveParser) braces(n *waveNode) waveToken {
	n.shape = shapeFlags
	if p.at(":") {
		n.shape = shapeRecord
		p.advance()
		return p.expect("}", "`}` after {:")
	}
	for p.err == nil && !p.at("}") {
		if p.next.kind != waveWord {
			p.unexpected(p.next, "a label or `}`")
			break
		}
		label := p.advance()
		if len(n.kids) == 0 && p.at(":") {
			n.shape = shapeRecord
		}
		n.kids = append(n.kids, waveNode{shape: shapeWord, off: int32(label.off), end: int32(label.end), text: label.text})
		if n.shape == shapeRecord {
			p.expect(":", "`:` after the name of a field")
			n.kids = append(n.kids, p.value())
		}
		if !p.at(",") {
			break
		}
		p.advance()
	}
	return p.expect("}", "`,` or `}`")
}

// finish makes sure that nothing follows.
func (p *waveParser) finish(what string) {
	if p.next.kind != waveEnd {
		p.unexpected(p.next, "nothing after "+what)
	}
}
