// Package testbind holds bindings of testdata/bindgen, which has every shape that
// a binding can have. The tests here put the generated lifting and lowering next
// to the dynamic codec of component/cabi.
package testbind

//go:generate go run github.com/tenon-wasm/tenon/wit/bindgen/internal/generate -base github.com/tenon-wasm/tenon/hostimpl/bind/internal/testbind -source testdata/bindgen ../../../../testdata/bindgen
