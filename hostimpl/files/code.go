package files

import (
	"errors"
	"io/fs"
)

// CodeOf gives the code of an error: of an ErrorCode, of what the operating system answered, and of the errors of
// package io/fs, also where another error wraps them. An error that has no code is IO.
func CodeOf(err error) ErrorCode {
	var code ErrorCode
	if errors.As(err, &code) {
		return code
	}
	if code, ok := errnoCode(err); ok {
		return code
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return NoEntry
	case errors.Is(err, fs.ErrExist):
		return Exist
	case errors.Is(err, fs.ErrPermission):
		return Access
	case errors.Is(err, fs.ErrInvalid):
		return Invalid
	case errors.Is(err, fs.ErrClosed):
		return BadDescriptor
	case errors.Is(err, errors.ErrUnsupported):
		return Unsupported
	}
	return IO
}
