package component_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// An origin is a suite and where it is from.
type origin struct{ suite, text string }

// origins reads ORIGIN.md, which has a line for each suite.
func origins(t *testing.T, data string) []origin {
	t.Helper()
	f, err := os.Open(filepath.Join(data, "ORIGIN.md"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []origin
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		suite, text, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "- `"), "/`: ")
		if ok {
			all = append(all, origin{suite, text})
		}
	}
	if err := lines.Err(); err != nil || len(all) == 0 {
		t.Fatalf("ORIGIN.md names no suite: %v", err)
	}
	return all
}

// A section is a part of CONFORMANCE.md.
type section struct {
	title string
	body  string
}

// report is the text of CONFORMANCE.md.
func report(t *testing.T, from []origin, results map[string][]outcome) string {
	var b strings.Builder
	b.WriteString("# Conformance\n\n" +
		"What this host makes of test suites that others wrote. This page is written by\n" +
		"`go test ./component -run TestConformance -update` and checked by the same test.\n")
	sections := []section{{"Totals", totals(from, results)}}
	for _, o := range from {
		sections = append(sections, section{"Suite " + o.suite, suiteTable(o, results)})
	}
	sections = append(sections,
		section{"Guests by toolchain", guestTable(t)},
		section{"Canonical ABI", vectorTable(t)},
		section{"Exceptions", exceptions(results)},
		section{"What is not applicable", gatedDirectives(results)},
	)
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n%s", s.title, s.body)
	}
	return b.String()
}

// A tally counts directives by verdict.
type tally [3]int

func (n *tally) add(all []outcome) {
	for _, o := range all {
		if o.directive != "file" {
			n[o.verdict]++
		}
	}
}

func (n tally) row(name string) string {
	return fmt.Sprintf("| %s | %d | %d | %d |\n", name, n[passed], n[failed], n[notApplicable])
}

const tallyHead = "| passed | failed | not applicable |\n|---|---:|---:|---:|\n"

func totals(from []origin, results map[string][]outcome) string {
	var b strings.Builder
	b.WriteString("The bar is every directive of the files that stand in **bold** below: the\n" +
		"synchronous ones of the component model, and those of wasmtime for 0.2.\n\n" +
		"| directives of " + tallyHead)
	var all tally
	for _, o := range from {
		var bar, rest tally
		for file, outcomes := range results {
			switch {
			case !strings.HasPrefix(file, o.suite+"/"):
			case isBarred(file):
				bar.add(outcomes)
			default:
				rest.add(outcomes)
			}
		}
		b.WriteString(bar.row(o.suite + ", in the bar"))
		b.WriteString(rest.row(o.suite + ", other files"))
		for v := range all {
			all[v] += bar[v] + rest[v]
		}
	}
	b.WriteString(all.row("all"))
	return b.String()
}

// suiteTable has a row for each file.
func suiteTable(o origin, results map[string][]outcome) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n| file %s", o.text, tallyHead)
	for _, file := range slices.Sorted(maps.Keys(results)) {
		name, ok := strings.CutPrefix(file, o.suite+"/")
		if !ok {
			continue
		}
		var n tally
		n.add(results[file])
		if isBarred(file) {
			name = "**" + name + "**"
		}
		b.WriteString(n.row(name))
	}
	return b.String()
}

// exceptions lists, one by one, what is written down in expect.txt.
func exceptions(results map[string][]outcome) string {
	var b strings.Builder
	b.WriteString("One by one, with what follows from each.\n\n")
	for _, file := range slices.Sorted(maps.Keys(results)) {
		for _, o := range results[file] {
			if !o.listed || o.follows != 0 {
				continue
			}
			where := file
			if o.line > 0 {
				where = fmt.Sprintf("%s:%d", file, o.line)
			}
			fmt.Fprintf(&b, "- `%s` (%s, %s): %s", where, o.directive, o.verdict, o.reason)
			if lines := followers(results[file], o.line); len(lines) > 0 {
				fmt.Fprintf(&b, "; so is what uses it, %s", lineList(lines))
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// gatedDirectives lists, by file and reason, what the host itself says it is
// without.
func gatedDirectives(results map[string][]outcome) string {
	var b strings.Builder
	b.WriteString("What the specification gates is refused by name when a component that needs it is\n" +
		"compiled; what uses such a component has nothing to use.\n")
	for _, file := range slices.Sorted(maps.Keys(results)) {
		var reasons []string
		lines := map[string][]int{}
		for _, o := range results[file] {
			if o.verdict != notApplicable || o.listed {
				continue
			}
			if lines[o.reason] == nil {
				reasons = append(reasons, o.reason)
			}
			lines[o.reason] = append(lines[o.reason], o.line)
			lines[o.reason] = append(lines[o.reason], followers(results[file], o.line)...)
		}
		if reasons == nil {
			continue
		}
		fmt.Fprintf(&b, "\n`%s`\n", file)
		for _, r := range reasons {
			fmt.Fprintf(&b, "- %s: %s\n", r, lineList(lines[r]))
		}
	}
	return b.String()
}

// followers are the lines of what used what a directive did not make.
func followers(all []outcome, line int) []int {
	var lines []int
	for _, o := range all {
		if o.follows == line && line != 0 {
			lines = append(lines, o.line)
		}
	}
	return lines
}

// lineList writes lines that follow each other as a range.
func lineList(lines []int) string {
	slices.Sort(lines)
	var words []string
	for i := 0; i < len(lines); {
		end := i
		for end+1 < len(lines) && lines[end+1] == lines[end]+1 {
			end++
		}
		word := fmt.Sprint(lines[i])
		if end > i {
			word += fmt.Sprint("-", lines[end])
		}
		words = append(words, word)
		i = end + 1
	}
	if len(lines) == 1 {
		return "line " + words[0]
	}
	return "lines " + strings.Join(words, ", ")
}

// compareReport compares the report with the file, or writes it.
func compareReport(t *testing.T, file, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: run with -update", err)
	}
	if string(have) != text {
		t.Errorf("%s is not what this run gives: run with -update\n%s", file, firstDifference(string(have), text))
	}
}

func firstDifference(have, want string) string {
	h, w := strings.Split(have, "\n"), strings.Split(want, "\n")
	for i := range min(len(h), len(w)) {
		if h[i] != w[i] {
			return fmt.Sprintf("line %d is\n\t%s\nnow\n\t%s", i+1, h[i], w[i])
		}
	}
	return fmt.Sprintf("it has %d lines, now %d", len(h), len(w))
}

// vectorTable tells how the canonical ABI agrees with the executable model. The tests
// of package cabi have counted; see testdata/abi.
func vectorTable(t *testing.T) string {
	data, err := os.ReadFile(filepath.Join("..", "testdata", "abi", "counts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var counts map[string][3]int
	if err := json.Unmarshal(data, &counts); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("Questions to `definitions.py` of the component model, commit 6d281648, and its answers: flat values,\n" +
		"bytes of memory, calls of realloc, layouts, trap or value. Not applicable are strings that come\n" +
		"from another component, where the host itself gives the value.\n\n" +
		"| questions | path | agree | disagree | not applicable |\n|---|---|---:|---:|---:|\n")
	for _, set := range []struct{ name, test string }{
		{"shared/conformance/abi", "%sVectors%s"},
		{"fresh ones (testdata/abi/fresh.py, seeds 9001 to 9006)", "%sMoreVectors%s"},
		{"testdata/abi/corpus.jsonl.gz", "%sCorpus%s"},
	} {
		for _, way := range []struct{ name, before, after string }{
			{"dynamic values", "Test", ""}, {"generated bindings", "TestGenerated", ""}, {"component to component", "Test", "Copied"},
		} {
			n, ok := counts[fmt.Sprintf(set.test, way.before, way.after)]
			if !ok {
				t.Errorf("testdata/abi/counts.json has no %s", fmt.Sprintf(set.test, way.before, way.after))
			}
			fmt.Fprintf(&b, "| %s | %s | %d | %d | %d |\n", set.name, way.name, n[0], n[1], n[2])
		}
	}
	return b.String()
}
