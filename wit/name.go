package wit

import (
	"fmt"
	"strings"
)

// Name is the name of a package, or of an interface or world in it:
// `wasi:io@0.2.12`, `wasi:io/poll@0.2.12`. It is comparable.
type Name struct {
	Namespace string // wasi
	Package   string // io; may hold further `:` or `/` parts of nested namespaces
	Interface string // poll; empty for the package itself
	Version   Version
}

// IsZero reports whether n is the zero Name.
func (n Name) IsZero() bool { return n == Name{} }

// Pkg returns the name of the package that n is in.
func (n Name) Pkg() Name {
	n.Interface = ""
	return n
}

// In returns the name of an interface or world in package n.
func (n Name) In(item string) Name {
	n.Interface = item
	return n
}

// Unversioned returns n without its version.
func (n Name) Unversioned() Name {
	n.Version = Version{}
	return n
}

func (n Name) String() string {
	if n.Namespace == "" && n.Package == "" {
		return n.Interface
	}
	s := n.Namespace + ":" + n.Package
	if n.Interface != "" {
		s += "/" + n.Interface
	}
	if !n.Version.IsZero() {
		s += "@" + n.Version.String()
	}
	return s
}

// ParseName reads `ns:pkg`, `ns:pkg/item`, either with `@version`. A bare track
// (`@0.2`, `@1`), as canonical names have it, is accepted as a version; see
// [Version].
//
// Namespaces and packages may nest, as in `ns:inner:pkg/part/item`. What follows
// the last slash is taken as the item, since that is what names in binaries and
// in `use` end with. The error says which part is no part of a name.
func ParseName(s string) (Name, error) {
	path, version, versioned := strings.Cut(s, "@")
	ns, rest, ok := strings.Cut(path, ":")
	if !ok {
		return Name{}, fmt.Errorf("name %q: want namespace:package/interface@version", s)
	}
	n := Name{Namespace: ns, Package: rest}
	if i := strings.LastIndexByte(rest, '/'); i >= 0 {
		n.Package, n.Interface = rest[:i], rest[i+1:]
		if !isKebab(n.Interface) {
			return Name{}, fmt.Errorf("name %q: %q is not a kebab-case name", s, n.Interface)
		}
	}
	for _, part := range strings.Split(ns+":"+strings.ReplaceAll(n.Package, "/", ":"), ":") {
		if !isWords(part) {
			return Name{}, fmt.Errorf("name %q: %q in the name of the package is not lower-case words joined by hyphens", s, part)
		}
	}
	if versioned {
		v, err := ParseVersion(version)
		if err != nil {
			return Name{}, fmt.Errorf("name %q: %w", s, err)
		}
		n.Version = v
	}
	return n, nil
}

// isWords reports whether s can be part of the name of a package: a label
// without upper case.
func isWords(s string) bool {
	return isKebab(s) && strings.ToLower(s) == s
}

// isKebab reports whether s is a label of the component model: words joined by
// single hyphens, each all lower or all upper case, the first character of the
// label a letter.
func isKebab(s string) bool {
	if s == "" {
		return false
	}
	for i, word := range strings.Split(s, "-") {
		if word == "" {
			return false
		}
		var lower, upper bool
		for j := 0; j < len(word); j++ {
			switch c := word[j]; {
			case 'a' <= c && c <= 'z':
				lower = true
			case 'A' <= c && c <= 'Z':
				upper = true
			case '0' <= c && c <= '9':
				if i == 0 && j == 0 {
					return false
				}
			default:
				return false
			}
		}
		if lower && upper {
			return false
		}
	}
	return true
}
