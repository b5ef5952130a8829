package cabi

import (
	"errors"
	"fmt"
)

// ErrorOf is the error of a host function whose result<_, E> has an E that is no
// error by itself: a string, a number, a record.
type ErrorOf[E any] struct{ Value E }

func (e ErrorOf[E]) Error() string { return fmt.Sprint(e.Value) }

// ErrUnit is the error of a host function whose result carries nothing in its
// error case: `result`, `result<T>`.
var ErrUnit = errors.New("error")

// AsError finds an E in the chain of err, as errors.As does: what the guest is told,
// in the error case of the result. Any other error ends the guest, see [Call.Fail].
func AsError[E error](err error) (E, bool) {
	if e, ok := err.(E); ok {
		return e, true
	}
	return errors.AsType[E](err)
}
