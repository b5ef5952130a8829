package hostimpl

import (
	"bytes"
	"context"
	"io"
	"sync"
	"syscall"
	"testing"
	"time"

	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/internal/leaks"
)

// gate is a Writer that can be stopped, as Ctrl-S stops a terminal.
type gate struct {
	mu   sync.Mutex // held while it is stopped
	got  bytes.Buffer
	fail error
}

func (g *gate) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fail != nil {
		return 0, g.fail
	}
	return g.got.Write(p)
}

// always has room.
type always struct{}

func (always) Ready() bool { return true }
func (always) Notify(ch chan<- struct{}) (stop func()) {
	poke(ch)
	return func() {}
}

// gated is what newOutput makes of a terminal.
func gated(g *gate) *output {
	o := &output{w: g, room: always{}, permit: roomyWrite}
	o.aside = &aside{write: o.writeAside}
	return o
}

func TestOutputThatMayStop(t *testing.T) {
	ctx := context.Background()
	t.Run("what is written has arrived when the call returns", func(t *testing.T) {
		leaks.None(t)
		var g gate
		s := gated(&g).open()
		equal(t, "permit", must(s.CheckWrite(ctx)), roomyWrite)
		check(t, s.Write(ctx, []byte("ab")))
		check(t, s.BlockingFlush(ctx))
		check(t, s.BlockingWriteAndFlush(ctx, []byte("cd")))
		check(t, s.BlockingWriteAndFlush(ctx, nil))
		equal(t, "written", g.got.String(), "abcd")
	})
	t.Run("stopped, it makes the guest wait where it can be interrupted", func(t *testing.T) {
		leaks.None(t)
		var g gate
		o := gated(&g)
		s := o.open()
		p := must(s.Subscribe(ctx))
		g.mu.Lock()
		must(s.CheckWrite(ctx))
		check(t, s.Write(ctx, []byte("ab")))
		equal(t, "permit", must(s.CheckWrite(ctx)), 0)
		equal(t, "ready", must(p.Ready(ctx)), false)
		check(t, s.Flush(ctx))
		cancelled(t, s.BlockingFlush)
		cancelled(t, p.Block)
		cancelled(t, o.drain)
		cancelled(t, func(ctx context.Context) error { return s.BlockingWriteAndFlush(ctx, []byte("x")) })
		time.AfterFunc(soon, g.mu.Unlock)
		within(t, func() { check(t, p.Block(ctx)) })
		within(t, func() { check(t, s.BlockingWriteAndFlush(ctx, []byte("cd"))) })
		equal(t, "written", g.got.String(), "abcd")
		equal(t, "listeners left", len(o.aside.bell.heard), 0)
	})
	t.Run("what guests may write while it is stopped is bounded by their permits", func(t *testing.T) {
		leaks.None(t)
		var g gate
		o := gated(&g)
		one, two := o.open(), o.open()
		g.mu.Lock()
		must(one.CheckWrite(ctx))
		must(two.CheckWrite(ctx))
		check(t, one.Write(ctx, make([]byte, roomyWrite)))
		check(t, two.Write(ctx, make([]byte, roomyWrite)))
		equal(t, "permit", must(one.CheckWrite(ctx))+must(two.CheckWrite(ctx)), 0)
		g.mu.Unlock()
		within(t, func() { check(t, o.drain(ctx)) })
		equal(t, "written", g.got.Len(), 2*roomyWrite)
	})
	t.Run("a failure is told once, by whichever call is next", func(t *testing.T) {
		leaks.None(t)
		g := gate{fail: syscall.EIO}
		s := gated(&g).open()
		p := must(s.Subscribe(ctx))
		g.mu.Lock()
		must(s.CheckWrite(ctx))
		check(t, s.Write(ctx, []byte("ab")))
		time.AfterFunc(soon, g.mu.Unlock)
		within(t, func() { check(t, p.Block(ctx)) })
		equal(t, "ready", must(p.Ready(ctx)), true)
		_, err := s.CheckWrite(ctx)
		code := must(fileErrors{}.FilesystemErrorCode(ctx, lastFailure(t, err)))
		equal(t, "code", *code, filesystem.ErrorCodeIO)
		wantError(t, "after it", s.Write(ctx, []byte("x")), closed)
		equal(t, "ready", must(p.Ready(ctx)), true)
	})
	t.Run("a failure that comes in time is the write's own", func(t *testing.T) {
		s := gated(&gate{fail: syscall.ENOSPC}).open()
		must(s.CheckWrite(ctx))
		lastFailure(t, s.Write(ctx, []byte("ab")))
		wantError(t, "after it", s.Flush(ctx), closed)
	})
	t.Run("without a reader it is closed", func(t *testing.T) {
		s := gated(&gate{fail: io.ErrClosedPipe}).open()
		wantError(t, "write", s.BlockingWriteAndFlush(ctx, []byte("ab")), closed)
	})
	t.Run("guests that share it lose nothing", func(t *testing.T) {
		leaks.None(t)
		var g gate
		o := gated(&g)
		var all sync.WaitGroup
		for range 4 {
			s := o.open()
			all.Go(func() {
				for range 100 {
					check(t, s.BlockingWriteAndFlush(ctx, []byte("line\n")))
				}
			})
		}
		within(t, all.Wait)
		equal(t, "lines", bytes.Count(g.got.Bytes(), []byte("line\n")), 400)
	})
}
