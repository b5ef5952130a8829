package cabi

import (
	"context"
	"errors"

	"github.com/tenon-wasm/tenon/wit"
)

// Memory is a guest's linear memory. wazero's api.Memory is one.
type Memory interface {
	// Read returns a view of the memory, which goes stale when guest code runs.
	Read(offset, byteCount uint32) ([]byte, bool)
	// Size is the size in bytes, 2^32 being given as 0.
	Size() uint32
}

// Realloc calls the guest's realloc function (canonical option `realloc`).
type Realloc func(ctx context.Context, old, oldSize, align, size uint32) (uint32, error)

// Encoding is a string encoding (canonical option `string-encoding`).
type Encoding uint8

const (
	UTF8        Encoding = iota // `utf8`: code units are bytes
	UTF16                       // `utf16`, little-endian: code units are two bytes
	Latin1UTF16                 // `latin1+utf16`: either, told by a tag in the length
)

// Options are the canonical options of one side of a crossing, bound to an
// instance. Memory and Realloc are nil where the definition names none.
type Options struct {
	Encoding Encoding
	Memory   Memory
	Realloc  Realloc

	// Resources finds the run-time identity of a declared resource, for a [Codec].
	// It is given the declaration, not an alias.
	Resources func(*wit.TypeDef) *ResourceType

	// HostBytes bounds the host memory that the values lifted in one call may
	// take: a small guest can make many strings or lists of one piece of its
	// memory. What a [FuncCopy] reads is bounded by it, too. Zero means
	// [DefaultHostBytes].
	HostBytes uint64
}

// ResourceType is the run-time identity of a resource: two handles have the
// same type if they have the same *ResourceType.
type ResourceType struct {
	// Name is for messages, `wasi:io/poll#pollable`.
	Name string

	// Drop is run when an owned handle is dropped, and for what is left when the
	// instance closes. It may be nil.
	Drop func(ctx context.Context, rep any) error

	// Home is the table of the component instance that defines the resource; nil
	// for one that the host defines. A resource with a home stands for a uint32
	// of the guest, its rep.
	Home *Table

	// DropRep is Drop for a resource with a home: it calls the guest's destructor.
	// It may be nil, and is not run when the instance closes.
	DropRep func(ctx context.Context, rep uint32) error
}

// Handles is the handle table of a component instance as a crossing sees it: a
// [Table], or one around it that changes what values look like. Its methods trap as
// those of Table do.
type Handles interface {
	// TakeOwn removes an owned handle and returns what it stood for (lift own).
	TakeOwn(h uint32, t *ResourceType) any
	// Lend returns what a handle stands for and marks it lent (lift borrow).
	Lend(h uint32, t *ResourceType) any
	// Return takes back one Lend.
	Return(h uint32)
	// NewOwn adds an owned handle (lower own).
	NewOwn(t *ResourceType, rep any) uint32
	// NewBorrow adds a borrowed handle for the call under way (lower borrow).
	NewBorrow(t *ResourceType, rep any) uint32
}

// Call is one crossing of a component's boundary. It is used by one goroutine
// and is valid until the crossing ends.
type Call struct {
	ctx     context.Context
	opts    *Options
	handles Handles
	view    []byte // the whole memory; nil when guest code may have run since
	budget  uint64 // host bytes that lifting may still take, or bytes that may still be copied
	room    room
	lent    []uint32
	trail   []string // while a trap unwinds: where it happened, innermost first
}

// Begin readies c for a crossing into or out of the guest that opts and handles
// belong to. Handles may be nil where no type has any. A Call may be used again after
// End, and after a trap.
func (c *Call) Begin(ctx context.Context, opts *Options, handles Handles) {
	c.ctx, c.opts, c.handles = ctx, opts, handles
	c.view, c.room = nil, room{}
	c.budget = opts.hostBytes()
	c.lent = c.lent[:0]
	c.trail = c.trail[:0]
}

// GuestRan says that guest code has run since Begin, so that memory may have
// moved: a crossing into a guest says it between lowering and lifting.
func (c *Call) GuestRan() { c.view = nil }

// End returns what was lent to the callee. It is not called after a trap: the
// instance is dead then.
func (c *Call) End() {
	for _, h := range c.lent {
		c.handles.Return(h)
	}
	c.lent = c.lent[:0]
	c.ctx, c.opts, c.handles, c.view, c.room = nil, nil, nil, nil, room{}
}

// Context is the context of the call: it ends when the caller's does or when the
// instance closes. Host functions that wait must watch it.
func (c *Call) Context() context.Context { return c.ctx }

// View is n bytes of the guest's memory at p, which can be written, too; false where they
// are not all in memory, or where the canonical definition names none. It goes stale when
// guest code runs. It is for functions that check pointers themselves, and answer the guest
// with an error of their own; others trap.
func (c *Call) View(p, n uint32) ([]byte, bool) {
	if c.opts.Memory == nil {
		return nil, false
	}
	if end := uint64(p) + uint64(n); end <= uint64(len(c.view)) {
		return c.view[p:end:end], true
	}
	return c.look(p, n)
}

// Fail gives up on the guest because a host function returned err, which is no
// answer that its type knows: it traps with [ContractBroken] where err wraps
// [ErrContract], with the trap itself where err wraps a *[Trap], and else with
// [HostFailed].
func (c *Call) Fail(err error) {
	var t *Trap
	if errors.As(err, &t) {
		panic(t)
	}
	if errors.Is(err, ErrContract) {
		panic(&Trap{Code: ContractBroken, Err: err})
	}
	panic(&Trap{Code: HostFailed, Err: err})
}

// TakeOwn lifts own<r> (lift_own): it removes the handle h from the guest's table and
// gives what it stood for. It traps with [BadHandle] as [Table.TakeOwn] does, and
// with [HostFailed] where the value is no T.
func TakeOwn[T any](c *Call, h uint32, t *ResourceType) T { return as[T](c.TakeOwn(h, t), t) }

// TakeOwn is the function TakeOwn for a value of any type.
func (c *Call) TakeOwn(h uint32, t *ResourceType) any { return c.handles.TakeOwn(h, t) }

// Lend lifts borrow<r> (lift_borrow): it gives what the handle h stands for, owned or
// borrowed, and the handle is lent until [Call.End]. It traps as [TakeOwn] does.
func Lend[T any](c *Call, h uint32, t *ResourceType) T { return as[T](c.Lend(h, t), t) }

// Lend is the function Lend for a value of any type.
func (c *Call) Lend(h uint32, t *ResourceType) any {
	v := c.handles.Lend(h, t)
	c.lent = append(c.lent, h)
	return v
}

func as[T any](v any, t *ResourceType) T {
	r, ok := v.(T)
	if !ok {
		Misfit(t, v)
	}
	return r
}

// Misfit traps with [HostFailed] since a resource is not what its interface expects. Its
// type is right, so this is the host's own mistake: two implementations share one
// ResourceType.
func Misfit(t *ResourceType, rep any) {
	Throw(HostFailed, "%s is a %T, which the interface does not expect", t.Name, rep)
}

// NewOwn lowers own<r> (lower_own): rep, which is not nil, is the guest's from here,
// by the handle that is returned. It traps with [TableFull], and then
// ResourceType.Drop ends rep.
func (c *Call) NewOwn(t *ResourceType, rep any) uint32 { return c.handles.NewOwn(t, rep) }

// NewBorrow lowers borrow<r> (lower_borrow): the guest has the handle for the call
// under way, see [Table.Enter]. It traps with [TableFull].
func (c *Call) NewBorrow(t *ResourceType, rep any) uint32 { return c.handles.NewBorrow(t, rep) }
