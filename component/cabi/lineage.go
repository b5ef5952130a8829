package cabi

import (
	"context"
	"errors"
	"reflect"
	"sync"
)

// child is a host value that was made from another one.
type child interface{ Parent() any }

// Lineage knows how many children of each host value have an owned handle: a value
// with a method Parent() any is a child of what that gives. Parents are compared
// with ==. A value may not be dropped while it has children (WASI says so of
// pollables and streams; the canonical ABI knows no children).
type Lineage struct {
	// Shared says that tables of several goroutines use it.
	Shared bool

	mu   sync.Mutex
	live map[any]uint32
}

// children is the number of v's children that live. It may be asked of nil.
func (l *Lineage) children(v any) int {
	if l == nil || v == nil {
		return 0
	}
	defer l.lock()()
	if len(l.live) == 0 || !canCompare(v) {
		return 0
	}
	return int(l.live[v])
}

// lock locks what is shared.
func (l *Lineage) lock() (unlock func()) {
	if !l.Shared {
		return func() {}
	}
	l.mu.Lock()
	return l.mu.Unlock
}

// Adopt makes the table count in another lineage from here on, with all that it holds.
func (t *Table) Adopt(l *Lineage) {
	if t.Lineage == l {
		return
	}
	for i := range t.entries {
		if e := &t.entries[i]; e.typ != nil && e.parent != nil {
			t.Lineage.remove(e.parent)
			l.add(e.typ, e.parent)
		}
	}
	t.Lineage = l
}

func canCompare(v any) bool {
	return reflect.TypeOf(v).Kind() == reflect.Pointer || reflect.ValueOf(v).Comparable()
}

func (t *Table) lineage() *Lineage {
	if t.Lineage == nil {
		t.Lineage = new(Lineage)
	}
	return t.Lineage
}

// add counts one more child of parent, and returns parent.
func (l *Lineage) add(rt *ResourceType, parent any) any {
	if parent == nil {
		return nil
	}
	if !canCompare(parent) {
		Throw(HostFailed, "the parent of a %s is a %T, which cannot be compared", rt.Name, parent)
	}
	defer l.lock()()
	if l.live == nil {
		l.live = make(map[any]uint32)
	}
	l.live[parent]++
	return parent
}

func (l *Lineage) remove(parent any) {
	defer l.lock()()
	if n := l.live[parent]; n > 1 {
		l.live[parent] = n - 1
		return
	}
	delete(l.live, parent)
}

// DropAll empties a table when its instance closes, see [DropAll].
func (t *Table) DropAll(ctx context.Context) error { return DropAll(ctx, t) }

// DropAll empties the tables of instances that close together: what the guests
// own of the host's ends, children before their parents, and every error is
// joined. Guests' destructors are not run, for the guests close, too. It may follow
// a trap and does not trap; the tables may be used again.
func DropAll(ctx context.Context, tables ...*Table) error {
	var (
		errs    []error
		waiting map[any]place // parents whose children live
	)
	// drop ends one handle and then the parents that waited for it.
	drop := func(p place) {
		for {
			e := p.table.entries[p.h-1]
			p.table.remove(p.h)
			if e.scope == nil && e.val != nil {
				if err := end(ctx, &e); err != nil {
					errs = append(errs, err)
				}
			}
			next, ok := waiting[e.parent]
			if e.parent == nil || !ok || p.table.Lineage.children(e.parent) != 0 {
				return
			}
			delete(waiting, e.parent)
			p = next
		}
	}
	for _, t := range tables {
		for i := range t.entries {
			p := place{t, uint32(i + 1)}
			e := &t.entries[i]
			switch {
			case e.typ == nil:
			case e.scope == nil && t.Lineage.children(e.val) != 0:
				if waiting == nil {
					waiting = make(map[any]place)
				}
				waiting[e.val] = p
			default:
				drop(p)
			}
		}
	}
	// What waits still has a child in a table that stays, or goes in a circle.
	for v, p := range waiting {
		delete(waiting, v)
		drop(p)
	}
	for _, t := range tables {
		t.entries, t.free, t.scope, t.outside = nil, 0, nil, Scope{}
	}
	return errors.Join(errs...)
}

// place is a handle in a table.
type place struct {
	table *Table
	h     uint32
}

// end runs a destructor, whose trap is an error like any other here.
func end(ctx context.Context, e *entry) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Trap:
			err = r
		default:
			panic(r)
		}
	}()
	return destroy(ctx, e.typ, e.val, e.rep)
}
