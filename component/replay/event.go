package replay

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
)

// kind says what an event tells.
type kind byte

const (
	kindImport kind = iota + 1
	kindCall
	kindReturn
	kindDrop
	kindStart
	kindStarted
	kindEnd
)

// An event is what a frame holds.
type event struct {
	kind    kind
	fn      string // of an import or call
	args    []byte // encoded, with their number
	room    int
	outcome outcome
}

// An outcome is how something ended.
type outcome struct {
	how   byte
	value []byte // encoded
	code  cabi.Code
	msg   string
	exit  uint8
}

const (
	returnedNothing = iota
	returned
	trapped
	exited
	unreadable
)

// names are the functions that were named so far.
type names struct {
	list    []string
	numbers map[string]uint64
}

func (n *names) append(b []byte, name string) []byte {
	if i, ok := n.numbers[name]; ok {
		return binary.AppendUvarint(b, i)
	}
	if n.numbers == nil {
		n.numbers = map[string]uint64{}
	}
	i := uint64(len(n.numbers))
	n.numbers[name] = i
	return appendString(binary.AppendUvarint(b, i), name)
}

func (n *names) read(d *decoder) string {
	i := d.uvarint(uint64(len(n.list)))
	if d.err == nil && i == uint64(len(n.list)) {
		n.list = append(n.list, d.string())
	}
	if d.err != nil {
		return ""
	}
	return n.list[i]
}

// appendArgs appends values with their number.
func appendArgs(b []byte, args []any) []byte {
	b = binary.AppendUvarint(b, uint64(len(args)))
	for _, a := range args {
		b = appendValue(b, a)
	}
	return b
}

// args reads what appendArgs wrote.
func (d *decoder) args() []any { return d.values(0) }

// raw is what read reads, as bytes.
func (d *decoder) raw(read func()) []byte {
	from := d.b
	read()
	return from[:len(from)-len(d.b)]
}

// outcomeOf is how a call ended.
func outcomeOf(c *component.TracedCall) outcome {
	if c.Err != nil {
		return failure(c.Err)
	}
	if c.Type == nil || c.Type.Result == nil {
		return outcome{}
	}
	v, err := c.Result()
	if err != nil {
		return outcome{how: unreadable}
	}
	return outcome{how: returned, value: appendValue(nil, v)}
}

func failure(err error) outcome {
	var exit *component.ExitError
	if errors.As(err, &exit) {
		return outcome{how: exited, exit: exit.Code}
	}
	var trap *component.Trap
	if !errors.As(err, &trap) {
		return outcome{how: trapped, code: cabi.HostFailed, msg: err.Error()}
	}
	msg := trap.Msg
	if trap.Err != nil && trap.Err.Error() != "" {
		msg = strings.TrimPrefix(msg+": "+trap.Err.Error(), ": ")
	}
	return outcome{how: trapped, code: trap.Code, msg: msg}
}

func (o *outcome) append(b []byte) []byte {
	b = append(b, o.how)
	switch o.how {
	case returned:
		return append(b, o.value...)
	case trapped:
		return appendString(append(b, byte(o.code)), o.msg)
	case exited:
		return append(b, o.exit)
	}
	return b
}

func (d *decoder) outcome() (o outcome) {
	o.how = d.byte()
	switch o.how {
	case returnedNothing, unreadable:
	case returned:
		o.value = d.raw(func() { d.value(0) })
	case trapped:
		o.code, o.msg = cabi.Code(d.byte()), d.string()
	case exited:
		o.exit = d.byte()
	default:
		d.fail("an outcome of an unknown kind %d", o.how)
	}
	return o
}

// error is the failure that the outcome is, or nil.
func (o *outcome) error() error {
	switch o.how {
	case trapped:
		return &component.Trap{Code: o.code, Msg: o.msg}
	case exited:
		return &component.ExitError{Code: o.exit}
	}
	return nil
}

func (e *event) append(b []byte, n *names) []byte {
	b = append(b, byte(e.kind))
	switch e.kind {
	case kindImport:
		b = append(n.append(b, e.fn), e.args...)
		b = binary.AppendUvarint(b, uint64(e.room))
		return e.outcome.append(b)
	case kindCall:
		return append(n.append(b, e.fn), e.args...)
	case kindDrop:
		b = append(b, e.args...)
		return e.outcome.append(b)
	case kindReturn, kindStarted:
		return e.outcome.append(b)
	}
	return b
}

func readEvent(frame []byte, n *names) (e event, err error) {
	d := &decoder{b: frame}
	e.kind = kind(d.byte())
	switch e.kind {
	case kindImport:
		e.fn, e.args = n.read(d), d.raw(func() { d.args() })
		e.room = int(d.uvarint(math.MaxInt32))
		e.outcome = d.outcome()
	case kindCall:
		e.fn, e.args = n.read(d), d.raw(func() { d.args() })
	case kindDrop:
		e.args = d.raw(func() { d.args() })
		e.outcome = d.outcome()
	case kindReturn, kindStarted:
		e.outcome = d.outcome()
	case kindStart, kindEnd:
	default:
		d.fail("an event of an unknown kind %d", e.kind)
	}
	if d.err == nil && len(d.b) > 0 {
		d.fail("%d bytes too many", len(d.b))
	}
	if d.err != nil {
		return event{}, fmt.Errorf("the event is %w", d.err)
	}
	return e, nil
}
