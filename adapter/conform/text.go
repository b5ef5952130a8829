package conform

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Line is the result in one line, without what was wrong: "pass  suite/name (0.12s)".
func (r *Result) Line() string {
	s := fmt.Sprintf("%-5s %s", r.Status, r.ID())
	if r.Status != NotRun && r.Status != NoGuest {
		s += fmt.Sprintf(" (%.2fs)", r.Elapsed.Seconds())
	}
	if r.Reason != "" {
		s += ": " + r.Reason
	}
	return s
}

// Details are what was wrong, and what a failing guest left behind, in lines.
func (r *Result) Details() string {
	if len(r.Failures) == 0 {
		return ""
	}
	var b strings.Builder
	for _, f := range r.Failures {
		fmt.Fprintf(&b, "      %s\n", f)
	}
	for _, part := range r.evidence() {
		fmt.Fprintf(&b, "      %s:\n", part.Name)
		for _, line := range strings.Split(strings.TrimRight(part.Text, "\n"), "\n") {
			fmt.Fprintf(&b, "        %s\n", printable(line))
		}
	}
	return b.String()
}

// Evidence is something that a failing guest left behind.
type evidence struct{ Name, Text string }

func (r *Result) evidence() (all []evidence) {
	for _, e := range []evidence{
		{"stdout", r.Stdout}, {"stderr", r.Stderr}, {"backtrace", r.Ending.Backtrace}, {"last calls", strings.Join(r.Ending.Calls, "\n")},
		{"denied", strings.Join(r.Ending.Denied, "\n")},
	} {
		if e.Text != "" {
			all = append(all, evidence{e.Name, clip(e.Text)})
		}
	}
	return all
}

// clip keeps the end of a long text, where a guest says why.
func clip(s string) string {
	const long = 16 << 10
	if len(s) <= long {
		return s
	}
	s = s[len(s)-long:]
	for len(s) > 0 && !utf8.RuneStart(s[0]) {
		s = s[1:]
	}
	return "... " + s
}

// printable keeps a guest from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == utf8.RuneError {
			return '\uFFFD'
		}
		return r
	}, s)
}

// Text writes the matrix, the failures, and the counts, for a terminal.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	m := r.Matrix()
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\t"+strings.Join(m.Columns, "\t"))
	for i, row := range m.Cells {
		fmt.Fprint(t, m.Rows[i])
		for _, c := range row {
			fmt.Fprint(t, "\t"+c.String())
		}
		fmt.Fprintln(t)
	}
	t.Flush()
	for i := range r.Results {
		if res := &r.Results[i]; res.Status.Bad() {
			fmt.Fprintf(&b, "\n%s\n%s", res.Line(), res.Details())
		}
	}
	fmt.Fprintf(&b, "\n%s in %.1fs\n", r.summary(), r.Elapsed.Seconds())
	_, err := io.WriteString(w, b.String())
	return err
}
