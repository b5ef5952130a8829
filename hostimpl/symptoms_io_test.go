package hostimpl

import (
	"context"
	"io"
	"slices"
	"testing"

	"github.com/tenon-wasm/tenon/hostimpl/bind/io/poll"
)

// TestPollAndStdinSymptoms has what users of other hosts reported, by the words in which they did.
// Here is what must happen instead.
func TestPollAndStdinSymptoms(t *testing.T) {
	ctx := context.Background()
	t.Run("0 ms timer never firing", func(t *testing.T) {
		c := newClock(nil)
		zero := must(c.SubscribeDuration(ctx, 0))
		idle := pollableOf(&tube{})
		for range 3 {
			within(t, func() { check(t, zero.Block(ctx)) })
			within(t, func() {
				got := must(testPoller.Poll(ctx, []poll.Pollable{idle, zero, idle}))
				equal(t, "polled", slices.Equal(got, []uint32{1}), true)
			})
			within(t, func() { equal(t, "alone", len(must(testPoller.Poll(ctx, []poll.Pollable{zero}))), 1) })
			equal(t, "ready", must(zero.Ready(ctx)), true)
		}
	})
	t.Run("stdin EOF never seen", func(t *testing.T) {
		// However the guest looks for it, and whether it waits already when it comes.
		for how, look := range map[string]func(s *inputStream) error{
			"blocking-read": func(s *inputStream) error { _, err := s.BlockingRead(ctx, 100); return err },
			"blocking-skip": func(s *inputStream) error { _, err := s.BlockingSkip(ctx, 100); return err },
			"poll and read": func(s *inputStream) error {
				check(t, must(s.Subscribe(ctx)).Block(ctx))
				_, err := s.Read(ctx, 100)
				return err
			},
		} {
			for _, data := range []string{"", "last"} {
				eachStdin(t, func(t *testing.T, in io.Reader, w io.WriteCloser) {
					s := stdinOf(t, in).(*inputStream)
					go func() {
						if data != "" {
							w.Write([]byte(data))
						}
						w.Close()
					}()
					within(t, func() {
						if data != "" {
							equal(t, "read", string(must(s.BlockingRead(ctx, 100))), data)
						}
						for range 3 {
							wantError(t, how, look(s), closed)
						}
					})
				})
			}
		}
	})
	t.Run("stdin EOF never seen, of none", func(t *testing.T) {
		s := stdinOf(t, nil)
		within(t, func() {
			check(t, must(s.Subscribe(ctx)).Block(ctx))
			_, err := s.Read(ctx, 1)
			wantError(t, "read", err, closed)
		})
	})
}
