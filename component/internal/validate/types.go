package validate

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// An ExternType is the type of an import or export. The field that fits the sort is
// set.
type ExternType struct {
	Sort binary.Sort

	Func      *FuncType      // SortFunc
	Instance  *InstanceType  // SortInstance
	Component *ComponentType // SortComponent
	Module    *ModuleType    // SortCoreModule

	// Type, for SortType, is what is imported or exported: a wit.Type, which is a
	// *wit.TypeDef for a resource and for what the import or export gives a new name,
	// or a *FuncType, *InstanceType or *ComponentType.
	Type any
}

// An Extern is a named import or export.
type Extern struct {
	Name string
	ExternType
}

// A FuncType is a function type.
type FuncType struct {
	Params []wit.Param
	Result wit.Type
	Async  bool

	traits *traits
}

// An InstanceType is the type of an instance, or an instance seen from outside.
type InstanceType struct {
	Exports Externs

	// Resources are the abstract resources that the type introduces: whoever imports
	// or exports an instance of it gets new ones. An instance has none of its own.
	Resources []*wit.TypeDef

	depth int
	free  *[]*wit.TypeDef
}

// A ComponentType is the type of a component.
type ComponentType struct {
	Imports, Exports Externs

	// ImportResources are the abstract resources that the imports introduce, for
	// which an instantiation gives others; ExportResources are those that every
	// instance has of its own.
	ImportResources, ExportResources []*wit.TypeDef

	depth int
	free  *[]*wit.TypeDef
}

// A ModuleType is the type of a core module.
type ModuleType struct {
	Imports []CoreImport
	Exports []CoreExport

	imports map[[2]string]int
	exports map[string]int
}

// A CoreItem is the type of a core import or export; Sig is that of a function or tag.
type CoreItem struct {
	core.ExternType
	Sig core.FuncType
}

// CoreImport is an import of a core module.
type CoreImport struct {
	Module, Name string
	CoreItem
}

// CoreExport is an export of a core module.
type CoreExport struct {
	Name string
	CoreItem
}

// Externs are imports or exports in order.
type Externs struct {
	List  []Extern
	index map[string]int
}

// few is how many names are looked through without an index.
const few = 8

// Lookup answers the import or export of a name, or nil.
func (e *Externs) Lookup(name string) *Extern {
	if len(e.List) <= few {
		for i := range e.List {
			if e.List[i].Name == name {
				return &e.List[i]
			}
		}
		return nil
	}
	if e.index == nil {
		e.index = make(map[string]int, len(e.List))
		for i, x := range e.List {
			e.index[x.Name] = i
		}
	}
	if i, ok := e.index[name]; ok {
		return &e.List[i]
	}
	return nil
}

func (e *Externs) add(name string, t ExternType) {
	e.List = append(e.List, Extern{name, t})
}

// depthOf is how deep a part of an instance or component type nests.
func depthOf(t ExternType) int {
	switch t.Sort {
	case binary.SortInstance:
		return t.Instance.depth
	case binary.SortComponent:
		return t.Component.depth
	case binary.SortType:
		switch d := t.Type.(type) {
		case *InstanceType:
			return d.depth
		case *ComponentType:
			return d.depth
		}
	}
	return 0
}

func (v *checker) deepest(lists ...[]Extern) int {
	deepest := 0
	for _, list := range lists {
		for _, e := range list {
			deepest = max(deepest, depthOf(e.ExternType))
		}
	}
	return v.nest(deepest + 1)
}

func newInstanceOf(depth int, exports []Extern) *InstanceType {
	return &InstanceType{Exports: Externs{List: exports}, depth: depth}
}
