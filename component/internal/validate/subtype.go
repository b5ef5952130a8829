package validate

import (
	"errors"
	"fmt"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/wit"
)

// Subtype reports whether something of type have may be given where want is asked for;
// the error says why not. Abstract resources of the two types are equal only if they are
// the same, so an instance fits only a type that introduces resources of its own, or
// none.
func Subtype(have, want ExternType) (err error) {
	v := newChecker()
	defer v.catch(&err)
	m := &matcher{v: v, sub: v.substituting(introduced(want))}
	if why := m.extern(have, want); why != "" {
		return errors.New(why)
	}
	return nil
}

// introduced are the abstract resources that a wanted type introduces, for which
// whoever gives one has resources.
func introduced(want ExternType) []*wit.TypeDef {
	switch want.Sort {
	case binary.SortInstance:
		return want.Instance.Resources
	case binary.SortType:
		if def, ok := want.Type.(*wit.TypeDef); ok && def.Root() == def && def.IsResource() {
			return []*wit.TypeDef{def}
		}
	}
	return nil
}

// A matcher checks whether what there is fits what is wanted. As it goes, it finds
// what stands in for the abstract resources of the wanted types, which are open in sub
// at first. Its methods say why something does not fit, or nothing.
type matcher struct {
	v   *checker
	sub *substitution

	// matched holds pairs of instances that fit.
	matched map[[2]*InstanceType]bool
}

func (m *matcher) extern(have, want ExternType) string {
	m.v.spend(1)
	if have.Sort != want.Sort {
		return fmt.Sprintf("want %s, have %s", want.Sort.WithArticle(), have.Sort.WithArticle())
	}
	switch want.Sort {
	case binary.SortFunc:
		return m.fn(have.Func, want.Func)
	case binary.SortType:
		return m.typ(have.Type, want.Type)
	case binary.SortInstance:
		return m.instance(have.Instance, want.Instance)
	case binary.SortComponent:
		return m.component(have.Component, want.Component)
	case binary.SortCoreModule:
		return m.v.module(have.Module, want.Module)
	}
	return want.Sort.WithArticle() + " cannot be given"
}

func (m *matcher) fn(have, want *FuncType) string {
	want = m.sub.fn(want)
	if m.v.values.SameFunc(have, want) {
		return ""
	}
	switch {
	case have.Async != want.Async:
		return "one function is async, the other is not"
	case len(have.Params) != len(want.Params):
		return fmt.Sprintf("want a function of %d parameters, have one of %d", len(want.Params), len(have.Params))
	case !m.v.values.Same(have.Result, want.Result):
		return "the result is " + m.v.difference(have.Result, want.Result)
	}
	for i, w := range want.Params {
		h := have.Params[i]
		switch {
		case h.Name != w.Name:
			return fmt.Sprintf("want a parameter %q, have %q", w.Name, h.Name)
		case !m.v.values.Same(h.Type, w.Type):
			return fmt.Sprintf("the parameter %q is %s", w.Name, m.v.difference(h.Type, w.Type))
		}
	}
	return "the function types differ"
}

func (v *checker) difference(have, want wit.Type) string {
	h, w := kindOf(have), kindOf(want)
	if h == w {
		return h + " of another type"
	}
	return h + ", not " + w
}

// typ matches exported types. What has a name where it is wanted gets the name that
// it has where it is given.
func (m *matcher) typ(have, want any) string {
	switch want := want.(type) {
	case wit.Type:
		if have, ok := have.(wit.Type); ok {
			return m.value(have, want)
		}
		return "want " + kindOf(want)
	case *FuncType:
		if have, ok := have.(*FuncType); ok {
			return m.fn(have, want)
		}
		return "want a function type"
	case *InstanceType:
		if have, ok := have.(*InstanceType); ok {
			return m.sameInstanceType(have, m.sub.instance(want))
		}
		return "want an instance type"
	case *ComponentType:
		if have, ok := have.(*ComponentType); ok {
			want = m.sub.component(want)
			if why := m.componentsFit(have, want); why != "" {
				return why
			}
			return m.componentsFit(want, have)
		}
		return "want a component type"
	}
	return "want another type"
}

func (m *matcher) value(have, want wit.Type) string {
	def, hasName := want.(*wit.TypeDef)
	if !hasName || !m.sub.isOpen(def) {
		w := m.sub.typ(want)
		switch {
		case m.v.values.Same(have, w):
		case isResource(have) && isResource(w):
			return "the resources are not the same"
		default:
			return "the type is " + m.v.difference(have, w)
		}
	} else if !isResource(have) {
		return "want a resource, have " + kindOf(have)
	}
	if hasName {
		m.sub.give(def, have)
	}
	return ""
}

func isResource(t wit.Type) bool {
	def, ok := t.(*wit.TypeDef)
	return ok && def.IsResource()
}

// sameInstanceType matches instance types that are themselves imported or exported:
// they must be equal.
func (m *matcher) sameInstanceType(have, want *InstanceType) string {
	if have == want {
		return ""
	}
	fits := func(have, want *InstanceType) string {
		inner := &matcher{v: m.v, sub: m.v.substituting(want.Resources)}
		return inner.instance(have, want)
	}
	if why := fits(have, want); why != "" {
		return why
	}
	return fits(want, have)
}

func (m *matcher) instance(have, want *InstanceType) string {
	pair := [2]*InstanceType{have, want}
	if have == want && len(want.Resources) == 0 || m.matched[pair] {
		return ""
	}
	m.v.spend(len(want.Exports.List))
	for _, w := range want.Exports.List {
		h := have.Exports.Lookup(w.Name)
		if h == nil {
			return fmt.Sprintf("it has no export %q", w.Name)
		}
		if why := m.extern(h.ExternType, w.ExternType); why != "" {
			return fmt.Sprintf("export %q: %s", w.Name, why)
		}
	}
	if m.matched == nil {
		m.matched = map[[2]*InstanceType]bool{}
	}
	m.matched[pair] = true
	return ""
}

func (m *matcher) component(have, want *ComponentType) string {
	return m.componentsFit(have, m.sub.component(want))
}

// componentsFit matches components: have may import less and export more. Whoever
// instantiates it gives what want imports and gets what it exports.
func (m *matcher) componentsFit(have, want *ComponentType) string {
	pair := [2]*ComponentType{have, want}
	if have == want || m.v.fits[pair] {
		return ""
	}
	m.v.spend(4 + len(have.Imports.List) + len(want.Exports.List))
	given := &matcher{v: m.v, sub: m.v.substituting(have.ImportResources)}
	for _, i := range have.Imports.List {
		w := want.Imports.Lookup(i.Name)
		if w == nil {
			return fmt.Sprintf("it has an import %q that is not expected", i.Name)
		}
		if why := given.extern(w.ExternType, i.ExternType); why != "" {
			return fmt.Sprintf("import %q: %s", i.Name, why)
		}
	}
	got := &matcher{v: m.v, sub: m.v.substituting(want.ExportResources)}
	for _, w := range want.Exports.List {
		h := have.Exports.Lookup(w.Name)
		if h == nil {
			return fmt.Sprintf("it has no export %q", w.Name)
		}
		if why := got.extern(given.sub.extern(h.ExternType), w.ExternType); why != "" {
			return fmt.Sprintf("export %q: %s", w.Name, why)
		}
	}
	m.v.fits[pair] = true
	return ""
}
