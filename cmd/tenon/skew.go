package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon/adapter"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/wit"
)

// skew are the flags for imports that nothing matches by name and version.
type skew struct {
	renamed, stubbed list

	aliases []alias
	stubs   component.StubMode
}

// An alias is a flag --alias: what is imported as from is met by to.
type alias struct{ From, To string }

func (a alias) String() string { return "--alias " + a.From + "=" + a.To }

func (s *skew) register(flags *flag.FlagSet) {
	flags.Var(&s.renamed, "alias", "")
	flags.Var(&s.stubbed, "stub", "")
}

func (s *skew) parse() error {
	for _, text := range s.renamed {
		from, to, ok := strings.Cut(text, "=")
		if !ok || from == "" || to == "" {
			return usageError{fmt.Errorf("--alias %s: want NAME=NAME, such as wasi:config@0.2.0-draft=wasi:config@0.2.0-rc.1", text)}
		}
		// A linker of nothing has the same words for what is no alias.
		if err := component.NewLinker(nil).Alias(from, to); err != nil {
			return usageError{fmt.Errorf("--alias %s: %w", text, errors.Unwrap(err))}
		}
		s.aliases = append(s.aliases, alias{from, to})
	}
	for _, text := range s.stubbed {
		switch text {
		case "missing", "missing=trap":
			s.stubs = component.StubTraps
		case "missing=error":
			s.stubs = component.StubErrors
		default:
			return usageError{fmt.Errorf("--stub %s: want missing, missing=trap or missing=error", text)}
		}
	}
	return nil
}

// apply gives a linker the shims, aliases and stubs. The component is linked, with what is
// in the files of links.
func (s *skew) apply(l *component.Linker, imports []string) error {
	if err := l.Shim(adapter.Shims()...); err != nil {
		return err
	}
	for _, a := range s.aliases {
		if !slices.ContainsFunc(imports, a.means) {
			return refusal{fmt.Errorf("%s: nothing imports %s; imports are %s", a, a.From, strings.Join(imports, ", "))}
		}
		if err := l.Alias(a.From, a.To); err != nil {
			return err
		}
	}
	l.StubMissing(s.stubs)
	return nil
}

// means reports whether the alias is for an import.
func (a alias) means(im string) bool {
	n, err := wit.ParseName(im)
	return err == nil && (n.String() == a.From || n.Pkg().String() == a.From)
}

// announce tells which shims and stubs stand in for what components import, before anything
// runs.
func announce(w io.Writer, l *component.Linker, components []*component.Component) {
	var matches []component.Match
	for _, c := range components {
		matches = append(matches, l.Match(c)...)
	}
	told := map[string]bool{}
	tell := func(line string) {
		if !told[line] {
			told[line] = true
			fmt.Fprintf(w, "tenon: %s\n", line)
		}
	}
	for _, m := range matches {
		if m.Quality != component.Missing && m.Shim != nil {
			tell(fmt.Sprintf("shim %s: %s", m.Shim, m.Shim.Why))
		}
	}
	for _, m := range matches {
		for _, s := range m.Stubs {
			tell(fmt.Sprint(s))
		}
	}
}

// way says by which flag a missing import could be met, if by any.
func way(m component.Match) string {
	switch m.Cause {
	case component.OtherPrerelease:
		return fmt.Sprintf("; try %s", alias{m.Import, m.Near})
	case component.NotOffered:
		return fmt.Sprintf("; meet it by --link %s=FILE, or let calls of it trap with --stub missing", m.Import)
	case component.LacksFunction:
		return "; --stub missing lets calls of what is missing trap"
	}
	return ""
}
