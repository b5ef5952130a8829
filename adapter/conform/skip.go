package conform

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// An ExpectedFailure is a test that is expected to fail, and why.
type ExpectedFailure struct {
	Suite, Name string
	Toolchain   string // empty for all
	Reason      string
}

// String is the name of the test, as [Test.ID] has it.
func (e *ExpectedFailure) String() string {
	return (&Test{Suite: e.Suite, Name: e.Name, Toolchain: e.Toolchain}).ID()
}

// is tells whether t is meant.
func (e *ExpectedFailure) is(t *Test) bool {
	return e.Suite == t.Suite && e.Name == t.Name && (e.Toolchain == "" || e.Toolchain == t.Toolchain)
}

// CheckExpected tells of an expected failure that names no test: it is out of date.
func CheckExpected(list []ExpectedFailure, tests []*Test) error {
	for i := range list {
		if !slices.ContainsFunc(tests, list[i].is) {
			return fmt.Errorf("%v is expected to fail, and there is no such test", &list[i])
		}
	}
	return nil
}

// ReadExpected reads a file of expected failures. It is one of wasi-testsuite's,
//
//	{"WASI C tests": {"stat-dev-ino": "the reason"}}
//
// or text with a line for each test, its name as [Test.ID] has it and the reason:
//
//	# Comments begin with a number sign.
//	WASI C tests/stat-dev-ino: the reason
//	basics/exit [Rust]: the reason
//
// A reason there must be.
func ReadExpected(path string) ([]ExpectedFailure, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, plain(path, err)
	}
	text := string(data)
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		return readExpectedJSON(path, data)
	}
	var all []ExpectedFailure
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		e, err := parseExpected(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		all = append(all, e)
	}
	return all, lines.Err()
}

func readExpectedJSON(path string, data []byte) ([]ExpectedFailure, error) {
	var suites map[string]map[string]string
	if err := json.Unmarshal(data, &suites); err != nil {
		return nil, fmt.Errorf("%s: want an object of suites, of tests, of reasons: %w", path, err)
	}
	var all []ExpectedFailure
	for _, suite := range slices.Sorted(maps.Keys(suites)) {
		for _, name := range slices.Sorted(maps.Keys(suites[suite])) {
			all = append(all, ExpectedFailure{Suite: suite, Name: name, Reason: suites[suite][name]})
		}
	}
	return all, nil
}

func parseExpected(line string) (ExpectedFailure, error) {
	id, reason, ok := strings.Cut(line, ": ")
	if reason = strings.TrimSpace(reason); !ok || reason == "" {
		return ExpectedFailure{}, fmt.Errorf("%s has no reason: want SUITE/TEST: REASON", quote(line))
	}
	e := ExpectedFailure{Reason: reason}
	if rest, ok := strings.CutSuffix(id, "]"); ok {
		if i := strings.LastIndex(rest, " ["); i >= 0 {
			id, e.Toolchain = rest[:i], rest[i+2:]
		}
	}
	if e.Suite, e.Name, ok = strings.Cut(id, "/"); !ok {
		return e, fmt.Errorf("%s is no name of a test: want SUITE/TEST: REASON", quote(id))
	}
	return e, nil
}
