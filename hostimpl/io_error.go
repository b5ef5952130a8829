package hostimpl

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/tenon-wasm/tenon/component/cabi"
	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	http "github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/ioerror"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
	"github.com/tenon-wasm/tenon/sockets"
)

// contractError traps: the guest broke the contract of a function.
type contractError string

func (e contractError) Error() string { return string(e) }
func (e contractError) Unwrap() error { return cabi.ErrContract }

// streamError is what a guest is told of an error of a source or sink. The end is
// `closed`; a write beyond its permit traps; the rest is `last-operation-failed`,
// once, since sources and sinks tell a failure once and are at their end then.
func streamError(err error) error {
	var overrun *sockets.PermitError
	switch {
	case err == io.EOF, err == io.ErrClosedPipe:
		return streams.StreamErrorClosed{}
	case errors.As(err, &overrun):
		return contractError(overrun.Error())
	}
	return streams.StreamErrorLastOperationFailed{Value: &failure{cause: err, code: codeOf(err)}}
}

// failure is the resource wasi:io/error. It belongs to nothing and outlives the
// stream.
type failure struct {
	cause error

	// code is a network.ErrorCode, a filesystem.ErrorCode or an http.ErrorCode: exactly
	// one of the functions that look into an error knows this one.
	code error
}

func codeOf(err error) error {
	var code sockets.ErrorCode
	if errors.As(err, &code) {
		return network.ErrorCode(code)
	}
	if code, ok := cabi.AsError[http.ErrorCode](err); ok {
		return code
	}
	return fileErrorCode(err)
}

// ToDebugString names no file of the host: a cause may come from one that is a standard
// stream, whose name is none of the guest's business.
func (f *failure) ToDebugString(context.Context) (string, error) {
	text, code := tellable(reason(f.cause)), f.code.Error()
	if strings.Contains(text, code) {
		return text, nil
	}
	return text + " (" + code + ")", nil
}

// tellable is the text of an error that is not of this package, as a guest can be told it.
func tellable(err error) string { return strings.ToValidUTF8(err.Error(), "\uFFFD") }

func (f *failure) Close(context.Context) error { return nil }

// lookInto is the code of err if it is of the kind asked for, else nil. An error of
// somebody else's is not known, and no reason to trap.
func lookInto[E error](err ioerror.Error) *E {
	f, ok := err.(*failure)
	if !ok {
		return nil
	}
	code, ok := f.code.(E)
	if !ok {
		return nil
	}
	return &code
}

// networkErrors is wasi:sockets/network.
type networkErrors struct{}

func (networkErrors) NetworkErrorCode(_ context.Context, err ioerror.Error) (*network.ErrorCode, error) {
	return lookInto[network.ErrorCode](err), nil
}

// fileErrors is wasi:filesystem/types.
type fileErrors struct{}

func (fileErrors) FilesystemErrorCode(_ context.Context, err ioerror.Error) (*filesystem.ErrorCode, error) {
	return lookInto[filesystem.ErrorCode](err), nil
}
