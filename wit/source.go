package wit

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// File is WIT text with the name that errors give it.
type File struct {
	Name string
	Text string
}

// ParseError says where WIT text is wrong. Line and Col count from 1, and Col
// counts characters.
type ParseError struct {
	File      string
	Line, Col int
	Msg       string
}

func (e *ParseError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Msg
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Msg)
}

// source is one file, with the offset at which each line begins.
type source struct {
	name, text string
	lines      []int
}

func newSource(f File) *source {
	s := &source{name: f.Name, text: f.Text, lines: []int{0}}
	for i := 0; i < len(f.Text); i++ {
		if f.Text[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// pos is a place in a file. The zero pos is nowhere.
type pos struct {
	src *source
	off int
}

func (p pos) errorf(format string, args ...any) *ParseError {
	msg := fmt.Sprintf(format, args...)
	if p.src == nil {
		return &ParseError{File: "wit", Msg: msg}
	}
	line := sort.SearchInts(p.src.lines, p.off+1)
	start := p.src.lines[line-1]
	return &ParseError{
		File: p.src.name,
		Line: line,
		Col:  1 + utf8.RuneCountInString(p.src.text[start:p.off]),
		Msg:  msg,
	}
}

// Instead words the way out of a name that does not exist, for the end of a message:
// it offers the nearest of the names that do, or lists them.
func Instead(name string, have []string) string { return instead(name, have) }

// instead words the way out of a name that does not exist: the nearest of the
// names that do, else the list of them. Names of the language itself may be near,
// but are not listed.
func instead(name string, have []string, language ...string) string {
	best, dist := "", (len(name)+1)/3
	for _, list := range [][]string{have, language} {
		for _, h := range list {
			if d := editDistance(name, h, dist); d <= dist && (best == "" || d < dist) {
				best, dist = h, d
			}
		}
	}
	if best != "" {
		return fmt.Sprintf("; did you mean `%s`?", best)
	}
	if len(have) == 0 {
		return ""
	}
	have = slices.Clone(have)
	slices.Sort(have)
	const most = 12
	more := ""
	if len(have) > most {
		more = fmt.Sprintf(" and %d more", len(have)-most)
		have = have[:most]
	}
	return "; there is `" + strings.Join(have, "`, `") + "`" + more
}

// editDistance is the Levenshtein distance of a and b, or any larger number
// than limit where it exceeds limit.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit || len(b) > 64 {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
