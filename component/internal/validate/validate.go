// Package validate checks a decoded component by the specification's rules of
// validation, before anything is planned, compiled or run.
//
// Validation is static: every component, nested ones included, and every component,
// instance and module type is checked once, where it stands, with abstract types for
// what is imported. It needs no argument and no engine, and it says nothing about
// what the host can run. The package goes from small to large:
//
//   - value types: their evaluation and rules (values.go), what they are made of
//     (parts.go), size and flat form (shape.go), equality (same.go);
//   - extern types: what imports and exports have (types.go), subtyping (subtype.go),
//     replacing abstract types (substitute.go);
//   - names: their grammar (names.go), interface names (ifacename.go), and what names
//     demand of types (annotate.go);
//   - the walk: index spaces (scope.go), components (component.go), component and
//     instance types (decls.go), instances (instance.go), which types have a name
//     outside (visible.go);
//   - core modules (coremodule.go, coreref.go), their links (corelink.go), canonical
//     definitions (canon.go) and the built-ins of asynchronous components (builtin.go).
//
// Features that the specification gates are validated as if they were enabled: async,
// streams, futures, error contexts, threads, lists of fixed length, maps, `implements`,
// canonical version suffixes, 64-bit memories. What cannot be judged (values and start
// functions, the garbage-collected ABI of some tools) is an [Unsupported]. Of core
// modules only the outside is checked; function bodies, initialisers and segments are
// left to the engine that compiles them.
//
// A component is hostile until proven otherwise: whatever can be done again for a few
// bytes is paid for in work, which has a bound (limits.go).
package validate

import (
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component/internal/binary"
	"github.com/tenon-wasm/tenon/wit"
)

// Error is a component that breaks a rule of validation, or is too large to be looked
// at or linked. Offset is where the definition stands in the file.
type Error struct {
	Offset int
	Msg    string
}

func (e *Error) Error() string { return fmt.Sprintf("offset %#x: %s", e.Offset, e.Msg) }

// Unsupported is a component that uses a feature that cannot be validated yet, or that
// the host does not have.
type Unsupported struct {
	Offset  int
	Feature string
}

func (e *Unsupported) Error() string {
	return fmt.Sprintf("offset %#x: %s is not supported yet", e.Offset, e.Feature)
}

// Component validates a component and answers its type. The error is an *[Error] or
// an *[Unsupported].
func Component(c *binary.Component) (*ComponentType, error) {
	return ComponentWithin(c, max(maxWork, c.Size))
}

// ComponentWithin is [Component] with a bound of its own on the work, for one of many.
func ComponentWithin(c *binary.Component, work int) (t *ComponentType, err error) {
	v := newChecker()
	v.limit = work
	defer v.catch(&err)
	return v.component(nil, c), nil
}

// A checker is one validation. It gives up by panicking with a failure, which catch
// recovers.
type checker struct {
	// at is the offset of the definition that is being checked.
	at int

	values Values
	work   int // so far, and its limit
	limit  int

	// fits holds the pairs of component types that are known to be subtypes.
	fits map[[2]*ComponentType]bool
}

type failure struct{ err error }

func newChecker() *checker {
	v := &checker{limit: maxWork, fits: map[[2]*ComponentType]bool{}}
	v.values.spend = v.spend
	return v
}

func (v *checker) catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case failure:
		*err = r.err
	default:
		panic(r)
	}
}

func (v *checker) invalid(format string, args ...any) {
	panic(failure{&Error{v.at, clipped(fmt.Sprintf(format, args...))}})
}

// longMessage bounds messages: they hold names, which may have a mebibyte.
const longMessage = 400

func clipped(msg string) string {
	if len(msg) <= longMessage {
		return msg
	}
	cut := longMessage / 2
	return strings.ToValidUTF8(msg[:cut], "") + " ... " + strings.ToValidUTF8(msg[len(msg)-cut:], "")
}

func (v *checker) unsupported(format string, args ...any) {
	panic(failure{&Unsupported{v.at, fmt.Sprintf(format, args...)}})
}

// newResource makes an abstract resource type, unequal to every other.
func newResource(name string) *wit.TypeDef {
	return &wit.TypeDef{Name: name, Type: &wit.Resource{}}
}
