package component

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"github.com/tenon-wasm/tenon/component/internal/plan"
)

// A coreFunction is a core function of an instance, ready to call. The engine's
// api.Function may not be entered twice at a time, and looking one up is dear, so
// those that are not in use are kept.
type coreFunction struct {
	module api.Module
	name   string
	spare  []api.Function

	// host is set for a trampoline, which needs no engine.
	host api.GoModuleFunc
}

func (in *Instance) coreFunc(ref plan.CoreRef) *coreFunction {
	if ref.Instance == plan.Host {
		return &coreFunction{host: in.component.trampoline(ref.Trampoline)}
	}
	return &coreFunction{module: in.modules[ref.Instance], name: ref.Name}
}

// call runs the function; parameters and results are in stack.
func (f *coreFunction) call(ctx context.Context, stack []uint64) (err error) {
	if f.host != nil {
		return f.callHost(ctx, stack)
	}
	var fn api.Function
	if n := len(f.spare); n > 0 {
		fn, f.spare = f.spare[n-1], f.spare[:n-1]
	} else if fn = f.module.ExportedFunction(f.name); fn == nil {
		return fmt.Errorf("core module exports no function %q", f.name)
	}
	if err := fn.CallWithStack(ctx, stack); err != nil {
		return err
	}
	f.spare = append(f.spare, fn)
	return nil
}

func (f *coreFunction) callHost(ctx context.Context, stack []uint64) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = recovered(r)
		}
	}()
	f.host(ctx, nil, stack)
	return nil
}

// recovered is the error of a panic: traps are panics with errors.
func recovered(r any) error {
	if err, ok := r.(error); ok {
		return err
	}
	return fmt.Errorf("panic: %v", r)
}
