// Package plan turns a valid component into a flat list of steps.
//
// A component's structure is static: which module is instantiated with what, and
// which function reaches which, never depends on a run. So the planner walks the
// definitions once, follows every instantiation of a nested component into it,
// and leaves behind what an instance has to do and nothing else (build.go). It works
// in four phases, each in files of its own:
//
//   - scopes and types: index spaces grow definition by definition, and type
//     indices become wit types (scope.go, types.go, traits.go);
//   - the walk: imports, instances, aliases and exports (walk.go), what the root
//     shows and is given (extern.go), canonical definitions (canon.go), and which of
//     them need no host (direct.go, adapter.go);
//   - the core link: every import of a core module is resolved to the instance
//     that really defines it, and the module is rewritten to say so (link.go);
//   - the world: what the component imports and exports, as WIT (world.go).
//
// Package validate has checked the component, and its rules are not repeated here:
// where one is broken, the planner gives up or makes a plan of no use. Large is not
// against the rules, so everything that a component can multiply is paid for in work,
// which has a bound (limits.go).
package plan

import (
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/core"
	"github.com/tenon-wasm/tenon/wit"
)

// Plan is what has to be done to make an instance of a component.
type Plan struct {
	// World is what the component imports and exports.
	World *wit.World

	Imports []Import
	Exports []*Extern

	// Modules holds the core modules to compile, imports rewritten; one that is
	// instantiated several times with imports of the same shape stands once.
	Modules []Module

	// Unused holds the core modules that no step instantiates. They are compiled once,
	// to see whether they are valid.
	Unused []Module

	// Idle has the offsets of those core modules that no step instantiates and that are
	// not compiled: the engine does not have what they use.
	Idle []int

	// CoreInstances is how many core instances Steps makes.
	CoreInstances int

	// Components are the component instances: the root, which is 0, and every nested
	// one, each with a handle table of its own. The entry is the parent, the instance
	// that instantiates it, -1 for the root.
	Components []int

	// Names are the names of the component instances, for messages: in the component they
	// are part of, or their numbers there.
	Names []string

	Steps       []Step
	Trampolines []Trampoline
	Lifts       []Lift
	Options     []Options
	Resources   []Resource

	// Open is set where the component imports core modules or components that were
	// not given: how it is linked depends on them. Such a plan tells the world, and is
	// not to be run.
	Open bool

	// Direct is set where components call each other without the host.
	Direct bool

	// Unsupported tells the first thing that the component needs and the host does
	// not have yet, or is nil. Such a component can be inspected, not instantiated.
	Unsupported error
}

// Import is an import of the root component.
type Import struct {
	Name string

	// Item is the type of the import in the terms of WIT, which has none for core
	// modules and components.
	Item wit.WorldItem

	// Extern is what is imported, whole.
	Extern *Extern
}

// Module is a core module as it will be compiled.
type Module struct {
	// Binary is the module with imports rewritten: every import's module name is a
	// source number in decimal, every name the one that the source exports.
	Binary core.Pieces
	// Name is the name in the module's name section, or the one that the component gives
	// it, for messages.
	Name string

	// Source is the module as it was in the component; nil for adapters of the planner.
	Source *core.Module
}

// A Step is one thing to do at instantiation, in order: an *Instantiate, a
// *BindOptions, a *DefineResource or a *BindFlag.
type Step interface{ isStep() }

// Instantiate makes core instance Instance from module Module. Source number i
// of the rewritten imports is Sources[i]: a core instance, or Host for the host
// module that holds the trampolines.
type Instantiate struct {
	Module    int
	Instance  int
	Component int // the component instance that it belongs to
	Sources   []int

	// Elems are the active element segments that may lie outside of their table.
	Elems []ElemCheck
}

// ElemCheck is an active element segment that has to be looked at before its
// module is instantiated, because the engine passes over one that does not fit
// where the specification wants a trap.
type ElemCheck struct {
	Offset core.ConstExpr
	Len    uint32

	// TableSize is the most elements that the table can have by then.
	TableSize uint64

	// Globals are the imported globals of the module, which Offset may read.
	Globals []CoreRef
}

// Host, as a source, is the host module of trampolines.
const Host = -1

// BindOptions resolves the memory and functions of Options[Options]; the core
// instances that export them exist by now.
type BindOptions struct{ Options int }

// DefineResource makes the run-time type of Resources[Resource].
type DefineResource struct{ Resource int }

// BindFlag finds a global that tells adapters whether a component instance is kept
// from leaving: a mutable i32, not zero while it is.
type BindFlag struct {
	Component int
	Instance  int
	Name      string
}

func (*Instantiate) isStep()    {}
func (*BindFlag) isStep()       {}
func (*BindOptions) isStep()    {}
func (*DefineResource) isStep() {}

// CoreRef names an item that a core instance defines, or, where Instance is
// Host, the trampoline of that number.
type CoreRef struct {
	Instance   int
	Name       string
	Trampoline int
}

// Options are canonical options before they are bound.
type Options struct {
	Component  int
	Encoding   cabi.Encoding
	Memory     *CoreRef
	Realloc    *CoreRef
	PostReturn *CoreRef
}

// TrampolineKind tells what a trampoline does.
type TrampolineKind uint8

const (
	// LowerImport calls a host function.
	LowerImport TrampolineKind = iota
	// LowerLift calls a function that a component of the same plan lifts.
	LowerLift
	// ResourceNew, ResourceDrop and ResourceRep are the built-ins of those names.
	ResourceNew
	ResourceDrop
	ResourceRep
	// RaiseHeld, RaiseChar and RaiseCase trap for an adapter: the caller must not
	// leave, a char or a discriminant is bad.
	RaiseHeld
	RaiseChar
	RaiseCase
)

// Trampoline is a host function that core modules import.
type Trampoline struct {
	Kind      TrampolineKind
	Component int // the component instance whose core code calls it
	Options   int // for LowerImport and LowerLift
	Type      *wit.Func
	Name      string     // for messages: `wasi:io/poll@0.2.12#poll`
	From      ImportPath // for LowerImport
	Lift      int        // for LowerLift, and what traps on the way to one
	Resource  int        // for the resource built-ins
	Core      core.FuncType
}

// Lift is a core function lifted to a component function.
type Lift struct {
	Core      CoreRef
	Component int
	Options   int
	Type      *wit.Func
	Signature cabi.CoreSignature
	Name      string // for messages: `wasi:cli/run@0.2.12#run`
}

// Resource is a resource type of the plan.
type Resource struct {
	// Def is the root declaration; plan types lead to it by TypeDef.Root.
	Def *wit.TypeDef

	// From is the import that it comes from; its Import is -1 for a resource that a
	// component instance of the plan defines.
	From ImportPath

	// Component defines the resource; Dtor is its destructor or nil.
	Component int
	Dtor      *CoreRef
}
