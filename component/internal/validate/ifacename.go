package validate

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// checkInterfaceName checks `ns:pkg/iface@version` and answers the version. Nested
// namespaces and packages are future syntax, which the specification's own suite wants
// refused.
func checkInterfaceName(s string) (version string, err error) {
	path, version, versioned := strings.Cut(s, "@")
	namespace, rest, _ := strings.Cut(path, ":")
	pkg, label, ok := strings.Cut(rest, "/")
	switch {
	case !isLabel(namespace, false):
		return "", fmt.Errorf("name %q: the namespace %q is not lower-case words joined by hyphens", s, namespace)
	case !isLabel(pkg, false):
		return "", fmt.Errorf("name %q: the package %q is not lower-case words joined by hyphens", s, pkg)
	case !ok:
		return "", fmt.Errorf("name %q: want an interface after the package", s)
	case !isLabel(label, true):
		return "", fmt.Errorf("name %q: %q is not a kebab-case name", s, label)
	case versioned && !isSemver(version) && !isCanonVersion(version):
		return "", fmt.Errorf("name %q: %q is not a semantic version", s, version)
	}
	return version, nil
}

// isSemver reports whether s is a version by Semantic Versioning 2.0.
func isSemver(s string) bool {
	s, build, hasBuild := strings.Cut(s, "+")
	core, pre, hasPre := strings.Cut(s, "-")
	numbers := strings.Split(core, ".")
	if len(numbers) != 3 || hasBuild && !isDotted(build, false) || hasPre && !isDotted(pre, true) {
		return false
	}
	for _, n := range numbers {
		if !isDigits(n) || tooManyZeros(n) {
			return false
		}
	}
	return true
}

// isDotted reports whether s is identifiers joined by dots. Numbers of a pre-release
// have no zeros before them.
func isDotted(s string, preRelease bool) bool {
	for _, id := range strings.Split(s, ".") {
		if id == "" || strings.ContainsFunc(id, notIdentifier) || preRelease && isDigits(id) && tooManyZeros(id) {
			return false
		}
	}
	return true
}

func notIdentifier(r rune) bool {
	return !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '-')
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || '9' < s[i] {
			return false
		}
	}
	return s != ""
}

func tooManyZeros(number string) bool { return len(number) > 1 && number[0] == '0' }

// isCanonVersion reports whether s is the part of a version that tells which versions
// are compatible: 1, 0.2, 0.0.3.
func isCanonVersion(s string) bool {
	if s == "0.0.0" {
		return true
	}
	s = strings.TrimPrefix(s, "0.")
	s = strings.TrimPrefix(s, "0.")
	return isDigits(s) && s[0] != '0'
}

// dependencyForms are the beginnings of dependency names.
var dependencyForms = map[string]func(rest string) bool{
	"unlocked-dep=<": unlockedDependency,
	"locked-dep=<":   lockedDependency,
	"url=<":          urlDependency,
	"integrity=<":    integrity,
}

func isDependency(s string) bool {
	form, _, ok := strings.Cut(s, "=")
	if !ok {
		return false
	}
	_, known := dependencyForms[form+"=<"]
	return known
}

func checkDependency(s string) error {
	form, rest, ok := strings.Cut(s, "<")
	if check := dependencyForms[form+"<"]; !ok || check == nil || !check(rest) {
		return fmt.Errorf("name %q is not a well-formed dependency", s)
	}
	return nil
}

// unlockedDependency reads `ns:pkg@{>=1.2.3 <2.0.0}>`.
func unlockedDependency(s string) bool {
	s, ok := strings.CutSuffix(s, ">")
	path, versions, versioned := strings.Cut(s, "@")
	if !ok || !isPackage(path) {
		return false
	}
	if !versioned || versions == "*" {
		return true
	}
	versions, open := strings.CutPrefix(versions, "{")
	versions, closed := strings.CutSuffix(versions, "}")
	if !open || !closed {
		return false
	}
	if lower, ok := strings.CutPrefix(versions, ">="); ok {
		lower, upper, both := strings.Cut(lower, " <")
		return isSemver(lower) && (!both || isSemver(upper))
	}
	upper, ok := strings.CutPrefix(versions, "<")
	return ok && isSemver(upper)
}

// lockedDependency reads `ns:pkg@1.2.3>`, and perhaps a hash.
func lockedDependency(s string) bool {
	s, hash, ok := strings.Cut(s, ">")
	path, version, versioned := strings.Cut(s, "@")
	return ok && isPackage(path) && (!versioned || isSemver(version)) && optionalIntegrity(hash)
}

// urlDependency reads an address, and perhaps a hash.
func urlDependency(s string) bool {
	url, hash, ok := strings.Cut(s, ">")
	return ok && !strings.Contains(url, "<") && optionalIntegrity(hash)
}

func optionalIntegrity(s string) bool {
	if s == "" {
		return true
	}
	rest, ok := strings.CutPrefix(s, ",integrity=<")
	return ok && integrity(rest)
}

func isPackage(s string) bool {
	namespace, pkg, ok := strings.Cut(s, ":")
	return ok && isLabel(namespace, false) && isLabel(pkg, false)
}

// integrity reads hashes as the web's subresource integrity has them.
func integrity(s string) bool {
	s, ok := strings.CutSuffix(s, ">")
	hashes := strings.Fields(s)
	for _, h := range hashes {
		algorithm, value, found := strings.Cut(h, "-")
		value, _, _ = strings.Cut(value, "?")
		if !found || !isBase64(value) {
			return false
		}
		switch algorithm {
		case "sha256", "sha384", "sha512":
		default:
			return false
		}
	}
	return ok && len(hashes) > 0
}

// isBase64 reports whether s is letters of the alphabet of base64 and then at most
// two signs of padding; how many there are is not asked.
func isBase64(s string) bool {
	digits := strings.TrimRight(s, "=")
	if digits == "" || len(s)-len(digits) > 2 {
		return false
	}
	for len(digits)%4 != 0 {
		digits += "A"
	}
	_, err := base64.StdEncoding.DecodeString(digits)
	return err == nil
}
