package adapter

import (
	"io"
	"strings"

	"github.com/tenon-wasm/tenon/adapter/preview1"
	"github.com/tenon-wasm/tenon/component"
	"github.com/tenon-wasm/tenon/component/replay"
	"github.com/tenon-wasm/tenon/wit"
)

// Reading finds how functions of preview 1 and preview 0 are read, by the names by which
// a tracer knows them; nil is for all others. See replay.Player.
func Reading(name string) component.Reading {
	for module := range preview1.Types() {
		if fn, ok := strings.CutPrefix(name, world.ImportName(module)+"#"); ok {
			return preview1.Reading(module, fn)
		}
	}
	return nil
}

// An Output writes again what a guest that is replayed writes to its standard output and
// standard error. What it moves there from another stream (splice) is not recorded and
// not written.
type Output struct {
	to      [2]io.Writer
	streams map[uint32]io.Writer // by handle
	files   map[uint32]io.Writer // by descriptor of preview 1
}

// NewOutput makes an Output.
func NewOutput(stdout, stderr io.Writer) *Output {
	return &Output{
		to: [2]io.Writer{stdout, stderr}, streams: map[uint32]io.Writer{},
		files: map[uint32]io.Writer{1: stdout, 2: stderr},
	}
}

// Call is for replay.Player.OnCall.
func (o *Output) Call(c replay.Call) {
	iface, fn, _ := strings.Cut(c.Func, "#")
	iface, _, _ = strings.Cut(iface, "@")
	switch iface + "#" + fn {
	case "wasi:cli/stdout#get-stdout":
		o.open(c.Result, o.to[0])
	case "wasi:cli/stderr#get-stderr":
		o.open(c.Result, o.to[1])
	case "wasi:io/streams#[method]output-stream.write", "wasi:io/streams#[method]output-stream.blocking-write-and-flush":
		o.write(c, func(v any) []byte { b, _ := v.([]byte); return b })
	case "wasi:io/streams#[method]output-stream.write-zeroes", "wasi:io/streams#[method]output-stream.blocking-write-zeroes-and-flush":
		o.write(c, func(v any) []byte { n, _ := v.(uint64); return make([]byte, min(n, 1<<20)) })
	}
	switch fn {
	case "fd-write":
		o.writeFile(c)
	case "fd-close", "fd-renumber":
		o.moveFile(c)
	}
}

func (o *Output) open(stream any, to io.Writer) {
	if h, ok := stream.(component.Handle); ok {
		o.streams[h.Number] = to
	}
}

// write writes what a stream was given, if it took it.
func (o *Output) write(c replay.Call, bytes func(any) []byte) {
	r, ok := c.Result.(wit.ResultValue)
	if !ok || r.IsErr || len(c.Args) < 2 {
		return
	}
	if h, ok := c.Args[0].(component.Handle); ok && o.streams[h.Number] != nil {
		// The reader may be gone: what counts is the comparison.
		_, _ = o.streams[h.Number].Write(bytes(c.Args[1]))
	}
}

func (o *Output) writeFile(c replay.Call) {
	r, ok := c.Result.(wit.ResultValue)
	if !ok || r.IsErr || len(c.Args) < 2 {
		return
	}
	fd, _ := c.Args[0].(uint32)
	n, _ := r.Value.(uint32)
	pieces, _ := c.Args[1].([]any)
	to := o.files[fd]
	for _, p := range pieces {
		b, _ := p.([]byte)
		b = b[:min(uint32(len(b)), n)]
		if n -= uint32(len(b)); to != nil {
			_, _ = to.Write(b) // As above.
		}
	}
}

func (o *Output) moveFile(c replay.Call) {
	if r, ok := c.Result.(wit.ResultValue); !ok || r.IsErr || len(c.Args) == 0 {
		return
	}
	from, _ := c.Args[0].(uint32)
	to := o.files[from]
	delete(o.files, from)
	if len(c.Args) < 2 {
		return
	}
	if into, ok := c.Args[1].(uint32); ok {
		o.files[into] = to
	}
}
