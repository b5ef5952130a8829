package hostimpl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"sync/atomic"

	"github.com/tenon-wasm/tenon/component/cabi"
	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/hostimpl/files"
)

// fileSystem is wasi:filesystem: the directories that a Config grants, open for as long
// as the Host is, and a count of what guests have open.
type fileSystem struct {
	preopens []*preopen
	limit    int64
	open     atomic.Int64 // descriptors and streams of guests
	onDenied func(FileDenial)
}

// A preopen is a directory that every guest finds open.
type preopen struct {
	dir      files.Dir
	guest    string
	readOnly bool
	owned    bool // dir was opened here, and is closed here
	granted  Dir  // as the Config says it
	looks    looks
}

// newFileSystem opens the directories. The Config has been checked.
func newFileSystem(dirs []Dir, limit int, onDenied func(FileDenial)) (*fileSystem, error) {
	s := &fileSystem{limit: int64(limit), onDenied: onDenied}
	for _, d := range dirs {
		p := &preopen{dir: d.FS, guest: d.Guest, readOnly: d.ReadOnly, granted: d}
		if d.FS == nil {
			dir, err := files.HostOptions{AnyNames: d.AnyNames}.Open(d.Host)
			if err != nil {
				s.close()
				return nil, fmt.Errorf("hostimpl: directory %s: %w", d.Host, reason(err))
			}
			p.dir, p.owned = dir, true
		}
		s.preopens = append(s.preopens, p)
	}
	return s, nil
}

// reason is err without the path that the caller names already.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// close ends what newFileSystem has opened. A guest that still runs then finds its
// directories closed.
func (s *fileSystem) close() (err error) {
	for _, p := range s.preopens {
		if !p.owned {
			continue
		}
		if e := p.dir.Close(); e != nil && files.CodeOf(e) != files.BadDescriptor { // which says that it is closed
			err = errors.Join(err, e)
		}
	}
	return err
}

// GetDirectories gives descriptors of their own to whoever asks, of directories that all
// share.
func (s *fileSystem) GetDirectories(context.Context) ([]cabi.Tuple2[filesystem.Descriptor, string], error) {
	all := make([]cabi.Tuple2[filesystem.Descriptor, string], 0, len(s.preopens))
	for _, p := range s.preopens {
		if err := s.enter(); err != nil {
			s.open.Add(-int64(len(all)))
			return nil, fmt.Errorf("preopened directories: %d are open (Limits.Files)", s.limit)
		}
		all = append(all, cabi.Tuple2[filesystem.Descriptor, string]{
			F0: newDescriptor(&opened{node: p.dir, in: s, shared: true}, directoryFlags(p.readOnly), p), F1: p.guest,
		})
	}
	return all, nil
}

// enter counts what a guest opens. There is no code for too many open files.
func (s *fileSystem) enter() error {
	if s.open.Add(1) > s.limit {
		s.open.Add(-1)
		return filesystem.ErrorCodeInsufficientMemory
	}
	return nil
}

func (s *fileSystem) leave() { s.open.Add(-1) }

// opened is something open in a file system, and how many use it: the descriptor, and the
// streams that were made from it, which stay good when it is dropped.
type opened struct {
	node   files.Node
	in     *fileSystem
	users  int  // beside the first; one goroutine runs an instance, so nothing guards it
	shared bool // a preopen, which others use too
}

// another counts one more user of the same thing.
func (o *opened) another() (*opened, error) {
	if err := o.in.enter(); err != nil {
		return nil, err
	}
	o.users++
	return o, nil
}

// close ends one use; with the last, it closes.
func (o *opened) close() error {
	o.in.leave()
	if o.users--; o.users >= 0 || o.shared {
		return nil
	}
	return o.node.Close()
}

// checkDirs finds directories that cannot be granted together.
func checkDirs(dirs []Dir) error {
	seen := make(map[string]bool, len(dirs))
	for _, d := range dirs {
		name := d.Host
		if d.FS != nil {
			name = "for " + d.Guest
		}
		switch {
		case d.Host == "" && d.FS == nil:
			return fmt.Errorf("hostimpl: directory for %s: neither Host nor FS says which", d.Guest)
		case d.Host != "" && d.FS != nil:
			return fmt.Errorf("hostimpl: directory %s: Host and FS both say which", d.Host)
		case d.Guest == "":
			return fmt.Errorf("hostimpl: directory %s: the guest needs a name for it", name)
		}
		if err := checkText(d.Guest); err != nil {
			return fmt.Errorf("hostimpl: directory %s: the guest's name %q %w", name, d.Guest, err)
		}
		guest := path.Clean(d.Guest)
		if seen[guest] {
			return fmt.Errorf("hostimpl: directory %s: the guest has another directory of the name %s", name, d.Guest)
		}
		seen[guest] = true
	}
	return nil
}

// directoryFlags are what get-flags says of a directory. Rights are those of the preopen:
// what was asked for when the directory was opened takes none away, since preview 1, and so
// most programs, never ask for mutate-directory.
func directoryFlags(readOnly bool) filesystem.DescriptorFlags {
	if readOnly {
		return filesystem.DescriptorFlagsRead
	}
	return filesystem.DescriptorFlagsRead | filesystem.DescriptorFlagsMutateDirectory
}

// fileError is err as a guest is told it.
func fileError(err error) error {
	if err == nil {
		return nil
	}
	return fileErrorCode(err)
}

// fileErrorCode is the code of any error of a file, one of the standard streams included.
func fileErrorCode(err error) filesystem.ErrorCode {
	var code filesystem.ErrorCode
	if errors.As(err, &code) {
		return code
	}
	return filesystem.ErrorCode(files.CodeOf(err))
}

// maxOffset is the last position that a system knows.
const maxOffset = math.MaxInt64
