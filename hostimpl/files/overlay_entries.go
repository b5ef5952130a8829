package files

import (
	"io"
	"sync"
)

// ReadDir reads the names of upper at once, so that what is copied meanwhile is not seen twice.
func (d *overDir) ReadDir() (e Entries, err error) {
	err = d.call(func() error {
		if d.n.removed {
			return NoEntry
		}
		if err := d.n.reach(); err != nil {
			return err
		}
		list := &overEntries{n: d.n, seen: map[string]struct{}{}}
		if d.n.upper != nil {
			if err := list.readUpper(); err != nil {
				return err
			}
		}
		if d.n.lower != nil {
			if list.lower, err = d.n.lower.ReadDir(); err != nil {
				return err
			}
		}
		d.n.hold()
		e = list
		return nil
	})
	return e, err
}

// An overEntries reads what was in upper, and then what else is in lower.
type overEntries struct {
	n *overNode

	mu     sync.Mutex // held before that of the overlay
	upper  []Entry
	seen   map[string]struct{} // names of upper
	lower  Entries             // nil if there is no more
	closed bool
}

func (e *overEntries) readUpper() error {
	list, err := e.n.upper.ReadDir()
	if err != nil {
		return err
	}
	defer list.Close()
	for {
		next, err := list.Next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		e.upper = append(e.upper, next)
		e.seen[next.Name] = struct{}{}
	}
}

func (e *overEntries) Next() (Entry, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return Entry{}, BadDescriptor
	}
	if len(e.upper) > 0 {
		next := e.upper[0]
		e.upper = e.upper[1:]
		return next, nil
	}
	for e.lower != nil {
		next, err := e.lower.Next()
		if err != nil {
			return Entry{}, err
		}
		if _, seen := e.seen[next.Name]; !seen && !e.n.hides(next.Name) {
			return next, nil
		}
	}
	return Entry{}, io.EOF
}

func (n *overNode) hides(name string) bool {
	n.o.mu.Lock()
	defer n.o.mu.Unlock()
	_, hidden := n.hidden[name]
	return hidden || n.removed
}

func (e *overEntries) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return BadDescriptor
	}
	e.closed = true
	if e.lower != nil {
		e.lower.Close()
	}
	e.n.o.mu.Lock()
	defer e.n.o.mu.Unlock()
	e.n.release()
	return nil
}
