package component

import (
	"fmt"
	"maps"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// A Shim meets imports of names that nothing that is offered matches, by what the host
// offers under another name, and by what Build makes of it.
type Shim struct {
	// From and To are interfaces, or packages, which stand for each of their interfaces,
	// as in [Linker.Alias].
	From, To string

	// Why says in one line what makes the one stand in for the other.
	Why string

	// Build makes what is imported as From of what the host offers as To. Types and
	// resources that it passes on stay the same ones. Nil is for what can be taken as it
	// is.
	Build func(have *Interface) (*Interface, error)
}

func (s *Shim) String() string { return s.From + " by " + s.To }

// Shim adds to the shims of the linker. They are looked at, in the order in which they
// came, after every name and version and alias; the first one counts whose To is offered.
// Then types are checked, function by function, as for any other match. Package adapter
// has a table of them.
func (l *Linker) Shim(table ...Shim) error {
	for _, s := range table {
		r, err := newRenaming(s.From, s.To)
		if err != nil {
			return fmt.Errorf("component: shim %s: %w", &s, err)
		}
		l.shims = append(l.shims, &shim{s, r})
	}
	l.forget()
	return nil
}

type shim struct {
	Shim
	renaming
}

// shimmed finds the shim for an import, and what it makes; the shim alone, where that
// cannot be made.
func (l *Linker) shimmed(want string) (s *Shim, name string, made supply, err error) {
	n, err := wit.ParseName(want)
	if err != nil {
		return nil, "", nil, nil
	}
	for _, s := range l.shims {
		to, ok := s.apply(n)
		if !ok {
			continue
		}
		name, have := l.pick(to.String())
		if have == nil {
			continue
		}
		if s.Build == nil {
			return &s.Shim, name, have, nil
		}
		host, ok := have.(hostInstance)
		if !ok {
			return &s.Shim, name, nil, fmt.Errorf("%s is not the host's own", name)
		}
		built, err := s.Build(host.Interface)
		if err != nil {
			return &s.Shim, name, nil, err
		}
		made, err := l.built(name, built)
		return &s.Shim, name, made, err
	}
	return nil, "", nil, nil
}

// built is an interface that a shim has made. Its resources count for its own functions
// alone; those of the linker may be read by other goroutines.
func (l *Linker) built(name string, i *Interface) (supply, error) {
	own := &Linker{resources: map[*wit.TypeDef]*cabi.ResourceType{}}
	if err := own.resourcesOf(name, i); err != nil {
		return nil, err
	}
	all := maps.Clone(l.resources)
	maps.Copy(all, own.resources)
	own.resources = all
	return hostInstance{hostSupply{linker: own}, name, i}, nil
}
