package wit

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is a semantic version, or a bare track such as `0.2`, which canonical
// names use in its place. It is comparable. The zero Version means "none".
type Version struct {
	Major, Minor, Patch uint64
	Pre, Build          string

	// parts is how many numbers were given: 3 for a whole version, 1 or 2 for a
	// bare track, 0 for none.
	parts uint8
}

// V returns the version major.minor.patch.
func V(major, minor, patch uint64) Version {
	return Version{Major: major, Minor: minor, Patch: patch, parts: 3}
}

// IsZero reports whether no version was given.
func (v Version) IsZero() bool { return v.parts == 0 }

// ParseVersion reads a semantic version or a bare track. The error says what is wrong
// with which part.
func ParseVersion(s string) (Version, error) {
	var v Version
	core := s
	if i := strings.IndexByte(core, '+'); i >= 0 {
		core, v.Build = core[:i], core[i+1:]
		if !isDotted(v.Build) {
			return Version{}, fmt.Errorf("version %q: bad build metadata %q", s, v.Build)
		}
	}
	if i := strings.IndexByte(core, '-'); i >= 0 {
		core, v.Pre = core[:i], core[i+1:]
		if !isDotted(v.Pre) {
			return Version{}, fmt.Errorf("version %q: bad pre-release %q", s, v.Pre)
		}
	}
	nums := strings.Split(core, ".")
	if len(nums) > 3 {
		return Version{}, fmt.Errorf("version %q: want major.minor.patch", s)
	}
	for i, n := range nums {
		u, err := strconv.ParseUint(n, 10, 64)
		if err != nil || (len(n) > 1 && n[0] == '0') || n[0] == '+' {
			return Version{}, fmt.Errorf("version %q: %q is not a version number", s, n)
		}
		*[]*uint64{&v.Major, &v.Minor, &v.Patch}[i] = u
	}
	v.parts = uint8(len(nums))
	if v.parts < 3 && (v.Pre != "" || v.Build != "") {
		return Version{}, fmt.Errorf("version %q: want major.minor.patch before a suffix", s)
	}
	return v, nil
}

func isDotted(s string) bool {
	for _, id := range strings.Split(s, ".") {
		if id == "" {
			return false
		}
		for i := 0; i < len(id); i++ {
			c := id[i]
			if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-') {
				return false
			}
		}
	}
	return true
}

func (v Version) String() string {
	if v.parts == 0 {
		return ""
	}
	s := strconv.FormatUint(v.Major, 10)
	if v.parts > 1 {
		s += "." + strconv.FormatUint(v.Minor, 10)
	}
	if v.parts > 2 {
		s += "." + strconv.FormatUint(v.Patch, 10)
	}
	if v.Pre != "" {
		s += "-" + v.Pre
	}
	if v.Build != "" {
		s += "+" + v.Build
	}
	return s
}

// Track names the line of versions within which one can stand in for another:
// `1` for 1.x.y, `0.2` for 0.2.x. It is empty where only the exact version will
// do: pre-releases, 0.0.x, and no version at all.
func (v Version) Track() string {
	switch {
	case v.parts == 0 || v.Pre != "":
		return ""
	case v.Major > 0:
		return strconv.FormatUint(v.Major, 10)
	case v.Minor > 0 && v.parts > 1:
		return "0." + strconv.FormatUint(v.Minor, 10)
	}
	return ""
}

// Compare orders versions by precedence as semantic versioning has it; build
// metadata does not count, and a bare track stands before its versions.
func (v Version) Compare(w Version) int {
	for _, d := range [...][2]uint64{{v.Major, w.Major}, {v.Minor, w.Minor}, {v.Patch, w.Patch}} {
		if d[0] != d[1] {
			if d[0] < d[1] {
				return -1
			}
			return 1
		}
	}
	if v.parts != w.parts {
		if v.parts < w.parts {
			return -1
		}
		return 1
	}
	return comparePre(v.Pre, w.Pre)
}

func comparePre(a, b string) int {
	if a == b {
		return 0
	}
	if a == "" {
		return 1
	}
	if b == "" {
		return -1
	}
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := 0; i < len(as) && i < len(bs); i++ {
		if as[i] == bs[i] {
			continue
		}
		an, aerr := strconv.ParseUint(as[i], 10, 64)
		bn, berr := strconv.ParseUint(bs[i], 10, 64)
		switch {
		case aerr == nil && berr == nil:
			if an < bn {
				return -1
			}
			return 1
		case aerr == nil:
			return -1
		case berr == nil:
			return 1
		}
		return strings.Compare(as[i], bs[i])
	}
	if len(as) < len(bs) {
		return -1
	}
	return 1
}
