package wit

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// WaveError says where a text of WAVE is no value, or not one of the type that is
// wanted. Line and Col count from 1, and Col counts characters.
type WaveError struct {
	Line, Col int
	Path      string // the place in the value: `arg "addr".ipv4.port`; empty for all of it
	Msg       string

	source string // the line, or what is shown of it
	caret  int    // characters before the place, and how many it has
	width  int
}

func (e *WaveError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("%d:%d: %s", e.Line, e.Col, e.Msg)
	}
	return fmt.Sprintf("%d:%d: %s: %s", e.Line, e.Col, e.Path, e.Msg)
}

// Caret is the line of the text and below it a line that points to the place, each
// without a line break at its end. Of a long line it shows a part.
func (e *WaveError) Caret() (line, caret string) {
	return e.source, strings.Repeat(" ", e.caret) + strings.Repeat("^", e.width)
}

// What is shown of a line: before the place, of it, and altogether; and of a message,
// which may have names of the text in it.
const (
	shownMessage = 1000
	shownBefore  = 60
	shownPlace   = 40
	shownLine    = 100
)

func newWaveError(text string, off, end int, format string, args ...any) *WaveError {
	off = min(off, len(text))
	start := 1 + strings.LastIndexByte(text[:off], '\n')
	before := []rune(text[start:off])
	msg := fmt.Sprintf(format, args...)
	if len(msg) > shownMessage {
		msg = msg[:shownMessage] + "..."
	}
	e := &WaveError{
		Line: 1 + strings.Count(text[:off], "\n"),
		Col:  1 + len(before),
		Msg:  strings.Map(shown, strings.ToValidUTF8(msg, "\uFFFD")),
	}
	after, _, _ := strings.Cut(text[off:], "\n")
	place, _, _ := strings.Cut(text[off:max(off, min(end, len(text)))], "\n")
	e.width = max(1, min(utf8.RuneCountInString(place), shownPlace))
	mark := ""
	if len(before) > shownBefore {
		mark, before = "...", before[len(before)-shownBefore:]
	}
	line := append([]rune(mark), before...)
	e.caret = len(line)
	for _, r := range strings.TrimSuffix(after, "\r") {
		if len(line) == shownLine {
			line = append(line, '.', '.', '.')
			break
		}
		line = append(line, r)
	}
	for i, r := range line {
		line[i] = shown(r)
	}
	e.source = strings.TrimRight(string(line), " ")
	return e
}

// shown is a character as it is shown: in one place, and nothing that a terminal obeys.
func shown(r rune) rune {
	switch {
	case r == '\t' || r == '\r':
		return ' '
	case !unicode.IsPrint(r):
		return utf8.RuneError
	}
	return r
}
