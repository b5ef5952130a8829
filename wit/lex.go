package wit

import (
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEOF    tokenKind = iota
	tokID               // a name; text is without the % of an escaped one
	tokWord             // a keyword
	tokNumber           // an integer or a version: digits and what may follow them in a version
	tokString           // a string literal; text is with its quotes
	tokPunct            // an operator
)

// token is a piece of text. A text may be nothing but tokens of one byte, so a token
// is small.
type token struct {
	kind tokenKind
	text string
	off  int
}

func (t token) String() string {
	switch t.kind {
	case tokEOF:
		return "the end of the file"
	case tokWord:
		return "keyword `" + t.text + "`"
	}
	return "`" + t.text + "`"
}

// keywords cannot be names unless they are written with a %.
var keywords = makeSet(`as async bool borrow char constructor enum error-context export f32 f64 flags from func
	future import include interface list map option own package record resource result s16 s32 s64 s8 static
	stream string tuple type u16 u32 u64 u8 use variant with world`)

func makeSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// lex splits a file into tokens; the last one is tokEOF.
func lex(src *source) (*lexer, error) {
	if err := checkCharacters(src); err != nil {
		return nil, err
	}
	l := &lexer{src: src, docs: map[int][]string{}, off: len(src.text) - len(strings.TrimPrefix(src.text, "\uFEFF"))}
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		l.tokens = append(l.tokens, t)
		if t.kind == tokEOF {
			return l, nil
		}
	}
}

// checkCharacters refuses text that a reader could see otherwise than the
// parser does, and characters that Unicode itself advises against.
func checkCharacters(src *source) error {
	for i, r := range src.text {
		at := pos{src, i}
		switch {
		case r >= ' ' && r < 0x7f || r == '\n' || r == '\r' || r == '\t':
		case r == utf8.RuneError && !strings.HasPrefix(src.text[i:], "\uFFFD"):
			return at.errorf("the file is not UTF-8")
		case r < ' ' || 0x7f <= r && r < 0xa0:
			return at.errorf("control character U+%04X", r)
		case 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069:
			return at.errorf("character U+%04X changes the direction of text and is not allowed", r)
		case r == 0x149 || r == 0x673 || r == 0xf77 || r == 0xf79 || r == 0x17a3 || r == 0x17a4 || r == 0x17b4 || r == 0x17b5:
			return at.errorf("character U+%04X is deprecated by Unicode", r)
		}
	}
	return nil
}

type lexer struct {
	src    *source
	off    int
	tokens []token
	docs   map[int][]string // by the offset of the token that they stand before: raw comments, delimiters included
}

func (l *lexer) next() (token, error) {
	docs, err := l.space()
	if err != nil {
		return token{}, err
	}
	start, rest := l.off, l.src.text[l.off:]
	if docs != nil {
		l.docs[start] = docs
	}
	t := token{off: start}
	switch {
	case rest == "":
		return t, nil
	case isLetter(rest[0]) || rest[0] == '%' || rest[0] == '_':
		return l.id(t)
	case isDigit(rest[0]):
		t.kind = tokNumber
		t.text = strings.TrimRight(take(rest, isVersionChar), ".")
	case rest[0] == '"':
		end := stringEnd(rest)
		if end < 0 {
			return t, pos{l.src, start}.errorf("unterminated string")
		}
		t.kind, t.text = tokString, rest[:end]
	case strings.HasPrefix(rest, "->"):
		t.kind, t.text = tokPunct, "->"
	case strings.IndexByte("=,:;(){}<>*/.@", rest[0]) >= 0:
		t.kind, t.text = tokPunct, rest[:1]
	default:
		r, _ := utf8.DecodeRuneInString(rest)
		return t, pos{l.src, start}.errorf("unexpected character %q", r)
	}
	l.off += len(t.text)
	return t, nil
}

// id reads a name or keyword. Characters that are common in names elsewhere are
// read along with it, so that the error speaks of the whole name.
func (l *lexer) id(t token) (token, error) {
	rest := l.src.text[l.off:]
	escaped := rest[0] == '%'
	if escaped {
		rest = rest[1:]
		l.off++
	}
	t.text = take(rest, func(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' || c == '_' })
	l.off += len(t.text)
	switch {
	case t.text == "_" && !escaped:
		t.kind = tokPunct
	case !escaped && keywords[t.text]:
		t.kind = tokWord
	case isKebab(t.text):
		t.kind = tokID
	default:
		return t, pos{l.src, t.off}.errorf("`%s` is not a name: want words joined by hyphens, each in one case%s", t.text, kebabHint(t.text))
	}
	return t, nil
}

// kebabHint proposes a name for one that is not in kebab-case.
func kebabHint(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '_':
			b.WriteByte('-')
		case 'A' <= c && c <= 'Z':
			if i > 0 && 'a' <= s[i-1] && s[i-1] <= 'z' {
				b.WriteByte('-')
			}
			b.WriteByte(c - 'A' + 'a')
		default:
			b.WriteByte(c)
		}
	}
	if hint := b.String(); isKebab(hint) {
		return ", such as `" + hint + "`"
	}
	return ""
}

// space skips white space and comments and returns the doc comments among them.
func (l *lexer) space() (docs []string, err error) {
	text := l.src.text
	for l.off < len(text) {
		rest := text[l.off:]
		switch {
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r' || rest[0] == '\n':
			l.off++
		case strings.HasPrefix(rest, "//"):
			line, _, _ := strings.Cut(rest, "\n")
			if strings.HasPrefix(line, "///") {
				docs = append(docs, line)
			}
			l.off += len(line)
		case strings.HasPrefix(rest, "/*"):
			n := blockEnd(rest)
			if n < 0 {
				return nil, pos{l.src, l.off}.errorf("unterminated block comment")
			}
			if strings.HasPrefix(rest, "/**") && n > len("/**/") {
				docs = append(docs, rest[:n])
			}
			l.off += n
		default:
			return docs, nil
		}
	}
	return docs, nil
}

// blockEnd is the length of the block comment that s begins with, comments
// nested in it included, or -1 where it does not end.
func blockEnd(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

func stringEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		case '\n':
			return -1
		}
	}
	return -1
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

func isVersionChar(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '.' || c == '+' || c == '-'
}

func take(s string, ok func(byte) bool) string {
	for i := 0; i < len(s); i++ {
		if !ok(s[i]) {
			return s[:i]
		}
	}
	return s
}
