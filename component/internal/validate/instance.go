package validate

import "github.com/tenon-wasm/tenon/component/internal/binary"

// instance validates a component instance.
func (v *checker) instance(s *scope, d *binary.Instance) *InstanceType {
	if d.Inline {
		return v.inlineInstance(s, d)
	}
	return v.instantiate(s, d)
}

// inlineInstance makes an instance of items at hand. A type in it keeps the name that
// it has, or has none.
func (v *checker) inlineInstance(s *scope, d *binary.Instance) *InstanceType {
	v.spend(4 + 2*len(d.Exports))
	names := nameContext{what: "export", anonymous: true}
	exports := make([]Extern, 0, len(d.Exports))
	for _, e := range d.Exports {
		t := v.pick(s, e.Sort, e.Index)
		v.checkName(&names, e.Name, t)
		exports = append(exports, Extern{e.Name.Name, t})
	}
	return newInstanceOf(v.deepest(exports), exports)
}

// instantiate checks the arguments of an instantiation and answers the instance: its
// type is what the component exports, with the arguments' types for the imported ones,
// and new resources for those that it defines.
func (v *checker) instantiate(s *scope, d *binary.Instance) *InstanceType {
	c := v.pick(s, binary.SortComponent, d.Component).Component
	v.spend(4 + 2*len(d.Args) + 2*len(c.Imports.List))
	args := make(map[string]ExternType, len(d.Args))
	for _, arg := range d.Args {
		if _, dup := args[arg.Name]; dup {
			v.invalid("duplicate argument %q", arg.Name)
		}
		args[arg.Name] = v.pick(s, arg.Sort, arg.Index)
	}
	m := &matcher{v: v, sub: v.substituting(c.ImportResources)}
	for _, im := range c.Imports.List {
		arg, ok := args[im.Name]
		if !ok {
			v.invalid("import %q of the component is not among the arguments", im.Name)
		}
		if why := m.extern(arg, im.ExternType); why != "" {
			v.invalid("argument %q does not fit the import: %s", im.Name, why)
		}
	}
	v.spend(4 * len(c.ExportResources))
	for _, r := range c.ExportResources {
		fresh := newResource(r.Name)
		m.sub.names[r] = fresh
		s.define(fresh)
	}
	exports, changed := m.sub.externs(c.Exports.List)
	if !changed {
		return &InstanceType{Exports: c.Exports, depth: c.depth}
	}
	return newInstanceOf(c.depth, exports)
}
