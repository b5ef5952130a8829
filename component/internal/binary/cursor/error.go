package cursor

import (
	"fmt"
	"strings"
)

// Error says where bytes are malformed, and how.
type Error struct {
	// Offset is the byte offset in the file.
	Offset int

	// Path is the way to the place in the words of the format, from the outside
	// in: "type section, definition 3, field 1". It may be empty.
	Path string

	// Msg says what is wrong there.
	Msg string
}

// Error prints the offset in hexadecimal, as binary tools do.
func (e *Error) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("offset %#x: %s", e.Offset, e.Msg)
	}
	return fmt.Sprintf("offset %#x: %s: %s", e.Offset, e.Path, e.Msg)
}

// Catch is deferred at the door of a reader: it turns the panic of a failed
// cursor into an error and lets every other panic pass.
func Catch(err *error) {
	switch p := recover().(type) {
	case nil:
	case *Error:
		*err = p
	default:
		panic(p)
	}
}

// trail is the way from the file to the place that is being read. It is kept
// while reading and printed only when reading fails.
type trail struct{ steps []step }

type step struct {
	what  string
	index int
}

// longTrail bounds the printed path: hostile nesting must not print pages.
const longTrail = 8

func (t *trail) String() string {
	steps, gap := t.steps, -1
	if len(steps) > longTrail {
		gap = longTrail / 2
		steps = append(append([]step(nil), steps[:gap]...), steps[len(steps)-gap:]...)
	}
	var b strings.Builder
	for i, s := range steps {
		if i > 0 {
			b.WriteString(", ")
		}
		if i == gap {
			b.WriteString("..., ")
		}
		b.WriteString(s.what)
		if s.index >= 0 {
			fmt.Fprintf(&b, " %d", s.index)
		}
	}
	return b.String()
}
