package wit

import (
	"strings"
	"unicode/utf8"
)

// waveKind is what stands in a text of WAVE, before any type is known.
type waveKind uint8

const (
	waveEnd    waveKind = iota
	wavePunct           // one of { } ( ) [ ] : ,
	waveNumber          // digits and -inf
	waveWord            // a label without its %, or a keyword
	waveChar            // decoded
	waveString          // decoded
)

type waveToken struct {
	kind     waveKind
	escaped  bool // a word with a %, which is never a keyword
	off, end int
	text     string
}

// waveKeywords cannot be cases unless they are written with a %.
var waveKeywords = makeSet("true false inf nan some none ok err")

// waveLexer splits text of WAVE into tokens; next is the one at hand.
type waveLexer struct {
	text string
	off  int
	next waveToken
	err  *WaveError
}

// advance puts the next token at hand and returns the one that was. After an error
// there are only ends.
func (l *waveLexer) advance() waveToken {
	t := l.next
	l.next = l.scan()
	return t
}

// fail remembers the first error.
func (l *waveLexer) fail(off, end int, format string, args ...any) {
	if l.err == nil {
		l.err = newWaveError(l.text, off, end, format, args...)
	}
}

func (l *waveLexer) scan() waveToken {
	l.skip()
	start := l.off
	if l.err != nil || start == len(l.text) {
		return waveToken{kind: waveEnd, off: len(l.text), end: len(l.text)}
	}
	t := waveToken{off: start}
	rest := l.text[start:]
	switch c := rest[0]; {
	case strings.IndexByte("{}()[]:,", c) >= 0:
		t.kind, t.text = wavePunct, rest[:1]
		l.off++
	case c == '-' || isDigit(c):
		t.kind, t.text = waveNumber, l.number()
	case c == '%' || isLetter(c):
		t.kind, t.escaped, t.text = waveWord, c == '%', l.word()
	case c == '\'':
		t.kind, t.text = waveChar, l.char()
	case strings.HasPrefix(rest, `"""`):
		t.kind, t.text = waveString, l.multiline()
	case c == '"':
		t.kind, t.text = waveString, l.string()
	default:
		r, n := utf8.DecodeRuneInString(rest)
		if r == utf8.RuneError && n == 1 {
			l.fail(start, start+1, "the byte %#02x is not UTF-8", c)
		} else {
			l.fail(start, start+n, "expected a value, got %q", r)
		}
	}
	if l.err != nil {
		return waveToken{kind: waveEnd, off: len(l.text), end: len(l.text)}
	}
	t.end = l.off
	return t
}

// skip passes white space and comments.
func (l *waveLexer) skip() {
	for l.off < len(l.text) {
		switch rest := l.text[l.off:]; {
		case strings.IndexByte(" \t\r\n", rest[0]) >= 0:
			l.off++
		case strings.HasPrefix(rest, "//"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			l.off += n
		default:
			return
		}
	}
}

// digits passes digits and says how many.
func (l *waveLexer) digits() int {
	start := l.off
	for l.off < len(l.text) && isDigit(l.text[l.off]) {
		l.off++
	}
	return l.off - start
}

// accept passes one byte if it is one of chars.
func (l *waveLexer) accept(chars string) bool {
	if l.off < len(l.text) && strings.IndexByte(chars, l.text[l.off]) >= 0 {
		l.off++
		return true
	}
	return false
}

// number is a number of JSON, or -inf.
func (l *waveLexer) number() string {
	start := l.off
	if l.accept("-") && l.off < len(l.text) && isLetter(l.text[l.off]) {
		if l.word() != "inf" {
			l.fail(start, l.off, "expected digits or inf after -")
		}
		return l.text[start:l.off]
	}
	first := l.off
	switch n := l.digits(); {
	case n == 0:
		l.fail(start, l.off, "expected digits or inf after -")
	case n > 1 && l.text[first] == '0':
		l.fail(start, l.off, "a number does not begin with 0")
	}
	if l.accept(".") && l.digits() == 0 {
		l.fail(start, l.off, "expected digits after the point")
	}
	if l.accept("eE") {
		l.accept("+-")
		if l.digits() == 0 {
			l.fail(start, l.off, "expected digits in the exponent")
		}
	}
	return l.text[start:l.off]
}

// word is a label or a keyword.
func (l *waveLexer) word() string {
	start := l.off
	l.accept("%")
	first := l.off
	for l.off < len(l.text) {
		if c := l.text[l.off]; !isLetter(c) && !isDigit(c) && c != '-' {
			break
		}
		l.off++
	}
	word := l.text[first:l.off]
	if !isKebab(word) {
		l.fail(start, max(l.off, start+1), "%q is no label: want words of one case, joined by single hyphens", clip(word))
	}
	return word
}

func (l *waveLexer) char() string {
	start := l.off
	l.off++
	var b strings.Builder
	switch {
	case l.off == len(l.text) || strings.IndexByte("'\n", l.text[l.off]) >= 0:
		l.fail(start, start+1, "expected one character between quotes; a quote and a line break are written \\' and \\n")
	case l.text[l.off] == '\\':
		l.escape(&b)
	default:
		l.plain(&b)
	}
	if l.err == nil && !l.accept("'") {
		l.fail(start, l.off, "expected a ' after one character; text of any length is in double quotes")
	}
	return b.String()
}

// plain passes one character that stands for itself.
func (l *waveLexer) plain(b *strings.Builder) {
	r, n := utf8.DecodeRuneInString(l.text[l.off:])
	if r == utf8.RuneError && n == 1 {
		l.fail(l.off, l.off+1, "the byte %#02x is not UTF-8", l.text[l.off])
	}
	b.WriteRune(r)
	l.off += n
}

func (l *waveLexer) string() string {
	start := l.off
	l.off++
	var b strings.Builder
	for l.err == nil {
		switch {
		case l.off == len(l.text):
			l.fail(start, start+1, "the string does not end")
		case l.text[l.off] == '\n':
			l.fail(start, l.off, "the string does not end on its line; a line break is written \\n, or the string begins with \"\"\"")
		case l.accept(`"`):
			return b.String()
		case l.text[l.off] == '\\':
			l.escape(&b)
		default:
			l.plain(&b)
		}
	}
	return ""
}

// multiline is a string between lines of """. Escaped or not, three quotes end it.
func (l *waveLexer) multiline() string {
	start := l.off
	l.off += 3
	if l.accept("\r"); !l.accept("\n") {
		l.fail(start, start+3, `expected a line break after """`)
		return ""
	}
	n := strings.Index(l.text[l.off:], `"""`)
	if n < 0 {
		l.fail(start, start+3, `the string does not end: no """ follows`)
		return ""
	}
	end := l.off + n
	body := l.text[:end]
	indent := len(body) - len(strings.TrimRight(body, " "))
	body = body[:end-indent]
	if !strings.HasSuffix(body, "\n") {
		l.fail(end, end+3, `only spaces stand before """ on the last line; within a string it is written ""\"`)
		return ""
	}
	var b strings.Builder
	for first := true; l.off < len(body) && l.err == nil; first = false {
		if !first {
			b.WriteByte('\n')
		}
		l.line(&b, body, indent)
	}
	l.off = end + 3
	return b.String()
}

// line is one line of a multi-line string that begins with so many spaces.
func (l *waveLexer) line(b *strings.Builder, body string, indent int) {
	end := l.off + strings.IndexByte(body[l.off:], '\n')
	next := end + 1
	if end > l.off && body[end-1] == '\r' {
		end--
	}
	if !strings.HasPrefix(body[l.off:end], strings.Repeat(" ", min(indent, end-l.off+1))) {
		l.fail(l.off, end, "expected %d spaces at the beginning of the line, as before the last \"\"\"", indent)
		return
	}
	for l.off += indent; l.off < end && l.err == nil; {
		if body[l.off] == '\\' {
			l.escape(b)
		} else {
			l.plain(b)
		}
	}
	l.off = next
}

// escape is what follows a backslash.
func (l *waveLexer) escape(b *strings.Builder) {
	start := l.off
	l.off++
	if l.off == len(l.text) {
		l.fail(start, l.off, "the escape does not end")
		return
	}
	c := l.text[l.off]
	l.off++
	switch c {
	case '\'', '"', '\\':
		b.WriteByte(c)
	case 't':
		b.WriteByte('\t')
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 'u':
		l.codePoint(b, start)
	default:
		l.fail(start, l.off, `no such escape; there is \' \" \\ \t \n \r \u{1f30a}`)
	}
}

// codePoint is {1f30a}. Leading zeros are many as one likes.
func (l *waveLexer) codePoint(b *strings.Builder, start int) {
	if !l.accept("{") {
		l.fail(start, l.off, `expected { after \u, as in \u{1f30a}`)
		return
	}
	r, n := rune(0), 0
	for ; l.off < len(l.text); n++ {
		d := strings.IndexByte("0123456789abcdef", l.text[l.off]|0x20)
		if d < 0 || l.text[l.off] < '0' {
			break
		}
		r = min(r<<4|rune(d), utf8.MaxRune+1)
		l.off++
	}
	if n == 0 || !l.accept("}") {
		l.fail(start, l.off, `expected hexadecimal digits and }, as in \u{1f30a}`)
		return
	}
	if !utf8.ValidRune(r) {
		l.fail(start, l.off, "there is no such character: want a Unicode scalar value")
		return
	}
	b.WriteRune(r)
}
