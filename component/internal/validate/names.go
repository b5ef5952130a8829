package validate

import (
	"fmt"
	"strings"
)

// nameKind is what a name says about the thing that it names.
type nameKind uint8

const (
	plainName nameKind = iota
	constructorName
	methodName
	staticName
	interfaceName
	// dependencyName is one of the forms that name a dependency by package, address or
	// content. The specification has dropped them; components that have such imports
	// are around, so they are read.
	dependencyName
)

// externName is the name of an import or export, read.
type externName struct {
	kind nameKind
	// resource is the first label of an annotated name.
	resource string
	// version is that of an interface name, without the @; empty where there is none.
	version string
	// unique is what must differ from all other names of the scope.
	unique string
}

// parseExternName reads the name of an import or export.
func parseExternName(s string) (externName, error) {
	annotation, rest, annotated := cutAnnotation(s)
	switch {
	case annotated && annotation == "constructor":
		return externName{kind: constructorName, resource: rest, unique: strings.ToLower(s)}, checkLabel(rest)
	case annotated && annotation == "method":
		return memberName(methodName, s, rest)
	case annotated && annotation == "static":
		return memberName(staticName, s, rest)
	case annotated:
		return externName{}, fmt.Errorf("name %q: the annotation %q is not known", s, annotation)
	case isDependency(s):
		return externName{kind: dependencyName, unique: s}, checkDependency(s)
	case strings.Contains(s, ":"):
		version, err := checkInterfaceName(s)
		return externName{kind: interfaceName, version: version, unique: strings.ToLower(s)}, err
	}
	return externName{kind: plainName, unique: strings.ToLower(s)}, checkLabel(s)
}

func cutAnnotation(s string) (annotation, rest string, ok bool) {
	if s, ok = strings.CutPrefix(s, "["); !ok {
		return "", "", false
	}
	annotation, rest, _ = strings.Cut(s, "]")
	return annotation, rest, true
}

// memberName reads `r.m`, what follows [method] or [static].
func memberName(kind nameKind, s, rest string) (externName, error) {
	resource, member, ok := strings.Cut(rest, ".")
	if !ok {
		return externName{}, fmt.Errorf("name %q: want a resource and a name joined by a dot", s)
	}
	for _, l := range []string{resource, member} {
		if err := checkLabel(l); err != nil {
			return externName{}, fmt.Errorf("name %q: %w", s, err)
		}
	}
	n := externName{kind: kind, resource: resource, unique: strings.ToLower(rest)}
	if strings.EqualFold(resource, member) {
		n.unique = strings.ToLower(resource)
	}
	return n, nil
}

// checkLabel checks a label: words joined by hyphens, each all lower or all upper
// case, the first beginning with a letter.
func checkLabel(s string) error {
	if !isLabel(s, true) {
		return fmt.Errorf("%q is not a kebab-case name", s)
	}
	return nil
}

// isLabel reports whether s is a label; upper tells whether words may be acronyms.
func isLabel(s string, upper bool) bool {
	if s == "" || '0' <= s[0] && s[0] <= '9' {
		return false
	}
	for len(s) > 0 || s == "" {
		word, rest, more := strings.Cut(s, "-")
		if !isWord(word, upper) {
			return false
		}
		if !more {
			return true
		}
		s = rest
	}
	return true
}

func isWord(s string, upper bool) bool {
	var lowers, uppers bool
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z':
			lowers = true
		case 'A' <= c && c <= 'Z':
			uppers = true
		case c < '0' || '9' < c:
			return false
		}
	}
	return s != "" && !(lowers && uppers) && (upper || !uppers)
}

// labels are those of one type; they must be strongly unique.
type labels struct {
	what string
	seen map[string]string
}

func newLabels(what string, n int) *labels {
	return &labels{what, make(map[string]string, min(n, 1<<10))}
}

func (l *labels) add(name string) error {
	if err := checkLabel(name); err != nil {
		return fmt.Errorf("%s name %w", l.what, err)
	}
	key := strings.ToLower(name)
	if old, dup := l.seen[key]; dup {
		return fmt.Errorf("%s name %q conflicts with %q", l.what, name, old)
	}
	l.seen[key] = name
	return nil
}
