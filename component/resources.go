package component

import (
	"context"
	"fmt"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// A componentInstance is what each component instance has for itself: its handle
// table, and whether it may be left or entered.
type componentInstance struct {
	instance *Instance
	table    cabi.Table

	// stay counts the realloc and post-return calls under way, during which the
	// guest may not call out.
	stay int

	// entered is set while an export of this component instance runs.
	entered bool
}

// Resource is a resource that a guest defines, held by the host. It is what an
// owned handle that an export returns becomes in Go, and what is given back as an
// argument of type own or borrow.
type Resource struct {
	instance *Instance
	typ      *cabi.ResourceType
	rep      uint32
}

func (r *Resource) String() string { return r.typ.Name }

// Drop runs the destructor that the guest gave the resource. It is not called for
// a resource that was passed on as own; one that is never dropped goes with its
// instance.
func (r *Resource) Drop(ctx context.Context) error {
	in := r.instance
	if err := in.enterFromHost(); err != nil {
		return err
	}
	defer in.busy.Unlock()
	run := in.run(ctx)
	defer run.finish()
	if r.typ.DropRep == nil {
		return nil
	}
	return in.ended(run, r.typ.DropRep(run, r.rep))
}

// defineResource makes the run-time type of a resource that a guest defines.
func (in *Instance) defineResource(slot int) {
	r := in.component.plan.Resources[slot]
	t := &cabi.ResourceType{Name: r.Def.Name, Home: &in.components[r.Component].table}
	if r.Dtor != nil {
		dtor := in.coreFunc(*r.Dtor)
		t.DropRep = func(ctx context.Context, rep uint32) error {
			stack := [1]uint64{uint64(rep)}
			if err := dtor.call(ctx, stack[:]); err != nil {
				return fmt.Errorf("destructor of %s: %w", t.Name, err)
			}
			return nil
		}
	}
	in.resources[slot] = t
}

// resourceOf finds the run-time type of a resource in the plan's types.
func (in *Instance) resourceOf(def *wit.TypeDef) *cabi.ResourceType {
	slot, ok := in.component.slots[def]
	if !ok {
		return nil
	}
	return in.resources[slot]
}

// hostSide is the handle table as calls from the host see it: what a guest
// defines is a *Resource there, not a bare number.
type hostSide struct {
	*cabi.Table
	instance *Instance
}

func (s hostSide) TakeOwn(h uint32, t *cabi.ResourceType) any {
	return s.wrap(s.Table.TakeOwn(h, t), t)
}

func (s hostSide) Lend(h uint32, t *cabi.ResourceType) any {
	return s.wrap(s.Table.Lend(h, t), t)
}

func (s hostSide) NewOwn(t *cabi.ResourceType, v any) uint32 {
	return s.Table.NewOwn(t, s.unwrap(v, t))
}

func (s hostSide) NewBorrow(t *cabi.ResourceType, v any) uint32 {
	return s.Table.NewBorrow(t, s.unwrap(v, t))
}

func (s hostSide) wrap(v any, t *cabi.ResourceType) any {
	if t.Home == nil {
		return v
	}
	return &Resource{s.instance, t, v.(uint32)}
}

func (s hostSide) unwrap(v any, t *cabi.ResourceType) any {
	if t.Home == nil {
		return v
	}
	r, ok := v.(*Resource)
	if !ok || r.typ != t {
		panic(argumentError{fmt.Errorf("a %v was given, want a %s of this instance", v, t.Name)})
	}
	return r.rep
}
