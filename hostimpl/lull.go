package hostimpl

import (
	"context"

	"github.com/tenon-wasm/tenon/component"
)

// A lull is the time in which a guest uses nothing but the two streams of one
// connection. It begins when a wait has emptied the connection, and a guest that then
// reads once more, to learn that there is no more, can be told without asking the
// system: whatever came since then, it cannot know of, and a wait sees it. For an echo
// of small messages that is one system call in four.
//
// One goroutine runs an instance, so nothing guards it. A nil lull never is.
type lull struct {
	call   context.Context // the call of the guest that it is in; nil when there is none
	number uint64          // of the last call to the host
}

// begin begins a lull with this call to the host.
func (l *lull) begin(ctx context.Context) {
	if l == nil {
		return
	}
	l.call, l.number = nil, component.HostCalls(ctx)
	if l.number > 0 {
		l.call = ctx
	}
}

// end ends the lull.
func (l *lull) end() {
	if l != nil {
		l.call = nil
	}
}

// goesOn reports whether this call to the host, of one of the two streams, is in the
// lull. Every such call must be told.
func (l *lull) goesOn(ctx context.Context) bool {
	if l == nil || l.call == nil {
		return false
	}
	return l.goesOnAt(ctx, component.HostCalls(ctx))
}

func (l *lull) goesOnAt(ctx context.Context, number uint64) bool {
	if ctx != l.call || number > l.number+1 {
		l.call = nil
		return false
	}
	l.number = number
	return true
}
