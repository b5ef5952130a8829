package component_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
)

// An expectation is what is known of a directive that does not pass: a line of
// testdata/wast/expect.txt.
type expectation struct {
	where string // the file, or file:line
	verdict
	reason string

	met bool // the directive was run and did not pass
}

// expectations are asked by several players.
type expectations struct {
	mu   sync.Mutex
	list []*expectation
	by   map[string]*expectation
}

// readExpectations reads lines of a verdict, a place and a reason.
func readExpectations(file string) (*expectations, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	e := &expectations{by: map[string]*expectation{}}
	for i, line := range strings.Split(string(data), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		where, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
		x := &expectation{where: where, reason: strings.TrimSpace(reason)}
		switch word {
		case "fails":
			x.verdict = failed
		case "n/a":
			x.verdict = notApplicable
		default:
			return nil, fmt.Errorf("%s:%d: no verdict is called %q", file, i+1, word)
		}
		if x.reason == "" || e.by[where] != nil {
			return nil, fmt.Errorf("%s:%d: %s has no reason, or stands there twice", file, i+1, where)
		}
		e.list = append(e.list, x)
		e.by[where] = x
	}
	return e, nil
}

// judge gives a directive that did not pass the verdict and the reason that are
// written down for it. One that is listed and passes, or would be not applicable
// by itself, is left as it is: its line is not met, which fails the test.
func (e *expectations) judge(o outcome) outcome {
	e.mu.Lock()
	defer e.mu.Unlock()
	x := e.by[o.file+":"+strconv.Itoa(o.line)]
	if x == nil || o.verdict != failed {
		return o
	}
	x.met = true
	o.verdict, o.reason, o.listed = x.verdict, x.reason, true
	return o
}

// unread tells whether a whole file is listed, because no tool reads it.
func (e *expectations) unread(file string) (outcome, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x := e.by[file]
	if x == nil {
		return outcome{}, false
	}
	x.met = true
	return outcome{file: file, directive: "file", verdict: x.verdict, reason: x.reason, listed: true}, true
}

// unmet are the lines that stand for nothing: what they name passes, is not
// applicable by itself, or is not there.
func (e *expectations) unmet() []*expectation {
	var all []*expectation
	for _, x := range e.list {
		if !x.met {
			all = append(all, x)
		}
	}
	return all
}
