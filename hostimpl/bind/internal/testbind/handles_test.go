package testbind

import (
	"context"
	"errors"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/hostimpl/bind/internal/testbind/shapes/base"
	"github.com/tenon-wasm/tenon/hostimpl/bind/internal/testbind/shapes/handles"
)

type thing struct {
	name   string
	closed *int
}

func (t *thing) Name(context.Context) (string, error) { return t.name, nil }
func (t *thing) Close2(context.Context) error         { return cabi.ErrUnit }
func (t *thing) Close(context.Context) error          { *t.closed++; return nil }

// shelf implements base and handles, and counts the things that were closed.
type shelf struct{ closed int }

func (s *shelf) NewThing(_ context.Context, name string) (base.Thing, error) {
	return &thing{name, &s.closed}, nil
}
func (s *shelf) ThingPair(_ context.Context, a, b base.Thing) (base.Thing, base.Thing, error) {
	return &thing{a.(*thing).name + "'", &s.closed}, b, nil
}
func (s *shelf) ThingFind(_ context.Context, name string) (base.Thing, error) {
	if name == "" {
		return nil, nil
	}
	return &thing{name, &s.closed}, nil
}
func (s *shelf) Borrowed(_ context.Context, v base.Thing) (string, error) {
	return v.(*thing).name, nil
}
func (s *shelf) Owned(_ context.Context, v base.Thing) (base.Thing, error) {
	return v, nil
}
func (s *shelf) Aliased(_ context.Context, v base.ThingsAlias) (handles.BorrowedThing, error) {
	return v, nil
}
func (s *shelf) Maybe(_ context.Context, v, w base.Thing) (base.Thing, error) {
	if w != nil {
		return &thing{w.(*thing).name + "'", &s.closed}, nil
	}
	return v, nil
}
func (s *shelf) Many(_ context.Context, v []base.Thing) (base.Things, error) {
	out := make(base.Things, len(v))
	for i, t := range v {
		out[len(v)-1-i] = &thing{t.(*thing).name + "'", &s.closed}
	}
	return out, nil
}
func (s *shelf) Kept(_ context.Context, v base.Things) (uint32, error) { return uint32(len(v)), nil }
func (s *shelf) Fallible(context.Context) (base.Thing, base.Thing, error) {
	return nil, nil, cabi.ErrorOf[string]{Value: "none left"}
}
func (s *shelf) Pack(_ context.Context, v handles.Box) (handles.Cargo, error) {
	if v.Label == "" {
		return handles.CargoOne{Value: v.Content}, nil
	}
	return handles.CargoMore{Value: []base.Thing{v.Content, &thing{v.Label, &s.closed}}}, nil
}
func (s *shelf) Unpack(_ context.Context, v handles.Cargo) ([]handles.Box, error) {
	var boxes []handles.Box
	if more, ok := v.(handles.CargoMore); ok {
		for _, t := range more.Value {
			boxes = append(boxes, handles.Box{Label: t.(*thing).name, Content: t})
		}
	}
	return boxes, nil
}
func (s *shelf) NewCounter(_ context.Context, start uint64) (handles.Counter, error) {
	if start == 0 {
		return nil, cabi.ErrorOf[string]{Value: "zero"}
	}
	return &counter{start}, nil
}

type counter struct{ n uint64 }

func (c *counter) Next(_ context.Context, step uint32) (uint64, error) {
	c.n += uint64(step)
	return c.n, nil
}
func (c *counter) Merge(_ context.Context, other handles.Counter, with base.Thing) (handles.Counter, error) {
	return &counter{c.n + other.(*counter).n + uint64(len(with.(*thing).name))}, nil
}
func (c *counter) ToString(context.Context) (string, error) { return "", errors.New("no words") }
func (c *counter) Close(context.Context) error              { return nil }

func TestHandles(t *testing.T) {
	type world struct {
		*guest
		shelf         *shelf
		base, handles *component.Interface
		a, b          uint64
	}
	setup := func() *world {
		s := &shelf{}
		w := &world{guest: newGuest(), shelf: s, base: base.Interface(s), handles: handles.Interface(s)}
		w.a = uint64(w.table.NewOwn(base.ThingType, &thing{"a", &s.closed}))
		w.b = uint64(w.table.NewOwn(base.ThingType, &thing{"b", &s.closed}))
		return w
	}
	u32 := func(w *world, p uint32) uint64 {
		w.call.Begin(t.Context(), &w.opts, &w.table)
		return uint64(w.call.U32(p))
	}
	name := func(t *testing.T, w *world, h uint64) string {
		t.Helper()
		w.must(t, w.base, "[method]thing.name", h, 512)
		return w.read(t, 512)
	}

	t.Run("a constructor gives an owned handle", func(t *testing.T) {
		w := setup()
		p, n := w.text("new")
		if got := name(t, w, w.must(t, w.base, "[constructor]thing", p, n)); got != "new" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a constructor may fail", func(t *testing.T) {
		w := setup()
		w.must(t, w.handles, "[constructor]counter", 0, 64)
		if u32(w, 64) != 1 || w.read(t, 68) != "zero" {
			t.Errorf("got case %d, %q", u32(w, 64), w.read(t, 68))
		}
		w.must(t, w.handles, "[constructor]counter", 5, 64)
		if got := w.must(t, w.handles, "[method]counter.next", u32(w, 68), 3); got != 8 {
			t.Errorf("got %d", got)
		}
	})
	t.Run("what is borrowed stays the guest's", func(t *testing.T) {
		w := setup()
		w.must(t, w.handles, "borrowed", w.a, 64)
		if w.read(t, 64) != "a" || w.table.Len() != 2 {
			t.Errorf("got %q, %d handles", w.read(t, 64), w.table.Len())
		}
	})
	t.Run("what is owned leaves the guest", func(t *testing.T) {
		w := setup()
		if h := w.must(t, w.handles, "owned", w.b); name(t, w, h) != "b" || w.table.Len() != 2 {
			t.Errorf("%d handles", w.table.Len())
		}
	})
	t.Run("an alias of a resource is the resource", func(t *testing.T) {
		w := setup()
		if h := w.must(t, w.handles, "aliased", w.a); name(t, w, h) != "a" {
			t.Errorf("got %q", name(t, w, h))
		}
	})
	t.Run("no resource is nil, both ways", func(t *testing.T) {
		w := setup()
		w.must(t, w.handles, "maybe", 0, 0, 0, 0, 64)
		if u32(w, 64) != 0 {
			t.Error("none became some")
		}
		w.must(t, w.handles, "maybe", 0, 0, 1, w.a, 64)
		if u32(w, 64) != 1 || name(t, w, u32(w, 68)) != "a'" {
			t.Error("some became none")
		}
	})
	t.Run("a list of borrows becomes a list of owned handles", func(t *testing.T) {
		w := setup()
		w.call.Begin(t.Context(), &w.opts, &w.table)
		w.call.SetU32(1024, uint32(w.a))
		w.call.SetU32(1028, uint32(w.b))
		w.must(t, w.handles, "many", 1024, 2, 64)
		list, n := uint32(u32(w, 64)), u32(w, 68)
		if n != 2 || name(t, w, u32(w, list)) != "b'" || name(t, w, u32(w, list+4)) != "a'" {
			t.Errorf("%d things", n)
		}
	})
	t.Run("a static function takes and gives handles", func(t *testing.T) {
		w := setup()
		w.must(t, w.base, "[static]thing.pair", w.a, w.b, 64)
		if x, y := name(t, w, u32(w, 64)), name(t, w, u32(w, 68)); x != "a'" || y != "b" {
			t.Errorf("got %q and %q", x, y)
		}
	})
	t.Run("one handle cannot be lent and given away in one call", func(t *testing.T) {
		w := setup()
		w.traps(t, cabi.BadHandle, w.base, "[static]thing.pair", w.a, w.a, 64)
	})
	t.Run("records, variants and lists carry handles", func(t *testing.T) {
		w := setup()
		p, n := w.text("label")
		w.must(t, w.handles, "pack", p, n, w.a, 64)
		if u32(w, 64) != 2 || u32(w, 72) != 2 {
			t.Fatalf("case %d, %d things", u32(w, 64), u32(w, 72))
		}
		w.must(t, w.handles, "unpack", 2, u32(w, 68), u32(w, 72), 96)
		list := uint32(u32(w, 96))
		if w.read(t, list) != "a" || w.read(t, list+12) != "label" || name(t, w, u32(w, list+20)) != "label" {
			t.Errorf("got %q and %q", w.read(t, list), w.read(t, list+12))
		}
	})
	t.Run("a handle of another type traps", func(t *testing.T) {
		w := setup()
		w.traps(t, cabi.BadHandle, w.handles, "[method]counter.next", w.a, 1)
	})
	t.Run("a method called close is not the Close that a drop runs", func(t *testing.T) {
		w := setup()
		if got := w.must(t, w.base, "[method]thing.close", w.a); got != 1 || w.shelf.closed != 0 {
			t.Errorf("got %d, %d closed", got, w.shelf.closed)
		}
		rep := w.table.TakeOwn(uint32(w.a), base.ThingType)
		if err := base.ThingType.Drop(t.Context(), rep); err != nil || w.shelf.closed != 1 {
			t.Errorf("%v, %d closed", err, w.shelf.closed)
		}
	})
}
