package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tenon-wasm/tenon/component"
)

// A detailed is an error whose backtrace is wanted whole.
type detailed struct{ error }

func (d detailed) Unwrap() error { return d.error }

// detail is err, to be reported as the flag --full-backtrace says.
func (o *runOptions) detail(err error) error {
	if err == nil || !o.fullTrace {
		return err
	}
	return detailed{err}
}

// printBacktrace prints the stack of a trap: what belongs to the program, or all of it
// where err is detailed.
func printBacktrace(w io.Writer, err error, trap *component.Trap) {
	var all detailed
	format := "%v"
	full := errors.As(err, &all)
	if full {
		format = "%+v"
	}
	for _, line := range strings.Split(fmt.Sprintf(format, trap.Backtrace), "\n") {
		if line != "" {
			fmt.Fprintf(w, "  at %s\n", line)
		}
	}
	if trap.Backtrace.LinesDropped() {
		fmt.Fprintln(w, "  lines are left out, so that it starts faster; --debug-info keep has them")
	}
	if n := len(trap.Backtrace) - len(trap.Backtrace.Program()); n > 0 && !full {
		fmt.Fprintf(w, "  shims and adapters are left out (%d); --full-backtrace shows them\n", n)
	}
}
