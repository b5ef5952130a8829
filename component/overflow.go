package component

import (
	"context"
	"strings"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/tenon-wasm/tenon/component/internal/symbol"
)

// watching is a context for compiling core modules whose calls are watched, so that the
// stack is known when it overflows: the engine unwinds none then.
func watching(ctx context.Context) context.Context {
	return experimental.WithFunctionListenerFactory(ctx, watcher{})
}

// A watcher keeps for an instance how the stack was at the last call that began.
type watcher struct{}

// NewFunctionListener implements experimental.FunctionListenerFactory.
func (w watcher) NewFunctionListener(api.FunctionDefinition) experimental.FunctionListener { return w }

// Before implements experimental.FunctionListener. The iterator stays as it is until the
// next call of the same stretch of guest code.
func (watcher) Before(ctx context.Context, _ api.Module, _ api.FunctionDefinition, _ []uint64, stack experimental.StackIterator) {
	in := runningOf(ctx).instance
	in.deepest, in.cameBack = stack, 0
}

// After implements experimental.FunctionListener.
func (watcher) After(ctx context.Context, _ api.Module, _ api.FunctionDefinition, _ []uint64) {
	runningOf(ctx).instance.cameBack++
}

// Abort implements experimental.FunctionListener.
func (watcher) Abort(context.Context, api.Module, api.FunctionDefinition, error) {}

// overflowed is the stack at an overflow: that of the last call that began, without those
// of its functions that have returned since. A function checks the stack before it is seen
// here, and so the innermost that is seen is the one that called it.
func (in *Instance) overflowed() Backtrace {
	if in.deepest == nil {
		return nil
	}
	var b Backtrace
	budget := symbol.MaxSteps
	for n := 0; in.deepest.Next(); n++ {
		if n < in.cameBack {
			continue
		}
		f := in.deepest.Function()
		offset := f.SourceOffsetForPC(in.deepest.ProgramCounter())
		name := f.Definition().DebugName()
		b = append(b, in.component.frame(name, uint32(offset), &budget)...)
	}
	in.deepest = nil
	return append(b, Frame{Kind: FrameOmitted})
}

// overflows reports whether the engine's text is that of a stack overflow.
func overflows(text string) bool { return strings.HasSuffix(text, "stack overflow") }
