package hostimpl

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tenon-wasm/tenon/hostimpl/files"
)

// looks is what guests have looked for in a preopen, by paths that begin there, as all of a
// libc do. What lies in a directory that was opened there was found with it.
type looks struct {
	found atomic.Bool
	more  atomic.Uint64 // missing, beside those that are listed

	full    atomic.Bool // missing has no more room
	mu      sync.Mutex
	missing []string
}

// looked notes what came of a look at a path.
func (d *descriptor) looked(path string, err error) {
	if !d.shared || path == "." {
		return
	}
	l := &d.under.looks
	if err == nil {
		if !l.found.Load() { // A store would take the line from the other guests' caches.
			l.found.Store(true)
		}
		return
	}
	if files.CodeOf(err) == files.NoEntry {
		l.miss(path)
	}
}

func (l *looks) miss(path string) {
	if l.full.Load() {
		l.more.Add(1)
		return
	}
	path = strings.ToValidUTF8(path[:min(len(path), maxMissingPath)], "")
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case slices.Contains(l.missing, path):
	case len(l.missing) == MaxMissing:
		l.full.Store(true)
		l.more.Add(1)
	default:
		l.missing = append(l.missing, path)
	}
}

// view is what there is to tell of the preopen.
func (p *preopen) view() DirView {
	p.looks.mu.Lock()
	defer p.looks.mu.Unlock()
	return DirView{
		Dir: p.granted, Found: p.looks.found.Load(),
		Missing: slices.Clone(p.looks.missing), More: p.looks.more.Load(),
	}
}
