package component_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
)

// trapKinds tells which kind of trap a script means by the beginning of its
// text. The scripts have the words of several hosts for one rule; an empty list of
// codes stands for a rule of asynchronous components, which no code names yet.
var trapKinds = []struct {
	text  string
	codes []cabi.Code
	msg   string // what the engine's message must hold, where it matters
}{
	// Core traps.
	{text: "unreachable", codes: []cabi.Code{cabi.GuestTrapped}, msg: "unreachable"},
	{text: "wasm `unreachable` instruction executed", codes: []cabi.Code{cabi.GuestTrapped}, msg: "unreachable"},
	{text: "thrown Wasm exception", codes: []cabi.Code{cabi.GuestTrapped}},
	{text: "uncaught exception propagated out of component", codes: []cabi.Code{cabi.GuestTrapped}},

	// The doors of an instance. One that trapped before cannot be entered either.
	{text: "cannot leave component instance", codes: []cabi.Code{cabi.CannotLeave}},
	{text: "cannot enter component instance", codes: []cabi.Code{cabi.CannotEnter, cabi.Dead}},

	// Handles.
	{text: "unknown handle index", codes: []cabi.Code{cabi.BadHandle}},
	{text: "handle index 1 used with the wrong type", codes: []cabi.Code{cabi.BadHandle}},
	{text: "cannot remove owned resource while borrowed", codes: []cabi.Code{cabi.BadHandle}},
	{text: "borrow handles still remain at the end of the call", codes: []cabi.Code{cabi.BorrowLeak}},

	// Values. A length beyond the limit of the canonical ABI is refused before its
	// bytes are looked for.
	{text: "string content out-of-bounds", codes: []cabi.Code{cabi.OutOfBounds, cabi.TooLong}},
	{text: "list content out-of-bounds", codes: []cabi.Code{cabi.OutOfBounds, cabi.TooLong}},
	{text: "string pointer/length out of bounds of memory", codes: []cabi.Code{cabi.OutOfBounds, cabi.TooLong}},
	{text: "out of bounds", codes: []cabi.Code{cabi.OutOfBounds}},
	{text: "realloc return: beyond end of memory", codes: []cabi.Code{cabi.OutOfBounds}},
	{text: "realloc return: result not aligned", codes: []cabi.Code{cabi.Unaligned}},
	{text: "unaligned pointer", codes: []cabi.Code{cabi.Unaligned}},
	{text: "string pointer not aligned to 2", codes: []cabi.Code{cabi.Unaligned}},
	{text: "invalid `char` bit pattern", codes: []cabi.Code{cabi.BadChar}},
	{text: "invalid variant discriminant", codes: []cabi.Code{cabi.BadDiscriminant}},
	{text: "discriminant 2 out of range", codes: []cabi.Code{cabi.BadDiscriminant}},
	{text: "invalid utf-8", codes: []cabi.Code{cabi.BadEncoding}},
	{text: "incomplete utf-8 byte sequence", codes: []cabi.Code{cabi.BadEncoding}},
}

// trapped tells why err is not the trap that a script means by text; nil if it is.
func trapped(err error, text string) error {
	if err == nil {
		return fmt.Errorf("it did not trap; wanted %q", text)
	}
	var trap *component.Trap
	if !errors.As(err, &trap) {
		return fmt.Errorf("no trap; wanted %q: %w", text, err)
	}
	text = strings.TrimPrefix(text, "wasm trap: ")
	for _, kind := range trapKinds {
		if !strings.HasPrefix(text, kind.text) {
			continue
		}
		for _, code := range kind.codes {
			if trap.Code == code && strings.Contains(trap.Msg, kind.msg) {
				return nil
			}
		}
		return fmt.Errorf("another trap; wanted %q: %w", text, err)
	}
	return fmt.Errorf("no kind of trap is known for %q: %w", text, err)
}
