package cabi

import "context"

const (
	// MaxHandles is the most handles that the specification gives a table.
	MaxHandles = 1<<28 - 1

	// DefaultHandles is the limit of a table that sets none.
	DefaultHandles = 1 << 20
)

// Table is the handle table of one component instance. Index 0 is never given
// out, and an index that was freed last is used again first.
//
// The zero value works. A table is used by one goroutine at a time. An index that
// stands for no handle of the resource type that is asked for traps with [BadHandle].
type Table struct {
	// Limit is the most handles that live at one time; zero means DefaultHandles.
	Limit uint32

	// Lineage counts children of host values. Tables that hand values to each
	// other share one; nil means that this table has its own.
	Lineage *Lineage

	entries []entry // handle h is entries[h-1]
	free    uint32  // handle freed last; its entry's rep is the one before
	live    uint32
	scope   *Scope
	outside Scope // of borrows that are made while no call is under way
}

// entry is a handle, or a hole where typ is nil.
type entry struct {
	typ    *ResourceType
	val    any    // nil for a resource with a home
	parent any    // what val is a child of, for an owned handle
	scope  *Scope // nil for an owned handle
	rep    uint32 // of a resource with a home; in a hole, the next hole
	lends  uint32
}

var _ Handles = (*Table)(nil)

// Scope is one call of an export: what was borrowed for it must be dropped before
// it returns.
type Scope struct {
	outer   *Scope
	borrows uint32
}

// Enter makes s the call under way: new borrows belong to it. Calls nest, and s is
// good for one at a time.
func (t *Table) Enter(s *Scope) {
	s.outer, s.borrows = t.scope, 0
	t.scope = s
}

// Leave ends the call s, which was entered last. It traps with [BorrowLeak] where the
// guest still holds a borrow of it.
func (t *Table) Leave(s *Scope) {
	if s.borrows != 0 {
		for i := range t.entries {
			if e := &t.entries[i]; e.typ != nil && e.scope == s {
				Throw(BorrowLeak, "handle %d (%s) was not dropped before the call returned (%d such)", i+1, e, s.borrows)
			}
		}
	}
	t.scope, s.outer = s.outer, nil
}

// Len is the number of handles that live.
func (t *Table) Len() int { return int(t.live) }

// NewOwn adds an owned handle for rep, which is not nil, and for a resource with a
// home a uint32 (lower_own). A value with a method Parent() any counts as a child of
// what that gives until the handle is dropped or taken. It traps with [TableFull].
func (t *Table) NewOwn(rt *ResourceType, rep any) uint32 {
	if rt.Home != nil {
		return t.NewOwnRep(rt, homeRep(rt, rep))
	}
	e := entry{typ: rt, val: hostRep(rt, rep)}
	if t.live >= t.limit() && rt.Drop != nil {
		// The host gave it away and the guest cannot have it: nobody else would end it.
		// The trap that follows says more than its error could.
		_ = rt.Drop(context.Background(), rep)
	}
	t.room(rt)
	if c, ok := rep.(child); ok {
		e.parent = t.lineage().add(rt, c.Parent())
	}
	return t.add(e)
}

// NewOwnRep is NewOwn for a resource with a home (canon resource.new): rep is the
// guest's own name for it.
func (t *Table) NewOwnRep(rt *ResourceType, rep uint32) uint32 {
	return t.add(entry{typ: rt, rep: rep})
}

// NewBorrow adds a borrowed handle for the call under way (lower_borrow). The instance
// that defines the resource gets its rep, and no handle. It traps with [TableFull].
func (t *Table) NewBorrow(rt *ResourceType, rep any) uint32 {
	if rt.Home != nil {
		return t.newBorrowRep(rt, homeRep(rt, rep))
	}
	return t.borrow(entry{typ: rt, val: hostRep(rt, rep)})
}

// newBorrowRep is NewBorrow for a resource with a home.
func (t *Table) newBorrowRep(rt *ResourceType, rep uint32) uint32 {
	if rt.Home == t {
		return rep
	}
	return t.borrow(entry{typ: rt, rep: rep})
}

func (t *Table) borrow(e entry) uint32 {
	e.scope = t.scope
	if e.scope == nil {
		e.scope = &t.outside
	}
	h := t.add(e)
	e.scope.borrows++
	return h
}

// TakeOwn removes an owned handle and returns what it stood for (lift_own), a uint32
// for a resource with a home. It traps with [BadHandle] for a borrowed handle and for
// one that is lent. What has live children may be taken: they stay its children, for
// they are counted by value.
func (t *Table) TakeOwn(h uint32, rt *ResourceType) any {
	e := t.owned(h, rt)
	v := e.value()
	t.remove(h)
	return v
}

// takeOwnRep is TakeOwn for a resource with a home.
func (t *Table) takeOwnRep(h uint32, rt *ResourceType) uint32 {
	rep := t.owned(h, rt).rep
	t.remove(h)
	return rep
}

// Lend returns what a handle stands for, owned or borrowed (lift_borrow). Until Return,
// the handle can be neither dropped nor taken: both trap with [BadHandle].
func (t *Table) Lend(h uint32, rt *ResourceType) any {
	e := t.get(h, rt)
	e.lends++
	return e.value()
}

// lendRep is Lend for a resource with a home.
func (t *Table) lendRep(h uint32, rt *ResourceType) uint32 {
	e := t.get(h, rt)
	e.lends++
	return e.rep
}

// Return takes back one Lend, unless the table was emptied since.
func (t *Table) Return(h uint32) {
	if uint64(h) <= uint64(len(t.entries)) && t.entries[h-1].lends > 0 {
		t.entries[h-1].lends--
	}
}

// Rep is what the guest gave to NewOwnRep (canon resource.rep).
func (t *Table) Rep(h uint32, rt *ResourceType) uint32 { return t.get(h, rt).rep }

// Drop drops a handle (canon resource.drop): what was owned ends, what was
// borrowed is given back. The error is the destructor's. It traps with [BadHandle] for
// a handle that is lent, and with [HasChildren] while a child of the value has a
// handle.
func (t *Table) Drop(ctx context.Context, h uint32, rt *ResourceType) error {
	e := t.get(h, rt)
	if e.lends != 0 {
		Throw(BadHandle, "handle %d (%s) is dropped while it is lent", h, e)
	}
	if e.scope != nil {
		e.scope.borrows--
		t.remove(h)
		return nil
	}
	if n := t.Lineage.children(e.val); n != 0 {
		Throw(HasChildren, "handle %d (%s) is dropped while %d made from it are alive", h, e, n)
	}
	val, rep := e.val, e.rep
	t.remove(h)
	return destroy(ctx, rt, val, rep)
}

func destroy(ctx context.Context, rt *ResourceType, val any, rep uint32) error {
	switch {
	case val == nil && rt.DropRep != nil:
		return rt.DropRep(ctx, rep)
	case val != nil && rt.Drop != nil:
		return rt.Drop(ctx, val)
	}
	return nil
}

// Check traps where [Table.Lend] would, and does nothing else.
func (t *Table) Check(h uint32, rt *ResourceType) { t.get(h, rt) }

// CheckOwn traps where [Table.TakeOwn] would, and does nothing else.
func (t *Table) CheckOwn(h uint32, rt *ResourceType) { t.owned(h, rt) }

// get returns the entry of h, which is good until the next add.
func (t *Table) get(h uint32, rt *ResourceType) *entry {
	if h == 0 || uint64(h) > uint64(len(t.entries)) {
		Throw(BadHandle, "there is no handle %d, and never was; want %s", h, rt.Name)
	}
	e := &t.entries[h-1]
	if e.typ == rt {
		return e
	}
	switch {
	case e.typ == nil:
		Throw(BadHandle, "handle %d was dropped or given away before; want %s", h, rt.Name)
	case e.typ.Name == rt.Name:
		Throw(BadHandle, "handle %d (%s) is of another instance, whose type that is", h, e)
	}
	Throw(BadHandle, "handle %d is %s; want %s", h, e, rt.Name)
	return nil
}

// owned is get for a handle that is to be taken.
func (t *Table) owned(h uint32, rt *ResourceType) *entry {
	e := t.get(h, rt)
	switch {
	case e.lends != 0:
		Throw(BadHandle, "handle %d (%s) is given away while it is lent", h, e)
	case e.scope != nil:
		Throw(BadHandle, "handle %d is %s; want own<%s>", h, e, rt.Name)
	}
	return e
}

// room traps where the table is full.
func (t *Table) room(rt *ResourceType) {
	if t.live >= t.limit() {
		Throw(TableFull, "no room for a %s beyond %d handles (the limit Table.Limit)", rt.Name, t.limit())
	}
}

func (t *Table) add(e entry) uint32 {
	t.room(e.typ)
	t.live++
	if h := t.free; h != 0 {
		t.free = t.entries[h-1].rep
		t.entries[h-1] = e
		return h
	}
	t.entries = append(t.entries, e)
	return uint32(len(t.entries))
}

func (t *Table) remove(h uint32) {
	e := &t.entries[h-1]
	if e.parent != nil {
		t.Lineage.remove(e.parent)
	}
	*e = entry{rep: t.free}
	t.free = h
	t.live--
}

func (t *Table) limit() uint32 {
	if t.Limit == 0 {
		return DefaultHandles
	}
	return min(t.Limit, MaxHandles)
}

// String is the type of the handle, `own<wasi:io/poll#pollable>`.
func (e *entry) String() string {
	if e.scope != nil {
		return "borrow<" + e.typ.Name + ">"
	}
	return "own<" + e.typ.Name + ">"
}

func (e *entry) value() any {
	if e.val == nil {
		return e.rep
	}
	return e.val
}

func hostRep(rt *ResourceType, rep any) any {
	if rep == nil {
		Throw(HostFailed, "the host gave nil for a %s", rt.Name)
	}
	return rep
}

func homeRep(rt *ResourceType, rep any) uint32 {
	r, ok := rep.(uint32)
	if !ok {
		Throw(HostFailed, "the host gave a %T for a %s, which a guest defines", rep, rt.Name)
	}
	return r
}
