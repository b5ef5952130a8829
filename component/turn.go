package component

import (
	"context"
	"sync/atomic"
)

// A turn is taken by whoever runs an instance, one at a time. To take it and to end
// it costs little, since every call does; only Close waits for it.
type turn struct {
	taken   atomic.Bool
	waiting atomic.Int32
	ended   chan struct{} // has a token where a turn ended while somebody waited
}

func newTurn() turn { return turn{ended: make(chan struct{}, 1)} }

// take takes the turn if nobody has it.
func (t *turn) take() bool { return t.taken.CompareAndSwap(false, true) }

// end ends a turn that was taken.
func (t *turn) end() {
	t.taken.Store(false)
	if t.waiting.Load() == 0 {
		return
	}
	select {
	case t.ended <- struct{}{}:
	default: // Somebody who waits has not looked yet.
	}
}

// wait takes the turn, when it is free, or fails when ctx ends.
func (t *turn) wait(ctx context.Context) error {
	// Before the first try: whoever has the turn then, sees it when it ends.
	t.waiting.Add(1)
	defer t.waiting.Add(-1)
	for !t.take() {
		select {
		case <-t.ended:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
