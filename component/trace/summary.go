package trace

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/wit"
)

// A Summary is a tracer that counts calls, errors and time by function.
type Summary struct {
	mu        sync.Mutex
	functions functions
	counts    map[*function]*Count
	spare     []*measured
	inside    map[uint64]*measured // the innermost call of each instance
}

// A Count is what a [Summary] knows of a function.
type Count struct {
	Func   string `json:"func"`
	Kind   string `json:"kind"`
	Calls  int    `json:"calls"`
	Errors int    `json:"errors"` // results that are errors, and traps

	// Time is how long the calls have taken, without the calls that they have made.
	Time time.Duration `json:"time"`
}

type measured struct {
	function *function
	start    time.Time
	nested   time.Duration
	outer    *measured
}

// NewSummary makes a Summary of the calls that a filter means; nil means all.
func NewSummary(f *Filter) *Summary {
	return &Summary{functions: functions{filter: f}, counts: map[*function]*Count{}, inside: map[uint64]*measured{}}
}

// Begin implements component.Tracer.
func (s *Summary) Begin(c *component.TracedCall) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var m *measured
	if n := len(s.spare); n > 0 {
		m, s.spare = s.spare[n-1], s.spare[:n-1]
	} else {
		m = new(measured)
	}
	*m = measured{function: s.functions.of(c), outer: s.inside[c.Instance]}
	s.inside[c.Instance] = m
	c.Data = m
	m.start = time.Now()
}

// End implements component.Tracer.
func (s *Summary) End(c *component.TracedCall) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	m := c.Data.(*measured)
	took := now.Sub(m.start)
	if s.inside[c.Instance] = m.outer; m.outer != nil {
		m.outer.nested += took
	} else {
		delete(s.inside, c.Instance)
	}
	if m.function.meant {
		count := s.counts[m.function]
		if count == nil {
			count = &Count{Func: c.Func, Kind: c.Kind.String()}
			s.counts[m.function] = count
		}
		count.Calls++
		count.Time += took - m.nested
		if failed(c) {
			count.Errors++
		}
	}
	s.spare = append(s.spare, m)
}

// failed reports whether a call trapped or returned an error. An exit is no failure.
func failed(c *component.TracedCall) bool {
	if c.Err != nil {
		_, trap := ending(c.Err)
		return trap != nil
	}
	if c.Type == nil || c.Type.Result == nil {
		return false
	}
	if _, ok := wit.Structure(c.Type.Result).(*wit.Result); !ok {
		return false
	}
	v, err := c.Result()
	r, ok := v.(wit.ResultValue)
	return err == nil && ok && r.IsErr
}

// Counts are the functions that were called, those first that took most time.
func (s *Summary) Counts() []Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Count
	for _, c := range s.counts {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Func, b.Func), cmp.Compare(a.Kind, b.Kind))
	})
	return all
}

// Print writes the table.
func (s *Summary) Print(w io.Writer) error {
	all := s.Counts()
	var total Count
	for _, c := range all {
		total.Calls += c.Calls
		total.Errors += c.Errors
		total.Time += c.Time
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%6s %11s %11s %9s %9s  %s\n", "% time", "seconds", "usecs/call", "calls", "errors", "function")
	rule := "------ ----------- ----------- --------- ---------  --------------------------------\n"
	out.WriteString(rule)
	row := func(c Count, what string) {
		share, each, errs := 0.0, 0.0, ""
		if total.Time > 0 {
			share = 100 * float64(c.Time) / float64(total.Time)
		}
		if c.Calls > 0 {
			each = float64(c.Time.Nanoseconds()) / 1e3 / float64(c.Calls)
		}
		if c.Errors > 0 {
			errs = fmt.Sprint(c.Errors)
		}
		fmt.Fprintf(out, "%6.2f %11.6f %11.2f %9d %9s  %s\n", share, c.Time.Seconds(), each, c.Calls, errs, what)
	}
	for _, c := range all {
		row(c, c.title())
	}
	out.WriteString(rule)
	row(total, "total")
	return out.Flush()
}

// title names the function, and for what is no import the kind.
func (c *Count) title() string {
	for k := component.CallImport; k <= component.CallStart; k++ {
		if k.String() != c.Kind {
			continue
		}
		t := title(k, c.Func)
		if k == component.CallExport || k == component.CallInner {
			t += " (" + c.Kind + ")"
		}
		return t
	}
	return c.Func
}

// PrintJSON writes the same as an object on each line, a [Count]; its time is in
// nanoseconds.
func (s *Summary) PrintJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	for _, c := range s.Counts() {
		if err := e.Encode(c); err != nil {
			return err
		}
	}
	return nil
}
