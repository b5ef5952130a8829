package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/hostimpl"
)

// parseDir reads HOST[::GUEST][:ro|:rw][:any-names]. Without GUEST the guest knows the directory by the
// name that it has here, as in wasmtime. The colon of a drive is no separator, since a
// path of the guest comes behind two.
func parseDir(s string) (hostimpl.Dir, error) {
	path, anyNames := strings.CutSuffix(s, ":any-names")
	path, readOnly := strings.CutSuffix(path, ":ro")
	if !readOnly {
		path = strings.TrimSuffix(path, ":rw")
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
	return hostimpl.Dir{Host: host, Guest: guest, ReadOnly: readOnly, AnyNames: anyNames}, nil
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
		switch d.Why {
		case hostimpl.DeniedChange:
			way = fmt.Sprintf("; allow it with --dir HOST::%s, without :ro", d.Dir)
		case hostimpl.DeniedName:
			if runtime.GOOS != "windows" {
				way = fmt.Sprintf("; allow it with --dir HOST::%s:any-names", d.Dir)
			}
		}
		fmt.Fprintf(stderr, "tenon: denied %s%s\n", d, way)
	}
}

// fileHint tells a user whose guest has failed how the guest sees the directories, if it has
// looked for files in vain.
func (o *runOptions) fileHint(host *hostimpl.Host, err error) {
	var exit *component.ExitError
	var trap *component.Trap
	if o.noHint || !(errors.As(err, &exit) && exit.Code != 0 || errors.As(err, &trap)) {
		return
	}
	v := host.FileView()
	if !v.Amiss() {
		return
	}
	way := ""
	if dir := v.Wants(); dir != "" {
		way = "; try --dir HOST::" + dir
	}
	fmt.Fprintf(o.host.Stderr, "tenon: %s%s\n", v, way)
}
