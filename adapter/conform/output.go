package conform

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
)

// maxOutput is how much of an output stream is kept; what a guest writes beyond is counted.
const maxOutput = 1 << 20

// An output takes what a guest writes, and gives it to steps that wait for it.
type output struct {
	mu     sync.Mutex
	data   []byte
	lost   int
	read   int           // by steps, so far
	closed bool          // nothing more comes
	news   chan struct{} // closed when something changes
}

func newOutput() *output { return &output{news: make(chan struct{})} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := min(len(p), maxOutput-len(o.data))
	o.data = append(o.data, p[:n]...)
	o.lost += len(p) - n
	o.tell()
	return len(p), nil
}

// tell wakes those that wait. The lock is held.
func (o *output) tell() {
	close(o.news)
	o.news = make(chan struct{})
}

func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.tell()
}

// take waits until enough says how many of the bytes not read yet a step gets. At the end
// of the stream it gets them all.
func (o *output) take(ctx context.Context, enough func(rest []byte) (n int, ok bool)) (string, error) {
	for {
		o.mu.Lock()
		rest, closed, news := o.data[o.read:], o.closed, o.news
		n, ok := enough(rest)
		if closed && !ok {
			n, ok = len(rest), true
		}
		if ok {
			o.read += n
			o.mu.Unlock()
			return string(rest[:n]), nil
		}
		o.mu.Unlock()
		select {
		case <-news:
		case <-ctx.Done():
			return string(rest), fmt.Errorf("nothing more came in time")
		}
	}
}

// bytes takes so many bytes.
func (o *output) bytes(ctx context.Context, n int) (string, error) {
	return o.take(ctx, func(rest []byte) (int, bool) { return n, len(rest) >= n })
}

// line takes a line, with its end.
func (o *output) line(ctx context.Context) (string, error) {
	return o.take(ctx, func(rest []byte) (int, bool) {
		i := bytes.IndexByte(rest, '\n')
		return i + 1, i >= 0
	})
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lost > 0 {
		return fmt.Sprintf("%s\n... and %d bytes more", o.data, o.lost)
	}
	return string(o.data)
}

var _ io.Writer = (*output)(nil)
