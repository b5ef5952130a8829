package leaks

import (
	"os"
	"testing"
	"time"
)

func TestMain(m *testing.M) { Main(m) }

// A watched is a test that is watched while it fails.
type watched struct {
	testing.TB
	failed bool
}

func (w *watched) Helper()               {}
func (w *watched) Errorf(string, ...any) { w.failed = true }

func TestWhatIsLeftFailsATest(t *testing.T) {
	stop := make(chan bool)
	var open *os.File
	for _, c := range []struct {
		what string
		do   func()
		undo func()
		want bool
	}{
		{"nothing", func() {}, func() {}, false},
		{"a goroutine", func() { go func() { <-stop }() }, func() { stop <- true }, true},
		{"a goroutine that ends soon", func() { go time.Sleep(5 * time.Millisecond) }, func() {}, false},
		{"a descriptor", func() {
			var err error
			if open, err = os.Open("leaks.go"); err != nil {
				t.Fatal(err)
			}
		}, func() { open.Close() }, Descriptors() >= 0},
	} {
		w := &watched{TB: t}
		before := count()
		c.do()
		before.holds(w, 100*time.Millisecond)
		if w.failed != c.want {
			t.Errorf("%s left: failed %v, want %v", c.what, w.failed, c.want)
		}
		c.undo()
		time.Sleep(time.Millisecond)
	}
}
