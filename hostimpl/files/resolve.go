package files

import "strings"

// The bounds of Linux, which all kinds of file systems keep; maxPath is another.
const (
	maxLinks = 40  // symbolic links that one path may pass
	maxName  = 255 // bytes of a name
)

// A tree is what resolve walks in: directories D, in which a name stands for a step S. Nothing in it changes during a
// walk.
type tree[D comparable, S step[D]] interface {
	// lookup finds a name, and follows nothing. NoEntry is the answer if there is none.
	lookup(dir D, name string) (S, error)

	// parent gives the directory that dir is in. It is not asked about the directory in which the walk began.
	parent(dir D) D
}

// A step is what a name stands for.
type step[D any] interface {
	kind() Kind
	dir() D                  // of a Directory
	target() (string, error) // of a SymbolicLink
}

// last says what is done with the last name of a path.
type last uint8

const (
	lastStays        last = iota // it is found; a link is followed only if a slash comes after it
	lastFollows                  // it is found; a link is followed
	lastMade                     // as lastStays, for a call that makes a file: a slash after it is IsDirectory
	lastMadeFollowed             // as lastFollows, for such a call
	lastNamed                    // it is not looked for
)

// A spot is where a path leads: a name in a directory, or one of . and .. if name is empty.
type spot[D comparable, S step[D]] struct {
	dir   D      // which the name is in; or which the path leads to
	name  string // "" after . and ..
	up    bool   // it was .. and not .
	slash bool   // there was a slash after the name
	found bool   // there is something of that name, which is at
	at    S
}

// resolve walks from base along path, which leads to no directory outside of base.
func resolve[D comparable, S step[D]](t tree[D, S], base D, path string, how last) (spot[D, S], error) {
	here, links := base, 0
	for {
		head, rest, slash := cutPath(path)
		end := rest == ""
		switch head {
		case "":
			return spot[D, S]{}, NoEntry
		case "..":
			if here == base {
				return spot[D, S]{}, NotPermitted
			}
			here = t.parent(here)
			fallthrough
		case ".":
			if end {
				return spot[D, S]{dir: here, up: head == ".."}, nil
			}
			path = rest
			continue
		}

		at := spot[D, S]{dir: here, name: head, slash: slash}
		switch {
		case end && how == lastNamed:
			return at, nil
		case end && slash && (how == lastMade || how == lastMadeFollowed):
			return at, IsDirectory
		}
		s, err := t.lookup(here, head)
		if err != nil {
			if end && CodeOf(err) == NoEntry {
				return at, nil
			}
			return at, err
		}
		at.found, at.at = true, s

		switch k := s.kind(); {
		case k == SymbolicLink && (!end || slash || how == lastFollows || how == lastMadeFollowed):
			if links++; links > maxLinks {
				return at, Loop
			}
			target, err := s.target()
			if err != nil {
				return at, err
			}
			if err := CheckPath(target); err != nil {
				return at, err
			}
			path = target
			if slash || !end {
				path += "/" + rest
			}
		case end && (k == Directory || !slash):
			return at, nil
		case k == Directory:
			here, path = s.dir(), rest
		default:
			return at, NotDirectory
		}
	}
}

// cutPath takes the first name off a path. If rest is empty, slash tells whether one came after the name.
func cutPath(path string) (head, rest string, slash bool) {
	path = strings.TrimLeft(path, "/")
	head, rest, slash = strings.Cut(path, "/")
	return head, strings.TrimLeft(rest, "/"), slash
}

// existing is resolve for what must be there.
func existing[D comparable, S step[D]](t tree[D, S], base D, path string, how last) (spot[D, S], error) {
	s, err := resolve(t, base, path, how)
	if err == nil && s.name != "" && !s.found {
		err = NoEntry
	}
	return s, err
}

// naming is resolve for a call that makes, removes or moves a name; dot is the answer if the path ends with . or ..
// instead of one. As on Linux, a slash after the name of a link does not lead through the link.
func naming[D comparable, S step[D]](t tree[D, S], base D, path string, dot ErrorCode) (spot[D, S], error) {
	s, err := resolve(t, base, path, lastNamed)
	if err == nil && s.name == "" {
		err = dot
	}
	return s, err
}
