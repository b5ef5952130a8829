package hostimpl

import (
	"context"
	"io"
	"os"

	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
)

// standardInput is the source of every handle on standard input.
type standardInput interface {
	source

	// open counts a handle, Close one less.
	open()

	// interrupt ends a read under way, if there can be one.
	interrupt()
}

// newStandardInput reads a file only when there is something to read, where the
// system says so, and anything else through a pump.
func newStandardInput(r io.Reader) standardInput {
	if f, ok := r.(*os.File); ok {
		if in := newFileInput(f); in != nil {
			return in
		}
	}
	return newPump(r)
}

// GetStdin gives one more handle on the one standard input.
func (h *Host) GetStdin(context.Context) (streams.InputStream, error) {
	h.stdin.open()
	return newInputStream(h.stdin, nil), nil
}
