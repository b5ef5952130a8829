//go:build unix

package files

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// Systems without a call that appends, of which Linux is none, do so in a mode of the descriptor.
func TestAppendingInModeLeavesWritingAtAPositionAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CREAT|unix.O_CLOEXEC, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	var a appending
	var wg sync.WaitGroup
	const each = 500
	for range 2 {
		wg.Go(func() {
			for range each {
				if n, err := a.appendInMode(fd, []byte("ab")); n != 2 || err != nil {
					t.Error(n, err)
				}
			}
		})
		wg.Go(func() {
			for range each {
				if n, err := a.writeAt(fd, []byte("A"), 0); n != 1 || err != nil {
					t.Error(n, err)
				}
			}
		})
	}
	wg.Wait()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The first writes may come before anything was appended.
	if len(b) != 2*2*each && len(b) != 2*2*each+1 {
		t.Fatalf("%d bytes", len(b))
	}
	if b[0] != 'A' {
		t.Errorf("it begins with %q", b[:4])
	}
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil || flags&unix.O_APPEND != 0 {
		t.Errorf("flags %o, %v", flags, err)
	}
}

func TestADescriptorIsClosedOnceAndNotWhileSomebodyUsesIt(t *testing.T) {
	for range 200 {
		var p [2]int
		if err := unix.Pipe(p[:]); err != nil {
			t.Fatal(err)
		}
		d := &descriptor{fd: p[0]}
		var wg sync.WaitGroup
		closed := make(chan error, 2)
		for range 2 {
			wg.Go(func() {
				for {
					fd, err := d.acquire()
					if err != nil {
						return
					}
					var st unix.Stat_t
					if err := unix.Fstat(fd, &st); err != nil {
						t.Errorf("it was closed: %v", err)
					}
					d.release()
				}
			})
			wg.Go(func() { closed <- d.close() })
		}
		wg.Wait()
		if a, b := <-closed, <-closed; (a == nil) == (b == nil) {
			t.Errorf("%v and %v", a, b)
		}
		var st unix.Stat_t
		if err := unix.Fstat(p[0], &st); err != unix.EBADF {
			t.Errorf("it is still there: %v", err)
		}
		unix.Close(p[1])
	}
}
