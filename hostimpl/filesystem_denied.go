package hostimpl

import (
	"fmt"
	"strconv"
)

// A FileDenial is something that a guest was not permitted with a file.
type FileDenial struct {
	// Dir is the guest's name of the preopened directory.
	Dir string

	// Path is what the guest asked for, from a directory in Dir; empty if that was open
	// already.
	Path string

	Why FileDenialReason
}

// FileDenialReason is why something was not permitted.
type FileDenialReason uint8

const (
	// DeniedChange is a change in a directory that is read-only.
	DeniedChange FileDenialReason = iota

	// DeniedOut is a path that leads out of the directory, by itself or by a link; or the
	// system does not permit to look at it.
	DeniedOut

	// DeniedName is a path with a name that is none on Windows, which is refused
	// everywhere. See files.CheckPath.
	DeniedName
)

// String says what was denied, as in `a change of "notes.txt" in /data, which is read-only`.
func (d FileDenial) String() string {
	what := strconv.Quote(d.Path)
	if d.Path == "" {
		what = "an open file"
	}
	switch d.Why {
	case DeniedChange:
		return fmt.Sprintf("a change of %s in %s, which is read-only", what, d.Dir)
	case DeniedName:
		return fmt.Sprintf("%s in %s: Windows would take that for something else than a name", what, d.Dir)
	}
	return fmt.Sprintf("%s in %s: it leads out of there", what, d.Dir)
}
