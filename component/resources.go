package component

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// Resource is a resource that a guest defines, held by the host. It is what an
// owned handle that an export returns becomes in Go, and what is given back as an
// argument of type own or borrow. Given as own it is the guest's again, and of no
// more use to the host.
type Resource struct {
	instance *Instance
	typ      *cabi.ResourceType
	rep      uint32
	gone     atomic.Bool // dropped or given away
}

func (r *Resource) String() string { return r.typ.Name }

// Drop runs the destructor that the guest gave the resource, as a call of the
// instance with the errors of [Func.Call]. One that is never dropped goes with its
// instance. A resource that was dropped or given away before is an error and does
// nothing.
func (r *Resource) Drop(ctx context.Context) error {
	in := r.instance
	if err := in.enterFromHost(); err != nil {
		return err
	}
	defer in.leave()
	if r.gone.Load() {
		return fmt.Errorf("component: drop: %w", r.errGone())
	}
	run := in.begin(ctx)
	defer run.finish()
	if err := run.notYet("drop " + r.typ.Name); err != nil {
		return err
	}
	if r.gone.Swap(true) {
		return fmt.Errorf("component: drop: %w", r.errGone())
	}
	if r.typ.DropRep == nil {
		return nil
	}
	return in.ended(run, in.dropSafely(run, r))
}

func (in *Instance) dropSafely(run *running, r *Resource) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = recovered(p)
		}
	}()
	if in.tracer != nil {
		return in.dropRepTraced(run, r.typ, r.rep)
	}
	return r.typ.DropRep(run, r.rep)
}

func (r *Resource) errGone() error {
	return fmt.Errorf("the %s was dropped or given away before", r.typ.Name)
}

// defineResource makes the run-time type of a resource that a guest defines.
func (in *Instance) defineResource(slot int) {
	r := in.component.plan.Resources[slot]
	home := in.components[r.Component]
	t := &cabi.ResourceType{Name: r.Def.Name, Home: &home.table}
	if r.Dtor != nil {
		dtor := in.coreFunc(*r.Dtor)
		t.DropRep = func(ctx context.Context, rep uint32) error {
			if r, ok := ctx.(*running); ok && r.instance == in {
				return in.destroy(home, dtor, t.Name, rep)
			}
			return in.destroyFromOutside(ctx, home, dtor, t.Name, rep)
		}
	}
	in.resources[slot] = t
}

// destroy calls a destructor, which is a call of the instance that defines the
// resource from the one that drops it.
func (in *Instance) destroy(home *componentInstance, dtor *coreFunction, name string, rep uint32) error {
	caller := in.run.dropping
	if !home.enterFrom(caller) {
		return &Trap{Code: cabi.CannotEnter, Func: "destructor of " + name, Msg: "the instance is running already"}
	}
	x := in.crossing()
	home.table.Enter(&x.scope)
	x.stack = append(x.stack[:0], uint64(rep))
	if err := dtor.call(&in.run, x.stack); err != nil {
		return nameError(in.guestError(err), "destructor of "+name)
	}
	home.table.Leave(&x.scope)
	in.spare = append(in.spare, x)
	home.leaveTo(caller)
	return nil
}

// resourceOf finds the run-time type of a resource in the plan's types, or in those
// that the host has spelled for its own functions.
func (in *Instance) resourceOf(def *wit.TypeDef) *cabi.ResourceType {
	if slot, ok := in.linkage.slots[def]; ok {
		return in.resources[slot]
	}
	return in.linkage.linker.resources[def]
}

// hostSide is a handle table as calls from the host see it: what a guest defines
// is a *Resource there, not a bare number. Arguments that were lowered before one
// turns out to be wrong are taken back.
type hostSide struct {
	*cabi.Table
	instance *Instance
	given    []given
}

// given is a handle that the call under way has given to the guest.
type given struct {
	handle   uint32
	typ      *cabi.ResourceType
	resource *Resource // nil for a resource of the host
	owned    bool
}

func (s *hostSide) TakeOwn(h uint32, t *cabi.ResourceType) any {
	return s.wrap(s.Table.TakeOwn(h, t), t)
}

func (s *hostSide) Lend(h uint32, t *cabi.ResourceType) any {
	return s.wrap(s.Table.Lend(h, t), t)
}

func (s *hostSide) NewOwn(t *cabi.ResourceType, v any) uint32 {
	rep, r := s.unwrap(v, t)
	g := given{handle: s.Table.NewOwn(t, rep), typ: t, resource: r, owned: true}
	if r != nil {
		r.gone.Store(true)
	}
	s.given = append(s.given, g)
	return g.handle
}

func (s *hostSide) NewBorrow(t *cabi.ResourceType, v any) uint32 {
	rep, _ := s.unwrap(v, t)
	h := s.Table.NewBorrow(t, rep)
	if t.Home != s.Table { // Else it is no handle.
		s.given = append(s.given, given{handle: h, typ: t})
	}
	return h
}

// takeBack undoes what was lowered. The guest has not run since, but for its
// realloc, which cannot use handles.
func (s *hostSide) takeBack() {
	for _, g := range s.given {
		if !g.owned {
			// A borrow: nothing ends, and so nothing fails.
			_ = s.Table.Drop(context.Background(), g.handle, g.typ)
			continue
		}
		s.Table.TakeOwn(g.handle, g.typ)
		if g.resource != nil {
			g.resource.gone.Store(false)
		}
	}
}

func (s *hostSide) wrap(v any, t *cabi.ResourceType) any {
	if t.Home == nil {
		return v
	}
	return &Resource{instance: s.instance, typ: t, rep: v.(uint32)}
}

// unwrap checks a value of the host. It is the host's mistake where it does not
// fit, and the guest lives on.
func (s *hostSide) unwrap(v any, t *cabi.ResourceType) (rep any, r *Resource) {
	if t.Home == nil {
		if v == nil {
			panic(argumentError{fmt.Errorf("nil was given for a %s", t.Name)})
		}
		return v, nil
	}
	r, ok := v.(*Resource)
	switch {
	case !ok || r == nil || r.typ != t:
		panic(argumentError{fmt.Errorf("a %T was given, want a *component.Resource, a %s of this instance", v, t.Name)})
	case r.gone.Load():
		panic(argumentError{r.errGone()})
	}
	return r.rep, r
}
