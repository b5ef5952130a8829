package trace

import (
	"strconv"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/wit"
)

// births knows which call made each handle.
type births map[place]birth

// A place is where a handle stands.
type place struct {
	instance  uint64
	component int
	number    uint32
}

// A birth is the call that made a handle.
type birth struct {
	call  uint64
	title string
	shown bool // the call is printed, so its number says enough
}

func placeOf(c *component.TracedCall, h component.Handle) place {
	return place{c.Instance, c.Component, h.Number}
}

// follow notes what a call did to handles: those that its values made, and those that
// they ended.
func (b births) follow(c *component.TracedCall, values []any, made bool, by birth) {
	for _, v := range values {
		handles(v, func(h component.Handle) {
			switch {
			case h.Number == 0: // no handle
			case made:
				b[placeOf(c, h)] = by
			case h.Owned:
				delete(b, placeOf(c, h))
			}
		})
	}
}

// handles finds the handles in a value.
func handles(v any, f func(component.Handle)) {
	switch v := v.(type) {
	case component.Handle:
		f(v)
	case wit.ResultValue:
		handles(v.Value, f)
	case wit.SomeValue:
		handles(v.Value, f)
	case wit.VariantValue:
		handles(v.Value, f)
	case []any:
		for _, e := range v {
			handles(e, f)
		}
	case map[string]any:
		for _, e := range v {
			handles(e, f)
		}
	}
}

// handle writes a handle with the call that made it.
func (b births) handle(dst []byte, c *component.TracedCall, name string, h component.Handle) []byte {
	dst = append(dst, '<')
	dst = append(dst, name...)
	if h.Number == 0 && (h.Owned || c.Kind != component.CallDrop) {
		dst = strconv.AppendUint(append(dst, " rep "...), uint64(h.Rep), 10)
		return append(dst, '>')
	}
	dst = append(dst, ' ')
	dst = strconv.AppendUint(dst, uint64(h.Number), 10)
	by, ok := b[placeOf(c, h)]
	switch {
	case ok && by.shown:
		dst = append(dst, " from #"...)
		dst = strconv.AppendUint(dst, by.call, 10)
	case ok:
		dst = append(dst, " from "...)
		dst = append(dst, by.title...)
	}
	return append(dst, '>')
}

// A writer writes the values of calls.
type writer struct {
	births births
	values wit.ValuePrinter
	call   *component.TracedCall // whose values are written
}

func newWriter(short int) *writer {
	w := &writer{births: births{}}
	w.values = wit.ValuePrinter{Bytes: true, Elems: short, Handle: w.handle}
	return w
}

func (w *writer) handle(def *wit.TypeDef, v any) string {
	h, ok := v.(component.Handle)
	if !ok {
		return "<" + def.Root().Name + ">"
	}
	var room [64]byte
	return string(w.births.handle(room[:0], w.call, def.Root().Name, h))
}

// value appends a value of a type.
func (w *writer) value(dst []byte, c *component.TracedCall, t wit.Type, v any) []byte {
	w.call = c
	b, err := w.values.Append(dst, t, v)
	if err != nil {
		return append(dst, '?') // No value of its type: the trap tells.
	}
	return b
}

// arg appends argument i of a call.
func (w *writer) arg(dst []byte, c *component.TracedCall, args []any, i int) []byte {
	if c.Kind == component.CallDrop {
		h := args[0].(component.Handle)
		_, name := split(h.Type)
		return w.births.handle(dst, c, name, h)
	}
	return w.value(dst, c, c.Type.Params[i].Type, args[i])
}

// args are the arguments of a call that can be written; unreadable says why there are none.
func argsOf(c *component.TracedCall) (args []any, unreadable string) {
	args, err := c.Args()
	switch {
	case err != nil:
		return nil, "unreadable: " + trapText(err)
	case c.Kind == component.CallDrop:
		return args, ""
	case c.Type == nil || len(args) != len(c.Type.Params):
		return nil, ""
	}
	return args, ""
}

// result appends what a call has returned, if it returns anything.
func (w *writer) result(dst []byte, c *component.TracedCall) (text []byte, value any) {
	if c.Type == nil || c.Type.Result == nil {
		return dst, nil
	}
	v, err := c.Result()
	if err != nil {
		return append(append(dst, "unreadable: "...), trapText(err)...), nil
	}
	return w.value(dst, c, c.Type.Result, v), v
}
