package trace

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tenon-wasm/tenon/component"
)

// Config says how a [Printer] prints.
type Config struct {
	// Out takes the lines, each in one Write, unless Buffered.
	Out io.Writer

	// JSON prints an object on each line, a [Line].
	JSON bool

	// Filter says which calls are printed; nil means all.
	Filter *Filter

	// Short is how many characters of a string and elements of a list are printed; zero
	// means DefaultShort, less than zero all.
	Short int

	// Buffered collects lines, for at most a tenth of a second, before they are written.
	Buffered bool

	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// DefaultShort is how much of a string or list is printed where nothing else is said.
const DefaultShort = 32

// How often a Printer writes what it has buffered and looks for calls that take long, and
// how long that is.
const (
	tick     = 100 * time.Millisecond
	longCall = time.Second

	flushAt = 32 << 10
)

// A Printer is a tracer that prints calls when they end; those that others nest in, when
// they begin as well. A call that takes longer than a second is told of meanwhile.
type Printer struct {
	config Config

	mu        sync.Mutex
	functions functions
	values    *writer
	began     time.Time // the first call
	count     uint64
	open      []*pending     // calls under way
	spare     []*pending     // for later calls
	depth     map[uint64]int // of nested calls, by instance
	result    []byte
	buf       []byte
	err       error
	first     uint64 // the instance that was seen first; others are named
	done      chan struct{}
	closed    bool

	noting sync.Mutex // is held for moments
	notes  []note
}

// note is what Note was told, and when.
type note struct {
	at   time.Time
	text string
}

// pending is a call under way.
type pending struct {
	number   uint64
	start    time.Time
	text     []byte // the call as far as it is known, see callText
	function *function
	instance uint64
	nests    bool
	told     bool // that it takes long
}

// NewPrinter makes a Printer. Close it, so that all is written.
func NewPrinter(c Config) *Printer {
	if c.Now == nil {
		c.Now = time.Now
	}
	switch {
	case c.Short == 0:
		c.Short = DefaultShort
	case c.Short < 0:
		c.Short = 0
	}
	return &Printer{
		config: c, values: newWriter(c.Short), depth: map[uint64]int{},
		functions: functions{filter: c.Filter},
	}
}

// Begin implements component.Tracer.
func (p *Printer) Begin(c *component.TracedCall) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.began.IsZero() {
		p.began = p.config.Now()
	}
	if p.done == nil && !p.closed {
		p.done = make(chan struct{})
		go p.watch(p.done)
	}
	call := p.pending()
	c.Data = call
	p.count++
	call.number, call.instance = p.count, c.Instance
	call.function = p.functions.of(c)
	call.nests = c.Kind == component.CallExport || c.Kind == component.CallInner || c.Kind == component.CallStart
	if p.first == 0 {
		p.first = c.Instance
	}
	if call.function.meant {
		p.callText(call, c)
		p.open = append(p.open, call)
	}
	p.followArgs(call, c)
	call.start = p.config.Now()
	if !call.function.meant {
		return
	}
	if call.nests {
		p.tell()
		p.printBegin(call)
		p.depth[c.Instance]++
	}
}

// callText is what is known of a call before it is made: in text the call, in JSON the
// fields of it.
func (p *Printer) callText(call *pending, c *component.TracedCall) {
	t := call.text[:0]
	args, unreadable := argsOf(c)
	if p.config.JSON {
		call.text = p.callJSON(t, call, c, args, unreadable)
		return
	}
	t = append(t, call.function.title...)
	t = append(t, '(')
	t = append(t, unreadable...)
	for i := range args {
		if i > 0 {
			t = append(t, ", "...)
		}
		t = p.values.arg(t, c, args, i)
	}
	call.text = append(t, ')')
}

// followArgs notes handles that come with the arguments. What they end is noted by End, for
// a call that traps ends nothing.
func (p *Printer) followArgs(call *pending, c *component.TracedCall) {
	if !call.function.moves {
		return
	}
	if c.Kind != component.CallExport && c.Kind != component.CallInner {
		_, _ = c.Args() // They are asked for again when the call is over.
		return
	}
	if args, err := c.Args(); err == nil {
		p.values.births.follow(c, args, true, call.birth())
	}
}

// followResult notes what a call that has returned did to handles.
func (p *Printer) followResult(call *pending, c *component.TracedCall, value any) {
	args, err := c.Args()
	values := []any{value}
	switch {
	case err != nil:
	case c.Kind == component.CallImport || c.Kind == component.CallDrop:
		p.values.births.follow(c, args, false, birth{})
		p.values.births.follow(c, values, true, call.birth())
	default:
		p.values.births.follow(c, values, false, birth{})
	}
}

func (call *pending) birth() birth {
	return birth{call.number, call.function.title, call.function.meant}
}

// End implements component.Tracer.
func (p *Printer) End(c *component.TracedCall) {
	now := p.config.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	call := c.Data.(*pending)
	c.Data = nil
	p.result = p.result[:0]
	if c.Err == nil && (call.function.meant || call.function.moves) {
		var value any
		p.result, value = p.values.result(p.result, c)
		if call.function.moves {
			p.followResult(call, c, value)
		}
	}
	if call.function.meant {
		if call.nests {
			if p.depth[c.Instance]--; p.depth[c.Instance] == 0 {
				delete(p.depth, c.Instance) // There may be very many instances.
			}
		}
		if i := slices.Index(p.open, call); i >= 0 {
			p.open = slices.Delete(p.open, i, i+1)
		}
		p.tell()
		p.printEnd(call, c, now.Sub(call.start))
	}
	call.told = false
	p.spare = append(p.spare, call)
}

func (p *Printer) pending() *pending {
	if n := len(p.spare); n > 0 {
		call := p.spare[n-1]
		p.spare = p.spare[:n-1]
		return call
	}
	return new(pending)
}

// lead begins a line of text: the number of the call, its time, the instance if there are
// several, and how deep it is nested.
func (p *Printer) lead(call *pending, at time.Time) {
	b := p.buf
	n := len(b)
	b = append(b, '#')
	b = strconv.AppendUint(b, call.number, 10)
	for len(b) < n+6 {
		b = append(b, ' ')
	}
	b = append(b, ' ')
	b = appendSeconds(b, at.Sub(p.began), 4)
	b = append(b, ' ')
	if call.instance != p.first {
		b = append(b, '[')
		b = strconv.AppendUint(b, call.instance, 10)
		b = append(b, "] "...)
	}
	for range p.depth[call.instance] {
		b = append(b, "  "...)
	}
	p.buf = b
}

// appendSeconds writes seconds with six digits behind the point, and at least so many
// characters before it.
func appendSeconds(b []byte, d time.Duration, width int) []byte {
	µs := max(0, d.Microseconds())
	for lim, w := int64(10), 1; w < width; w++ {
		if µs/1e6 < lim {
			b = append(b, ' ')
		}
		lim *= 10
	}
	b = strconv.AppendInt(b, µs/1e6, 10)
	b = append(b, '.')
	for unit := int64(1e5); unit > 0; unit /= 10 {
		b = append(b, byte('0'+µs/unit%10))
	}
	return b
}

func (p *Printer) printBegin(call *pending) {
	if p.config.JSON {
		p.json(EventBegin, call.start, call.text, -1)
		p.endJSON()
		return
	}
	p.lead(call, call.start)
	p.buf = append(p.buf, "-> "...)
	p.buf = append(p.buf, call.text...)
	p.newline()
}

func (p *Printer) printEnd(call *pending, c *component.TracedCall, took time.Duration) {
	exit, trap := ending(c.Err)
	if p.config.JSON {
		p.json(EventCall, call.start, call.text, took)
		switch {
		case exit != nil:
			p.buf = strconv.AppendUint(append(p.buf, `,"exit":`...), uint64(*exit), 10)
		case trap != nil:
			p.buf = appendJSON(append(p.buf, `,"trap":`...), trap.Error())
		case len(p.result) > 0:
			p.buf = appendJSON(append(p.buf, `,"result":`...), p.result)
		}
		p.endJSON()
		return
	}
	at := call.start
	if call.nests {
		at = at.Add(took)
	}
	p.lead(call, at)
	if call.nests {
		p.buf = append(p.buf, "<- "...)
		p.buf = append(p.buf, call.function.title...)
	} else {
		p.buf = append(p.buf, call.text...)
	}
	switch {
	case exit != nil:
		p.buf = append(p.buf, " exits with "...)
		p.buf = strconv.AppendUint(p.buf, uint64(*exit), 10)
	case trap != nil:
		p.buf = append(p.buf, " traps: "...)
		p.buf = append(p.buf, strings.ReplaceAll(trapText(trap), "\n", " ")...)
	case len(p.result) > 0:
		p.buf = append(p.buf, " = "...)
		p.buf = append(p.buf, p.result...)
	}
	p.buf = append(p.buf, " <"...)
	p.buf = appendSeconds(p.buf, took, 0)
	p.buf = append(p.buf, '>')
	p.newline()
}

// ending tells an exit status from a failure.
func ending(err error) (exit *uint8, trap error) {
	var e *component.ExitError
	if errors.As(err, &e) {
		return &e.Code, nil
	}
	return nil, err
}

// trapText leaves out what the line says already.
func trapText(err error) string {
	var t *component.Trap
	if !errors.As(err, &t) {
		return err.Error()
	}
	short := *t
	short.Func = ""
	text := strings.TrimPrefix(short.Error(), "trap: ")
	return strings.TrimPrefix(text, "trap, ")
}

// Note prints what happened besides calls, such as a change of a socket's state. It never
// waits for [Config.Out]: whoever holds a lock may call it. What is noted stands before the
// next line, or is printed a tick later.
func (p *Printer) Note(text string) {
	p.noting.Lock()
	defer p.noting.Unlock()
	p.notes = append(p.notes, note{p.config.Now(), text})
}

// tell prints what was noted.
func (p *Printer) tell() {
	p.noting.Lock()
	notes := p.notes
	p.notes = nil
	p.noting.Unlock()
	for _, n := range notes {
		if p.config.JSON {
			p.json(EventNote, n.at, nil, -1)
			p.buf = appendJSON(append(p.buf, `,"note":`...), n.text)
			p.endJSON()
			continue
		}
		p.buf = append(p.buf, "       "...)
		p.buf = appendSeconds(p.buf, n.at.Sub(p.began), 4)
		p.buf = append(p.buf, " ~ "...)
		p.buf = append(p.buf, n.text...)
		p.newline()
	}
}

func (p *Printer) newline() {
	p.buf = append(p.buf, '\n')
	if !p.config.Buffered || len(p.buf) >= flushAt {
		p.flush()
	}
}

func (p *Printer) flush() {
	if len(p.buf) == 0 {
		return
	}
	_, err := p.config.Out.Write(p.buf)
	p.buf = p.buf[:0]
	if err != nil && p.err == nil {
		p.err = err
	}
}

// watch writes what is buffered and tells of calls that take long.
func (p *Printer) watch(done chan struct{}) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		select {
		case <-done:
			return
		case <-t.C:
			p.look()
		}
	}
}

func (p *Printer) look() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tell()
	now := p.config.Now()
	for _, call := range p.open {
		if call.nests || call.told || now.Sub(call.start) < longCall {
			continue
		}
		call.told = true
		if p.config.JSON {
			p.json(EventWait, call.start, call.text, now.Sub(call.start))
			p.endJSON()
			continue
		}
		p.lead(call, call.start)
		p.buf = append(p.buf, call.text...)
		p.buf = append(p.buf, " <waits>"...)
		p.newline()
	}
	p.flush()
}

// Close writes what is left. The error is the first one of Config.Out.
func (p *Printer) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done != nil {
		close(p.done)
		p.done = nil
	}
	p.closed = true
	p.tell()
	p.flush()
	return p.err
}
