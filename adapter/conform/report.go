package conform

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"
)

// A Status is what came of a test.
type Status string

// Statuses. Failed and PassedUnexpectedly make a report fail.
const (
	Passed             Status = "pass"
	Failed             Status = "fail"
	FailedAsExpected   Status = "expected failure"
	PassedUnexpectedly Status = "unexpected pass"
	NotRun             Status = "not run"
	NoGuest            Status = "no guest"
)

// Statuses are all of them, in the order in which they are counted.
var Statuses = []Status{Passed, Failed, PassedUnexpectedly, FailedAsExpected, NotRun, NoGuest}

// Bad reports whether the status makes a report fail.
func (s Status) Bad() bool { return s == Failed || s == PassedUnexpectedly }

// A Result is what came of one test.
type Result struct {
	*Test
	Status Status

	// Reason is why it was not run, or was expected to fail.
	Reason string

	// Failures are what was wrong, each in a line.
	Failures []string

	Ending         Ending
	Stdout, Stderr string

	Began   time.Time
	Elapsed time.Duration
}

// A Report is what came of all tests.
type Report struct {
	Began   time.Time
	Elapsed time.Duration
	Results []Result
}

// Failed reports whether anything failed, or passed that should not.
func (r *Report) Failed() bool {
	return slices.ContainsFunc(r.Results, func(res Result) bool { return res.Status.Bad() })
}

// Counts tells how many tests have each status.
func (r *Report) Counts() map[Status]int {
	counts := map[Status]int{}
	for _, res := range r.Results {
		counts[res.Status]++
	}
	return counts
}

// A Cell is a place of a [Matrix].
type Cell struct {
	Passed, Ran int // of those that ran, the expected failures included
	Missing     int // tests that have no guest, or were not run
}

// String is "3/4", or "no guest".
func (c Cell) String() string {
	if c.Ran == 0 {
		if c.Missing == 0 {
			return ""
		}
		return "no guest"
	}
	return itoa(c.Passed) + "/" + itoa(c.Ran)
}

// A Matrix has a row for each interface and a column for each toolchain, or for each suite
// where tests have no toolchain.
type Matrix struct {
	Rows, Columns []string
	Cells         [][]Cell // by row, then column
}

// Matrix counts the results.
func (r *Report) Matrix() Matrix {
	var m Matrix
	for _, res := range r.Results {
		m.Rows, m.Columns = append(m.Rows, res.row()), append(m.Columns, res.column())
	}
	slices.Sort(m.Rows)
	slices.Sort(m.Columns)
	m.Rows, m.Columns = slices.Compact(m.Rows), slices.Compact(m.Columns)
	m.Cells = make([][]Cell, len(m.Rows))
	for i := range m.Cells {
		m.Cells[i] = make([]Cell, len(m.Columns))
	}
	for _, res := range r.Results {
		row, _ := slices.BinarySearch(m.Rows, res.row())
		column, _ := slices.BinarySearch(m.Columns, res.column())
		c := &m.Cells[row][column]
		switch res.Status {
		case NotRun, NoGuest:
			c.Missing++
		case Passed, PassedUnexpectedly:
			c.Passed++
			c.Ran++
		default:
			c.Ran++
		}
	}
	return m
}

func (r *Result) row() string {
	if r.Interface == "" {
		return r.Suite
	}
	return r.Interface
}

func (r *Result) column() string {
	if r.Toolchain == "" {
		return r.Suite
	}
	return r.Toolchain
}

// reportJSON is the form of [Report.JSON].
type reportJSON struct {
	Began   time.Time      `json:"began"`
	Seconds float64        `json:"seconds"`
	Failed  bool           `json:"failed"`
	Counts  map[Status]int `json:"counts"`
	Matrix  matrixJSON     `json:"matrix"`
	Results []resultJSON   `json:"results"`
}

type matrixJSON struct {
	Rows    []string   `json:"rows"`
	Columns []string   `json:"columns"`
	Cells   [][]string `json:"cells"`
}

type resultJSON struct {
	Suite     string   `json:"suite"`
	Name      string   `json:"name"`
	Toolchain string   `json:"toolchain,omitempty"`
	Interface string   `json:"interface,omitempty"`
	Guest     string   `json:"guest"`
	Args      []string `json:"args,omitempty"`
	Status    Status   `json:"status"`
	Reason    string   `json:"reason,omitempty"`
	Seconds   float64  `json:"seconds"`
	Failures  []string `json:"failures,omitempty"`
	Ending    *Ending  `json:"ending,omitempty"`
	Stdout    string   `json:"stdout,omitempty"`
	Stderr    string   `json:"stderr,omitempty"`
}

// JSON writes the report: its "results" are the tests in order, what they wrote only where
// it matters; "matrix" is the [Matrix], with cells such as "3/4".
func (r *Report) JSON(w io.Writer) error {
	out := reportJSON{
		Began: r.Began.UTC(), Seconds: r.Elapsed.Seconds(), Failed: r.Failed(), Counts: r.Counts(),
		Results: []resultJSON{},
	}
	m := r.Matrix()
	out.Matrix = matrixJSON{m.Rows, m.Columns, make([][]string, len(m.Rows))}
	for i, row := range m.Cells {
		for _, c := range row {
			out.Matrix.Cells[i] = append(out.Matrix.Cells[i], c.String())
		}
	}
	for _, res := range r.Results {
		j := resultJSON{
			Suite: res.Suite, Name: res.Name, Toolchain: res.Toolchain, Interface: res.Interface, Guest: res.Guest,
			Args: res.Args, Status: res.Status, Reason: res.Reason, Seconds: res.Elapsed.Seconds(), Failures: res.Failures,
		}
		if res.Status != NotRun && res.Status != NoGuest {
			j.Ending = &res.Ending
		}
		if j.Ending != nil && len(res.Failures) == 0 {
			// What it called matters where it failed.
			end := *j.Ending
			end.Calls = nil
			j.Ending = &end
		}
		if len(res.Failures) > 0 {
			j.Stdout, j.Stderr = res.Stdout, res.Stderr
		}
		out.Results = append(out.Results, j)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

// summary is the counts in one line.
func (r *Report) summary() string {
	counts := r.Counts()
	var parts []string
	for _, s := range Statuses {
		if n := counts[s]; n > 0 || s == Passed {
			parts = append(parts, itoa(n)+" "+counted[s])
		}
	}
	return strings.Join(parts, ", ")
}

// counted are the statuses behind a number.
var counted = map[Status]string{
	Passed: "passed", Failed: "failed", PassedUnexpectedly: "passed unexpectedly", FailedAsExpected: "failed as expected",
	NotRun: "not run", NoGuest: "without a guest",
}
