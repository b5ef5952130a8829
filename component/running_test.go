package component

import (
	"context"
	"testing"
	"time"
)

// The end of a call, from either side and at any time, runs every hook that is
// there, once; what was stopped does not run, and nothing stays behind.
func TestHooksOfACall(t *testing.T) {
	for _, way := range []string{"cancel", "close"} {
		t.Run(way, func(t *testing.T) {
			caller, cancel := context.WithCancel(context.Background())
			defer cancel()
			in := &Instance{}
			in.life, in.end = context.WithCancel(context.Background())
			defer in.end()
			end := map[string]func(){"cancel": cancel, "close": in.end}[way]
			r := in.run(caller)
			ran := make(chan string, 10)
			hook := func(name string) (stop func() bool) { return r.AfterFunc(func() { ran <- name }) }

			early := hook("stopped")
			hook("kept")
			if !early() || early() {
				t.Error("stop must answer true the first time and false afterwards")
			}
			derived, release := context.WithCancel(r)
			defer release()
			end()
			<-derived.Done()
			if r.Err() == nil {
				t.Error("no error after the end")
			}
			late := hook("late")
			for range 2 {
				select {
				case name := <-ran:
					if name == "stopped" {
						t.Error("a stopped hook has run")
					}
				case <-time.After(5 * time.Second):
					t.Fatal("a hook has not run")
				}
			}
			if late() {
				t.Error("a hook was stopped after it had run")
			}
			r.finish()
		})
	}
	t.Run("finish takes the hooks' watch back", func(t *testing.T) {
		in := &Instance{}
		in.life, in.end = context.WithCancel(context.Background())
		defer in.end()
		r := in.run(context.Background())
		if !r.AfterFunc(func() { t.Error("a stopped hook has run") })() {
			t.Error("stop")
		}
		r.finish()
		if r.hooked {
			t.Error("the watch is still there")
		}
	})
}
