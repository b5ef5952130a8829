package conform

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure"`
	Skipped *junitMessage `xml:"skipped"`
	Stdout  string        `xml:"system-out,omitempty"`
	Stderr  string        `xml:"system-err,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the report in the XML that CI systems read: a test suite for each suite, of
// each toolchain. Expected failures and what was not run are skipped.
func (r *Report) JUnit(w io.Writer) error {
	all := junitSuites{Time: fmt.Sprintf("%.3f", r.Elapsed.Seconds())}
	index := map[string]int{}
	seconds := map[string]float64{}
	for i := range r.Results {
		res := &r.Results[i]
		name := res.Suite
		if res.Toolchain != "" {
			name += " [" + res.Toolchain + "]"
		}
		n, ok := index[name]
		if !ok {
			n = len(all.Suites)
			index[name] = n
			all.Suites = append(all.Suites, junitSuite{Name: name})
		}
		s := &all.Suites[n]
		c := junitCase{Class: name, Name: res.Name, Time: fmt.Sprintf("%.3f", res.Elapsed.Seconds())}
		switch {
		case res.Status.Bad():
			c.Failure = &junitMessage{Message: strings.Join(res.Failures, "; "), Text: clip(res.Ending.Backtrace)}
			c.Stdout, c.Stderr = clip(res.Stdout), clip(res.Stderr)
			s.Failures++
			all.Failures++
		case res.Status != Passed:
			c.Skipped = &junitMessage{Message: string(res.Status) + ": " + res.Reason}
			s.Skipped++
			all.Skipped++
		}
		s.Tests++
		all.Tests++
		seconds[name] += res.Elapsed.Seconds()
		s.Time = fmt.Sprintf("%.3f", seconds[name])
		s.Cases = append(s.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
