// Package wrap writes the component that a core module stands for: what
// `wasm-tools component new` would make of it, with the host in place of an adapter.
//
// What the module imports is offered by the host as instances of scalar functions, whose
// flat parameters are the core ones (a pointer is a u32). The functions need the memory of
// the module, which there is only when the module has been instantiated with them. So a
// shim stands between: it exports each function as a call through a table, which a last
// module, the fixup, fills. The fixup also runs what has to run first, and gives `_start`
// the shape of a component function.
//
// A module that carries its world (package embed) has the imports and exports of that, in
// either of two manglings of names (names.go), beside what the host serves (served.go). What
// it imports is lowered, directly where it needs no memory, what it exports is lifted
// (guest.go, abi.go), and of the world only what is alive is kept (live.go).
//
// It decides (wrap.go), composes the definitions in order (compose.go), the types (types.go)
// and the components that name exported interfaces (nested.go), makes the two modules
// (glue.go) and prints (encode.go). It writes sections that tell a world, too (section.go).
package wrap
