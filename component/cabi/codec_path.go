package cabi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ValueError says that a Go value does not fit the type to which it is lowered.
// It is the host's mistake, and the guest is not harmed.
type ValueError struct {
	Path string // `param "addr".ipv4.port`
	Msg  string
}

func (e *ValueError) Error() string {
	if e.Path == "" {
		return e.Msg
	}
	return e.Path + ": " + e.Msg
}

// refusef gives up on a Go value. The panic does not leave the package: refuse
// makes it the error of the verb that was called.
func refusef(format string, args ...any) {
	panic(&ValueError{Msg: fmt.Sprintf(format, args...)})
}

// want is v as a T.
func want[T any](v any, name string) T {
	t, ok := v.(T)
	if !ok {
		refusef("want %s, have %s", name, typeOf(v))
	}
	return t
}

// trace is deferred by what holds other values: i is the part at hand, or
// negative when all is done. It writes down where a panic passes, and so finds
// the path without a cost where there is none.
func (t *Codec) trace(c *Call, i *int) {
	if *i < 0 {
		return
	}
	c.trail = append(c.trail, t.part(*i))
}

// part is how a path goes on from a value of type t to its i-th part.
func (t *Codec) part(i int) string {
	switch t.kind {
	case listKind:
		return "[" + strconv.Itoa(i) + "]"
	case paramsKind:
		return "param " + strconv.Quote(t.fields[i].name)
	case recordKind, tupleKind:
		return "." + t.fields[i].name
	}
	return "." + t.cases[i].name
}

// locate is deferred by verbs that lift: a trap that passes is told its path,
// which begins at root.
func (c *Call) locate(root string) {
	if r := recover(); r != nil {
		c.unwind(root, r)
	}
}

// refuse is deferred by verbs that lower: a Go value that does not fit becomes an
// error, and a trap that passes is told its path.
func (c *Call) refuse(root string, err *error) {
	r := recover()
	if r == nil {
		return
	}
	if e, ok := r.(*ValueError); ok {
		e.Path = c.path(root)
		*err = e
		return
	}
	c.unwind(root, r)
}

func (c *Call) unwind(root string, r any) {
	if t, ok := r.(*Trap); ok && t.Path == "" {
		t.Path = c.path(root)
	}
	panic(r)
}

// path is the way from root to where the panic began.
func (c *Call) path(root string) string {
	slices.Reverse(c.trail)
	p := root + strings.Join(c.trail, "")
	c.trail = c.trail[:0]
	return strings.TrimPrefix(p, ".")
}

func typeOf(v any) string {
	if v == nil {
		return "nil"
	}
	return fmt.Sprintf("%T", v)
}
