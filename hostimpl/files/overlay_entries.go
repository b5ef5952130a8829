package files

import (
	"io"
	"sync"
)

// ReadDir reads what is in lower first, and then what else is in upper: a copy that is made meanwhile is thus not a new
// entry, and nothing has to be remembered of a directory however large.
func (d *overDir) ReadDir() (e Entries, err error) {
	err = d.call(func() error {
		if d.n.removed {
			return NoEntry
		}
		if err := d.n.reach(); err != nil {
			return err
		}
		list := &overEntries{n: d.n, begin: d.n.o.hides}
		if d.n.inLower {
			list.lower, err = d.n.lower.ReadDir()
		} else {
			list.upper, err = d.n.upper.ReadDir()
		}
		if err != nil {
			return err
		}
		d.n.hold()
		e = list
		return nil
	})
	return e, err
}

// An overEntries reads a directory of an overlay.
type overEntries struct {
	n     *overNode
	begin uint64 // overlay.hides when the reading began

	mu     sync.Mutex // held before that of the overlay
	lower  Entries    // nil when it is read
	upper  Entries    // nil while lower is read, and if there is none
	closed bool
}

func (e *overEntries) Next() (Entry, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.n.o.mu.Lock()
	defer e.n.o.mu.Unlock()
	if e.closed {
		return Entry{}, BadDescriptor
	}
	for e.lower != nil {
		next, err := e.lower.Next()
		if err == io.EOF {
			err = e.turn()
			if err != nil {
				return Entry{}, err
			}
			break
		}
		if err != nil {
			return Entry{}, err
		}
		if at, ok, err := e.fromLower(next); ok || err != nil {
			return at, err
		}
	}
	for e.upper != nil {
		next, err := e.upper.Next()
		if err != nil {
			return Entry{}, err
		}
		if was, err := e.wasInLower(next.Name); !was {
			return next, err
		}
	}
	return Entry{}, io.EOF
}

// turn goes on to upper.
func (e *overEntries) turn() (err error) {
	e.lower.Close()
	e.lower = nil
	if !e.n.inUpper || e.n.removed {
		return nil
	}
	if err := e.n.reach(); err != nil {
		return err
	}
	e.upper, err = e.n.upper.ReadDir()
	return err
}

// fromLower gives an entry of lower as it is now, if it was there when the reading began.
func (e *overEntries) fromLower(next Entry) (Entry, bool, error) {
	when, hidden := e.n.hidden[next.Name]
	switch {
	case e.n.removed || hidden && when <= e.begin:
		return Entry{}, false, nil
	case !hidden && !e.n.inUpper:
		return next, true, nil
	}
	s, err := overTree{}.lookup(e.n, next.Name)
	switch {
	case err == nil:
		return Entry{next.Name, s.kind()}, true, nil
	case CodeOf(err) == NoEntry:
		return Entry{}, false, nil
	}
	return Entry{}, false, err
}

// wasInLower reports whether a name of upper was read as one of lower already.
func (e *overEntries) wasInLower(name string) (bool, error) {
	if when, hidden := e.n.hidden[name]; hidden {
		return when > e.begin, nil
	}
	if err := e.n.reach(); err != nil {
		return false, err
	}
	_, was, err := e.n.below(name)
	return was, err
}

func (e *overEntries) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.n.o.mu.Lock()
	defer e.n.o.mu.Unlock()
	if e.closed {
		return BadDescriptor
	}
	e.closed = true
	for _, layer := range []Entries{e.lower, e.upper} {
		if layer != nil {
			layer.Close()
		}
	}
	e.n.release()
	return nil
}
