package component

import (
	"errors"
	"fmt"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

// A Survey is what the binary of a component or core module holds and says of itself, for
// those who tell a user what a file is. Nothing of it is checked.
type Survey struct {
	// Modules are the core modules of a component, at any depth, in the order of the file,
	// or the core module itself. Of very many only the first 10,000 are looked at, and More
	// is how many are left.
	Modules []SurveyedModule
	More    int

	// Producers are the tools and languages that the component itself names.
	Producers []Producer

	// Sections names the custom sections of the component itself, in order.
	Sections []string

	// Components is how many components there are, the outermost included.
	Components int

	// TypesOnly is set where a component consists of types and of exports of types: it is
	// WIT in its binary form, and not a program.
	TypesOnly bool

	syntax *binary.Component // nil for a core module
}

// A SurveyedModule is a core module of a [Survey].
type SurveyedModule struct {
	Name         string // by its name section
	Offset, Size int    // in the file
	Imports      []CoreImport
	Exports      []string
	Sections     []string // names of custom sections
	Producers    []Producer
	Uses         []CoreUse
	Memory       uint64 // bytes that its memories have at first
}

// A CoreImport is an import of a core module.
type CoreImport struct{ Module, Name string }

// A CoreUse is a feature of core WebAssembly that a module uses beyond what every engine has.
type CoreUse struct {
	Feature string // in plain words, "legacy exceptions"

	// Supported tells whether the engine of this package has it.
	Supported bool

	// Offset is the first place in the file. Func is the index of the first function, or
	// -1 where no function has it. Functions is how many have it.
	Offset, Func, Functions int
}

// lacking are the features that the engine does not have.
var lacking = map[core.Feature]bool{
	core.LegacyExceptions: true,
	core.GC:               true,
	core.MultiMemory:      true,
	core.Memory64:         true,
	core.RelaxedSIMD:      true,
	core.StackSwitching:   true,
	core.CustomPageSizes:  true,
	core.WideArithmetic:   true,
	core.SharedEverything: true,
	core.UnknownOpcode:    true,
}

// SurveyOf surveys a component or core module. The error is a *[DecodeError]; what could be
// read is answered all the same.
func SurveyOf(data []byte) (*Survey, error) {
	s := &Survey{}
	if binary.Kind(data) == binary.KindModule {
		return s, publicError(s.module(data, 0))
	}
	root, err := binary.Decode(data)
	if root != nil {
		if earlier := s.root(root); earlier != nil {
			err = earlier
		}
	}
	return s, publicError(err)
}

// Component goes on to what [Read] gives, without decoding again. It is for components that
// were surveyed without an error.
func (s *Survey) Component() (*Component, error) {
	if s.syntax == nil {
		return nil, &DecodeError{0, "this is a core module (layer 0), not a component"}
	}
	return planned(s.syntax)
}

// root surveys the outermost component, and answers the first mistake in a core module.
func (s *Survey) root(c *binary.Component) error {
	s.Producers, s.Sections = ofCustoms(c.Custom)
	s.TypesOnly, s.syntax = typesOnly(c), c
	return s.component(c)
}

func (s *Survey) component(c *binary.Component) error {
	s.Components++
	var errs error
	for _, d := range c.Defs {
		var err error
		switch d := d.(type) {
		case *binary.CoreModule:
			err = s.module(d.Bytes, d.At())
		case *binary.Nested:
			err = s.component(d.Component)
		}
		if errs == nil {
			errs = err
		}
	}
	return errs
}

// maxSurveyed bounds the core modules that are looked at.
const maxSurveyed = 10_000

// module surveys a core module that begins at an offset in the file.
func (s *Survey) module(data []byte, at int) error {
	if len(s.Modules) == maxSurveyed {
		s.More++
		return nil
	}
	m, err := core.Read(data)
	if err != nil {
		var inner *binary.DecodeError
		if errors.As(err, &inner) {
			return &binary.DecodeError{Offset: at + inner.Offset, Path: inner.Path, Msg: fmt.Sprintf("core module: %s", inner.Msg)}
		}
		return err
	}
	found := SurveyedModule{Name: m.ModuleName, Offset: at, Size: len(data),
		Imports: make([]CoreImport, 0, len(m.Imports)), Exports: make([]string, 0, len(m.Exports))}
	for _, im := range m.Imports {
		found.Imports = append(found.Imports, CoreImport{im.Module, im.Name})
	}
	for _, e := range m.Exports {
		found.Exports = append(found.Exports, e.Name)
	}
	customs := make([]binary.Custom, 0, len(m.CustomSections()))
	for _, c := range m.CustomSections() {
		customs = append(customs, binary.Custom{Name: c.Name, Data: c.Data})
	}
	found.Producers, found.Sections = ofCustoms(customs)
	for _, u := range m.Uses() {
		found.Uses = append(found.Uses, CoreUse{u.Feature.String(), !lacking[u.Feature], at + u.Offset, u.Func, u.Functions})
	}
	for _, t := range m.Memories[m.ImportedMemories:] {
		if t.Limits.PageLog < 32 && t.Limits.Min < 1<<31 {
			found.Memory += t.Limits.Min << t.Limits.PageLog
		}
	}
	s.Modules = append(s.Modules, found)
	return nil
}

// typesOnly reports whether a component is nothing but types and exports of them.
func typesOnly(c *binary.Component) bool {
	types := 0
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *binary.TypeDef:
			types++
		case *binary.Export:
			if d.Sort != binary.SortType {
				return false
			}
		default:
			return false
		}
	}
	return types > 0
}

// ofCustoms reads the producers of custom sections, and names the sections.
func ofCustoms(customs []binary.Custom) (made []Producer, names []string) {
	for _, c := range customs {
		names = append(names, c.Name)
		if c.Name == producersSection {
			made = append(made, producers(c.Data)...)
		}
	}
	return made, names
}
