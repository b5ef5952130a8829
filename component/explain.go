package component

import (
	"context"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/component/internal/plan"
)

// explained tells a trap of a call of the host where in the parameters it was, if it does
// not know: generated bindings lift them one by one and note no path, so that a call costs
// nothing more. They are lifted once more here, by their types. Whatever the second lift
// says is believed only where it says the same.
func (c *Component) explained(ctx context.Context, n int, stack []uint64, trap *Trap) {
	t := &c.plan.Trampolines[n]
	if t.Kind != plan.LowerImport || trap.Path != "" || !aboutValues(trap.Code) {
		return
	}
	in := runningOf(ctx).instance
	codec, err := cabi.FuncCodecOf(t.Type)
	if err != nil {
		return
	}
	again := liftAgain(codec, in, t, stack, trap)
	switch {
	case again == nil && (trap.Code == cabi.Unaligned || trap.Code == cabi.OutOfBounds):
		trap.Path = "result" // Nothing else is written for the guest.
	case again != nil && again.Code == trap.Code && again.Msg == trap.Msg:
		trap.Path = again.Path
	}
}

// aboutValues reports whether a trap is one of a value that the guest has passed.
func aboutValues(code cabi.Code) bool {
	switch code {
	case cabi.Unaligned, cabi.OutOfBounds, cabi.TooLong, cabi.BadChar, cabi.BadDiscriminant, cabi.BadEncoding, cabi.BadHandle:
		return true
	}
	return false
}

// liftAgain lifts parameters and answers how that traps, nil if it does not.
func liftAgain(codec *cabi.FuncCodec, in *Instance, t *plan.Trampoline, stack []uint64, trap *Trap) (again *Trap) {
	defer func() { again, _ = recover().(*Trap) }()
	var x cabi.Call
	x.Begin(context.Background(), &in.options[t.Options], &onlyLooks{&in.components[t.Component].table, trap})
	codec.LiftParams(&x, stack, nil)
	return nil
}

// onlyLooks is a table whose handles stay as they are. A handle that was taken when the
// parameters were lifted first is gone by now: it traps only as that did.
type onlyLooks struct {
	table *cabi.Table
	was   *Trap
}

func (l *onlyLooks) TakeOwn(h uint32, t *cabi.ResourceType) any {
	l.check(func() { l.table.CheckOwn(h, t) })
	return nil
}

func (l *onlyLooks) Lend(h uint32, t *cabi.ResourceType) any {
	l.check(func() { l.table.Check(h, t) })
	return nil
}

func (l *onlyLooks) check(look func()) {
	defer func() {
		if trap, ok := recover().(*Trap); ok && trap.Msg == l.was.Msg {
			panic(trap)
		}
	}()
	look()
}

func (l *onlyLooks) Return(uint32)                            {}
func (l *onlyLooks) NewOwn(*cabi.ResourceType, any) uint32    { return 0 }
func (l *onlyLooks) NewBorrow(*cabi.ResourceType, any) uint32 { return 0 }
