// Package bind holds the bindings of WASI 0.2: one Go package for each WIT
// interface, in a folder for each WIT package. They are generated from the WIT in
// hostimpl/wit and checked in; package hostimpl implements them.
//
// A host implements Host, where there is one, and the interface of each resource,
// and offers the result of Interface to a linker. It sees Go values, never
// handles:
//
//   - An error that is the E of a function's result<T, E> goes to the guest; any
//     other error traps. Enums and variants that are such an E are Go errors; for
//     others there are cabi.ErrorOf and, for a result without E, cabi.ErrUnit.
//   - A tuple that a function returns becomes several values; elsewhere it is an
//     array where the elements have one type, and a cabi.TupleN where not, or beyond
//     cabi.MaxTuple a struct without a name.
//   - A result inside another type is a cabi.ResultOf.
//   - option<T> is *T, or a nil interface where T is a resource or a variant.
//   - []byte parameters are views of the guest's memory, good until the function
//     returns; clone them to keep them. Strings may be kept.
//   - own<r> and borrow<r> both are the Go interface of the resource. What is
//     borrowed is not kept; what is owned is the receiver's to close.
package bind

//go:generate go run github.com/tenon-wasm/tenon/wit/bindgen/internal/generate -base github.com/tenon-wasm/tenon/hostimpl/bind -source hostimpl/wit ../wit
