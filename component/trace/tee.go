package trace

import (
	"sync"

	"github.com/tenon-wasm/tenon/component"
)

// Tee is a tracer that tells several. Those that are nil are left out; nil is what is left
// of none.
func Tee(tracers ...component.Tracer) component.Tracer {
	t := &tee{}
	for _, one := range tracers {
		if one != nil {
			t.tracers = append(t.tracers, one)
		}
	}
	switch len(t.tracers) {
	case 0:
		return nil
	case 1:
		return t.tracers[0]
	}
	return t
}

type tee struct {
	tracers []component.Tracer
	data    sync.Pool // of *[]any: what each tracer keeps with a call
}

func (t *tee) Begin(c *component.TracedCall) {
	data, ok := t.data.Get().(*[]any)
	if !ok {
		kept := make([]any, len(t.tracers))
		data = &kept
	}
	for i, one := range t.tracers {
		c.Data = nil
		one.Begin(c)
		(*data)[i] = c.Data
	}
	c.Data = data
}

func (t *tee) End(c *component.TracedCall) {
	data := c.Data.(*[]any)
	for i, one := range t.tracers {
		c.Data = (*data)[i]
		one.End(c)
	}
	clear(*data)
	c.Data = nil
	t.data.Put(data)
}
