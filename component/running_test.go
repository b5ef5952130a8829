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
			in.life, in.endLife = context.WithCancel(context.Background())
			defer in.end()
			end := map[string]func(){"cancel": cancel, "close": in.end}[way]
			in.run.instance = in
			r := in.begin(caller)
			c := r.hostContext().(*callContext)
			ran := make(chan string, 10)
			hook := func(name string) (stop func() bool) { return c.AfterFunc(func() { ran <- name }) }

			early := hook("stopped")
			hook("kept")
			if !early() || early() {
				t.Error("stop must answer true the first time and false afterwards")
			}
			derived, release := context.WithCancel(c)
			defer release()
			end()
			<-derived.Done()
			if c.Err() == nil {
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
}
