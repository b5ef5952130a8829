// Package bindgen turns WIT interfaces into Go packages with which a Go program
// implements them for components.
//
// It goes through three phases. The units to generate are collected: interfaces
// and what they use (collect.go). A model decides every name, shape, offset and
// flat slot (model.go; names.go, declare.go, shape.go and funcs.go fill it). The
// print files only format what the model says: the Go face (print_face.go), the
// lifting and lowering (print_abi.go), and the type information (print_wit.go).
//
// A generated package depends on its WIT alone, so that packages generated
// elsewhere can be referred to without reading them; see [Config.Extern].
package bindgen
