// Package draft holds the bindings of an older draft that guests still import beside the
// one in hostimpl/bind: wasi:keyvalue@0.2.0-draft, which wasmtime and wasmCloud have. Its
// cursor and its increment are u64, and it has no cas. Package hostimpl offers both.
package draft

//go:generate go run github.com/tenon-wasm/tenon/wit/bindgen/internal/generate -base github.com/tenon-wasm/tenon/hostimpl/internal/draft -source hostimpl/internal/draft/wit wit
