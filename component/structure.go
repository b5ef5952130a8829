package component

import (
	"fmt"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
)

// A Part is a piece of a file as it lies there: the component or core module that the file
// is, or one that lies in another. Its JSON is that of `tenon inspect --json`.
type Part struct {
	// Sort is "component" or "core module". Index is the place in the index space of the
	// component around it.
	Sort  string `json:"sort"`
	Index int    `json:"index"`

	// Name is from the name section of a core module; most components have none.
	Name string `json:"name,omitempty"`

	// Offset and Size tell where in the file, in bytes.
	Offset int `json:"offset"`
	Size   int `json:"size"`

	Imports []PartItem `json:"imports,omitempty"`
	Exports []PartItem `json:"exports,omitempty"`

	// Canons are the canonical definitions of a component, in order: the first MaxCanons.
	// Omitted counts the others.
	Canons  []Canon `json:"canons,omitempty"`
	Omitted int     `json:"omitted,omitempty"`

	// Parts are what lies in a component: nested components and core modules.
	Parts []*Part `json:"parts,omitempty"`

	// Producers are what made it, as its producers section tells.
	Producers []Producer `json:"producers,omitempty"`

	// Custom are its custom sections.
	Custom []CustomSection `json:"custom,omitempty"`

	// Malformed says why a core module could not be read; nothing is known but its size.
	Malformed string `json:"malformed,omitempty"`
}

// A PartItem is an import or export of a part.
type PartItem struct {
	// Module is the first name of an import of a core module.
	Module string `json:"module,omitempty"`
	Name   string `json:"name"`

	// Sort is that of the text format: "instance", "func", "memory".
	Sort string `json:"sort"`

	// Type is told of items of core modules: "(i32) -> (i32)", "2.." pages.
	Type string `json:"type,omitempty"`
}

// A Canon is a canonical definition: `canon lift`, `canon lower`, or a built-in.
type Canon struct {
	Op     string `json:"op"`
	Offset int    `json:"offset"`

	// Of is what is lifted, lowered, or worked on, by the names by which it came:
	// "wasi:io/poll@0.2.12#poll", "cabi_post_run of main".
	Of string `json:"of,omitempty"`

	// The options; empty where they are not given. Encoding is "utf8", "utf16" or
	// "latin1+utf16".
	Encoding   string `json:"encoding,omitempty"`
	Memory     string `json:"memory,omitempty"`
	Realloc    string `json:"realloc,omitempty"`
	PostReturn string `json:"post-return,omitempty"`
	Callback   string `json:"callback,omitempty"`
	Async      bool   `json:"async,omitempty"`
}

// MaxCanons is how many canonical definitions of a component are told. Real ones have some
// hundreds.
const MaxCanons = 50_000

// A CustomSection is a custom section, by its name.
type CustomSection struct {
	Name string `json:"name"`
	Size int    `json:"size"`
}

// Structure tells what a component or core module is made of: its parts and theirs, with
// sizes, imports and exports, canonical definitions with their options, and what made them.
// It needs no engine and looks at syntax alone, as [Dump] does, which tells more. The error
// is a *[DecodeError]; a core module in a component that is malformed is told as such, and
// the rest with it.
func Structure(data []byte) (*Part, error) {
	if KindOf(data) == KindModule {
		p := modulePart(&binary.CoreModule{Bytes: data})
		if p.Malformed != "" {
			_, err := core.Read(data)
			return nil, publicError(err)
		}
		return p, nil
	}
	syntax, err := binary.Decode(data)
	if err != nil {
		return nil, publicError(err)
	}
	return componentPart(syntax), nil
}

func componentPart(c *binary.Component) *Part {
	p := &Part{Sort: binary.SortComponent.String(), Offset: c.Offset, Size: c.Size}
	for _, s := range c.Custom {
		p.Custom = append(p.Custom, CustomSection{s.Name, len(s.Data)})
		switch s.Name {
		case producersSection:
			p.Producers = append(p.Producers, producers(s.Data)...)
		case "component-name":
			p.Name = componentName(s.Data)
		}
	}
	var called callings
	for _, d := range c.Defs {
		p.add(&called, d)
	}
	return p
}

// add notes a definition, and what it is called from then on.
func (p *Part) add(called *callings, d binary.Def) {
	switch d := d.(type) {
	case *binary.CoreModule:
		m := modulePart(d)
		m.Index = called.count(binary.SortCoreModule)
		called.add(binary.SortCoreModule, m.Name)
		p.Parts = append(p.Parts, m)
	case *binary.Nested:
		n := componentPart(d.Component)
		n.Index = called.count(binary.SortComponent)
		called.add(binary.SortComponent, n.Name)
		p.Parts = append(p.Parts, n)
	case *binary.Import:
		p.Imports = append(p.Imports, PartItem{Name: d.Name.Name, Sort: d.Type.Sort.String()})
		called.add(d.Type.Sort, d.Name.Name)
	case *binary.Export:
		p.Exports = append(p.Exports, PartItem{Name: d.Name.Name, Sort: d.Sort.String()})
		called.add(d.Sort, d.Name.Name)
	case *binary.Canon:
		if len(p.Canons) < MaxCanons {
			p.Canons = append(p.Canons, called.canon(d))
		} else {
			p.Omitted++
		}
		called.defineCanon(d)
	default:
		called.define(d)
	}
}

func modulePart(d *binary.CoreModule) *Part {
	p := &Part{Sort: binary.SortCoreModule.String(), Offset: d.At(), Size: len(d.Bytes)}
	m, err := core.Read(d.Bytes)
	if err != nil {
		p.Malformed = err.Error()
		return p
	}
	p.Name = m.ModuleName
	for _, im := range m.Imports {
		p.Imports = append(p.Imports, PartItem{im.Module, im.Name, im.Kind.String(), coreType(m, im.ExternType)})
	}
	for _, e := range m.Exports {
		it := PartItem{Name: e.Name, Sort: e.Kind.String()}
		if t, ok := m.ExternType(e); ok {
			it.Type = coreType(m, t)
		}
		p.Exports = append(p.Exports, it)
	}
	for _, s := range m.CustomSections() {
		p.Custom = append(p.Custom, CustomSection{s.Name, len(s.Data)})
		if s.Name == producersSection {
			p.Producers = append(p.Producers, producers(s.Data)...)
		}
	}
	return p
}

// coreType says a type in few words; it is empty for what is no plain function type.
func coreType(m *core.Module, t core.ExternType) string {
	switch t.Kind {
	case core.Func:
		if int64(t.Type) < int64(len(m.Types)) {
			return m.Types[t.Type].String()
		}
	case core.Memory:
		return coreLimits(t.Limits) + " pages"
	case core.Table:
		return coreLimits(t.Limits) + " of " + core.ValTypeName(t.Val)
	case core.Global:
		if t.Mutable {
			return "mut " + core.ValTypeName(t.Val)
		}
		return core.ValTypeName(t.Val)
	}
	return ""
}

func coreLimits(l core.Limits) string {
	if l.HasMax {
		return fmt.Sprintf("%d..%d", l.Min, l.Max)
	}
	return fmt.Sprintf("%d..", l.Min)
}
