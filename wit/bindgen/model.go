package bindgen

import "github.com/tenon-wasm/tenon/wit"

// A Package is a Go package to be: one WIT interface, or the functions and types
// that a world holds itself. When it reaches the printer nothing is left to
// decide.
type Package struct {
	Name    string // Go package name
	Dir     string // below Config.Base
	Path    string // Go import path
	WIT     string // the WIT name, for comments and errors
	Label   string // the same without version, for comments and traps
	Group   string // the WIT package, `io`
	Docs    string
	Gate    wit.Gate
	WITName wit.Name // by which a component imports it; zero for a world

	Decls   []*Decl
	Host    []*Func // functions of the Host interface; none, no Host
	Funcs   []*Func // all functions
	Helpers []*Type // anonymous aggregates that need functions of their own
	Imports []*Import

	source  unit
	extern  bool
	decls   map[*wit.TypeDef]*Decl
	shapes  map[string]*Type
	names   scope
	aliases scope
}

// An Import is another generated package, under the name that this one calls it.
type Import struct {
	Name    string
	Package *Package
}

// Kind is how a type is treated.
type Kind uint8

const (
	Prim     Kind = iota + 1
	Str           // string
	Bytes         // list<u8>, []byte
	List          // []T
	Pointer       // option<T>, *T
	Nilable       // option of what is an interface in Go, nil being none
	Result        // a result inside another type, cabi.ResultOf
	Array         // tuple of equal types, [n]T
	Tuple         // other tuples, cabi.TupleN
	Record        // struct
	Variant       // sealed interface
	Enum          // unsigned integer with constants
	Flags         // unsigned integer with constants
	Own           // interface of the resource
	Borrow        // interface of the resource
	Resource      // the declaration behind Own and Borrow; no value
)

// A Decl is a type that the WIT names.
type Decl struct {
	Def  *wit.TypeDef
	Kind Kind   // Record, Variant, Enum, Flags, Resource; 0 for an alias
	Go   string // Go name
	Var  string // name of the *wit.TypeDef variable
	ABI  string // follows Load, Store and Lift in the names of functions (Record, Variant)
	Docs string

	// Use marks a name that is brought in from another interface: it has no Go
	// declaration here.
	Use bool

	// Error marks what appears as the E of a result: it is a Go error.
	Error bool

	Names   []string // Go names of fields, cases, labels
	Type    *Type    // the shape; of an alias, what it stands for; nil for a resource
	Target  string   // of an alias: the Go type it stands for
	Marker  string   // of a variant: its sealing method
	Labels  string   // of an enum: the variable with the labels
	Runtime string   // of a resource: the *cabi.ResourceType variable
	Lend    string   // of a resource: the function that lifts a borrow,
	Take    string   // and the one for an own
	Methods []*Func  // of a resource

	pkg *Package
}

// A Type is a value type as one package sees it.
type Type struct {
	WIT  wit.Type
	Kind Kind
	Go   string // as it is spelled in this package

	Size, Align uint32
	Flat        int // core values when passed flat

	// Name and Qualifier make the names of the functions that load, store and
	// lift an aggregate: network.LoadIPAddress, loadListString.
	Name, Qualifier string
	Anonymous       bool
	Needs           *Needs // of anonymous aggregates

	Elem     *Type  // of lists, options and arrays
	Parts    []Part // fields, tuple elements, cases, and the two sides of a result
	Disc     uint32 // size of the discriminant, or of flags
	Payload  uint32 // offset of the payload of a variant, option or result
	Handle   string // of Own and Borrow: the *cabi.ResourceType variable
	Lift     string // of Own and Borrow: the function that lifts it
	Display  string // the WIT name, for messages
	Elements int    // of arrays
}

// Needs says which functions of an anonymous aggregate are called. A declared one
// has them all, for other packages to call.
type Needs struct{ Load, Store, Lift, Lower bool }

// A Part is a component of an aggregate.
type Part struct {
	WIT    string
	Go     string // field of the struct, or type of the case
	Type   *Type  // nil for a case without a payload
	Offset uint32 // in memory
	At     int    // in flat values
	Docs   string
}

// A Func is a function and its trampoline.
type Func struct {
	WIT  *wit.Func
	Go   string // method of Host or of the resource's interface
	Call string // the trampoline
	Docs string

	Self   *Type // of a method: the receiver
	Params []Param

	// Spilled is set where the parameters lie in memory, as a block of that size
	// and alignment.
	Spilled               bool
	ParamSize, ParamAlign uint32

	// Result is what the WIT function returns, nil for nothing. Returns are the
	// Go values that make it up, without the error.
	Result  *Type
	Returns []Return

	// Fallible is set where Result is a result: its E, nil for `_`, is Err.
	Fallible bool
	Err      *Type

	// Return is the flat slot that holds the address for the result; -1 where
	// the result is flat.
	Return int
}

// A Param is a parameter, without the receiver of a method.
type Param struct {
	Go     string
	Type   *Type
	At     int    // flat slot
	Offset uint32 // in the block of spilled parameters
}

// A Return is one Go value of what a function returns.
type Return struct {
	Type   *Type
	Offset uint32 // from the address for the result
}
