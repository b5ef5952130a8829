package wit

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CallText is a function call as it is written: a name and arguments in WAVE, and
// maybe a call of a method of what it returns.
type CallText struct {
	// Name is what stands before the parenthesis, without the dot that joins it to an
	// earlier call.
	Name string

	// Then is the call that follows, as `.next()` does in `counter(3).next()`, or nil.
	Then *CallText

	text     string
	off, end int // of the name
	args     waveNode
}

// ParseCall reads a call such as `acme:kv/store.get("a")`. What the name means is for
// the caller to say: it is all up to the first parenthesis. The error is a *[WaveError].
func ParseCall(text string) (*CallText, error) {
	p := newWaveParser("")
	if len(text) > maxWaveText {
		return nil, newWaveError("", 0, 0, "the text has more than %d bytes", maxWaveText)
	}
	p.text = text
	first, last := (*CallText)(nil), (*CallText)(nil)
	p.off = 0
	for more := true; more && p.err == nil; {
		c := p.call(first != nil)
		if first == nil {
			first = c
		} else {
			last.Then = c
		}
		last = c
		p.skip()
		more = p.accept(".")
	}
	if p.err == nil {
		p.advance()
		p.finish("the call")
	}
	if p.err != nil {
		return nil, p.err
	}
	return first, nil
}

// call is a name and arguments. It leaves off behind them, and no token at hand.
func (p *waveParser) call(method bool) *CallText {
	p.skip()
	c := &CallText{text: p.text, off: p.off}
	rest := p.text[p.off:]
	n := strings.IndexFunc(rest, func(r rune) bool {
		return r == '(' || r == ')' || r == '"' || r == '\'' || r == utf8.RuneError || !unicode.IsPrint(r) || unicode.IsSpace(r)
	})
	if n < 0 {
		n = len(rest)
	}
	c.Name, c.end = rest[:n], p.off+n
	p.off = c.end
	p.next = p.scan()
	want := "the name of a function"
	if method {
		want = "the name of a method"
	}
	switch {
	case p.err != nil:
	case n == 0:
		p.unexpected(p.next, want)
	case !p.at("("):
		p.unexpected(p.next, "`(` after "+want)
	}
	if p.err != nil {
		return c
	}
	open := p.advance()
	c.args = waveNode{shape: shapeTuple, off: int32(open.off)}
	for p.err == nil && !p.at(")") {
		c.args.kids = append(c.args.kids, p.value())
		if !p.at(",") {
			break
		}
		p.advance()
	}
	if !p.at(")") {
		p.unexpected(p.next, "`,` or `)`")
		return c
	}
	c.args.end = int32(p.next.end)
	p.off = p.next.end // What follows may be no token of WAVE.
	return c
}

// Errorf is an error of the name, such as that nothing is called so.
func (c *CallText) Errorf(format string, args ...any) *WaveError {
	return newWaveError(c.text, c.off, c.end, format, args...)
}

// Args reads the arguments for params; for a method that is called on a value, all
// but the first. Options at the end may be left out, and are none. The error is a
// *[WaveError], whose path begins with the argument.
func (c *CallText) Args(params []Param) ([]any, error) {
	r := &waveReader{text: c.text}
	kids := c.args.kids
	if len(kids) > len(params) {
		extra := &kids[len(params)]
		if len(params) == 0 {
			return nil, r.failed(extra, "`%s` takes no arguments", c.Name)
		}
		return nil, r.failed(extra, "there are %d arguments, want %d%s", len(kids), len(params), paramList(params))
	}
	list := make([]any, len(params))
	for i, p := range params {
		if i >= len(kids) {
			if _, option := Structure(p.Type).(*Option); option {
				continue
			}
			end := c.args
			end.off = end.end - 1
			r.root = ""
			return nil, r.failed(&end, "the argument %q is missing%s", p.Name, paramList(params))
		}
		r.root = fmt.Sprintf("arg %q", p.Name)
		list[i] = r.value(p.Type, &kids[i])
		if r.err != nil {
			return nil, r.err
		}
	}
	return list, nil
}

// failed is fail as an error.
func (r *waveReader) failed(n *waveNode, format string, args ...any) error {
	r.fail(n, format, args...)
	return r.err
}

// paramList is params for the end of a message.
func paramList(params []Param) string {
	var b strings.Builder
	for i, p := range params {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.Name + ": " + describe(p.Type))
	}
	return "; it takes (" + clip(b.String()) + ")"
}
