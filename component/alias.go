package component

import (
	"fmt"

	"github.com/tenon-wasm/tenon/wit"
)

// Alias tells the linker that what components import as from is to be met by what is
// offered as to, though the names would not match: a release candidate by the release,
// or by another one. Both are interfaces (`wasi:config/store@0.2.0-draft`), or both are
// packages (`wasi:config@0.2.0-draft`), which stands for each of their interfaces. Of from
// every letter counts; to is found as an import of that name would be.
//
// An alias goes before what is offered under the name itself, and one for an interface
// before one for its package. It says that the two mean the same; that their types are
// the same is still checked, function by function.
func (l *Linker) Alias(from, to string) error {
	r, err := newRenaming(from, to)
	if err != nil {
		return fmt.Errorf("component: alias %s=%s: %w", from, to, err)
	}
	l.forget()
	l.aliases[r.from] = r.to
	return nil
}

// aliased is what an import is called by the aliases.
func (l *Linker) aliased(name wit.Name) (wit.Name, bool) {
	if to, ok := l.aliases[name]; ok {
		return to, true
	}
	if to, ok := l.aliases[name.Pkg()]; ok && name.Interface != "" {
		return to.In(name.Interface), true
	}
	return wit.Name{}, false
}

// A renaming leads from an interface to another, or from all of a package to those of
// another.
type renaming struct{ from, to wit.Name }

func newRenaming(from, to string) (renaming, error) {
	f, err := wit.ParseName(from)
	if err != nil {
		return renaming{}, err
	}
	t, err := wit.ParseName(to)
	switch {
	case err != nil:
		return renaming{}, err
	case f == t:
		return renaming{}, fmt.Errorf("both are %s", f)
	case f.Interface == "" && t.Interface != "":
		return renaming{}, fmt.Errorf("%s is a package, %s is an interface", f, t)
	case f.Interface != "" && t.Interface == "":
		return renaming{}, fmt.Errorf("%s is an interface, %s is a package", f, t)
	}
	return renaming{f, t}, nil
}

// apply is what a name is called by the renaming.
func (r renaming) apply(name wit.Name) (wit.Name, bool) {
	switch {
	case r.from == name:
		return r.to, true
	case r.from.Interface == "" && r.from == name.Pkg() && name.Interface != "":
		return r.to.In(name.Interface), true
	}
	return wit.Name{}, false
}
