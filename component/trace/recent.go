package trace

import (
	"sync"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/wit"
)

// Recent is a tracer that keeps the last calls to the host, for who wants to know what
// came before a trap.
type Recent struct {
	mu    sync.Mutex
	calls []recent
	count uint64 // calls so far; the n-th stands at n-1, modulo the length
}

// recent is a call that is kept. Its values are written only when somebody asks.
type recent struct {
	number uint64
	title  string
	kind   component.CallKind
	typ    *wit.Func
	args   []any
	result any
	err    error
	over   bool
}

// NewRecent keeps the last n calls.
func NewRecent(n int) *Recent { return &Recent{calls: make([]recent, max(1, n))} }

// Begin implements component.Tracer.
func (r *Recent) Begin(c *component.TracedCall) {
	c.Data = nil
	if c.Kind != component.CallImport && c.Kind != component.CallDrop {
		return
	}
	args, err := c.Args()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	k := &r.calls[(r.count-1)%uint64(len(r.calls))]
	*k = recent{number: r.count, title: c.Func, kind: c.Kind, typ: c.Type, args: append(k.args[:0], args...), err: err}
	c.Data = r.count
}

// End implements component.Tracer.
func (r *Recent) End(c *component.TracedCall) {
	number, ok := c.Data.(uint64)
	if !ok {
		return
	}
	result, err := c.Result()
	r.mu.Lock()
	defer r.mu.Unlock()
	k := &r.calls[(number-1)%uint64(len(r.calls))]
	if k.number != number {
		return // Another has taken its place.
	}
	k.result, k.over = result, true
	if c.Err != nil {
		err = c.Err
	}
	if err != nil {
		k.err = err
	}
}

// Lines are the calls that are kept, as text, the last one last.
func (r *Recent) Lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for i := range uint64(len(r.calls)) {
		if k := &r.calls[(r.count+i)%uint64(len(r.calls))]; k.number > 0 {
			lines = append(lines, k.text())
		}
	}
	return lines
}

func (k *recent) text() string {
	w := newWriter(DefaultShort)
	c := &component.TracedCall{Kind: k.kind, Type: k.typ}
	b := []byte(Call(k.kind, k.title, k.typ, k.args))
	exit, trap := ending(k.err)
	switch {
	case exit != nil:
		b = append(b, " exits"...)
	case trap != nil:
		b = append(append(b, " traps: "...), trapText(trap)...)
	case !k.over:
		b = append(b, " does not return"...)
	case k.typ != nil && k.typ.Result != nil:
		b = w.value(append(b, " = "...), c, k.typ.Result, k.result)
	}
	return string(b)
}

// Call is a call as text, with its arguments as a TracedCall has them; t may be nil.
func Call(kind component.CallKind, name string, t *wit.Func, args []any) string {
	w := newWriter(DefaultShort)
	c := &component.TracedCall{Kind: kind, Type: t}
	b := append([]byte(title(kind, name)), '(')
	for i := range args {
		if i > 0 {
			b = append(b, ", "...)
		}
		if kind == component.CallDrop || t != nil && i < len(t.Params) {
			b = w.arg(b, c, args, i)
		} else {
			b = append(b, '?')
		}
	}
	return string(append(b, ')'))
}

// Value is a value as text, as tracers have it; one that is none of its type is "?".
func Value(t wit.Type, v any) string {
	return string(newWriter(DefaultShort).value(nil, &component.TracedCall{}, t, v))
}
