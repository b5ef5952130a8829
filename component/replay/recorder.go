package replay

import (
	"bufio"
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/tenon-wasm/tenon/component"
)

// A Recorder is a tracer that writes a record of one instance: of the first that it sees
// and that was not made to meet imports of another. It keeps no more than one call in
// memory.
type Recorder struct {
	mu       sync.Mutex
	out      *bufio.Writer
	waiting  bool // something is to be written, and a timer does it
	instance uint64
	names    names
	payload  []byte
	frame    []byte
	spare    [][]byte
	err      error
	closed   bool
}

// flushEvery is how long what was recorded stays in memory at most.
const flushEvery = 50 * time.Millisecond

// NewRecorder begins a record. Where Made is zero, it is now.
func NewRecorder(w io.Writer, h Header) (*Recorder, error) {
	if h.Made.IsZero() {
		h.Made = time.Now()
	}
	head, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	r := &Recorder{out: bufio.NewWriterSize(w, 64<<10)}
	if _, err := r.out.Write(appendFrame([]byte(magic), head)); err != nil {
		return nil, err
	}
	return r, r.out.Flush()
}

// follows reports whether a call is of the instance that is recorded.
func (r *Recorder) follows(c *component.TracedCall) bool {
	if r.instance == 0 && c.Kind == component.CallStart && c.Owner == 0 {
		r.instance = c.Instance
	}
	return c.Instance == r.instance
}

// Begin implements component.Tracer.
func (r *Recorder) Begin(c *component.TracedCall) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.Data = nil
	if !r.follows(c) {
		return
	}
	switch c.Kind {
	case component.CallStart:
		r.write(event{kind: kindStart})
	case component.CallExport:
		r.write(event{kind: kindCall, fn: c.Func, args: r.args(c)})
	case component.CallImport, component.CallDrop:
		if isDisposal(c) {
			r.write(event{kind: kindCall, args: r.args(c)})
			return
		}
		// What the arguments are now: the call may change the guest's memory.
		args := r.args(c)
		c.Data = &args
	}
}

// args encodes the arguments; those that are not readable are one that is no value.
func (r *Recorder) args(c *component.TracedCall) []byte {
	var b []byte
	if n := len(r.spare); n > 0 {
		b, r.spare = r.spare[n-1][:0], r.spare[:n-1]
	}
	return encodedArgs(b, c)
}

// noArgs stands for arguments that are not readable: no type has such a value.
var noArgs = appendArgs(nil, []any{[]any{true, "unreadable"}})

func encodedArgs(b []byte, c *component.TracedCall) []byte {
	args, err := c.Args()
	if err != nil {
		return append(b, noArgs...)
	}
	return appendArgs(b, args)
}

// End implements component.Tracer.
func (r *Recorder) End(c *component.TracedCall) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.follows(c) {
		return
	}
	switch c.Kind {
	case component.CallStart:
		r.write(event{kind: kindStarted, outcome: outcomeOf(c)})
	case component.CallExport:
		r.write(event{kind: kindReturn, outcome: outcomeOf(c)})
	case component.CallImport:
		args := *c.Data.(*[]byte)
		r.write(event{kind: kindImport, fn: c.Func, args: args, room: c.Room, outcome: outcomeOf(c)})
		r.spare = append(r.spare, args)
	case component.CallDrop:
		if isDisposal(c) {
			r.write(event{kind: kindReturn, outcome: outcomeOf(c)})
			break
		}
		args := *c.Data.(*[]byte)
		if isForeign(c) {
			r.write(event{kind: kindDrop, args: args, outcome: outcomeOf(c)})
		}
		r.spare = append(r.spare, args)
	}
	c.Data = nil
}

// dropped is the handle of a drop.
func dropped(c *component.TracedCall) component.Handle {
	args, _ := c.Args() // A drop has them always.
	h, _ := args[0].(component.Handle)
	return h
}

// isForeign reports whether a drop is one of the host's business.
func isForeign(c *component.TracedCall) bool { return dropped(c).Foreign }

// isDisposal reports whether the host drops a resource of the guest.
func isDisposal(c *component.TracedCall) bool {
	if c.Kind != component.CallDrop {
		return false
	}
	h := dropped(c)
	return h.Number == 0 && h.Owned
}

func (r *Recorder) write(e event) {
	if r.err != nil || r.closed {
		return
	}
	r.payload = e.append(r.payload[:0], &r.names)
	r.frame = appendFrame(r.frame[:0], r.payload)
	_, r.err = r.out.Write(r.frame)
	if !r.waiting {
		r.waiting = true
		time.AfterFunc(flushEvery, func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.waiting = false
			r.flush()
		})
	}
	if cap(r.frame) > 1<<20 {
		r.payload, r.frame, r.spare = nil, nil, nil
	}
}

func (r *Recorder) flush() {
	if r.closed {
		return // The writer may be closed.
	}
	if err := r.out.Flush(); r.err == nil {
		r.err = err
	}
}

// Close ends the record. The error is the first one of the writer, which is the caller's
// to close.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.write(event{kind: kindEnd})
		r.flush()
		r.closed = true
	}
	return r.err
}
