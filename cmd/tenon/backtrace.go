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

// explain prints what is known of a trap: the rule that was broken and what helps, the
// stack, and what the guest has called last. Where err is detailed, that is all of it.
func explain(w io.Writer, err error, trap *component.Trap) {
	var all detailed
	full := errors.As(err, &all)
	if rule := trap.Code.Rule(); rule != "" {
		fmt.Fprintf(w, "  rule: %s\n", rule)
	}
	if help := trap.Help(); help != "" {
		fmt.Fprintf(w, "  help: %s\n", help)
	}
	if strings.HasPrefix(trap.Msg, "stack overflow") && !full {
		fmt.Fprintln(w, "  the stack is known with --full-backtrace, which makes calls slower")
	}
	printBacktrace(w, trap.Backtrace, full)
	printLastCalls(w, trap.LastCalls, full)
}

func printBacktrace(w io.Writer, b component.Backtrace, full bool) {
	format := "%v"
	if full {
		format = "%+v"
	}
	for _, line := range strings.Split(fmt.Sprintf(format, b), "\n") {
		if line != "" {
			fmt.Fprintf(w, "  at %s\n", line)
		}
	}
	if b.LinesDropped() {
		fmt.Fprintln(w, "  no lines: debugging information was left out, so that it starts faster; --debug-info keep keeps it")
	}
	if n := len(b) - len(b.Program()); n > 0 && !full {
		fmt.Fprintf(w, "  shims and adapters are left out (%d); --full-backtrace shows them\n", n)
	}
}

// shownCalls is how many of the last calls are shown.
const shownCalls = 5

// printLastCalls prints calls, the last one first.
func printLastCalls(w io.Writer, names []string, full bool) {
	if len(names) == 0 {
		return
	}
	fmt.Fprintln(w, "  last host calls, the latest first:")
	shown := 0
	for i := len(names) - 1; i >= 0 && (full || shown < shownCalls); shown++ {
		name, times := names[i], 0
		for ; i >= 0 && names[i] == name; i-- {
			times++
		}
		if times > 1 {
			name = fmt.Sprintf("%s (%d times)", name, times)
		}
		fmt.Fprintf(w, "    %s\n", name)
	}
}
