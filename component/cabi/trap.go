package cabi

import (
	"errors"
	"fmt"
	"strings"
)

// Code says which rule of the component model a guest broke.
type Code uint8

const (
	// Unreachable is the zero Code: a core trap or one with no code of its own.
	Unreachable     Code = iota
	Unaligned            // a pointer that its type's alignment does not divide
	OutOfBounds          // a pointer or length beyond the memory, or no memory or realloc at all
	TooLong              // a string, a list or the values of a call beyond their limits
	BadChar              // no Unicode scalar value
	BadDiscriminant      // no case of the type
	BadEncoding          // a string that is not in the encoding of its guest
	BadHandle            // index 0, a hole, out of range, another type, lent or borrowed
	HasChildren          // a resource dropped while something made from it lives
	TableFull            // no room for one more handle
	BorrowLeak           // an export returned while it held borrows
	CannotLeave          // an import called from realloc or post-return
	CannotEnter          // an instance entered while it runs
	HostFailed           // a host function failed in a way that is no answer to the guest
	ContractBroken       // a documented precondition of a host function was not met
	GuestTrapped         // the engine trapped: unreachable, out-of-bounds access, ...
	Dead                 // a call after an earlier trap
	Interrupted          // the context was cancelled or the instance closed
)

var codeNames = [...]string{
	Unreachable: "trap", Unaligned: "unaligned pointer", OutOfBounds: "out of bounds",
	TooLong: "too long", BadChar: "bad char", BadDiscriminant: "bad discriminant",
	BadEncoding: "bad string encoding", BadHandle: "bad handle", HasChildren: "resource has children",
	TableFull: "table full", BorrowLeak: "borrows not dropped", CannotLeave: "cannot leave instance",
	CannotEnter: "cannot enter instance", HostFailed: "host function failed",
	ContractBroken: "contract broken", GuestTrapped: "guest trapped", Dead: "instance is dead",
	Interrupted: "interrupted",
}

func (c Code) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return fmt.Sprintf("code %d", uint8(c))
}

// Trap is the end of an instance: the guest broke a rule of the component model,
// its core code trapped, or a host function failed without an answer for it.
type Trap struct {
	Code Code

	// Func is the function in which it happened, `wasi:io/poll@0.2.12#poll`.
	Func string

	// Path is the place in its type, `param "addr".ipv4.port`, where one is known.
	Path string

	// Msg tells what was wrong with the value.
	Msg string

	// Backtrace is the guest's stack, innermost first, where the engine gave one.
	Backtrace Backtrace

	// LastCalls are the imports that the instance called last before it trapped, sixteen
	// at most, the last one last.
	LastCalls []string

	// Err is the cause, where there is one: a host error, the engine's error.
	Err error
}

func (t *Trap) Error() string {
	s := "trap"
	if t.Func != "" {
		s += " in " + t.Func
	}
	if t.Path != "" {
		s += ", " + t.Path
	}
	s += ": " + t.Code.String()
	if t.Msg != "" {
		s += ": " + t.Msg
	}
	if t.Err != nil {
		// The cause may begin with the same words, as one that wraps ErrContract does.
		if cause := strings.TrimPrefix(t.Err.Error(), t.Code.String()+": "); cause != "" {
			s += ": " + cause
		}
	}
	return s
}

// Unwrap returns the cause.
func (t *Trap) Unwrap() error { return t.Err }

// Throw panics with a *[Trap] of that code, whose Msg is formatted as by fmt.Sprintf.
// It is how this package, the trampolines and generated bindings give up on a guest
// (trap_if).
func Throw(code Code, format string, args ...any) {
	panic(&Trap{Code: code, Msg: fmt.Sprintf(format, args...)})
}

// ErrContract is wrapped by errors of host functions that report a broken
// precondition (a write beyond its permit, an empty poll list), which the
// interface says must trap.
var ErrContract = errors.New("contract broken")
