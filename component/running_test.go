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
			c := r.hostContext()
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

// TestOnlyOneWaitsWithoutAnAllocation: and is called if the call ends meanwhile, or had ended.
func TestOnlyOneWaitsWithoutAnAllocation(t *testing.T) {
	caller, cancel := context.WithCancel(context.Background())
	defer cancel()
	in := &Instance{}
	in.life, in.endLife = context.WithCancel(context.Background())
	defer in.end()
	in.run.instance = in
	r := in.begin(caller)
	defer r.finish()
	c := r.hostContext()
	ran := make(chan string, 10)
	first, second := func() { ran <- "first" }, func() { ran <- "second" }
	if !c.Waiting(&first) || c.Waiting(&second) {
		t.Error("one may wait, and no other beside it")
	}
	c.Awake()
	if n := testing.AllocsPerRun(100, func() { c.Waiting(&first); c.Awake() }); n != 0 {
		t.Errorf("a wait takes %v allocations", n)
	}
	for _, when := range []string{"ends", "has ended"} {
		if !c.Waiting(&second) {
			t.Fatal("the place is taken")
		}
		cancel()
		select {
		case name := <-ran:
			if name != "second" {
				t.Errorf("%s is called, which does not wait any more", name)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("who waits when the call %s is not called", when)
		}
		c.Awake()
	}
}
