package files

import (
	"runtime"
	"strings"
	"unicode/utf8"
)

// maxPath is how long a path or the target of a symbolic link may be: what Linux takes.
const maxPath = 4095

// CheckPath says why path cannot be given to a [Dir], whatever there is in the directory: NoEntry if it is empty,
// NameTooLong, IllegalByteSequence if it is not UTF-8, Invalid if there is a NUL in it, NotPermitted if it is absolute,
// or if Windows would take a part of it for something else than a name: a drive or a stream (a colon), another
// separator (a backslash), a device (NUL, con, COM1.txt). Those are refused on each platform, so that a guest meets the
// same names wherever it runs; [HostOptions] has a way out.
func CheckPath(path string) error { return checkPath(path, false) }

// CheckPathIn is CheckPath for a path that is given to d, which [HostOptions] may have opened with AnyNames.
func CheckPathIn(d Dir, path string) error {
	l, ok := d.(interface{ anyNames() bool })
	return checkPath(path, ok && l.anyNames())
}

func checkPath(path string, anyNames bool) error {
	if err := checkText(path); err != nil {
		return err
	}
	if path[0] == '/' {
		return NotPermitted
	}
	if !anyNames || runtime.GOOS == "windows" {
		return checkWindowsNames(path)
	}
	return nil
}

// checkHostTarget is for the target of a symbolic link, which needs no look at its names: a path that leads through the
// link is judged where it is followed.
func checkHostTarget(target string) error {
	if err := checkText(target); err != nil {
		return err
	}
	if rooted(target) {
		return NotPermitted
	}
	return nil
}

// rooted says whether the target of a link starts somewhere else than where the link is.
func rooted(target string) bool {
	if strings.HasPrefix(target, "/") {
		return true
	}
	return runtime.GOOS == "windows" && (strings.HasPrefix(target, `\`) || strings.Contains(target, ":"))
}

func checkText(path string) error {
	switch {
	case path == "":
		return NoEntry
	case len(path) > maxPath: // before the bytes are looked at, of which there may be many
		return NameTooLong
	case strings.IndexByte(path, 0) >= 0:
		return Invalid
	case !utf8.ValidString(path):
		return IllegalByteSequence
	}
	return nil
}

func checkWindowsNames(path string) error {
	for rest := path; rest != ""; {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		if strings.ContainsAny(name, `\:`) || isWindowsDevice(name) {
			return NotPermitted
		}
	}
	return nil
}

// isWindowsDevice says whether Windows finds a device under this name in any directory. An extension changes nothing,
// nor do spaces before it.
func isWindowsDevice(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	base = strings.TrimRight(base, " ")
	switch len(base) {
	case 3:
		return equalFold(base, "con") || equalFold(base, "prn") || equalFold(base, "aux") || equalFold(base, "nul")
	case 4:
		return '1' <= base[3] && base[3] <= '9' && isPort(base[:3])
	case 5: // a superscript digit of Latin-1 is a digit to Windows
		digit := base[3:]
		return (digit == "¹" || digit == "²" || digit == "³") && isPort(base[:3])
	case 6:
		return equalFold(base, "conin$")
	case 7:
		return equalFold(base, "conout$")
	}
	return false
}

func isPort(s string) bool { return equalFold(s, "com") || equalFold(s, "lpt") }

func equalFold(s, lower string) bool {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// split parts a path into what names a directory, empty if it is the one that the path is given to, and a last name
// without a slash. Whether the path ended with slashes is told apart.
func split(path string) (parent, name string, slash bool) {
	name = strings.TrimRight(path, "/")
	slash = len(name) < len(path)
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		parent, name = strings.TrimRight(name[:i], "/"), name[i+1:]
	}
	for strings.HasPrefix(parent, "./") {
		parent = strings.TrimLeft(parent[2:], "/")
	}
	if parent == "." {
		parent = ""
	}
	return parent, name, slash
}
