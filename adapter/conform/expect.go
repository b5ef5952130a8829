package conform

import (
	"fmt"
	"regexp"
	"strings"
)

// judge says what is wrong with how a guest ended.
func (w *Expectation) judge(r *Result) {
	end := &r.Ending
	switch {
	case end.TimedOut:
		r.fail("it did not end in time")
		return
	case len(r.Failures) > 0 || w.Killed:
		// It was ended from outside, before its time or as it has to be.
	case end.Killed:
		r.fail("it was ended before its time")
		return
	case end.Refused != "":
		r.fail("it was not run: %s", end.Refused)
		return
	case w.Trap != "" && end.Trap == "":
		r.fail("it ended with %d, want a trap: %s", end.Exit, w.Trap)
	case w.Trap != "" && !strings.Contains(end.Trap, w.Trap):
		r.fail("the trap is %s, want %s", quote(end.Trap), quote(w.Trap))
	case w.Trap == "" && end.Trap != "":
		r.fail("it trapped: %s", end.Trap)
	case w.Trap == "" && end.Exit != w.Exit:
		r.fail("exit code %d, want %d", end.Exit, w.Exit)
	}
	w.Stdout.judge(r, "stdout", r.Stdout)
	w.Stderr.judge(r, "stderr", r.Stderr)
}

func (m *Match) judge(r *Result, name, text string) {
	if m == nil {
		return
	}
	if m.Exact != nil && text != *m.Exact {
		r.fail("%s is %s, want %s", name, quote(text), quote(*m.Exact))
	}
	for _, part := range m.Contains {
		if !strings.Contains(text, part) {
			r.fail("%s does not contain %s", name, quote(part))
		}
	}
	if m.Matches == "" {
		return
	}
	re, err := regexp.Compile(m.Matches)
	switch {
	case err != nil:
		r.fail("%s: %v", name, err)
	case !re.MatchString(text):
		r.fail("%s does not match %s", name, m.Matches)
	}
}

func (r *Result) fail(format string, args ...any) {
	r.Failures = append(r.Failures, fmt.Sprintf(format, args...))
}
