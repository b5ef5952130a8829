package component

import (
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// Interface is an interface that a host offers to components: its type, and for
// each function the code behind it. Generated bindings make one from a Host
// implementation.
type Interface struct {
	// Type names the interface and its version and lists its types and functions.
	Type *wit.Interface

	// Funcs maps the names of functions in the binary (`[method]pollable.ready`)
	// to their code.
	Funcs map[string]HostFunc

	// Resources maps the names of the resources that Type declares to their
	// run-time identity. A resource that is brought in by `use` is not listed.
	Resources map[string]*cabi.ResourceType

	// Instances and Modules are what WIT cannot say of an instance: instances inside
	// of it, and core modules. They are nil for every interface of WASI.
	Instances map[string]*Interface
	Modules   map[string]*ModuleInfo

	// Readings are how tracers read functions, by their names, whose parameters are more
	// than their types say: addresses in the guest's memory. It is nil for every interface
	// that WIT describes.
	Readings map[string]Reading
}

// HostFunc is the code of a host function. It takes its flat parameters from
// stack as `canon lower` lays them out, leaves its flat result in stack[0], and
// reaches everything else through c. It panics with a *cabi.Trap to trap.
type HostFunc func(c *cabi.Call, stack []uint64)

// Child is implemented by host values that belong to another host value, such as
// the pollable of a stream: dropping the parent's handle while a child's is alive
// traps with "resource has children".
type Child interface {
	// Parent returns the value that this one was made from, or nil. Parents are
	// compared with ==.
	Parent() any
}
