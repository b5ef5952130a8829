package trace

import (
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component"
)

// A Filter says which calls are meant. The zero Filter means all of them.
//
// It is a list of patterns, separated by commas, in which * stands for any text and ? for
// one character. A pattern is one of
//
//   - a package, an interface, or both: wasi:io, wasi:io/streams, streams, wasi:io/*; with
//     or without its version;
//   - a function, as WIT has it or as it is called in short: [method]input-stream.read,
//     input-stream.read, read, *-via-stream; drop for handles that are dropped;
//   - both: streams#read, wasi:io/*#subscribe;
//   - a kind of call: %import, %export, %inner, %drop, %start; or a group of interfaces:
//     %file, %net, %io, %clock.
//
// What follows a ! is left out. Of several patterns that fit, the last one counts; where
// the first begins with a !, all else is meant.
type Filter struct {
	patterns []pattern
}

type pattern struct {
	text string // as it was written, without the !
	not  bool
	kind string // %kind
	part bool   // of a group
	// The two sides of a #; without one, text is either of both.
	iface, fn string
	both      bool
}

// groups are sets of interfaces.
var groups = map[string][]string{
	"file":  {"wasi:filesystem", "wasi-snapshot-preview1#path-*", "wasi-snapshot-preview1#fd-*"},
	"net":   {"wasi:sockets", "wasi:http", "wasi-snapshot-preview1#sock-*"},
	"io":    {"wasi:io", "wasi-snapshot-preview1#poll-oneoff"},
	"clock": {"wasi:clocks", "wasi-snapshot-preview1#clock-*"},
}

// ParseFilter reads a filter. Several texts are one filter, as if they were joined by
// commas.
func ParseFilter(texts ...string) (*Filter, error) {
	f := &Filter{}
	for _, text := range texts {
		for _, s := range strings.Split(text, ",") {
			if err := f.add(strings.TrimSpace(s)); err != nil {
				return nil, fmt.Errorf("trace: filter %q: %w", text, err)
			}
		}
	}
	return f, nil
}

func (f *Filter) add(s string) error {
	text, not := strings.CutPrefix(s, "!")
	if text == "" {
		return fmt.Errorf("there is an empty pattern")
	}
	p := newPattern(text, not)
	if kind, ok := strings.CutPrefix(text, "%"); ok {
		for _, g := range groups[kind] {
			f.patterns = append(f.patterns, newPattern(g, not))
			f.patterns[len(f.patterns)-1].part = true
		}
		if groups[kind] != nil {
			return nil
		}
		for k := component.CallImport; k <= component.CallStart; k++ {
			if k.String() == kind {
				p.kind = kind
			}
		}
		if p.kind == "" {
			return fmt.Errorf("there is no %%%s; there are %%import, %%export, %%inner, %%drop, %%start, %%file, %%net, %%io and %%clock", kind)
		}
	}
	f.patterns = append(f.patterns, p)
	return nil
}

func newPattern(text string, not bool) pattern {
	p := pattern{text: text, not: not}
	p.iface, p.fn, p.both = strings.Cut(text, "#")
	return p
}

// Match reports whether a call of a function is meant; name is as in
// component.TracedCall.
func (f *Filter) Match(kind component.CallKind, name string) bool {
	if f == nil || len(f.patterns) == 0 {
		return true
	}
	meant := f.patterns[0].not
	n := namesOf(kind, name)
	for i := range f.patterns {
		if p := &f.patterns[i]; p.fits(kind, n) {
			meant = !p.not
		}
	}
	return meant
}

// Unmatched lists the patterns that fit none of the functions, which the user has
// misspelled.
func (f *Filter) Unmatched(funcs []string) []string {
	var none []string
	for i := range f.patterns {
		p := &f.patterns[i]
		fits := p.kind != "" || p.part || p.fits(component.CallDrop, namesOf(component.CallDrop, ""))
		for _, name := range funcs {
			fits = fits || p.fits(component.CallImport, namesOf(component.CallImport, name))
		}
		if !fits {
			none = append(none, p.text)
		}
	}
	return none
}

// names are what a function can be called.
type names struct{ ifaces, funcs []string }

func namesOf(kind component.CallKind, name string) (n names) {
	iface, fn := split(name)
	if kind == component.CallDrop {
		iface, fn = name, "drop"
		if i := strings.LastIndexByte(name, '#'); i >= 0 {
			iface, fn = name[:i], name[i+1:]+".drop"
		}
		n.funcs = append(n.funcs, "drop")
	}
	n.funcs = append(n.funcs, fn)
	if _, bare, ok := strings.Cut(fn, "]"); ok {
		n.funcs = append(n.funcs, bare)
		fn = bare
	}
	if _, base, ok := strings.Cut(fn, "."); ok {
		n.funcs = append(n.funcs, base)
	}
	if iface == "" {
		return n
	}
	plain := unversioned(iface)
	n.ifaces = append(n.ifaces, iface, plain)
	if pkg, last, ok := strings.Cut(plain, "/"); ok {
		n.ifaces = append(n.ifaces, pkg, last)
	}
	return n
}

func (p *pattern) fits(kind component.CallKind, n names) bool {
	switch {
	case p.kind != "":
		return p.kind == kind.String()
	case p.both:
		return anyFits(p.iface, n.ifaces) && anyFits(p.fn, n.funcs)
	}
	return anyFits(p.text, n.ifaces) || anyFits(p.text, n.funcs)
}

func anyFits(glob string, names []string) bool {
	for _, n := range names {
		if fitsGlob(glob, n) {
			return true
		}
	}
	return false
}

// fitsGlob goes back to the last * where a text does not fit, so that its work is at most
// the product of both lengths.
func fitsGlob(glob, s string) bool {
	star, from := -1, 0
	g, i := 0, 0
	for i < len(s) {
		switch {
		case g < len(glob) && glob[g] == '*':
			star, from = g, i
			g++
		case g < len(glob) && (glob[g] == '?' || glob[g] == s[i]):
			g++
			i++
		case star >= 0:
			from++
			g, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(glob[g:], "*") == ""
}

// split cuts the name of a function into that of its interface, which may be empty, and
// its own.
func split(name string) (iface, fn string) {
	if i := strings.LastIndexByte(name, '#'); i >= 0 {
		return name[:i], name[i+1:]
	}
	return "", name
}

func unversioned(iface string) string {
	iface, _, _ = strings.Cut(iface, "@")
	return iface
}
