package hostimpl

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// maxSaid is how much is kept of what guests say on standard error: the end of it.
const maxSaid = 8 << 10

// said is the end of what guests have written to standard error.
type said struct {
	mu   sync.Mutex
	tail []byte // at most twice maxSaid
}

func (s *said) hear(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(p) > maxSaid {
		p = p[len(p)-maxSaid:]
	}
	if len(s.tail)+len(p) > 2*maxSaid {
		s.tail = append(s.tail[:0], s.tail[len(s.tail)-maxSaid:]...)
	}
	s.tail = append(s.tail, p...)
}

func (s *said) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.ToValidUTF8(string(s.tail[max(0, len(s.tail)-maxSaid):]), "")
}

// complaint is how libcs and runtimes say that a file is not there, or not to be had.
var complaint = regexp.MustCompile(`(?i)no such file( or directory)?|could not find|cannot find|can't find|failed to find|` +
	`(cannot|can't|could not|couldn't|unable to|failed to) open|does not exist|doesn't exist|` +
	`(file|directory|library) not found|\b(errno|os error|code:) (44|76)\b|capabilities insufficient|not capable`)

func complains(text string) bool { return complaint.MatchString(text) }

// complainedOf are the words of the lines of complaint.
func complainedOf(text string) map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(text) {
		rest := complaint.ReplaceAllString(line, " ") // which has words of its own
		if rest == line {
			continue
		}
		for word := range strings.FieldsFuncSeq(rest, betweenWords) {
			words[word] = true
		}
	}
	return words
}

func betweenWords(r rune) bool { return strings.ContainsRune(" \t\r\n'\"`,;:()[]{}<>|", r) }

// A named path is absolute and stands in a text.
type named struct {
	path    string
	missing bool // It stands where the text says that something is not there.
	listed  bool // It is missing and stands alone, where something was looked for.
}

// absolute is a path behind a space, a bracket or the like: in quotes, or as far as it goes.
var absolute = regexp.MustCompile(`(?:^|[\s([{<=])(?:'(/[^'\n]+)'|"(/[^"\n]+)"|(/[^\s'"` + "`" + `,;:()\[\]{}<>|]+))`)

// location follows the path of a source: the number of a line.
var location = regexp.MustCompile(`^(:\d|, line \d)`)

// pathsIn finds the absolute paths that a text names, but for places in a source, which were
// there when it was compiled. Those are missing that stand in a line of complaint or, where
// no such line has one, alone in their line, as a list has them of where something was
// looked for.
func pathsIn(text string) []named {
	var all []named
	var alone []int
	certain := false
	for line := range strings.Lines(text) {
		bad := complains(line)
		for _, m := range absolute.FindAllStringSubmatchIndex(line, -1) {
			if location.MatchString(line[m[1]:]) {
				continue
			}
			path := strings.TrimRight(group(line, m), ".")
			if strings.Trim(path, "/") == "" {
				continue
			}
			if strings.Trim(line, " \t\r\n'\",;[]()-*") == path {
				alone = append(alone, len(all))
			}
			certain = certain || bad
			all = append(all, named{path: path, missing: bad})
		}
	}
	if !certain {
		for _, i := range alone {
			all[i].missing, all[i].listed = true, true
		}
	}
	return all
}

// group is the one group of a match that took part in it.
func group(line string, m []int) string {
	for i := 2; i < len(m); i += 2 {
		if m[i] >= 0 {
			return line[m[i]:m[i+1]]
		}
	}
	return ""
}

// namesWithin reports whether a path is named, or one under it.
func namesWithin(all []named, path string) bool {
	path = strings.TrimRight(path, "/")
	return slices.ContainsFunc(all, func(n named) bool {
		return n.path == path || strings.HasPrefix(n.path, path+"/")
	})
}
