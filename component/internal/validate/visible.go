package validate

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/wit"
)

// A visibility holds the types that imports, or imports and exports, may refer to,
// because an import or export before has given them a name that the outside can use:
// resources, records, variants, enums and flags need one. The rest is what has been
// looked at, with success: names only come in addition.
type visibility struct {
	names     map[wit.Type]bool
	types     map[wit.Type]bool
	funcs     map[*FuncType]bool
	instances map[*InstanceType]bool
}

func (s *visibility) note(t wit.Type) {
	if s.names == nil {
		s.names = map[wit.Type]bool{}
	}
	s.names[t] = true
}

// visible reports whether everything that an import or export refers to has a name
// outside, and notes the names that itself gives. Instance types are not asked before
// something is imported or exported with them.
func (v *checker) visible(s *scope, set *visibility, t ExternType) bool {
	if s.kind == instanceTypeScope {
		return true
	}
	switch t.Sort {
	case binary.SortFunc:
		return v.visibleFunc(set, t.Func)
	case binary.SortInstance:
		return v.visibleInstance(s, set, t.Instance)
	case binary.SortType:
		if !v.visibleExported(set, t.Type) {
			return false
		}
		if typ, ok := t.Type.(wit.Type); ok {
			set.note(typ)
			s.exportable.note(typ) // What is imported can be exported too.
		}
	}
	return true
}

func (v *checker) visibleInstance(s *scope, set *visibility, t *InstanceType) bool {
	if set.instances[t] {
		return true
	}
	v.spend(len(t.Exports.List))
	for _, e := range t.Exports.List {
		if !v.visible(s, set, e.ExternType) {
			return false
		}
	}
	if set.instances == nil {
		set.instances = map[*InstanceType]bool{}
	}
	set.instances[t] = true
	return true
}

// visibleExported asks about a type that is about to get a name itself, so that only
// its parts need one.
func (v *checker) visibleExported(set *visibility, t any) bool {
	switch t := t.(type) {
	case wit.Type:
		if def, ok := t.(*wit.TypeDef); ok && def.IsResource() {
			return true
		}
		return v.visibleParts(set, wit.Structure(t))
	case *FuncType:
		return v.visibleFunc(set, t)
	case *InstanceType:
		v.spend(1 + len(t.Exports.List))
		for _, e := range t.Exports.List {
			ok := true
			switch e.Sort {
			case binary.SortFunc:
				ok = v.visibleFunc(set, e.Func)
			case binary.SortInstance:
				ok = v.visibleExported(set, e.Instance)
			case binary.SortType:
				ok = v.visibleExported(set, e.Type)
			}
			if !ok {
				return false
			}
		}
	}
	return true // Component types were asked when they were defined.
}

func (v *checker) visibleFunc(set *visibility, f *FuncType) bool {
	if !f.traits.nominal || set.funcs[f] {
		return true
	}
	v.spend(len(f.Params))
	for _, p := range f.Params {
		if !v.visibleType(set, p.Type) {
			return false
		}
	}
	if f.Result != nil && !v.visibleType(set, f.Result) {
		return false
	}
	if set.funcs == nil {
		set.funcs = map[*FuncType]bool{}
	}
	set.funcs[f] = true
	return true
}

func (v *checker) visibleType(set *visibility, t wit.Type) bool {
	if t == nil || !v.values.of(t).nominal || set.types[t] {
		return true
	}
	if set.names[t] {
		return true
	}
	switch structure := wit.Structure(t).(type) {
	case *wit.Record, *wit.Variant, *wit.Enum, *wit.Flags, *wit.Resource:
		return false
	default:
		if !v.visibleParts(set, structure) {
			return false
		}
	}
	if set.types == nil {
		set.types = map[wit.Type]bool{}
	}
	set.types[t] = true
	return true
}

func (v *checker) visibleParts(set *visibility, t wit.Type) bool {
	ok := true
	v.spend(1)
	EachPart(t, func(part wit.Type) {
		v.spend(1)
		ok = ok && v.visibleType(set, part)
	})
	return ok
}

// exportResources notes the resources that an export gives a name.
func (v *checker) exportResources(s *scope, t ExternType) {
	switch t.Sort {
	case binary.SortType:
		if def, ok := t.Type.(*wit.TypeDef); ok && def.IsResource() {
			s.exported[def.Root()] = true
		}
	case binary.SortInstance:
		if s.exportedInstances[t.Instance] {
			return
		}
		if s.exportedInstances == nil {
			s.exportedInstances = map[*InstanceType]bool{}
		}
		s.exportedInstances[t.Instance] = true
		v.spend(len(t.Instance.Exports.List))
		for _, e := range t.Instance.Exports.List {
			v.exportResources(s, e.ExternType)
		}
	}
}

// A freeWalk collects the resources that types refer to and do not introduce.
type freeWalk struct {
	v       *checker
	seen    map[any]bool
	isFound map[*wit.TypeDef]bool
	found   []*wit.TypeDef
}

func (v *checker) free() *freeWalk {
	return &freeWalk{v: v, seen: map[any]bool{}, isFound: map[*wit.TypeDef]bool{}}
}

// refersToResource reports whether a type refers to a resource that it does not
// introduce itself.
func (v *checker) refersToResource(t any) bool {
	w := v.free()
	w.typ(t)
	return len(w.found) > 0
}

func (w *freeWalk) first(t any) bool {
	if w.seen[t] {
		return false
	}
	w.v.spend(1)
	w.seen[t] = true
	return true
}

func (w *freeWalk) add(resources []*wit.TypeDef) {
	w.v.spend(len(resources))
	for _, r := range resources {
		if !w.isFound[r] {
			w.isFound[r] = true
			w.found = append(w.found, r)
		}
	}
}

func (w *freeWalk) extern(t ExternType) {
	switch t.Sort {
	case binary.SortFunc:
		w.typ(t.Func)
	case binary.SortInstance:
		w.typ(t.Instance)
	case binary.SortComponent:
		w.typ(t.Component)
	case binary.SortType:
		w.typ(t.Type)
	}
}

func (w *freeWalk) typ(t any) {
	switch t := t.(type) {
	case wit.Type:
		w.value(t)
	case *FuncType:
		if !t.traits.resource || !w.first(t) {
			return
		}
		w.v.spend(len(t.Params))
		for _, p := range t.Params {
			w.value(p.Type)
		}
		if t.Result != nil {
			w.value(t.Result)
		}
	case *InstanceType:
		if w.first(t) {
			w.add(w.v.freeIn(&t.free, t.Resources, t.Exports.List))
		}
	case *ComponentType:
		if w.first(t) {
			own := append(append([]*wit.TypeDef(nil), t.ImportResources...), t.ExportResources...)
			w.add(w.v.freeIn(&t.free, own, t.Imports.List, t.Exports.List))
		}
	}
}

// freeIn are the free resources of a type that introduces some; they are remembered.
func (v *checker) freeIn(known **[]*wit.TypeDef, own []*wit.TypeDef, lists ...[]Extern) []*wit.TypeDef {
	if *known != nil {
		return **known
	}
	w := v.free()
	for _, list := range lists {
		v.spend(len(list))
		for _, e := range list {
			w.extern(e.ExternType)
		}
	}
	v.spend(len(own))
	introduced := make(map[*wit.TypeDef]bool, len(own))
	for _, r := range own {
		introduced[r] = true
	}
	free := []*wit.TypeDef{}
	for _, r := range w.found {
		if !introduced[r] {
			free = append(free, r)
		}
	}
	*known = &free
	return free
}

func (w *freeWalk) value(t wit.Type) {
	if !w.v.values.of(t).resource || !w.first(t) {
		return
	}
	if def, ok := t.(*wit.TypeDef); ok {
		if def.IsResource() {
			w.add([]*wit.TypeDef{def.Root()})
			return
		}
		w.value(def.Type)
		return
	}
	EachPart(t, w.value)
}
