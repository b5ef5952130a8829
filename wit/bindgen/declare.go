package bindgen

import (
	"maps"
	"strings"

	"github.com/tenon-wasm/tenon/wit"
)

// declare decides the names of what p declares. It looks at p's WIT alone:
// packages that refer to p, generated at another time perhaps, decide the same.
func (p *Package) declare(m *model) {
	p.names = newScope("Host", "Interface", "Def", "init", "main")
	p.aliases = newScope(p.Name)
	maps.Copy(p.aliases, imported)
	maps.Copy(p.aliases, locals)
	for _, def := range p.source.types() {
		d := &Decl{Def: def, Docs: def.Docs, pkg: p}
		p.Decls = append(p.Decls, d)
		p.decls[def] = d
		if target, ok := def.Type.(*wit.TypeDef); ok && home(target) != home(def) {
			d.Use = true
			d.Go = exported(def.Name)
			continue
		}
		d.Go = p.names.pick(exported(def.Name))
	}
	// The WIT's own names come first, so that a name that is made up gives way.
	for _, d := range p.Decls {
		d.Var = p.names.pick(d.Go + "Def")
		if d.Use {
			continue
		}
		d.Error = m.errors[d.Def]
		switch t := d.Def.Type.(type) {
		case *wit.Record:
			d.Kind = Record
			d.ABI = p.names.pickWith(d.Go, "Load", "Store", "Lift", "Lower")
			fields := scope{}
			for _, f := range t.Fields {
				d.Names = append(d.Names, fields.pick(exported(f.Name)))
			}
		case *wit.Variant:
			d.Kind = Variant
			d.ABI = p.names.pickWith(d.Go, "Load", "Store", "Lift", "Lower")
			d.Marker = "is" + d.Go
			for _, c := range t.Cases {
				d.Names = append(d.Names, p.names.pick(d.Go+exported(c.Name)))
			}
		case *wit.Enum:
			d.Kind = Enum
			d.Labels = p.names.pick("labelsOf" + d.Go)
			for _, label := range t.Labels {
				d.Names = append(d.Names, p.names.pick(d.Go+exported(label)))
			}
		case *wit.Flags:
			d.Kind = Flags
			for _, label := range t.Labels {
				d.Names = append(d.Names, p.names.pick(d.Go+exported(label)))
			}
		case *wit.Resource:
			d.Kind = Resource
			d.Runtime = p.names.pick(d.Go + "Type")
			d.Lend = p.names.pick("Lend" + d.Go)
			d.Take = p.names.pick("TakeOwn" + d.Go)
		}
	}
}

// spelled is the declaration whose Go name stands for def: what a `use` leads
// to, which may be an alias.
func (m *model) spelled(def *wit.TypeDef) *Decl {
	for {
		p := m.byUnit[home(def)]
		if p == nil || p.decls[def] == nil {
			panic(unsupported{def.Name, "the type is in no interface or world"})
		}
		d := p.decls[def]
		if !d.Use {
			return d
		}
		def = def.Type.(*wit.TypeDef)
	}
}

// qualifier is what p writes before a name of package q.
func (p *Package) qualifier(q *Package) string {
	if p == q {
		return ""
	}
	for _, i := range p.Imports {
		if i.Package == q {
			return i.Name + "."
		}
	}
	name := q.Name
	if p.aliases[name] {
		name = flat(q.Group) + strings.TrimPrefix(q.Name, flat(q.Group))
	}
	i := &Import{Name: p.aliases.pick(name), Package: q}
	p.Imports = append(p.Imports, i)
	return i.Name + "."
}
