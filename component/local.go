package component

import (
	"context"
	"errors"
	"slices"
)

// Keeper is what a host keeps for one instance, see [Local].
type Keeper interface {
	// Close is called once, when the instance is closed, after its handles were dropped.
	Close(ctx context.Context) error
}

// local is a Keeper and who keeps it.
type local struct {
	key  any
	kept Keeper
}

// Local is what the owner of key keeps for the instance that calls: make makes it when it
// is first asked for, and it is closed with the instance. It is for hosts whose state is no
// resource of the guest's. Ctx is the context that a host function was given, as it was
// given; for any other the answer is nil. It is for the goroutine of that call.
func Local(ctx context.Context, key any, make func(context.Context) (Keeper, error)) (Keeper, error) {
	c, ok := ctx.(*callContext)
	if !ok {
		return nil, nil
	}
	in := c.instance
	for i := range in.locals {
		if in.locals[i].key == key {
			return in.locals[i].kept, nil
		}
	}
	kept, err := make(ctx)
	if err != nil {
		return nil, err
	}
	in.locals = append(in.locals, local{key, kept})
	return kept, nil
}

// closeLocals closes what was made last first. A host value that panics must not keep the
// others, and the memory, from being released.
func (in *Instance) closeLocals(ctx context.Context) error {
	var errs []error
	for _, l := range slices.Backward(in.locals) {
		errs = append(errs, closeLocal(ctx, l.kept))
	}
	in.locals = nil
	return errors.Join(errs...)
}

func closeLocal(ctx context.Context, k Keeper) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = hostPanic(p)
		}
	}()
	return k.Close(ctx)
}
