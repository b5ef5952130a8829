package plan

import (
	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/wit"
)

// WorldOf is the world that a component type stands for, as bindings leave it in core
// modules. The type is valid and stands by itself: it refers to nothing around it. Work
// bounds what that may cost.
func WorldOf(t *binary.ComponentType, work int) (w *wit.World, err error) {
	p := newPlanner(&binary.Component{}, nil)
	p.limit = work
	defer p.recovered(&err)
	s := &scope{component: p.newComponent(-1, "")}
	w = &wit.World{}
	for _, d := range t.Decls {
		at := d.At()
		p.spend(at, 4)
		switch d := d.(type) {
		case *binary.TypeDef:
			s.types = append(s.types, p.define(s, at, d.Type))
		case *binary.Alias:
			p.alias(s, d)
		case *binary.ImportDecl:
			w.Imports = append(w.Imports, p.worldItem(s, at, d.Name.Name, d.Type))
		case *binary.ExportDecl:
			w.Exports = append(w.Exports, p.worldItem(s, at, d.Name.Name, d.Type))
		}
	}
	return w, nil
}

// worldItem is what a declaration imports or exports. Exports are looked at as if they
// were imports: of both, only the type is known.
func (p *planner) worldItem(s *scope, at int, name string, t binary.ExternType) wit.WorldItem {
	it := p.declared(s, at, name, t, ImportPath{})
	s.push(it)
	return p.importItem(at, p.externOf(at, name, it), it)
}
