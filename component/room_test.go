package component_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/cabi"
)

// TestRoomIsForTheCallUnderWay: in it the bytes stand in the guest before they are lowered, and
// outside of it there is none.
func TestRoomIsForTheCallUnderWay(t *testing.T) {
	l, c := small(t, "bench/calls")
	offers := answering(t, c)
	plainly(offers)
	var kept context.Context
	calls := 0
	offers[1].Funcs["take-bytes"] = func(c *cabi.Call, stack []uint64) {
		calls++
		kept = c.Context()
		given := bytes.Clone(c.LiftBytes(uint32(stack[0]), uint32(stack[1])))
		room := component.Room(kept, len(given))
		if len(room) != len(given) {
			t.Fatalf("room for %d bytes, want %d", len(room), len(given))
		}
		copy(room, given)
		ret := uint32(stack[2])
		c.SetBytes(ret, room)
		if lowered := c.Bytes(ret); &lowered[0] != &room[0] || !bytes.Equal(lowered, given) {
			t.Error("the guest has a copy, or other bytes")
		}
		wrapped, cancel := context.WithCancel(kept)
		defer cancel()
		if component.Room(wrapped, 1) != nil {
			t.Error("room for a context that no host function was given")
		}
	}
	for _, o := range offers {
		if err := l.Define(o); err != nil {
			t.Fatal(err)
		}
	}
	caller(t, start(t, l, c), "to-host", workload{loop: "bytes", len: uint32(4096)})(3)
	if calls != 3 {
		t.Errorf("%d calls, want 3", calls)
	}
	if component.Room(kept, 1) != nil {
		t.Error("room after the call is over")
	}
}
