package cabi

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/tenon-wasm/tenon/wit"
)

// parseType reads an inline type as the vectors spell it: nothing is named.
func parseType(s string) wit.Type {
	p := &typeParser{rest: s}
	t := p.typ()
	if p.rest != "" {
		panic(fmt.Sprintf("type %q: %q is left", s, p.rest))
	}
	return t
}

type typeParser struct{ rest string }

func (p *typeParser) word() string {
	n := strings.IndexFunc(p.rest, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' })
	if n < 0 {
		n = len(p.rest)
	}
	w := p.rest[:n]
	p.rest = p.rest[n:]
	return w
}

func (p *typeParser) eat(s string) bool {
	rest, ok := strings.CutPrefix(p.rest, s)
	p.rest = rest
	return ok
}

func (p *typeParser) must(s string) {
	if !p.eat(s) {
		panic(fmt.Sprintf("want %q at %q", s, p.rest))
	}
}

// list reads items up to the closing bracket.
func (p *typeParser) list(open, end string, item func()) {
	p.must(open)
	for !p.eat(end) {
		item()
		p.eat(", ")
	}
}

func (p *typeParser) types() (ts []wit.Type) {
	p.list("<", ">", func() { ts = append(ts, p.typ()) })
	return ts
}

func (p *typeParser) labels() (ls []string) {
	p.list("{", "}", func() { ls = append(ls, p.word()) })
	return ls
}

func (p *typeParser) typ() wit.Type {
	w := p.word()
	for prim := wit.Bool; prim <= wit.String; prim++ {
		if prim.String() == w {
			return prim
		}
	}
	switch w {
	case "_":
		return nil
	case "list":
		return &wit.List{Elem: p.types()[0]}
	case "option":
		return &wit.Option{Elem: p.types()[0]}
	case "tuple":
		return &wit.Tuple{Elems: p.types()}
	case "result":
		t := new(wit.Result)
		if strings.HasPrefix(p.rest, "<") {
			ts := append(p.types(), nil)
			t.OK, t.Err = ts[0], ts[1]
		}
		return t
	case "record":
		t := new(wit.Record)
		p.list("{", "}", func() {
			name := p.word()
			p.must(": ")
			t.Fields = append(t.Fields, wit.Field{Name: name, Type: p.typ()})
		})
		return t
	case "variant":
		t := new(wit.Variant)
		p.list("{", "}", func() {
			c := wit.Case{Name: p.word()}
			if p.eat("(") {
				c.Type = p.typ()
				p.must(")")
			}
			t.Cases = append(t.Cases, c)
		})
		return t
	case "enum":
		return &wit.Enum{Labels: p.labels()}
	case "flags":
		return &wit.Flags{Labels: p.labels()}
	}
	panic(fmt.Sprintf("no type %q before %q", w, p.rest))
}
