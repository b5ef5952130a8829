package hostimpl

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// A FileView is how guests see the file system, and what they looked for in vain: what a
// user needs who has granted the wrong directory.
//
// A guest's libc resolves a path to a directory by itself, and does not ask the host about
// a path that lies in none. So of those the host knows only what the guest has as arguments
// and variables and what it says on standard error.
type FileView struct {
	// Dirs are the directories that guests find open, in the order of the Config.
	Dirs []DirView

	// Complains is set where the guest said on standard error that a file is not there or
	// cannot be opened, in the words of libc and of common runtimes.
	Complains bool

	// Outside are paths in none of Dirs that the guest complains of, at most MaxOutside.
	Outside []string

	// Variables are those of the environment, "KEY=VALUE", whose value is a path by which
	// nothing was found, and that the guest names on standard error: in none of Dirs, or in
	// one where nothing was found at all.
	Variables []string
}

// DirView is a directory that guests find open, and what they found in it.
type DirView struct {
	Dir

	// Found is set where anything was found there by its path.
	Found bool

	// Missing are paths in the directory that were not there, the first of them, at most
	// MaxMissing; More is how many there were besides.
	Missing []string
	More    uint64

	// listed is what is missing of where the guest says that it has looked: the first of
	// them; else empty.
	listed string
}

// Bounds of a FileView.
const (
	MaxMissing = 8
	MaxOutside = 8
)

// maxMissingPath is how much of a path is kept, in bytes.
const maxMissingPath = 256

// FileView tells how the guests of h see the file system until now.
func (h *Host) FileView() FileView {
	var v FileView
	for _, p := range h.files.preopens {
		v.Dirs = append(v.Dirs, p.view())
	}
	said := h.cli.said.text()
	v.Complains = complains(said)
	words := complainedOf(said)
	for _, arg := range h.cli.args[min(1, len(h.cli.args)):] {
		if words[arg] && !path.IsAbs(arg) && !v.covers(h.cli.from(arg)) {
			v.outside(arg)
		}
	}
	named := pathsIn(said)
	for _, n := range named {
		switch {
		case n.missing && !v.covers(n.path):
			v.outside(path.Clean(n.path))
		case n.listed:
			v.list(n.path)
		}
	}
	for _, e := range h.cli.env {
		if p := e[1]; path.IsAbs(p) && namesWithin(named, p) && (v.missed(p) || !v.covers(p)) {
			v.Variables = append(v.Variables, e[0]+"="+p)
		}
	}
	return v
}

// list notes a path where the guest says that it has looked in vain, and has.
func (v *FileView) list(p string) {
	for i := range v.Dirs {
		d := &v.Dirs[i]
		if rest, ok := d.within(p); ok && d.listed == "" && slices.Contains(d.Missing, rest) {
			d.listed = rest
		}
	}
}

func (v *FileView) outside(p string) {
	if p != "" && len(v.Outside) < MaxOutside && !slices.Contains(v.Outside, p) {
		v.Outside = append(v.Outside, p)
	}
}

// Amiss reports whether the guest seems to have been given the wrong directories. It means
// something if the guest has failed: programs look for files that need not be there.
func (v FileView) Amiss() bool {
	return len(v.Outside) > 0 || len(v.Variables) > 0 || v.Complains && slices.ContainsFunc(v.Dirs, DirView.wrong)
}

// Wants is the guest's name of a directory that it seems to need, if it is not among Dirs;
// else it is empty.
func (v FileView) Wants() string {
	for _, e := range v.Variables {
		if _, p, _ := strings.Cut(e, "="); !v.covers(p) {
			return p
		}
	}
	if len(v.Outside) > 0 {
		return path.Dir(v.Outside[0])
	}
	return ""
}

// empty reports whether all that was looked for is missing.
func (d DirView) empty() bool { return !d.Found && len(d.Missing) > 0 }

// wrong reports whether it looks like the wrong directory, if the guest complains.
func (d DirView) wrong() bool { return d.empty() || d.listed != "" }

// within is what a path of the guest is in the directory.
func (d DirView) within(p string) (string, bool) {
	dir, p := path.Clean(d.Guest), path.Clean(p)
	switch {
	case dir == p:
		return ".", true
	case dir == "/" && path.IsAbs(p):
		return p[1:], true
	case dir == "." || dir == "/":
		return p, !path.IsAbs(p) && p != ".." && !strings.HasPrefix(p, "../")
	}
	return strings.CutPrefix(p, dir+"/")
}

// covers reports whether a path lies in one of the directories.
func (v FileView) covers(p string) bool {
	return slices.ContainsFunc(v.Dirs, func(d DirView) bool {
		_, ok := d.within(p)
		return ok
	})
}

// missed reports whether a path lies in what looks like the wrong directory, and something
// under it was looked for.
func (v FileView) missed(p string) bool {
	return slices.ContainsFunc(v.Dirs, func(d DirView) bool {
		rest, ok := d.within(p)
		return ok && d.wrong() && slices.ContainsFunc(d.Missing, func(m string) bool {
			return rest == "." || m == rest || strings.HasPrefix(m, rest+"/")
		})
	})
}

// String tells it in one line: what the guest looks for in vain, if the view is amiss, and
// what it sees.
func (v FileView) String() string {
	var parts []string
	if v.Amiss() {
		if len(v.Outside) > 0 {
			parts = append(parts, fmt.Sprintf("the guest looks for %s, where nothing is mounted", andMore(v.Outside[0], uint64(len(v.Outside)-1))))
		}
		for _, d := range v.Dirs {
			if d.wrong() {
				missing, which := cmp.Or(d.listed, d.Missing[0]), "nothing that the guest looks for in %s is there (%s)"
				if d.Found {
					which = "not all that the guest looks for in %s is there (%s)"
				}
				parts = append(parts, fmt.Sprintf(which, shown(d.Guest), andMore(missing, d.More+uint64(len(d.Missing)-1))))
			}
		}
		for _, e := range v.Variables {
			key, value, _ := strings.Cut(e, "=")
			parts = append(parts, fmt.Sprintf("%s=%s leads to nothing", key, shown(value)))
		}
	}
	if len(v.Dirs) == 0 {
		return strings.Join(append(parts, "it sees no directory"), "; ")
	}
	var dirs []string
	for _, d := range v.Dirs {
		what := cmp.Or(d.Host, "a file system of the program's own")
		if d.ReadOnly {
			what += ", read-only"
		}
		dirs = append(dirs, fmt.Sprintf("%s (%s)", shown(d.Guest), what))
	}
	return strings.Join(append(parts, "it sees "+strings.Join(dirs, ", ")), "; ")
}

func andMore(first string, more uint64) string {
	switch first = shown(first); more {
	case 0:
		return first
	case 1:
		return first + " and another"
	}
	return fmt.Sprintf("%s and %d others", first, more)
}

// shown is a path in one line, in quotes where it needs them.
func shown(p string) string {
	if q := fmt.Sprintf("%q", p); strings.ContainsAny(p, " ;,") || q != `"`+p+`"` {
		return q
	}
	return p
}
