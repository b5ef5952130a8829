package validate

import "github.com/tenon-wasm/tenon/component/internal/binary"

// componentTypeOf evaluates a component type.
func (v *checker) componentTypeOf(parent *scope, t *binary.ComponentType) *ComponentType {
	s := newScope(componentTypeScope, parent)
	at := v.at
	v.decls(s, t.Decls)
	v.at = at
	return v.componentType(s)
}

// instanceTypeOf evaluates an instance type.
func (v *checker) instanceTypeOf(parent *scope, t *binary.InstanceType) *InstanceType {
	s := newScope(instanceTypeScope, parent)
	at := v.at
	v.decls(s, t.Decls)
	v.at = at
	return &InstanceType{Exports: s.exports, Resources: s.defined, depth: v.deepest(s.exports.List)}
}

func (v *checker) decls(s *scope, decls []binary.Decl) {
	for _, d := range decls {
		v.at = d.At()
		v.spend(1)
		switch d := d.(type) {
		case *binary.CoreType:
			v.defineCoreType(s, d)
		case *binary.TypeDef:
			s.types = append(s.types, v.define(s, d.Type))
		case *binary.Alias:
			v.alias(s, d)
		case *binary.ImportDecl:
			v.importDecl(s, d.Name, d.Type)
		case *binary.ExportDecl:
			v.exportDecl(s, d.Name, d.Type)
		default:
			v.invalid("a component or instance type cannot hold this declaration")
		}
	}
	s.refs.done(v, len(s.coreTypes))
}
