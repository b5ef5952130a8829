// What Tenon is measured against needs cgo, and so stands in a module of its own.
module github.com/tenon-wasm/tenon/bench

go 1.26

require github.com/bytecodealliance/wasmtime-go/v44 v44.0.0
