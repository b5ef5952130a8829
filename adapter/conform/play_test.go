package conform

import (
	"context"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

func TestAWriteThatNobodyReadsEndsWithItsTime(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	p := player{guest: &running{stdin: w}, writes: true}
	done := make(chan error, 1)
	go func() { done <- p.step(ctx, Step{Kind: StepWrite, Text: strings.Repeat("x", 1<<20)}) }()
	select {
	case err := <-done:
		if err == nil {
			t.Error("all was written")
		}
	case <-time.After(10 * time.Second):
		t.Error("it waits still")
	}
}

// TestAStepThatFailsLeavesNoFileOpen: the writes that come after it are not made.
func TestAStepThatFailsLeavesNoFileOpen(t *testing.T) {
	const descriptors = "/proc/self/fd"
	if !exists(descriptors) {
		t.Skip("this system does not list open files")
	}
	count := func() int {
		all, err := os.ReadDir(descriptors)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	test := &Test{
		Name: "t", Guest: "../../testdata/guests/hello.wasm",
		Steps: []Step{{Kind: StepRead, ID: "stdout", Text: "no such text"}, {Kind: StepWrite, ID: "stdin", Text: "x"}},
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // It closes what nobody has.
	var o Options
	before := 0
	for i := range 4 {
		if r := o.play(t.Context(), test); len(r.Failures) != 1 {
			t.Fatalf("%q", r.Failures)
		}
		if i == 0 {
			before = count() // What is opened once is open.
		}
	}
	if after := count(); after > before {
		t.Errorf("%d files are open, %d before", after, before)
	}
}
