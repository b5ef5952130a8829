package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/tenon-wasm/tenon/hostimpl"
)

// parseDir reads HOST[::GUEST][:ro|:rw]. Without GUEST the guest knows the directory by the
// name that it has here, as in wasmtime. The colon of a drive is no separator, since a
// path of the guest comes behind two.
func parseDir(s string) (hostimpl.Dir, error) {
	path, readOnly := strings.CutSuffix(s, ":ro")
	if !readOnly {
		path = strings.TrimSuffix(s, ":rw")
	}
	host, guest, two := strings.Cut(path, "::")
	if !two {
		guest = host
	}
	if rest, ok := strings.CutPrefix(guest, ":"); ok && two {
		host, guest = host+":", rest
	}
	if host == "" || guest == "" {
		return hostimpl.Dir{}, usageError{fmt.Errorf("--dir %s: want HOST, HOST::GUEST or either with :ro", s)}
	}
	return hostimpl.Dir{Host: host, Guest: guest, ReadOnly: readOnly}, nil
}

// fileDenials tells of what was denied in a directory once for each reason: programs try
// whether they may write, and go on if not.
func fileDenials(stderr io.Writer) func(hostimpl.FileDenial) {
	told := make(map[hostimpl.FileDenial]bool)
	return func(d hostimpl.FileDenial) {
		kind := hostimpl.FileDenial{Dir: d.Dir, Why: d.Why}
		if told[kind] {
			return
		}
		told[kind] = true
		way := ""
		if d.Why == hostimpl.DeniedChange {
			way = fmt.Sprintf("; allow it with --dir HOST::%s, without :ro", d.Dir)
		}
		fmt.Fprintf(stderr, "tenon: denied %s%s\n", d, way)
	}
}
