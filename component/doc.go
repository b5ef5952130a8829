// Package component compiles, links, instantiates and calls WebAssembly
// components on wazero.
//
// A component goes one way: its bytes are decoded and planned (a flat list of
// steps, nested components inlined), its core modules are edited and compiled,
// its imports are matched against a [Linker] and type checked, and an
// [Instance] runs the steps. What depends on the component alone is done once,
// by [Runtime.Compile].
package component
