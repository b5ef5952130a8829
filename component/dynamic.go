package component

import (
	"context"

	"github.com/tenon-wasm/tenon/component/cabi"
	"github.com/tenon-wasm/tenon/wit"
)

// Dynamic makes a host function of a Go function on plain Go values, as
// [cabi.Codec] has them, for interfaces that are known only at run time. An error
// traps the guest; the error case of a result is a cabi.Result like any other
// value. It fails where a type has no layout.
func Dynamic(t *wit.Func, f func(ctx context.Context, args []any) (any, error)) (HostFunc, error) {
	codec, err := cabi.FuncCodecOf(t)
	if err != nil {
		return nil, err
	}
	return func(c *cabi.Call, stack []uint64) {
		result, err := f(c.Context(), codec.LiftParams(c, stack, nil))
		if err == nil {
			err = codec.LowerResult(c, result, stack)
		}
		if err != nil {
			c.Fail(err)
		}
	}, nil
}
